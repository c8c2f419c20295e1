//! All workloads of a guest through time: writes so far, and what a throttle has cost.

use super::fault_tax::FaultTax;
use super::pace::{Pace, WorkProgress};
use super::{FirstWrites, GuestConfig, Law, OwnOrder, RateSchedule};
use crate::units::{Duty, Pages, Span, Time};

/// The workloads of one guest, under the throttle that is in force.
#[derive(Clone, Debug)]
pub struct Activity {
    workloads: Vec<Runner>,
    duty: Duty,
    /// Whether what does not write runs on while the vCPUs that write sleep.
    spares_readers: bool,
}

#[derive(Clone, Debug)]
struct Runner {
    /// At its rate's full height.
    full: Pace,
    /// At the moment.
    pace: Pace,
    schedule: RateSchedule,
    /// Work asked for up to `duty.from` [units].
    asked: f64,
    /// Share of the guest's CPU time that it asks for, as its weight in what is lost.
    weight: f64,
    /// At `duty.from`.
    progress: WorkProgress,
    writes: bool,
    /// What says how many writes so much work is, where that varies.
    order: Option<OwnOrder>,
    /// Page writes that nobody counts, as time was jumped over.
    left_out: u64,
    /// What first writes cost, where that matters.
    tax: Option<FaultTax>,
    /// Pages of its region, where it writes one after the other.
    lap: Option<Pages>,
    /// When the log was armed last: the work by then, and the page writes that it was.
    armed: (f64, f64),
}

impl Runner {
    /// Page writes up to `now`, whole.
    #[inline]
    fn made(&self, duty: &Duty, now: Time) -> u64 {
        // The small addend keeps a whole number that floating point left a hair below whole.
        let work = match (self.writes, &self.tax) {
            (true, None) => self.work(duty, now) + 1e-6,
            (true, Some(tax)) => self.taxed(tax, self.work(duty, now)) + 1e-6,
            (false, _) => return 0,
        };
        self.order.as_ref().map_or(work as u64, |order| order.made(work))
    }

    /// Work done at the writer's own pace up to `now` [units].
    #[inline]
    fn work(&self, duty: &Duty, now: Time) -> f64 {
        self.pace.at(self.progress, duty, now).done
    }

    /// Page writes, of which each first one to a page takes a fault, that so much `work` is.
    #[inline]
    fn taxed(&self, tax: &FaultTax, work: f64) -> f64 {
        let (armed, writes) = self.armed;
        // A pattern that begins anew may round the work of one moment down.
        writes + tax.writes((work - armed).max(0.0))
    }

    /// The log is armed at `now`.
    fn rearm(&mut self, duty: &Duty, now: Time) {
        if let Some(tax) = &self.tax {
            let work = self.work(duty, now);
            self.armed = (work, self.taxed(tax, work));
        }
    }

    /// The pattern that it follows while `duty` is in force.
    fn duty(&self, duty: &Duty, spares_readers: bool) -> Duty {
        match spares_readers && !self.writes && !duty.is_halted() {
            true => Duty { from: duty.from, ..Duty::FREE },
            false => *duty,
        }
    }
}

impl Activity {
    /// A guest that has done nothing yet and is not throttled, whose log is armed.
    pub fn new(config: &GuestConfig, fault_cost: Span, known: &mut FirstWrites) -> Activity {
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
                    progress: WorkProgress::default(),
                    writes,
                    order: if let Law::Own(order) = &w.law { Some(order.clone()) } else { None },
                    left_out: 0,
                    tax: FaultTax::of(w, fault_cost, config.vcpus, known),
                    lap: matches!(w.law, Law::Sequential { .. }).then_some(w.region),
                    armed: (0.0, 0.0),
                }
            })
            .collect();
        Activity { workloads, duty: Duty::FREE, spares_readers: false }
    }

    /// This guest under a dirty limiter: only a vCPU that fills its ring sleeps, and a workload that writes
    /// nothing is taken to have vCPUs of its own (qemu-precopy 4.6).
    pub fn under_dirty_limit(self) -> Activity {
        Activity { spares_readers: true, ..self }
    }

    /// The pattern of sleep and run in force.
    pub fn duty(&self) -> &Duty {
        &self.duty
    }

    /// Puts another pattern in force, from its `from` on; also where a workload's rate changes, with the pattern that
    /// is in force already, seen [from then](Duty::seen_from).
    pub fn set_duty(&mut self, duty: Duty) {
        for w in &mut self.workloads {
            w.progress = w.pace.at(w.progress, &w.duty(&self.duty, self.spares_readers), duty.from);
            w.asked += w.pace.asked(duty.from - self.duty.from);
            let factor = w.schedule.at(duty.from).0;
            w.pace = w.full.scaled(factor);
            if factor == 0.0 {
                // A phase that is over is over: what it did not get done is lost.
                w.progress.backlog = 0.0;
            }
        }
        self.duty = duty;
    }

    /// When a workload's rate changes next after `now`.
    pub fn next_change(&self, now: Time) -> Time {
        self.workloads.iter().map(|w| w.schedule.at(now).1).min().unwrap_or(Time::NEVER)
    }

    /// Page writes of each workload up to `now`, whole and without those [left out](Self::leave_out), into `writes`.
    pub fn writes(&self, now: Time, writes: &mut Vec<u64>) {
        writes.clear();
        writes.extend(self.workloads.iter().map(|w| w.made(&self.duty, now) - w.left_out));
    }

    /// The log is armed at `now`: the next write to each page takes a fault.
    pub fn rearm(&mut self, now: Time) {
        self.workloads.iter_mut().for_each(|w| w.rearm(&self.duty, now));
    }

    /// Whether every workload works as fast in the `length` after `now`, in the last `length` before `later`, and in between: work
    /// that was held back may be made up for by then. Nothing else may change meanwhile, and the pattern in force began by `now`.
    pub fn keeps_pace(&self, now: Time, length: Span, later: Time) -> bool {
        let near = |one: f64, other: f64| (one - other).abs() <= 0.01 * one.max(other) + 1.0;
        self.workloads.iter().all(|w| {
            let made = |at: Time| if w.writes { w.work(&self.duty, at) } else { 0.0 };
            let after = |begin: Time| made(begin + length) - made(begin);
            let mean = (made(later) - made(now)) * length.seconds() / (later - now).seconds();
            let last = after(Time(later.0.saturating_sub(length.0)).max(now));
            near(after(now), last) && near(after(now), mean)
        })
    }

    /// Whether a workload that writes page after page writes all of its region within `time`, which hangs on how many pages that are,
    /// from `now` on, as the log is armed.
    pub fn goes_round_in(&self, now: Time, time: impl Fn(Pages) -> Span) -> bool {
        self.workloads.iter().any(|w| {
            let made = |at: Time| w.made(&self.duty, at);
            // Any time has at least as many periods of sleep and run as one that is a period shorter and begins now.
            let period = if self.duty.sleep == Span::ZERO { Span::ZERO } else { self.duty.period };
            w.lap.is_some_and(|pages| made(now + Span(time(pages).0.saturating_sub(period.0))) - made(now) > pages.0)
        })
    }

    /// What is written between two moments is not counted, and the log is armed at the second one.
    pub fn leave_out(&mut self, from: Time, to: Time) {
        for w in &mut self.workloads {
            w.left_out += w.made(&self.duty, to) - w.made(&self.duty, from);
        }
        self.rearm(to);
    }

    /// Share of the work asked for up to `end` that was not done when the guest stopped at `stop` [0..=1].
    ///
    /// Workloads weigh as much as the CPU time that they ask for, so one that is not always on weighs less; a guest
    /// that asks for nothing loses nothing.
    pub fn lost_share(&self, stop: Time, end: Time) -> f64 {
        let (mut asked, mut done) = (0.0, 0.0);
        for w in self.workloads.iter().filter(|w| w.weight > 0.0) {
            let all = w.asked + w.pace.asked(end - self.duty.from);
            if all > 0.0 {
                let weight = w.weight * w.full.time_for(all);
                asked += weight;
                let duty = w.duty(&self.duty, self.spares_readers);
                done += weight * (w.pace.at(w.progress, &duty, stop).done / all).min(1.0);
            }
        }
        if asked > 0.0 { (1.0 - done / asked).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{Recorder, RecordingOrigin, Workload, sample};
    use crate::units::PageRate;

    const SECOND: u64 = 1_000_000_000;

    /// A guest whose workloads each run once, at 1000 writes a second, within their span of seconds.
    fn phases(spans: &[(u64, u64)]) -> Activity {
        Activity::new(&config(spans), Span::ZERO, &mut FirstWrites::default())
    }

    fn config(spans: &[(u64, u64)]) -> GuestConfig {
        let workload = |&(from, to): &(u64, u64)| {
            let steps = [(0, 0.0), (from, 1.0), (to, 0.0)].map(|(at, factor)| (Span(at * SECOND), factor));
            let schedule = RateSchedule { steps: steps.to_vec(), repeat: None };
            Workload { schedule, ..Workload::steady(Law::Uniform, Pages(1000), PageRate(1000.0)) }
        };
        sample::guest(Pages(1000), spans.iter().map(workload).collect())
    }

    /// Lets time pass as the simulator does: from change to change.
    fn pass(activity: &mut Activity, until: Time) {
        loop {
            let at = activity.next_change(activity.duty().from);
            if at > until {
                return;
            }
            activity.set_duty(activity.duty().seen_from(at));
        }
    }

    /// Half of the time asleep, from that second on.
    fn half(at: u64) -> Duty {
        let from = Time(at * SECOND);
        Duty { from, anchor: from, period: Span(20_000_000), sleep: Span(10_000_000), ..Duty::FREE }
    }

    #[test]
    fn a_lap_is_a_write_to_each_page_of_the_region_by_who_writes_in_order() {
        let guest = |law: Law, fault: u64| {
            let workload = Workload::steady(law, Pages(1000), PageRate(1e6));
            Activity::new(&sample::guest(Pages(1000), vec![workload]), Span(fault), &mut FirstWrites::default())
        };
        let within = |activity: &Activity, us: u64| activity.goes_round_in(Time::ZERO, |_| Span(us * 1000));
        let order = || Law::Sequential { start: Pages(0) };
        assert_eq!([999, 1001].map(|us| within(&guest(order(), 0), us)), [false, true]);
        assert_eq!([1999, 2002].map(|us| within(&guest(order(), 1000), us)), [false, true], "each page takes a fault");
        let mut throttled = guest(order(), 0);
        throttled.set_duty(Duty { period: Span(100_000), sleep: Span(50_000), ..half(0) });
        // Half as fast, and a period more, for a lap that begins with a sleep.
        assert_eq!([2100, 2200].map(|us| within(&throttled, us)), [false, true]);
        assert!(!within(&guest(Law::Uniform, 0), 1_000_000));
    }

    #[test]
    fn work_that_a_phase_did_not_get_done_ends_with_it() {
        let mut activity = phases(&[(0, 10)]);
        activity.set_duty(half(0));
        pass(&mut activity, Time(20 * SECOND));
        let mut writes = Vec::new();
        activity.writes(Time(20 * SECOND), &mut writes);
        assert_eq!(writes, [5000]);
    }

    #[test]
    fn a_dirty_limiter_slows_only_who_writes() {
        let lost = |law: Law, duty: Duty| {
            let mut guest = config(&[(0, 1000)]);
            guest.workloads[0].law = law;
            let mut activity = Activity::new(&guest, Span::ZERO, &mut FirstWrites::default()).under_dirty_limit();
            activity.set_duty(duty);
            activity.lost_share(Time(10 * SECOND), Time(10 * SECOND))
        };
        assert!((lost(Law::Uniform, half(0)) - 0.5).abs() < 1e-9);
        assert_eq!(lost(Law::Idle, half(0)), 0.0);
        assert_eq!(lost(Law::Idle, Duty::halted(Time::ZERO)), 1.0, "a guest that was paused does nothing at all");
    }

    #[test]
    fn a_throttle_stretches_what_was_recorded() {
        // Ten pages in the first second, none in the second, forty in the third, and so on.
        let mut recorder = Recorder::default();
        for (end, pages) in [(1, 10), (2, 0), (3, 40), (4, 0)] {
            recorder.interval(Span(end * SECOND), &mut (0..pages).collect()).unwrap();
        }
        let recording = recorder.recording(RecordingOrigin::default()).unwrap();
        let guest = |repeat| {
            let recorded = Workload::recorded(recording.clone(), repeat, Pages(0));
            sample::guest(Pages(1000), vec![recorded])
        };
        for (repeat, seconds, free, throttled) in [
            (true, 1, 10, 5),
            (true, 2, 10, 10),
            (true, 4, 50, 10),
            (true, 6, 60, 50),
            (false, 6, 50, 50),
            (false, 60, 50, 50),
        ] {
            let made = |duty: Duty| {
                let mut activity = Activity::new(&guest(repeat), Span::ZERO, &mut FirstWrites::default());
                activity.set_duty(duty);
                let mut writes = Vec::new();
                activity.writes(Time(seconds * SECOND), &mut writes);
                writes[0]
            };
            assert_eq!((made(Duty::FREE), made(half(0))), (free, throttled), "{seconds} s, repeated: {repeat}");
        }
    }

    #[test]
    fn a_phase_weighs_as_long_as_it_lasted() {
        let mut activity = phases(&[(0, 10), (10, 100), (100, 200)]);
        pass(&mut activity, Time(10 * SECOND));
        activity.set_duty(half(10));
        pass(&mut activity, Time(100 * SECOND));
        let lost = activity.lost_share(Time(100 * SECOND), Time(100 * SECOND));
        assert!((lost - 0.45).abs() < 1e-9, "half of 90 of 100 s, and {lost}");
    }
}
