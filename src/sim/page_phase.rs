//! The page phase of post-copy as a fluid: how long it lasts, and how often the guest has to wait.

use crate::guest::Missing;
use crate::units::{Span, Time};

/// What the page phase was, or is expected to be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PagePhase {
    /// When the guest began to run at the destination.
    pub(super) begin: Time,
    /// How long until all pages are there.
    pub(super) length: Span,
    /// Pages that the guest asked for, in host pages.
    pub(super) faults: u64,
    /// vCPU time that it waited for them, over all vCPUs.
    pub(super) stall: Span,
}

/// How pages get to the destination.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    /// Pages a second, requested or not.
    pub(super) link: f64,
    /// Pages a second of the background sweep; requests are not held to it.
    pub(super) sweep: f64,
    /// 4 KiB pages that are asked for, sent and placed together.
    pub(super) host_page: f64,
    /// From an access to the page being there.
    pub(super) request: Span,
    /// vCPUs that run the workloads.
    pub(super) vcpus: f64,
}

/// Steps in which the sweep alone would be through.
const STEPS: f64 = 500.0;
/// Bound on all steps, for sweeps that requests hold up again and again.
const MOST_STEPS: u32 = 100_000;

/// Lets the guest run until no page is missing.
///
/// A class of n missing host pages, each touched h times a second, loses n h pages a second to requests and its part
/// of what the sweep brings. All vCPUs share the writing; one that waits does not write, so that requests, which
/// would be w a second without any wait, slow down to w / (1 + w t / v), where t is the time of a request and v the
/// number of vCPUs. Requests go first; the sweep has what they leave of the link.
pub(super) fn run(missing: &[Missing], delivery: &Delivery) -> PagePhase {
    let unit = delivery.host_page.max(1.0);
    let mut classes: Vec<(f64, f64)> =
        missing.iter().map(|class| (class.pages / unit, class.touches_per_second * unit)).collect();
    let (link, sweep) = (delivery.link / unit, delivery.sweep.min(delivery.link) / unit);
    let total: f64 = classes.iter().map(|class| class.0).sum();
    let step = total / sweep / STEPS;
    let (mut time, mut faults, mut steps) = (0.0, 0.0, 0);
    let mut left = total;
    while left >= 0.5 && steps < MOST_STEPS && step.is_finite() && step > 0.0 {
        let wanted: f64 = classes.iter().map(|(pages, touches)| pages * touches).sum();
        let slowed = 1.0 / (1.0 + wanted * delivery.request.seconds() / delivery.vcpus.max(1.0));
        let background = sweep.min((link - wanted * slowed).max(0.0));
        let span = step.min(if background > 0.0 { left / background } else { step });
        let arrives = background * span / left;
        for (pages, touches) in &mut classes {
            let asked = *pages * (1.0 - libm::exp(-*touches * slowed * span));
            faults += asked;
            *pages = (*pages - asked) * (1.0 - arrives).max(0.0);
        }
        left = classes.iter().map(|class| class.0).sum();
        time += span;
        steps += 1;
    }
    let nanoseconds = |seconds: f64| Span((seconds * 1e9) as u64);
    PagePhase {
        begin: Time::ZERO,
        length: nanoseconds(time),
        faults: (faults + 0.5) as u64,
        stall: nanoseconds(faults * delivery.request.seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELIVERY: Delivery =
        Delivery { link: 10_000.0, sweep: 10_000.0, host_page: 1.0, request: Span::from_ms(1), vcpus: 1.0 };

    fn missing(pages: f64, touches_per_second: f64) -> [Missing; 1] {
        [Missing { pages, touches_per_second }]
    }

    #[test]
    fn nobody_asks_for_pages_that_nobody_touches() {
        let phase = run(&missing(100_000.0, 0.0), &DELIVERY);
        assert!((phase.length.seconds() - 10.0).abs() < 0.01, "{phase:?}");
        assert_eq!((phase.faults, phase.stall), (0, Span::ZERO));
    }

    #[test]
    fn requests_do_not_make_it_longer_but_cost_time_of_the_guest() {
        let phase = run(&missing(100_000.0, 0.1), &DELIVERY);
        assert!((phase.length.seconds() - 10.0).abs() < 0.2, "{phase:?}");
        assert!(phase.faults > 1000, "{phase:?}");
        assert!(phase.stall.whole_ms().abs_diff(phase.faults) <= 1, "{phase:?}");
        assert!(phase.stall.seconds() <= phase.length.seconds(), "one vCPU cannot wait longer than that");
    }

    #[test]
    fn a_limited_sweep_leaves_more_to_be_asked_for() {
        let slow = run(&missing(10_000.0, 0.1), &Delivery { sweep: 100.0, ..DELIVERY });
        let fast = run(&missing(10_000.0, 0.1), &DELIVERY);
        assert!(slow.faults > fast.faults && slow.length > fast.length, "{slow:?} {fast:?}");
    }

    #[test]
    fn huge_pages_come_as_a_whole() {
        let small = run(&missing(512_000.0, 0.01), &DELIVERY);
        let large = run(&missing(512_000.0, 0.01), &Delivery { host_page: 512.0, ..DELIVERY });
        assert!(large.faults <= 1000 && large.faults < small.faults, "{small:?} {large:?}");
    }

    #[test]
    fn nothing_missing_takes_no_time() {
        assert_eq!(run(&[], &DELIVERY), PagePhase::default());
    }
}
