//! Iterate calls in which nothing can be decided, where windows close in the middle of them (qemu-precopy 2.3).
//!
//! Such windows are never alike: where a call meets the end of a window shifts from one to the next. So calls are walked, but only by
//! the clock and the counters; the memory hears of all their pages at once.

use super::super::clock::Clock;
use super::super::throttler::Vcpus;
use super::stream::Cost;
use super::{CALL_LIMIT, Sender, pages_until_check};
use crate::guest::{GuestMemory, PageRun};
use crate::qemu::{limiter, wire};
use crate::units::{PAGE_SIZE, Time, real};

/// Pages of a call that go one after the other.
#[derive(Clone, Copy)]
struct CallStretch {
    /// Pages of the calls before it.
    before: u64,
    start: Time,
    end: Time,
}

/// How far the threshold is kept away, as a multiple of the highest: a window in whole ms can show a little more than there was.
const TIMES: u64 = 2;

impl<M: GuestMemory> Sender<'_, M> {
    /// Walks whole iterate calls of pages of one kind that no sync, limit or event can come between, to exactly where taking turns
    /// would lead.
    pub(in crate::sim) fn skip_calls(&mut self, clock: &mut Clock, vcpus: Vcpus, dirty_pages_rate: u64) {
        let config = &self.scenario.qemu;
        let stops_in_between = config.syncs_each_step() || config.switchover.own().is_some();
        let is_limited = limiter::quota(self.params.max_bandwidth) != 0;
        if !self.profile.closes_mid_call || self.patterns.is_none() || is_limited || stops_in_between {
            return;
        }
        let Some(run) = self.memory.next_run() else { return };
        let cost = *self.stream.cost(run.zero);
        // A call that is not cut short; the end of a window in it may shift the look at the clock that ends it.
        let of_call = pages_until_check(0, cost.pages_to_fill(CALL_LIMIT)) + wire::CALL_CHECK_PAGES;
        let above = self.remaining().0.saturating_sub(TIMES * self.most_threshold().0) / PAGE_SIZE;
        let longest = cost.time(of_call);
        let (most, until) = (above.min(run.pages - 1), clock.jumps_until());
        let mut stretches = Vec::new();
        let (mut sent, mut now) = (0, clock.now());
        while sent + of_call <= most && now + longest < until {
            (sent, now) = self.walk_call(&run, &cost, (sent, now), clock.met(), dirty_pages_rate, &mut stretches);
        }
        if sent == 0 {
            return;
        }
        let at = |page: u64| {
            let next = stretches.partition_point(|stretch: &CallStretch| stretch.before <= page);
            let CallStretch { before, start, end } = stretches[next.max(1) - 1];
            (start + cost.time_of(real(page - before))).min(end)
        };
        self.memory.send(sent, &mut vcpus.at(at));
        clock.jump(now - clock.now());
    }

    /// One call by the clock and the counters, which begins at a moment, when so many pages were sent by the calls before it; the pages
    /// and the moment at its end.
    fn walk_call(
        &mut self,
        run: &PageRun,
        cost: &Cost,
        (before, start): (u64, Time),
        met: u64,
        dirty_pages_rate: u64,
        stretches: &mut Vec<CallStretch>,
    ) -> (u64, Time) {
        self.window.look(start);
        let (mut sent, mut now) = (0, start);
        loop {
            let by_clock = pages_until_check(sent, cost.pages_to_fill((start + CALL_LIMIT) - now));
            let pages = by_clock.min(cost.pages_to_fill(self.window.closes() - now));
            let end = now + cost.time(pages);
            stretches.push(CallStretch { before: before + sent, start: now, end });
            self.count(pages, 0, run.zero, cost);
            (sent, now) = (sent + pages, end);
            if now >= self.window.closes() {
                self.close_window_mid_call(now, met, dirty_pages_rate);
            }
            if pages == by_clock {
                break;
            }
        }
        self.end_call();
        (before + sent, now)
    }
}
