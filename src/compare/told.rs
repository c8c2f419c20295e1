//! What a log says beside the figures of its looks.

use serde::Serialize;

/// What a log says of its migration in words, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Told {
    /// What the log is: `log of nova-compute`. Empty for recordings.
    pub form: &'static str,
    /// The product that wrote it, as `orchestrator.kind` names it.
    pub product: Option<&'static str>,
    /// The guest or migration that it is about.
    pub subject: Option<String>,
    /// How it ended, where words say so.
    pub end: Option<ToldEnd>,
    /// The last downtime limit that was set [ms].
    pub downtime_limit_ms: Option<f64>,
    /// A limit of bandwidth that was set [bytes/s]; 0: none.
    pub max_bandwidth: Option<f64>,
    /// Figures that such a log does not have.
    pub lacks: Vec<LogGap>,
    /// How coarse its figures are, if they are rounded.
    pub rounding: Option<&'static str>,
}

/// An end that a log tells in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "why")]
pub enum ToldEnd {
    /// It arrived.
    Completed,
    /// The product gave up after a time; in its own words.
    TimedOut(String),
    /// The product gave up because nothing moved on; in its own words.
    Stuck(String),
    /// It was cancelled; in the log's words.
    Cancelled(String),
    /// A fault; in the log's words.
    Failed(String),
}

/// A figure that a form of log does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogGap {
    /// How many syncs there were: they are counted by the rises of what remains, and are as many or more.
    Syncs,
    /// What remains.
    Remaining,
    /// The dirty rate.
    DirtyRate,
    /// The throttle.
    Throttle,
    /// What was sent.
    Sent,
}

impl LogGap {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            LogGap::Syncs => "the number of syncs",
            LogGap::Remaining => "what remains",
            LogGap::DirtyRate => "the dirty rate",
            LogGap::Throttle => "the throttle",
            LogGap::Sent => "what was sent",
        }
    }
}

impl Told {
    /// Of a log of that form, by that product.
    pub(in crate::compare) fn of(form: &'static str, product: Option<&'static str>, lacks: &[LogGap]) -> Told {
        Told { form, product, lacks: lacks.to_vec(), ..Told::default() }
    }

    /// Whether the log has no such figure.
    pub fn lacks(&self, figure: LogGap) -> bool {
        self.lacks.contains(&figure)
    }

    /// An end, unless another one was told before: what follows a time-out is its consequence.
    pub(in crate::compare) fn end(&mut self, end: ToldEnd) {
        self.end.get_or_insert(end);
    }
}
