//! The guest: what its workloads write, and which of its pages are dirty.

mod workload;

pub use workload::{Config, Law, Workload};
