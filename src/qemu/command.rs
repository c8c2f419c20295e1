//! What QEMU can be told while it migrates.

use serde::Serialize;

use super::Params;

/// A command of an operator or of the layer above.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MonitorCommand {
    /// `migrate-set-parameters`: all parameters as they are from then on.
    Set(Params),
    /// `stop`: the guest stands still, the migration goes on.
    Pause,
    /// `cont`: the guest runs again.
    Continue,
    /// `migrate-start-postcopy`: the rest of RAM follows while the guest runs at the destination.
    StartPostcopy,
    /// `migrate_cancel`: the guest runs on at the source.
    Cancel,
}
