//! In which line of a text each value of its YAML or JSON begins.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// Lines by paths such as `/0/spec/0/name`, which begin with the number of the document; empty documents have none.
/// A block of text begins below its `|`. Nothing where the text is no YAML.
pub fn lines(text: &str) -> BTreeMap<String, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let documents: Vec<PlacedLines> = serde_saphyr::from_multiple(text).unwrap_or_default();
    let documents = documents.into_iter().filter(|document| !document.is_null);
    documents.enumerate().flat_map(|(at, document)| document.below(at.to_string())).collect()
}

/// What lies within a value, by its path from there, with its line.
struct PlacedLines {
    is_null: bool,
    within: Vec<(String, usize)>,
}

impl PlacedLines {
    fn of(within: Vec<(String, usize)>) -> PlacedLines {
        PlacedLines { is_null: false, within }
    }

    fn below(self, key: String) -> impl Iterator<Item = (String, usize)> {
        self.within.into_iter().map(move |(path, line)| (format!("/{key}{path}"), line))
    }
}

/// Takes the value at `key` in.
fn take(within: &mut Vec<(String, usize)>, key: &str, value: Spanned<PlacedLines>) {
    within.push((format!("/{key}"), usize::try_from(value.referenced.line()).unwrap_or_default()));
    within.extend(value.value.below(key.to_owned()));
}

impl<'de> Deserialize<'de> for PlacedLines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PlacedLines, D::Error> {
        deserializer.deserialize_any(PlacedLinesVisitor)
    }
}

struct PlacedLinesVisitor;

/// A value with nothing in it.
macro_rules! plain {
    ($($name:ident: $of:ty),+) => {
        $(fn $name<E>(self, _: $of) -> Result<PlacedLines, E> {
            Ok(PlacedLines::of(Vec::new()))
        })+
    };
}

impl<'de> Visitor<'de> for PlacedLinesVisitor {
    type Value = PlacedLines;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<PlacedLines, E> {
        Ok(PlacedLines { is_null: true, within: Vec::new() })
    }

    fn visit_none<E>(self) -> Result<PlacedLines, E> {
        Ok(PlacedLines { is_null: true, within: Vec::new() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PlacedLines, A::Error> {
        let (mut within, mut at) = (Vec::new(), 0);
        while let Some(value) = list.next_element::<Spanned<PlacedLines>>()? {
            take(&mut within, &at.to_string(), value);
            at += 1;
        }
        Ok(PlacedLines::of(within))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PlacedLines, A::Error> {
        let mut within = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Spanned<PlacedLines>>()? {
            take(&mut within, &key, value);
        }
        Ok(PlacedLines::of(within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_its_line() {
        let text = "---\n---\n# a remark\nkind: KubeVirt\nspec:\n  items:\n  - name: a\n    n: 1\n  - {n: 2}\n---\nlast: |\n  a\n";
        let lines = lines(text);
        for (path, line) in [("/0/kind", 4), ("/0/spec/items/0/n", 8), ("/0/spec/items/1/n", 9), ("/1/last", 12)] {
            assert_eq!(lines.get(path), Some(&line), "{path}: {lines:?}");
        }
        assert_eq!(super::lines("{\n\"a\": {\n\"b\": null}}")["/0/a/b"], 3);
        assert!(super::lines("a: [").is_empty());
    }
}
