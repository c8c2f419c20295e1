//! Pages of documentation with parts that a run draws: held against a fresh run, or drawn anew.
//!
//! `UPDATE_DOCS=1 cargo test` writes them; read the difference before it is committed. A part stands between
//! `<!-- NAME -->`, or `<!-- NAME: a remark -->`, and `<!-- end -->`.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Parts of one page may be held by several tests; one at a time writes.
static WRITER: Mutex<()> = Mutex::new(());

/// Holds parts of a page, each with its name, against what they should be.
pub fn hold_parts(page: &str, parts: &[(&str, &str)]) {
    let _alone = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    let page = Page::read(page);
    let fresh = parts.iter().fold(page.text.clone(), |text, (name, part)| redrawn(&text, name, part));
    page.hold(&fresh);
}

/// The text with one part replaced.
fn redrawn(text: &str, name: &str, part: &str) -> String {
    let at = |opening: String| text.find(&opening);
    let begin = at(format!("<!-- {name} -->")).or_else(|| at(format!("<!-- {name}:")));
    let (head, rest) = text.split_at(begin.unwrap_or_else(|| panic!("no part `{name}`")));
    let (note, rest) = rest.split_once("-->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->").unwrap();
    format!("{head}{note}-->\n{part}<!-- end -->{tail}")
}

/// The words of a text, however it is wrapped.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

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
