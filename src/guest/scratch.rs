//! Buffers that a sync of the expected memory works in.

/// Scratch buffers of a sync, kept for their storage alone; a copy has none.
#[derive(Debug, Default)]
pub(super) struct SyncScratch {
    /// Writes of each workload at the last sync.
    pub(super) before: Vec<u64>,
    /// Writes of each workload since the log of a chunk was re-armed, and since that of the one behind its group was.
    pub(super) since_rearm: Vec<f64>,
    pub(super) since_last: Vec<f64>,
    pub(super) cuts: Vec<u64>,
}

impl Clone for SyncScratch {
    fn clone(&self) -> SyncScratch {
        SyncScratch::default()
    }
}
