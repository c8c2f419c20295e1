//! Files that products read their settings from: `orchestrator.file`.

use std::cell::OnceCell;
use std::fs;

use precopy::scenario::Input;
use tempfile::TempDir;

use super::{SOUND, load, migrate};

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

/// Lays the bytes below a sound scenario as its product's settings, and runs what is accepted.
pub fn look(data: &[u8]) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| TempDir::new().expect("a folder for temporary files")).path();
        fs::write(folder.join("settings"), data).expect("room for temporary files");
        let sets = ["orchestrator={ file = \"settings\" }".to_owned()];
        let input = Input::new("sound.toml", SOUND, &sets).expect("it is sound").in_folder(folder);
        if let Some(scenario) = load(&input) {
            migrate::bounded(scenario);
        }
    });
}
