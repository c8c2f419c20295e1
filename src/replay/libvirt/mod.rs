//! The host behind a libvirt connection.

mod calls;
mod daemon;
mod events;
mod source;
mod told;

pub use daemon::Daemon;
pub use source::Libvirt;
