//! YAML as Kubernetes and its tools print it, into JSON: mappings, sequences and scalars in blocks, and what stands between
//! brackets. Anchors, tags and what else YAML has are refused with their line.
//!
//! The crates for all of YAML were given up by their authors or are young, and nothing here needs more than this.

use serde_json::{Map, Number, Value};

/// Deepest nesting.
const DEPTH: usize = 64;

/// Why a text is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct YamlError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub why: String,
}

/// The documents of a text.
///
/// # Errors
/// It is no YAML, or one of more than is read here.
pub fn documents(text: &str) -> Result<Vec<Value>, YamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = BlockReader { lines: &lines, at: 0 };
    let mut found = Vec::new();
    while let Some((indent, line)) = reader.peek()? {
        if line == "---" || line == "..." || line.starts_with('%') {
            reader.at += 1;
            continue;
        }
        found.push(reader.block(indent, 0)?);
        match reader.peek()? {
            Some((_, line)) if line != "---" && line != "..." => {
                return Err(reader.error("is indented less than what it belongs to"));
            }
            _ => {}
        }
    }
    Ok(found)
}

struct BlockReader<'t> {
    lines: &'t [&'t str],
    at: usize,
}

impl<'t> BlockReader<'t> {
    fn error(&self, why: impl Into<String>) -> YamlError {
        YamlError { line: self.at.min(self.lines.len().saturating_sub(1)) + 1, why: why.into() }
    }

    /// The next line that says something: its indentation, and its text without remarks.
    fn peek(&mut self) -> Result<Option<(usize, &'t str)>, YamlError> {
        while let Some(line) = self.lines.get(self.at) {
            let text = without_remark(line).trim_end();
            let inner = text.trim_start_matches(' ');
            if inner.starts_with('\t') && !inner.trim().is_empty() {
                return Err(self.error("is indented by a tab; YAML takes blanks only"));
            }
            if !inner.trim().is_empty() {
                return Ok(Some((text.len() - inner.len(), inner)));
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// The node whose lines are indented by `indent`.
    fn block(&mut self, indent: usize, depth: usize) -> Result<Value, YamlError> {
        if depth > DEPTH {
            return Err(self.error(format!("is nested deeper than {DEPTH} levels")));
        }
        match self.peek()? {
            Some((_, line)) if is_item(line) => self.sequence(indent, depth),
            Some((_, line)) if split_key(line).is_some() => self.mapping(indent, depth, None),
            Some((_, line)) => {
                self.at += 1;
                self.scalar(line, indent.saturating_sub(1), depth)
            }
            None => Ok(Value::Null),
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize) -> Result<Value, YamlError> {
        let mut items = Vec::new();
        while let Some((at, line)) = self.peek()? {
            if at != indent || !is_item(line) {
                if at > indent {
                    return Err(self.error("is indented more than the entries of its list"));
                }
                break;
            }
            let rest = line[1..].trim_start();
            // What stands behind the dash begins a block of its own.
            let inner = indent + line.len() - rest.len();
            items.push(match rest {
                "" => {
                    self.at += 1;
                    self.below(indent, false, depth)?
                }
                rest if is_item(rest) => return Err(self.error("has a list in a list on one line")),
                rest if split_key(rest).is_some() => self.mapping(inner, depth + 1, Some(rest))?,
                rest => {
                    self.at += 1;
                    self.scalar(rest, indent, depth)?
                }
            });
        }
        Ok(Value::Array(items))
    }

    /// A mapping; `first` is its first line, if that does not stand alone.
    fn mapping(&mut self, indent: usize, depth: usize, mut first: Option<&'t str>) -> Result<Value, YamlError> {
        if depth > DEPTH {
            return Err(self.error(format!("is nested deeper than {DEPTH} levels")));
        }
        let mut map = Map::new();
        loop {
            let line = match (first.take(), self.peek()?) {
                (Some(line), _) => line,
                (None, Some((at, line))) if at == indent && !is_item(line) && line != "---" && line != "..." => line,
                (None, Some((at, _))) if at > indent => {
                    return Err(self.error("is indented more than the keys beside it"));
                }
                _ => break,
            };
            let Some((key, rest)) = split_key(line) else {
                return Err(self.error("has no `key: value`"));
            };
            let key = match scalar(key, self.at + 1)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            if map.contains_key(&key) {
                return Err(self.error(format!("has `{}` a second time", key.chars().take(60).collect::<String>())));
            }
            self.at += 1;
            let value = match rest {
                "" => self.below(indent, true, depth)?,
                rest => self.scalar(rest, indent, depth)?,
            };
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }

    /// What belongs to a line that ends in a colon or is a dash: lines that are indented more, or entries of a list beside a key.
    fn below(&mut self, indent: usize, of_key: bool, depth: usize) -> Result<Value, YamlError> {
        match self.peek()? {
            Some((at, _)) if at > indent => self.block(at, depth + 1),
            Some((at, line)) if of_key && at == indent && is_item(line) => self.sequence(at, depth + 1),
            _ => Ok(Value::Null),
        }
    }

    /// A value that begins on the line before, with those of its lines that are indented by more than `indent`.
    fn scalar(&mut self, first: &str, indent: usize, depth: usize) -> Result<Value, YamlError> {
        let number = self.at;
        if first.starts_with(['|', '>']) {
            return Ok(Value::String(self.text_block(first, indent)));
        }
        let mut whole = first.to_owned();
        let opens = first.starts_with(['"', '\'', '[', '{']);
        while !(opens && is_closed(&whole)) {
            let Some((at, line)) = self.peek()? else { break };
            if at <= indent || (!opens && (split_key(line).is_some() || is_item(line))) {
                break;
            }
            whole = whole + " " + line;
            self.at += 1;
        }
        if !first.starts_with(['[', '{']) {
            return scalar(&whole, number);
        }
        let mut rest = whole.as_str();
        let value = flow(&mut rest, number, depth)?;
        match rest.trim() {
            "" => Ok(value),
            _ => Err(YamlError { line: number, why: "has something behind its closing bracket".to_owned() }),
        }
    }

    /// A text over several lines.
    fn text_block(&mut self, head: &str, indent: usize) -> String {
        let mut lines: Vec<&str> = Vec::new();
        let mut own = None;
        while let Some(line) = self.lines.get(self.at) {
            let at = line.len() - line.trim_start_matches(' ').len();
            if line.trim().is_empty() {
                lines.push("");
            } else if at > indent {
                let own = *own.get_or_insert(at);
                lines.push(line.get(own.min(at)..).unwrap_or_default());
            } else {
                break;
            }
            self.at += 1;
        }
        let end = if head.contains('-') { "" } else { "\n" };
        let joined = lines.join(if head.starts_with('|') { "\n" } else { " " });
        joined.trim_end_matches(['\n', ' ']).to_owned() + end
    }
}

/// Whether a line is an entry of a list.
fn is_item(line: &str) -> bool {
    line == "-" || line.starts_with("- ")
}

/// A line up to a remark, which has a blank in front and stands in no quotes.
fn without_remark(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before == ' ' || before == '\t' => return &line[..at],
            // In the middle of a word it is an apostrophe.
            (None, '"' | '\'') if " \t[{,:-".contains(before) => quote = Some(c),
            (Some(open), c) if c == open && before != '\\' => quote = None,
            _ => {}
        }
        before = c;
    }
    line
}

/// The key and the value of `key: value`; nothing for other lines.
fn split_key(line: &str) -> Option<(&str, &str)> {
    let from = match line.chars().next()? {
        quote @ ('"' | '\'') => line[1..].find(quote)? + 2,
        '[' | '{' => return None,
        _ => 0,
    };
    let colon = line[from..].match_indices(':').map(|(at, _)| from + at).find(|at| {
        let behind = &line[at + 1..];
        behind.is_empty() || behind.starts_with([' ', '\t'])
    })?;
    (from == 0 || colon == from).then(|| (line[..colon].trim_end(), line[colon + 1..].trim()))
}

/// Whether what a quote or a bracket opens is closed.
fn is_closed(text: &str) -> bool {
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
fn scalar(text: &str, line: usize) -> Result<Value, YamlError> {
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
fn flow(rest: &mut &str, line: usize, depth: usize) -> Result<Value, YamlError> {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_kubectl_prints_is_read() {
        let text = "\
apiVersion: migrations.kubevirt.io/v1alpha1   # a remark
kind: MigrationPolicy
metadata:
  name: 'don''t'
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"a\": 1}

      # no remark
    note: a long text that
      goes on # remark
spec:
  allowAutoConverge: true
  bandwidthPerMigration: 64Mi
  completionTimeoutPerGiB: 120
  factor: 1.5
  version: \"1.20\"
  url: http://a:1/#b
  empty: {}
  selectors:
    virtualMachineInstanceSelector: {workload-type: \"a, b\", list: [1, two, {x: y}]}
  items:
  - name: a
    deep:
      - 1
      - two
  - plain
  -
    name: b
  none:
status: ~
---
second: 1
";
        let documents = documents(text).unwrap();
        let wanted = json!({
            "apiVersion": "migrations.kubevirt.io/v1alpha1",
            "kind": "MigrationPolicy",
            "metadata": {"name": "don't", "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"a\": 1}\n\n# no remark\n",
                "note": "a long text that goes on",
            }},
            "spec": {
                "allowAutoConverge": true, "bandwidthPerMigration": "64Mi", "completionTimeoutPerGiB": 120, "factor": 1.5,
                "version": "1.20", "url": "http://a:1/#b", "empty": {},
                "selectors": {"virtualMachineInstanceSelector": {"workload-type": "a, b", "list": [1, "two", {"x": "y"}]}},
                "items": [{"name": "a", "deep": [1, "two"]}, "plain", {"name": "b"}],
                "none": null,
            },
            "status": null,
        });
        assert_eq!(documents, [wanted, json!({"second": 1})]);
    }

    #[test]
    fn what_is_not_read_is_said_with_its_line() {
        for (text, line, why) in [
            ("a: 1\na: 2", 2, "a second time"),
            ("a: &x 1", 1, "an anchor"),
            ("a:\n\tb: 1", 2, "by a tab"),
            ("a: \"x", 1, "a quote that is not closed"),
            ("a: [1, 2", 1, "not closed"),
            ("a: 1\n  b: 2", 2, "indented more"),
            ("  a: 1\nb: 2", 2, "indented less"),
            ("a: 1\nword", 2, "no `key: value`"),
        ] {
            let error = documents(text).unwrap_err();
            assert!(error.line == line && error.why.contains(why), "{text:?}: {error}");
        }
        let deep: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(documents(&deep).unwrap_err().why.contains("nested deeper"));
        assert!(documents(&"[".repeat(1000)).is_err());
        assert_eq!(documents("").unwrap(), Vec::<Value>::new());
    }
}
