//! A key that is varied, and the values that it takes.

use super::bundle::{self, Bundles};
use super::faults::{Faults, clip};
use super::figure::Figure;
use super::flags;
use super::tree::{Node, Table, TextPlace, TomlValue};

/// A key of the scenario that is varied.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The key's path, as `--set` takes it.
    pub path: String,
    /// What it takes.
    pub values: Values,
    /// The keys of the path, each with its place.
    pub(super) keys: Vec<(String, TextPlace)>,
    /// As written.
    pub(super) written: WrittenAxis,
    /// What its names stand for, where they are those of bundles.
    pub(super) bundles: Option<Bundles>,
}

/// What a varied key takes.
#[derive(Clone, Debug)]
pub enum Values {
    /// One of these.
    List(Vec<Item>),
    /// Anything between two figures.
    Range {
        /// The one end.
        from: Figure,
        /// The other.
        to: Figure,
        /// On a logarithmic scale.
        log: bool,
        /// Only so many values at equal distances, both ends included.
        steps: Option<u32>,
    },
}

/// One value of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// The number that results show, where all values of the list are numbers of one kind.
    pub figure: Option<Figure>,
    /// The value as words.
    pub words: String,
    pub(super) node: Node,
}

/// A value chosen from an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pick {
    /// Of a list or of a range in steps, from 0; below [`Axis::len`].
    Item(u32),
    /// Of a range, from 0 to 1.
    At(f64),
}

/// A value in a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shown<'a> {
    /// A number in the unit of its column.
    Number(f64),
    /// As it is written.
    Words(&'a str),
}

/// An axis as somebody wrote it.
#[derive(Clone, Debug)]
pub(super) enum WrittenAxis {
    List(Vec<Node>),
    Range(Range),
}

/// A range as somebody wrote it.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub from: Node,
    pub to: Node,
    pub steps: Option<u32>,
    pub log: bool,
    /// All of it.
    pub place: TextPlace,
}

impl Range {
    /// Most steps.
    pub(super) const MOST: u32 = 10_000_000;
    /// So many steps need little memory.
    pub(super) const FEW: u32 = 4096;
}

impl Axis {
    pub(super) fn new(keys: Vec<(String, TextPlace)>, written: WrittenAxis) -> Axis {
        let path = keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(".");
        Axis { path, values: Values::List(Vec::new()), keys, written, bundles: None }
    }

    /// An axis of bundles, which stand at `place`.
    pub(super) fn of_bundles(bundles: Bundles, place: &TextPlace) -> Axis {
        let keys = vec![(bundle::POLICY.to_owned(), place.clone())];
        Axis { bundles: Some(bundles.clone()), ..Axis::new(keys, WrittenAxis::List(bundles.names())) }
    }

    /// Whether `holds` does of the path of a key that it sets.
    pub(super) fn sets(&self, holds: impl Fn(&str) -> bool) -> bool {
        match &self.bundles {
            Some(bundles) => bundles.paths().any(|path| holds(&path)),
            None => holds(&self.path),
        }
    }

    /// Where the axis begins.
    pub(super) fn place(&self) -> &TextPlace {
        &self.keys[0].1
    }

    /// Puts a value in its place.
    pub(super) fn lay(&self, node: Node, table: &mut Table, faults: &mut Faults) {
        match &self.bundles {
            Some(bundles) => bundles.lay(&node, table, faults),
            None => flags::put(table, &self.keys, node, faults),
        }
    }

    /// Works a range of few steps out once, rather than at every point.
    pub(super) fn unfold(&mut self) {
        let Some(steps) = self.len().filter(|steps| *steps <= Range::FEW) else { return };
        let figures: Option<Vec<Figure>> = (0..steps).map(|step| self.figure(Pick::Item(step))).collect();
        let Some(figures) = figures else { return };
        let item = |figure: Figure| Item { figure: Some(figure), words: figure.written(), node: self.node_of(&figure) };
        self.values = Values::List(figures.into_iter().map(item).collect());
    }

    /// How many values there are; `None` for a range without steps.
    pub fn len(&self) -> Option<u32> {
        match &self.values {
            Values::List(items) => Some(items.len() as u32),
            Values::Range { steps, .. } => *steps,
        }
    }

    /// Whether nothing can be picked; an axis has at least one value.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Whether results show numbers for all its values.
    pub fn is_numeric(&self) -> bool {
        match &self.values {
            Values::List(items) => items.iter().all(|item| item.figure.is_some()),
            Values::Range { .. } => true,
        }
    }

    /// The unit of the numbers that results show; `None` where it has none, or names its values by words.
    pub fn unit(&self) -> Option<&'static str> {
        let figure = match &self.values {
            Values::List(items) => items.first().and_then(|item| item.figure),
            Values::Range { from, .. } => Some(*from),
        };
        figure.map(|figure| figure.unit).filter(|unit| self.is_numeric() && !unit.is_empty())
    }

    /// What results show for a value.
    pub fn shown(&self, pick: Pick) -> Shown<'_> {
        match (&self.values, pick) {
            (Values::List(items), Pick::Item(index)) => match &items[index as usize] {
                Item { figure: Some(figure), .. } => Shown::Number(figure.value),
                item => Shown::Words(&item.words),
            },
            _ => Shown::Number(self.figure(pick).map_or(0.0, |figure| figure.value)),
        }
    }

    /// The figure of a value in a range.
    fn figure(&self, pick: Pick) -> Option<Figure> {
        let Values::Range { from, to, log, steps } = &self.values else { return None };
        let at = match (pick, steps) {
            (Pick::At(at), _) => at,
            (Pick::Item(index), Some(steps)) if *steps > 1 => f64::from(index) / f64::from(steps - 1),
            (Pick::Item(_), _) => 0.0,
        };
        Some(Figure::between(from, to, *log, at))
    }

    /// The value that a pick stands for.
    pub(super) fn node(&self, pick: Pick) -> Node {
        match (&self.values, pick, self.figure(pick)) {
            (_, _, Some(figure)) => self.node_of(&figure),
            (Values::List(items), Pick::Item(index), None) => items[index as usize].node.clone(),
            // A share of the way has no meaning in a list; designs do not make such a pick.
            (_, _, None) => self.node(Pick::Item(0)),
        }
    }

    /// A figure as a value at the place of the range.
    pub(super) fn node_of(&self, figure: &Figure) -> Node {
        let place = match &self.written {
            WrittenAxis::Range(range) => range.place.clone(),
            WrittenAxis::List(_) => self.place().clone(),
        };
        Node { place, value: TomlValue::Amount(figure.value, figure.unit.into()) }
    }

    /// The path as complaints and [`Faults::watched`] spell it.
    pub(super) fn watched(&self) -> String {
        clip(&self.path)
    }
}
