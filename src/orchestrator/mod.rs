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
//! | `order` | what is ordered, and why |
//! | `stall` | KubeVirt's stall detector |
//! | `scheduler` | who is migrated when, as a host is emptied |
//! | `ladder`, `size` | sequences of downtimes, and limits that grow with the guest |
//! | `stack` | what each product switches on when it starts a migration |
//! | `option` | options of a product as rows |
//! | `product` | the trait of a product |
//! | `products/` | one file each, and the list of all |

mod engine;
mod field;
mod job;
pub mod ladder;
mod option;
mod order;
mod policy;
mod poll;
mod product;
pub mod products;
mod registers;
mod rule;
mod schedule;
pub mod scheduler;
pub mod size;
mod stack;
pub mod stall;

pub use engine::Engine;
pub use field::JobField;
pub use job::{JobCommand, JobStats, memory_bps};
pub use option::{
    Check, OptionForm, OptionMisfit, OptionRow, OptionType, OptionValue, ProductOption, ProductOptions, release_number,
    release_words,
};
pub use order::{PolicyOrder, StallVerdict, Why};
pub use policy::Policy;
pub use poll::{Poll, Polls, Rhythm};
pub use product::{Around, Distribution, Orchestrator, Product, SetUp};
pub use products::PRODUCTS;
pub use registers::{Registers, Rises};
pub use rule::{Act, Condition, DowntimeChange, Is, Rule, RuleEvent};
pub use schedule::{OvirtSchedule, ScheduleItem};
pub use stack::{Layer, Set, Stack, Tunnel};
