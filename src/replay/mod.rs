//! Real migrations: started, steered and recorded through a host.
//!
//! A [`Host`] is whatever can migrate a domain; `libvirt` (feature `libvirt`) is the real one, and tests put another in
//! its place. [`drive`] starts the migration with what the scenario asks for, looks at it in a steady rhythm, lets the
//! scenario's orchestrator act at its own polls, and writes down what was seen and done.
//!
//! | file | holds |
//! |---|---|
//! | `host` | what is asked of a host, and what it says |
//! | `request` | from a scenario to libvirt's flags and parameters |
//! | `drive` | the migration under way |
//! | `recording` | what was seen and done, as a trace |
//! | `history`, `forecast` | a migration that somebody else started, and how it will end |
//! | `libvirt` | the host behind a libvirt connection |

mod drive;
mod forecast;
mod history;
mod host;
#[cfg(feature = "libvirt")]
pub mod libvirt;
mod recording;
mod request;

pub use drive::{Clock, Ending, Plan, RealClock, drive};
pub use forecast::{Forecast, Remedy, forecast};
pub use history::History;
pub use host::{Domain, Ended, Host, HostError, Look, Migrating, Seen};
pub use request::Request;
