//! Puts the shards of a sweep together.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use super::identity::Identity;
use super::journal::{self, HeldFile, JournalError, SweepNote};
use super::lines::{RowLines, point_of};
use super::{Shard, SweepTarget};
use crate::disk::{Archive, with_suffix};

/// Parts that do not make a whole.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A part is not complete.
    #[error("`{}` is not complete: run its shard again with `--resume`", .0.display())]
    Unfinished(PathBuf),
    /// Nothing tells what a file belongs to.
    #[error(
        "there is no `{}`: copy it along with its part, as `precopy sweep --shard` wrote both",
        .0.display()
    )]
    NoNote(PathBuf),
    /// Parts of different sweeps.
    #[error("`{}` and `{}` are parts of different sweeps: {}", a.display(), b.display(), differences.join("; "))]
    Different {
        /// The first part.
        a: PathBuf,
        /// The other.
        b: PathBuf,
        /// What differs in the other.
        differences: Vec<String>,
    },
    /// Two files of one part.
    #[error("`{}` and `{}` are both shard {shard}", a.display(), b.display())]
    Twice {
        /// The one.
        a: PathBuf,
        /// The other.
        b: PathBuf,
        /// Their shard.
        shard: Shard,
    },
    /// Some parts are not there.
    #[error("these shards are missing: {0}")]
    Missing(String),
    /// A part has other rows than its note says.
    #[error(
        "`{}` is not as it was written: {why}; run its shard again with `--resume`, which makes what is wrong anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Whatever else.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// The parts of a sweep, all there and in their order.
#[derive(Debug)]
pub struct SweepParts {
    paths: Vec<PathBuf>,
    /// Bytes of all rows.
    pub bytes: u64,
    /// What the whole belongs to.
    pub identity: Identity,
    /// What it takes to make it again, as the first part says.
    pub archive: Option<Archive>,
}

impl SweepParts {
    /// Looks what the files belong to, whether each is as its note says, and whether they are a whole.
    ///
    /// # Errors
    /// They are not.
    pub fn open(paths: &[PathBuf]) -> Result<SweepParts, MergeError> {
        let mut notes: Vec<(PathBuf, SweepNote)> = Vec::new();
        for path in paths {
            let (note, part) = (journal::note_of(path), with_suffix(path, ".part"));
            if journal::has_rows(&part) || (!path.exists() && part.exists()) {
                return Err(MergeError::Unfinished(path.clone()));
            }
            if !note.exists() {
                return Err(MergeError::NoNote(note));
            }
            notes.push((path.clone(), SweepNote::read(&note)?));
        }
        let parts: Vec<(PathBuf, Identity)> =
            notes.iter().map(|(path, note)| (path.clone(), note.sweep.clone())).collect();
        let Some((first, identity)) = parts.first().cloned() else {
            return Err(MergeError::Missing("all".to_owned()));
        };
        let whole = identity.with_shard(Shard::WHOLE);
        let count = identity.shard.count;
        let mut slots: Vec<Option<PathBuf>> = vec![None; usize::try_from(count).unwrap_or(0)];
        for (path, part) in parts {
            let differences = part.with_shard(Shard::WHOLE).differences(&whole);
            if !differences.is_empty() {
                return Err(MergeError::Different { a: first, b: path, differences });
            }
            let shard = part.shard;
            if shard.count != count {
                let differences = vec![format!("shard {shard} and shard {}", identity.shard)];
                return Err(MergeError::Different { a: first, b: path, differences });
            }
            let slot = usize::try_from(shard.index - 1).ok().and_then(|index| slots.get_mut(index));
            match slot {
                Some(Some(a)) => return Err(MergeError::Twice { a: a.clone(), b: path, shard }),
                Some(slot) => *slot = Some(path),
                None => return Err(MergeError::Damaged { path, why: format!("there is no shard {shard}") }),
            }
        }
        let missing: Vec<String> = (1..)
            .zip(&slots)
            .filter(|(_, slot)| slot.is_none())
            .map(|(index, _)| Shard { index, count }.to_string())
            .collect();
        if !missing.is_empty() {
            return Err(MergeError::Missing(missing.join(", ")));
        }
        // Last, since it reads them from end to end.
        for (path, note) in &notes {
            let held = HeldFile::against(path, note, SweepTarget::Rows);
            let held = held.map_err(|source| JournalError::Io { path: path.clone(), source })?;
            if let Some(why) = held.fault {
                return Err(MergeError::Damaged { path: path.clone(), why });
            }
        }
        let bytes = notes.iter().map(|(_, note)| note.bytes()).sum();
        let archive = notes.into_iter().find_map(|(_, note)| note.archive);
        Ok(SweepParts { paths: slots.into_iter().flatten().collect(), bytes, identity: whole, archive })
    }

    /// Gives all rows in their order to `take`, some at a time, with their number.
    ///
    /// # Errors
    /// A part has too few or too many rows or those of another point, or whatever `take` fails with.
    pub fn read<E: From<MergeError>>(&self, mut take: impl FnMut(&[u8], u64) -> Result<(), E>) -> Result<(), E> {
        let damaged = |index: usize, why: String| E::from(MergeError::Damaged { path: self.paths[index].clone(), why });
        let header = self.identity.header();
        let (mut line, mut lines) = (Vec::new(), Vec::new());
        for index in 0..self.paths.len() {
            let mut part = self.lines(index)?;
            if !header.is_empty() && (!part.next(&mut line).map_err(self.io(index))? || line != header) {
                return Err(damaged(index, "its header is another one".to_owned()));
            }
            lines.push(part);
        }
        let (mut bytes, mut rows) = (Vec::new(), 0);
        for point in 0..self.identity.points {
            // Below the number of parts.
            let index = (point % self.paths.len() as u64) as usize;
            for _ in 0..self.identity.rows_per_point() {
                if !lines[index].next(&mut line).map_err(self.io(index))? {
                    return Err(damaged(index, format!("the rows of point {point} are missing")));
                }
                if point_of(&line) != Some(point) {
                    return Err(damaged(index, format!("a row of point {point} was expected")));
                }
                bytes.extend_from_slice(&line);
                rows += 1;
                if bytes.len() > ENOUGH {
                    take(&bytes, rows)?;
                    bytes.clear();
                    rows = 0;
                }
            }
        }
        for (index, part) in lines.iter_mut().enumerate() {
            if part.next(&mut line).map_err(self.io(index))? {
                return Err(damaged(index, "it has more rows than its shard".to_owned()));
            }
        }
        take(&bytes, rows)
    }

    fn lines(&self, index: usize) -> Result<RowLines<BufReader<File>>, MergeError> {
        let file = File::open(&self.paths[index]).map_err(self.io(index))?;
        Ok(RowLines::new(self.identity.form, BufReader::new(file)))
    }

    fn io(&self, index: usize) -> impl Fn(io::Error) -> MergeError {
        let path = &self.paths[index];
        move |source| MergeError::Journal(JournalError::Io { path: path.clone(), source })
    }
}

/// Bytes that are written at once.
const ENOUGH: usize = 1 << 16;
