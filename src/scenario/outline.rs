//! What the readers of the sections ask for, noted while they read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::shape;

/// The keys of every section that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    /// By the path that leads to a section, with a dot behind each key: `guest.workload.0.`.
    sections: BTreeMap<String, Keys>,
    /// The unit of the number at each key that holds one, by its whole path; `words` where there is none.
    units: BTreeMap<String, &'static str>,
}

/// The keys of one section.
#[derive(Clone, Debug, Default)]
struct Keys {
    shapes: BTreeMap<String, KeyShape>,
    required: BTreeSet<String>,
    /// What stands at keys that it does not know by name; `None` where there may be no others.
    others: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
enum KeyShape {
    /// Looked at by somebody who does not say what he expects.
    Unknown,
    Value(Value),
    Section,
    Sections,
}

impl Outline {
    fn put(&mut self, section: &str, key: &str, shape: KeyShape) {
        let keys = self.sections.entry(section.to_owned()).or_default();
        let kept = keys.shapes.entry(key.to_owned()).or_insert(KeyShape::Unknown);
        // Some keys are asked for twice: who says first what he expects knows best.
        if *kept == KeyShape::Unknown {
            *kept = shape;
        }
    }

    /// Notes a key whose value somebody looks at.
    pub(super) fn look(&mut self, section: &str, key: &str) {
        self.put(section, key, KeyShape::Unknown);
    }

    /// Notes a key and what may stand there.
    pub(super) fn value(&mut self, section: &str, key: &str, shape: Value) {
        self.put(section, key, KeyShape::Value(shape));
    }

    /// Notes what the number at a key counts. Who says so first knows best.
    pub(super) fn unit(&mut self, section: &str, key: &str, unit: &'static str) {
        self.units.entry(format!("{section}{key}")).or_insert(unit);
    }

    /// Every key that somebody reads a value from, with its unit.
    pub(super) fn into_units(self) -> BTreeMap<String, &'static str> {
        self.units
    }

    /// Every key that holds a value, with whether that may be a number; `None` where nobody says what may stand there.
    #[cfg(test)]
    pub(super) fn keys(&self) -> Vec<(String, Option<bool>)> {
        let takes = |shape: &KeyShape| match shape {
            KeyShape::Unknown => Some(None),
            KeyShape::Value(value) => Some(Some(shape::takes_number(value))),
            KeyShape::Section | KeyShape::Sections => None,
        };
        let of_section = |(section, keys): (&String, &Keys)| {
            let keys = keys.shapes.iter().filter_map(|(key, shape)| Some((format!("{section}{key}"), takes(shape)?)));
            keys.collect::<Vec<_>>()
        };
        self.sections.iter().flat_map(of_section).collect()
    }

    /// Notes a section, which will be read next.
    pub(super) fn section(&mut self, section: &str, key: &str) {
        self.put(section, key, KeyShape::Section);
    }

    /// Notes a list of sections.
    pub(super) fn sections(&mut self, section: &str, key: &str) {
        self.put(section, key, KeyShape::Sections);
    }

    /// Notes a key that must be there.
    pub(super) fn require(&mut self, section: &str, key: &str) {
        self.sections.entry(section.to_owned()).or_default().required.insert(key.to_owned());
    }

    /// Notes what stands at any other key of a section.
    pub(super) fn others(&mut self, section: &str, shape: Value) {
        self.sections.entry(section.to_owned()).or_default().others = Some(shape);
    }

    /// Forgets a key, which turned out not to belong there.
    pub(super) fn disown(&mut self, section: &str, key: &str) {
        if let Some(keys) = self.sections.get_mut(section) {
            keys.shapes.remove(key);
        }
    }

    /// The words that may stand at a key, if it is a choice.
    pub(super) fn words(&self, section: &str, key: &str) -> Vec<String> {
        let shape = self.sections.get(section).and_then(|keys| keys.shapes.get(key));
        let Some(KeyShape::Value(shape)) = shape else { return Vec::new() };
        let words = shape.get("enum").and_then(Value::as_array).into_iter().flatten();
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Keys that are required in a section.
    pub(super) fn required(&self, section: &str) -> Vec<String> {
        self.sections.get(section).into_iter().flat_map(|keys| keys.required.iter().cloned()).collect()
    }

    /// Takes in what another reading of the same sections asked for. Required is what both required.
    pub(super) fn merge(&mut self, other: Outline) {
        other.units.into_iter().for_each(|(key, unit)| _ = self.units.entry(key).or_insert(unit));
        for (path, theirs) in other.sections {
            match self.sections.get_mut(&path) {
                None => {
                    self.sections.insert(path, theirs);
                }
                Some(ours) => {
                    ours.required.retain(|key| theirs.required.contains(key));
                    ours.others = ours.others.take().or(theirs.others);
                    for (key, theirs) in theirs.shapes {
                        let kept = ours.shapes.entry(key).or_insert(KeyShape::Unknown);
                        match (&mut *kept, theirs) {
                            (KeyShape::Value(ours), KeyShape::Value(theirs)) => {
                                *ours = shape::one_of([ours.clone(), theirs])
                            }
                            (KeyShape::Unknown, theirs) => *kept = theirs,
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    /// What stands at each key of a section; `known` replaces those of some.
    pub(super) fn properties(&self, section: &str, known: &BTreeMap<String, Value>) -> Map<String, Value> {
        let Some(keys) = self.sections.get(section) else { return Map::new() };
        let one = |(key, shape): (&String, &KeyShape)| {
            let (path, first) = (format!("{section}{key}"), format!("{section}{key}.0."));
            let value = match (known.get(&path), shape) {
                (Some(value), _) => value.clone(),
                (None, KeyShape::Unknown) => shape::any(),
                (None, KeyShape::Value(value)) => value.clone(),
                (None, KeyShape::Section) => self.object(&format!("{path}."), known),
                (None, KeyShape::Sections) => json!({ "type": "array", "items": self.object(&first, known) }),
            };
            (key.clone(), value)
        };
        keys.shapes.iter().map(one).collect()
    }

    /// A section as an object with no other keys.
    pub(super) fn object(&self, section: &str, known: &BTreeMap<String, Value>) -> Value {
        let mut object = shape::table(Value::Object(self.properties(section, known)));
        let required = self.required(section);
        if !required.is_empty() {
            object["required"] = json!(required);
        }
        if let Some(others) = self.sections.get(section).and_then(|keys| keys.others.as_ref()) {
            object["additionalProperties"] = others.clone();
        }
        object
    }
}
