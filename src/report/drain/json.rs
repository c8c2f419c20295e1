//! A drain as one JSON object: the answer, each migration, and what was found beside.

use std::io;

use serde::Serialize;

use super::super::Provenance;
use super::rows::{DrainedRow, rows};
use super::{Drained, found};
use crate::drain::{Chance, DrainCandidate, DrainCost, DrainHost, DrainPlan, FleetChange, Timetable, Whose};
use crate::orchestrator::scheduler::Scheduler;
use crate::sim::Outcome;
use crate::units::{Span, Time};

/// What every document of a drain begins with.
#[derive(Serialize)]
pub(super) struct DrainHead<'a> {
    #[serde(flatten)]
    provenance: &'a Provenance,
    scheduler: &'a Scheduler,
    slots: u32,
    /// Guests that migrate by rules which came with the scheduler, and which nobody named.
    rules_brought: usize,
    guests: usize,
    /// Guests without a workload, which are taken for idle.
    unknown: usize,
}

impl<'a> DrainHead<'a> {
    pub(super) fn of(provenance: &'a Provenance, host: &'a DrainHost, plan: &DrainPlan) -> DrainHead<'a> {
        DrainHead {
            provenance,
            scheduler: host.scheduler(),
            slots: plan.slots,
            rules_brought: host.rules_brought(),
            guests: host.guests().len(),
            unknown: provenance.assumed.unknown().len(),
        }
    }
}

#[derive(Serialize)]
struct DrainDocument<'a> {
    #[serde(flatten)]
    head: DrainHead<'a>,
    /// When the host is empty; `null` where somebody stays.
    empty_ms: Option<f64>,
    end_ms: f64,
    /// A migration was cut off by `limits.time`: `end_ms` and `guest_work_lost_sum_ms` are lower bounds.
    cut_off: bool,
    stay: Vec<&'a str>,
    /// `null` where nobody was moved.
    downtime_max_ms: Option<f64>,
    downtime_sum_ms: Option<f64>,
    guest_work_lost_sum_ms: f64,
    migrations: Vec<DrainedMigration<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<Search<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repeats: Vec<Repeat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<Within>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<JudgedGoal<'a>>,
    /// What guests of unknown workload may write so that they leave and have what they are owed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    write_budgets: Vec<Budget<'a>>,
    /// What one change for all guests would make of it, where something is to be mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remedies: Vec<Mended<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_worst: Option<AtWorst<'a>>,
}

#[derive(Serialize)]
struct JudgedGoal<'a> {
    met: bool,
    window_ms: Option<f64>,
    in_window: Option<bool>,
    missed: Vec<Missed<'a>>,
}

#[derive(Serialize)]
struct Budget<'a> {
    guest: &'a str,
    /// 0: it stays even when idle; `null`: it leaves whatever it writes.
    most_bytes_per_s: Option<u64>,
}

#[derive(Serialize)]
struct Mended<'a> {
    set: &'a str,
    empty_ms: Option<f64>,
    end_ms: f64,
    stay: usize,
    missed: usize,
}

/// The drain in which guests of unknown workload write what is assumed at worst.
#[derive(Serialize)]
struct AtWorst<'a> {
    assumed: &'a str,
    empty_ms: Option<f64>,
    end_ms: f64,
    stay: Vec<&'a str>,
    met: bool,
}

/// Something owed and not kept.
#[derive(Serialize)]
struct Missed<'a> {
    guest: &'a str,
    attempt: u32,
    goal: &'a str,
}

/// A migration, or a guest that fits nowhere: `attempt` is 0, and of the outcome there is its `reason`.
#[derive(Serialize)]
pub(super) struct DrainedMigration<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'a str>,
    guest: &'a str,
    guest_memory_bytes: u64,
    attempt: u32,
    moved: bool,
    /// Whose rules hold while it migrates.
    rules: &'static str,
    /// They came with the scheduler.
    rules_brought: bool,
    unknown: bool,
    /// Goals that it misses, with commas between.
    missed: &'a str,
    start_ms: Option<f64>,
    end_ms: Option<f64>,
    share_bytes_per_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "reason")]
    lack: Option<&'a str>,
    #[serde(flatten)]
    outcome: Option<&'a Outcome>,
}

/// Each of the rows.
pub(super) fn migrations<'a>(host: &DrainHost, rows: &'a [DrainedRow]) -> Vec<DrainedMigration<'a>> {
    let migration = |row: &'a DrainedRow| DrainedMigration {
        host: row.host,
        destination: row.destination,
        guest: &row.guest.name,
        guest_memory_bytes: row.guest.scenario.guest.memory.bytes().0,
        attempt: row.number(),
        moved: row.moved(),
        rules: host.rules(row.index),
        rules_brought: host.rules_came_along(row.index),
        unknown: row.unknown,
        missed: &row.missed,
        start_ms: row.attempt.map(|attempt| ms(attempt.start)),
        end_ms: row.attempt.map(|attempt| ms(attempt.end)),
        share_bytes_per_s: row.attempt.and_then(|attempt| attempt.share).map(|share| share.0),
        lack: row.lack.as_deref(),
        outcome: row.attempt.map(|attempt| &attempt.outcome),
    };
    rows.iter().map(migration).collect()
}

#[derive(Serialize)]
struct Search<'a> {
    tried: usize,
    complete: bool,
    /// As it is given.
    given: Plan<'a>,
    best: Plan<'a>,
    /// The best one, and others that are as good and cost less.
    answers: Vec<Told<'a>>,
    /// With the settings of the best.
    by_slots: Vec<Plan<'a>>,
}

/// An answer, and why it is told.
#[derive(Serialize)]
struct Told<'a> {
    reason: &'static str,
    #[serde(flatten)]
    plan: Plan<'a>,
}

/// A setting at another value.
#[derive(Serialize)]
struct Turned<'a> {
    lever: &'a str,
    from: &'a str,
    to: &'a str,
    /// Whose it is; `null`: all guests'.
    guests: Option<Vec<&'a str>>,
    /// Whose it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    all_but: Option<Vec<&'a str>>,
    sets: &'a [String],
}

#[derive(Serialize)]
struct Plan<'a> {
    slots: u32,
    /// `null` where guests have changed places.
    order: Option<&'static str>,
    stay: usize,
    /// Goals that migrations miss, and the window.
    missed: usize,
    end_ms: f64,
    changes: Vec<Turned<'a>>,
    /// What `drain` takes to make it so; the order of guests that changed places is in `sequence` alone.
    flags: Vec<String>,
    #[serde(flatten)]
    cost: DrainCost,
    sequence: Vec<&'a str>,
}

#[derive(Serialize)]
struct Repeat {
    seed: u64,
    empty_ms: Option<f64>,
    end_ms: f64,
    /// A migration was cut off by `limits.time`: `end_ms` is a lower bound.
    cut_off: bool,
    stay: usize,
}

#[derive(Serialize)]
struct Within {
    within_ms: Option<f64>,
    made: usize,
    of: usize,
    percent: f64,
    low_percent: f64,
    high_percent: f64,
}

pub(super) fn ms(time: Time) -> f64 {
    (time - Time::ZERO).ms()
}

/// A way to empty the host, what comes of it, and what takes it.
fn candidate<'a>(drained: &Drained<'a>, candidate: &'a DrainCandidate) -> Plan<'a> {
    Plan {
        slots: candidate.plan.slots,
        order: candidate.order.map(|order| order.as_str()),
        stay: candidate.score.stay,
        missed: candidate.score.missed,
        end_ms: ms(candidate.score.end),
        changes: candidate.changes.iter().map(|change| turned(drained, change)).collect(),
        flags: found::flags(drained, candidate),
        cost: candidate.cost,
        sequence: candidate.plan.sequence.iter().map(|guest| drained.host.guests()[*guest].name.as_str()).collect(),
    }
}

fn turned<'a>(drained: &Drained<'a>, change: &'a FleetChange) -> Turned<'a> {
    let FleetChange { lever, from, to, whose, sets } = change;
    let guests = || Some(found::guests(drained, whose));
    let (guests, all_but) = match whose {
        Whose::All => (None, None),
        Whose::Only(_) => (guests(), None),
        Whose::AllBut(_) => (None, guests()),
    };
    Turned { lever, from, to, guests, all_but, sets }
}

/// Writes the object, indented, and a newline.
///
/// # Errors
/// Whatever the writer fails with.
pub fn write(mut to: impl io::Write, drained: &Drained) -> io::Result<()> {
    let Drained { provenance, host, plan, timetable, goal, judgement, budgets, worst, found, repeats, chance, .. } =
        *drained;
    let name = |guest: &usize| host.guests()[*guest].name.as_str();
    let candidate = |found| candidate(drained, found);
    let rows = rows(drained);
    let (downtime_max_ms, downtime_sum_ms) = timetable.downtime_ms().unzip();
    let document = DrainDocument {
        head: DrainHead::of(provenance, host, plan),
        empty_ms: timetable.empty().map(ms),
        end_ms: ms(timetable.end),
        cut_off: timetable.is_cut_off(),
        stay: timetable.stay.iter().map(name).collect(),
        downtime_max_ms,
        downtime_sum_ms,
        guest_work_lost_sum_ms: timetable.work_lost_ms(),
        migrations: migrations(host, &rows),
        search: found.map(|found| Search {
            tried: found.tried,
            complete: found.complete,
            given: candidate(&found.given),
            best: candidate(&found.best),
            answers: found
                .answers
                .0
                .iter()
                .map(|(reason, told)| Told { reason: reason.as_str(), plan: candidate(told) })
                .collect(),
            by_slots: found.by_slots.iter().map(candidate).collect(),
        }),
        repeats: repeats.iter().map(repeat).collect(),
        chance: chance.map(within),
        write_budgets: budgets
            .iter()
            .map(|budget| Budget {
                guest: name(&budget.guest),
                most_bytes_per_s: Some(budget.most.0).filter(|_| !budget.is_unbounded()),
            })
            .collect(),
        remedies: drained
            .remedies
            .iter()
            .map(|remedy| Mended {
                set: &remedy.set,
                empty_ms: (remedy.score.stay == 0).then_some(ms(remedy.score.end)),
                end_ms: ms(remedy.score.end),
                stay: remedy.score.stay,
                missed: remedy.score.missed,
            })
            .collect(),
        at_worst: worst.map(|worst| AtWorst {
            assumed: &worst.words,
            empty_ms: worst.timetable.empty().map(ms),
            end_ms: ms(worst.timetable.end),
            stay: worst.timetable.stay.iter().map(name).collect(),
            met: worst.is_met,
        }),
        goal: judgement.map(|judgement| JudgedGoal {
            met: judgement.is_met(),
            window_ms: goal.window.map(Span::ms),
            in_window: judgement.in_window,
            missed: judgement
                .missed
                .iter()
                .map(|miss| {
                    let attempt = &timetable.attempts[miss.attempt];
                    Missed { guest: name(&attempt.guest), attempt: attempt.number, goal: &miss.comparison.text }
                })
                .collect(),
        }),
    };
    serde_json::to_writer_pretty(&mut to, &document)?;
    writeln!(to)
}

fn repeat((seed, timetable): &(u64, Timetable)) -> Repeat {
    Repeat {
        seed: *seed,
        empty_ms: timetable.empty().map(ms),
        end_ms: ms(timetable.end),
        cut_off: timetable.is_cut_off(),
        stay: timetable.stay.len(),
    }
}

fn within(chance: Chance) -> Within {
    let (low_percent, high_percent) = chance.interval();
    Within {
        within_ms: chance.window.map(Span::ms),
        made: chance.made,
        of: chance.of,
        percent: chance.percent(),
        low_percent,
        high_percent,
    }
}
