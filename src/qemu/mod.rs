//! One QEMU's rules, as pure state machines on integers; they know nothing of guests or links.
//!
//! | file | rule | qemu-precopy |
//! |---|---|---|
//! | `config`, `host`, `hosts` | one QEMU as configured | 9 |
//! | `options`, `option`, `choices` | capabilities and parameters: defaults, bounds, which release has what | 9 |
//! | `levers` | what goes together, what is simulated | 9 |
//! | `profile` | what differs between releases, as data | 1.2, 4.2 |
//! | `auto_converge` | sync, one-second gate, hit, ramp | 4.1 to 4.3 |
//! | `cpu_throttle`, `fixed_throttle` | when vCPUs sleep | 5, 4.4 |
//! | `dirty_limit` | how long a vCPU sleeps at a full dirty ring | 4.6 |
//! | `limiter`, `window` | rate limit, bandwidth, threshold, expected downtime | 2 |
//! | `command` | what can be told while it migrates | 8, 9 |
//! | `compress`, `multifd` | pages by other threads than one | 3.1, 7 |
//! | `postcopy` | the switch, and pages that the guest asks for | 8 |
//! | `switchover` | when to sync and when to stop | 1.2 |
//! | `periodic_sync` | the five-second timer of 9.2 | 4.5 |
//! | `wire` | bytes of a page | 3.1 |
//! | `xbzrle` | pages as their difference from a cached copy | 7, 3.3 |

mod auto_converge;
mod choices;
mod command;
pub mod compress;
mod config;
pub mod cpu_throttle;
pub mod dirty_limit;
pub mod fixed_throttle;
mod host;
mod hosts;
pub mod levers;
pub mod limiter;
pub mod multifd;
mod option;
mod options;
mod periodic_sync;
pub mod postcopy;
mod profile;
mod rule_sight;
mod shipped_rules;
pub mod switchover;
mod switchover_expression;
mod switchover_rule;
mod sync_count;
mod throttle_expression;
mod throttle_rule;
mod version;
mod window;
pub mod wire;
#[cfg(test)]
#[path = "../../docs/adding/throttle-rule.rs"]
mod worked_rule;
pub mod xbzrle;

pub use auto_converge::{AutoConverge, Period, SyncCounts};
pub use choices::{MultifdCompression, ZeroPageDetection};
pub use command::MonitorCommand;
pub use config::{Accel, DirtyLog, QemuConfig};
pub use dirty_limit::DirtyLimit;
pub use host::{Compression, HostModel, MemoryTime, Transport};
pub use hosts::{HOST_CONSTANTS, HostConstant, HostKind};
pub use multifd::Multifd;
pub use option::{LibvirtSupport, MigrationOption, QemuForm, Slot};
pub use options::{Capabilities, MAX_DOWNTIME_LIMIT, OPTIONS, Params};
pub use periodic_sync::{INTERVAL as PERIODIC_SYNC_INTERVAL, PeriodicSync};
pub use postcopy::PostCopy;
pub use profile::{ExpectedDowntime, Profile, Ramp, Throttle};
pub use rule_sight::RuleSight;
pub use shipped_rules::{SHIPPED_SWITCHOVERS, SHIPPED_THROTTLES, ShippedRule};
pub use switchover_expression::{SWITCHOVER_QUANTITIES, SwitchoverExpression};
pub use switchover_rule::{OwnSwitchoverRule, Switchover, SwitchoverRule, SwitchoverStep};
pub use sync_count::SyncOccasion;
pub use throttle_expression::{RuleQuantity, THROTTLE_QUANTITIES, ThrottleExpression};
pub use throttle_rule::{AutoConvergeStep, OwnThrottleRule, ThrottleRule};
pub use version::{UnknownVersion, Version};
pub use window::{Estimate, Window};

/// How late a timer of the host wakes a sleeper: the default timer slack of Linux (prctl(2), PR_SET_TIMERSLACK).
///
/// The limiter's sleep, the throttle's timer and the throttled vCPU's sleep all end that much after their time. It
/// matters less for its length than because without it windows of 100 ms and throttle periods of 12.5, 14.3, 16.7 or
/// 20 ms would keep step for ever, and syncs would fall exactly 1000 ms apart, which the gate does not let through.
pub const TIMER_SLACK: crate::units::Span = crate::units::Span(50_000);
