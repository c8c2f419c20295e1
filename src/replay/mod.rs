//! Real migrations: started, steered and recorded through a host.
//!
//! A [`MigrationHost`] is whatever can migrate a domain; `libvirt` (feature `libvirt`) is the real one, and tests put
//! another in its place. [`drive`] starts the migration with what the scenario asks for, looks at it in a steady
//! rhythm, lets the scenario's orchestrator act at its own polls, and writes down what was seen and done.
//!
//! | file | holds |
//! |---|---|
//! | `host` | what is asked of a host, and what it says |
//! | `request` | from a scenario to libvirt's flags and parameters |
//! | `clock` | the client's clock |
//! | `drive`, `steer` | a migration from start to end, and under way |
//! | `fleet` | the guests of a drain, each migrated in a thread of its own |
//! | `beside` | a real drain beside the predicted one |
//! | `recording` | what was seen and done, as a trace |
//! | `watching`, `history` | migrations that another user started |
//! | `curve`, `forecast`, `remedy` | how they will end, and what would change that |
//! | `libvirt` | the host behind a libvirt connection |

mod beside;
mod clock;
mod curve;
mod drive;
mod fleet;
mod forecast;
mod history;
mod host;
#[cfg(feature = "libvirt")]
pub mod libvirt;
mod plan;
mod recording;
mod remedy;
mod request;
mod steer;
mod watching;

pub use beside::{DrainBeside, GuestBeside};
pub use clock::{ClientClock, RealClock};
pub use drive::{Ending, drive};
pub use fleet::{FindDomain, FleetReplay, HearLook, RealAttempt};
pub use forecast::{Forecast, Outlook, outlook};
pub use history::JobHistory;
pub use host::{Domain, Ended, HostError, JobLook, JobSeen, Migrating, MigrationHost};
pub use plan::ReplayPlan;
pub use remedy::Remedy;
pub use request::MigrationRequest;
pub use steer::Cancelled;
pub use watching::{Watched, Watching};
