//! Lists of files of the checkout.

use std::path::{Path, PathBuf};

/// The files of a folder, named from the top of the checkout, that end in `.suffix`; in order of name.
pub fn files(folder: &str, suffix: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == suffix)).collect();
    paths.sort();
    paths
}
