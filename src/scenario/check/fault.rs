//! What is wrong with a value, by its key.

use std::fmt;

use crate::qemu::Version;
use crate::units::Bytes;

/// What is wrong with a value of a [`Scenario`](super::super::Scenario), wherever it came from. Keys are those of the
/// scenario file.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The value is not a number, or has no end.
    NotFinite {
        /// Its key.
        key: String,
    },
    /// The value lies outside what the key takes.
    OutOfRange {
        /// Its key.
        key: String,
        /// The value.
        value: String,
        /// The least that is possible.
        least: String,
        /// The most that is possible.
        most: String,
    },
    /// A list without an entry.
    Empty {
        /// Its key.
        key: String,
    },
    /// An entry that does not come after the one before it.
    Unordered {
        /// Its key.
        key: String,
    },
    /// A region that reaches beyond RAM.
    BeyondRam {
        /// The key of the region.
        key: String,
        /// What the guest has.
        memory: Bytes,
    },
    /// An option, or a value of one, that the release does not have.
    Lacks {
        /// Its key.
        key: String,
        /// The release.
        release: Version,
    },
    /// Two values that do not go together.
    Conflict {
        /// The key of the one.
        key: String,
        /// The key of the other.
        other: String,
        /// Why not.
        why: &'static str,
    },
}

impl Fault {
    /// The key whose value is wrong.
    pub fn key(&self) -> &str {
        match self {
            Fault::NotFinite { key }
            | Fault::OutOfRange { key, .. }
            | Fault::Empty { key }
            | Fault::Unordered { key }
            | Fault::BeyondRam { key, .. }
            | Fault::Lacks { key, .. }
            | Fault::Conflict { key, .. } => key,
        }
    }
}

impl Fault {
    /// The fault as one of a guest of a fleet, counted from 0.
    pub(super) fn of_guest(mut self, index: usize) -> Fault {
        let (Fault::NotFinite { key }
        | Fault::OutOfRange { key, .. }
        | Fault::Empty { key }
        | Fault::Unordered { key }
        | Fault::BeyondRam { key, .. }
        | Fault::Lacks { key, .. }
        | Fault::Conflict { key, .. }) = &mut self;
        key.insert_str(0, &format!("vm.{index}."));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotFinite { key } => write!(f, "`{key}` is not a finite number"),
            Fault::OutOfRange { key, value, least, most } => {
                write!(f, "`{key}` is {value}, and must be from {least} to {most}")
            }
            Fault::Empty { key } => write!(f, "`{key}` is empty, and needs an entry at least"),
            Fault::Unordered { key } => write!(f, "`{key}` is out of order: it must come after the entry before it"),
            Fault::BeyondRam { key, memory } => write!(f, "`{key}` reaches beyond RAM, which has {memory}"),
            Fault::Lacks { key, release } => write!(f, "`{key}` is set to what QEMU {release} does not have"),
            Fault::Conflict { key, other, why } => write!(f, "`{key}` and `{other}` do not go together: {why}"),
        }
    }
}

/// A scenario that cannot be run, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct InvalidScenario(pub Vec<Fault>);

impl fmt::Display for InvalidScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const TOLD: usize = 8;
        let faults: Vec<String> = self.0.iter().take(TOLD).map(Fault::to_string).collect();
        f.write_str(&faults.join("; "))?;
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for InvalidScenario {}

/// The faults found so far. Keys are written down only where something is wrong.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<Fault>);

impl Findings {
    /// A value in a unit, within bounds that belong to it.
    pub(super) fn within<T: PartialOrd + fmt::Display>(
        &mut self,
        value: T,
        (least, most): (T, T),
        key: impl FnOnce() -> String,
    ) {
        if !(least <= value && value <= most) {
            let [value, least, most] = [value, least, most].map(|value| value.to_string());
            self.0.push(Fault::OutOfRange { key: key(), value, least, most });
        }
    }

    /// A number, which may be none.
    pub(super) fn number(&mut self, value: f64, bounds: (f64, f64), key: impl FnOnce() -> String) {
        match value.is_finite() {
            true => self.within(value, bounds, key),
            false => self.0.push(Fault::NotFinite { key: key() }),
        }
    }

    /// Something that must be so.
    pub(super) fn unless(&mut self, holds: bool, fault: impl FnOnce() -> Fault) {
        if !holds {
            self.0.push(fault());
        }
    }
}
