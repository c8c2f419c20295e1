//! Reading results that are JSON: a document of `run`, `sweep` or `drain`, or an object a line.

use serde_json::{Map, Value};

use super::read::TRACE;
use super::row::KnownColumns;
use super::{Cell, Results};
use crate::metrics::METRICS;

impl Results {
    /// Reads JSON: one object or a list of them, one object a line, or the document of `run --repeats` or of `drain`.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn from_json(text: &str) -> Result<Results, String> {
        let mut results = Results::default();
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let value = value.map_err(|error| error.to_string())?;
            if let Some((shared, migrations)) = drained(&value) {
                for migration in migrations {
                    results.add(&shared, migration)?;
                    results.within_bounds()?;
                }
                continue;
            }
            if let Some(what) = foreign(&value) {
                return Err(what.to_owned());
            }
            match value {
                Value::Object(mut object) => match object.remove("runs") {
                    Some(Value::Array(runs)) => {
                        object.retain(|_, value| !value.is_object());
                        for run in runs {
                            results.add(&object, &run)?;
                            results.within_bounds()?;
                        }
                    }
                    // Of a row of a summary, it is how many runs there were.
                    count => {
                        object.extend(count.map(|count| ("runs".to_owned(), count)));
                        results.add(&Map::new(), &Value::Object(object))?;
                    }
                },
                Value::Array(list) => {
                    for item in list {
                        results.add(&Map::new(), &item)?;
                        results.within_bounds()?;
                    }
                }
                other => return Err(no_object(&other)),
            }
            results.within_bounds()?;
        }
        results.places = KnownColumns::of(&results);
        Ok(results)
    }

    /// Adds a row: what all rows of a document share, and its own fields over it.
    fn add(&mut self, shared: &Map<String, Value>, own: &Value) -> Result<(), String> {
        let Value::Object(own) = own else { return Err(no_object(own)) };
        if self.columns.is_empty() {
            self.len = 0;
        }
        let shared = shared.iter().filter(|(name, _)| !own.contains_key(*name));
        for (guess, (name, value)) in shared.chain(own).enumerate() {
            let at = self.place_of(name, guess);
            let column = &mut self.columns[at];
            let other;
            let cell = match value {
                Value::Null => Cell::Empty,
                Value::Number(number) => number.as_f64().map_or(Cell::Empty, Cell::Number),
                Value::String(text) => Cell::among(column.holds_words, text),
                value => {
                    other = value.to_string();
                    Cell::Word(&other)
                }
            };
            column.check(cell, || format!("row {}", self.len + 1))?;
            column.cells.push(cell);
        }
        self.len += 1;
        self.level();
        Ok(())
    }
}

/// Documents that somebody takes for results: what each is, and who reads it. The first key tells.
const FOREIGN: [(&str, &str); 8] = [
    ("progress_history", TRACE),
    ("schema", TRACE),
    ("return", TRACE),
    (
        "measured",
        "it is what `precopy compare --format json` writes, and has no rows of results; `precopy compare` shows it as a table",
    ),
    (
        "migrations",
        "it holds migrations without their outcomes, and has no rows of results; `precopy drain FLEET --format csv` writes some",
    ),
    (
        "schedulers",
        "it is what `precopy drain --scheduler all` writes; with `--format csv` it has a row for each scheduler, which is read here",
    ),
    ("as_is", "it is what `precopy plan --format json` writes, and has no rows of results; `precopy sweep` makes some"),
    (
        "cases",
        "it is a baseline or an answer of `precopy check`, which reads and compares them; `precopy check DIR --a ... --b ... --plot FILE` draws two settings",
    ),
];

/// What the migrations of a drain share, and these; none of another document, or of a drain without any.
fn drained(value: &Value) -> Option<(Map<String, Value>, &[Value])> {
    let migrations = value.get("migrations")?.as_array()?;
    let is_drain = value.get("scheduler").is_some() && migrations.first()?.get("attempt").is_some();
    let shared = value.as_object()?.iter().filter(|(_, value)| !value.is_object() && !value.is_array());
    is_drain.then(|| (shared.map(|(name, value)| (name.clone(), value.clone())).collect(), migrations.as_slice()))
}

/// Says what a document is that holds no results.
fn foreign(value: &Value) -> Option<&'static str> {
    let object = match value {
        Value::Array(list) => list.first()?,
        value => value,
    };
    // A row of results has its verdict or its figures side by side with everything else.
    let is_result = METRICS.iter().any(|metric| object.get(metric.key).is_some());
    FOREIGN.iter().find(|(key, _)| !is_result && object.get(key).is_some()).map(|(_, what)| *what)
}

fn no_object(value: &Value) -> String {
    let shown: String = value.to_string().chars().take(40).collect();
    format!("a result is an object, not `{shown}`")
}
