//! Answers of `query-migrate`: with `return` around them, as they come over QMP, or without.

use serde_json::{Deserializer, Value};

use super::super::json::{FieldError, JsonNode};
use super::super::parts::TraceProblem;
use super::super::sighting::{MigrationState, Sighting};
use super::{LoggedLook, at, clock, room};

pub(super) fn read(text: &str) -> Result<Vec<LoggedLook>, TraceProblem> {
    let mut looks = Vec::new();
    let (mut now, mut from) = (None, 0);
    while let Some(start) = text[from..].find(|c: char| !c.is_whitespace()).map(|blank| from + blank) {
        let rest = &text[start..];
        let line = rest.lines().next().unwrap_or_default();
        if let Some(seconds) = clock(line) {
            now = Some(seconds);
            from = start + line.len();
        } else if line.starts_with("error:") {
            from = start + line.len();
        } else if line.starts_with('{') {
            let mut documents = Deserializer::from_str(rest).into_iter::<Value>();
            let value = documents.next().transpose();
            let value = value.map_err(|error| at(text.as_bytes(), start, format!("is not valid JSON: {error}")))?;
            room(looks.len(), text, rest)?;
            let look = value.as_ref().map(|value| look(&JsonNode::root(value), now.take())).transpose();
            looks.extend(look.map_err(|fault| at(text.as_bytes(), start, fault.to_string()))?.flatten());
            from = start + documents.byte_offset();
        } else {
            let what = "is neither the time nor an answer of `query-migrate`; docs/trace-format.md shows a loop for it";
            return Err(at(text.as_bytes(), start, what));
        }
    }
    Ok(looks)
}

/// One answer; `None` if it tells of no migration, as an event or an empty answer does.
fn look(root: &JsonNode, clock: Option<f64>) -> Result<Option<LoggedLook>, FieldError> {
    let answer = root.find("return").unwrap_or_else(|| root.clone());
    let Some(status) = answer.find("status") else { return Ok(None) };
    let Some(state) = MigrationState::of(&status)? else { return Ok(None) };
    let ram = answer.find("ram");
    if ram.is_none() && (state.is_under_way() || state == MigrationState::Completed) {
        let what = format!("`{}` without `ram` is the destination's answer; ask the source", status.text()?);
        return Err(status.fault(what));
    }
    let number = |node: Option<&JsonNode>, key| -> Result<Option<f64>, FieldError> {
        node.and_then(|node| node.find(key)).map(|found| found.number_in(0.0..=1e18)).transpose()
    };
    let of_ram = |key| number(ram.as_ref(), key);
    let whole = |key| Ok(of_ram(key)?.map(|value| value as u64));
    let throttle = number(Some(&answer), "cpu-throttle-percentage")?;
    let throttle = throttle.map_or_else(|| number(Some(&answer), "x-cpu-throttle-percentage"), |pct| Ok(Some(pct)))?;
    let sighting = Sighting {
        t_ms: 0.0,
        state,
        pass: whole("dirty-sync-count")?.unwrap_or(0),
        transferred: whole("transferred")?.unwrap_or(0),
        remaining: whole("remaining")?.unwrap_or(0),
        total: whole("total")?,
        normal: whole("normal")?,
        duplicate: whole("duplicate")?,
        dirty_pages_rate: whole("dirty-pages-rate")?.unwrap_or(0),
        bandwidth: of_ram("mbps")?.unwrap_or(0.0) * 1e6 / 8.0,
        throttle_pct: throttle.unwrap_or(0.0).min(100.0),
        post_copied: ["postcopy-requests", "postcopy-bytes"]
            .into_iter()
            .map(of_ram)
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .any(|count| count > 0.0),
        downtime_ms: number(Some(&answer), "downtime")?,
        setup_time_ms: number(Some(&answer), "setup-time")?,
    };
    Ok(Some(LoggedLook { clock, elapsed_ms: number(Some(&answer), "total-time")?, sighting }))
}
