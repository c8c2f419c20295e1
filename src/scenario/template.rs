//! A scenario with some of its keys left open: what `precopy sweep` runs.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::assumed::Assumption;
use super::axis::{Axis, Item, Pick, Values, WrittenAxis};
use super::bundle::Bundles;
use super::design::{Design, Extent};
use super::diagnostic::{Diagnostic, Source};
use super::faults::Faults;
use super::figure::Figure;
use super::fingerprint::Fingerprint;
use super::parts::{ScenarioPart, ScenarioParts, go_together, overlap};
use super::reader::Section;
use super::tree::{Node, Table};
use super::{Input, InvalidInput, OwnRules, Scenario, assumed, load, sweep_section, vary_flag};

/// A scenario with some of its keys left open. Each value that they take has been seen to be right with some value of
/// the others.
#[derive(Clone, Debug)]
pub struct Template {
    /// The keys that are left open, in the order of the file, then of the flags.
    pub axes: Vec<Axis>,
    /// How points are chosen.
    pub design: Design,
    /// How many points; `None` for a grid, where the axes say.
    pub points: Option<u64>,
    /// Runs at each point.
    pub repeats: u32,
    /// What is most likely not what was meant.
    pub warnings: Vec<Diagnostic>,
    /// What no key says at one of the points that were tried, as far as it misleads.
    pub assumed: Vec<Assumption>,
    pub(super) table: Table,
    pub(super) folder: PathBuf,
    pub(super) rules: OwnRules,
    pub(super) tried: Vec<TriedPart>,
    keys: Fingerprint,
    fingerprint: Fingerprint,
}

/// Values of a range in steps that are tried before anything runs; all of a list are.
const TRIED: u32 = 1000;
/// Combinations of the axes' ends by chance that are tried to find one that is right.
const CHANCES: u64 = 64;
/// Keys that are varied.
const MOST_AXES: usize = 256;
/// Values that all axes list, and steps between the ends of ranges that are tried.
const MOST_VALUES: usize = 20_000;
/// After so many faults no further value is tried.
const HOPELESS: usize = 100;

impl Input {
    /// Understands the texts, `[sweep]` and the `--vary` flags among them, and tries every value. What `extent` says
    /// goes before what the file says.
    ///
    /// # Errors
    /// All faults at once. A value that is right with some values of the other axes is no fault: the points at which it
    /// is not are found when they are built.
    pub fn template(&self, extent: Extent) -> Result<Template, InvalidInput> {
        self.read_template(extent).map_err(|faults| InvalidInput::new(self, faults))
    }

    fn read_template(&self, extent: Extent) -> Result<Template, Vec<Diagnostic>> {
        let mut faults = Faults::default();
        let mut parsed = self.parse(&mut faults);
        let mut table = std::mem::take(&mut parsed.table);
        let (axes, of_file) = sweep_section::read(&mut Section::root(&table, &mut faults));
        // What `--set` fixes is not varied.
        let fixed: BTreeSet<&str> = self.sets().iter().filter_map(|set| Some(set.split_once('=')?.0.trim())).collect();
        let mut axes: Vec<Axis> = axes.into_iter().filter(|axis| !fixed.contains(axis.path.as_str())).collect();
        for (index, flag) in self.varies().iter().enumerate() {
            let Some(axis) = vary_flag::read(flag, index, &mut faults) else { continue };
            let of_file = |other: &Axis| other.path == axis.path && other.place().source == Source::File;
            match axes.iter().position(of_file) {
                // The names of some bundles.
                Some(index) if axes[index].bundles.is_some() => {
                    let bundles = axes[index].bundles.take();
                    bundles.iter().for_each(|bundles| bundles.know(&axis.written(), &mut faults));
                    axes[index] = Axis { bundles, ..axis };
                }
                Some(index) => axes[index] = axis,
                None => axes.push(axis),
            }
        }
        not_too_many(&axes, &mut faults);
        axes.truncate(MOST_AXES);
        apart(&axes, &mut faults);
        table.entries.retain(|entry| entry.key != "sweep");
        for axis in &mut axes {
            axis.bundles = axis.bundles.take().map(|bundles| bundles.over(&table, |path| fixed.contains(path)));
        }
        let settled = extent.or(of_file).settled();
        let errors = parsed.settle(faults.errors);
        if !errors.is_empty() {
            return Err(load::sorted(errors));
        }
        let (design, points) = settled.map_err(|fault| vec![*fault])?;
        let repeats = extent.or(of_file).repeats.unwrap_or(1);
        let mut fingerprint = Fingerprint::default();
        fingerprint.table(&table);
        let keys = fingerprint;
        let mut template = Template {
            axes,
            design,
            points,
            repeats,
            warnings: Vec::new(),
            assumed: Vec::new(),
            table,
            folder: self.folder().to_owned(),
            rules: OwnRules::default(),
            tried: Vec::new(),
            keys,
            fingerprint,
        };
        template.settle().map_err(load::sorted)?;
        Ok(template)
    }
}

/// Complains about more keys and values than anybody varies.
fn not_too_many(axes: &[Axis], faults: &mut Faults) {
    if let Some(first) = axes.get(MOST_AXES) {
        let help = "run several sweeps, or vary with `spread` what is only uncertain";
        faults.error(first.place(), format!("more than {MOST_AXES} keys are varied"), "from here on").help(help);
    }
    let counted = axes.iter().scan(0, |count, axis| {
        *count += axis.listed();
        Some((*count, axis))
    });
    if let Some((_, axis)) = { counted }.find(|(count, _)| *count > MOST_VALUES) {
        let help = "a range takes as many steps as you like, as in `key=FROM..TO/STEPS`";
        let title = format!("more than {MOST_VALUES} values are listed");
        faults.error(axis.place(), title, "with those of this key").help(help);
    }
}

/// Complains about keys that are varied twice, or with a key below them.
fn apart(axes: &[Axis], faults: &mut Faults) {
    for (index, axis) in axes.iter().enumerate() {
        if axis.path == "sweep" || axis.path.starts_with("sweep.") {
            faults.error(axis.place(), "a sweep cannot vary itself", "this is how far to go, not where");
        }
        let overlaps = |other: &&Axis| other.sets(|one| axis.sets(|path| overlap(one, path)));
        if let Some(other) = axes[..index].iter().find(overlaps) {
            faults
                .error(axis.place(), format!("`{}` is varied twice", axis.path), "a second time here")
                .note(other.place(), "first here")
                .help("keep one of them");
        }
    }
}

/// A scenario as it was read, or what is wrong with it, and the figures that watched keys took.
type Tried = (Result<Scenario, Vec<Diagnostic>>, Faults);

/// A part that hangs on one axis alone, as it was read when one of the axis's values was tried.
#[derive(Clone, Debug)]
pub(super) struct TriedPart {
    pub axis: usize,
    pub item: u32,
    pub part: ScenarioPart,
    pub parts: Box<ScenarioParts>,
}

/// Values of every axis that are right together.
struct Sound {
    nodes: Vec<Node>,
    /// With the values in it.
    table: Table,
    parts: ScenarioParts,
    scenario: Scenario,
}

impl Template {
    /// A number that two templates share only if their keys say the same, whatever is varied over them.
    pub fn keys(&self) -> u64 {
        self.keys.0
    }

    /// A number that two templates share only if they ask the same of the same files.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint.0
    }

    /// With rules in the place of those that the texts name.
    pub fn ruled_by(self, rules: OwnRules) -> Template {
        Template { rules, ..self }
    }

    /// Reads the whole scenario at a point: the plain way, which [`Builder`](super::Builder) takes apart.
    ///
    /// # Errors
    /// All faults at once.
    pub fn scenario(&self, picks: &[Pick]) -> Result<Scenario, Vec<Diagnostic>> {
        self.read(self.axes.iter().zip(picks).map(|(axis, pick)| axis.node(*pick)).collect()).0
    }

    fn read(&self, nodes: Vec<Node>) -> Tried {
        let mut faults = Faults { watched: self.axes.iter().map(Axis::watched).collect(), ..Faults::default() };
        let table = self.laid(nodes, &mut faults);
        let scenario = load::read(&table, &self.folder, &mut faults);
        let scenario = scenario.map(|scenario| self.rules.over(scenario, &mut faults));
        match scenario {
            Some(scenario) if faults.errors.is_empty() => (Ok(scenario), faults),
            _ => (Err(std::mem::take(&mut faults.errors)), faults),
        }
    }

    /// The keys with a value of each axis among them.
    fn laid(&self, nodes: Vec<Node>, faults: &mut Faults) -> Table {
        let mut table = self.table.clone();
        for (axis, node) in self.axes.iter().zip(nodes) {
            axis.lay(node, &mut table, faults);
        }
        table
    }

    /// The axes on which a part hangs.
    pub(super) fn axes_of(&self, part: ScenarioPart) -> impl Iterator<Item = usize> {
        let has_above = self.has_above();
        (0..self.axes.len()).filter(move |axis| self.axes[*axis].sets(|path| part.depends_on(path, has_above)))
    }

    /// Whether somebody above QEMU may be named.
    fn has_above(&self) -> bool {
        let above = "orchestrator";
        self.table.get(above).is_some() || self.axes.iter().any(|axis| axis.sets(|path| overlap(path, above)))
    }

    /// Finds out what every key makes of its values, and whether each is right.
    fn settle(&mut self) -> Result<(), Vec<Diagnostic>> {
        let written: Vec<Vec<Node>> = self.axes.iter().map(Axis::written).collect();
        // Also of keys that the scenario does not listen to: rows have what was written there.
        written.iter().flatten().for_each(|node| self.fingerprint.value(&node.value));
        let bundles = self.axes.iter().filter_map(|axis| axis.bundles.as_ref());
        bundles.flat_map(Bundles::values).for_each(|value| self.fingerprint.value(&value));
        let mut sound = self.sound(&written)?;
        let mut errors: Vec<Diagnostic> = Vec::new();
        for (index, nodes) in written.iter().enumerate() {
            let mut figures = Vec::new();
            // The ends of a range are among its steps.
            let is_list = matches!(self.axes[index].written, WrittenAxis::List(_));
            for (item, node) in (0..).zip(nodes) {
                if errors.len() >= HOPELESS {
                    break;
                }
                match self.try_one(index, (is_list.then_some(item), node), &mut sound, &written) {
                    Ok(figure) => figures.push(figure),
                    Err(faults) => errors.extend(faults),
                }
            }
            if figures.len() == nodes.len() {
                let is_grid = self.design == Design::Grid;
                match values(&self.axes[index], nodes, figures, is_grid) {
                    Ok(values) => self.axes[index].values = values,
                    Err(fault) => errors.push(*fault),
                }
            }
        }
        if errors.is_empty() {
            self.try_steps(&mut sound, &written, &mut errors);
            self.axes.iter_mut().for_each(Axis::unfold);
        }
        if errors.is_empty() { Ok(()) } else { Err(each_once(errors)) }
    }

    /// Values of every axis that are right together.
    fn sound(&mut self, written: &[Vec<Node>]) -> Result<Sound, Vec<Diagnostic>> {
        let mut wrong = Vec::new();
        for (number, nodes) in corners(written, None).enumerate() {
            let (scenario, mut faults) = self.read(nodes.clone());
            match scenario {
                Ok(scenario) => {
                    self.see(&scenario);
                    faults.warnings.sort_by_key(load::place);
                    self.warnings = faults.warnings;
                    let mut faults = Faults::default();
                    let table = self.laid(nodes.clone(), &mut faults);
                    let mut parts = ScenarioParts::default();
                    let mut top = Section::root(&table, &mut faults);
                    ScenarioPart::ALL.iter().for_each(|part| part.read(&mut top, &self.folder, &mut parts));
                    return Ok(Sound { nodes, table, parts, scenario });
                }
                // All first and all last values: what is wrong with either end of an axis is among their faults.
                Err(errors) if number < 2 => wrong.extend(errors),
                Err(_) => {}
            }
            if wrong.len() >= HOPELESS {
                break;
            }
        }
        Err(each_once(wrong))
    }

    /// The figure that an axis makes of a value, beside sound values of the others or else at some corner.
    fn try_one(
        &mut self,
        index: usize,
        (item, node): (Option<u32>, &Node),
        sound: &mut Sound,
        written: &[Vec<Node>],
    ) -> Result<Option<Figure>, Vec<Diagnostic>> {
        let path = self.axes[index].watched();
        if let Some(taken) = self.try_beside(index, (item, node), sound) {
            return Ok(taken);
        }
        let mut beside_sound = sound.nodes.clone();
        beside_sound[index] = node.clone();
        let mut first = None;
        for nodes in std::iter::once(beside_sound).chain(corners(written, Some((index, node)))) {
            let (scenario, faults) = self.read(nodes);
            match scenario {
                Ok(scenario) => {
                    self.see(&scenario);
                    return Ok(faults.taken.iter().find(|(taken, _)| *taken == path).map(|(_, figure)| *figure));
                }
                Err(errors) => first = first.or(Some(errors)),
            }
        }
        Err(first.unwrap_or_default())
    }

    /// The figure that an axis makes of a value beside sound values of the others: only what hangs on the key is read.
    /// `None`: something is wrong with that.
    fn try_beside(
        &mut self,
        index: usize,
        (item, node): (Option<u32>, &Node),
        sound: &mut Sound,
    ) -> Option<Option<Figure>> {
        let axis = &self.axes[index];
        // A bundle takes back what others have put into the same sections.
        if axis.bundles.is_some() {
            return None;
        }
        let mut faults = Faults { watched: vec![axis.watched()], ..Faults::default() };
        axis.lay(node.clone(), &mut sound.table, &mut faults);
        let has_above = self.has_above();
        let changed = ScenarioPart::ALL.map(|part| Some(part).filter(|part| part.depends_on(&axis.path, has_above)));
        let changed = || changed.iter().flatten();
        let mut parts = ScenarioParts::default();
        ScenarioPart::ALL.iter().filter(|part| part.is_needed()).for_each(|part| part.copy(&sound.parts, &mut parts));
        let mut top = Section::root(&sound.table, &mut faults);
        changed().for_each(|part| part.read(&mut top, &self.folder, &mut parts));
        let scenario = &mut sound.scenario;
        changed().for_each(|part| part.put(&parts, scenario));
        let is_right = faults.errors.is_empty()
            && go_together(&scenario.link, &scenario.limits, &mut faults)
            && scenario.faults().is_empty();
        if is_right {
            scenario.assumed = assumed::of(&sound.table, scenario, parts.orchestrator_sets_bandwidth());
            match faults.taken.first() {
                // A number names no file.
                Some((_, figure)) => {
                    self.fingerprint.text(&figure.written());
                    self.take_assumed(&sound.scenario);
                }
                None => self.see(&sound.scenario),
            }
        }
        changed().for_each(|part| part.put(&sound.parts, &mut sound.scenario));
        let alone = changed().copied().filter(|part| part.needs().is_empty() && self.axes_of(*part).eq([index]));
        let own = |part: ScenarioPart| {
            let mut own = Box::<ScenarioParts>::default();
            part.copy(&parts, &mut own);
            Some(TriedPart { axis: index, item: item.filter(|_| is_right)?, part, parts: own })
        };
        let tried: Vec<TriedPart> = alone.filter_map(own).collect();
        self.tried.extend(tried);
        self.axes[index].lay(sound.nodes[index].clone(), &mut sound.table, &mut faults);
        is_right.then(|| faults.taken.first().map(|(_, figure)| *figure))
    }

    /// Tries what lies between the ends of ranges.
    fn try_steps(&mut self, sound: &mut Sound, written: &[Vec<Node>], errors: &mut Vec<Diagnostic>) {
        let most = TRIED.min((MOST_VALUES / self.axes.len().max(1)) as u32);
        for index in 0..self.axes.len() {
            let Values::Range { steps, .. } = self.axes[index].values else { continue };
            let count = steps.unwrap_or(most);
            let tried = count.min(most);
            for number in 0..tried {
                let at =
                    u64::from(number) * u64::from(count.saturating_sub(1)) / u64::from(tried.saturating_sub(1).max(1));
                let pick = match steps {
                    // At most `count`.
                    Some(_) => Pick::Item(at as u32),
                    None => Pick::At(at as f64 / f64::from(count - 1)),
                };
                let node = self.axes[index].node(pick);
                let item = steps.map(|_| at as u32);
                if let Err(faults) = self.try_one(index, (item, &node), sound, written) {
                    errors.extend(faults);
                    break;
                }
            }
        }
    }

    /// Takes a scenario into the fingerprint, and with it the files that it names.
    fn see(&mut self, scenario: &Scenario) {
        // A scenario is numbers and words in records; it always has a JSON form.
        self.fingerprint.text(&serde_json::to_string(scenario).unwrap_or_default());
        self.take_assumed(scenario);
    }

    fn take_assumed(&mut self, scenario: &Scenario) {
        for new in &scenario.assumed {
            if new.misleads() && !self.assumed.contains(new) {
                self.assumed.push(*new);
            }
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Axis {
    /// How many values its list has.
    fn listed(&self) -> usize {
        match &self.written {
            WrittenAxis::List(nodes) => nodes.len(),
            WrittenAxis::Range(_) => 0,
        }
    }

    /// The values that were written: a list, or the ends of a range.
    fn written(&self) -> Vec<Node> {
        match &self.written {
            WrittenAxis::List(nodes) => nodes.clone(),
            WrittenAxis::Range(range) => vec![range.from.clone(), range.to.clone()],
        }
    }
}

/// Faults once each: many values may meet one and the same.
fn each_once(mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    errors.retain(|error| seen.insert(error.clone()));
    errors
}

/// What an axis takes, from the figures that its key made of what was written.
fn values(axis: &Axis, nodes: &[Node], figures: Vec<Option<Figure>>, is_grid: bool) -> Result<Values, Box<Diagnostic>> {
    let range = match &axis.written {
        WrittenAxis::Range(range) => range,
        WrittenAxis::List(_) => {
            // Bytes and per cent side by side would be numbers of two kinds in one column.
            let unit = figures.first().and_then(|figure| figure.map(|figure| figure.unit));
            let alike = figures.iter().all(|figure| figure.is_some_and(|figure| Some(figure.unit) == unit));
            let items = nodes.iter().zip(figures).map(|(node, figure)| Item {
                figure: figure.filter(|_| alike),
                words: node.value.words(),
                node: node.clone(),
            });
            return Ok(Values::List(items.collect()));
        }
    };
    let fault = |node: &Node, title: &str, label: &str, help: &str| {
        let mut faults = Faults::default();
        faults.error(&node.place, format!("`{}` {title}", axis.path), label).help(help);
        Err(Box::new(faults.errors.remove(0)))
    };
    let whole = Node { place: range.place.clone(), ..range.from.clone() };
    let [Some(from), Some(to)] = figures[..] else {
        return fault(&whole, "is no number", "a range needs numbers", "list the values, as in key=a,b,c");
    };
    if from.unit != to.unit {
        return fault(&whole, "changes its kind", "the ends are numbers of two kinds", "write both in the same unit");
    }
    if range.log && from.value.min(to.value) <= 0.0 {
        let end = if from.value <= to.value { &range.from } else { &range.to };
        return fault(
            end,
            "has no logarithm",
            "a logarithmic scale never reaches zero",
            "begin above zero, or use a linear scale",
        );
    }
    if is_grid && range.steps.is_none() {
        return fault(
            &whole,
            "has no steps",
            "a grid needs their number",
            "add `steps = 20`, or `/20` behind the range; or choose `--points N`",
        );
    }
    Ok(Values::Range { from, to, log: range.log, steps: range.steps.filter(|_| is_grid) })
}

/// Combinations of first and last values, each once: all first, all last, one other than all others, and some by chance;
/// one axis may be held.
fn corners<'a>(written: &'a [Vec<Node>], held: Option<(usize, &'a Node)>) -> impl Iterator<Item = Vec<Node>> + 'a {
    let count = written.len();
    let open: Vec<usize> =
        (0..count).filter(|axis| written[*axis].len() > 1 && held.is_none_or(|(held, _)| held != *axis)).collect();
    let mut seen = HashSet::new();
    let alone = (0..count).flat_map(move |axis| [Corner::But(axis, false), Corner::But(axis, true)]);
    let corners =
        [Corner::All(false), Corner::All(true)].into_iter().chain(alone).chain((0..CHANCES).map(Corner::Chance));
    let is_new =
        move |corner: &Corner| seen.insert(open.iter().map(|axis| corner.is_last(*axis)).collect::<Vec<bool>>());
    corners.filter(is_new).map(move |corner| {
        let end = |(axis, nodes): (usize, &Vec<Node>)| match held {
            Some((index, node)) if index == axis => node.clone(),
            _ => nodes[if corner.is_last(axis) { nodes.len() - 1 } else { 0 }].clone(),
        };
        written.iter().enumerate().map(end).collect()
    })
}

/// Which axes take their last value.
#[derive(Clone, Copy)]
enum Corner {
    All(bool),
    But(usize, bool),
    Chance(u64),
}

impl Corner {
    fn is_last(self, axis: usize) -> bool {
        match self {
            Corner::All(last) => last,
            Corner::But(other, last) => last != (axis == other),
            // Any even spread of bits will do.
            Corner::Chance(number) => {
                (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_mul(axis as u64 * 2 + 1) >> 62 & 1 == 1
            }
        }
    }
}
