//! Whether a guest that is not stopped by now ever is: for a caller that asks for nothing else.
//!
//! Passes that repeat leave the same after each sync. They lead nowhere if that is far above the threshold, also with the highest
//! `downtime-limit` that is still to be set, and if nothing else lies ahead that could stop the guest.

use super::event_queue::OutsideEvent;
use super::migration::Migration;
use super::repeats::PassBlock;
use crate::guest::GuestMemory;
use crate::units::{Span, Time};

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
        self.nothing_comes(block.pass())
            && block.with_threshold(times).goes_on_like(&before.with_threshold(times), passes)
            && self.throttler.keeps_pace(now, block.length, end)
    }

    /// The highest `downtime-limit` that is still to come; `None` where the guest may be stopped otherwise.
    fn most_downtime(&self) -> Option<Span> {
        match &self.orders {
            None => Some(self.sender.params().downtime_limit),
            Some(orders) if orders.switch_over.is_some() => None,
            Some(orders) => orders.engine.most_downtime().map(|most| most.max(self.sender.params().downtime_limit)),
        }
    }

    /// Whether the link stays as it is, no command is left, and the guest runs on as in passes of this length.
    fn nothing_comes(&self, pass: Span) -> bool {
        let never = |event| self.clock.due(event) == Time::NEVER;
        never(OutsideEvent::LinkChange)
            && never(OutsideEvent::WorkloadChange)
            && self.obeyed == self.scenario.at.len()
            && self.runs_on(pass)
    }
}
