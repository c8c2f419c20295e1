//! What an interrupted sweep left, and what a finished one wrote: rows, note, and a part that holds both.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;

use precopy::scenario::{Extent, Input};
use precopy::sim::Memory;
use precopy::sweep::{Identity, Journal, MergeError, RowForm, Shard, Study, SweepParts, SweepTarget, column};
use tempfile::TempDir;

use super::SOUND;

/// Between the note and the rows.
const BETWEEN: u8 = 0x1e;

thread_local! {
    static SCENE: OnceCell<(TempDir, Identity)> = const { OnceCell::new() };
}

/// Takes the bytes as a part, and as a note with the rows that it is of: goes on with either, and merges them.
pub fn look(data: &[u8]) {
    SCENE.with(|scene| {
        let (folder, identity) = scene.get_or_init(|| (TempDir::new().expect("a folder"), identity()));
        let rows = folder.path().join("rows.csv");
        let (note, text) = match data.iter().position(|byte| *byte == BETWEEN) {
            Some(at) => (&data[..at], &data[at + 1..]),
            None => (data, &[][..]),
        };
        for files in [&[("rows.csv.part", data)][..], &[("rows.csv.sweep.json", note), ("rows.csv", text)]] {
            put(folder.path(), files);
            merge(&rows);
            put(folder.path(), files);
            resume(&rows, identity);
        }
    });
}

/// Nothing but these files.
fn put(folder: &Path, files: &[(&str, &[u8])]) {
    for name in ["rows.csv", "rows.csv.part", "rows.csv.sweep.json"] {
        let _ = fs::remove_file(folder.join(name));
    }
    files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).expect("room for temporary files"));
}

/// The sweep that somebody goes on with.
fn identity() -> Identity {
    let vary = ["link.bandwidth=1..10 Gbit/s/10".to_owned()];
    let input = Input::new("sound.toml", SOUND, &[]).expect("it is sound").varying(&vary);
    let study = Study {
        template: input.template(Extent::default()).expect("it is sound"),
        name: "sound".to_owned(),
        seed: 1,
        memory: Memory::Expected,
        watch: None,
        shard: Shard::WHOLE,
        summary: false,
    };
    Identity::of(&study, RowForm::Csv, &column::of_runs(&study.template))
}

/// Rows that are kept and rows that are not are all rows, or it is said what is wrong.
fn resume(rows: &Path, identity: &Identity) {
    match Journal::resume(rows, identity.clone(), SweepTarget::Rows) {
        Ok(Some(journal)) => {
            let missing: u64 = journal.missing().iter().map(|range| range.end - range.start).sum();
            assert_eq!(journal.rows() + missing, identity.rows, "{:?}", journal.damage());
        }
        Ok(None) => assert!(rows.exists(), "complete without a file"),
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}

/// What merges has a line for each row.
fn merge(rows: &Path) {
    let merged = SweepParts::open(&[rows.to_owned()]).and_then(|parts| {
        let mut lines = 0;
        parts.read::<MergeError>(|_, count| {
            lines += count;
            Ok(())
        })?;
        Ok((parts.identity.rows, lines))
    });
    match merged {
        Ok(read) => assert_eq!(read.0, read.1, "rows of the note, and rows"),
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
