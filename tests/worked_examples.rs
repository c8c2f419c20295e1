//! The pages of `docs/adding` show code that is compiled and tested with the crate, and name files and items that are there.

mod files;

use std::fs;
use std::path::Path;

/// A page, and what it has of Rust beside it.
struct Example {
    name: String,
    page: String,
    rust: String,
}

/// All pages.
fn examples() -> Vec<Example> {
    let example = |path: &Path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        Example { name, page: read(path), rust: read(&path.with_extension("rs")) }
    };
    files::files("docs/adding", "md").iter().map(|path| example(path)).collect()
}

/// All that is written under `src`.
fn sources() -> String {
    fn gather(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, all);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                all.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut all = String::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    all
}

/// What stands between backticks, outside of blocks.
fn quoted(page: &str) -> Vec<&str> {
    let prose = page.split("\n```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn what_a_page_shows_is_compiled_and_tested_with_the_crate() {
    let sources = sources();
    let examples = examples();
    let names: Vec<&str> = examples.iter().map(|example| example.name.as_str()).collect();
    assert_eq!(names, ["orchestrator", "plot", "qemu-option", "throttle-rule", "workload"]);
    for Example { name, page, rust } in &examples {
        let blocks: Vec<&str> =
            page.split("\n```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
        assert!(blocks.len() == 1 && rust.contains(blocks[0]), "{name}.md shows what {name}.rs does not have");
        assert!(sources.contains(&format!("/docs/adding/{name}.rs\"]\nmod ")), "{name}.rs is no module of the crate");
        assert!(rust.contains("#[test]"), "{name}.rs has no test");
    }
}

#[test]
fn files_and_items_that_a_page_names_are_there() {
    let sources = sources();
    let words: std::collections::HashSet<&str> = sources.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    for Example { name, page, rust } in examples() {
        let quoted = quoted(&page);
        let (files, items): (Vec<&str>, Vec<&str>) = quoted.iter().partition(|text| text.contains('/'));
        assert!(files.iter().filter(|file| file.starts_with("src/")).count() > 0, "{name}.md names no file");
        for file in files.iter().filter(|file| !file.contains(' ')) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{name}.md names `{file}`");
        }
        let items = items.iter().filter(|item| item.starts_with(char::is_uppercase));
        for word in items.flat_map(|item| item.split(|c: char| !c.is_alphanumeric() && c != '_')) {
            let known = word.is_empty() || words.contains(word) || rust.contains(word);
            assert!(known, "{name}.md names `{word}`, which is nowhere under `src`");
        }
    }
}
