//! Tells the kinds of traces apart by their text.

use serde_json::{Deserializer, Value};

use super::json::{FieldError, JsonNode};
use super::parts::{TraceParts, TraceProblem};
use super::{guestperf, log, qmp, recording, virsh};

/// Reads a trace of any kind.
///
/// One JSON document is a recording of the rig or a guestperf report; several in a row, or lines of text, are a log.
pub(super) fn read(text: &[u8]) -> Result<TraceParts, TraceProblem> {
    let first = text.trim_ascii_start().first().copied();
    if first.is_some_and(|byte| !b"{[".contains(&byte)) {
        return log::read(text);
    }
    let mut documents = Deserializer::from_slice(text).into_iter::<Value>();
    let Some(document) = documents.next() else { return Ok(document(&serde_json::from_slice(text)?)?) };
    let value = document?;
    let rest = &text[documents.byte_offset()..];
    let is_reply = value.get("return").is_some() || value.get("status").is_some();
    if is_reply || !rest.trim_ascii().is_empty() { log::read(text) } else { Ok(self::document(&value)?) }
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
