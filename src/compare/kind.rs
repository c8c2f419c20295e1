//! Tells the kinds of traces apart by their text.

use serde_json::{Deserializer, Value};

use super::json::{FieldError, JsonNode};
use super::parts::{TraceParts, TraceProblem};
use super::{encoding, guestperf, log, qmp, recording, virsh};
use crate::yaml;

/// Reads a file of any kind: every migration in it.
///
/// One JSON document is a recording of the rig, a guestperf report or a product's own record, which may be YAML; several in
/// a row, or lines of text, are a log.
pub(super) fn read(text: &[u8]) -> Result<Vec<TraceParts>, TraceProblem> {
    let text = encoding::text(text)?;
    let Some(first) = text.trim_start().bytes().next() else { return Err(TraceProblem::Empty) };
    if !b"{[".contains(&first) {
        return if yaml::has_objects(&text) { Ok(log::documents(&yaml::documents(&text)?)?) } else { log::read(&text) };
    }
    let mut documents = Deserializer::from_str(&text).into_iter::<Value>();
    let value = match documents.next().ok_or(TraceProblem::Empty)? {
        Ok(value) => value,
        Err(error) => return Err(in_python(&text).unwrap_or(error.into())),
    };
    if log::is_document(&value) {
        let mut all = vec![value];
        for more in documents {
            all.push(more?);
        }
        return Ok(log::documents(&all)?);
    }
    let rest = &text[documents.byte_offset()..];
    let is_reply = ["return", "status", "component"].iter().any(|key| value.get(key).is_some());
    if is_reply || !rest.trim().is_empty() { log::read(&text) } else { Ok(vec![self::document(&value)?]) }
}

/// An answer that a script printed as its own language shows it.
fn in_python(text: &str) -> Option<TraceProblem> {
    let what = "is an answer as Python prints it; write it with `json.dumps(answer)`, which is JSON";
    let is = text.trim_start().starts_with("{'");
    is.then(|| TraceProblem::Line { line: 1, column: 1, what: what.to_owned() })
}

fn document(value: &Value) -> Result<TraceParts, FieldError> {
    let root = JsonNode::root(value);
    if root.find("progress_history").is_some() {
        return guestperf::read(&root);
    }
    let Some(schema) = root.find("schema") else {
        return Err(FieldError::new(
            "schema",
            "is missing, and there is no `progress_history` of guestperf and no `return` of query-migrate either",
        ));
    };
    match schema.text()? {
        qmp::SCHEMA => qmp::read(&root),
        virsh::SCHEMA => virsh::read(&root),
        recording::SCHEMA => recording::read(value),
        _ => Err(schema.expected(&format!("{}, {} or {}", recording::SCHEMA, qmp::SCHEMA, virsh::SCHEMA))),
    }
}
