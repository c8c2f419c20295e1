//! Logs: the statistics of one migration, asked for in a loop and written one after the other.
//!
//! ```text
//! 1760000000.25          a line of `date +%s.%N`: when the next statistics were asked for; may be left out
//! Job type: 2            `virsh domjobinfo --rawstats`, or
//! {"return": {...}}      the answer of `query-migrate`
//! ```

mod query_migrate;
mod rawstats;

use super::parts::{NoScenario, TraceParts, TraceProblem};
use super::sighting::{self, Sighting};
use crate::units::{Bytes, bounded};

/// Most looks in a log.
const MOST: usize = 1_000_000;

/// One look, and the clock before it.
struct LoggedLook {
    /// [s]
    clock: Option<f64>,
    /// Since the job began, by the statistics themselves [ms].
    elapsed_ms: Option<f64>,
    /// Everything else, with `t_ms` still open.
    sighting: Sighting,
}

/// Reads a log of either kind.
pub(super) fn read(text: &[u8]) -> Result<TraceParts, TraceProblem> {
    let text = str::from_utf8(text).map_err(|error| at(text, error.valid_up_to(), "is not UTF-8 text"))?;
    let json = text.lines().map(str::trim_start).find(|line| clock(line).is_none() && !line.is_empty());
    let is_json = json.is_some_and(|line| line.starts_with('{'));
    let looks = if is_json { query_migrate::read(text)? } else { rawstats::read(text)? };
    let none = "has no statistics of a migration under way; the loops in docs/trace-format.md collect them";
    let Some((seen, more)) = timed(looks) else { return Err(at(text.as_bytes(), text.len(), none)) };
    let (seen, begun) = if is_json { (seen, None) } else { begun(seen) };
    let first = more.then(|| "the log goes on with another migration; this is the first".to_owned());
    let notes: Vec<String> = begun.into_iter().chain(first).collect();
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    let measured = sighting::record(&seen, false, f64::INFINITY).filter(|record| record.seen_ms > 0.0);
    let Some(measured) = measured else { return Err(at(text.as_bytes(), text.len(), none)) };
    let timeline = sighting::timeline(&seen, &measured.sync_times_ms, measured.seen_ms);
    let unstated = "a log of statistics does not say how guest, link and QEMU were configured".to_owned();
    let memory = seen.iter().filter_map(|sighting| sighting.total).max().map(Bytes);
    Ok(TraceParts { scenario: Err(NoScenario::Unstated(unstated)), measured, timeline, memory, note })
}

/// The looks at the first job in order of time, and whether there is another one; those without a time of their own are
/// placed by the clock.
fn timed(looks: Vec<LoggedLook>) -> Option<(Vec<Sighting>, bool)> {
    // The clock at the start of the job [ms].
    let start = looks.iter().find_map(|look| Some(look.clock? * 1e3 - look.elapsed_ms?));
    let mut seen: Vec<Sighting> = Vec::with_capacity(looks.len());
    let (mut looks, mut more) = (looks.into_iter(), false);
    while let Some(look) = looks.next() {
        let by_clock = || Some((look.clock? * 1e3 - start?).max(0.0));
        let last = seen.last().map(|before| before.t_ms);
        let t_ms = look.elapsed_ms.or_else(by_clock).or(last)?;
        let ended = !look.sighting.state.is_under_way();
        // QEMU stops its own clock at the end, a little before whoever asked last.
        let late = |before: &Sighting| before.t_ms > t_ms;
        if ended && seen.last().is_some_and(|before| before.pass <= look.sighting.pass) {
            seen.retain(|before| !late(before));
        } else if seen.last().is_some_and(late) {
            more = true;
            break;
        } else if !ended && look.sighting.pass == 0 && seen.last().is_some_and(|before| before.pass > 0) {
            continue; // Cut off before its counters: these never go back.
        }
        seen.push(Sighting { t_ms, ..look.sighting });
        if ended {
            more = looks.any(|look| look.sighting.state.is_under_way());
            break;
        }
    }
    (!seen.is_empty()).then_some((seen, more))
}

/// libvirt prepares the destination before QEMU's migration begins: takes that off all times.
fn begun(seen: Vec<Sighting>) -> (Vec<Sighting>, Option<String>) {
    let first = seen.iter().position(|sighting| sighting.pass > 0).unwrap_or(0);
    let begin = if first == 0 { 0.0 } else { 0.5 * (seen[first - 1].t_ms + seen[first].t_ms) };
    let note = (begin > 0.0).then(|| {
        let half = 0.5e-3 * (seen[first].t_ms - seen[first - 1].t_ms);
        format!("{:.2} s (give or take {half:.2} s) before QEMU's migration began are taken off all times", begin / 1e3)
    });
    let seen = seen.into_iter().skip(first).map(|sighting| Sighting { t_ms: sighting.t_ms - begin, ..sighting });
    (seen.collect(), note)
}

/// Seconds on a line of `date +%s.%N`.
fn clock(line: &str) -> Option<f64> {
    let line = line.trim();
    let plain = line.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain && !line.is_empty() { line.parse().ok().filter(|seconds: &f64| *seconds < 1e12) } else { None }
}

/// A complaint about a place in the text.
fn at(text: &[u8], byte: usize, what: impl Into<String>) -> TraceProblem {
    let (line, column) = bounded::place(text, byte);
    TraceProblem::Line { line, column, what: what.into() }
}

/// Refuses a log that is longer than anybody would collect.
fn room(looks: &[LoggedLook], text: &str, byte: usize) -> Result<(), TraceProblem> {
    if looks.len() < MOST { Ok(()) } else { Err(at(text.as_bytes(), byte, format!("has more than {MOST} looks"))) }
}
