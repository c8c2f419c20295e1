//! Builds the scenarios of many points with as little reading as possible.

use std::sync::OnceLock;

use super::Scenario;
use super::axis::Pick;
use super::faults::Faults;
use super::parts::{ScenarioPart, ScenarioParts};
use super::reader::Section;
use super::template::Template;
use super::tree::Table;

/// Combinations of values for which a part is kept once it has been read.
const KEPT: usize = 4096;

/// A part at given values, or what is wrong there.
type Reading = Result<ScenarioParts, String>;

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
/// A scenario is the same as [`Template::scenario`] reads, but only the parts in which something has changed are read,
/// and those with few combinations of values are read once each.
#[derive(Debug)]
pub struct Builder<'k> {
    kept: &'k Kept<'k>,
    table: Table,
    parts: ScenarioParts,
    /// The values for which each part was read last.
    read: Vec<Option<Vec<Pick>>>,
    wrong: Vec<Option<String>>,
}

impl Template {
    /// Prepares for building.
    pub fn kept(&self) -> Kept<'_> {
        let parts = ScenarioPart::ALL.map(|part| {
            let axes: Vec<usize> =
                (0..self.axes.len()).filter(|axis| part.depends_on(&self.axes[*axis].path)).collect();
            let count = axes.iter().try_fold(1usize, |count, axis| {
                count.checked_mul(self.axes[*axis].len()? as usize).filter(|count| *count <= KEPT)
            });
            let readings = (0..count.unwrap_or(0)).map(|_| OnceLock::new()).collect();
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

impl<'k> Builder<'k> {
    /// A builder beside others, each for a thread of its own.
    pub fn new(kept: &'k Kept<'k>) -> Builder<'k> {
        Builder {
            kept,
            table: kept.template.table.clone(),
            parts: ScenarioParts::default(),
            read: vec![None; kept.parts.len()],
            wrong: vec![None; kept.parts.len()],
        }
    }

    /// The scenario at a point.
    ///
    /// # Errors
    /// The title of the first fault, where the values do not go together.
    pub fn scenario(&mut self, picks: &[Pick]) -> Result<Scenario, String> {
        for (number, kept) in self.kept.parts.iter().enumerate() {
            let now = kept.axes.iter().map(|axis| picks[*axis]);
            if self.read[number].as_ref().is_some_and(|read| now.clone().eq(read.iter().copied())) {
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
            self.wrong[number] = match reading {
                Ok(parts) => {
                    kept.part.copy(parts, &mut self.parts);
                    None
                }
                Err(fault) => Some(fault.clone()),
            };
            self.read[number] = Some(now.collect());
        }
        if let Some(fault) = self.wrong.iter().flatten().next() {
            return Err(fault.clone());
        }
        let mut faults = Faults::default();
        self.parts.scenario(&mut faults).ok_or_else(|| title(&faults))
    }
}

/// Reads one part at the values that it depends on; `before` holds the parts that it needs.
fn read(template: &Template, kept: &KeptPart, picks: &[Pick], table: &mut Table, before: &ScenarioParts) -> Reading {
    let mut faults = Faults::default();
    for axis in &kept.axes {
        template.axes[*axis].lay(template.axes[*axis].node(picks[*axis]), table, &mut faults);
    }
    let mut parts = ScenarioParts::default();
    kept.part.lend(before, &mut parts);
    kept.part.read(&mut Section::root(table, &mut faults), template.folder(), &mut parts);
    if faults.errors.is_empty() { Ok(parts) } else { Err(title(&faults)) }
}

/// What the first fault says.
fn title(faults: &Faults) -> String {
    faults.errors.first().map_or_else(String::new, |fault| fault.title.clone())
}
