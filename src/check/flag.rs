//! Flags of policies, with the line that sets each.

use std::fmt;

/// A line of a file that sets something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlagPlace {
    /// The file, from the folder in which the program was started.
    pub file: String,
    /// From 1; `None` where it is the file as a whole.
    pub line: Option<usize>,
}

/// A `--set` flag of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFlag {
    /// `path.to.key=value`.
    pub text: String,
    /// What sets it.
    pub place: FlagPlace,
}

impl CheckFlag {
    /// The key that it sets.
    pub fn key(&self) -> &str {
        self.text.split('=').next().unwrap_or_default().trim()
    }
}

/// The texts of flags, as scenarios take them.
pub(super) fn texts(flags: &[CheckFlag]) -> Vec<String> {
    flags.iter().map(|flag| flag.text.clone()).collect()
}

/// `policies/nova.conf:12`.
impl fmt::Display for FlagPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        write!(f, "{}{line}", self.file)
    }
}
