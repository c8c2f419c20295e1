//! A text, and what it is as JSON, or as YAML.

use serde_json::Value;

use crate::yaml::{self, YamlError};

/// A text that may be a list of guests.
#[derive(Debug)]
pub struct Document<'t> {
    /// The text.
    pub text: &'t str,
    /// A list of flavors, where one was given.
    pub flavors: Option<&'t str>,
    json: Option<Result<Value, String>>,
}

impl<'t> Document<'t> {
    /// Looks at a text.
    pub fn new(text: &'t str, flavors: Option<&'t str>) -> Document<'t> {
        let head = text.trim_start();
        // A line such as `[guest]` also begins like a list.
        let is_list = head.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', ']']));
        let is_json = head.starts_with('{') || (is_list && !head.starts_with("[]\n["));
        let is_yaml = !is_json && yaml::has_objects(text);
        let json = is_json.then(|| serde_json::from_str(text).map_err(|error| error.to_string()));
        let json = json.or_else(|| is_yaml.then(|| in_one(text).map_err(|error| error.to_string())));
        Document { text, flavors, json }
    }

    /// What it is as JSON.
    pub fn json(&self) -> Option<&Value> {
        self.json.as_ref()?.as_ref().ok()
    }

    /// Why it cannot be read, although it begins as JSON.
    pub fn damage(&self) -> Option<&str> {
        self.json.as_ref()?.as_ref().err().map(String::as_str)
    }

    /// The entries of a list, if it is one of objects.
    pub fn objects(&self) -> Option<&[Value]> {
        let list = self.json()?.as_array()?;
        list.iter().all(Value::is_object).then_some(list)
    }
}

/// The documents of a YAML text, as a list of objects where they are several.
fn in_one(text: &str) -> Result<Value, YamlError> {
    let mut documents = yaml::documents(text)?;
    Ok(match documents.len() {
        1 => documents.remove(0),
        _ => serde_json::json!({ "kind": "List", "items": documents }),
    })
}

/// The text at a path of keys.
pub(super) fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    at(value, path)?.as_str().filter(|text| !text.is_empty())
}

/// The whole number at a path of keys, be it written as a text.
pub(super) fn count(value: &Value, path: &[&str]) -> Option<u64> {
    let value = at(value, path)?;
    let is_whole = |number: &f64| number.fract() == 0.0 && (0.0..1e18).contains(number);
    let number = || value.as_f64().filter(is_whole).map(|number| number as u64);
    value.as_u64().or_else(number).or_else(|| value.as_str()?.trim().parse().ok())
}

/// The value at a path of keys.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}
