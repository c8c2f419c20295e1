//! All workloads of a guest through time: writes so far, and what a throttle has cost.

use super::pace::{Pace, Progress};
use super::{Config, Law, Schedule};
use crate::units::{Duty, Time};

/// The workloads of one guest, under the throttle that is in force.
#[derive(Clone, Debug)]
pub struct Activity {
    workloads: Vec<Runner>,
    duty: Duty,
}

#[derive(Clone, Debug)]
struct Runner {
    /// At its rate's full height.
    full: Pace,
    /// At the moment.
    pace: Pace,
    schedule: Schedule,
    /// Work asked for up to `duty.from` [units].
    asked: f64,
    /// Share of the guest's CPU time that it asks for, as its weight in what is lost.
    weight: f64,
    /// At `duty.from`.
    progress: Progress,
    writes: bool,
}

impl Activity {
    /// A guest that has done nothing yet and is not throttled.
    pub fn new(config: &Config) -> Activity {
        let workloads = config
            .workloads
            .iter()
            .map(|w| {
                let writes = w.law != Law::Idle;
                let (rate, cpu) = if writes { (w.rate.0, w.cpu.0) } else { (w.cpu.0, w.cpu.0) };
                let pace = Pace::new(rate, if cpu > 0.0 { cpu } else { 1.0 }, w.catch_up);
                let schedule = w.schedule.clone();
                let now = pace.scaled(schedule.at(Time::ZERO).0);
                Runner {
                    full: pace,
                    pace: now,
                    schedule,
                    asked: 0.0,
                    weight: w.cpu.0,
                    progress: Progress::default(),
                    writes,
                }
            })
            .collect();
        Activity { workloads, duty: Duty::FREE }
    }

    /// The pattern of sleep and run in force.
    pub fn duty(&self) -> &Duty {
        &self.duty
    }

    /// Puts another pattern in force, from its `from` on; also where a workload's rate changes, with the pattern that
    /// is in force already, seen [from then](Duty::seen_from).
    pub fn set_duty(&mut self, duty: Duty) {
        for w in &mut self.workloads {
            w.progress = w.pace.at(w.progress, &self.duty, duty.from);
            w.asked += w.pace.asked(duty.from - self.duty.from);
            w.pace = w.full.scaled(w.schedule.at(duty.from).0);
        }
        self.duty = duty;
    }

    /// When a workload's rate changes next after `now`.
    pub fn next_change(&self, now: Time) -> Time {
        self.workloads.iter().map(|w| w.schedule.at(now).1).min().unwrap_or(Time::NEVER)
    }

    /// Page writes of each workload up to `now`, whole, into `writes`.
    pub fn writes(&self, now: Time, writes: &mut Vec<u64>) {
        writes.clear();
        writes.extend(self.workloads.iter().map(|w| match w.writes {
            // The small addend keeps a whole number that floating point left a hair below whole.
            true => (w.pace.at(w.progress, &self.duty, now).done + 1e-6) as u64,
            false => 0,
        }));
    }

    /// Share of the work asked for up to `end` that was not done when the guest stopped at `stop` [0..=1].
    ///
    /// Workloads weigh as much as the CPU time that they ask for; a guest that asks for nothing loses nothing.
    pub fn lost_share(&self, stop: Time, end: Time) -> f64 {
        let (mut asked, mut done) = (0.0, 0.0);
        for w in self.workloads.iter().filter(|w| w.weight > 0.0) {
            let all = w.asked + w.pace.asked(end - self.duty.from);
            if all > 0.0 {
                asked += w.weight;
                done += w.weight * (w.pace.at(w.progress, &self.duty, stop).done / all).min(1.0);
            }
        }
        if asked > 0.0 { (1.0 - done / asked).clamp(0.0, 1.0) } else { 0.0 }
    }
}
