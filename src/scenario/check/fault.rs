//! What is wrong with a value, by its key.

use std::fmt;

use super::super::key::{Key, KeyNumber, NumberForm};
use crate::qemu::Version;
use crate::units::Bytes;

/// A value of a [`Scenario`](super::super::Scenario) that no migration can have, wherever it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The key of the value, as in the scenario file.
    pub key: String,
    /// What is wrong with it.
    pub why: Wrong,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Wrong {
    /// It is not a number, or has no end.
    NotFinite,
    /// It lies outside what the key takes.
    OutOfRange {
        /// The value.
        value: String,
        /// The least that is possible.
        least: String,
        /// The most that is possible.
        most: String,
    },
    /// It is a list without an entry.
    Empty,
    /// It does not come after the entry before it.
    Unordered,
    /// It is a region that reaches beyond RAM, of which the guest has this much.
    BeyondRam(Bytes),
    /// An order of one's own has no workload that writes; the guest has so many.
    NoWriter(usize),
    /// This release does not have the option, or not this value of it.
    Lacks(Version),
    /// It does not go together with another one.
    Conflict {
        /// The key of the other.
        other: String,
        /// Why not.
        why: &'static str,
    },
}

impl Wrong {
    /// As the fault of a key.
    pub(super) fn of(self, key: impl Into<String>) -> Fault {
        Fault { key: key.into(), why: self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.why {
            Wrong::NotFinite => write!(f, "`{key}` is not a finite number"),
            Wrong::OutOfRange { value, least, most } => {
                write!(f, "`{key}` is {value}, and must be from {least} to {most}")
            }
            Wrong::Empty => write!(f, "`{key}` is empty, and needs an entry at least"),
            Wrong::Unordered => write!(f, "`{key}` is out of order: it must come after the entry before it"),
            Wrong::BeyondRam(memory) => write!(f, "`{key}` reaches beyond RAM, which has {memory}"),
            Wrong::NoWriter(workloads) => {
                write!(
                    f,
                    "`{key}` is no workload that writes, of the {workloads} that the guest has; an order of its own needs one"
                )
            }
            Wrong::Lacks(release) => write!(f, "`{key}` is set to what QEMU {release} does not have"),
            Wrong::Conflict { other, why } => write!(f, "`{key}` and `{other}` do not go together: {why}"),
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

impl InvalidScenario {
    /// An error of these faults, if there are any.
    pub(super) fn unless_empty(faults: Vec<Fault>) -> Result<(), InvalidScenario> {
        if faults.is_empty() { Ok(()) } else { Err(InvalidScenario(faults)) }
    }
}

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
            self.0.push(Wrong::OutOfRange { value, least, most }.of(key()));
        }
    }

    /// A number, which may be none.
    pub(super) fn number(&mut self, value: f64, bounds: (f64, f64), key: impl FnOnce() -> String) {
        match value.is_finite() {
            true => self.within(value, bounds, key),
            false => self.0.push(Wrong::NotFinite.of(key())),
        }
    }

    /// The value of a key.
    pub(super) fn key<T: KeyNumber>(&mut self, key: &Key<NumberForm<T>>, value: T) {
        self.row(key, value, || key.path.to_owned());
    }

    /// The value of a key that stands at another path.
    pub(super) fn row<T: KeyNumber>(&mut self, key: &Key<NumberForm<T>>, value: T, path: impl FnOnce() -> String) {
        match value.is_finite() {
            true => self.within(value, (key.form.least, key.form.most), path),
            false => self.0.push(Wrong::NotFinite.of(path())),
        }
    }

    /// Something that must be so.
    pub(super) fn unless(&mut self, holds: bool, fault: impl FnOnce() -> Fault) {
        if !holds {
            self.0.push(fault());
        }
    }
}
