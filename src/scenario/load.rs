//! From texts to a checked [`Scenario`].

use std::path::Path;

use crate::qemu::MigrationOption;

use super::diagnostic::Diagnostic;
use super::faults::Faults;
use super::parts::{ScenarioPart, ScenarioParts};
use super::reader::{Foreign, Section};
use super::tree::{Table, TextPlace};
use super::{Input, InvalidInput, Scenario, assumed, flags, short_recording, sweep_section, workload_section};

/// A scenario that can be run, and what is odd about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What is most likely not what was meant, sorted by place.
    pub warnings: Vec<Diagnostic>,
}

impl Input {
    /// Understands the texts and checks every value.
    ///
    /// # Errors
    /// All faults at once, sorted by place: those of the file first, then those of the `--set` flags.
    pub fn load(&self) -> Result<Loaded, InvalidInput> {
        let mut faults = Faults::default();
        let parsed = self.parse(&mut faults);
        let scenario = read(&parsed.table, self.folder(), &mut faults);
        loaded(scenario, faults.warnings, parsed.settle(faults.errors))
            .map_err(|errors| InvalidInput::new(self, errors))
    }

    /// Lays the `--set` flags over what the file says.
    pub(super) fn set(&self, table: &mut Table, faults: &mut Faults) {
        for (index, flag) in self.sets().iter().enumerate() {
            flags::set(table, flag, index, faults);
        }
    }
}

/// What was read, with its warnings; or everything that is wrong with it. Both in the order of their places.
pub(super) fn loaded(
    scenario: Option<Scenario>,
    warnings: Vec<Diagnostic>,
    errors: Vec<Diagnostic>,
) -> Result<Loaded, Vec<Diagnostic>> {
    match scenario {
        Some(scenario) if errors.is_empty() => Ok(Loaded { scenario, warnings: sorted(warnings) }),
        _ => Err(sorted(errors)),
    }
}

/// Diagnostics in the order of their places.
pub(super) fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(place);
    diagnostics
}

/// What to sort diagnostics by.
pub(super) fn place(diagnostic: &Diagnostic) -> (super::diagnostic::Source, usize) {
    (diagnostic.source.clone(), diagnostic.span.start)
}

/// Reads every section; `None` only if something was wrong.
pub(super) fn read(table: &Table, folder: &Path, faults: &mut Faults) -> Option<Scenario> {
    // A key that stands outside its section is not missing in it as well; nor is one that each guest of a fleet has.
    faults.incomplete |= table.entries.iter().any(|entry| entry.key == "vm" || home(&entry.key).is_some());
    let mut top = Section::root(table, faults);
    let mut parts = ScenarioParts::default();
    for part in ScenarioPart::ALL {
        part.read(&mut top, folder, &mut parts);
    }
    // Whoever runs the scenario alone does not need its axes, but would want to know that they are wrong.
    sweep_section::read(&mut top);
    if parts.is_without_xbzrle() {
        workload_section::without_xbzrle(table, top.faults);
    }
    top.finish(elsewhere);
    let scenario = parts.scenario(faults)?;
    short_recording::warn(table, &scenario, faults);
    // The readers know the place of what is wrong, so that this finds nothing that they have not complained about.
    if faults.errors.is_empty() {
        for fault in scenario.faults() {
            faults.error(&TextPlace::NOWHERE, fault.to_string(), "such a value cannot be simulated");
        }
    }
    Some(Scenario { assumed: assumed::of(table, &scenario, parts.orchestrator_sets_bandwidth()), ..scenario })
}

/// Sections that only a fleet has.
pub(super) const OF_FLEETS: [&str; 4] = ["vm", "scheduler", "sla", "node"];

/// Keys that are known, but not here or not yet.
pub(super) fn elsewhere(key: &str) -> Option<Foreign> {
    if OF_FLEETS.contains(&key) {
        return Some(Foreign {
            title: format!("`{key}` belongs to a fleet"),
            label: "this is read as the scenario of one guest".to_owned(),
            help: "ask `precopy drain` about it, with `--report FILE` for a page, or `run` and `plan` about one guest by `--vm NAME`".to_owned(),
        });
    }
    home(key).map(|section| Foreign {
        title: format!("`{key}` is outside its section"),
        label: format!("belongs to `{section}`"),
        help: format!("move it below a line `{section}`"),
    })
}

/// The section that a key belongs to.
pub(super) fn home(key: &str) -> Option<&'static str> {
    match key {
        "memory" | "page-size" | "vcpus" | "zero" | "zero-scan" | "fault-cost" => Some("[guest]"),
        "workload" => Some("[[guest.workload]]"),
        "bandwidth" | "latency" => Some("[link]"),
        "version" | "machine-type" | "accel" | "dirty-log" | "dirty-ring-size" => Some("[qemu]"),
        "time" => Some("[limits]"),
        name => MigrationOption::find(name).map(|_| "[qemu]"),
    }
}
