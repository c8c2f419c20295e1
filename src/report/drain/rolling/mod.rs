//! Hosts that are emptied one after another, as people and programs read it.

mod answer;
mod json;
mod page;
mod text;

use std::io;

use super::super::Provenance;
use super::rows::{DrainedRow, rows};
use super::{Drained, csv};
use crate::drain::{DrainGoal, DrainHost, DrainPlan, RollingDrain, RollingJudgement};
use crate::plot::PlotError;
use crate::plot::gantt::{self, Gantt, UpgradeBar};
use crate::results::DrainRow;
use crate::units::Time;

/// Everything that a report may show of several hosts.
#[derive(Clone, Copy)]
pub struct Rolled<'a> {
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// The fleet.
    pub host: &'a DrainHost,
    /// Who was to go when.
    pub plan: &'a DrainPlan,
    /// Which host was emptied when.
    pub rolling: &'a RollingDrain,
    /// What was wanted.
    pub goal: &'a DrainGoal,
    /// Whether it is so, where that is demanded.
    pub judgement: Option<&'a RollingJudgement<'a>>,
    /// What comes of it if guests of unknown workload write what is assumed at worst.
    pub worst: Option<&'a WorstRolling>,
}

/// Hosts whose guests of unknown workload write what is assumed at worst.
#[derive(Clone, Debug)]
pub struct WorstRolling {
    /// What they write, behind a noun.
    pub words: String,
    /// Which host was emptied when.
    pub rolling: RollingDrain,
    /// Whether it is as wanted.
    pub is_met: bool,
}

impl<'a> Rolled<'a> {
    /// Each host as a drain of its own.
    fn hosts(&self) -> impl Iterator<Item = Drained<'a>> {
        let Rolled { provenance, host, plan, rolling, goal, judgement, .. } = *self;
        rolling.hosts.iter().enumerate().map(move |(at, of_host)| Drained {
            provenance,
            host,
            of_host: Some(of_host),
            plan,
            timetable: &of_host.timetable,
            goal,
            judgement: judgement.map(|judgement| &judgement.hosts[at]),
            budgets: &[],
            worst: None,
            remedies: &[],
            share: None,
            found: None,
            repeats: &[],
            chance: None,
        })
    }

    fn name(&self, node: usize) -> &'a str {
        &self.host.nodes()[node].name
    }

    /// The migrations by the time of their end, then guests that fit nowhere.
    fn rows(&self) -> Vec<DrainedRow<'a>> {
        let mut all: Vec<DrainedRow> = self.hosts().flat_map(|drained| rows(&drained)).collect();
        all.sort_by_key(|row| row.attempt.map_or(Time::NEVER, |attempt| attempt.end));
        all
    }

    fn shown(&self) -> Vec<DrainRow> {
        self.rows().iter().map(DrainedRow::shown).collect()
    }

    /// Writes a header, and a row for each migration by the time of its end, then those for guests that fit nowhere.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn csv(&self, to: impl io::Write) -> io::Result<()> {
        match self.hosts().next() {
            Some(first) => csv::write_rows(to, &first, &self.rows()),
            None => Ok(()),
        }
    }

    /// The hosts as a picture, a line for each.
    ///
    /// # Errors
    /// It took no time.
    pub fn gantt(&self, title: &str) -> Result<Gantt, PlotError> {
        let ms = |time: Time| (time - Time::ZERO).ms();
        let upgrade = |of: &crate::drain::HostDrained| {
            let (from, to) = of.empty.zip(of.back).filter(|(from, to)| from < to)?;
            Some(UpgradeBar { host: self.name(of.node).to_owned(), from_ms: ms(from), to_ms: ms(to) })
        };
        let upgrades: Vec<UpgradeBar> = self.rolling.hosts.iter().filter_map(upgrade).collect();
        let answer = self.answer();
        gantt::by_host(title, format!("{}{}", answer.title, answer.rest), &self.shown(), &upgrades)
    }
}
