//! Files of numbers: what a link carried, what a guest wrote, dirty rates, a schedule, results.

use std::cell::OnceCell;
use std::fs;

use precopy::fit::DirtyRates;
use precopy::results::Results;
use precopy::scenario::Input;
use tempfile::TempDir;

use super::{SOUND, load};

/// Where each file is named.
const NAMED: [&[&str]; 4] = [
    &["link.bandwidth=file.csv"],
    &["guest.workload.0={ kind = \"trace\", region = \"1 GiB\", file = \"file.csv\" }"],
    &["guest.workload.0={ kind = \"curve\", file = \"file.csv\" }"],
    &["orchestrator.kind=ovirt", "orchestrator.schedule=file.csv"],
];

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// Reads the bytes as each kind of file.
pub fn look(data: &[u8]) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| TempDir::new().expect("a folder for temporary files")).path();
        fs::write(folder.join("file.csv"), data).expect("room for temporary files");
        for sets in NAMED {
            let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
            let input = Input::new("sound.toml", SOUND, &sets).expect("it is sound").in_folder(folder);
            load(&input);
        }
    });
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(rates) = DirtyRates::parse(text) {
        first_scenario(&rates);
    }
    match Results::parse(text) {
        Ok(results) => assert!(results.rows().all(|row| row.cells().len() == results.width())),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// What `fit --dirtyrate` writes is a scenario.
fn first_scenario(rates: &DirtyRates) {
    let Ok((file, _)) = rates.file(None) else { return };
    let input = Input::new("first.toml", &file, &[]).expect("it is text");
    load(&input);
}
