//! One fleet under several schedulers, a row for each.

use std::io;

use anstyle::Style;
use serde::Serialize;

use super::super::Provenance;
use super::super::metrics::{self, Unit};
use super::super::text::footer;

use crate::drain::{DrainGoal, DrainHost, DrainPlan, Timetable};
use crate::scenario::Assumption;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::wrapped;
use crate::units::{Rate, Time};

const HEADING: Style = Style::new().bold();

/// A drain under one scheduler.
#[derive(Debug, Serialize)]
pub struct SchedulerRow {
    scheduler: &'static str,
    slots: u32,
    order: &'static str,
    /// Whose rules hold while a guest migrates; of several, each with its number of guests.
    rules: String,
    /// Guests whose rules came with the scheduler.
    rules_brought: usize,
    /// QEMU's own limit holds, as nobody sets one.
    #[serde(skip)]
    is_limited: bool,
    cap_bytes_per_s: Option<u64>,
    guests: usize,
    stay: usize,
    migrations: usize,
    empty_ms: Option<f64>,
    /// Empty within the window; none where there is none.
    in_window: Option<bool>,
    /// What is owed and not kept; none where nothing is owed.
    missed: Option<usize>,
    end_ms: f64,
    downtime_max_ms: Option<f64>,
    downtime_sum_ms: Option<f64>,
    guest_work_lost_sum_ms: f64,
    transferred_bytes: u64,
    #[serde(skip)]
    is_met: bool,
}

impl SchedulerRow {
    /// What came of a drain.
    pub fn new(host: &DrainHost, plan: &DrainPlan, timetable: &Timetable, goal: &DrainGoal) -> SchedulerRow {
        let (scheduler, judgement) = (host.scheduler(), goal.judge(host.guests(), timetable));
        let (downtime_max_ms, downtime_sum_ms) = timetable.downtime_ms().unzip();
        SchedulerRow {
            scheduler: scheduler.name,
            slots: plan.slots,
            order: scheduler.order.as_str(),
            rules: in_force(host),
            rules_brought: host.rules_brought(),
            is_limited: host.guests().iter().any(|guest| guest.scenario.assumed.iter().any(is_limit)),
            cap_bytes_per_s: scheduler.bandwidth.cap(host.bandwidth(), plan.slots).map(|rate| rate.0),
            guests: host.guests().len(),
            stay: timetable.stay.len(),
            migrations: timetable.attempts.len(),
            empty_ms: timetable.empty().map(|at| (at - Time::ZERO).ms()),
            in_window: judgement.in_window,
            missed: (!goal.owed.is_empty()).then_some(judgement.missed.len()),
            end_ms: (timetable.end - Time::ZERO).ms(),
            downtime_max_ms,
            downtime_sum_ms,
            guest_work_lost_sum_ms: timetable.work_lost_ms(),
            transferred_bytes: timetable.attempts.iter().map(|attempt| attempt.outcome.transferred_bytes).sum(),
            is_met: judgement.is_met(),
        }
    }

    /// Whether nobody stays, the window is kept, and nothing is missed.
    pub fn is_met(&self) -> bool {
        self.is_met
    }
}

fn is_limit(assumption: &Assumption) -> bool {
    matches!(assumption, Assumption::MaxBandwidth(_))
}

/// Whose rules are in force while guests migrate: one word, or `nova for 39, none for 1`.
fn in_force(host: &DrainHost) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in (0..host.guests().len()).map(|guest| host.rules(guest)) {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    match counts.as_slice() {
        [(name, _)] => (*name).to_owned(),
        several => several.iter().map(|(name, count)| format!("{name} for {count}")).collect::<Vec<_>>().join(", "),
    }
}

/// Whose rules the rows have: those that are named hold in all of them, and a product's scheduler brings its own.
fn rules(rows: &[SchedulerRow]) -> String {
    let named = |is_meant: &dyn Fn(&&SchedulerRow) -> bool| {
        rows.iter().filter(is_meant).map(|row| format!("`{}`", row.scheduler)).collect::<Vec<_>>().join(" and ")
    };
    let limit = match named(&|row| row.is_limited) {
        limited if limited.is_empty() || rows.iter().all(|row| row.is_limited) => String::new(),
        limited => format!(" The `max-bandwidth` assumed below holds under {limited} only."),
    };
    match (rows.iter().find(|row| row.rules_brought > 0), rows.first()) {
        (Some(row), _) => {
            let own = match row.guests - row.rules_brought {
                0 => String::new(),
                1 => " 1 guest has a named `[orchestrator]` in every row.".to_owned(),
                named => format!(" {named} guests have a named `[orchestrator]` in every row."),
            };
            format!(
                "A product's scheduler brings the product's rules for each migration, too \
                 (`--set orchestrator.kind=none`: none); {} bring none.{own}{limit}",
                named(&|row| row.rules_brought == 0)
            )
        }
        (None, first) => format!(
            "A scheduler decides who goes when. Rules while a guest migrates stay those of `[orchestrator]`: {}.",
            first.map_or("none", |row| &row.rules)
        ),
    }
}

/// For a person.
pub fn text(provenance: &Provenance, rows: &[SchedulerRow], width: usize) -> String {
    let word = |kept: bool| if kept { "yes" } else { "no" };
    let figures = [5, 13, 7, 11, 12, 11].map(|least| TableColumn::RIGHT.least(least));
    let mut columns: Vec<TableColumn> = [TableColumn::LEFT].into_iter().chain(figures).collect();
    let mut heads = vec!["scheduler", "slots", "each at most", "moved", "over after", "worst outage", "work lost"];
    // What was not asked for has no column.
    let has_window = rows.iter().any(|row| row.in_window.is_some());
    let has_goals = rows.iter().any(|row| row.missed.is_some());
    for (head, _) in [("in the window", has_window), ("goals missed", has_goals)].into_iter().filter(|(_, has)| *has) {
        columns.push(TableColumn::RIGHT);
        heads.push(head);
    }
    let mut table = Table::new(columns).heading(HEADING);
    table.head(heads);
    for row in rows {
        let cells = [
            row.scheduler.to_owned(),
            row.slots.to_string(),
            row.cap_bytes_per_s.map_or("–".to_owned(), |cap| Rate(cap).to_string()),
            format!("{}/{}", row.guests - row.stay, row.guests),
            metrics::ms(row.end_ms),
            Unit::Ms.show_any(row.downtime_max_ms),
            metrics::ms(row.guest_work_lost_sum_ms),
        ];
        let window = row.in_window.map(|kept| word(kept).to_owned());
        table.row(cells.into_iter().chain(window).chain(row.missed.map(|missed| missed.to_string())));
    }
    let (rules, condition) = (rules(rows), provenance.assumed.condition());
    let rules = condition.map_or(rules.clone(), |condition| format!("{rules} All rows hold {condition}."));
    format!("{}\n{}\n\n{}", table.text(), wrapped(&rules, width).join("\n"), footer(provenance, width))
}

/// A header and a row for each.
///
/// # Errors
/// Whatever the writer fails with.
pub fn csv(to: impl io::Write, rows: &[SchedulerRow]) -> io::Result<()> {
    let mut csv = crate::sink::csv::writer(to);
    for row in rows {
        csv.serialize(row)?;
    }
    csv.flush()
}

/// An object with provenance and a list of rows.
///
/// # Errors
/// Whatever the writer fails with.
pub fn json(mut to: impl io::Write, provenance: &Provenance, rows: &[SchedulerRow]) -> io::Result<()> {
    #[derive(Serialize)]
    struct SchedulersDocument<'a> {
        #[serde(flatten)]
        provenance: &'a Provenance,
        schedulers: &'a [SchedulerRow],
    }
    serde_json::to_writer_pretty(&mut to, &SchedulersDocument { provenance, schedulers: rows })?;
    writeln!(to)
}
