//! Bandwidth windows that are all alike.

use crate::qemu::limiter;
use crate::units::Span;

/// What happened in one window.
#[derive(Clone, Copy, Default)]
pub(super) struct Pattern {
    /// Pages sent.
    pages: u64,
    /// When the clock was last looked at without closing it, from its start on.
    pub(super) last_look: Span,
    zero: bool,
    disturbed: bool,
}

/// A window that the next one will equal, as long as pages of its kind are left and nothing happens outside.
#[derive(Clone, Copy)]
pub(super) struct Repeating {
    pub(super) pages: u64,
    pub(super) length: Span,
    /// Bytes by either count.
    pub(super) ram: u64,
    pub(super) wire: u64,
}

/// The last undisturbed window of each kind of page.
#[derive(Clone, Copy, Default)]
pub(super) struct Patterns {
    normal: Option<Repeating>,
    zero: Option<Repeating>,
}

impl Pattern {
    /// Counts pages that are sent.
    pub(super) fn add(&mut self, pages: u64, zero: bool) {
        self.disturbed |= self.pages > 0 && self.zero != zero;
        self.zero = zero;
        self.pages += pages;
    }

    /// Pages sent so far, if nothing has happened yet that another window would not see.
    pub(super) fn undisturbed_pages(&self) -> Option<u64> {
        (!self.disturbed).then_some(self.pages)
    }

    /// Whether the next window will be like one of this length, in which the clock was looked at last, without closing it, so long
    /// after its start.
    ///
    /// A window closes at the first look at the REALTIME clock that shows 100 ms more than its start did. Both are
    /// cut to whole ms, so whether an end between 99 and 101 ms closes it depends on the phase of the clock, and
    /// such a window says nothing about the next.
    pub(super) fn is_like_the_next(length: Span, last_look: Span) -> bool {
        let ms = Span::from_ms(1);
        length >= limiter::WINDOW + ms && last_look <= limiter::WINDOW - ms
    }

    /// Something happened that the next window will not see.
    pub(super) fn disturb(&mut self) {
        self.disturbed = true;
    }
}

impl Patterns {
    /// Keeps a closed window if the next one will be like it.
    pub(super) fn learn(&mut self, window: &Pattern, closed: Repeating, slept_from: Option<Span>) {
        let repeats = match slept_from {
            Some(busy) => busy < limiter::WINDOW - Span::from_ms(1),
            None => Pattern::is_like_the_next(closed.length, window.last_look),
        };
        if window.disturbed || window.pages == 0 || !repeats {
            return;
        }
        let repeating = Some(Repeating { pages: window.pages, ..closed });
        *(if window.zero { &mut self.zero } else { &mut self.normal }) = repeating;
    }

    /// The window to expect for pages of this kind.
    pub(super) fn of(&self, zero: bool) -> Option<Repeating> {
        if zero { self.zero } else { self.normal }
    }
}
