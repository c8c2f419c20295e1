//! Recordings that were read, kept for the next one that asks: a sweep reads its scenario many times.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{Damage, Recorded, read_from};
use crate::guest::OwnOrder;
use crate::units::Operations;

/// Recordings that are kept.
const MOST: usize = 4;

/// A recording as an order, with what is known of it.
#[derive(Clone, Debug)]
pub struct SharedRecording {
    /// The recording.
    pub recorded: Arc<Recorded>,
    /// Its writes.
    pub order: OwnOrder,
}

/// What tells whether a file is the same as before.
#[derive(Debug, PartialEq)]
struct ShelfKey {
    path: PathBuf,
    length: u64,
    changed: Option<SystemTime>,
    instructions: Option<Operations>,
    repeat: bool,
}

static SHELF: Mutex<Vec<(ShelfKey, SharedRecording)>> = Mutex::new(Vec::new());

/// Reads a recording and makes an order of it, or gives what was made of the same file before.
///
/// # Errors
/// As [`read`](super::read).
pub fn shared(path: &Path, instructions: Option<Operations>, repeat: bool) -> Result<SharedRecording, Damage> {
    let metadata = std::fs::metadata(path).ok();
    let key = metadata.map(|found| ShelfKey {
        path: path.to_owned(),
        length: found.len(),
        changed: found.modified().ok(),
        instructions,
        repeat,
    });
    // Whoever asks for the same file meanwhile waits, and has it then.
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = shelf.iter().find(|(known, _)| Some(known) == key.as_ref()) {
        return Ok(found.clone());
    }
    let recorded = Arc::new(read_from(path, instructions, "paths start from the folder of the scenario's file")?);
    let order = recorded.recording.clone().order(repeat);
    let found = SharedRecording { recorded, order };
    if let Some(key) = key.filter(|key| key.changed.is_some()) {
        if shelf.len() == MOST {
            shelf.remove(0);
        }
        shelf.push((key, found.clone()));
    }
    Ok(found)
}
