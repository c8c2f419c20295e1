//! Builds the scenarios of many points with as little reading as possible.

use std::sync::OnceLock;

use super::Scenario;
use super::axis::Pick;
use super::faults::Faults;
use super::parts::{ScenarioPart, ScenarioParts, go_together};
use super::reader::Section;
use super::template::Template;
use super::tree::Table;
use crate::qemu::Version;
use crate::units::{Bytes, Rate};

/// Combinations of values for which a part is kept once it has been read.
const KEPT: usize = 4096;

/// A part at given values, or what is wrong there.
type Reading = Result<Box<ScenarioParts>, String>;

/// What has been read of a template so far; shared by all that build from it.
#[derive(Debug)]
pub struct Kept<'t> {
    template: &'t Template,
    parts: Vec<KeptPart>,
}

/// A part, with the axes that it depends on.
#[derive(Debug)]
struct KeptPart {
    part: ScenarioPart,
    axes: Vec<usize>,
    /// One for each combination of the axes' values; empty if there are too many.
    readings: Vec<OnceLock<Reading>>,
}

/// Builds scenarios, one point after another.
///
/// A scenario is the same as [`Template::scenario`] reads, but only the parts in which something has changed are set, and
/// those with few combinations of values are understood once each.
#[derive(Debug)]
pub struct Builder<'k> {
    kept: &'k Kept<'k>,
    table: Table,
    /// The last of those parts that others are made from.
    parts: ScenarioParts,
    /// One for each part.
    set: Vec<SetPart>,
    scenario: Scenario,
}

/// What a part of the scenario was set to last.
#[derive(Clone, Debug, Default)]
struct SetPart {
    picks: Option<Vec<Pick>>,
    wrong: Option<String>,
}

impl Template {
    /// Prepares for building.
    pub fn kept(&self) -> Kept<'_> {
        let parts = ScenarioPart::ALL.map(|part| {
            let axes: Vec<usize> = self.axes_of(part).collect();
            let count = axes.iter().try_fold(1usize, |count, axis| {
                count.checked_mul(self.axes[*axis].len()? as usize).filter(|count| *count <= KEPT)
            });
            let mut readings = vec![OnceLock::new(); count.unwrap_or(0)];
            for tried in self.tried.iter().filter(|tried| tried.part == part && axes == [tried.axis]) {
                if let Some(place) = readings.get_mut(tried.item as usize) {
                    *place = OnceLock::from(Ok(tried.parts.clone()));
                }
            }
            KeptPart { part, axes, readings }
        });
        Kept { template: self, parts: parts.into() }
    }
}

impl KeptPart {
    /// Where the reading at these values is kept, if it is.
    fn reading(&self, template: &Template, picks: &[Pick]) -> Option<&OnceLock<Reading>> {
        let index = self.axes.iter().try_fold(0, |index, axis| match picks[*axis] {
            Pick::Item(item) => Some(index * template.axes[*axis].len()? as usize + item as usize),
            Pick::At(_) => None,
        });
        self.readings.get(index?)
    }
}

impl SetPart {
    /// Whether the part depends on the values of `axes` alone and was set to these.
    fn is_at(&self, picks: &[Pick], axes: &[usize]) -> bool {
        self.picks.as_ref().is_some_and(|set| axes.iter().map(|axis| &picks[*axis]).eq(set))
    }

    /// Notes the values that it is set to.
    fn go_to(&mut self, picks: &[Pick], axes: &[usize]) {
        let set = self.picks.get_or_insert_default();
        set.clear();
        set.extend(axes.iter().map(|axis| picks[*axis]));
    }
}

impl<'k> Builder<'k> {
    /// A builder beside others, each for a thread of its own.
    pub fn new(kept: &'k Kept<'k>) -> Builder<'k> {
        Builder {
            kept,
            table: kept.template.table.clone(),
            parts: ScenarioParts::default(),
            set: vec![SetPart::default(); kept.parts.len()],
            // All of its parts are set before anybody sees it.
            scenario: Scenario::new(Bytes(0), Rate(0), Version::NEWEST),
        }
    }

    /// The scenario at a point.
    ///
    /// # Errors
    /// The title of the first fault, where the values do not go together.
    pub fn scenario(&mut self, picks: &[Pick]) -> Result<&Scenario, String> {
        for (number, kept) in self.kept.parts.iter().enumerate() {
            if self.set[number].is_at(picks, &kept.axes) {
                continue;
            }
            // Made from something else, it would be kept as what these values say.
            if self.is_wrong(kept.part.needs()) {
                self.set[number] = SetPart::default();
                continue;
            }
            let mut fresh = || read(self.kept.template, kept, picks, &mut self.table, &self.parts);
            let own;
            let reading = match kept.reading(self.kept.template, picks) {
                Some(place) => place.get_or_init(fresh),
                None => {
                    own = fresh();
                    &own
                }
            };
            if let Ok(parts) = reading {
                kept.part.put(parts, &mut self.scenario);
                if kept.part == ScenarioPart::Above {
                    self.kept.template.rules.put(&mut self.scenario);
                }
                if kept.part.is_needed() {
                    kept.part.copy(parts, &mut self.parts);
                }
            }
            self.set[number].wrong = reading.as_ref().err().cloned();
            self.set[number].go_to(picks, &kept.axes);
        }
        if let Some(fault) = self.set.iter().find_map(|part| part.wrong.as_ref()) {
            return Err(fault.clone());
        }
        if let Some(fault) = self.kept.template.rules.faults(&self.scenario).first() {
            return Err(fault.to_string());
        }
        let mut faults = Faults::default();
        match go_together(&self.scenario.link, &self.scenario.limits, &mut faults) {
            true => Ok(&self.scenario),
            false => Err(title(&faults)),
        }
    }
}

impl Builder<'_> {
    /// Whether one of these parts could not be set.
    fn is_wrong(&self, parts: &[ScenarioPart]) -> bool {
        let of = |part: &ScenarioPart| self.kept.parts.iter().position(|kept| kept.part == *part);
        parts.iter().filter_map(of).any(|number| self.set[number].wrong.is_some() || self.set[number].picks.is_none())
    }
}

/// Reads one part at the values that it depends on; `before` holds the parts that it needs.
fn read(template: &Template, kept: &KeptPart, picks: &[Pick], table: &mut Table, before: &ScenarioParts) -> Reading {
    let mut faults = Faults::default();
    for axis in &kept.axes {
        template.axes[*axis].lay(template.axes[*axis].node(picks[*axis]), table, &mut faults);
    }
    let mut parts = Box::<ScenarioParts>::default();
    kept.part.lend(before, &mut parts);
    kept.part.read(&mut Section::root(table, &mut faults), template.folder(), &mut parts);
    if faults.errors.is_empty() { Ok(parts) } else { Err(title(&faults)) }
}

/// What the first fault says.
fn title(faults: &Faults) -> String {
    faults.errors.first().map_or_else(String::new, |fault| fault.title.clone())
}
