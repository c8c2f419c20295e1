//! Pages name files that are there.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `folder` with one of these suffixes.
fn files(folder: &Path, suffixes: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, suffixes, found);
            }
        } else if suffixes.iter().any(|suffix| name.ends_with(suffix)) {
            found.push(path);
        }
    }
}

/// Names of source files in the code spans of a page: `src/guest/pace.rs`, `pace.rs`.
fn named(page: &str) -> Vec<&str> {
    // Whatever stands between fences is an example of its own.
    let prose = page.split("```").step_by(2);
    let spans = prose.flat_map(|text| text.split('`').skip(1).step_by(2));
    // `NAME.rs` stands for any.
    spans
        .filter(|span| span.ends_with(".rs") && !span.contains(['*', ' ', '<', '{']) && !span.contains("NAME"))
        .collect()
}

/// Whether there is a file of that name: at that path, or, of a name alone, anywhere.
fn is_there(name: &str, sources: &[PathBuf], page: &Path) -> bool {
    let beside = page.parent().unwrap().join(name);
    root().join(name).is_file() || beside.is_file() || sources.iter().any(|file| file.ends_with(name))
}

#[test]
fn no_page_names_a_source_that_is_gone() {
    let mut sources = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz"] {
        files(&root().join(folder), &[".rs"], &mut sources);
    }
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    files(&root().join("docs"), &[".md"], &mut pages);
    // The specifications cite sources of others.
    pages.retain(|page| !page.starts_with(root().join("docs/spec")));
    let (mut checked, mut gone) = (0, Vec::new());
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for name in named(&text) {
            checked += 1;
            let is_made_here = text.split("```").skip(1).step_by(2).any(|example| example.contains(name));
            if !is_made_here && !is_there(name, &sources, page) {
                gone.push(format!("{} names `{name}`", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(checked > 60, "only {checked} names were found");
    assert!(gone.is_empty(), "{}", gone.join("\n"));
}

#[test]
fn a_name_that_is_gone_is_seen() {
    let page = "`chunks.rs` and `src/guest/pace.rs`\n```text\n`old.rs`\n```\nalso `Law` in `pace.rs`, `*.rs`";
    assert_eq!(named(page), ["chunks.rs", "src/guest/pace.rs", "pace.rs"]);
    let sources = [root().join("src/guest/pace.rs")];
    let page = root().join("docs/model.md");
    assert!(is_there("pace.rs", &sources, &page) && is_there("src/guest/pace.rs", &sources, &page));
    assert!(!is_there("chunks.rs", &sources, &page) && !is_there("ace.rs", &sources, &page));
}
