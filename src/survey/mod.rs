//! What runs on a host, and what it dirties: asked of a connection, one guest after the other, while nothing migrates.
//!
//! ```text
//!  SurveyedHost ── guests ── SurveyPlan ── measure ── Survey ──┬─ a fleet, or a trace for each guest
//!   libvirt, or a file of answers                              └─ the answers, to be read again
//! ```
//!
//! What the answers are worth is the business of [`fit`](crate::fit), which reads the same words from `virsh`.
//!
//! | file | holds |
//! |---|---|
//! | `host`, `guest`, `figures` | what a connection can be asked, and what it says |
//! | `plan` | who is measured when, and for how long |
//! | `measure` | the loop around both |
//! | `fleet`, `series` | what is written |
//! | `answers` | a file of answers as a connection |
//! | `libvirt` | the connection itself |

mod answers;
mod figures;
mod fleet;
mod guest;
mod host;
#[cfg(feature = "libvirt")]
mod libvirt;
mod measure;
mod plan;
mod series;

pub use answers::{Answers, AnswersClock, Damaged};
pub use figures::Figures;
pub use fleet::{FleetText, USUAL_LINK, fleet, traces};
pub use guest::SurveyedGuest;
pub use host::SurveyedHost;
#[cfg(feature = "libvirt")]
pub use libvirt::LibvirtHost;
pub use measure::{GuestLook, Survey, measure};
pub use plan::{SurveyPlan, SurveyRound};
pub use series::Series;
