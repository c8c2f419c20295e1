//! What was written, before anybody asked what it means: a tree in which every value knows its place.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Source};

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
    fn values(&self) -> usize {
        1 + match &self.value {
            TomlValue::List(list) => list.iter().map(Node::values).sum(),
            TomlValue::Table(table) => table.values(),
            _ => 0,
        }
    }
}

/// A value as it was written. Numbers stay text, so that nothing is rounded before its unit is known.
#[derive(Clone, Debug)]
pub(super) enum TomlValue {
    Text(String),
    Number(String),
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

    /// What it is called in a message.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            TomlValue::Text(_) => "a text",
            TomlValue::Number(_) => "a number",
            TomlValue::Bool(_) => "`true` or `false`",
            TomlValue::Date => "a date",
            TomlValue::List(_) => "a list",
            TomlValue::Table(_) => "a section",
        }
    }
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
