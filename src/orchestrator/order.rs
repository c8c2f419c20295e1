//! What an orchestrator orders, and why.

use std::fmt;

use super::job::JobCommand;
use crate::units::{Bytes, Span};

/// What is to be done, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicyOrder {
    /// What.
    pub command: JobCommand,
    /// Why.
    pub why: Why,
}

/// Why an orchestrator does something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// The rule of this index.
    Rule(usize),
    /// A command was queued at the poll before.
    Forced,
    /// The stall detector's judgement.
    Stall(StallVerdict),
}

/// What the stall detector found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StallVerdict {
    /// The limit at the start.
    Start,
    /// What remains no longer falls; the best point so far.
    Stalled(Bytes),
    /// The best point did not come again: the next best will do.
    Relaxed(Bytes),
    /// What remains is as good as the best point, and can be sent in this time.
    GoodPoint(Span),
    /// A good point to switch at, but the switch would take too long.
    TooLong(Span),
    /// The time for the whole migration, or for the switch, is over.
    OutOfTime,
}

impl fmt::Display for StallVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StallVerdict::Start => f.write_str("the limit at the start"),
            StallVerdict::Stalled(best) => write!(f, "stalled: what remains no longer falls below {best}"),
            StallVerdict::Relaxed(best) => write!(f, "the best point did not come again: {best} will do"),
            StallVerdict::GoodPoint(time) => write!(f, "a good point: what remains takes {time}"),
            StallVerdict::TooLong(time) => write!(f, "even a good point takes {time}, which is too long"),
            StallVerdict::OutOfTime => f.write_str("out of time"),
        }
    }
}
