//! From texts to a checked [`Scenario`].

use std::path::Path;

use crate::qemu::MigrationOption;

use super::diagnostic::Diagnostic;
use super::faults::Faults;
use super::parts::{ScenarioPart, ScenarioParts};
use super::reader::{Foreign, Section};
use super::tree::{Node, Table, TextPlace, TomlValue};
use super::{Input, InvalidInput, Scenario, assumed, flags, sweep_section, syntax, workload_section};

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
        let mut parsed = syntax::file(self.text(), &mut faults);
        faults.incomplete = parsed.is_incomplete();
        let mut table = std::mem::take(&mut parsed.table);
        self.set(&mut table, &mut faults);
        let scenario = read(&table, self.folder(), &mut faults);
        let errors = parsed.settle(faults.errors);
        match scenario {
            Some(scenario) if errors.is_empty() => {
                faults.warnings.sort_by_key(place);
                Ok(Loaded { scenario, warnings: faults.warnings })
            }
            _ => Err(InvalidInput::new(self, sorted(errors))),
        }
    }

    /// The text, number or switch that stands at a path such as `guest.workload.0.rate`, as it was written; `None` if the
    /// key is not there and has its default.
    pub fn value(&self, path: &str) -> Option<String> {
        let mut faults = Faults::default();
        let mut table = syntax::file(self.text(), &mut faults).table;
        self.set(&mut table, &mut faults);
        let mut at = &Node { place: TextPlace::NOWHERE, value: TomlValue::Table(table) };
        for key in path.split('.') {
            at = match &at.value {
                TomlValue::Table(table) => &table.get(key)?.node,
                TomlValue::List(list) => list.get(key.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        match &at.value {
            TomlValue::Text(text) | TomlValue::Number(text) => Some(text.clone()),
            TomlValue::Bool(on) => Some(on.to_string()),
            TomlValue::Date | TomlValue::List(_) | TomlValue::Table(_) => None,
        }
    }

    /// Lays the `--set` flags over what the file says.
    pub(super) fn set(&self, table: &mut Table, faults: &mut Faults) {
        for (index, flag) in self.sets().iter().enumerate() {
            flags::set(table, flag, index, faults);
        }
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
    // The readers know the place of what is wrong, so that this finds nothing that they have not complained about.
    if faults.errors.is_empty() {
        for fault in scenario.faults() {
            faults.error(&TextPlace::NOWHERE, fault.to_string(), "such a value cannot be simulated");
        }
    }
    Some(Scenario { assumed: assumed::of(table, &scenario, parts.orchestrator_sets_bandwidth()), ..scenario })
}

/// Keys that are known, but not here or not yet.
pub(super) fn elsewhere(key: &str) -> Option<Foreign> {
    if key == "vm" || key == "scheduler" {
        return Some(Foreign {
            title: format!("`{key}` belongs to a fleet"),
            label: "this is read as the scenario of one guest".to_owned(),
            help: "ask `precopy drain` about it".to_owned(),
        });
    }
    home(key).map(|section| Foreign {
        title: format!("`{key}` stands outside its section"),
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
