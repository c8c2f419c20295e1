//! Which program made a baseline, and whether its results may differ.

use std::fmt;

/// A version of the program, as far as its results go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Its version.
    pub precopy: String,
    /// Its number of results ([`RESULTS`]); `None` where that was not written down yet.
    pub results: Option<u64>,
}

/// Rows of all tables "Results that change" in CHANGELOG.md: another number means that simulated figures may differ.
#[allow(long_running_const_eval)]
pub const RESULTS: u64 = rows(include_bytes!("../../CHANGELOG.md"));

impl Program {
    /// The one that runs.
    pub fn this() -> Program {
        Program { precopy: env!("CARGO_PKG_VERSION").to_owned(), results: Some(RESULTS) }
    }

    /// Whether its results may differ from those of the one that runs.
    pub fn differs(&self) -> bool {
        self.results != Some(RESULTS)
    }

    /// Whether its version comes after that of the one that runs.
    pub fn is_later(&self) -> bool {
        numbers(&self.precopy).zip(numbers(env!("CARGO_PKG_VERSION"))).is_some_and(|(its, own)| its > own)
    }
}

/// `precopy 0.1.0, results 131`.
impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "precopy {}", self.precopy)?;
        self.results.map_or(Ok(()), |results| write!(f, ", results {results}"))
    }
}

/// The three numbers of a version; what follows a `-` or `+` does not count.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let core = version.split(['-', '+']).next()?;
    let parts: Vec<u64> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Counts rows of tables below headings `### Results that change`: the head and the rule below it are none.
const fn rows(text: &[u8]) -> u64 {
    let (mut at, mut rows, mut inside) = (0, 0, false);
    while at < text.len() {
        if starts(text, at, b"#") {
            inside = starts(text, at, b"### Results that change");
        } else if inside && starts(text, at, b"| ") && !starts(text, at, b"| what |") {
            rows += 1;
        }
        while at < text.len() && text[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    rows
}

const fn starts(text: &[u8], at: usize, with: &[u8]) -> bool {
    let mut n = 0;
    while n < with.len() {
        if at + n >= text.len() || text[at + n] != with[n] {
            return false;
        }
        n += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_results_are_counted_and_nothing_else() {
        let text =
            b"# Changelog\n| a | b |\n### Results that change\n\n| what | where |\n|---|---|\n| a | b |\n| c | d |\n\n\
                     ### Fixes\n| e | f |\n### Results that change\n| what | where |\n|---|---|\n| g | h |";
        assert_eq!(rows(text), 3);
        const { assert!(RESULTS > 30) };
    }

    #[test]
    fn a_later_version_is_told_from_an_earlier_one() {
        let program = |version: &str| Program { precopy: version.to_owned(), results: None };
        assert!(program("9.9.9").is_later() && program("0.10.0-rc.1").is_later());
        let none = ["0.0.9", env!("CARGO_PKG_VERSION"), "?", ""];
        assert!(none.into_iter().all(|version| !program(version).is_later()));
    }
}
