//! A complete file of results, and the note that vouches for it.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::checksum;
use super::note::{RowBlock, SweepNote};
use super::record::bytes_at;
use super::{JournalError, io_at, note_of};
use crate::disk::{Archive, Beside, followed, with_suffix};
use crate::sweep::row::Scanner;
use crate::sweep::{Identity, SweepTarget, target};

/// A file that is being written, with its rows in their order.
#[derive(Debug)]
pub struct Whole {
    path: PathBuf,
    /// The file; of a Parquet file, the rows that it is made of.
    out: Beside,
    identity: Identity,
    target: SweepTarget,
    blocks: Vec<RowBlock>,
    /// The block that is being filled.
    open: RowBlock,
    enough: u64,
    scanner: Scanner,
}

impl Whole {
    /// Begins a file for rows of so many bytes; what stands there stays until the end.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(path: &Path, identity: Identity, target: SweepTarget, bytes: u64) -> Result<Whole, JournalError> {
        let path = followed(path);
        // `path` is followed already.
        let place = match target {
            SweepTarget::Rows => path.clone(),
            SweepTarget::Parquet => with_suffix(&path, ".rows"),
        };
        let out = Beside::of_own_name(&place).and_then(|mut out| out.write_all(&identity.header()).map(|()| out));
        let out = out.map_err(io_at(&path))?;
        let open = RowBlock { first: 0, rows: 0, bytes: 0, checksum: identity.seed() };
        Ok(Whole {
            path,
            out,
            identity,
            target,
            blocks: Vec::new(),
            open,
            enough: SweepNote::block(bytes),
            scanner: Scanner::default(),
        })
    }

    /// Adds bytes of rows. Where they are cut makes no difference, also not to the blocks of the note.
    ///
    /// # Errors
    /// The disk is full, or the like.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        self.out.write_all(bytes).map_err(io_at(&self.path))?;
        let (mut start, mut end) = (0, 0);
        while let Some(row) = self.scanner.end(self.identity.form, &bytes[end..]) {
            end += row;
            self.open.rows += 1;
            if self.open.bytes + (end - start) as u64 >= self.enough {
                self.add(&bytes[start..end]);
                self.close();
                start = end;
            }
        }
        self.add(&bytes[start..]);
        Ok(())
    }

    /// Puts bytes into the block that is being filled.
    fn add(&mut self, bytes: &[u8]) {
        self.open.bytes += bytes.len() as u64;
        self.open.checksum = checksum::checksum(self.open.checksum, bytes);
    }

    fn close(&mut self) {
        let next = RowBlock { first: self.made(), rows: 0, bytes: 0, checksum: self.identity.seed() };
        self.blocks.push(std::mem::replace(&mut self.open, next));
    }

    /// How many rows are there.
    pub fn made(&self) -> u64 {
        self.open.first + self.open.rows
    }

    /// Puts the file in its place, and then its note with what it takes to make the file again.
    ///
    /// # Errors
    /// The disk is full, or the like; what stood there stays.
    pub fn finish(mut self, archive: Option<Archive>) -> Result<(), JournalError> {
        if self.open.bytes > 0 {
            self.close();
        }
        if self.open.first != self.identity.rows {
            let rows = format!("it would have {} rows, not {}", self.open.first, self.identity.rows);
            return Err(JournalError::Lost { path: self.path, rows });
        }
        let put = match self.target {
            SweepTarget::Rows => self.out.finish(),
            SweepTarget::Parquet => {
                parquet(&mut self.out, &self.path, &self.identity).map(|block| self.blocks = vec![block])
            }
        };
        put.map_err(io_at(&self.path))?;
        let note = note_of(&self.path);
        let text = SweepNote::new(self.identity, self.blocks, archive).text();
        let written = Beside::of_own_name(&note).and_then(|mut out| out.write_all(text.as_bytes()).map(|()| out));
        written.and_then(Beside::finish).map_err(io_at(&note))
    }
}

/// Puts a Parquet file of the rows in its place: a single block.
fn parquet(rows: &mut Beside, path: &Path, identity: &Identity) -> io::Result<RowBlock> {
    rows.seek(SeekFrom::Start(0))?;
    let mut made = Beside::create(path)?;
    let mut buffered = BufWriter::new(&mut made);
    target::parquet(rows, &mut buffered, &identity.columns)?;
    // Its end would not say that the disk is full.
    buffered.flush()?;
    drop(buffered);
    let bytes = made.stream_position()?;
    made.seek(SeekFrom::Start(0))?;
    let checksum = checksum::read(identity.seed(), &mut made, bytes)?;
    let checksum = checksum.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
    made.finish()?;
    Ok(RowBlock { first: 0, rows: identity.rows, bytes, checksum })
}

/// What a complete file is, held against its note.
#[derive(Debug)]
pub(in crate::sweep) struct HeldFile {
    /// Every block, with its place if it is as it was written.
    pub blocks: Vec<(RowBlock, Option<u64>)>,
    /// What is wrong with the file; `None`: nothing.
    pub fault: Option<String>,
}

impl HeldFile {
    /// Holds a file against its note.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn against(path: &Path, note: &SweepNote, target: SweepTarget) -> io::Result<HeldFile> {
        let file = File::open(path)?;
        let header = if target == SweepTarget::Rows { note.sweep.header() } else { Vec::new() };
        let (length, mut at) = (file.metadata()?.len(), header.len() as u64);
        let wanted = at + note.bytes();
        let mut blocks = Vec::new();
        for block in &note.blocks {
            // Behind a hole, or something that was put in, blocks stand where they do from the end.
            let places = [Some(at), (at + length).checked_sub(wanted).filter(|place| *place != at)];
            let mut place = None;
            for try_at in places.into_iter().flatten() {
                if place.is_none() && is_at(&file, note.sweep.seed(), block, try_at)? {
                    place = Some(try_at);
                }
            }
            blocks.push((block.clone(), place));
            at += block.bytes;
        }
        let bad = blocks.iter().filter(|(_, place)| place.is_none());
        let bad: Vec<_> = bad.map(|(block, _)| block.first..block.first + block.rows).collect();
        let fault = if !bad.is_empty() {
            Some(super::rows_in_words(&bad))
        } else if bytes_at(&file, 0, header.len())? != header {
            Some("its header".to_owned())
        } else {
            (length != wanted).then(|| format!("its length, {length} bytes instead of {wanted}"))
        };
        Ok(HeldFile { blocks, fault })
    }
}

fn is_at(mut file: &File, seed: u32, block: &RowBlock, at: u64) -> io::Result<bool> {
    file.seek(SeekFrom::Start(at))?;
    Ok(checksum::read(seed, file, block.bytes)? == Some(block.checksum))
}
