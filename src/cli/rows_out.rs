//! Where the rows of a sweep go: standard output, a device, or a file that survives an interruption.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Failure;
use crate::sweep::{Identity, Journal, JournalError, Target};

/// An open place for rows.
#[derive(Debug)]
pub(super) enum RowsOut {
    /// Standard output, or a device: nobody can go on with it.
    Stream { name: PathBuf, to: Box<dyn WriteDebug>, rows: u64 },
    /// A file.
    Journal(Box<Journal>),
}

pub(super) trait WriteDebug: Write + std::fmt::Debug {}
impl<W: Write + std::fmt::Debug> WriteDebug for W {}

impl RowsOut {
    /// Opens a place and writes the header; `None` if a file is to be gone on with and is complete.
    ///
    /// # Errors
    /// It cannot be written, or holds rows of something else.
    pub fn open(
        path: &Path,
        resume: bool,
        identity: Identity,
        target: Target,
        header: &[u8],
    ) -> Result<Option<RowsOut>, Failure> {
        let stream: Option<Box<dyn WriteDebug>> = match fs::metadata(path) {
            _ if path == Path::new("-") => Some(Box::new(io::stdout())),
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let opened = File::options().write(true).open(path);
                Some(Box::new(opened.map_err(|source| JournalError::Io { path: path.to_owned(), source })?))
            }
            _ => None,
        };
        match stream {
            Some(_) if resume => {
                Err(Failure::Input("`--resume` needs a file to go on with; name it with `-o FILE`".to_owned()))
            }
            Some(to) => {
                let name = if path == Path::new("-") { Path::new("standard output") } else { path };
                let mut out = RowsOut::Stream { name: name.to_owned(), to, rows: 0 };
                match out.append(header, 0) {
                    Err(Failure::ReaderGone) | Ok(()) => Ok(Some(out)),
                    Err(failure) => Err(failure),
                }
            }
            None if resume => {
                let journal = Journal::resume(path, identity, target, header)?;
                Ok(journal.map(|journal| RowsOut::Journal(Box::new(journal))))
            }
            None => Ok(Some(RowsOut::Journal(Box::new(Journal::start(path, identity, target, header)?)))),
        }
    }

    /// Adds whole rows.
    pub fn append(&mut self, bytes: &[u8], more: u64) -> Result<(), Failure> {
        match self {
            RowsOut::Journal(journal) => journal.append(bytes, more)?,
            RowsOut::Stream { name, to, rows } => {
                *rows += more;
                to.write_all(bytes).and_then(|()| to.flush()).map_err(|source| match source.kind() {
                    io::ErrorKind::BrokenPipe => Failure::ReaderGone,
                    _ => JournalError::Io { path: name.clone(), source }.into(),
                })?;
            }
        }
        Ok(())
    }

    /// Rows that are there.
    pub fn rows(&self) -> u64 {
        match self {
            RowsOut::Stream { rows, .. } => *rows,
            RowsOut::Journal(journal) => journal.rows,
        }
    }

    /// All rows are there.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            RowsOut::Journal(journal) => Ok(journal.finish()?),
            RowsOut::Stream { .. } => Ok(()),
        }
    }

    /// Takes back what cannot be gone on with.
    pub fn discard(self) {
        if let RowsOut::Journal(journal) = self {
            journal.discard();
        }
    }

    /// The end of a run that was interrupted.
    pub fn interrupted(&self, wanted: u64) -> Failure {
        Failure::Interrupted(self.kept(wanted))
    }

    /// A failure, with what is kept.
    pub fn explain(&self, failure: Failure, wanted: u64) -> Failure {
        match (failure, self) {
            (Failure::Journal(error @ JournalError::Io { .. }), RowsOut::Journal(_)) => {
                Failure::Cut(format!("{error}; {}", self.kept(wanted)))
            }
            (failure, _) => failure,
        }
    }

    fn kept(&self, wanted: u64) -> String {
        match self {
            RowsOut::Stream { rows, .. } => format!("{rows} of {wanted} rows are written"),
            RowsOut::Journal(journal) => format!(
                "{} of {wanted} rows are kept in `{}`; go on with the same command and `--resume`",
                journal.rows,
                journal.part().display()
            ),
        }
    }
}
