//! Values of a line: words, texts in quotes, what stands between brackets.

use serde_json::{Map, Number, Value};

use super::{DEPTH, YamlError};

/// Whether what a quote or a bracket opens is closed.
pub(super) fn is_closed(text: &str) -> bool {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for c in text.chars() {
        match (quote, c) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), c) if c == open && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = false;
    }
    depth == 0 && quote.is_none()
}

/// A single value without brackets.
pub(super) fn scalar(text: &str, line: usize) -> Result<Value, YamlError> {
    let error = |why: &str| YamlError { line, why: why.to_owned() };
    let text = text.trim();
    match text.chars().next() {
        Some('"') => {
            let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| text.len() > 1);
            let inner = inner.ok_or_else(|| error("has a quote that is not closed"))?;
            // The escapes that tools write are those of JSON.
            let read = serde_json::from_str(&format!("\"{}\"", inner.replace('\t', "\\t")));
            return read.map_err(|_| error("has an escape in quotes that is not read here"));
        }
        Some('\'') => {
            let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|_| text.len() > 1);
            let inner = inner.ok_or_else(|| error("has a quote that is not closed"))?;
            return Ok(Value::String(inner.replace("''", "'")));
        }
        Some('&' | '*' | '!' | '`' | '@') => {
            return Err(error("has an anchor, an alias or a tag, which are not read here; write the value out"));
        }
        _ => {}
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(|| Value::String(text.to_owned()), Value::Number),
    })
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // `0100` and `1_000` are texts to most who read them, and so is `1e3`, a name as often as a number.
    let is_plain =
        digits.bytes().all(|c| c.is_ascii_digit() || c == b'.') && digits.starts_with(|c: char| c.is_ascii_digit());
    if !is_plain || (digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.")) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A value between brackets, or in them.
pub(super) fn flow(rest: &mut &str, line: usize, depth: usize) -> Result<Value, YamlError> {
    let error = |why: &str| YamlError { line, why: why.to_owned() };
    if depth > DEPTH {
        return Err(error("is nested too deep"));
    }
    *rest = rest.trim_start();
    let take = |rest: &mut &str, c: char| {
        *rest = rest.trim_start();
        let found = rest.strip_prefix(c);
        *rest = found.unwrap_or(rest);
        found.is_some()
    };
    if take(rest, '[') {
        let mut items = Vec::new();
        while !take(rest, ']') {
            items.push(flow(rest, line, depth + 1)?);
            if !take(rest, ',') && !rest.trim_start().starts_with(']') {
                return Err(error("has a `[` that is not closed"));
            }
        }
        return Ok(Value::Array(items));
    }
    if take(rest, '{') {
        let mut map = Map::new();
        while !take(rest, '}') {
            let key = match word(rest, ":,}]", line)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            let value = if take(rest, ':') { flow(rest, line, depth + 1)? } else { Value::Null };
            map.insert(key, value);
            if !take(rest, ',') && !rest.trim_start().starts_with('}') {
                return Err(error("has a `{` that is not closed"));
            }
        }
        return Ok(Value::Object(map));
    }
    word(rest, ",]}", line)
}

/// A word between brackets, up to one of the characters that end it.
fn word(rest: &mut &str, ends: &str, line: usize) -> Result<Value, YamlError> {
    *rest = rest.trim_start();
    let text = *rest;
    let end = match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let close = text[1..].char_indices().find(|(_, c)| {
                let is_end = *c == quote && !escaped;
                escaped = quote == '"' && *c == '\\' && !escaped;
                is_end
            });
            close.map(|(at, _)| at + 2)
        }
        _ => text.find(|c| ends.contains(c)),
    };
    let end = end.ok_or_else(|| YamlError { line, why: "has a bracket or a quote that is not closed".to_owned() })?;
    *rest = &text[end..];
    scalar(&text[..end], line)
}
