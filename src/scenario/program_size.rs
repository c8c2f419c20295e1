//! How much a program does and holds, beside the one that a preset was measured with.

use crate::guest::Workload;

use super::faults::Faults;
use super::keys::{self, RATE};
use super::presets::{self, Preset};
use super::reader::Section;
use super::tree::TextPlace;

/// Factors on a preset's rate and region.
#[derive(Clone, Debug)]
pub(super) struct ProgramSize {
    pace: f64,
    stretch: f64,
    /// Where the operations are said.
    place: Option<TextPlace>,
}

impl ProgramSize {
    /// Reads `operations` and `keys`, which a preset gives a meaning.
    pub(super) fn read(workload: &mut Section) -> ProgramSize {
        let operations = keys::OPERATIONS.read(workload);
        let records = keys::RECORDS.read(workload);
        let preset = workload.raw("preset").filter(|_| operations.is_some() || records.is_some());
        let preset = preset.and_then(|node| node.value.digits());
        let preset = preset.and_then(|name| presets::names().into_iter().find(|known| known.0 == name));
        let place = operations.as_ref().map(|found| found.place.clone());
        let pace = operations.and_then(|found| {
            own(workload, "operations", &found.place, preset, |preset| preset.operations).map(|own| found.value.0 / own)
        });
        let stretch = records.and_then(|found| {
            own(workload, "keys", &found.place, preset, |preset| preset.records).map(|own| found.value / own)
        });
        ProgramSize { pace: pace.unwrap_or(1.0), stretch: stretch.unwrap_or(1.0), place }
    }

    /// Whether it follows what somebody counts of the program.
    pub(super) fn is_by_operations(&self) -> bool {
        self.place.is_some()
    }

    /// A preset's writers at this size; `None`, with a fault, if one becomes too fast.
    pub(super) fn of(&self, workloads: Vec<Workload>, faults: &mut Faults) -> Option<Vec<Workload>> {
        let sized = |mut workload: Workload| {
            workload.rate.0 *= self.pace;
            workload.stretched(self.stretch)
        };
        let workloads: Vec<Workload> = workloads.into_iter().map(sized).collect();
        if let Some(place) = self.place.as_ref().filter(|_| workloads.iter().any(|one| one.rate > RATE.form.most)) {
            let title = "so many `operations` make the workload too fast";
            faults.error(place, title, format!("at most {}", RATE.form.most));
            return None;
        }
        Some(workloads)
    }
}

/// What the preset says of itself; `None`, with a fault, where there is no preset or it says nothing.
fn own(
    workload: &mut Section,
    key: &str,
    place: &TextPlace,
    preset: Option<(&str, &Preset)>,
    own: fn(&Preset) -> Option<f64>,
) -> Option<f64> {
    let path = workload.path(key);
    let Some((name, preset)) = preset else {
        let title = format!("`{path}` has no preset");
        let fault = workload.faults.error(place, title, "a preset's own are what it is held against");
        fault.help("give `preset`, or `rate` in place of this");
        return None;
    };
    let found = own(preset);
    if found.is_none() {
        let title = format!("`{path}` cannot be used with preset `{name}`");
        let all = presets::names().into_iter().filter(|(_, preset)| own(preset).is_some()).map(|(name, _)| name);
        let fault = workload.faults.error(place, title, format!("its {key} were not counted"));
        fault.help(format!(
            "these have them: {}; for this one give `guest.rate-factor`",
            all.collect::<Vec<_>>().join(", ")
        ));
    }
    found
}
