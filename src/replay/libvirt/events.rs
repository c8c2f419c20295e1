//! Syncs as libvirt reports them.

use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread;
use std::time::Instant;

use virt::connect::Connect;
use virt::domain::Domain;
use virt::event;

use super::calls;
use crate::replay::clock::span;
use crate::units::Span;

/// `dirty-sync-count` and when it was heard.
#[derive(Clone, Default)]
pub(super) struct Iterations(Arc<Mutex<Vec<(Instant, u64)>>>);

impl Iterations {
    /// Starts libvirt's event loop; before any connection is opened, and once for the process.
    pub(super) fn start_loop() {
        static LOOP: Once = Once::new();
        LOOP.call_once(|| {
            if event::event_register_default_impl().is_ok() {
                thread::spawn(|| while event::event_run_default_impl().is_ok() {});
            }
        });
    }

    /// Listens to a domain. Without events, looks alone tell of syncs.
    pub(super) fn listen(&self, connection: &Connect, domain: &Domain) {
        let heard = self.clone();
        let hear = move |iteration: i32| {
            let now = Instant::now();
            let iteration = u64::try_from(iteration).unwrap_or(0);
            heard.0.lock().unwrap_or_else(PoisonError::into_inner).push((now, iteration));
        };
        let _ = calls::hear_iterations(connection, domain, hear);
    }

    /// What was heard since the last call, and how long ago.
    pub(super) fn take(&self) -> Vec<(Span, u64)> {
        let heard = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        heard.into_iter().map(|(at, iteration)| (span(at.elapsed()), iteration)).collect()
    }
}
