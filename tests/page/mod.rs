//! Pages of documentation with parts that a run draws: held against a fresh run, or drawn anew.
//!
//! `UPDATE_DOCS=1 cargo test` writes them; read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

/// A page of the checkout.
pub struct Page {
    path: PathBuf,
    pub text: String,
}

impl Page {
    /// Reads a page, named from the top of the checkout.
    pub fn read(name: &str) -> Page {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        Page { path, text }
    }

    /// Holds the page against `fresh`, the text that it should have.
    pub fn hold(&self, fresh: &str) {
        if self.text == fresh {
            return;
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            return fs::write(&self.path, fresh).unwrap();
        }
        let (line, (old, new)) =
            (1..).zip(self.text.lines().chain([""]).zip(fresh.lines().chain([""]))).find(|(_, (a, b))| a != b).unwrap();
        panic!(
            "{}:{line} is out of date:\n  page: {old}\n  run:  {new}\n\
             write it anew with `UPDATE_DOCS=1 cargo test`",
            self.path.display()
        );
    }
}
