//! What is compared of a measured and a predicted migration, and how far the two are apart.
//!
//! All of it is what a client can see: when syncs were, what remained after each, the dirty rate that QEMU reported,
//! the throttle, bytes sent, the end. Each difference is divided by how much it would scatter if the same migration
//! were repeated ([`noise`]).

use crate::compare::{Fate, MigrationRecord};
use crate::sim::{Event, Row, Timeline};

/// How much figures of one migration scatter when it is repeated: one standard deviation.
///
/// From ten recordings of one configuration (docs/accuracy.md): 3.3 % of the total time with throttling, 1.4 %
/// without; 0.6 % of the end of the second pass; one sync; one step of the throttle.
pub(super) mod noise {
    /// Time of a sync, as a share of it.
    pub(in crate::fit) const SYNC: f64 = 0.012;
    /// Pages dirtied in a pass, and the rate that QEMU computes from them, as a share.
    pub(in crate::fit) const DIRTIED: f64 = 0.03;
    /// Total time, as a share.
    pub(in crate::fit) const TOTAL: f64 = 0.012;
    /// Bytes sent, as a share.
    pub(in crate::fit) const SENT: f64 = 0.02;
    /// Number of syncs, and as a share.
    pub(in crate::fit) const SYNCS: (f64, f64) = (1.0, 0.05);
    /// Throttle [% points].
    pub(in crate::fit) const THROTTLE: f64 = 5.0;
    /// Remaining RAM at a moment, as a share of the most that ever remained after the first pass.
    pub(in crate::fit) const REMAINING: f64 = 0.15;
}

/// A wrong verdict costs as much as a figure that is off by this many standard deviations.
pub(super) const VERDICT: f64 = 5.0;
/// Beyond so many standard deviations a difference says no more than that it is large: once a decision fell
/// otherwise, all later syncs differ.
const FAR: f64 = 4.0;
/// Moments at which remaining RAM and throttle are compared; together each of the two counts as [`CURVE`] figures.
const MOMENTS: usize = 60;
const CURVE: f64 = 3.0;
/// The total time counts as so many figures.
pub(super) const END: f64 = 5.0;
/// A shorter period between two syncs counts for less [ms]: QEMU also decides over no less, and whether there are ten
/// or twelve passes of 0.1 s depends on a hair.
const PERIOD: f64 = 1000.0;

/// A migration as far as it is compared.
#[derive(Clone, Debug)]
pub(super) struct Features {
    verdict: Fate,
    total_ms: f64,
    sent: f64,
    syncs: Vec<SeenSync>,
    looks: Vec<ClientLook>,
    /// Half the time between two looks [ms].
    half_look_ms: f64,
}

/// What a client saw at one moment.
#[derive(Clone, Copy, Debug)]
struct ClientLook {
    /// [ms]
    t_ms: f64,
    /// [bytes]
    remaining: f64,
    /// [pages/s]
    dirty_rate: f64,
    /// [bytes/s]
    bandwidth: f64,
    /// [%]
    throttle: f64,
}

impl ClientLook {
    fn of(row: &Row) -> ClientLook {
        ClientLook {
            t_ms: row.t_ms,
            remaining: row.remaining_bytes as f64,
            dirty_rate: row.dirty_pages_rate as f64,
            bandwidth: row.bandwidth,
            throttle: row.throttle_pct,
        }
    }
}

/// One sync.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenSync {
    /// [ms]
    pub(super) t_ms: f64,
    /// What remained right after it [bytes], if a client looked before the next.
    pub(super) remaining: Option<f64>,
    /// Dirty rate reported after it [pages/s].
    pub(super) dirty_rate: f64,
    /// What goes over in half the time between two looks [bytes].
    blur: f64,
}

impl Features {
    pub(super) fn of(record: &MigrationRecord, timeline: &Timeline) -> Features {
        let samples = timeline.rows.iter().filter(|row| row.event == Event::Sample);
        let looks: Vec<ClientLook> = samples.map(ClientLook::of).collect();
        let mut gaps: Vec<f64> = looks.windows(2).map(|pair| pair[1].t_ms - pair[0].t_ms).collect();
        let middle = gaps.len() / 2;
        let half_look_ms =
            0.5 * if gaps.is_empty() { 100.0 } else { *gaps.select_nth_unstable_by(middle, f64::total_cmp).1 };
        let mut syncs = Vec::new();
        let mut next = 0;
        for (at, t_ms) in record.sync_times_ms.iter().enumerate() {
            let until = record.sync_times_ms.get(at + 1).copied().unwrap_or(record.seen_ms);
            next += looks[next..].iter().take_while(|look| look.t_ms < *t_ms).count();
            let seen = looks.get(next).filter(|look| look.t_ms < until);
            let sent_since = |look: &ClientLook| look.bandwidth * (look.t_ms - t_ms) / 1e3;
            syncs.push(SeenSync {
                t_ms: *t_ms,
                remaining: seen.map(|look| look.remaining + sent_since(look)),
                dirty_rate: seen.map_or(0.0, |look| look.dirty_rate),
                blur: seen.map_or(0.0, |look| look.bandwidth * half_look_ms / 1e3),
            });
        }
        Features {
            verdict: record.verdict,
            total_ms: record.seen_ms,
            sent: record.transferred_bytes.unwrap_or(0) as f64,
            syncs,
            looks,
            half_look_ms,
        }
    }

    /// When a migration is surely off by more than so much, if it is not over by then [ms].
    pub(super) fn off_by(&self, misfit: f64) -> f64 {
        let scale = libm::hypot(noise::TOTAL * self.total_ms, self.half_look_ms);
        self.total_ms + scale * (misfit.max(0.0) / END).sqrt() + 1.0
    }

    /// The syncs in order.
    pub(super) fn syncs(&self) -> &[SeenSync] {
        &self.syncs
    }

    /// Bandwidth that was reached most of the time [bytes/s]: four fifths of the looks saw no more.
    pub(super) fn bandwidth(&self) -> Option<f64> {
        let mut seen: Vec<f64> = self.looks.iter().map(|look| look.bandwidth).filter(|rate| *rate > 0.0).collect();
        seen.sort_by(f64::total_cmp);
        seen.get(seen.len() * 4 / 5).copied()
    }

    /// Remaining RAM [bytes] and throttle [%] at a moment, as last seen.
    fn at(&self, t_ms: f64) -> Option<(f64, f64)> {
        let after = self.looks.partition_point(|look| look.t_ms <= t_ms);
        let look = &self.looks[after.checked_sub(1)?];
        Some((look.remaining, look.throttle))
    }

    /// How far `predicted` is from this measured migration.
    pub(super) fn misfit(&self, predicted: &Features) -> FitMisfit {
        let mut misfit = FitMisfit::default();
        misfit.add_whole(share(predicted.total_ms, self.total_ms, noise::TOTAL, self.half_look_ms), END);
        misfit.add(share(predicted.sent, self.sent, noise::SENT, 1.0), 1.0);
        let (syncs, more) = noise::SYNCS;
        misfit.add(share(predicted.syncs.len() as f64, self.syncs.len() as f64, more, syncs), 1.0);
        // Of a migration that was still running, a prediction that is over by then is wrong.
        let agrees = self.verdict.agrees(predicted.verdict).unwrap_or(!predicted.verdict.is_completed());
        if !agrees {
            misfit.add(VERDICT, 1.0);
        }
        // The first sync ends setup and says nothing about the guest.
        for (at, pair) in self.syncs.windows(2).enumerate() {
            let (measured, weight) = (&pair[1], ((pair[1].t_ms - pair[0].t_ms) / PERIOD).clamp(0.05, 1.0));
            misfit.periods += weight;
            let Some(predicted) = predicted.syncs.get(at + 1) else {
                misfit.add(FAR, weight);
                continue;
            };
            misfit.add(share(predicted.t_ms, measured.t_ms, noise::SYNC, self.half_look_ms), weight);
            if let Some((ours, theirs)) = predicted.remaining.zip(measured.remaining) {
                misfit.add(share(ours, theirs, noise::DIRTIED, predicted.blur + measured.blur), weight);
            }
            if measured.dirty_rate > 0.0 && predicted.dirty_rate > 0.0 {
                misfit.add(share(predicted.dirty_rate, measured.dirty_rate, noise::DIRTIED, 10.0), weight);
            }
        }
        self.curves(predicted, &mut misfit);
        misfit
    }

    fn curves(&self, predicted: &Features, misfit: &mut FitMisfit) {
        let most = self.syncs.iter().skip(1).filter_map(|sync| sync.remaining).fold(0.0, f64::max);
        let begin = self.syncs.get(1).map_or(0.0, |sync| sync.t_ms);
        let throttled = self.looks.iter().chain(&predicted.looks).any(|look| look.throttle > 0.0);
        for moment in 0..MOMENTS {
            let t_ms = begin + (self.total_ms - begin) * (moment as f64 + 0.5) / MOMENTS as f64;
            let Some((ours, theirs)) = predicted.at(t_ms).zip(self.at(t_ms)) else { continue };
            let weight = CURVE / MOMENTS as f64;
            misfit.add((ours.0 - theirs.0) / (noise::REMAINING * most).max(1.0), weight);
            if throttled {
                misfit.add((ours.1 - theirs.1) / noise::THROTTLE, weight);
            }
        }
    }
}

/// A difference in standard deviations, of which one is `share` of the measured figure and `floor`.
pub(super) fn share(predicted: f64, measured: f64, share: f64, floor: f64) -> f64 {
    let scale = libm::hypot(share * measured, floor);
    if scale > 0.0 { (predicted - measured) / scale } else { 0.0 }
}

/// A sum of squares of differences in standard deviations, in which none but the end counts for more than [`FAR`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FitMisfit {
    /// The sum.
    pub(super) sum: f64,
    /// Figures that went into it.
    pub(super) figures: f64,
    /// Periods between two syncs that these figures tell of. Sync, dirty rate and what remained all follow from what
    /// was dirtied in one, so that figures are not independent of one another, but periods are.
    pub(super) periods: f64,
    /// The migration was not followed to its end: it is off by more than was asked about.
    pub(super) is_cut: bool,
}

impl FitMisfit {
    pub(super) fn add(&mut self, deviations: f64, weight: f64) {
        let square = deviations * deviations;
        self.sum += weight * square / (1.0 + square / (FAR * FAR));
        self.figures += weight;
    }

    /// A difference that counts however large it is: the total time is what people ask about.
    pub(super) fn add_whole(&mut self, deviations: f64, weight: f64) {
        self.sum += weight * deviations * deviations;
        self.figures += weight;
    }

    /// Both together.
    pub(super) fn plus(self, other: FitMisfit) -> FitMisfit {
        FitMisfit {
            sum: self.sum + other.sum,
            figures: self.figures + other.figures,
            periods: self.periods + other.periods,
            is_cut: self.is_cut || other.is_cut,
        }
    }
}
