//! What a search found: the best answers with what each costs and how it is taken, and the best order for each number at a time.

use std::fmt::Write as _;

use super::super::assumed::named;
use super::super::metrics;
use super::Drained;
use super::answer::{condition, words};
use super::text::HEADING;
use crate::drain::{DrainCandidate, FleetChange, Whose};
use crate::scenario::slots_sets;
use crate::sink::shell;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::wrapped;
use crate::units::Bytes;
use crate::units::spelling::count;

/// What becomes of the host.
fn ends(drained: &Drained, candidate: &DrainCandidate) -> String {
    let guests = drained.host.guests().len();
    match candidate.score.stay {
        0 if candidate.score.missed > 0 => {
            format!("empty after {}, {}", candidate.score.end, count(candidate.score.missed, "goal") + " missed")
        }
        0 => format!("empty after {}", candidate.score.end),
        stay if candidate.is_cut => {
            format!("{stay} of {} still there after {}", count(guests, "guest"), candidate.score.end)
        }
        stay => format!("{stay} of {} stay, after {}", count(guests, "guest"), candidate.score.end),
    }
}

/// The best answers below the drain as it is given: what each costs, and what takes it.
pub(super) fn answers(drained: &Drained) -> String {
    if drained.found.is_none() {
        return String::new();
    }
    let mut text = costs(drained).text();
    for (at, taken) in (1..).zip(taken(drained)) {
        let _ = writeln!(text, "{at} {}", wrapped(&taken.words, 77).join("\n  "));
        if !taken.flags.is_empty() {
            let _ = writeln!(text, "  {}", taken.flags);
        }
    }
    text
}

/// The table of the answers: what becomes of the host, and what that costs.
pub(super) fn costs(drained: &Drained) -> Table {
    let (left, right) = (TableColumn::LEFT, TableColumn::RIGHT);
    let mut table = Table::new([left, left, right, right, right, left]).heading(HEADING);
    table.head(["answer", "host", "work lost", "longest stall", "sent", "post-copy"]);
    if let Some(found) = drained.found {
        table.row(row(drained, "as it is".to_owned(), &found.given));
        for (at, (reason, candidate)) in (1..).zip(&found.answers.0) {
            table.row(row(drained, format!("{at} {}", reason.as_str()), candidate));
        }
    }
    table
}

/// How an answer is taken.
pub(super) struct TakenAnswer {
    /// What is turned.
    pub(super) words: String,
    /// The flags that take it, for a shell; empty where none are needed.
    pub(super) flags: String,
}

/// How each answer is taken, the best first.
pub(super) fn taken(drained: &Drained) -> Vec<TakenAnswer> {
    let Some(found) = drained.found else { return Vec::new() };
    let one = |candidate: &DrainCandidate| {
        let flags = flags(drained, candidate);
        if flags.is_empty() && candidate.order.is_some() {
            return TakenAnswer { words: "is as it is".to_owned(), flags: String::new() };
        }
        let (slots, order) = (candidate.plan.slots, words(candidate.order));
        let no_flag = if candidate.order.is_none() { ", which no flag makes" } else { "" };
        let turned = candidate.changes.iter().map(|change| turned(drained, change));
        let all: Vec<String> = turned.chain([format!("{slots} at a time, {order}{no_flag}")]).collect();
        TakenAnswer { words: all.join("; "), flags: shell_line(&flags) }
    };
    found.answers.0.iter().map(|(_, candidate)| one(candidate)).collect()
}

/// What the drain is without what was turned.
pub(super) fn as_it_is(drained: &Drained) -> Option<String> {
    let found = drained.found?;
    Some(format!("as it is given: {}", ends(drained, &found.given)))
}

fn row(drained: &Drained, head: String, candidate: &DrainCandidate) -> [String; 6] {
    let cost = &candidate.cost;
    let lost = metrics::ms(cost.work_lost_ms);
    [
        head,
        ends(drained, candidate),
        if cost.cut_off { format!("≥ {lost}") } else { lost },
        metrics::ms(cost.longest_stall_ms),
        Bytes(cost.transferred_bytes).to_string(),
        match (cost.may_post_copy, cost.by_post_copy) {
            (0, _) => metrics::NONE.to_owned(),
            (_, 0) => "allowed".to_owned(),
            (_, guests) => count(guests, "guest"),
        },
    ]
}

/// `orchestrator.allowPostCopy false → true for hana-01`.
fn turned(drained: &Drained, change: &FleetChange) -> String {
    let FleetChange { lever, from, to, whose, .. } = change;
    let whose = match whose {
        Whose::All => String::new(),
        Whose::Only(_) => format!(" for {}", named(&guests(drained, whose))),
        Whose::AllBut(_) => format!(" for all but {}", named(&guests(drained, whose))),
    };
    format!("{lever} {from} → {to}{whose}")
}

/// The guests that are named, or that are named as those left out.
pub(super) fn guests<'d>(drained: &Drained<'d>, whose: &Whose) -> Vec<&'d str> {
    let (Whose::Only(entries) | Whose::AllBut(entries)) = whose else { return Vec::new() };
    let guests = drained.host.guests().iter().filter(|guest| entries.contains(&guest.entry));
    guests.map(|guest| guest.name.as_str()).collect()
}

/// What `drain` takes to make a drain so, beside the flags that are there; the order of guests that changed places stands in
/// none.
pub(super) fn flags(drained: &Drained, candidate: &DrainCandidate) -> Vec<String> {
    let Some(found) = drained.found else { return Vec::new() };
    let (given, mut flags) = (&found.given, Vec::new());
    let mut sets = Vec::new();
    if candidate.plan.slots != given.plan.slots {
        sets = slots_sets(drained.host.scheduler(), candidate.plan.slots);
        if sets.is_empty() {
            flags.extend(["--slots".to_owned(), candidate.plan.slots.to_string()]);
        }
    }
    if let Some(order) = candidate.order.filter(|order| Some(*order) != given.order) {
        flags.extend(["--order".to_owned(), order.as_str().to_owned()]);
    }
    sets.extend(candidate.sets());
    flags.extend(sets.into_iter().flat_map(|set| ["--set".to_owned(), set]));
    flags
}

fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| shell::word(word).into_owned()).collect::<Vec<_>>().join(" ")
}

/// The best order for each number at a time, with the best settings.
pub(super) fn by_slots(drained: &Drained) -> String {
    let Some(found) = drained.found else { return String::new() };
    let left = TableColumn::LEFT;
    let mut table = Table::new([left.least(10), left.least(40), left]).heading(HEADING);
    table.head(["at a time", "host", "best order"]);
    for candidate in &found.by_slots {
        table.row([candidate.plan.slots.to_string(), ends(drained, candidate), words(candidate.order)]);
    }
    let with = if found.best.changes.is_empty() { "" } else { "With the settings of 1:\n" };
    let mut text = format!("{with}{}", table.text());
    let best = &found.best;
    let stopped = if found.complete { "" } else { ", stopped before the end" };
    let _ = writeln!(
        text,
        "best of {}{stopped}: {} at a time, {}: {}{}",
        count(found.tried, "drain"),
        best.plan.slots,
        words(best.order),
        ends(drained, best),
        condition(drained)
    );
    if best.order.is_none() {
        let names = best.plan.sequence.iter().map(|guest| drained.host.guests()[*guest].name.as_str());
        for line in wrapped(&names.collect::<Vec<_>>().join(" "), 76) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}
