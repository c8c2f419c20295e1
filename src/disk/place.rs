//! The place of a file.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Links in a row that are followed, as many as Linux does.
const LINKS: usize = 40;

/// The file that a link leads to, also where that is not there yet; another path stays as it is.
pub fn followed(path: &Path) -> PathBuf {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return path.to_owned();
    }
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    let mut place = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&place) else { break };
        // A target that is absolute replaces all.
        place = place.parent().unwrap_or(Path::new("")).join(target);
    }
    place
}

/// The path with something behind its whole name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Whether `path` itself, and no link there, is the file that is open as `file`.
///
/// # Errors
/// One of them cannot be looked at.
pub fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let found = fs::symlink_metadata(path)?;
    Ok(found.is_file() && same(&found, &file.metadata()?))
}

#[cfg(unix)]
fn same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is open can be neither removed nor renamed.
#[cfg(not(unix))]
fn same(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}

/// The folder in which a path of a file is.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that a power cut does not undo what happened to the names in the folder of `path`.
pub fn sync_folder(path: &Path) {
    let folder = folder_of(path);
    // Some systems and file systems cannot, and the file is whole under either name.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Names of all files in a folder, in order: what a test finds left behind.
#[cfg(test)]
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
