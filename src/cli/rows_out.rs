//! Where the rows of a sweep go: standard output, a device, or a file that survives an interruption.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::disk::Archive;
use crate::sweep::{Identity, Journal, JournalError, SweepTarget, Whole};

/// An open place for rows.
#[derive(Debug)]
pub(super) enum RowsOut {
    /// Standard output, or a device: nobody can go on with it.
    Stream { name: PathBuf, to: Box<dyn WriteDebug>, rows: u64 },
    /// A file whose rows take a while.
    Journal(Box<Journal>),
    /// A file whose rows are all there, somewhere else.
    Whole(Box<Whole>),
}

/// What becomes of what an earlier run has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It must not be lost.
    Kept,
    /// It is gone on with.
    Resumed,
    /// It is given up.
    GivenUp,
}

pub(super) trait WriteDebug: Write + std::fmt::Debug {}
impl<W: Write + std::fmt::Debug> WriteDebug for W {}

impl RowsOut {
    /// Opens a place for the rows of a sweep; `None` if a file is to be gone on with and is complete.
    ///
    /// # Errors
    /// It cannot be written, or holds rows of something else.
    pub(super) fn open(
        path: &Path,
        before: Before,
        identity: Identity,
        target: SweepTarget,
    ) -> Result<Option<RowsOut>, Failure> {
        if before == Before::Resumed {
            if is_stream(path) {
                return Err(Failure::Input("`--resume` needs a file to go on with; name it with `-o FILE`".to_owned()));
            }
            let journal = Journal::resume(path, identity, target)?;
            return Ok(journal.map(|journal| RowsOut::Journal(Box::new(journal))));
        }
        if is_stream(path) {
            return RowsOut::stream(path, &identity).map(Some);
        }
        let journal = Journal::start(path, identity, target, before == Before::GivenUp)?;
        Ok(Some(RowsOut::Journal(Box::new(journal))))
    }

    /// Opens a place for rows of so many bytes that are made already.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn whole(
        path: &Path,
        before: Before,
        identity: Identity,
        target: SweepTarget,
        bytes: u64,
    ) -> Result<RowsOut, Failure> {
        if is_stream(path) {
            return RowsOut::stream(path, &identity);
        }
        // A sweep that was interrupted there has rows of its own.
        Journal::make_way(path, before == Before::GivenUp)?;
        Ok(RowsOut::Whole(Box::new(Whole::begin(path, identity, target, bytes)?)))
    }

    /// A stream with the header in it.
    fn stream(path: &Path, identity: &Identity) -> Result<RowsOut, Failure> {
        let (name, to): (&Path, Box<dyn WriteDebug>) = if path == Path::new("-") {
            (Path::new("standard output"), Box::new(io::stdout()))
        } else {
            let opened = File::options().write(true).open(path);
            (path, Box::new(opened.map_err(|source| JournalError::Io { path: path.to_owned(), source })?))
        };
        let mut out = RowsOut::Stream { name: name.to_owned(), to, rows: 0 };
        match out.append(0, &identity.header(), 0) {
            Err(Failure::ReaderGone) | Ok(()) => Ok(out),
            Err(failure) => Err(failure),
        }
    }

    /// Adds whole rows, from the `first` on.
    pub(super) fn append(&mut self, first: u64, bytes: &[u8], more: u64) -> Result<(), Failure> {
        match self {
            RowsOut::Journal(journal) => journal.append(first, bytes, more)?,
            RowsOut::Whole(whole) => whole.write(bytes)?,
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
    pub(super) fn rows(&self) -> u64 {
        match self {
            RowsOut::Stream { rows, .. } => *rows,
            RowsOut::Journal(journal) => journal.rows(),
            RowsOut::Whole(whole) => whole.made(),
        }
    }

    /// Rows of so many that are not there yet.
    pub(super) fn missing(&self, wanted: u64) -> Vec<Range<u64>> {
        match self {
            RowsOut::Journal(journal) => journal.missing(),
            _ => std::iter::once(self.rows()..wanted).collect(),
        }
    }

    /// What was not as it had been written.
    pub(super) fn damage(&self) -> Option<&str> {
        match self {
            RowsOut::Journal(journal) => journal.damage(),
            _ => None,
        }
    }

    /// All rows are there; the note beside the file keeps what it takes to make them again.
    pub(super) fn finish(self, archive: Option<Archive>) -> Result<(), Failure> {
        match self {
            RowsOut::Journal(journal) => {
                let kept = kept(&journal, journal.rows());
                journal.finish(archive).map_err(|error| cut(error, &kept))
            }
            RowsOut::Whole(whole) => Ok(whole.finish(archive)?),
            RowsOut::Stream { .. } => Ok(()),
        }
    }

    /// The end of a run that was interrupted.
    pub(super) fn interrupted(&self, wanted: u64) -> Failure {
        Failure::Interrupted(self.kept(wanted))
    }

    /// A failure, with what is kept.
    pub(super) fn explain(&self, failure: Failure, wanted: u64) -> Failure {
        match (failure, self) {
            (Failure::Journal(error), RowsOut::Journal(journal)) => cut(error, &kept(journal, wanted)),
            (failure, _) => failure,
        }
    }

    fn kept(&self, wanted: u64) -> String {
        match self {
            RowsOut::Stream { .. } | RowsOut::Whole(_) => format!("{} of {wanted} rows are written", self.rows()),
            RowsOut::Journal(journal) => kept(journal, wanted),
        }
    }
}

/// What is there, and how to go on.
fn kept(journal: &Journal, wanted: u64) -> String {
    let (rows, part) = (journal.rows(), journal.part().display());
    format!("{rows} of {wanted} rows are kept in `{part}`; go on with the same command and `--resume`")
}

/// A failure of the disk, with what is kept.
fn cut(error: JournalError, kept: &str) -> Failure {
    match error {
        JournalError::Io { .. } => Failure::Cut(format!("{error}; {kept}")),
        error => error.into(),
    }
}

/// Whether nobody can go on with what is written there: standard output, a device, a pipe.
fn is_stream(path: &Path) -> bool {
    path == Path::new("-") || fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}
