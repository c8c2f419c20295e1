//! Rules: what happens on which event, under which conditions.

use serde::Serialize;

use super::field::JobField;
use crate::units::{Rate, Span};

/// What makes an orchestrator look at its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleEvent {
    /// The migration starts.
    Start,
    /// A poll.
    Poll,
    /// A sync that counts in `dirty-sync-count`: libvirt's iteration event.
    Iteration,
    /// A one-shot timer, so long after the start.
    Timer(Span),
    /// What was ordered was refused.
    Refused,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// When it is looked at.
    pub on: RuleEvent,
    /// All of them must hold.
    pub when: Vec<Condition>,
    /// What it does.
    pub act: Act,
    /// What its orchestrator would write into its log.
    pub why: String,
    /// Fires at most once.
    pub once: bool,
    /// Fires only after the rule of this index has fired.
    pub after: Option<usize>,
    /// The conditions must have held for so long, at the first time and again after each time it fired.
    pub hold: Option<Span>,
    /// When it fires, later rules are not looked at until the next event.
    pub last: bool,
    /// When it fires, the count of rises starts anew.
    pub resets_rises: bool,
}

impl Rule {
    /// A rule without conditions that fires every time.
    pub fn new(on: RuleEvent, act: Act, why: impl Into<String>) -> Rule {
        Rule {
            on,
            when: Vec::new(),
            act,
            why: why.into(),
            once: false,
            after: None,
            hold: None,
            last: false,
            resets_rises: false,
        }
    }

    /// This rule with one more condition.
    pub fn when(mut self, field: JobField, is: Is, value: f64) -> Rule {
        self.when.push(Condition { field, is, value });
        self
    }

    /// This rule, to fire at most once.
    pub fn once(self) -> Rule {
        Rule { once: true, ..self }
    }

    /// This rule; where it fires, later rules are not looked at.
    pub fn last(self) -> Rule {
        Rule { last: true, ..self }
    }
}

/// A comparison with a number in the field's base unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// Left side.
    pub field: JobField,
    /// How they compare.
    pub is: Is,
    /// Right side.
    pub value: f64,
}

impl Condition {
    /// Whether it holds once nothing has fallen for long enough, whatever was seen before that.
    pub(super) fn awaits_progress(&self) -> bool {
        self.field == JobField::SinceProgress && matches!(self.is, Is::Above | Is::AtLeast)
    }
}

/// How two numbers compare; never true for a number that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Is {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
}

impl Is {
    /// Whether `left` and `right` compare so.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Is::Above => left > right,
            Is::AtLeast => left >= right,
            Is::Below => left < right,
            Is::AtMost => left <= right,
            Is::Equal => left == right,
        }
    }
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Nothing; with [`Rule::last`] it keeps later rules from being looked at.
    Nothing,
    /// Change `downtime-limit`, and say so only if that makes a difference.
    Downtime {
        /// How.
        to: DowntimeChange,
        /// At most this.
        cap: Option<Span>,
    },
    /// Set `max-bandwidth`; zero: no limit.
    Bandwidth(Rate),
    /// Stop the guest.
    Pause,
    /// Switch to post-copy.
    PostCopy,
    /// Cancel the migration.
    Abort,
    /// Stop the guest and send the rest.
    SwitchOver,
    /// Stop the guest once what remains now has been sent, and send the rest.
    SwitchOverAfterPass,
    /// At the next poll: post-copy where it can be used, a paused guest elsewhere.
    QueueForceComplete,
}

/// A new value from an old one, in whole ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DowntimeChange {
    /// This value.
    Set(Span),
    /// So much more.
    Plus(Span),
    /// So many times as much, cut to whole ms, and at least 1 ms more.
    Times(f64),
}

impl DowntimeChange {
    /// The new value, at most `cap`.
    pub fn of(self, old: Span, cap: Option<Span>) -> Span {
        let new = match self {
            DowntimeChange::Set(value) => value,
            DowntimeChange::Plus(step) => Span(old.0.saturating_add(step.0)),
            DowntimeChange::Times(factor) => {
                let old = old.whole_ms();
                Span::from_ms(((old as f64 * factor) as u64).max(old.saturating_add(1)))
            }
        };
        cap.map_or(new, |cap| new.min(cap))
    }
}
