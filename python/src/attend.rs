//! Long work, as Python waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use precopy::sim::Watch;
use pyo3::prelude::*;

use crate::complaint;

/// How often Ctrl-C is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// The flag that ends work before its time.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// The flag itself.
    pub(crate) fn flag(&self) -> &Arc<AtomicBool> {
        &self.0
    }

    /// Whether it is set.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A watch over simulations that the flag ends.
    pub(crate) fn watch(&self) -> Arc<Watch> {
        Arc::new(Watch::new(Arc::clone(&self.0)))
    }
}

/// Does the work in a thread of `jobs` (none: of as many as there are cores), with the lock of the interpreter released, and ends
/// it where a signal handler of Python raises, as that of Ctrl-C does.
pub(crate) fn attend<T: Send>(
    py: Python<'_>,
    jobs: Option<usize>,
    work: impl FnOnce(&Stop) -> PyResult<T> + Send,
) -> PyResult<T> {
    // A rule that asks a question of its own is in such a thread, which may be the only one.
    if rayon::current_thread_index().is_some() {
        return py.detach(|| work(&Stop(Arc::default())));
    }
    match jobs {
        None => py.detach(|| rayon::in_place_scope(|scope| wait(|job| scope.spawn(|_| job()), work))),
        Some(0) => Err(complaint::input("`jobs` is a number of threads from 1 on")),
        Some(jobs) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
            let pool = pool.map_err(|error| complaint::outside(format!("cannot start {jobs} threads: {error}")))?;
            py.detach(|| pool.in_place_scope(|scope| wait(|job| scope.spawn(|_| job()), work)))
        }
    }
}

/// Hands the work over, and waits for its end or for a signal.
fn wait<'a, T: Send + 'a>(
    spawn: impl FnOnce(Box<dyn FnOnce() + Send + 'a>),
    work: impl FnOnce(&Stop) -> PyResult<T> + Send + 'a,
) -> PyResult<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let of_work = Stop(Arc::clone(&stop));
    // After a signal the answer is dropped.
    spawn(Box::new(move || drop(sender.send(work(&of_work)))));
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(made) => return made,
            Err(RecvTimeoutError::Timeout) => Python::attach(|py| py.check_signals()).inspect_err(|_| {
                stop.store(true, Ordering::Relaxed);
            })?,
            Err(RecvTimeoutError::Disconnected) => return Err(complaint::outside("the work ended without an answer")),
        }
    }
}
