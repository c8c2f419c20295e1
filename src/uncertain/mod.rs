//! What is not known of a guest, and what comes of a migration then.
//!
//! ```text
//! a scenario ── Unknowns: what is not known, and how likely each value is
//!                  │ drawn by a seed, or one value of each of so many equal shares
//!                  ▼
//!               scenarios as they may be ── migrations ── LikelyRange: 8 cases of 10, and the chance to arrive
//! ```

mod fleet_unknowns;
mod range;
mod repeat;
mod unknown;
mod unknowns;

pub use fleet_unknowns::FleetUnknowns;
pub use range::LikelyRange;
pub(crate) use range::MOST_SYNCS;
pub use repeat::repeat;
pub use unknown::Unknown;
pub use unknowns::Unknowns;
