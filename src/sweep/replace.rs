//! A complete file takes the place of another.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Links in a row that are followed, as many as Linux does.
const LINKS: usize = 40;

/// The file that a link leads to, also where that is not there yet; another path stays as it is.
pub fn followed(path: &Path) -> PathBuf {
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

/// Renames `part`, which is complete, to `path`; a file that was there hands its mode on.
///
/// # Errors
/// As of [`fs::rename`].
pub fn replace(part: &Path, path: &Path) -> io::Result<()> {
    if let Ok(old) = fs::metadata(path) {
        // Some file systems have no modes.
        let _ = fs::set_permissions(part, old.permissions());
    }
    fs::rename(part, path)
}
