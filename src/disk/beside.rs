//! A file that is written beside its place and takes it when it is whole.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{followed, is_at, leftovers, sync_folder, with_suffix};

/// A file beside its place; taken away again unless it is [put there](Beside::finish).
#[derive(Debug)]
pub struct Beside {
    path: PathBuf,
    made: PathBuf,
    file: File,
    is_in_place: bool,
}

/// Names that are tried: what others have left there, by chance or on purpose, is left alone.
const NAMES: u32 = 1000;

impl Beside {
    /// Makes an empty file beside `path`, or beside what a link there leads to, with the mode of the file that it is to
    /// replace.
    ///
    /// # Errors
    /// The path is a directory or no name of a file, or its folder cannot be written to.
    pub fn create(path: &Path) -> io::Result<Beside> {
        Beside::of_own_name(&followed(path))
    }

    /// As [`create`](Beside::create), for a name that the program chose. It can be foreseen, so that another process may have
    /// put a link there: the file takes the link's place, and what that leads to is left alone.
    ///
    /// # Errors
    /// As of [`create`](Beside::create).
    pub fn of_own_name(path: &Path) -> io::Result<Beside> {
        let Some(name) = path.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not the name of a file"));
        };
        let old = fs::symlink_metadata(path).ok().filter(|old| !old.is_symlink());
        if old.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
        }
        leftovers::clear(path);
        let process = std::process::id();
        for number in 0..NAMES {
            let made = with_suffix(&path.with_file_name(name), &leftovers::suffix(process, number));
            // Fails where anything has that name, be it a link that leads nowhere.
            match File::options().read(true).write(true).create_new(true).open(&made) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                // Another process may have taken it for a leftover before it was locked.
                Ok(file) if file.try_lock().is_ok() && !is_at(&file, &made)? => {}
                Ok(file) => {
                    // Before there is anything to read in it. Some file systems have no modes.
                    let _ = old.map(|old| file.set_permissions(old.permissions()));
                    return Ok(Beside { path: path.to_owned(), made, file, is_in_place: false });
                }
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "files of its name with `.precopy-` and a number behind it are in the way",
        ))
    }

    /// Whether a file could be made there, which leaves nothing behind.
    ///
    /// # Errors
    /// As of [`create`](Beside::create).
    pub fn try_out(path: &Path) -> io::Result<()> {
        Beside::create(path).map(|_| ())
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// The disk is full, or the like; the old file stays.
    pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = Beside::create(path)?;
        file.write_all(bytes)?;
        file.finish()
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// It cannot be written to the disk, or not be renamed; the old file stays.
    pub fn finish(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.made, &self.path)?;
        self.is_in_place = true;
        sync_folder(&self.path);
        Ok(())
    }
}

impl Write for Beside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for Beside {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Seek for Beside {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _ = fs::remove_file(&self.made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::names_in;

    #[test]
    fn a_file_takes_its_place_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut file = Beside::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        file.finish().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names_in(folder.path())), (b"new".to_vec(), vec!["a".to_owned()]));
        Beside::create(&path).unwrap().write_all(b"newer").unwrap();
        assert_eq!((fs::read(&path).unwrap(), names_in(folder.path())), (b"new".to_vec(), vec!["a".to_owned()]));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link_that_waits_there() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("a"), folder.path().join("victim"));
        fs::write(&victim, "dear").unwrap();
        let process = std::process::id();
        std::os::unix::fs::symlink("victim", folder.path().join(format!("a{}", leftovers::suffix(process, 0))))
            .unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("a{}", leftovers::suffix(process, 1))))
            .unwrap();
        Beside::write_whole(&path, b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap(), fs::read(&victim).unwrap()), (b"new".to_vec(), b"dear".to_vec()));
        assert!(!fs::symlink_metadata(&path).unwrap().is_symlink() && !folder.path().join("nowhere").exists());
    }
}
