//! Every release in the changelog says which results change.

const CHANGELOG: &str = include_str!("../CHANGELOG.md");

#[test]
fn every_release_ends_with_the_results_that_change() {
    let releases: Vec<&str> = CHANGELOG.split("\n## ").skip(1).collect();
    assert!(!releases.is_empty());
    for release in releases {
        let name = release.lines().next().unwrap();
        let groups: Vec<&str> = release.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert_eq!(groups, ["Features", "Fixes", "Results that change"], "{name}");
        let (_, results) = release.split_once("### Results that change\n").unwrap();
        let rows: Vec<&str> = results.lines().filter(|line| line.starts_with('|')).collect();
        match rows.as_slice() {
            [] => assert!(results.contains("Nothing moves"), "{name} has neither a row nor says that nothing moves"),
            [head, _, rows @ ..] => {
                assert_eq!(*head, "| what | where | by how much | why |", "{name}");
                assert!(!rows.is_empty(), "{name}");
                for row in rows {
                    let cells = row.trim_matches('|').split('|').map(str::trim);
                    assert!(cells.clone().count() == 4 && cells.clone().all(|cell| !cell.is_empty()), "{name}: {row}");
                }
            }
            [_] => panic!("{name} has a head without rows"),
        }
    }
}

#[test]
fn the_citation_is_of_this_version() {
    let citation = std::fs::read_to_string("CITATION.cff").unwrap();
    assert!(citation.contains(concat!("\nversion: ", env!("CARGO_PKG_VERSION"), "\n")), "{citation}");
}
