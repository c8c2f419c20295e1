//! What was written, before anybody asked what it means: a tree in which every value knows its place.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Source};

/// A place in one of the texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which text.
    pub source: Source,
    /// Bytes of that text.
    pub span: Range<usize>,
}

impl Place {
    /// The whole file, where nothing in it is to be pointed at.
    pub const NOWHERE: Place = Place { source: Source::File, span: 0..0 };

    /// Whether a fault was found here.
    pub fn is_that_of(&self, fault: &Diagnostic) -> bool {
        self.source == fault.source && self.span == fault.span
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

impl Node {
    fn values(&self) -> usize {
        1 + match &self.value {
            Value::List(list) => list.iter().map(Node::values).sum(),
            Value::Table(table) => table.values(),
            _ => 0,
        }
    }
}

/// A value as it was written. Numbers stay text, so that nothing is rounded before its unit is known.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Number(String),
    Bool(bool),
    Date,
    List(Vec<Node>),
    Table(Table),
}

impl Value {
    /// Whether it is that number, as it was written.
    pub fn is_number(&self, number: &str) -> bool {
        matches!(self, Value::Number(text) | Value::Text(text) if text == number)
    }

    /// What it is called in a message.
    pub fn noun(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Number(_) => "a number",
            Value::Bool(_) => "`true` or `false`",
            Value::Date => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
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
    pub place: Place,
    pub node: Node,
}

impl Table {
    /// How many values it holds, those of its lists and sections included.
    pub fn values(&self) -> usize {
        self.entries.iter().map(|entry| entry.node.values()).sum()
    }

    /// The entry of that key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Puts an entry in, in the place of an earlier one with the same key.
    pub fn put(&mut self, entry: Entry) -> &mut Entry {
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
