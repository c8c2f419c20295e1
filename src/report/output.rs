//! Where a result goes: standard output, or a file that is complete or not there at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Provenance;
use crate::disk::{Beside, followed};
use crate::results::RowsNote;

/// A place for one result, opened before the work starts.
///
/// A file is written [beside its place](crate::disk): a reader never sees half of it, and a run that fails leaves what
/// stood there before.
#[derive(Debug)]
pub struct Output {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Stdout,
    /// A device or a pipe, written in place: renaming would replace it.
    Direct(PathBuf, File),
    Beside(PathBuf),
    Memory(Arc<Mutex<Vec<u8>>>),
}

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {source}", path.display())]
pub struct OutputError {
    path: PathBuf,
    source: io::Error,
}

impl Output {
    /// Opens `path` for writing; `-` is standard output.
    ///
    /// # Errors
    /// The path is a directory, its folder does not exist, or it may not be written to.
    pub fn open(path: &Path) -> Result<Output, OutputError> {
        let place = if path == Path::new("-") { Ok(Place::Stdout) } else { Place::open(path) };
        place.map(|place| Output { place }).map_err(|source| OutputError { path: path.to_owned(), source })
    }

    /// Into memory, for a caller inside of another program.
    pub fn memory(to: &Arc<Mutex<Vec<u8>>>) -> Output {
        Output { place: Place::Memory(Arc::clone(to)) }
    }

    /// Whether the result goes to standard output.
    pub fn is_stdout(&self) -> bool {
        matches!(self.place, Place::Stdout)
    }

    /// Writes rows, which say little of what made them, and beside a file the [note](RowsNote) that says all of it.
    ///
    /// # Errors
    /// As [`write`](Output::write).
    pub fn write_rows(self, bytes: &[u8], provenance: &Provenance) -> Result<(), OutputError> {
        let note = match &self.place {
            Place::Beside(path) => Some(RowsNote::place(&followed(path))),
            Place::Stdout | Place::Direct(..) | Place::Memory(_) => None,
        };
        self.write(bytes)?;
        let Some(path) = note else { return Ok(()) };
        let text = RowsNote::text(bytes, provenance);
        let written = Beside::of_own_name(&path).and_then(|mut out| out.write_all(text.as_bytes()).map(|()| out));
        written.and_then(Beside::finish).map_err(|source| OutputError { path, source })
    }

    /// Writes the whole result. A reader that closed its end of a pipe has seen enough: that is no failure.
    ///
    /// # Errors
    /// The disk is full, the file cannot be renamed, or the like.
    pub fn write(mut self, bytes: &[u8]) -> Result<(), OutputError> {
        match self.place.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(source) => Err(OutputError { path: self.place.path().to_owned(), source }),
            Ok(()) => Ok(()),
        }
    }
}

impl Place {
    fn open(path: &Path) -> io::Result<Place> {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(path)?;
                Ok(Place::Direct(path.to_owned(), file))
            }
            Ok(_) => {
                // Opening the file itself finds out whether it may be replaced.
                File::options().write(true).open(path)?;
                Place::beside(path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Place::beside(path),
            Err(error) => Err(error),
        }
    }

    /// A run that is interrupted before it has a result leaves nothing behind.
    fn beside(path: &Path) -> io::Result<Place> {
        Beside::try_out(path).map(|()| Place::Beside(path.to_owned()))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Place::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
            Place::Direct(_, file) => file.write_all(bytes),
            Place::Beside(path) => Beside::write_whole(path, bytes),
            Place::Memory(to) => {
                to.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Place::Stdout => Path::new("standard output"),
            Place::Direct(path, _) | Place::Beside(path) => path,
            Place::Memory(_) => Path::new("memory"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::names_in;

    #[test]
    fn a_file_appears_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let output = Output::open(&path).unwrap();
        assert!(!path.exists(), "nothing before the result is there");
        output.write(b"{}\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"{}\n");
        assert_eq!(names_in(folder.path()), ["result.json"]);
    }

    #[test]
    fn a_run_that_fails_leaves_what_stood_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        fs::write(&path, "old").unwrap();
        drop(Output::open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names_in(folder.path()), ["result.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Output::open(&link).unwrap().write(b"new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_file(&file).unwrap();
        Output::open(&link).unwrap().write(b"again").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "again", "a link to what is not there yet");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_in_place() {
        Output::open(Path::new("/dev/null")).unwrap().write(b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_bad_path_fails_before_the_work_starts() {
        let folder = tempfile::tempdir().unwrap();
        for (path, complaint) in [("", "is a directory"), ("no/such/folder.csv", "No such file")] {
            let path = folder.path().join(path);
            let error = Output::open(&path).unwrap_err().to_string();
            assert!(error.starts_with("cannot write `"), "{error}");
            assert!(error.contains(complaint), "{error}");
        }
    }
}
