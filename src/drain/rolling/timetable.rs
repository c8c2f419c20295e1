//! Which host was emptied when, and where its guests went.

use super::super::{DrainGoal, DrainJudgement, Timetable};
use super::room::Lack;
use crate::scenario::Guest;
use crate::units::Time;

/// A guest that fits nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// Index of the guest.
    pub guest: usize,
    /// What is missing.
    pub lack: Lack,
}

/// A host that was to be emptied.
#[derive(Clone, Debug, PartialEq)]
pub struct HostDrained {
    /// Index of the host.
    pub node: usize,
    /// When its first guest could go.
    pub start: Time,
    /// Its migrations, and who stays. Times are those of the whole.
    pub timetable: Timetable,
    /// Index of the host that each migration went to.
    pub to: Vec<usize>,
    /// Who stays because there is no room, without an attempt or after one.
    pub unplaced: Vec<Unplaced>,
    /// When it was empty, if it ever is.
    pub empty: Option<Time>,
    /// When it takes guests again, if it does.
    pub back: Option<Time>,
}

/// Hosts that were emptied one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct RollingDrain {
    /// By the time at which they were begun.
    pub hosts: Vec<HostDrained>,
    /// When the last of them was done: empty and back, or given up.
    pub end: Time,
}

/// What a rolling drain makes of its goal.
#[derive(Clone, Debug)]
pub struct RollingJudgement<'g> {
    /// All hosts are done within the window; none without a window.
    pub in_window: Option<bool>,
    /// What each host makes of it, without the window.
    pub hosts: Vec<DrainJudgement<'g>>,
}

impl HostDrained {
    /// When nothing more is done with it.
    pub fn end(&self) -> Time {
        let last = self.timetable.attempts.last().map(|attempt| attempt.end);
        self.back.or(self.empty).or(last).unwrap_or(self.start).max(self.start)
    }

    /// The guests that left it, counted.
    pub fn moved(&self) -> usize {
        self.timetable.attempts.iter().filter(|attempt| attempt.is_gone()).count()
    }
}

impl RollingDrain {
    /// When all hosts are done, if they ever are.
    pub fn done(&self) -> Option<Time> {
        self.hosts.iter().all(|host| host.empty.is_some()).then_some(self.end)
    }

    /// Hosts that were emptied.
    pub fn emptied(&self) -> usize {
        self.hosts.iter().filter(|host| host.empty.is_some()).count()
    }

    /// Guests that stay on a host that was to be emptied.
    pub fn stay(&self) -> usize {
        self.hosts.iter().map(|host| host.timetable.stay.len()).sum()
    }

    /// Migrations, those that did not move their guest among them.
    pub fn migrations(&self) -> usize {
        self.hosts.iter().map(|host| host.timetable.attempts.len()).sum()
    }

    /// Holds it against a goal.
    pub fn judge<'g>(&self, goal: &'g DrainGoal, guests: &[Guest]) -> RollingJudgement<'g> {
        let hosts =
            self.hosts.iter().map(|host| DrainJudgement { in_window: None, ..goal.judge(guests, &host.timetable) });
        let in_window = goal.window.map(|window| self.done().is_some_and(|at| at.0 <= window.0));
        RollingJudgement { in_window, hosts: hosts.collect() }
    }
}

impl RollingJudgement<'_> {
    /// Whether nobody stays, the window is kept, and every guest has what it is owed.
    pub fn is_met(&self) -> bool {
        self.in_window != Some(false) && self.hosts.iter().all(DrainJudgement::is_met)
    }
}
