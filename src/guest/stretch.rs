//! What becomes of a stretch of pages at a sync, class by class.

use super::zones::Class;

/// Shares of a class's pages that wait to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Waiting {
    /// Reported by the last sync, so that their log is not armed.
    pub(super) reported: f64,
    /// Their log is armed.
    pub(super) armed: f64,
}

/// Sums over all pieces [pages].
#[derive(Default)]
pub(super) struct Tally {
    pub(super) logged: f64,
    pub(super) faults: f64,
    pub(super) waiting: f64,
    /// `waiting`, rounded.
    pub(super) whole: u64,
}

/// A piece at a sync.
pub(super) struct Stretch<'a> {
    pub(super) classes: &'a [Class],
    /// Before.
    pub(super) shares: &'a [Waiting],
    /// Chance of each class that a page was written at random since the last sync.
    pub(super) since_sync: &'a [f64],
    /// A sequential writer has written all of them since then.
    pub(super) passed: bool,
    pub(super) swept: bool,
    pub(super) pages: f64,
}

impl Stretch<'_> {
    /// The shares afterwards, into `now`; `rearm` says with what chance the log holds a reported page of a class.
    ///
    /// A log that is re-armed `at_sync` holds nothing afterwards. In one that is `held` reported pages are still
    /// writable, and cost the guest no fault.
    #[inline(always)]
    pub(super) fn advance(
        &self,
        now: &mut [Waiting],
        tally: &mut Tally,
        at_sync: bool,
        held: bool,
        rearm: impl Fn(&Class, f64) -> f64,
    ) {
        for (((now, class), &Waiting { reported, armed }), &random) in
            now.iter_mut().zip(self.classes).zip(self.shares).zip(self.since_sync)
        {
            let since_sync = if self.passed { 1.0 } else { random };
            let since_rearm = if reported == 0.0 { since_sync } else { rearm(class, since_sync) };
            let pages = self.pages * class.share;
            let logged = reported * since_rearm + (1.0 - reported) * since_sync;
            let waiting = match self.swept {
                true => logged,
                false => reported + armed + (1.0 - reported - armed).max(0.0) * since_sync,
            };
            tally.logged += logged * pages;
            tally.faults += (if held { logged - reported } else { logged }) * pages;
            tally.waiting += waiting * pages;
            *now = match at_sync {
                true => Waiting { reported: 0.0, armed: waiting },
                false => Waiting { reported: logged, armed: (waiting - logged).max(0.0) },
            };
        }
    }
}
