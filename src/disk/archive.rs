//! What it takes to make results again, kept with them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::units::bounded;

/// A command, and the files that it reads. Neither depends on where the files lie, where the results go, or on threads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// As it is typed into a shell, in a folder that holds the files.
    pub command: String,
    /// The texts of the files, by their names in that folder.
    pub files: BTreeMap<String, String>,
    /// The bytes of those that are no texts, likewise, two hexadecimal digits each.
    #[serde(default, rename = "files_hex", skip_serializing_if = "BTreeMap::is_empty")]
    pub hex: BTreeMap<String, String>,
    /// What it reads and is not kept: what lies outside of the folder, what there was no room for.
    #[serde(default, rename = "files_left_out", skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

impl Archive {
    /// Most that is kept of all files [bytes].
    pub const MOST: u64 = 4 << 20;

    /// Keeps a file under a name, if there is room, and the name leads to no other folder; says that it is left out where it is there
    /// and not kept. The text of one that was not kept before, for the files that it names.
    pub fn keep(&mut self, name: &str, path: &Path) -> Option<&str> {
        // A pipe is read once, and not by this.
        let is_stream =
            path == Path::new("-") || fs::metadata(path).is_ok_and(|file| !file.is_file() && !file.is_dir());
        if !is_stream && !path.is_file() || self.files.contains_key(name) || self.hex.contains_key(name) {
            return None;
        }
        let room = self.room();
        let read = || fs::File::open(path).and_then(|file| bounded::bytes(file, room)).ok();
        let Some(bytes) = Some(name).filter(|name| !is_stream && is_inside(name)).and_then(|_| read()) else {
            if !self.left_out.iter().any(|other| other == name) {
                self.left_out.push(name.to_owned());
            }
            return None;
        };
        let Ok(text) = bounded::text(bytes.as_slice(), room) else {
            self.hex.insert(name.to_owned(), hex(&bytes));
            return None;
        };
        Some(self.files.entry(name.to_owned()).or_insert(text))
    }

    /// Keeps a text that no file has under a name, if there is room; whether it did.
    pub fn keep_text(&mut self, name: &str, text: String) -> bool {
        let fits = text.len() as u64 <= self.room() && !self.files.contains_key(name);
        if fits {
            self.files.insert(name.to_owned(), text);
        }
        fits
    }

    /// What there is room for [bytes].
    fn room(&self) -> u64 {
        let kept = self.files.values().map(String::len).chain(self.hex.values().map(|hex| hex.len() / 2));
        Archive::MOST.saturating_sub(kept.sum::<usize>() as u64)
    }

    /// How many files are kept.
    pub fn count(&self) -> usize {
        self.files.len() + self.hex.len()
    }

    /// Every file that is kept, with its bytes.
    fn all(&self) -> io::Result<BTreeMap<&str, Vec<u8>>> {
        let damaged = |name| io::Error::new(io::ErrorKind::InvalidData, format!("`{name}` is damaged in the results"));
        let texts = self.files.iter().map(|(name, text)| Ok((name.as_str(), text.clone().into_bytes())));
        let others = self.hex.iter().map(|(name, hex)| Ok((name.as_str(), bytes(hex).ok_or_else(|| damaged(name))?)));
        texts.chain(others).collect()
    }

    /// Writes the files into a folder, which is made if it is not there. Files that are there stay: one that says something else is an
    /// error before anything is written.
    ///
    /// # Errors
    /// Another file is there already, a name leads out of the folder, or a file cannot be written.
    pub fn unpack(&self, folder: &Path) -> io::Result<()> {
        let all = self.all()?;
        if let Some(name) = all.keys().find(|name| !is_inside(name)) {
            let why = format!("`{name}` leads out of the folder");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let is_other =
            |(name, bytes): &(&&str, &Vec<u8>)| fs::read(folder.join(name)).is_ok_and(|there| there != **bytes);
        if let Some((name, _)) = all.iter().find(is_other) {
            let why =
                format!("`{}` is there and says something else; choose another folder", folder.join(name).display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        fs::create_dir_all(folder)?;
        for (name, bytes) in &all {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            match fs::File::create_new(&path) {
                Ok(mut file) => io::Write::write_all(&mut file, bytes)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))),
            }
        }
        Ok(())
    }
}

/// Two digits for each byte.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The bytes that digits stand for; `None` if some are none.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Whether it is the name of a file in a folder or one below, and no way out of it.
fn is_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_))) && !name.contains(['\\', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_unpacked_into_the_folder_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let archive = |name: &str| Archive {
            command: String::new(),
            files: BTreeMap::from([(name.to_owned(), "text".to_owned())]),
            ..Archive::default()
        };
        let place = folder.path().join("new");
        archive("guest.toml").unpack(&place).unwrap();
        archive("below/nova.conf").unpack(&place).unwrap();
        assert_eq!(fs::read_to_string(place.join("guest.toml")).unwrap(), "text");
        archive("guest.toml").unpack(&place).unwrap();
        fs::write(place.join("guest.toml"), "mine").unwrap();
        assert!(archive("guest.toml").unpack(&place).unwrap_err().to_string().contains("guest.toml"));
        assert_eq!(fs::read_to_string(place.join("guest.toml")).unwrap(), "mine", "stays as it is");
        for name in ["../out.toml", "/out.toml", "a/../../b.toml", "..", "", "a\\b.toml", "c:out"] {
            assert!(archive(name).unpack(&place).is_err(), "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_read_and_not_kept_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a.toml"), "text").unwrap();
        fs::write(at("b.bin"), [0xff, 0xfe, 0xfd]).unwrap();
        fs::write(at("large.csv"), "x".repeat(Archive::MOST as usize)).unwrap();
        let mut archive = Archive::default();
        for name in ["a.toml", "b.bin", "large.csv", "../a.toml", "none.toml", "a.toml"] {
            archive.keep(name, &at("x/..").join(name.trim_start_matches("../")));
            archive.keep(name, &at(name.trim_start_matches("../")));
        }
        archive.keep("-", Path::new("-"));
        assert_eq!(archive.files.keys().collect::<Vec<_>>(), ["a.toml"]);
        assert_eq!(archive.hex, BTreeMap::from([("b.bin".to_owned(), "fffefd".to_owned())]));
        assert_eq!(archive.left_out, ["large.csv", "../a.toml", "-"]);
        archive.unpack(&at("new")).unwrap();
        assert_eq!(fs::read(at("new/b.bin")).unwrap(), [0xff, 0xfe, 0xfd]);
        archive.hex.insert("c.bin".to_owned(), "0g".to_owned());
        assert!(archive.unpack(&at("other")).unwrap_err().to_string().contains("`c.bin` is damaged"));
        assert!(archive.keep_text("stdin.txt", "more".to_owned()) && !archive.keep_text("a.toml", String::new()));
        assert!(!archive.keep_text("large", "x".repeat(Archive::MOST as usize)));
    }
}
