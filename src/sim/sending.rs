//! Pages on their way: one iterate call, and what ends it (qemu-precopy 1.3, 2.1).

use super::migration::{Interrupted, Migration, OpenWindow};
use super::stream::Cost;
use crate::guest::{Activity, Meanwhile, Memory, Run};
use crate::qemu::{limiter, wire};
use crate::units::{Span, Time};

/// An iterate call ends at the first look at the clock that shows more than 50 whole ms.
pub(super) const CALL_LIMIT: Span = Span::from_ms(51);

impl<M: Memory> Migration<'_, M> {
    /// One iterate call: pages in cursor order until the limiter, the clock or an empty bitmap ends it.
    pub(super) fn iterate(&mut self) -> Result<(), Interrupted> {
        let start = self.now;
        self.window.pattern.last_look = start - self.window.start;
        let mut sent = 0;
        while !self.rate_exceeded() {
            let Some(run) = self.memory.next_run() else {
                self.window.pattern.disturb();
                break;
            };
            let cost = self.cost(&run);
            let by_clock = pages_until_check(sent, cost.pages_to_fill((start + CALL_LIMIT) - self.now));
            let mut pages = run.pages.min(self.pages_until_exceeded(cost)).min(by_clock);
            let closes = Time((self.window.start.whole_ms() + limiter::WINDOW.whole_ms()) * 1_000_000);
            if self.profile.closes_mid_call {
                pages = pages.min(cost.pages_to_fill(closes - self.now));
            }
            let end;
            (pages, end) = self.undisturbed(pages, cost);
            self.send(pages, &run, cost, end);
            sent += pages;
            if pages == run.pages {
                self.window.pattern.disturb();
            }
            self.advance(end)?;
            if self.profile.closes_mid_call && self.now >= closes {
                // The call under way ends in a window in which it did not begin; neither window says what a whole
                // one is like.
                self.window.pattern.disturb();
                self.close_window();
                self.window.pattern.disturb();
            }
            if pages == by_clock {
                break;
            }
        }
        self.counters.ram += wire::CALL_COUNTED;
        let framing = wire::CALL_FRAMING + self.stream.per_call();
        self.counters.ram += self.stream.per_call();
        self.counters.wire += framing;
        self.window.used += self.window.unflushed + framing;
        self.window.unflushed = 0;
        Ok(())
    }

    /// How many of `pages` are through before something happens outside, and when that is.
    ///
    /// A page that is under way then stays under way: it costs what is left of it afterwards.
    pub(super) fn undisturbed(&mut self, pages: u64, cost: Cost) -> (u64, Time) {
        let end = self.now + cost.time_of(pages as f64 - self.under_way);
        let happens = self.outside.next();
        if end < happens || happens == Time::NEVER {
            self.under_way = 0.0;
            return (pages, end);
        }
        let through = self.under_way + cost.part_in(happens - self.now);
        let whole = pages.min(through as u64);
        self.under_way = if whole < pages { through - whole as f64 } else { 0.0 };
        (whole, happens)
    }

    /// Sends pages of the run under the cursor, by `end`; time is the caller's business.
    #[inline]
    pub(super) fn send(&mut self, pages: u64, run: &Run, cost: Cost, end: Time) {
        if pages == 0 {
            return;
        }
        let encoded = self.encoded(pages, run);
        // Counted from the start of a window as long as that is undisturbed, so that windows that are walked and those
        // that are jumped over come to a chunk at the same instant.
        let (start, before) = match self.window.pattern.undisturbed_pages() {
            Some(sent) => (self.window.start, sent as f64),
            None => (self.now, 0.0),
        };
        self.send_pages(pages, |page| (start + cost.time_of(before + page as f64)).min(end));
        let bytes = cost.bytes(pages);
        self.counters.ram += bytes;
        self.counters.wire += bytes;
        self.counters.encoded += encoded;
        self.counters.count(cost.counts(), pages - encoded);
        if !cost.is_limited() {
            // Past the limiter.
        } else if self.profile.limiter_counts_flushed {
            let queued = self.window.unflushed + bytes;
            let flushed = cost.flushed(queued);
            self.window.used += flushed;
            self.window.unflushed = queued - flushed;
        } else {
            self.window.used += bytes;
        }
        self.window.pattern.add(pages, run.zero);
    }

    /// How many of so many pages of a run go as differences.
    #[inline]
    fn encoded(&mut self, pages: u64, run: &Run) -> u64 {
        match &mut self.xbzrle {
            Some(xbzrle) if run.changed.is_some() && self.memory.has_wrapped() => xbzrle.send(pages),
            _ => 0,
        }
    }

    /// What a page of this run costs now.
    #[inline]
    pub(super) fn cost(&self, run: &Run) -> Cost {
        match (&self.xbzrle, run.changed) {
            (Some(xbzrle), Some(changed)) if self.memory.has_wrapped() => xbzrle.cost(changed, self.stream.rate()),
            _ => *self.stream.cost(run.zero),
        }
    }

    /// Pages after which the limiter, which lets one go now, will say stop.
    pub(super) fn pages_until_exceeded(&self, cost: Cost) -> u64 {
        let OpenWindow { used, unflushed, .. } = self.window;
        if self.profile.limiter_counts_flushed {
            cost.pages_to_exceed_flushed(self.quota(), used, unflushed).max(1)
        } else {
            cost.pages_to_exceed_queued(self.quota(), used)
        }
    }

    /// Sends pages of which number n is taken up at `at(n)`.
    pub(super) fn send_pages(&mut self, pages: u64, at: impl Fn(u64) -> Time) {
        let stopped = self.stop.map_or(Time::NEVER, |stop| stop.stopped);
        let at = |page| at(page).min(stopped);
        self.memory.send(pages, &mut Guest { activity: &self.activity, at, writes: &mut self.writes });
    }
}

/// The guest while pages are sent.
struct Guest<'a, F> {
    activity: &'a Activity,
    at: F,
    writes: &'a mut Vec<u64>,
}

impl<F: Fn(u64) -> Time> Meanwhile for Guest<'_, F> {
    fn writes(&mut self, page: u64) -> &[u64] {
        self.activity.writes((self.at)(page), self.writes);
        self.writes
    }
}

/// Pages until the look at the clock that ends the call: it comes after page 0, 64, 128, ... of the call, of which
/// `sent` are out already, and must find that `needed` more have filled its time.
fn pages_until_check(sent: u64, needed: u64) -> u64 {
    let page = (sent + needed - 1).next_multiple_of(wire::CALL_CHECK_PAGES);
    page + 1 - sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_looked_at_every_64_pages() {
        for (sent, needed, pages) in [(0, 51, 65), (0, 1, 1), (10, 1, 55), (65, 1, 64), (0, 65, 65), (0, 66, 129)] {
            assert_eq!(pages_until_check(sent, needed), pages, "{sent} {needed}");
        }
    }
}
