//! A file of results that grows row by row and survives whatever ends the program.
//!
//! ```text
//!   FILE.part          rows, in their order; only the last one may be half written
//!   FILE.part.json     what they belong to
//!        │  all rows are there
//!        ▼
//!   FILE               complete
//!   FILE.sweep.json    what it belongs to
//! ```
//!
//! Going on means to cut a half row off and to count the others; nothing else is needed, since a row depends on its
//! number alone.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::identity::Identity;
use super::replace::{followed, replace};
use super::row::{Form, Scanner};
use super::target::Target;
use crate::units::bounded;

/// A result file that is not complete yet.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    part: PathBuf,
    file: File,
    identity: Identity,
    target: Target,
    /// Rows that are there.
    pub rows: u64,
}

/// Why a result file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody's rows would be lost.
    #[error(
        "`{}` holds rows of a sweep that was interrupted; go on with `--resume`, or remove it to start anew",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// The rows that are there belong to something else.
    #[error(
        "`{}` belongs to another sweep: {}; ask for the same again, or choose another file",
        path.display(), differences.join("; ")
    )]
    Different {
        /// The file.
        path: PathBuf,
        /// What differs.
        differences: Vec<String>,
    },
    /// It is being written.
    #[error("`{}` is being written by another precopy", .0.display())]
    Busy(PathBuf),
    /// It is not what a sweep leaves behind.
    #[error("`{}` is not what a sweep leaves behind: {why}; remove it to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk is full, the folder is not there, or the like.
    #[error("cannot write `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Journal {
    /// Begins a file.
    ///
    /// # Errors
    /// There are rows of an interrupted sweep, or the file cannot be written.
    pub fn start(path: &Path, identity: Identity, target: Target, header: &[u8]) -> Result<Journal, JournalError> {
        let path = followed(path);
        let part = with_suffix(&path, ".part");
        if fs::metadata(&part).is_ok_and(|found| found.len() > 0) {
            return Err(JournalError::Unfinished(part));
        }
        Journal::open(path, part, identity, target)?.anew(header)
    }

    /// Goes on with a file, or begins it if there is none; `None` if it is complete.
    ///
    /// # Errors
    /// What is there belongs to another sweep, or the file cannot be read or written.
    pub fn resume(
        path: &Path,
        identity: Identity,
        target: Target,
        header: &[u8],
    ) -> Result<Option<Journal>, JournalError> {
        let path = followed(path);
        let (part, note) = (with_suffix(&path, ".part"), note_of(&path));
        if !part.exists() {
            // With the note of a part, it ended between the last row and the last renaming.
            let open_note = note_of(&part);
            if path.exists() && open_note.exists() && check(&read_note(&open_note)?, &identity, &path).is_ok() {
                fs::rename(&open_note, &note).map_err(io_at(&note))?;
            }
            if path.exists() && note.exists() {
                check(&read_note(&note)?, &identity, &path)?;
                return Ok(None);
            }
            return Journal::open(path, part, identity, target)?.anew(header).map(Some);
        }
        let note = note_of(&part);
        if note.exists() {
            check(&read_note(&note)?, &identity, &part)?;
        } else if fs::metadata(&part).is_ok_and(|found| found.len() > 0) {
            // The note is written before the first byte.
            let why = format!("there is no `{}` beside it", note.display());
            return Err(JournalError::Damaged { path: part, why });
        }
        let mut journal = Journal::open(path, part, identity, target)?;
        match journal.keep_whole_rows(header)? {
            true => Ok(Some(journal)),
            false => journal.anew(header).map(Some),
        }
    }

    fn open(path: PathBuf, part: PathBuf, identity: Identity, target: Target) -> Result<Journal, JournalError> {
        if path.is_dir() {
            let source = io::Error::new(io::ErrorKind::IsADirectory, "it is a directory");
            return Err(JournalError::Io { path, source });
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&part);
        let file = file.map_err(io_at(&part))?;
        match file.try_lock() {
            // Some file systems have no locks; there, nobody is kept out.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Journal { path, part, file, identity, target, rows: 0 }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy(part)),
        }
    }

    /// Writes the note, then the header; there are no rows yet.
    fn anew(mut self, header: &[u8]) -> Result<Journal, JournalError> {
        self.file.set_len(0).map_err(io_at(&self.part))?;
        let note = note_of(&self.part);
        let text = serde_json::to_vec_pretty(&self.identity).map_err(|error| io_at(&note)(error.into()))?;
        fs::write(&note, text).map_err(io_at(&note))?;
        self.file.seek(SeekFrom::Start(0)).map_err(io_at(&self.part))?;
        self.write(header)?;
        Ok(self)
    }

    /// Counts the rows and cuts off what is half written; false if not even the header is whole.
    fn keep_whole_rows(&mut self, header: &[u8]) -> Result<bool, JournalError> {
        let form = self.identity.form;
        let damaged = |why: String| JournalError::Damaged { path: self.part.clone(), why };
        let mut lines = Lines::new(form, BufReader::with_capacity(1 << 20, &self.file));
        let (mut line, mut last) = (Vec::new(), Vec::new());
        let (mut whole, mut rows) = (0u64, 0u64);
        let mut has_header = header.is_empty();
        while lines.next(&mut line).map_err(io_at(&self.part))? {
            whole += line.len() as u64;
            if has_header {
                rows += 1;
                std::mem::swap(&mut line, &mut last);
            } else if line == header {
                has_header = true;
            } else {
                return Err(damaged("its header is another one".to_owned()));
            }
        }
        drop(lines);
        if rows > self.identity.rows {
            return Err(damaged(format!("it has {rows} rows, more than the {} of the sweep", self.identity.rows)));
        }
        if rows > 0 {
            let wanted = self.identity.shard.point((rows - 1) / self.identity.rows_per_point());
            if point_of(&last) != Some(wanted) {
                return Err(damaged(format!("its row {rows} is not that of point {wanted}")));
            }
        }
        self.file.set_len(whole).map_err(io_at(&self.part))?;
        self.file.seek(SeekFrom::End(0)).map_err(io_at(&self.part))?;
        self.rows = rows;
        Ok(has_header)
    }

    /// Adds whole rows.
    ///
    /// # Errors
    /// The disk is full, or the like; rows before these are kept.
    pub fn append(&mut self, bytes: &[u8], rows: u64) -> Result<(), JournalError> {
        self.write(bytes)?;
        self.rows += rows;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(bytes).map_err(io_at(&self.part))
    }

    /// Takes the file back.
    pub fn discard(self) {
        // What cannot be removed is told about when the next one begins.
        let _ = fs::remove_file(&self.part);
        let _ = fs::remove_file(note_of(&self.part));
    }

    /// Where the rows are until all are there.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Puts the file in its place; all rows are there.
    ///
    /// # Errors
    /// The disk is full, or the like; the rows are kept.
    pub fn finish(mut self) -> Result<(), JournalError> {
        self.file.sync_all().map_err(io_at(&self.part))?;
        let (part, note) = (note_of(&self.part), note_of(&self.path));
        match self.target {
            Target::Rows => replace(&self.part, &self.path).map_err(io_at(&self.path))?,
            Target::Parquet => {
                self.file.seek(SeekFrom::Start(0)).map_err(io_at(&self.part))?;
                let made = with_suffix(&self.part, ".parquet");
                let file = File::create(&made).map_err(io_at(&made))?;
                let written = super::target::parquet(&self.file, BufWriter::new(file), &self.identity.columns);
                written.map_err(io_at(&made))?;
                replace(&made, &self.path).map_err(io_at(&self.path))?;
                fs::remove_file(&self.part).map_err(io_at(&self.part))?;
            }
        }
        fs::rename(&part, &note).map_err(io_at(&note))
    }
}

/// Whole rows of a file, one after the other, each with its line end.
pub(super) struct Lines<R> {
    form: Form,
    from: R,
}

impl<R: io::BufRead> Lines<R> {
    pub fn new(form: Form, from: R) -> Lines<R> {
        Lines { form, from }
    }

    /// Puts the next whole row into `line`; false if there is none.
    pub fn next(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let mut scanner = Scanner::default();
        loop {
            let bytes = self.from.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let end = scanner.end(self.form, bytes);
            let used = end.unwrap_or(bytes.len());
            line.extend_from_slice(&bytes[..used]);
            self.from.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

/// The point that a row is of: its first number.
pub(super) fn point_of(row: &[u8]) -> Option<u64> {
    let digits = row.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
    let digits: Vec<u8> = digits.copied().collect();
    str::from_utf8(&digits).ok()?.parse().ok()
}

/// Where it is written what a file of results belongs to.
pub(super) fn note_of(path: &Path) -> PathBuf {
    let is_part = path.extension().is_some_and(|suffix| suffix == "part");
    with_suffix(path, if is_part { ".json" } else { ".sweep.json" })
}

/// Largest file that says so [bytes].
const MOST_NOTE: u64 = 16 << 20;

/// Reads what a file of results belongs to.
pub(super) fn read_note(path: &Path) -> Result<Identity, JournalError> {
    let damaged = |why: String| JournalError::Damaged { path: path.to_owned(), why };
    let text =
        File::open(path).and_then(|file| bounded::text(file, MOST_NOTE)).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => damaged(error.to_string()),
            _ => io_at(path)(error),
        })?;
    serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))
}

fn check(before: &Identity, now: &Identity, path: &Path) -> Result<(), JournalError> {
    match now.differences(before) {
        same if same.is_empty() => Ok(()),
        differences => Err(JournalError::Different { path: path.to_owned(), differences }),
    }
}

/// The path with something behind its whole name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io { path: path.to_owned(), source }
}
