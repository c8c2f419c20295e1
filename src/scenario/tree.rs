//! What was written, before anybody asked what it means: a tree in which every value knows its place.

use std::borrow::Cow;
use std::ops::Range;

use super::diagnostic::{Diagnostic, Source};
use crate::units::parse::{self, ParseError, Quantity};

/// A place in one of the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextPlace {
    /// Which text.
    pub source: Source,
    /// Bytes of that text.
    pub span: Range<usize>,
}

impl TextPlace {
    /// The whole file, where nothing in it is to be pointed at.
    pub(super) const NOWHERE: TextPlace = TextPlace { source: Source::File, span: 0..0 };

    /// Whether a fault was found here.
    pub(super) fn is_that_of(&self, fault: &Diagnostic) -> bool {
        self.source == fault.source && self.span == fault.span
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub place: TextPlace,
    pub value: TomlValue,
}

impl Node {
    /// Moves it to another place, and all that is in it.
    pub(super) fn put_at(&mut self, place: &TextPlace) {
        self.place = place.clone();
        match &mut self.value {
            TomlValue::List(list) => list.iter_mut().for_each(|node| node.put_at(place)),
            TomlValue::Table(table) => table.entries.iter_mut().for_each(|entry| entry.node.put_at(place)),
            TomlValue::Text(_)
            | TomlValue::Number(_)
            | TomlValue::Amount(..)
            | TomlValue::Bool(_)
            | TomlValue::Date => {}
        }
    }

    fn values(&self) -> usize {
        1 + match &self.value {
            TomlValue::List(list) => list.iter().map(Node::values).sum(),
            TomlValue::Table(table) => table.values(),
            _ => 0,
        }
    }
}

/// A value as it was written, or as a study sets it. Numbers of a text stay text, so that nothing is rounded before its unit
/// is known.
#[derive(Clone, Debug)]
pub(super) enum TomlValue {
    Text(String),
    Number(String),
    /// An amount with its unit; a plain number, if that is empty.
    Amount(f64, Cow<'static, str>),
    Bool(bool),
    Date,
    List(Vec<Node>),
    Table(Table),
}

impl TomlValue {
    /// Whether it is that number, as it was written.
    pub(super) fn is_number(&self, number: &str) -> bool {
        matches!(self, TomlValue::Number(text) | TomlValue::Text(text) if text == number)
    }

    /// The quantity that it is, and whether it has no unit of its own; `None` if it can be none.
    pub(super) fn quantity<Q: Quantity>(&self, bare: Option<&str>) -> Option<Result<(Q, bool), ParseError>> {
        match self {
            TomlValue::Text(text) | TomlValue::Number(text) => {
                Some(parse::parse(text, bare).map(|value| (value, parse::is_bare(text))))
            }
            TomlValue::Amount(amount, unit) => {
                Some(parse::of(*amount, unit, bare).map(|value| (value, unit.is_empty())))
            }
            TomlValue::Bool(_) | TomlValue::Date | TomlValue::List(_) | TomlValue::Table(_) => None,
        }
    }

    /// The plain number that it is, as it is written; `None` if it can be none.
    pub(super) fn digits(&self) -> Option<Cow<'_, str>> {
        match self {
            TomlValue::Text(text) | TomlValue::Number(text) => Some(Cow::Borrowed(text)),
            TomlValue::Amount(amount, unit) if unit.is_empty() => Some(Cow::Owned(parse::decimal(*amount))),
            _ => None,
        }
    }

    /// It as it would stand in a file, without the quotes of a text.
    pub(super) fn words(&self) -> String {
        match self {
            TomlValue::Text(text) | TomlValue::Number(text) => text.clone(),
            TomlValue::Amount(amount, unit) => {
                let space = if unit.is_empty() { "" } else { " " };
                format!("{}{space}{unit}", parse::decimal(*amount))
            }
            TomlValue::Bool(value) => value.to_string(),
            TomlValue::Date => "date".to_owned(),
            TomlValue::List(list) => list_of(list, TomlValue::words),
            TomlValue::Table(table) => section_of(table, TomlValue::words),
        }
    }

    /// It as it would stand in a file.
    pub(super) fn literal(&self) -> String {
        match self {
            TomlValue::Text(text) => format!("\"{}\"", text.escape_default()),
            TomlValue::Amount(_, unit) if !unit.is_empty() => format!("\"{}\"", self.words()),
            TomlValue::List(list) => list_of(list, TomlValue::literal),
            TomlValue::Table(table) => section_of(table, TomlValue::literal),
            value => value.words(),
        }
    }

    /// What it is called in a message.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            TomlValue::Text(_) => "a text",
            TomlValue::Number(_) | TomlValue::Amount(..) => "a number",
            TomlValue::Bool(_) => "`true` or `false`",
            TomlValue::Date => "a date",
            TomlValue::List(_) => "a list",
            TomlValue::Table(_) => "a section",
        }
    }
}

/// A list as a file has it, each value in it as `each` writes it.
fn list_of(list: &[Node], each: fn(&TomlValue) -> String) -> String {
    format!("[{}]", list.iter().map(|node| each(&node.value)).collect::<Vec<_>>().join(", "))
}

/// A section on one line, each value in it as `each` writes it.
fn section_of(table: &Table, each: fn(&TomlValue) -> String) -> String {
    let entries = table.entries.iter().map(|entry| format!("{} = {}", entry.key, each(&entry.node.value)));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

/// Keys and their values, in no particular order.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    /// Where the key stands.
    pub place: TextPlace,
    pub node: Node,
}

impl Table {
    /// How many values it holds, those of its lists and sections included.
    pub(super) fn values(&self) -> usize {
        self.entries.iter().map(|entry| entry.node.values()).sum()
    }

    /// The entry of that key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Puts an entry in, in the place of an earlier one with the same key.
    pub(super) fn put(&mut self, entry: Entry) -> &mut Entry {
        let index = match self.entries.iter().position(|old| old.key == entry.key) {
            Some(index) => {
                self.entries[index] = entry;
                index
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        &mut self.entries[index]
    }
}
