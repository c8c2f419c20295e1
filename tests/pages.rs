//! Pages name files that are there, link to what is there, are in the book, and use the words that CONTRIBUTING asks for.

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

/// Every page, named from the top of the checkout.
fn pages() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["docs", "deploy"] {
        files(&root().join(folder), &[".md"], &mut found);
    }
    let named = found.iter().map(|page| page.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
    let mut pages: Vec<String> =
        named.chain(["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(str::to_owned)).collect();
    pages.sort();
    pages
}

/// The anchors of a page: its headings as links write them.
fn anchors(text: &str) -> Vec<String> {
    let prose = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let headings = prose
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    headings
        .map(|heading| {
            // A link in a heading is its words.
            let words = heading.split("](").map(|part| part.split_once(')').map_or(part, |(_, rest)| rest));
            let words = if heading.contains("](") { words.collect() } else { heading.to_owned() };
            let kept = words
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
                .collect::<String>();
            kept.replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let (mut broken, mut seen) = (Vec::new(), 0);
    for name in pages().iter().filter(|name| !name.starts_with("docs/spec")) {
        let text = fs::read_to_string(root().join(name)).unwrap();
        let folder = root().join(name).parent().unwrap().to_owned();
        let prose = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
        for link in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("http") {
                continue;
            }
            seen += 1;
            let path = if file.is_empty() { root().join(name) } else { folder.join(file) };
            // A site has no page for a folder.
            let there = path.is_file();
            let heading = anchor.is_empty()
                || !file.is_empty() && !file.ends_with(".md")
                || there && anchors(&fs::read_to_string(&path).unwrap()).iter().any(|one| one == anchor);
            if !there || !heading {
                broken.push(format!("{name} links to `{link}`"));
            }
        }
    }
    assert!(seen > 300, "{seen} links");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_is_in_the_book() {
    let book = fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    for page in pages() {
        let link = page.strip_prefix("docs/").map_or_else(|| format!("../{page}"), str::to_owned);
        assert!(
            page == "docs/SUMMARY.md" || book.contains(&format!("]({link})")),
            "docs/SUMMARY.md does not name {page}"
        );
    }
}

/// Words that the table of CONTRIBUTING refuses, each with what to write; `stand` may be followed by the words behind it.
fn refused() -> Vec<(String, String, Vec<String>)> {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, table) = page.split_once("| not | but | allowed |\n").unwrap();
    let ticked = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|')).flat_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let (words, advice, allowed) = (ticked(cells[0]), cells[1].to_owned(), ticked(cells[2]));
        words.into_iter().map(move |word| (word, advice.clone(), allowed.clone()))
    });
    rows.collect()
}

/// Where a text has a refused word: the words from there on.
fn slips<'a>(text: &'a str, word: &str, allowed: &[String]) -> Vec<&'a str> {
    let begins_a_word =
        |at: usize| !word.starts_with(char::is_alphabetic) || !text[..at].ends_with(char::is_alphanumeric);
    let lower = text.to_ascii_lowercase();
    let hits = lower.match_indices(word).map(|(at, _)| at);
    hits.filter(|at| {
        let rest = &lower[at + word.len()..];
        let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric());
        begins_a_word(*at) && is_whole && !allowed.iter().any(|one| lower[*at..].starts_with(one))
    })
    .map(|at| text[at..].split('.').next().unwrap_or_default())
    .collect()
}

#[test]
fn pages_and_help_use_the_words_of_the_field() {
    let refused = refused();
    assert!(refused.len() >= 8, "{refused:?}");
    let mut read: Vec<String> = pages();
    // What others wrote is cited in the specifications, and the changelog keeps what was said.
    read.retain(|page| !page.starts_with("docs/spec") && !["CHANGELOG.md", "CONTRIBUTING.md"].contains(&page.as_str()));
    let mut found = Vec::new();
    files(&root().join("man"), &[".1"], &mut found);
    read.extend(found.iter().map(|page| page.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()));
    let mut slipped = Vec::new();
    for name in &read {
        let text = fs::read_to_string(root().join(name)).unwrap();
        // Transcripts are the program's words, and examples are data.
        let prose = text.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
        let text = prose.split_whitespace().collect::<Vec<_>>().join(" ");
        for (word, advice, allowed) in &refused {
            let said = slips(&text, word, allowed);
            slipped.extend(said.iter().map(|said| format!("{name}: `{said}`; instead of `{word}` write {advice}")));
        }
    }
    assert!(slipped.is_empty(), "{}", slipped.join("\n"));
}

#[test]
fn a_refused_word_is_seen() {
    let allowed = ["stands for".to_owned()];
    assert_eq!(slips("It stands there. It stands for both.", "stands", &allowed), ["stands there"]);
    assert_eq!(slips("That is read, too. Not, tooth.", ", too", &[]), [", too"]);
    assert_eq!(slips("Understands somebody's", "stands", &[]), Vec::<&str>::new());
    assert_eq!(anchors("# A page\n## `[guest]`: what, it is\n### `rules`\n"), ["a-page", "guest-what-it-is", "rules"]);
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
