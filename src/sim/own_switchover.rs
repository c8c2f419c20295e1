//! What a switchover rule of one's own leaves from question to question.

use crate::units::Time;

/// What a migration under such a rule remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnSwitchover {
    pub(super) registers: [f64; 4],
    /// The rule let a pass go on of which less than the threshold is left: when it is asked again at the earliest.
    pub(super) again: Option<Time>,
}
