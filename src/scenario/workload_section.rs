//! Sections `[[guest.workload]]`: their keys.

use std::path::Path;

use crate::units::{PageRate, Pages, Share, Span, Spread};

use super::faults::{Faults, clip};
use super::measured::{self, MeasuredRow, MeasuredUnit};
use super::order::OrderKeys;
use super::program_size::ProgramSize;
use super::reader::{FoundValue, Section, list};
use super::recorded::RecordedOrder;
use super::tree::{TextPlace, TomlValue};
use super::workload_kind::{Order, WorkloadKind};
use super::{keys, presets, recorded, spread, tree};

/// Most phases of a workload.
const MOST_PHASES: usize = 100;

/// A workload as it was written, before RAM is known.
#[derive(Debug)]
pub(super) struct Draft {
    path: String,
    pub place: TextPlace,
    pub kind: Option<WorkloadKind>,
    /// Length of the region, where given.
    pub region: Option<FoundValue<Pages>>,
    /// Where the region begins, where given.
    pub offset: Option<FoundValue<Pages>>,
    pub rate: Option<PageRate>,
    pub cpu: Option<Share>,
    pub changed: Option<Share>,
    pub catch_up: Option<Span>,
    pub order: OrderKeys,
    /// Order of a trace's writes.
    pub law: Option<Order>,
    /// Points of a curve or rows of a trace, and what a trace's rows hold.
    pub rows: Option<(MeasuredUnit, Vec<MeasuredRow>)>,
    /// What was recorded.
    pub recording: Option<RecordedOrder>,
    /// Pages that one of a curve's stands for, because so many were sampled.
    pub sample_factor: u32,
    /// Factor on what was measured.
    pub scale: f64,
    /// How many times as fast as evenly the pages of a curve's first point are dirtied, where that is said.
    pub steepness: Option<f64>,
    /// What the program does, beside what the preset's did.
    pub size: ProgramSize,
    pub repeat: bool,
    pub phases: Vec<Phase>,
    /// How the lengths of the phases vary.
    pub time_spread: Option<Spread>,
    /// Its points come from a preset, so that nobody here can change them.
    pub is_preset: bool,
    /// The preset that its region comes from, and where that is named.
    pub region_of_preset: Option<FoundValue<String>>,
}

/// A workload that lasts for a while.
#[derive(Debug)]
pub(super) struct Phase {
    /// How long; `None`: until the end.
    pub time: Option<Span>,
    pub draft: Draft,
}

/// Reads one workload and checks what can be checked without knowing the guest.
pub(super) fn read(workload: &mut Section, folder: &Path) -> Draft {
    read_any(workload, folder, false).draft
}

/// Reads a workload that may be one of several phases, its preset's keys included.
fn read_any(workload: &mut Section, folder: &Path, is_phase: bool) -> Phase {
    match with_preset(workload) {
        Some(table) => workload.with(&table, |workload| read_keys(workload, folder, is_phase)),
        None => read_keys(workload, folder, is_phase),
    }
}

/// The section's keys, with those of its preset that it does not give itself.
fn with_preset(workload: &mut Section) -> Option<tree::Table> {
    let name = workload.choice("preset", &presets::names(), &[])?;
    let mut table = presets::table(name.value, &name.place);
    let own = workload.entries();
    // With a `kind` of its own, keys of the preset's kind mean nothing.
    if let Some(TomlValue::Text(kind)) = own.iter().find(|entry| entry.key == "kind").map(|entry| &entry.node.value)
        && let Some((_, kind)) = WorkloadKind::NAMES.iter().find(|(name, _)| name == kind)
    {
        table.entries.retain(|entry| kind.has(&entry.key, None));
    }
    // Points and a file say the same thing.
    if own.iter().any(|entry| entry.key == "file") {
        table.entries.retain(|entry| entry.key != "points");
    }
    for entry in own {
        table.put(entry.clone());
    }
    Some(table)
}

fn read_keys(workload: &mut Section, folder: &Path, is_phase: bool) -> Phase {
    let preset = workload.raw("preset");
    let is_preset =
        preset.is_some_and(|preset| workload.raw("points").is_some_and(|points| points.place == preset.place));
    let kind = keys::KIND.read(workload).map(|found| found.value);
    if preset.is_none() {
        workload.require("kind", "\"uniform\"");
    }
    let law = keys::TRACE_LAW.read(workload).map(|found| found.value);
    let rows = match kind {
        Some(WorkloadKind::Curve) => measured::curve(workload, folder).map(|rows| (MeasuredUnit::DirtiedPages, rows)),
        Some(WorkloadKind::Trace) => measured::trace(workload, folder),
        Some(WorkloadKind::Recording) => None,
        _ => {
            // Known keys all the same: what is wrong is that they stand here.
            workload.raw("points").and(workload.raw("file")).and(None)
        }
    };
    let recording = match kind {
        Some(WorkloadKind::Recording) => recorded::read(workload, folder),
        // A known key all the same.
        _ => workload.raw("instructions").and(None),
    };
    let cpu = keys::CPU.read(workload);
    let rate = keys::RATE.read(workload);
    least_rate(workload, rate.as_ref());
    let region = keys::REGION.read(workload);
    let named = preset.and_then(|preset| Some((preset.value.digits()?.into_owned(), preset.place.clone())));
    let region_of_preset = named
        .filter(|(_, place)| region.as_ref().is_some_and(|region: &FoundValue<Pages>| region.place == *place))
        .map(|(value, place)| FoundValue { value, place, bare: false });
    let draft = Draft {
        path: workload.path(""),
        place: workload.place.clone(),
        kind,
        region,
        offset: if is_phase { None } else { keys::OFFSET.read(workload) },
        rate: rate.map(|found| found.value),
        cpu: cpu.as_ref().map(|cpu| cpu.value),
        changed: keys::CHANGED.read(workload).map(|found| found.value),
        catch_up: keys::CATCH_UP.value(workload),
        order: OrderKeys::read(workload),
        law,
        rows,
        recording,
        sample_factor: keys::SAMPLE_FACTOR.value(workload),
        scale: keys::SCALE.value(workload),
        steepness: keys::STEEPNESS.read(workload).map(|found| found.value),
        size: ProgramSize::read(workload),
        repeat: keys::REPEAT.value(workload),
        phases: phases(workload, folder, kind),
        time_spread: spread::read(workload, "time-spread"),
        is_preset,
        region_of_preset,
    };
    // A time that is wrong is not missing as well.
    let given = |workload: &Section| workload.has("time").then_some(Span(1));
    let time = match is_phase {
        true => keys::PHASE_TIME.read(workload).map(|found| found.value).or_else(|| given(workload)),
        false => None,
    };
    if let Some(kind) = kind {
        belong(workload, kind, law);
        for (key, example) in needed(kind, law) {
            workload.require(key, example);
        }
        if kind == WorkloadKind::Curve && !workload.has("file") {
            workload.require("points", "[[\"100 ms\", \"2000 pages\"], [\"1 s\", \"9000 pages\"]]");
        }
        if let Some(cpu) = cpu.filter(|cpu| kind != WorkloadKind::Idle && cpu.value == Share(0.0)) {
            let title = format!("`{}` is zero", workload.path("cpu"));
            workload
                .faults
                .error(&cpu.place, title, "a writer needs some CPU time")
                .help("how busy the writer is: 100 % if every lost CPU cycle costs writes, less if it has slack");
        }
    }
    workload.finish(|_| None);
    Phase { time, draft }
}

/// Complains of a least rate that is more than the rate.
fn least_rate(workload: &mut Section, rate: Option<&FoundValue<PageRate>>) {
    let least = keys::LEAST_RATE.read(workload);
    if let Some((least, rate)) = least.zip(rate).filter(|(least, rate)| least.value > rate.value) {
        let title = format!("`{}` is more than the rate", workload.path("least-rate"));
        let fault = workload.faults.error(&least.place, title, format!("{}", least.value));
        fault.note(&rate.place, "the rate").help("it is the least rate that explains what was measured");
    }
}

/// Keys that a kind cannot do without, and how to write them.
fn needed(kind: WorkloadKind, law: Option<Order>) -> &'static [(&'static str, &'static str)] {
    match (kind, law) {
        (WorkloadKind::Idle | WorkloadKind::Curve, _) => &[],
        (WorkloadKind::Ordered(Order::HotCold), _) => {
            &[("rate", "\"10000 pages/s\""), ("hot", "\"10 %\""), ("share", "\"90 %\"")]
        }
        (WorkloadKind::Ordered(_), _) => &[("rate", "\"10000 pages/s\"")],
        (WorkloadKind::Trace, Some(Order::HotCold)) => {
            &[("file", "\"trace.csv\""), ("hot", "\"10 %\""), ("share", "\"90 %\"")]
        }
        (WorkloadKind::Trace, _) => &[("file", "\"trace.csv\"")],
        (WorkloadKind::Recording, _) => &[("file", "\"dirty.csv\"")],
        (WorkloadKind::Phases, _) => &[("phase", "[{ time = \"10 s\", kind = \"idle\" }]")],
    }
}

/// Complains about keys that belong to another kind.
fn belong(workload: &mut Section, kind: WorkloadKind, law: Option<Order>) {
    workload.own(|key| kind.has(key, law));
    for entry in workload.entries() {
        if let Some(kinds) = WorkloadKind::having(&entry.key).filter(|_| !kind.has(&entry.key, law)) {
            let path = workload.path(&entry.key);
            let title = format!("`{path}` does not belong to kind `{}`", kind.name());
            let label = format!("only for {}", list(kinds.iter().copied()));
            workload.faults.error(&entry.place, title, label).help("remove it, or choose another `kind`");
        }
    }
}

/// Reads the phases, and checks that each has its time.
fn phases(workload: &mut Section, folder: &Path, kind: Option<WorkloadKind>) -> Vec<Phase> {
    let repeats = matches!(workload.raw("repeat").map(|node| &node.value), Some(TomlValue::Bool(true)));
    let phases = workload.sections("phase", |phase| read_any(phase, folder, true));
    if kind != Some(WorkloadKind::Phases) || !workload.has("phase") {
        return phases;
    }
    if phases.is_empty() || phases.len() > MOST_PHASES {
        let title = format!("`{}` has {} phases", workload.path("phase"), phases.len());
        let place = workload.place.clone();
        workload.faults.error(&place, title, format!("1 to {MOST_PHASES} are possible"));
    }
    for (index, phase) in phases.iter().enumerate() {
        let path = workload.path(&format!("phase.{index}"));
        if phase.draft.kind == Some(WorkloadKind::Phases) {
            let title = format!("`{path}` has phases of its own");
            workload.faults.error(&phase.draft.place, title, "a phase cannot have kind `phases`");
        }
        let may_last = index + 1 == phases.len() && !repeats;
        if phase.time.is_none() && !may_last && !workload.faults.incomplete {
            let why = if repeats { "each phase has a time if they repeat" } else { "only the last phase may go on" };
            workload
                .faults
                .error(&phase.draft.place, format!("`{path}.time` is missing"), why)
                .help("add `time = \"10 s\"`");
        }
    }
    phases
}

/// Warns of each `changed` in a file whose QEMU has no XBZRLE: nothing else looks at it.
pub(super) fn without_xbzrle(file: &tree::Table, faults: &mut Faults) {
    let sections = |table: &tree::Table, key: &str| match table.get(key).map(|entry| &entry.node.value) {
        Some(TomlValue::List(list)) => list.clone(),
        _ => Vec::new(),
    };
    let Some(TomlValue::Table(guest)) = file.get("guest").map(|entry| &entry.node.value) else { return };
    let mut warn = |path: String, node: &tree::Node| {
        let TomlValue::Table(workload) = &node.value else { return };
        if let Some(entry) = workload.get("changed") {
            let title = format!("`{path}.changed` has no effect");
            let label = "`xbzrle` is off, so that pages go whole";
            faults.warn(&entry.place, title, label).help("add `xbzrle = true` to `[qemu]`, or remove this key");
        }
    };
    for (index, node) in sections(guest, "workload").iter().enumerate() {
        let path = format!("guest.workload.{index}");
        if let TomlValue::Table(workload) = &node.value {
            for (index, node) in sections(workload, "phase").iter().enumerate() {
                warn(format!("{path}.phase.{index}"), node);
            }
        }
        warn(path, node);
    }
}

impl Draft {
    /// Whether it needs a place in RAM.
    pub(super) fn writes(&self) -> bool {
        match self.kind {
            Some(WorkloadKind::Idle) => false,
            Some(WorkloadKind::Phases) => self.phases.iter().any(|phase| phase.draft.writes()),
            _ => true,
        }
    }

    /// The path of one of its keys.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// Where to complain about its region: there, at the recording that has it, or at the head of the section.
    pub(super) fn region_place(&self) -> &TextPlace {
        let of_recording = self.recording.as_ref().map(|recorded| &recorded.name.place);
        self.region.as_ref().map(|region| &region.place).or(of_recording).unwrap_or(&self.place)
    }

    /// What complaints call its region: the key that says it, or the recording with as many pages as it has.
    pub(super) fn region_words(&self) -> String {
        match &self.recording {
            Some(RecordedOrder { name, order }) => {
                let region = order.region();
                format!("`{}` with its {region} ({})", clip(&name.value), region.bytes())
            }
            None => format!("`{}`", self.path("region")),
        }
    }

    /// Length of its region, where it or each of its phases says one.
    pub(super) fn wanted_region(&self) -> Option<Pages> {
        let of_phases = || {
            let writing = self.phases.iter().filter(|phase| phase.draft.writes());
            writing.map(|phase| phase.draft.wanted_region()).collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        let recorded = || self.recording.as_ref().map(|recorded| recorded.order.region());
        self.region.as_ref().map(|region| region.value).or_else(recorded).or_else(of_phases)
    }
}
