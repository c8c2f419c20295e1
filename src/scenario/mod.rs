//! What was asked for: a TOML file and `--set` flags become a typed [`Scenario`] that cannot be wrong, or a list
//! of [`Diagnostic`](diagnostic::Diagnostic)s that point into the file.
//!
//! ```
//! use precopy::scenario::Input;
//!
//! let file = r#"
//!     [guest]
//!     memory = "16 GiB"
//!
//!     [link]
//!     bandwidth = "10 Gbit/s"
//! "#;
//! let flags = ["qemu.auto-converge=true".to_owned()];
//! let loaded = Input::new("example.toml", file, &flags).unwrap().load().unwrap();
//! assert!(loaded.scenario.qemu.auto_converge);
//!
//! let faults = Input::new("example.toml", "[guest]\nmemory = \"16 GiBs\"", &[]).unwrap().load().unwrap_err();
//! assert_eq!(faults[0].title, "`link.bandwidth` is missing");
//! assert_eq!(faults[1].help.as_deref(), Some("did you mean `GiB`?"));
//! ```
//!
//! The text goes through three steps: `syntax` makes a tree in which every value knows its place, `flags` puts
//! the values of `--set` into it, and one module a section reads typed values out of it.

pub mod diagnostic;
mod expand;
mod faults;
mod flags;
mod input;
mod layout;
mod limits;
mod load;
mod measured;
mod number_file;
mod order;
mod part;
pub mod presets;
mod reader;
mod syntax;
mod tree;

mod guest_section;
mod link_section;
mod qemu_section;
mod workload_section;

pub use input::{Input, Unreadable};
pub use load::Loaded;

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
