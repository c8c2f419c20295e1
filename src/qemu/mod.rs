//! One QEMU's rules, as pure state machines on integers.

mod config;
mod version;

pub use config::{Accel, Config, DirtyLog, Params};
pub use version::{UnknownVersion, Version};
