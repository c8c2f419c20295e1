//! The guest: what its workloads write, and which of its pages are dirty.
//!
//! | file | holds |
//! |---|---|
//! | `workload`, `page_size` | a guest as data |
//! | `first_writes`, `fault_tax` | what first writes cost a writer |
//! | `pace`, `activity` | how many page writes each workload gets done, throttled or not |
//! | `schedule` | how a workload's rate changes with time |
//! | `course` | phases whose lengths vary |
//! | `scatter` | where the pages of a class or a rank lie |
//! | `kinds` | how often each page of a region is hit |
//! | `curve`, `nnls` | from a measured curve to classes of pages |
//! | `write_order`, `windows` | an order of writes of one's own, and its curve |
//! | `recording` | writes that were recorded, as such an order |
//! | `zones`, `ground`, `groups`, `arc`, `rows`, `history`, `log` | RAM cut into stretches that are alike, and what becomes of one at a sync |
//! | `lanes`, `exponential`, `wide` | numbers of up to eight classes at once |
//! | `memory` | the two bits a page and the cursor, as a trait |
//! | `exact`, `bitmap` | that trait with a bit per page, every write drawn |
//! | `expected`, `syncing`, `scratch` | that trait with expected shares, in closed form |

mod activity;
mod arc;
mod bitmap;
mod course;
mod curve;
mod exact;
mod expected;
mod exponential;
mod fault_tax;
mod first_writes;
mod ground;
mod groups;
mod history;
mod kinds;
mod lanes;
mod log;
mod memory;
mod nnls;
mod pace;
mod page_size;
mod recording;
mod rows;
#[cfg(test)]
mod sample;
mod scatter;
mod schedule;
mod scratch;
mod syncing;
mod wide;
mod windows;
#[cfg(test)]
#[path = "../../docs/adding/workload.rs"]
mod worked_law;
mod workload;
mod workload_model;
mod write_order;
mod zones;

pub use activity::Activity;
pub use course::{CoursePhase, PhaseCourse};
pub use curve::{CurveFit, DirtyCurve};
pub use exact::Exact;
pub use expected::Expected;
pub use first_writes::FirstWrites;
pub use memory::{CHUNK_SHIFT, GuestMemory, Meanwhile, Missing, PageRun, Rearm, Synced};
pub use page_size::PageSize;
pub use recording::{Recorder, Recording, RecordingOrigin, Replay, TooLong};
pub use schedule::RateSchedule;
pub use workload::{GuestConfig, GuestUncertainty, Law, RateClass, Workload};
pub use workload_model::WorkloadModel;
pub use write_order::{Draws, OpenOrder, OwnOrder, WriteOrder};
pub use zones::{distinct, most_classes, written};
