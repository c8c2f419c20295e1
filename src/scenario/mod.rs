//! What was asked for: a TOML file and `--set` flags become a typed [`Scenario`] that cannot be wrong, or a list
//! of [`Diagnostic`](diagnostic::Diagnostic)s that point into the file.

pub mod diagnostic;

use serde::Serialize;

use crate::units::Span;
use crate::{guest, link, qemu};

/// One migration to simulate; every value is checked.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// The question that the file asks, in its own words.
    pub question: Option<String>,
    /// The guest.
    pub guest: guest::Config,
    /// The link between the hosts.
    pub link: link::Link,
    /// The source QEMU.
    pub qemu: qemu::Config,
    /// Where to stop.
    pub limits: Limits,
}

/// Where a run stops that has not ended by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    /// Simulated time; a migration that is not over by then did not converge [ns].
    pub time: Span,
}

impl Limits {
    /// One hour.
    pub const TIME: Span = Span::from_ms(3_600_000);
}
