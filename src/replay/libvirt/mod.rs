//! The host behind a libvirt connection.

mod calls;
mod events;
mod source;

pub use source::{Libvirt, migrations};
