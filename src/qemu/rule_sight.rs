//! What a rule of one's own sees of a migration beside what it decides on.

use crate::units::{Bytes, Rate, Span};

/// The migration at a sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleSight {
    /// The guest's RAM.
    pub memory: Bytes,
    /// What is left to be sent, with what this sync found.
    pub remaining: Bytes,
    /// Of the last window, as QEMU reckons it; 0 before there is one.
    pub bandwidth: Rate,
    /// `threshold_size`: what may be left when the guest is stopped.
    pub threshold: Bytes,
    /// `policy.deadline`: how long the migration may take; `None` where nothing says so.
    pub deadline: Option<Span>,
}
