//! A migration of which a client saw a few moments: one look, or some that are far apart.
//!
//! When its syncs were is not known. A guess is held against each look at the moment of its own migration that comes closest,
//! in passing time as it scatters when a migration is repeated.

use super::features::{END, FitMisfit, VERDICT, noise, share};
use crate::compare::{Fate, LogGap, MigrationRecord, Trace};
use crate::scenario::Scenario;
use crate::sim::{Event, Row, Timeline};
use crate::units::{PAGE_SIZE, Pages, Rate};

/// Fewer looks than this on the way are no log: they do not tell when syncs were.
const FEW: usize = 5;
/// More looks than this tell no more, where syncs are not counted.
const MOST: usize = 24;
/// How far from its own time a look may be found again [standard deviations of time].
const SHIFT: f64 = 4.0;
/// Half the time between two rows of a simulated timeline [ms].
const HALF_ROW: f64 = 50.0;
/// QEMU takes a dirty rate over no less [s].
pub(super) const RATE_PERIOD: f64 = 1.0;

/// What was seen, and what follows from it without any model.
#[derive(Clone, Debug)]
pub(super) struct Glimpse {
    looks: Vec<Row>,
    /// Whether the log counts syncs.
    counted: bool,
    fate: Fate,
    total_ms: f64,
    /// Pages that were dirtied while QEMU counted, each pass anew, if that is told [pages].
    dirtied: Option<f64>,
    /// Whether a sync begins a pass.
    begin_passes: bool,
}

impl Glimpse {
    /// The looks of a trace of a scenario's guest; `None` if they are a log that counts syncs.
    pub(super) fn of(trace: &Trace, scenario: &Scenario) -> Option<Glimpse> {
        let rows = &trace.timeline.rows;
        let counted = !trace.told.lacks(LogGap::Syncs);
        if counted && rows.iter().filter(|row| row.event == Event::Sample).count() >= FEW {
            return None;
        }
        let seen = |row: &&Row| matches!(row.event, Event::Sample | Event::End);
        let measured = &trace.measured;
        let looks: Vec<Row> = rows.iter().filter(seen).cloned().collect();
        let every = looks.len().div_ceil(MOST).max(1);
        // The last look is one of them.
        let looks: Vec<Row> = looks.into_iter().rev().step_by(every).collect::<Vec<_>>().into_iter().rev().collect();
        let sent = measured.normal_pages.map(|normal| normal + measured.duplicate_pages.unwrap_or(0));
        let left = looks.last().map_or(0, |last| last.remaining_bytes / PAGE_SIZE);
        let all = trace.memory.map_or(scenario.guest.memory, |total| total.pages());
        let dirtied = sent.map(|sent| (sent + left).saturating_sub(all.0) as f64);
        let begin_passes = !scenario.qemu.syncs_each_step();
        Some(Glimpse { looks, counted, fate: measured.verdict, total_ms: measured.seen_ms, dirtied, begin_passes })
    }

    /// Why nothing can be said of the guest, and what is bounded all the same.
    pub(super) fn unfit(&self) -> Option<String> {
        let last = self.looks.last()?;
        let why = match self.fate {
            Fate::PostCopy | Fate::PostCopyRunning => {
                let floor = self.floor();
                let known = match floor > 0.0 {
                    true => format!("until then it wrote at least {floor:.0} pages/s on average"),
                    false => "nothing is known of what it wrote until then".to_owned(),
                };
                format!(
                    "since an unknown moment the guest runs at the destination, where nothing is dirtied that is sent \
                     again: {known}, and no upper end is known; a look before the switch tells more"
                )
            }
            _ if self.counted && last.pass <= 1 => format!(
                "in the first pass QEMU has not looked for dirty pages yet: `rate` may be 0 or any, `region` up to all of \
                 the RAM that is not zero; {}",
                self.again()
            ),
            _ if self.bandwidth().is_none() => "no bandwidth was seen".to_owned(),
            _ => return None,
        };
        Some(format!("{}: {why}", self.seen()))
    }

    /// What was seen, for a person.
    pub(super) fn seen(&self) -> String {
        let count = if self.looks.len() == 1 { "one look" } else { "a few looks" };
        let Some(last) = self.looks.last() else { return count.to_owned() };
        let mut parts = vec![format!("pass {} after {:.1} s", last.pass, self.total_ms / 1e3)];
        if last.bandwidth > 0.0 {
            parts.push(format!("{} sent", Rate(last.bandwidth as u64)));
        }
        if last.remaining_bytes > 0 {
            parts.push(format!("{} left", Pages(last.remaining_bytes / PAGE_SIZE).bytes()));
        }
        if last.dirty_pages_rate > 0 {
            parts.push(format!("dirty rate {} pages/s", last.dirty_pages_rate));
        }
        if last.throttle_pct > 0.0 {
            parts.push(format!("throttle {:.0} %", last.throttle_pct));
        }
        format!("{count} ({})", parts.join(", "))
    }

    /// Which look would tell more, and when.
    pub(super) fn again(&self) -> String {
        let last = self.looks.last().filter(|_| !self.fate.is_over());
        let Some((last, bandwidth)) = last.zip(self.bandwidth()) else {
            return "look at its next migration every 0.1 s, as in docs/trace-format.md".to_owned();
        };
        let seconds = (last.remaining_bytes as f64 / bandwidth).max(0.1);
        format!(
            "look again when `dirty-sync-count` is {} or more, in {seconds:.1} s or later: append another answer of the same \
             command (`virsh domjobinfo DOMAIN --rawstats` or `query-migrate`) to the file",
            last.pass.max(1) + 1
        )
    }

    /// Bandwidth that was seen last; the mean over all if none was told [bytes/s].
    pub(super) fn bandwidth(&self) -> Option<f64> {
        let last = self.looks.last()?;
        let mean = last.transferred_bytes as f64 / (self.total_ms / 1e3);
        let told = self.looks.iter().rev().map(|look| look.bandwidth).find(|rate| *rate > 0.0);
        told.or(Some(mean)).filter(|rate| *rate > 0.0)
    }

    /// The guest writes no slower than this, whatever it is [pages/s]: a page counts once in each pass and in each period of
    /// the dirty rate, however often it was written.
    pub(super) fn floor(&self) -> f64 {
        let counted = self.dirtied.map_or(0.0, |pages| pages / (self.total_ms / 1e3));
        self.dirty_rate().max(counted)
    }

    /// Highest dirty rate that was told [pages/s].
    pub(super) fn dirty_rate(&self) -> f64 {
        self.looks.iter().map(|look| look.dirty_pages_rate as f64).fold(0.0, f64::max)
    }

    /// Different pages that it wrote at least. Where syncs begin no passes, pages that are left may never have been sent.
    pub(super) fn pages(&self) -> f64 {
        let is_dirty = |look: &&Row| self.begin_passes && look.pass > 1;
        let left = self.looks.iter().filter(is_dirty).map(|look| look.remaining_bytes / PAGE_SIZE);
        (self.dirty_rate() * RATE_PERIOD).max(left.max().unwrap_or(0) as f64)
    }

    /// Last moment that a prediction is held against [ms].
    pub(super) fn until_ms(&self) -> f64 {
        self.total_ms * (1.0 + SHIFT * noise::SYNC) + 2.0 * HALF_ROW
    }

    /// How far a prediction is from what was seen.
    pub(super) fn misfit(&self, record: &MigrationRecord, timeline: &Timeline) -> FitMisfit {
        let mut misfit = FitMisfit::default();
        for look in &self.looks {
            let far = SHIFT * self.scatter_ms(look);
            let first = timeline.rows.partition_point(|row| row.t_ms < look.t_ms - far);
            let after = timeline.rows.partition_point(|row| row.t_ms <= look.t_ms + far);
            // Of a prediction that was over by then, its end.
            let first = first.min(timeline.rows.len().saturating_sub(1));
            let near = timeline.rows[first..after.max(first + 1).min(timeline.rows.len())].iter();
            let closest = near.map(|row| self.difference(look, row)).min_by(|a, b| a.sum.total_cmp(&b.sum));
            misfit = misfit.plus(closest.unwrap_or_default());
        }
        if self.fate.is_completed() {
            let ended = if record.verdict.is_completed() { record.seen_ms } else { 2.0 * self.until_ms() };
            misfit.add_whole(share(ended, self.total_ms, noise::TOTAL, HALF_ROW), END);
        } else if record.verdict.is_completed() && record.seen_ms < self.total_ms - SHIFT * noise::TOTAL * self.total_ms
        {
            misfit.add_whole(VERDICT, 1.0);
        }
        // Each figure tells something of its own.
        misfit.periods = misfit.figures;
        misfit
    }

    fn scatter_ms(&self, look: &Row) -> f64 {
        libm::hypot(noise::SYNC * look.t_ms, HALF_ROW)
    }

    fn difference(&self, look: &Row, row: &Row) -> FitMisfit {
        let mut misfit = FitMisfit::default();
        let window = look.bandwidth.max(row.bandwidth) * HALF_ROW / 1e3;
        let (left, ours) = (look.remaining_bytes as f64, row.remaining_bytes as f64);
        let (syncs, more) = noise::SYNCS;
        misfit.add((row.t_ms - look.t_ms) / self.scatter_ms(look), 1.0);
        if self.counted {
            misfit.add(share(row.pass as f64, look.pass as f64, more, syncs), 1.0);
        }
        misfit.add(share(row.transferred_bytes as f64, look.transferred_bytes as f64, noise::SENT, window), 1.0);
        let over = self.fate.is_over() && look.event == Event::End;
        if !over {
            misfit.add((ours - left) / libm::hypot(noise::REMAINING * left.max(ours), window).max(1.0), 1.0);
            if look.dirty_pages_rate > 0 {
                misfit.add(share(row.dirty_pages_rate as f64, look.dirty_pages_rate as f64, noise::DIRTIED, 10.0), 1.0);
            }
        }
        if look.throttle_pct > 0.0 || (row.throttle_pct > 0.0 && !over) {
            misfit.add((row.throttle_pct - look.throttle_pct) / noise::THROTTLE, 1.0);
        }
        misfit
    }
}
