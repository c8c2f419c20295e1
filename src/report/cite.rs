//! How to cite the program, and results that it made.

use crate::results::{Origin, RowsCheck};

/// What the citation file says, in its own format.
pub const CFF: &str = include_str!("../../CITATION.cff");
/// Who wrote it.
const AUTHORS: &str = "The precopy authors";
/// What it is.
const TITLE: &str = "precopy: a discrete-event simulator of QEMU live migration";
/// When this version came out.
const YEAR: &str = "2026";

/// The version that made the results; without results, this one.
fn version(results: Option<&Origin>) -> &str {
    results.map_or(env!("CARGO_PKG_VERSION"), |results| &results.precopy)
}

/// A sentence for a list of references.
pub fn text(results: Option<&Origin>) -> String {
    let version = version(results);
    let made = results.map_or(String::new(), |results| {
        let command = results.archive.as_ref().map_or(String::new(), |archive| {
            let named = |name: &String| if name == "-" { "standard input".to_owned() } else { name.clone() };
            let names: Vec<String> = archive.left_out.iter().map(named).collect();
            let left_out = if names.is_empty() { String::new() } else { format!("\nNot kept: {}", names.join(", ")) };
            format!("\nCommand: {}{left_out}", archive.command)
        });
        let rows = match &results.rows {
            RowsCheck::Unvouched => String::new(),
            RowsCheck::AsWritten => "\nRows: as they were written, by the checksums of their note".to_owned(),
            RowsCheck::Changed(what) => format!("\nRows: {what}"),
            RowsCheck::NotHere => "\nRows: not beside their note, and not looked at".to_owned(),
        };
        format!("\nResults: {}.{command}{rows}", results.words())
    });
    format!("{AUTHORS} ({YEAR}). {TITLE} (version {version}) [Computer software].{made}\n")
}

/// An entry for BibTeX and BibLaTeX; what made the results is its note.
pub fn bibtex(results: Option<&Origin>) -> String {
    let version = version(results);
    // A name may hold what means something to TeX.
    let escaped = |words: String| {
        words.chars().fold(String::new(), |text, c| match c {
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => format!("{text}\\{c}"),
            '\\' | '~' | '^' => format!("{text}-"),
            c => format!("{text}{c}"),
        })
    };
    let note = results.map_or(String::new(), |results| format!(",\n  note    = {{{}}}", escaped(results.words())));
    format!(
        "@software{{precopy,\n  author  = {{{{{AUTHORS}}}}},\n  title   = {{{TITLE}}},\n  version = {{{version}}},\n  \
         year    = {{{YEAR}}}{note}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_citation_file_says_the_same() {
        let version = format!("version: {}", env!("CARGO_PKG_VERSION"));
        for words in [TITLE, AUTHORS, version.as_str(), "cff-version: 1.2.0", "type: software"] {
            assert!(CFF.contains(words), "{words}");
        }
    }

    #[test]
    fn results_are_cited_with_the_version_that_made_them() {
        let origin = Origin {
            precopy: "0.0.9".to_owned(),
            scenario: "a_b".to_owned(),
            memory: "expected".to_owned(),
            seeds: (1, 1),
            ..Origin::default()
        };
        assert!(bibtex(Some(&origin)).contains("version = {0.0.9},\n"));
        assert!(bibtex(Some(&origin)).ends_with("note    = {scenario a\\_b, memory expected, seed 1}\n}\n"));
        assert!(text(Some(&origin)).contains("(version 0.0.9)"));
    }
}
