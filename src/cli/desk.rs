//! Where a command gets what it is asked about, leaves its answer, and hears that it is to end.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Failure, interrupt};
use crate::report::{Output, OutputError};
use crate::scenario::Input;
use crate::sim::Watch;

/// The desk of a command: that of the program, with standard input and output and the signals of the system, or one inside of
/// another program.
#[derive(Clone, Debug, Default)]
pub struct Desk(Option<Inside>);

#[derive(Clone, Debug)]
struct Inside {
    given: Option<Input>,
    answer: Arc<Mutex<Vec<u8>>>,
    stop: Arc<AtomicBool>,
}

impl Desk {
    /// A desk inside of another program. `given` are the texts that stand for the file `-`; `stop` ends the work before its time.
    pub fn inside(given: Option<Input>, stop: Arc<AtomicBool>) -> Desk {
        Desk(Some(Inside { given, answer: Arc::default(), stop }))
    }

    /// The texts that stand for the file `-`.
    pub(super) fn given(&self) -> Option<&Input> {
        self.0.as_ref()?.given.as_ref()
    }

    /// Opens a place for an answer; `-` is standard output, or the desk inside of another program.
    pub(super) fn open(&self, path: &Path) -> Result<Output, OutputError> {
        match &self.0 {
            Some(inside) if path == Path::new("-") => Ok(Output::memory(&inside.answer)),
            _ => Output::open(path),
        }
    }

    /// A watch over simulations that are to end when the desk says so.
    pub(super) fn watch(&self) -> Result<Arc<Watch>, Failure> {
        match &self.0 {
            Some(inside) => Ok(Arc::new(Watch::new(Arc::clone(&inside.stop)))),
            None => interrupt::watch(),
        }
    }

    /// The answer that was left.
    pub(super) fn answer(&self) -> Vec<u8> {
        let take = |inside: &Inside| std::mem::take(&mut *inside.answer.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.as_ref().map(take).unwrap_or_default()
    }
}
