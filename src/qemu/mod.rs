//! One QEMU's rules, as pure state machines on integers.

mod config;
mod options;
mod version;

pub use config::{Accel, Config, DirtyLog, Params};
pub use options::{MigrationOption, OPTIONS};
pub use version::{UnknownVersion, Version};
