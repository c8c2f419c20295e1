//! Many migrations over ranges of values: how does the answer change?
//!
//! ```text
//!   template ──► study ──► blocks of rows, on all cores ──► rows in their order ──► journal ──► file
//!   keys left    points,        │                                                     │
//!   open         seeds          each point: build the scenario, run, write a row      go on after an interruption
//! ```
//!
//! A row depends on its point and its run alone, never on the rows before it or on threads, so that a sweep can be cut
//! into shards, interrupted and gone on with, and always ends with the same bytes.

mod block;
pub mod column;
mod columns;
mod cube;
mod engine;
mod identity;
mod journal;
mod lines;
mod merge;
#[cfg(feature = "parquet")]
mod parquet;
mod row;
mod shard;
mod study;
mod target;

pub use block::{Bench, Made, Workshop};
pub use columns::{ColumnValues, Columns, InColumns, Present};
pub(crate) use cube::mix;
pub use engine::{NoThreads, run};
pub use identity::Identity;
pub use journal::{Journal, JournalError, Whole};
pub use merge::{MergeError, SweepParts};
pub use row::{RowCell, RowForm, RowKind, RowWriter};
pub use shard::Shard;
pub use study::{NoSweep, Study};
pub use target::{NoSuchForm, SweepTarget};
