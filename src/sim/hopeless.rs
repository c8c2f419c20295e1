//! Whether a guest that is not stopped by now ever is: for a caller that asks for nothing else.
//!
//! Passes that repeat leave the same after each sync. They lead nowhere if that is far above the threshold, also with the highest
//! `downtime-limit` that is still to be set, and if nothing else lies ahead that could stop the guest.
//!
//! Of a writer that writes page after page no passes need be seen. A page of its region is clean only if it was sent after it was
//! written last, which is at most a lap ago: all but what the link carries in a lap is dirty at any time.

use super::event_queue::OutsideEvent;
use super::migration::Migration;
use super::repeats::PassBlock;
use crate::guest::GuestMemory;
use crate::units::{Bytes, Pages, Span, Time};

/// How far apart are what remains at least and the highest threshold, as a share of that; and the time that a lap takes and the one
/// that it may take.
const APART: f64 = 0.05;

/// Where the threshold may still grow, what remains after a sync must be more than so many times the highest: the length of passes
/// depends on it, and a guest that left twice the highest at first was seen to arrive. Else it is as far as where passes are counted.
const TIMES: f64 = 4.0;

impl<M: GuestMemory> Migration<'_, M> {
    /// Whether passes that go on like those of two blocks, the second of which ends now, are all that is to come.
    pub(super) fn is_hopeless(&self, before: &PassBlock, block: &PassBlock) -> bool {
        let Some(most) = self.most_downtime() else { return false };
        let limit = self.sender.params().downtime_limit;
        let times = if most == limit { 1.0 } else { TIMES * most.0 as f64 / limit.0 as f64 };
        let (now, end) = (self.clock.now(), self.clock.due(OutsideEvent::Limit));
        let passes = block.passes_in(end.since(now));
        self.nothing_is_due()
            && self.runs_on(block.pass())
            && block.with_threshold(times).goes_on_like(&before.with_threshold(times), passes)
            && self.throttler.keeps_pace(now, block.length, end)
    }

    /// Whether a workload dirties its pages, one after the other, so much faster than they are sent that too many always remain.
    pub(super) fn is_outrun(&self) -> bool {
        let Some(most) = self.most_downtime() else { return false };
        let times = most.0 as f64 / self.sender.params().downtime_limit.0 as f64;
        self.nothing_is_due() && self.stays_above(times, self.clock.due(OutsideEvent::Limit))
    }

    /// Whether such a workload leaves more after any sync up to `until` than so many times the threshold, if nothing changes by then.
    pub(super) fn stays_above(&self, times: f64, until: Time) -> bool {
        let now = self.clock.now();
        // The longest lap that leaves as much.
        let lap = |pages: Pages| {
            let highest = (1.0 + APART) * times * self.sender.most_threshold().0 as f64;
            let sent = pages.bytes().0.checked_sub(highest as u64).filter(|_| highest.is_finite())?;
            let lap = Span((self.sender.least_time_for(Bytes(sent).pages()).0 as f64 / (1.0 + APART)) as u64);
            (self.runs_on(lap) && self.throttler.keeps_pace(now, lap, until)).then_some(lap)
        };
        self.throttler.goes_round_in(now, |pages| lap(pages).unwrap_or(Span::ZERO))
    }

    /// The highest `downtime-limit` that is still to come; `None` where the guest may be stopped otherwise.
    fn most_downtime(&self) -> Option<Span> {
        match &self.orders {
            None => Some(self.sender.params().downtime_limit),
            Some(orders) if orders.switch_over.is_some() => None,
            Some(orders) => orders.engine.most_downtime().map(|most| most.max(self.sender.params().downtime_limit)),
        }
    }

    /// Whether the link and the rates of the workloads stay as they are, and no command is left.
    pub(super) fn nothing_is_due(&self) -> bool {
        let never = |event| self.clock.due(event) == Time::NEVER;
        never(OutsideEvent::LinkChange) && never(OutsideEvent::WorkloadChange) && self.obeyed == self.scenario.at.len()
    }
}
