//! Opens the part of a result file: for one process at a time, and never through a link.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::{JournalError, io_at};
use crate::disk::{is_at, with_suffix};

/// Times that another process may get in between.
const TRIES: usize = 100;

/// An empty part in the place of what is there: of an empty file, or with `restart` of anything.
pub(super) fn made_anew(part: &Path, restart: bool) -> Result<File, JournalError> {
    for _ in 0..TRIES {
        let made = File::options().read(true).write(true).create_new(true).open(part);
        match made {
            Ok(file) => return locked(file, part),
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io_at(part)(error)),
            Err(_) => {}
        }
        let Ok(found) = fs::symlink_metadata(part) else { continue };
        // Nobody is writing it. Of a link nothing but the link goes.
        let _mine = match found.is_file() {
            true => Some(opened(part)?),
            false if restart && !found.is_dir() => None,
            false => return Err(no_file(part)),
        };
        match fs::remove_file(part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_at(part)(error)),
            _ => {}
        }
        // Its note, of a version that had two files.
        let _ = fs::remove_file(with_suffix(part, ".json"));
    }
    Err(JournalError::Busy(part.to_owned()))
}

/// A part that is there.
pub(super) fn opened(part: &Path) -> Result<File, JournalError> {
    let found = fs::symlink_metadata(part).map_err(io_at(part))?;
    if !found.is_file() {
        return Err(no_file(part));
    }
    let open = |options: &mut OpenOptions| options.open(part).map_err(io_at(part));
    let file = locked(open(File::options().read(true).write(true))?, part)?;
    // Somebody else may have finished it meanwhile.
    match is_at(&file, part) {
        Ok(true) => Ok(file),
        Ok(false) | Err(_) => Err(JournalError::Busy(part.to_owned())),
    }
}

fn locked(file: File, part: &Path) -> Result<File, JournalError> {
    match file.try_lock() {
        // Some file systems have no locks; there, nobody is kept out.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Busy(part.to_owned())),
    }
}

fn no_file(part: &Path) -> JournalError {
    // What else is in a folder nobody gives up by a flag.
    if fs::symlink_metadata(part).is_ok_and(|found| found.is_dir()) {
        return io_at(part)(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let why = "it is a link or a device".to_owned();
    JournalError::Damaged { path: part.to_owned(), why }
}
