//! Files beside a result's place that a process left there which was killed.

use std::fs::{self, File};
use std::path::Path;

use super::is_at;
use super::place::folder_of;

/// Between the name of a result and the number of the process that writes it.
const MARK: &str = ".precopy-";

/// What is behind the name of a result while process number `process` writes it; `number` tells its files apart.
pub(super) fn suffix(process: u32, number: u32) -> String {
    match number {
        0 => format!("{MARK}{process}"),
        _ => format!("{MARK}{process}-{number}"),
    }
}

/// Removes what others have left beside `path`.
///
/// The writer of such a file holds its lock until the end. So a file whose lock is free has no writer any more, also
/// where folders are shared between machines. On a file system without locks all stays.
pub(super) fn clear(path: &Path) {
    let Some(name) = path.file_name() else { return };
    for entry in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && is_leftover(&name.to_string_lossy(), &entry.file_name().to_string_lossy()) {
            let made = entry.path();
            let Ok(file) = File::options().write(true).open(&made) else { continue };
            if file.try_lock().is_ok() && is_at(&file, &made).unwrap_or(false) {
                let _ = fs::remove_file(&made);
            }
        }
    }
}

/// Whether `found` is the name of a file that some process made to write the result `name`.
fn is_leftover(name: &str, found: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let rest = found.strip_prefix(name).and_then(|rest| rest.strip_prefix(MARK));
    rest.is_some_and(|rest| match rest.split_once('-') {
        Some((process, number)) => is_number(process) && is_number(number),
        None => is_number(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Beside, names_in};

    #[test]
    fn what_nobody_writes_any_more_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let others = ["a.csv.part", "a.csv.precopy-7.part", "a.csv.precopy-", "a.csv.precopy-x", "b.csv.precopy-7"];
        for name in others.iter().chain(&["a.csv.precopy-7", "a.csv.precopy-7-12"]) {
            fs::write(folder.path().join(name), "left").unwrap();
        }
        let held = File::create(folder.path().join("a.csv.precopy-8")).unwrap();
        held.lock().unwrap();
        Beside::write_whole(&path, b"new").unwrap();
        let mut expected: Vec<&str> = others.iter().copied().chain(["a.csv", "a.csv.precopy-8"]).collect();
        expected.sort_unstable();
        assert_eq!(names_in(folder.path()), expected);
    }

    #[test]
    fn two_files_of_one_place_do_not_take_each_other_for_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let (one, other) = (Beside::create(&path).unwrap(), Beside::create(&path).unwrap());
        assert_eq!(names_in(folder.path()).len(), 2);
        other.finish().unwrap();
        one.finish().unwrap();
        assert_eq!(names_in(folder.path()), ["a.csv"]);
    }
}
