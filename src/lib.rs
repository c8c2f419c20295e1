//! Discrete-event simulator of QEMU live migration.

pub mod cli;
pub mod compare;
pub mod guest;
pub mod link;
pub mod plot;
pub mod qemu;
pub mod report;
pub mod scenario;
pub mod sim;
pub mod units;
