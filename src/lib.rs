//! Discrete-event simulator of QEMU live migration.

pub mod cli;
pub mod guest;
pub mod link;
pub mod qemu;
pub mod scenario;
pub mod sim;
pub mod units;
