//! Answers as JSON, without how they were asked for.

use serde_json::Value;

/// The fields of an answer but the command and its files, which differ where the same is asked in other words.
pub fn figures(json: &[u8]) -> Value {
    let mut value: Value = serde_json::from_slice(json).unwrap();
    let apart = ["command", "files", "files_hex", "files_left_out"];
    value.as_object_mut().unwrap().retain(|key, _| !apart.contains(&key.as_str()));
    value
}
