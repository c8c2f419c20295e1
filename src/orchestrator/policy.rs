//! An orchestrator as data.

use std::borrow::Cow;

use serde::Serialize;

use super::field::JobField;
use super::order::Why;
use super::poll::Poll;
use super::registers::Rises;
use super::rule::{Act, DowntimeChange, Is, Rule, RuleEvent};
use super::stall;
use crate::units::{Bytes, Span};

/// Everything an orchestrator does between "migrate" and "done".
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// What it is called.
    pub name: &'static str,
    /// When it looks.
    pub poll: Poll,
    /// What counts as a rise.
    pub rises: Rises,
    /// In the order in which they are looked at.
    pub rules: Vec<Rule>,
    /// KubeVirt's stall detector, beside the rules.
    pub stall: Option<stall::StallParams>,
    /// Forcing a migration to complete switches to post-copy; else it pauses the guest.
    pub forces_post_copy: bool,
    /// It stops the guest itself: QEMU's own test is off.
    pub decides_switchover: bool,
}

impl Policy {
    /// Whether it puts a `downtime-limit` of its own in force, whatever QEMU was told.
    pub fn sets_downtime(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.act, Act::Downtime { to: DowntimeChange::Set(_), .. }))
    }

    /// The last moment for which it waits by the clock alone, for a guest of that size: its timeout, or the last step of a
    /// ladder. Zero where nothing hangs on the time since the start.
    pub fn last_due(&self, memory: Bytes) -> Span {
        let due = |rule: &Rule| {
            let clock = |field| match field {
                JobField::TimeElapsed => 1.0,
                JobField::TimeElapsedPerGib => memory.gib(),
                _ => 0.0,
            };
            let from = rule.when.iter().filter(|condition| matches!(condition.is, Is::Above | Is::AtLeast));
            let timer = if let RuleEvent::Timer(span) = rule.on { span } else { Span::ZERO };
            from.map(|condition| Span((condition.value * clock(condition.field)) as u64)).fold(timer, Span::max)
        };
        // The stall detector stretches its limit once; one that has no end is none.
        let stall = self.stall.filter(|stall| stall.limit < Span(u64::MAX));
        let stall = stall.map(|stall| Span((stall.limit.0 as f64 * stall.completion_factor) as u64));
        self.rules.iter().map(due).chain(stall).max().unwrap_or(Span::ZERO)
    }

    /// A policy that only looks.
    pub fn new(name: &'static str, poll: Poll) -> Policy {
        Policy {
            name,
            poll,
            rises: Rises::Plain,
            rules: Vec::new(),
            stall: None,
            forces_post_copy: false,
            decides_switchover: false,
        }
    }

    /// What it would write into its log.
    pub fn explain(&self, why: Why) -> Cow<'_, str> {
        match why {
            Why::Rule(index) => self.rules.get(index).map_or(Cow::Borrowed(""), |rule| Cow::Borrowed(&rule.why)),
            Why::Forced => Cow::Borrowed("completion is forced, as was queued at the poll before"),
            Why::Stall(verdict) => Cow::Owned(verdict.to_string()),
        }
    }
}
