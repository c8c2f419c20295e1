//! The guest's vCPUs on the source, and what slows or stops them (qemu-precopy 4.1 to 4.6, 5).

mod dirty_limiting;
mod felt;

use crate::guest::{Activity, FirstWrites, Meanwhile};
use crate::qemu::{
    AutoConverge, Capabilities, Params, PeriodicSync, Profile, RuleSight, SyncCounts, Throttle, cpu_throttle,
    fixed_throttle, limiter,
};
use crate::qemu::{Ramp, TIMER_SLACK};
use crate::scenario::Scenario;
use crate::units::{Duty, Pages, Rate, Span, Time};
use dirty_limiting::DirtyLimiting;
use felt::FeltThrottle;

/// How often a throttled guest sleeps in a pass, at least, for one pass to be like another. Chosen: a short pass may fall into one
/// sleep, however seldom, and then finds nothing dirty.
const SLICES: u64 = 4;

/// The throttle of one migration: auto-converge, the dirty limiter, and the guest's activity under them.
#[derive(Clone)]
pub(super) struct Throttler {
    profile: Profile,
    auto_converge: AutoConverge,
    timer: PeriodicSync,
    dirty_limiting: Option<DirtyLimiting>,
    activity: Activity,
    felt: FeltThrottle,
    /// Since when the guest stands still by command.
    halted: Option<Time>,
    /// When all vCPUs stood still for the switchover.
    stopped: Option<Time>,
    /// Scratch buffer: page writes of each workload.
    writes: Vec<u64>,
}

/// The vCPUs while pages are sent.
pub(super) struct Vcpus<'a> {
    activity: &'a Activity,
    stopped: Time,
    writes: &'a mut Vec<u64>,
}

/// The vCPUs while page number n of those sent is taken up at `at(n)`.
pub(super) struct VcpusMeanwhile<'a, F> {
    vcpus: Vcpus<'a>,
    at: F,
}

impl<'a> Vcpus<'a> {
    /// While page number n is taken up at `at(n)`.
    #[inline]
    pub(super) fn at<F: Fn(u64) -> Time>(self, at: F) -> VcpusMeanwhile<'a, F> {
        VcpusMeanwhile { vcpus: self, at }
    }
}

impl<F: Fn(u64) -> Time> Meanwhile for VcpusMeanwhile<'_, F> {
    #[inline]
    fn writes(&mut self, page: u64) -> &[u64] {
        let Vcpus { activity, stopped, writes } = &mut self.vcpus;
        activity.writes((self.at)(page).min(*stopped), writes);
        writes
    }
}

impl Throttler {
    /// The vCPUs of a guest that runs freely.
    #[inline]
    pub(super) fn new(scenario: &Scenario, profile: Profile, known: &mut FirstWrites) -> Throttler {
        let config = &scenario.qemu;
        let mut activity = Activity::new(&scenario.guest, scenario.fault_cost(), known);
        if config.capabilities.dirty_limit {
            activity = activity.under_dirty_limit();
        }
        Throttler {
            profile,
            auto_converge: AutoConverge::ruled_by(config.throttle_rule.clone()),
            timer: PeriodicSync::default(),
            dirty_limiting: config.capabilities.dirty_limit.then(|| DirtyLimiting::new(config, &scenario.guest)),
            activity,
            felt: FeltThrottle::default(),
            halted: None,
            stopped: None,
            writes: Vec::with_capacity(scenario.guest.workloads.len()),
        }
    }

    /// `dirty-sync-count`.
    pub(super) fn sync_count(&self) -> u64 {
        self.auto_converge.sync_count()
    }

    /// `dirty-pages-rate` [pages/s].
    pub(super) fn dirty_pages_rate(&self) -> u64 {
        self.auto_converge.dirty_pages_rate()
    }

    /// What the throttle did to the guest so far.
    pub(super) fn felt(&self) -> &FeltThrottle {
        &self.felt
    }

    /// Since when the guest stands still by command.
    pub(super) fn halted(&self) -> Option<Time> {
        self.halted
    }

    /// When all vCPUs stood still for the switchover.
    pub(super) fn stopped(&self) -> Option<Time> {
        self.stopped
    }

    /// Share of its time that the guest runs [0..=1].
    pub(super) fn run_share(&self) -> f64 {
        if self.stopped.is_some() { 0.0 } else { self.activity.duty().run_share() }
    }

    /// Share of the work asked for up to `end` that was not done when the guest stopped at `stop` [0..=1].
    pub(super) fn lost_share(&self, stop: Time, end: Time) -> f64 {
        self.activity.lost_share(stop, end)
    }

    /// When the throttled vCPUs wake, if they sleep now.
    #[inline]
    pub(super) fn asleep(&self, now: Time) -> Option<Time> {
        self.activity.duty().asleep(now).filter(|_| self.halted.is_none() && self.stopped.is_none())
    }

    /// Whether a vCPU that sleeps can be stopped before it wakes.
    pub(super) fn is_interruptible(&self) -> bool {
        matches!(self.profile.throttle, Throttle::Ramp(Ramp { interruptible: true, .. }))
    }

    /// Page writes of each workload up to now, or to the instant at which the guest stopped.
    pub(super) fn writes(&mut self, now: Time) -> &[u64] {
        self.activity.writes(self.stopped.unwrap_or(now), &mut self.writes);
        &self.writes
    }

    /// The log was armed: first writes take a fault again.
    pub(super) fn rearm(&mut self, now: Time) {
        self.activity.rearm(self.stopped.unwrap_or(now));
    }

    /// The vCPUs while pages are sent.
    #[inline]
    pub(super) fn vcpus(&mut self) -> Vcpus<'_> {
        let stopped = self.stopped.unwrap_or(Time::NEVER);
        Vcpus { activity: &self.activity, stopped, writes: &mut self.writes }
    }

    /// When a workload's rate changes next after `now`.
    pub(super) fn next_workload_change(&self, now: Time) -> Time {
        self.activity.next_change(now)
    }

    /// A workload's rate changes at `at`, also where a sync has run past that; when one changes next.
    pub(super) fn change_workload(&mut self, at: Time) -> Time {
        self.activity.set_duty(self.activity.duty().seen_from(at));
        self.activity.next_change(at)
    }

    /// Whether the guest writes as fast from `now` up to `later` as in the first and the last `length` of that.
    pub(super) fn keeps_pace(&self, now: Time, length: Span, later: Time) -> bool {
        self.activity.keeps_pace(now, length, later)
    }

    /// Whether a workload that writes page after page writes all of its region within `time`, from a sync at `now` on.
    pub(super) fn goes_round_in(&self, now: Time, time: impl Fn(Pages) -> Span) -> bool {
        self.activity.goes_round_in(now, time)
    }

    /// Whether the guest runs, and auto-converge, where it is on, has nothing left to raise and lets it sleep and run some times in
    /// a pass of this length.
    pub(super) fn is_settled(&self, params: &Params, caps: Capabilities, pass: Span) -> bool {
        let throttled =
            || self.auto_converge.is_at_rest(&self.profile, params) && self.activity.duty().period * SLICES <= pass;
        self.halted.is_none() && (!caps.auto_converge || throttled())
    }

    /// Passes that repeat take `span` from `now` on, with so many syncs and bytes sent. Whoever counts writes goes on as if
    /// there had been none meanwhile.
    pub(super) fn repeat(&mut self, now: Time, span: Span, syncs: u64, sent: u64) {
        self.activity.leave_out(now, now + span);
        self.auto_converge.repeat(syncs, span.whole_ms(), sent);
    }

    /// Whether the throttle follows another rule than QEMU's.
    #[inline]
    pub(super) fn has_own_rule(&self) -> bool {
        self.auto_converge.has_own_rule()
    }

    /// What another rule than QEMU's sees at the next sync.
    pub(super) fn see(&mut self, sight: RuleSight) {
        self.auto_converge.see(sight);
    }

    /// Hands a sync to auto-converge; whether its decision fired.
    #[inline]
    pub(super) fn sync(&mut self, params: &Params, caps: Capabilities, sync: SyncCounts) -> bool {
        self.auto_converge.sync(&self.profile, params, caps, sync).is_some_and(|period| period.fired)
    }

    /// Whether the tick of the periodic timer must sync.
    pub(super) fn tick_wants_sync(&self) -> bool {
        self.timer.wants_sync(self.auto_converge.sync_count())
    }

    /// The tick, and the sync that it may have made, are over.
    pub(super) fn end_tick(&mut self) {
        self.timer.end_tick(self.auto_converge.sync_count());
    }

    /// Puts the throttle that auto-converge asks for in force at `now`; whether it is another one.
    ///
    /// The fixed throttle lets the guest run for `burst` in each window.
    pub(super) fn throttle(&mut self, now: Time, burst: Span) -> bool {
        if self.halted.is_some() || (self.profile.throttle == Throttle::Fixed && self.felt.pct() > 0.0) {
            return false;
        }
        let duty = self.asked_for(self.activity.duty(), now, burst);
        self.activity.set_duty(duty);
        let pct = match self.profile.throttle {
            Throttle::Ramp(_) => f64::from(self.auto_converge.throttle_pct()),
            Throttle::Fixed => 100.0 * (1.0 - duty.run_share()),
        };
        self.felt.set(pct, duty.sleep, now);
        true
    }

    /// The pattern of sleep and run that auto-converge asks for from now on, while `old` was in force.
    fn asked_for(&self, old: &Duty, now: Time, burst: Span) -> Duty {
        let pct = self.auto_converge.throttle_pct();
        match self.profile.throttle {
            Throttle::Ramp(ramp) if pct > 0 => cpu_throttle::set(pct, ramp, old, now),
            // Only a rule of one's own takes a throttle back; a sleep that has begun goes on.
            Throttle::Ramp(_) if self.felt.pct() > 0.0 => {
                Duty { from: now, asleep_until: old.asleep(now).unwrap_or(now), ..Duty::FREE }
            }
            Throttle::Fixed if self.auto_converge.fixed_throttle() => {
                fixed_throttle::pattern(now, burst, limiter::WINDOW + TIMER_SLACK)
            }
            _ => *old,
        }
    }

    /// Switches the dirty limiter on, where there is one, with a quota for each vCPU; whether it has to begin to measure.
    pub(super) fn limit(&mut self, quota: Rate) -> bool {
        self.dirty_limiting.as_mut().is_some_and(|limiting| limiting.fire(quota))
    }

    /// The dirty limiter looks at what it has measured for a period; whether it changes the vCPUs' sleeps.
    pub(super) fn measure(&mut self, period: Span, now: Time) -> bool {
        if self.halted.is_some() {
            return false;
        }
        let old = self.activity.duty();
        let duty = self.dirty_limiting.as_mut().and_then(|limiting| limiting.measure(period, old, now));
        let Some(duty) = duty.filter(|duty| (duty.period, duty.sleep) != (old.period, old.sleep)) else {
            return false;
        };
        self.activity.set_duty(duty);
        self.felt.set(100.0 * (1.0 - duty.run_share()), duty.sleep, now);
        true
    }

    /// The guest stands still from now on, unless it already does.
    pub(super) fn halt(&mut self, now: Time) {
        if self.halted.is_none() {
            self.halted = Some(now);
            self.activity.set_duty(Duty::halted(now));
        }
    }

    /// The guest runs again, under the throttle that auto-converge asks for.
    pub(super) fn resume(&mut self, now: Time, burst: Span) {
        self.halted = None;
        let free = Duty { from: now, ..Duty::FREE };
        self.activity.set_duty(self.asked_for(&free, now, burst));
    }

    /// All vCPUs stand still for the switchover.
    pub(super) fn stop(&mut self, now: Time) {
        self.stopped = Some(now);
    }
}
