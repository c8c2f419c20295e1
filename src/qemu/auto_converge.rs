//! The sync, the one-second gate, and auto-converge's decision (qemu-precopy 4.1 to 4.3).

use super::{AutoConvergeStep, Capabilities, OwnThrottleRule, Params, Profile, Ramp, RuleSight, Throttle};
use crate::units::{PAGE_SIZE, Pages};

/// What one sync saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncCounts {
    /// REALTIME clock before the log was fetched [ms]; used by the first sync of a migration.
    pub begin_ms: u64,
    /// REALTIME clock after the log was fetched [ms].
    pub end_ms: u64,
    /// Bytes sent so far, as the release counts them [bytes].
    pub transferred: u64,
    /// Pages that this sync adds to the period, as the release counts them.
    pub pages: Pages,
    /// Whether `dirty-sync-count` counts it.
    pub counts: bool,
}

/// A period that a sync closed, with its decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Dirtied in the period [bytes].
    pub dirty_bytes: i128,
    /// Sent in the period [bytes]; negative only where 1.6 to 2.1 carry a snapshot over from an earlier migration.
    pub sent_bytes: i128,
    /// What `dirty_bytes` must exceed for a hit [bytes].
    pub limit_bytes: i128,
    /// The guest dirtied too much.
    pub hit: bool,
    /// Enough hits came together, and the throttle was acted upon.
    pub fired: bool,
}

/// What auto-converge counts, over one migration after another in one QEMU process: syncs, periods, hits, the throttle.
///
/// Source: qemu-precopy 4.1 to 4.3; vectors `cases`.
#[derive(Clone, Debug, Default)]
pub struct AutoConverge {
    sync_count: u64,
    period_start_ms: Option<u64>,
    sent_at_period_start: u64,
    pages_in_period: u64,
    dirty_pages_rate: u64,
    hits: u8,
    throttle_pct: u8,
    fixed_throttle: bool,
    dirty_limit_calls: u64,
    /// A rule in place of QEMU's, and what it keeps.
    own_rule: Option<OwnThrottleRule>,
    registers: [f64; 4],
    sight: RuleSight,
}

impl AutoConverge {
    /// Auto-converge that decides by another rule than QEMU's, if there is one.
    pub fn ruled_by(own_rule: Option<OwnThrottleRule>) -> AutoConverge {
        AutoConverge { own_rule, ..AutoConverge::default() }
    }

    /// Whether another rule than QEMU's decides.
    pub fn has_own_rule(&self) -> bool {
        self.own_rule.is_some()
    }

    /// What another rule than QEMU's sees at the next sync.
    pub fn see(&mut self, sight: RuleSight) {
        self.sight = sight;
    }

    /// `dirty-sync-count`.
    pub fn sync_count(&self) -> u64 {
        self.sync_count
    }

    /// `dirty-pages-rate` of the last closed period [pages/s].
    pub fn dirty_pages_rate(&self) -> u64 {
        self.dirty_pages_rate
    }

    /// Hits since the last action.
    pub fn hits(&self) -> u8 {
        self.hits
    }

    /// `cpu-throttle-percentage` [%]; 0 when there is none.
    pub fn throttle_pct(&self) -> u8 {
        self.throttle_pct
    }

    /// Whether the fixed throttle of 1.6 to 2.4 is on.
    pub fn fixed_throttle(&self) -> bool {
        self.fixed_throttle
    }

    /// Whether QEMU's rule changes nothing any more: the throttle is as high as it may become, and setting it once more leaves its
    /// timer alone.
    pub fn is_at_rest(&self, profile: &Profile, params: &Params) -> bool {
        match profile.throttle {
            Throttle::Fixed => self.fixed_throttle,
            Throttle::Ramp(ramp) => ramp.keeps_timer && i64::from(self.throttle_pct) == ramp.most(params),
        }
    }

    /// How often the dirty limiter was asked to start.
    pub fn dirty_limit_calls(&self) -> u64 {
        self.dirty_limit_calls
    }

    /// So many syncs, and so much time and bytes, pass without another decision.
    pub fn repeat(&mut self, syncs: u64, ms: u64, sent: u64) {
        self.sync_count += syncs;
        self.period_start_ms = self.period_start_ms.map(|start| start + ms);
        self.sent_at_period_start += sent;
    }

    /// Begins the next migration of the same process.
    pub fn new_migration(&mut self, profile: &Profile) {
        let own_rule = self.own_rule.clone();
        let old = std::mem::replace(self, AutoConverge::ruled_by(own_rule));
        if profile.keeps_statics {
            self.period_start_ms = old.period_start_ms;
            self.sent_at_period_start = old.sent_at_period_start;
            self.pages_in_period = old.pages_in_period;
        }
    }

    /// Takes one sync in; returns the period that it closed, if more than 1000 ms have passed since the last one.
    ///
    /// The comparison is strict, and sums and the snapshot of sent bytes run on over syncs inside the gate.
    pub fn sync(&mut self, profile: &Profile, params: &Params, caps: Capabilities, sync: SyncCounts) -> Option<Period> {
        self.sync_count += u64::from(sync.counts);
        if profile.lazy_snapshot && self.sent_at_period_start == 0 {
            self.sent_at_period_start = sync.transferred;
        }
        let start = *self.period_start_ms.get_or_insert(sync.begin_ms);
        self.pages_in_period += sync.pages.0;
        if sync.end_ms <= start + 1000 {
            return None;
        }
        let closed = self.closed(profile, params, sync.transferred);
        let period = match self.own_rule.clone().filter(|_| caps.auto_converge) {
            Some(rule) => self.decide_by(&rule, params, closed, sync, start),
            None => self.decide(profile, params, caps, closed),
        };
        self.dirty_pages_rate =
            (u128::from(self.pages_in_period) * 1000 / u128::from(sync.end_ms - start)).try_into().unwrap_or(u64::MAX);
        self.period_start_ms = Some(sync.end_ms);
        self.pages_in_period = 0;
        if !profile.lazy_snapshot || caps.auto_converge {
            self.sent_at_period_start = sync.transferred;
        }
        Some(period)
    }

    /// What was dirtied and sent in the period that ends, before anything is decided.
    fn closed(&self, profile: &Profile, params: &Params, transferred: u64) -> Period {
        let sent_bytes = i128::from(transferred) - i128::from(self.sent_at_period_start);
        let trigger = match profile.throttle {
            Throttle::Ramp(Ramp { has_trigger: true, .. }) => params.throttle_trigger_threshold,
            _ => 50,
        };
        Period {
            dirty_bytes: i128::from(self.pages_in_period) * i128::from(PAGE_SIZE),
            sent_bytes,
            limit_bytes: sent_bytes * i128::from(trigger) / 100,
            hit: false,
            fired: false,
        }
    }

    /// Asks another rule than QEMU's at the end of a period that began at `start_ms`.
    fn decide_by(
        &mut self,
        rule: &OwnThrottleRule,
        params: &Params,
        mut period: Period,
        sync: SyncCounts,
        start_ms: u64,
    ) -> Period {
        period.hit = period.dirty_bytes > period.limit_bytes;
        let step = AutoConvergeStep {
            period: &period,
            length_ms: sync.end_ms - start_ms,
            sync_count: self.sync_count,
            elapsed_ms: sync.end_ms,
            throttle_pct: self.throttle_pct,
            params,
            sight: self.sight,
        };
        let pct = rule.next(&step, &mut self.registers);
        period.fired = pct != self.throttle_pct;
        self.throttle_pct = pct;
        period
    }

    /// Decides at the end of a period whether the guest must be slowed down.
    ///
    /// The comparison is strict and its right side is cut to whole bytes, so 8192 sent bytes and one dirty page are
    /// no hit at 50 %. Hits add up over misses; only an action resets them.
    fn decide(&mut self, profile: &Profile, params: &Params, caps: Capabilities, mut period: Period) -> Period {
        if !(caps.auto_converge || profile.counts_always) {
            return period;
        }
        let eligible = !profile.previous_rate_gate || self.dirty_pages_rate != 0;
        period.hit = eligible && period.dirty_bytes > period.limit_bytes;
        if period.hit {
            self.hits += 1;
            if self.hits >= profile.hits_needed {
                self.hits = 0;
                period.fired = self.act(profile, params, caps, &period);
            }
        }
        period
    }

    /// Carries a fired decision out; whether anything was there to be done.
    fn act(&mut self, profile: &Profile, params: &Params, caps: Capabilities, period: &Period) -> bool {
        if caps.auto_converge {
            match profile.throttle {
                Throttle::Fixed => self.fixed_throttle = true,
                Throttle::Ramp(ramp) => self.throttle_pct = ramp.next(self.throttle_pct, params, period),
            }
        } else if caps.dirty_limit {
            self.dirty_limit_calls += 1;
        }
        caps.auto_converge || caps.dirty_limit
    }
}

impl Ramp {
    /// The percentage after a fired decision [%, 1..=99].
    ///
    /// The first step goes to the initial percentage, unbounded by `max-cpu-throttle`; later steps add the increment,
    /// with tailslow no more than brings the guest's share down to the ideal one.
    ///
    /// Source: qemu-precopy 4.3.
    fn next(self, pct: u8, params: &Params, period: &Period) -> u8 {
        if pct == 0 {
            return params.cpu_throttle_initial.clamp(1, 99);
        }
        let mut step = i64::from(params.cpu_throttle_increment);
        if self.has_tailslow && params.cpu_throttle_tailslow {
            let share = 100 - i64::from(pct);
            let ideal = (share as f64 * (period.limit_bytes as f64 / period.dirty_bytes as f64)) as i64;
            step = step.min(share - ideal);
        }
        (i64::from(pct) + step).min(self.most(params)).clamp(1, 99) as u8
    }

    /// The percentage that later steps do not go above [%].
    fn most(self, params: &Params) -> i64 {
        if self.has_max { i64::from(params.max_cpu_throttle) } else { 99 }
    }
}
