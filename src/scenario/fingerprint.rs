//! A number that tells whether two sweeps ask the same.

use super::tree::{Table, TomlValue};

/// FNV-1a over 64 bits: it tells an accident from no change, and is the same on every machine and in every build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(pub u64);

impl Default for Fingerprint {
    fn default() -> Fingerprint {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes in a text, and that it ends here.
    pub(super) fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Takes in all keys and values; their order in the file does not count.
    pub(super) fn table(&mut self, table: &Table) {
        let mut entries: Vec<_> = table.entries.iter().collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        self.text("{");
        for entry in entries {
            self.text(&entry.key);
            self.value(&entry.node.value);
        }
        self.text("}");
    }

    /// Takes in a value.
    pub(super) fn value(&mut self, value: &TomlValue) {
        match value {
            TomlValue::Text(text) | TomlValue::Number(text) => self.text(text),
            TomlValue::Amount(..) => self.text(&value.words()),
            TomlValue::Bool(value) => self.text(if *value { "true" } else { "false" }),
            TomlValue::Date => self.text("date"),
            TomlValue::List(list) => {
                self.text("[");
                list.iter().for_each(|node| self.value(&node.value));
                self.text("]");
            }
            TomlValue::Table(table) => self.table(table),
        }
    }
}
