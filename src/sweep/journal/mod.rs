//! A file of results that grows row by row and survives whatever ends the program.
//!
//! ```text
//!   FILE.part          a note of what the rows belong to, then blocks of rows, each with a checksum
//!        │  all rows are there: they are put in their order
//!        ▼
//!   FILE               complete
//!   FILE.sweep.json    what it belongs to, with checksums
//! ```
//!
//! Going on means to find the blocks that are as they were written, and to make the rows that none of them has; nothing
//! else is needed, since a row depends on its number alone. Each file takes its place whole and in this order, and the
//! part goes last, so that every moment leaves something that can be gone on with.

mod checksum;
mod kept;
mod note;
mod part;
mod record;
mod whole;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::identity::Identity;
use super::target::SweepTarget;
use crate::disk::{Archive, followed, sync_folder, with_suffix};

use kept::KeptBlocks;
pub(super) use note::SweepNote;
use record::{Blocks, Head, NOTE, ROWS, bytes_at};
pub(super) use whole::HeldFile;
pub use whole::Whole;

/// A result file that is not complete yet.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    part: PathBuf,
    file: File,
    identity: Identity,
    target: SweepTarget,
    kept: KeptBlocks,
    /// Where the next block goes.
    end: u64,
    damage: Option<String>,
}

/// Why a result file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody's rows would be lost.
    #[error(
        "`{}` holds rows of a sweep that was interrupted; go on with `--resume`, or give them up with `--restart`",
        .0.display()
    )]
    Unfinished(PathBuf),
    /// The rows that are there belong to something else.
    #[error(
        "`{}` belongs to another sweep: {}; ask for the same again, choose another file, or give it up with `--restart`",
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
    #[error(
        "`{}` is not what a sweep leaves behind: {why}; run that sweep with `--restart`, which gives it up and begins anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Nothing tells whether the rows beside it are those that were written.
    #[error(
        "`{}` has no checksums of its rows, as precopy 0.1.0 wrote it, so nothing vouches for them; run that sweep with \
         `--restart`, which gives them up and begins anew",
        .0.display()
    )]
    Unvouched(PathBuf),
    /// Rows are not any more as they were written.
    #[error("`{}` is damaged: {rows}; the same command with `--resume` runs them again", path.display())]
    Lost {
        /// The file.
        path: PathBuf,
        /// Which rows.
        rows: String,
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
    /// What the complete file of results at `path` belongs to, if a note lies beside it.
    ///
    /// # Errors
    /// The note cannot be read, or is damaged.
    pub fn identity_beside(path: &Path) -> Result<Option<Identity>, JournalError> {
        Ok(Journal::beside(path)?.map(|(identity, _)| identity))
    }

    /// What the complete file of results at `path` belongs to and what it takes to make it again, if a note lies beside it; notes of
    /// earlier builds say no more than the first.
    ///
    /// # Errors
    /// As [`identity_beside`](Journal::identity_beside).
    pub fn beside(path: &Path) -> Result<Option<(Identity, Option<Archive>)>, JournalError> {
        Ok(note_beside(path)?.map(|note| (note.sweep, note.archive)))
    }

    /// What is behind the name of complete results, for the note of what they belong to.
    pub const NOTE: &str = ".sweep.json";

    /// What of the complete file of results at `path` is not as the note beside it says; `None` if all is, or there is no note.
    ///
    /// # Errors
    /// The note cannot be read or is damaged, or the file cannot be read; one that is not there has no fault.
    pub fn fault_beside(path: &Path) -> Result<Option<String>, JournalError> {
        let Some(note) = note_beside(path)? else { return Ok(None) };
        let is_parquet = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("parquet"));
        let target = if is_parquet { SweepTarget::Parquet } else { SweepTarget::Rows };
        match HeldFile::against(path, &note, target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            held => Ok(held.map_err(io_at(path))?.fault),
        }
    }

    /// Begins a file; `restart` gives up what an interrupted sweep has left there.
    ///
    /// # Errors
    /// There are rows of an interrupted sweep, or the file cannot be written.
    pub fn start(path: &Path, identity: Identity, target: SweepTarget, restart: bool) -> Result<Journal, JournalError> {
        let path = place(path)?;
        let part = with_suffix(&path, ".part");
        if has_rows(&part) && !restart {
            return Err(JournalError::Unfinished(part));
        }
        Journal::anew(path, part, identity, target, restart)
    }

    /// Makes way for a file whose rows are made already; `restart` gives up what an interrupted sweep has left there.
    ///
    /// # Errors
    /// There are rows of an interrupted sweep, or what is there cannot be taken away.
    pub fn make_way(path: &Path, restart: bool) -> Result<(), JournalError> {
        let part = with_suffix(&place(path)?, ".part");
        if !has_rows(&part) {
            return Ok(());
        }
        if !restart {
            return Err(JournalError::Unfinished(part));
        }
        drop(part::made_anew(&part, true)?);
        fs::remove_file(&part).map_err(io_at(&part))
    }

    /// Goes on with a file, or begins it if there is none; `None` if it is complete.
    ///
    /// # Errors
    /// What is there belongs to another sweep, or the file cannot be read or written.
    pub fn resume(path: &Path, identity: Identity, target: SweepTarget) -> Result<Option<Journal>, JournalError> {
        let path = place(path)?;
        let part = with_suffix(&path, ".part");
        if has_rows(&part) {
            return Journal::of_part(path, part, identity, target).map(Some);
        }
        let note = note_of(&path);
        if !path.exists() || !note.exists() {
            return Journal::anew(path, part, identity, target, false).map(Some);
        }
        let note = SweepNote::read(&note)?;
        check(&note.sweep, &identity, &path)?;
        let held = HeldFile::against(&path, &note, target).map_err(io_at(&path))?;
        let Some(fault) = &held.fault else { return Ok(None) };
        let damage = format!("`{}` is damaged: {fault}; what is not as it was written is run again", path.display());
        let mut journal = Journal::anew(path, part, identity, target, false)?;
        journal.damage = Some(damage);
        // A Parquet file is made anew.
        if target == SweepTarget::Rows {
            journal.take_over(&held)?;
        }
        Ok(Some(journal))
    }

    fn anew(
        path: PathBuf,
        part: PathBuf,
        identity: Identity,
        target: SweepTarget,
        restart: bool,
    ) -> Result<Journal, JournalError> {
        let file = part::made_anew(&part, restart)?;
        let mut journal =
            Journal { path, part, file, identity, target, kept: KeptBlocks::default(), end: 0, damage: None };
        let note = note_at_head(&journal.identity);
        // There is nothing in it yet that anybody could go on with.
        journal.write(&note).inspect_err(|_| drop(fs::remove_file(&journal.part)))?;
        Ok(journal)
    }

    /// Goes on with the rows of a part.
    fn of_part(path: PathBuf, part: PathBuf, identity: Identity, target: SweepTarget) -> Result<Journal, JournalError> {
        let file = part::opened(&part)?;
        let io = |error| io_at(&part)(error);
        let before = identity_of(&file).map_err(io)?;
        if let Some((before, _)) = &before {
            check(before, &identity, &part)?;
        }
        // Without a note, the blocks tell: they are vouched for under the sweep that they belong to.
        let start = before.as_ref().map_or(0, |(_, end)| *end);
        let blocks = Blocks::find(&file, identity.seed(), start, identity.rows).map_err(io)?;
        if before.is_none() && blocks.kept.rows() == 0 {
            drop(file);
            return Journal::of_no_note(path, part, identity, target);
        }
        let missing = blocks.kept.missing(identity.rows);
        // Rows at the end may never have been there.
        let holes: Vec<_> = missing.into_iter().filter(|rows| rows.end < identity.rows).collect();
        let at_end = blocks.damage.last().is_some_and(|damage| damage.end > blocks.end);
        let damage = (before.is_none() || at_end || !holes.is_empty()).then(|| {
            // A hole without bytes: something was cut out.
            let bytes = listed(&blocks.damage, |bytes| format!("{} to {}", bytes.start, bytes.end - 1));
            let faults = [
                (!bytes.is_empty()).then(|| format!("bytes {bytes}")),
                (!holes.is_empty()).then(|| format!("{} are missing", rows_in_words(&holes))),
            ];
            let faults = faults.into_iter().flatten().collect::<Vec<_>>().join("; ");
            format!(
                "`{}` is damaged: {faults}; rows that are not there as they were written are run again",
                part.display()
            )
        });
        file.set_len(blocks.end).map_err(io)?;
        (&file).seek(SeekFrom::Start(blocks.end)).map_err(io)?;
        Ok(Journal { path, part, file, identity, target, kept: blocks.kept, end: blocks.end, damage })
    }

    /// Begins a part whose note was not written to its end, with which no rows can be lost.
    fn of_no_note(
        path: PathBuf,
        part: PathBuf,
        identity: Identity,
        target: SweepTarget,
    ) -> Result<Journal, JournalError> {
        let head = note_at_head(&identity);
        let found = File::open(&part).and_then(|file| bytes_at(&file, 0, head.len() + 1)).map_err(io_at(&part))?;
        if !head.starts_with(&found) {
            let why = "it has neither a note nor rows of this sweep that are whole".to_owned();
            return Err(JournalError::Damaged { path: part, why });
        }
        Journal::anew(path, part, identity, target, true)
    }

    /// Copies the blocks of a complete file that are as they were written.
    fn take_over(&mut self, held: &HeldFile) -> Result<(), JournalError> {
        let mut from = File::open(&self.path).map_err(io_at(&self.path))?;
        for (block, place) in &held.blocks {
            let Some(place) = place else { continue };
            let head = Head { first: block.first, rows: block.rows, bytes: block.bytes, checksum: block.checksum };
            let line = head.line(ROWS, self.identity.seed());
            from.seek(SeekFrom::Start(*place)).map_err(io_at(&self.path))?;
            self.file.write_all(&line).map_err(io_at(&self.part))?;
            io::copy(&mut (&from).take(block.bytes), &mut self.file).map_err(io_at(&self.part))?;
            self.kept.add(&head, self.end);
            self.end += line.len() as u64 + block.bytes;
        }
        Ok(())
    }

    /// Adds whole rows, from the `first` on.
    ///
    /// # Errors
    /// The disk is full, or the like; rows before these are kept.
    pub fn append(&mut self, first: u64, bytes: &[u8], rows: u64) -> Result<(), JournalError> {
        let head = Head::of(self.identity.seed(), first, rows, bytes);
        let at = self.end;
        self.write(&[&head.line(ROWS, self.identity.seed()), bytes].concat())?;
        self.kept.add(&head, at);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(bytes).map_err(io_at(&self.part))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Rows that are there.
    pub fn rows(&self) -> u64 {
        self.kept.rows()
    }

    /// Rows that are not.
    pub fn missing(&self) -> Vec<Range<u64>> {
        self.kept.missing(self.identity.rows)
    }

    /// What was not as it had been written, for people.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Where the rows are until all are there.
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Puts the file in its place, with what it takes to make it again in its note; all rows are there.
    ///
    /// # Errors
    /// The disk is full, or the like; the rows are kept.
    pub fn finish(self, archive: Option<Archive>) -> Result<(), JournalError> {
        self.file.sync_all().map_err(io_at(&self.part))?;
        let mut whole = Whole::begin(&self.path, self.identity.clone(), self.target, self.kept.bytes())?;
        for stretch in self.kept.stretches() {
            let mut at = stretch.at.start;
            while at < stretch.at.end {
                let head = bytes_at(&self.file, at, Head::LEN).map_err(io_at(&self.part))?;
                let lost = || JournalError::Lost {
                    path: self.part.clone(),
                    rows: format!("the block at byte {at}, of {}", rows_in_words(std::slice::from_ref(&stretch.rows))),
                };
                let head = Head::read(ROWS, self.identity.seed(), &head).ok_or_else(lost)?;
                let copied = checksum::passed_on(self.identity.seed(), &self.file, head.bytes, |bytes| {
                    whole.write(bytes).map_err(Passing::To)
                });
                let found = copied.map_err(|error| match error {
                    Passing::From(source) => io_at(&self.part)(source),
                    Passing::To(error) => error,
                })?;
                if found != Some(head.checksum) {
                    return Err(lost());
                }
                at += Head::LEN as u64 + head.bytes;
            }
        }
        whole.finish(archive)?;
        fs::remove_file(&self.part).map_err(io_at(&self.part))?;
        sync_folder(&self.part);
        Ok(())
    }
}

/// What can go wrong while bytes are passed on.
enum Passing {
    From(io::Error),
    To(JournalError),
}

impl From<io::Error> for Passing {
    fn from(error: io::Error) -> Passing {
        Passing::From(error)
    }
}

/// What stands at the head of a part.
fn note_at_head(identity: &Identity) -> Vec<u8> {
    let text = identity.json();
    [Head::of(0, 0, 0, &text).line(NOTE, 0), text].concat()
}

/// What the note at the head of a part says, and where it ends.
fn identity_of(file: &File) -> io::Result<Option<(Identity, u64)>> {
    let Some(head) = Head::read(NOTE, 0, &bytes_at(file, 0, Head::LEN)?) else { return Ok(None) };
    let most = file.metadata()?.len().min(note::MOST);
    let Some(bytes) = usize::try_from(head.bytes).ok().filter(|bytes| *bytes as u64 <= most) else { return Ok(None) };
    let text = bytes_at(file, Head::LEN as u64, bytes)?;
    let sound = checksum::checksum(0, &text) == head.checksum;
    let identity = serde_json::from_slice(&text).ok().filter(|_| sound);
    Ok(identity.map(|identity| (identity, Head::LEN as u64 + head.bytes)))
}

/// Whether a file is there that is not empty; only such a one has rows.
pub(super) fn has_rows(part: &Path) -> bool {
    fs::symlink_metadata(part).is_ok_and(|found| !found.is_file() || found.len() > 0)
}

/// Where the file is to stand.
fn place(path: &Path) -> Result<PathBuf, JournalError> {
    let path = followed(path);
    if path.is_dir() {
        let source = io::Error::new(io::ErrorKind::IsADirectory, "it is a directory");
        return Err(JournalError::Io { path, source });
    }
    Ok(path)
}

/// Where it is written what a complete file of results belongs to.
pub(super) fn note_of(path: &Path) -> PathBuf {
    with_suffix(path, Journal::NOTE)
}

/// The note beside the complete results at `path`, if there is one.
fn note_beside(path: &Path) -> Result<Option<SweepNote>, JournalError> {
    match SweepNote::read(&note_of(path)) {
        Err(JournalError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        note => note.map(Some),
    }
}

/// `rows 4 to 7, 12`: counted from 1.
pub(super) fn rows_in_words(rows: &[Range<u64>]) -> String {
    let rows = listed(rows, |rows| match rows.end - rows.start {
        1 => rows.end.to_string(),
        _ => format!("{} to {}", rows.start + 1, rows.end),
    });
    format!("rows {rows}")
}

/// Ranges in a sentence.
fn listed(ranges: &[Range<u64>], write: impl Fn(&Range<u64>) -> String) -> String {
    ranges.iter().map(write).collect::<Vec<_>>().join(", ")
}

fn check(before: &Identity, now: &Identity, path: &Path) -> Result<(), JournalError> {
    match now.differences(before) {
        same if same.is_empty() => Ok(()),
        differences => Err(JournalError::Different { path: path.to_owned(), differences }),
    }
}

fn io_at(path: &Path) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io { path: path.to_owned(), source }
}
