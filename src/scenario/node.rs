//! A host of a fleet with several.

use crate::units::{Bytes, Rate, Span};

/// A host on which guests run, or to which they may go.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetNode {
    /// Unlike that of every other.
    pub name: String,
    /// RAM that its guests may have; as much as they need if nobody says it.
    pub memory: Option<Bytes>,
    /// vCPUs that its guests may have; as many as they need if nobody says it.
    pub vcpus: Option<u32>,
    /// What its link carries, in either direction; that of `[link]` if nobody says it [bytes/s].
    pub uplink: Option<Rate>,
    /// Whether it is to be emptied.
    pub drains: bool,
    /// What is done with it once it is empty; no time passes if nobody says it.
    pub upgrade: Option<Upgrade>,
}

/// What is done with a host that is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// It takes guests again after so long [ns].
    Takes(Span),
    /// It takes none any more.
    Never,
}
