//! From texts to a checked [`Scenario`].

use std::path::Path;

use crate::qemu::MigrationOption;

use super::diagnostic::Diagnostic;
use super::faults::Faults;
use super::reader::{Foreign, Section};
use super::tree::Table;
use super::{
    Input, Scenario, at_section, flags, guest_section, limits, link_section, orchestrator_section, qemu_section, syntax,
};

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
    pub fn load(&self) -> Result<Loaded, Vec<Diagnostic>> {
        let mut faults = Faults::default();
        let mut parsed = syntax::file(self.text(), &mut faults);
        faults.incomplete = parsed.is_incomplete();
        let mut table = std::mem::take(&mut parsed.table);
        for (index, flag) in self.sets().iter().enumerate() {
            flags::set(&mut table, flag, index, &mut faults);
        }
        let scenario = read(&table, self.folder(), &mut faults);
        let errors = sorted(parsed.settle(faults.errors));
        match scenario {
            Some(scenario) if errors.is_empty() => Ok(Loaded { scenario, warnings: sorted(faults.warnings) }),
            _ => Err(errors),
        }
    }
}

/// By place: the file first, then the flags.
pub(super) fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by_key(|diagnostic| (diagnostic.source.clone(), diagnostic.span.start));
    diagnostics
}

/// Draws of a link's bandwidth in one run.
const DRAWS: u64 = 1_000_000;

/// Reads every section; `None` only if something was wrong.
pub(super) fn read(table: &Table, folder: &Path, faults: &mut Faults) -> Option<Scenario> {
    // A key that stands outside its section is not missing in it as well.
    faults.incomplete |= table.entries.iter().any(|entry| home(&entry.key).is_some());
    let mut top = Section::root(table, faults);
    let question = top.text("question").map(|found| found.value);
    let guest = guest_section::read(&mut top, folder);
    let link = link_section::read(&mut top, folder);
    let mut qemu = qemu_section::read(&mut top, guest.as_ref().map(|guest| guest.memory.bytes()));
    let above = orchestrator_section::read(&mut top, guest.as_ref(), link.as_ref(), qemu.as_mut(), folder);
    let at = at_section::read(&mut top, qemu.as_ref(), above.layer);
    let limits = limits::read(&mut top);
    if let Some(jitter) = link.as_ref().and_then(|link| link.jitter)
        && limits.time.0 / jitter.every.0.max(1) > DRAWS
    {
        let place = top.place.clone();
        let title = "`link.jitter.every` is too short for `limits.time`";
        let label = format!("more than {DRAWS} draws of the bandwidth");
        top.faults.error(&place, title, label).help("draw less often, or lower the limit");
    }
    top.finish(elsewhere);
    Some(Scenario { question, guest: guest?, link: link?, qemu: qemu?, orchestrator: above.policy, at, limits })
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
    if key == "sweep" {
        return Some(Foreign {
            title: format!("`{key}` is not supported by this version of precopy yet"),
            label: "comes with a later version".to_owned(),
            help: "remove this section".to_owned(),
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
