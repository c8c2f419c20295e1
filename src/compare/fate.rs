//! How a recorded migration ended, or that it had not when a client looked last.

use serde::Serialize;

use crate::sim::Verdict;

/// The end of a recorded migration, as far as it is known. A prediction has one of the first five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Pre-copy completed.
    Converged,
    /// Completed after a switch to post-copy.
    PostCopy,
    /// Completed with the guest stopped on purpose.
    Paused,
    /// Ended by an orchestrator or an operator.
    Aborted,
    /// Ended because it took too long.
    NotConverged,
    /// Ended from outside; why is not known.
    Cancelled,
    /// Ended by a fault.
    Failed,
    /// Still in pre-copy at the last look: nothing is known of its end.
    Running,
    /// Still in post-copy at the last look: the guest is at the destination, and some of its pages are not.
    PostCopyRunning,
}

impl From<Verdict> for Fate {
    fn from(verdict: Verdict) -> Fate {
        match verdict {
            Verdict::Converged => Fate::Converged,
            Verdict::PostCopy => Fate::PostCopy,
            Verdict::Paused => Fate::Paused,
            Verdict::Aborted => Fate::Aborted,
            Verdict::NotConverged => Fate::NotConverged,
        }
    }
}

impl PartialEq<Verdict> for Fate {
    fn eq(&self, verdict: &Verdict) -> bool {
        *self == Fate::from(*verdict)
    }
}

impl Fate {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Converged => "converged",
            Fate::PostCopy => "post-copy",
            Fate::Paused => "paused",
            Fate::Aborted => "aborted",
            Fate::NotConverged => "not-converged",
            Fate::Cancelled => "cancelled",
            Fate::Failed => "failed",
            Fate::Running => "running",
            Fate::PostCopyRunning => "post-copy-running",
        }
    }

    /// Whether it was over at the last look.
    pub fn is_over(self) -> bool {
        !matches!(self, Fate::Running | Fate::PostCopyRunning)
    }

    /// Whether the guest was at the destination with all its pages.
    pub fn is_completed(self) -> bool {
        matches!(self, Fate::Converged | Fate::PostCopy | Fate::Paused)
    }

    /// Whether a prediction ends in the same way; `None` while its end is not known.
    ///
    /// A cancel and a fault come from outside: the prediction is right if it had not completed by
    /// then.
    pub fn agrees(self, predicted: Fate) -> Option<bool> {
        match self {
            Fate::Running | Fate::PostCopyRunning => None,
            Fate::Cancelled | Fate::Failed => Some(!predicted.is_completed()),
            known => Some(known == predicted),
        }
    }
}
