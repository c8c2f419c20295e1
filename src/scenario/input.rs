//! The texts that a scenario is made from, before they are understood.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Loads;
use super::heading::Heading;
use super::sheet::Sheet;
use crate::units::bounded;
use crate::units::spelling::nearest;

/// A scenario file and the `--set` flags that go with it.
#[derive(Clone, Debug)]
pub struct Input {
    name: String,
    text: String,
    sets: Vec<String>,
    varies: Vec<String>,
    folder: PathBuf,
    loads: Loads,
    table: bool,
    guest: Option<usize>,
}

/// A file of the same folder that was probably meant by one that is not there.
fn near(path: &Path, source: &io::Error) -> String {
    let (io::ErrorKind::NotFound, Some(name)) = (source.kind(), path.file_name()) else { return String::new() };
    let name = name.to_string_lossy();
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let entries =
        fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    // The order in which a folder lists its files is nobody's promise.
    let mut files: Vec<String> = entries.collect();
    files.sort();
    let whole = format!("{name}.toml");
    let found = files.iter().find(|file| **file == whole).map(String::as_str);
    let found = found.or_else(|| nearest(&name, files.iter().map(String::as_str)));
    found.map_or(String::new(), |file| format!("; did you mean `{}`?", path.with_file_name(file).display()))
}

/// Whether the first line names columns, one of which has the guests' RAM. A first line of TOML is a key with its value, or a section.
fn heads_a_table(text: &str) -> bool {
    let is_memory = |name: &str| Heading::read(name).is_ok_and(|heading| heading.path == "guest.memory");
    let head = Sheet::head(text);
    head.len() > 1 && head.iter().any(|name| is_memory(name)) && !head.iter().any(|name| name.contains(['=', '[']))
}

/// A file that is no text of a sensible size.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be opened or read.
    #[error("cannot read `{name}`: {source}{near}")]
    Io {
        /// The file.
        name: String,
        /// What it is probably called, as the end of the sentence; empty if nothing in its folder is like it.
        near: String,
        /// Why.
        source: io::Error,
    },
    /// It is larger than [`Input::MOST`].
    #[error("`{name}` is larger than 1 MiB and cannot be a scenario")]
    TooLarge {
        /// The file.
        name: String,
    },
    /// It is JSON.
    #[error("`{name}` is JSON, and a scenario is TOML; a recorded migration goes to `precopy compare`")]
    Json {
        /// The file.
        name: String,
    },
    /// It is no text.
    #[error("`{name}` is {what}")]
    NotText {
        /// The file.
        name: String,
        /// What it is instead: the first byte that cannot stand where it does, with its place, and what to do.
        what: String,
    },
}

impl Input {
    /// Largest file that is read, in bytes. A scenario has a few hundred.
    pub const MOST: usize = 1 << 20;

    /// Takes a text as it is. `name` is what complaints call it. Files that it names are looked for in the current
    /// folder.
    ///
    /// # Errors
    /// A text of more than [`Input::MOST`] bytes, or one that is JSON.
    pub fn new(name: &str, text: &str, sets: &[String]) -> Result<Input, Unreadable> {
        // No TOML begins like this.
        if text.trim_start().starts_with('{') {
            return Err(Unreadable::Json { name: name.to_owned() });
        }
        if text.len() > Input::MOST {
            return Err(Unreadable::TooLarge { name: name.to_owned() });
        }
        Ok(Input {
            name: name.to_owned(),
            text: text.to_owned(),
            sets: sets.to_vec(),
            varies: Vec::new(),
            folder: PathBuf::new(),
            loads: Loads::default(),
            table: false,
            guest: None,
        })
    }

    /// Reads a file; `sets` are the values of `--set` in the order given. Files that it names are looked for in its own
    /// folder.
    ///
    /// # Errors
    /// The file cannot be read, is larger than [`Input::MOST`], is JSON, or is no text.
    pub fn from_file(path: &Path, sets: &[String]) -> Result<Input, Unreadable> {
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                let input = Input::from_reader(&name, file, sets)?;
                Ok(input.in_folder(path.parent().unwrap_or(Path::new(""))))
            }
            Err(source) => Err(Unreadable::Io { near: near(path, &source), name, source }),
        }
    }

    /// Reads to the end of `reader`, such as stdin.
    ///
    /// # Errors
    /// As [`Input::from_file`].
    pub fn from_reader(name: &str, reader: impl Read, sets: &[String]) -> Result<Input, Unreadable> {
        let name = name.to_owned();
        match bounded::text_or_head(reader, Input::MOST as u64) {
            Ok(text) => Input::new(&name, &text, sets),
            Err((source, head)) => Err(match source.kind() {
                // What is so large is JSON more often than not.
                io::ErrorKind::FileTooLarge if head.trim_ascii_start().starts_with(b"{") => Unreadable::Json { name },
                io::ErrorKind::FileTooLarge => Unreadable::TooLarge { name },
                io::ErrorKind::InvalidData => Unreadable::NotText { name, what: source.to_string() },
                _ => Unreadable::Io { name, near: String::new(), source },
            }),
        }
    }

    /// These texts, with the files that they name looked for in `folder`.
    pub fn in_folder(self, folder: &Path) -> Input {
        Input { folder: folder.to_owned(), ..self }
    }

    /// These texts, with a table of loads that counts before the program's own.
    pub fn with_loads(self, loads: Loads) -> Input {
        Input { loads, ..self }
    }

    /// The table of loads that goes with them.
    pub(super) fn loads(&self) -> &Loads {
        &self.loads
    }

    /// These texts, as a table with a row for each guest whatever its name ends in.
    pub fn as_table(self) -> Input {
        Input { table: true, ..self }
    }

    /// Of a fleet, the scenario of one guest: what is common with the keys of that entry over it, and the link for itself.
    pub fn of_guest(self, entry: usize) -> Input {
        Input { guest: Some(entry), ..self }
    }

    /// The entry whose scenario is meant, of a fleet.
    pub(super) fn guest(&self) -> Option<usize> {
        self.guest
    }

    /// Whether it is a table with a row for each guest: by its name, as it was said to be, or by a first line that heads a column of
    /// RAM, as a text from standard input has no name.
    pub fn is_table(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let named = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix));
        self.table || named(&[".csv", ".tsv"]) || !named(&[".toml"]) && heads_a_table(&self.text)
    }

    /// These texts, with the values of `--vary` flags in the order given.
    pub fn varying(self, varies: &[String]) -> Input {
        Input { varies: varies.to_vec(), ..self }
    }

    /// This file with further `--set` flags behind those that are there.
    pub fn with_sets(&self, sets: &[String]) -> Input {
        let mut input = self.clone();
        input.sets.extend_from_slice(sets);
        input
    }

    /// This file with these `--set` flags, in place of those that are there.
    pub fn under(&self, sets: &[String]) -> Input {
        Input { sets: sets.to_vec(), ..self.clone() }
    }

    /// This file with a `--set` flag in front of those that are there, which are laid over it.
    pub fn led_by(&self, set: String) -> Input {
        let mut input = self.clone();
        input.sets.insert(0, set);
        input
    }

    /// Where the files that the texts name are looked for.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What complaints call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values of the `--set` flags, as given.
    pub fn sets(&self) -> &[String] {
        &self.sets
    }

    /// The values of the `--vary` flags, as given.
    pub fn varies(&self) -> &[String] {
        &self.varies
    }
}
