//! The layer above QEMU: what it does between "migrate" and "done" (orchestrators 1 to 9).
//!
//! An orchestrator sees nothing but libvirt's job statistics, and those only when it looks. Each is a [`Policy`]: a
//! rhythm of polls and a list of [`Rule`]s, which one [`Engine`] runs. What differs between products and between
//! their releases is data.
//!
//! ```text
//!   start   poll   iteration   timer          events
//!      \      |        |        /
//!       rule: when these fields compare so    job statistics, registers
//!                      |
//!   set downtime, set bandwidth, pause, post-copy, abort, switch over, force at the next poll
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `job` | what is seen, and what can be told |
//! | `rule`, `field` | rules as data, and what they can look at |
//! | `registers` | what is remembered from poll to poll |
//! | `poll` | when it looks |
//! | `policy`, `engine` | rules in order, and their execution |
//! | `stall` | KubeVirt's stall detector |
//! | `scheduler` | who is migrated when, as a host is emptied |
//! | `ladder`, `size` | sequences of downtimes, and limits that grow with the guest |
//! | `stack` | what each product switches on when it starts a migration |
//! | `nova`, `virsh`, `ovirt`, `kubevirt`, `proxmox`, `cloudstack`, `ganeti`, `xen`, `cloud_hypervisor` | the products |

pub mod cloud_hypervisor;
pub mod cloudstack;
mod engine;
mod field;
pub mod ganeti;
mod job;
pub mod kubevirt;
pub mod ladder;
pub mod nova;
pub mod ovirt;
mod policy;
mod poll;
pub mod proxmox;
mod registers;
mod rule;
pub mod scheduler;
pub mod size;
mod stack;
pub mod stall;
pub mod virsh;
pub mod xen;

pub use engine::{Engine, Order};
pub use field::Field;
pub use job::{Command, JobStats, memory_bps};
pub use policy::{Policy, Why};
pub use poll::{Poll, Rhythm};
pub use registers::{Registers, Rises};
pub use rule::{Act, Change, Condition, Event, Is, Rule};
pub use stack::{Layer, Stack};
