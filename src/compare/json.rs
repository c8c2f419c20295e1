//! Fields of a JSON document, read one by one so that every complaint can name the field it is about.

use std::ops::RangeInclusive;

use serde_json::Value;

/// A field that is missing or holds something else than expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct FieldError {
    /// Path from the top of the document: `config.guest.mib`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl FieldError {
    /// A complaint about a field.
    pub(super) fn new(field: impl Into<String>, problem: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), problem: problem.into() }
    }
}

/// Largest whole number that a JSON number carries exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value and the path that led to it.
#[derive(Clone, Debug)]
pub(super) struct JsonNode<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> JsonNode<'a> {
    /// The document itself.
    pub(super) fn root(value: &'a Value) -> JsonNode<'a> {
        JsonNode { value, path: String::new() }
    }

    /// A member, if it is there and not null.
    pub(super) fn find(&self, key: &str) -> Option<JsonNode<'a>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(JsonNode { value, path: self.path_of(key) })
    }

    /// A member that must be there.
    pub(super) fn get(&self, key: &str) -> Result<JsonNode<'a>, FieldError> {
        let missing = || FieldError::new(self.path_of(key), "is missing");
        self.find(key).ok_or_else(missing)
    }

    /// The elements of a list.
    pub(super) fn items(&self) -> Result<Vec<JsonNode<'a>>, FieldError> {
        let list = self.values()?.iter().enumerate();
        Ok(list.map(|(i, value)| JsonNode { value, path: format!("{}[{i}]", self.path) }).collect())
    }

    /// The elements of a list, without their paths.
    pub(super) fn values(&self) -> Result<&'a [Value], FieldError> {
        self.value.as_array().map(Vec::as_slice).ok_or_else(|| self.expected("a list"))
    }

    /// The members of an object.
    pub(super) fn members(&self) -> Result<Vec<(&'a str, JsonNode<'a>)>, FieldError> {
        let object = self.value.as_object().ok_or_else(|| self.expected("an object"))?.iter();
        Ok(object.map(|(key, value)| (key.as_str(), JsonNode { value, path: self.path_of(key) })).collect())
    }

    /// A number; libvirt's traces write some as text.
    pub(super) fn number(&self) -> Result<f64, FieldError> {
        let read = match self.value {
            Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        read.filter(|number: &f64| number.is_finite()).ok_or_else(|| self.expected("a number"))
    }

    /// A number within limits.
    pub(super) fn number_in(&self, range: RangeInclusive<f64>) -> Result<f64, FieldError> {
        let number = self.number()?;
        let wanted = || format!("a number from {} to {}", range.start(), range.end());
        if range.contains(&number) { Ok(number) } else { Err(self.expected(&wanted())) }
    }

    /// A whole number from 0 on.
    pub(super) fn whole(&self) -> Result<u64, FieldError> {
        let fits = |number: &f64| number.fract() == 0.0 && (0.0..=EXACT).contains(number);
        let number = self.number().ok().filter(fits);
        number.map(|number| number as u64).ok_or_else(|| self.expected("a whole number"))
    }

    /// A whole number within limits.
    pub(super) fn whole_in(&self, range: RangeInclusive<u64>) -> Result<u64, FieldError> {
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        let number = self.whole().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| self.expected(&wanted()))
    }

    /// True or false.
    pub(super) fn flag(&self) -> Result<bool, FieldError> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// A text.
    pub(super) fn text(&self) -> Result<&'a str, FieldError> {
        self.value.as_str().ok_or_else(|| self.expected("a text"))
    }

    /// Complains about this value.
    pub(super) fn expected(&self, wanted: &str) -> FieldError {
        let found: String = self.value.to_string().chars().take(40).collect();
        self.fault(format!("must be {wanted}, not {found}"))
    }

    /// Complains about this value in other words.
    pub(super) fn fault(&self, problem: impl Into<String>) -> FieldError {
        FieldError::new(&self.path, problem)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// Rows of numbers under named columns, as traces write their samples.
#[derive(Clone, Debug)]
pub(super) struct JsonTable<'a> {
    name: String,
    columns: Vec<&'a str>,
    rows: &'a [Value],
}

impl<'a> JsonTable<'a> {
    /// The table `name`, whose column names stand in `columns`.
    pub(super) fn read(root: &JsonNode<'a>, name: &str, columns: &str) -> Result<JsonTable<'a>, FieldError> {
        let names = root.get(columns)?.items()?;
        let columns = names.iter().map(JsonNode::text).collect::<Result<_, _>>()?;
        Ok(JsonTable { name: name.to_owned(), columns, rows: root.get(name)?.values()? })
    }

    /// One column from top to bottom; `None` where the trace has null.
    pub(super) fn column(&self, column: &str) -> Result<Vec<Option<f64>>, FieldError> {
        let position = self.columns.iter().position(|name| *name == column);
        let place = position.ok_or_else(|| FieldError::new(&self.name, format!("has no column `{column}`")))?;
        self.rows.iter().enumerate().map(|(row, cells)| self.cell(row, cells.get(place), column)).collect()
    }

    fn cell(&self, row: usize, cell: Option<&Value>, column: &str) -> Result<Option<f64>, FieldError> {
        let problem = match cell {
            Some(Value::Null) => return Ok(None),
            Some(value) if value.is_number() => return Ok(value.as_f64()),
            Some(_) => "is not a number",
            None => "is missing",
        };
        Err(FieldError::new(format!("{}[{row}].{column}", self.name), problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn complaints_name_the_field_and_what_was_found() {
        let value = document(r#"{"a": {"b": "x", "n": -1, "null": null, "list": [1, "y"]}}"#);
        let a = JsonNode::root(&value).get("a").unwrap();
        let messages = [
            a.get("c").unwrap_err(),
            a.get("null").unwrap_err(),
            a.get("b").unwrap().number().unwrap_err(),
            a.get("n").unwrap().whole().unwrap_err(),
            a.get("list").unwrap().items().unwrap()[1].flag().unwrap_err(),
        ]
        .map(|error| error.to_string());
        assert_eq!(
            messages,
            [
                "`a.c` is missing",
                "`a.null` is missing",
                "`a.b` must be a number, not \"x\"",
                "`a.n` must be a whole number, not -1",
                "`a.list[1]` must be true or false, not \"y\"",
            ]
        );
    }

    #[test]
    fn numbers_may_be_written_as_text() {
        let value = document(r#"{"mib": "256"}"#);
        assert_eq!(JsonNode::root(&value).get("mib").unwrap().whole(), Ok(256));
    }

    #[test]
    fn a_table_gives_columns_and_names_a_bad_cell() {
        let value = document(r#"{"names": ["t", "x"], "rows": [[0, null], [1, 5], [2, "?"], [3]]}"#);
        let table = JsonTable::read(&JsonNode::root(&value), "rows", "names").unwrap();
        assert_eq!(table.column("t").unwrap(), [Some(0.0), Some(1.0), Some(2.0), Some(3.0)]);
        assert_eq!(table.column("x").unwrap_err().to_string(), "`rows[2].x` is not a number");
        assert_eq!(table.column("y").unwrap_err().to_string(), "`rows` has no column `y`");
    }
}
