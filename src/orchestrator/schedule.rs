//! A policy of oVirt's engine, as its `MigrationPolicies` holds it (orchestrators 3).

/// One entry of a schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScheduleItem {
    /// `setDowntime` [ms].
    SetDowntime(u64),
    /// `postcopy`.
    PostCopy,
    /// `abort`.
    Abort,
}

/// What the host carries out at the start, and then step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct OvirtSchedule {
    /// Most migrations at once, in each direction.
    pub max_migrations: u64,
    /// `auto-converge`.
    pub auto_convergence: bool,
    /// `xbzrle`.
    pub migration_compression: bool,
    /// `zero-copy-send`, with multifd.
    pub zero_copy: bool,
    /// Carried out at the start.
    pub initial: Vec<ScheduleItem>,
    /// Carried out one after the other, each once the count is above its `stallingLimit`.
    pub convergence: Vec<(i64, ScheduleItem)>,
}
