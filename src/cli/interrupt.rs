//! Ctrl-C as a question that long work asks.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C no longer ends the program; a second one does.
pub(super) fn watch() {
    // Without a handler Ctrl-C just ends the program, with nothing kept.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(super::Failure::INTERRUPTED));
        }
    });
}

/// Whether there was one.
pub(super) fn came() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}
