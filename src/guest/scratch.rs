//! Buffers that a sync of the expected memory works in.

/// Scratch buffers of a sync, kept for their storage alone; a copy has none.
#[derive(Debug, Default)]
pub(super) struct SyncScratch {
    /// Writes of each workload at the last sync.
    pub(super) before: Vec<u64>,
    /// Zone and group whose chances `since_rearm` are: pieces of a chunk are re-armed at the same moment.
    pub(super) rearmed: Option<(usize, usize)>,
    /// For each class of the zone, the chance that a page was not written since its log was re-armed.
    pub(super) since_rearm: Vec<f64>,
    /// Zone whose stretches `passed_since_sync` are, and zone and group whose stretches `passed_since_rearm` are.
    pub(super) passed_in: (Option<usize>, Option<(usize, usize)>),
    /// Stretches that sequential writers passed since the last sync, and since logs were re-armed [first page, one past the last].
    pub(super) passed_since_sync: Vec<(u64, u64)>,
    pub(super) passed_since_rearm: Vec<(u64, u64)>,
    /// Where a piece is cut [pages].
    pub(super) cuts: Vec<u64>,
}

impl Clone for SyncScratch {
    fn clone(&self) -> SyncScratch {
        SyncScratch::default()
    }
}
