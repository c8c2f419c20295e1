//! QEMU release numbers.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A QEMU release, by its first two numbers: `8.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// First number.
    pub major: u8,
    /// Second number.
    pub minor: u8,
}

/// Every release whose rules are known, oldest first (qemu-precopy 4.2).
const RELEASES: [(u8, &[u8]); 11] = [
    (1, &[6, 7]),
    (2, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    (3, &[0, 1]),
    (4, &[0, 1, 2]),
    (5, &[0, 1, 2]),
    (6, &[0, 1, 2]),
    (7, &[0, 1, 2]),
    (8, &[0, 1, 2]),
    (9, &[0, 1, 2]),
    (10, &[0, 1, 2]),
    (11, &[0, 1]),
];

impl Version {
    /// The version `major.minor`, whether or not such a release exists.
    pub const fn new(major: u8, minor: u8) -> Version {
        Version { major, minor }
    }

    /// The oldest release whose rules are known: 1.6, the first with auto-converge.
    pub const OLDEST: Version = Version::new(1, 6);
    /// The newest release whose rules are known.
    pub const NEWEST: Version = Version::new(11, 1);

    /// The known release whose rules are nearest to those of the release in a text such as `11.1.3`, and whether it is that
    /// release: of one that is newer than all known ones, the newest. None for what is no release, or older than all.
    pub fn nearest(text: &str) -> Option<(Version, bool)> {
        if let Ok(known) = text.parse() {
            return Some((known, true));
        }
        let mut numbers = text.split('.').map(str::parse::<u8>);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return None };
        let is_newer = numbers.all(|number| number.is_ok()) && Version::new(major, minor) > Version::NEWEST;
        is_newer.then_some((Version::NEWEST, false))
    }

    /// All known releases, oldest first.
    pub fn all() -> impl Iterator<Item = Version> {
        RELEASES.iter().flat_map(|&(major, minors)| minors.iter().map(move |&minor| Version { major, minor }))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not a known QEMU release.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a QEMU release between {oldest} and {newest}", oldest = Version::OLDEST, newest = Version::NEWEST)]
pub struct UnknownVersion(String);

impl FromStr for Version {
    type Err = UnknownVersion;

    /// Reads `8.2` or, with a patch level that changes no rule, `8.2.1`.
    fn from_str(text: &str) -> Result<Version, UnknownVersion> {
        let unknown = || UnknownVersion(text.to_owned());
        let mut parts = text.split('.').map(str::parse::<u8>);
        let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return Err(unknown()) };
        if !matches!((parts.next(), parts.next()), (None | Some(Ok(_)), None)) {
            return Err(unknown());
        }
        Version::all().find(|v| *v == Version { major, minor }).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_releases_and_refuses_others() {
        for (text, known) in [
            ("1.6", true),
            ("10.2", true),
            ("11.1.3", true),
            ("11.2", false),
            ("8.2.1", true),
            ("1.5", false),
            ("3.2", false),
            ("8", false),
            ("8.x", false),
        ] {
            assert_eq!(text.parse::<Version>().is_ok(), known, "{text}");
        }
        assert!(Version::new(2, 10) > Version::new(2, 9), "numbers, not text");
    }

    #[test]
    fn a_release_that_is_newer_than_all_has_the_rules_of_the_newest() {
        for (text, nearest) in [
            ("11.1.3", Some((Version::NEWEST, true))),
            ("11.1.50", Some((Version::NEWEST, true))),
            ("11.2", Some((Version::NEWEST, false))),
            ("12.0.1", Some((Version::NEWEST, false))),
            ("9.7", None),
            ("1.5", None),
            ("12.x", None),
            ("12", None),
        ] {
            assert_eq!(Version::nearest(text), nearest, "{text}");
        }
    }
}
