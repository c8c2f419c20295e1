//! Ctrl-C, a scheduler's polite request to end, and a terminal that goes away.
//!
//! Long work looks at one flag and ends with what is finished. [`guard`] ends what does not look in time, so that every
//! command obeys within a second.

use std::io::Write;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Failure;
use crate::sim::Watch;

/// How often the guard looks.
const LOOK: Duration = Duration::from_millis(50);
/// What work has for ending by itself.
const GRACE: Duration = Duration::from_millis(850);

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The flag that such a signal sets; the second signal ends the program at once.
pub(super) fn flag() -> Result<Arc<AtomicBool>, Failure> {
    if let Some(stop) = FLAG.get() {
        return Ok(Arc::clone(stop));
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup()) {
        flag::register_conditional_shutdown(signal, Failure::INTERRUPTED.into(), Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(Arc::clone(FLAG.get_or_init(|| stop)))
}

/// A watch over simulations that such a signal stops.
pub(super) fn watch() -> Result<Arc<Watch>, Failure> {
    Ok(Arc::new(Watch::new(flag()?)))
}

/// Ends the program soon after such a signal, whatever it is doing then.
///
/// Files appear when they are complete, and rows of a sweep are kept as they come, so that nothing is lost but what was
/// under way.
pub(super) fn guard() -> Result<(), Failure> {
    let stop = flag()?;
    thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(LOOK);
        }
        thread::sleep(GRACE);
        // A closed standard error is no reason to go on.
        let _ = writeln!(
            anstream::stderr(),
            "error: interrupted before all was told; files are complete or as they were, and rows of a sweep go on with --resume"
        );
        process::exit(Failure::INTERRUPTED.into());
    });
    Ok(())
}

/// The signal of a terminal that goes away, unless `nohup` wants the program to outlive it.
#[cfg(unix)]
fn hangup() -> Option<i32> {
    use signal_hook::consts::SIGHUP;
    Some(SIGHUP).filter(|signal| !is_ignored(*signal))
}

/// Windows has no such signal.
#[cfg(not(unix))]
fn hangup() -> Option<i32> {
    None
}

/// Whether the parent process wants a signal to be ignored; only Linux tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return false };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
