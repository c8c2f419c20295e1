//! The host behind a libvirt connection.

mod calls;
mod daemon;
mod events;
mod running;
mod source;
mod told;
mod typed_params;

pub use daemon::Daemon;
pub use source::Libvirt;
