//! What may stand at a key, as a piece of a JSON schema (draft 7, which editors of TOML know best).

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::units::parse::Quantity;
use crate::units::{Pages, Share};

/// Anything.
pub(super) fn any() -> Value {
    json!({})
}

/// A text.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A list of texts.
pub(super) fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

/// A text, or a number taken as text.
pub(super) fn word() -> Value {
    json!({ "type": ["string", "number"] })
}

/// A switch.
pub(super) fn switch() -> Value {
    json!({ "type": "boolean" })
}

/// One word of a few; a word that is a number may stand without quotes.
pub(super) fn choice<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    let spellings = |word: &str| {
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        [Some(json!(word)), number.map(|number| json!(number))]
    };
    json!({ "enum": words.into_iter().flat_map(spellings).flatten().collect::<Vec<_>>() })
}

/// A number, with or without quotes.
pub(super) fn number(range: &RangeInclusive<f64>) -> Value {
    let quoted = pattern(r"^[-+]?(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?$");
    one_of([json!({ "type": "number", "minimum": range.start(), "maximum": range.end() }), quoted])
}

/// A whole number, with or without quotes.
pub(super) fn count(range: &RangeInclusive<u32>) -> Value {
    let quoted = pattern(r"^\+?[0-9]+$");
    one_of([json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() }), quoted])
}

/// A number with a unit; where there is a unit for numbers without one, that may be left out, and a zero never needs
/// one. The signs of a number are not checked one by one.
pub(super) fn quantity<Q: Quantity>(has_bare: bool) -> Value {
    let names = Q::UNITS.iter().map(|unit| unit.0).chain(Q::ALIASES.iter().map(|alias| alias.0));
    let units = names.collect::<Vec<_>>().join("|");
    let amount = "[-+]?[0-9](?:[0-9._]|[eE][-+]?[0-9])*";
    let optional = if has_bare { "?" } else { "" };
    let zero = r"[-+]?0+(?:\.0+)?(?:[eE][-+]?[0-9]+)?";
    let pattern = format!(r"^\s*(?:{zero}|(?:{amount}\s*(?:{units}){optional}\s*)+)\s*$");
    let bare = if has_bare { json!({ "type": "number" }) } else { json!({ "const": 0 }) };
    one_of([json!({ "type": "string", "pattern": pattern }), bare])
}

/// A whole percentage.
pub(super) fn percent(range: &RangeInclusive<u8>) -> Value {
    let quoted = pattern(r"^\s*\+?[0-9_]+(?:\.0+)?\s*%?\s*$");
    one_of([json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() }), quoted])
}

/// A part of something, as a share or as a size.
pub(super) fn part() -> Value {
    one_of([quantity::<Share>(true), quantity::<Pages>(false)])
}

/// A list of at least one pair.
pub(super) fn pairs(first: Value, second: Value) -> Value {
    let pair = json!({
        "type": "array", "items": [first, second], "additionalItems": false, "minItems": 2
    });
    json!({ "type": "array", "minItems": 1, "items": pair })
}

/// The name of a CSV file.
pub(super) fn csv() -> Value {
    json!({ "type": "string", "pattern": r"\.[cC][sS][vV]$" })
}

/// A text of that pattern.
pub(super) fn pattern(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

/// A table with keys and what stands at each, and no others.
pub(super) fn table(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// One shape or another. Those that are alternatives themselves are taken apart.
pub(super) fn one_of(shapes: impl IntoIterator<Item = Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for shape in shapes {
        let pieces = match shape.get("anyOf").and_then(Value::as_array) {
            Some(pieces) => pieces.clone(),
            None => vec![shape],
        };
        for piece in pieces {
            if !all.contains(&piece) {
                all.push(piece);
            }
        }
    }
    if all.len() == 1 { all.remove(0) } else { json!({ "anyOf": all }) }
}

/// Whether a number may stand there, or one of its entries be one. A text that may look like a number is none.
#[cfg(test)]
pub(super) fn takes_number(shape: &Value) -> bool {
    let is_number = matches!(shape["type"].as_str(), Some("number" | "integer")) || shape["const"].is_number();
    let mut deeper = ["anyOf", "items"].into_iter().filter_map(|key| shape[key].as_array()).flatten();
    is_number || shape["items"].is_object() && takes_number(&shape["items"]) || deeper.any(takes_number)
}
