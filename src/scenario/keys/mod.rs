//! The keys that hold one value, a row each, beside those of [`qemu::OPTIONS`](crate::qemu::OPTIONS) and of an
//! orchestrator's products: one file for each part of a scenario.

mod fleet;
mod guest;
mod host;
mod orchestrator;
mod policy;
mod qemu;
mod run;

pub(super) use fleet::*;
pub(super) use guest::*;
pub(super) use host::*;
pub(super) use orchestrator::*;
pub(super) use policy::*;
pub(super) use qemu::*;
pub(super) use run::*;

use super::key::KeyRow;

/// The row of each key, for the reference pages.
pub fn key_rows() -> Vec<KeyRow> {
    [run::rows(), guest::rows(), host::rows(), qemu::rows(), orchestrator::rows(), policy::rows(), fleet::rows()]
        .concat()
}
