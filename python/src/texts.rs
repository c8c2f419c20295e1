//! A scenario as Python gives it: the path of a file, a dict of sections, or a text.

use std::path::{Path, PathBuf};

use precopy::scenario::{Input, orchestrator_set};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::complaint;

/// What complaints call a dict.
const DICT: &str = "the dict, as TOML";

/// The texts of a scenario or a fleet with values laid over it, each as `--set` takes it.
pub(crate) fn open(given: &Bound<'_, PyAny>, orchestrator: Option<PathBuf>, sets: &[String]) -> PyResult<Input> {
    let dict = given.cast::<PyDict>().ok();
    let path: PathBuf = match dict {
        Some(_) => PathBuf::new(),
        None => given.extract().map_err(|_| {
            let kind = given.get_type().name().map_or_else(|_| String::new(), |name| format!(", not {name}"));
            complaint::input(format!("a scenario is the path of a file, a dict or a Scenario{kind}"))
        })?,
    };
    let over = orchestrator.map(|named| orchestrator_set(&path, &named));
    let sets: Vec<String> = over.into_iter().chain(sets.iter().cloned()).collect();
    let input = match dict {
        Some(dict) => Input::new(DICT, &text(dict)?, &sets),
        None => Input::from_file(&path, &sets),
    };
    input.map_err(|error| complaint::input(error.to_string()))
}

/// The name under which results speak of it.
pub(crate) fn name(given: &Bound<'_, PyAny>) -> String {
    let path: Option<PathBuf> = given.extract().ok();
    path.map_or_else(|| "dict".to_owned(), |path| precopy::plot::chart::name(Path::new(&path)))
}

/// A dict of sections as TOML.
pub(crate) fn text(dict: &Bound<'_, PyDict>) -> PyResult<String> {
    let table = table(dict, "")?;
    toml::to_string(&table).map_err(|error| complaint::input(format!("{DICT}: {error}")))
}

fn table(dict: &Bound<'_, PyDict>, path: &str) -> PyResult<toml::Table> {
    let mut table = toml::Table::new();
    for (key, value) in dict {
        let key: String = key.extract().map_err(|_| {
            complaint::input(format!("a key of {} is no text: {key}", if path.is_empty() { "the dict" } else { path }))
        })?;
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        table.insert(key, self::value(&value, &path)?);
    }
    Ok(table)
}

/// A value of a dict; numbers of numpy and the like count as what they turn into.
fn value(given: &Bound<'_, PyAny>, path: &str) -> PyResult<toml::Value> {
    if let Ok(dict) = given.cast::<PyDict>() {
        return Ok(toml::Value::Table(table(dict, path)?));
    }
    if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        let each = given.try_iter()?.enumerate().map(|(at, item)| value(&item?, &format!("{path}.{at}")));
        return Ok(toml::Value::Array(each.collect::<PyResult<_>>()?));
    }
    if given.is_instance_of::<PyString>() {
        return Ok(toml::Value::String(given.extract()?));
    }
    if given.is_instance_of::<PyBool>() {
        return Ok(toml::Value::Boolean(given.extract()?));
    }
    if given.is_instance_of::<PyInt>() || given.hasattr("__index__")? {
        let number = given.extract();
        return number
            .map(toml::Value::Integer)
            .map_err(|_| complaint::input(format!("`{path}` is larger than any number of a scenario")));
    }
    if given.is_instance_of::<PyFloat>() || given.hasattr("__float__")? {
        return Ok(toml::Value::Float(given.extract()?));
    }
    let kind = given.get_type().name()?.to_string();
    let words = match kind.as_str() {
        "NoneType" => "is None; leave the key out".to_owned(),
        _ => format!("is of the type {kind}; give text, a number, a bool, a list or a dict"),
    };
    Err(complaint::input(format!("`{path}` {words}")))
}
