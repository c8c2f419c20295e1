//! The limit on the size of files.

/// Lets a write beyond the limit on the size of files fail like any other, instead of ending the program.
///
/// # Errors
/// The system does not let the signal be caught.
#[cfg(unix)]
pub fn long_files_are_errors() -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // What counts is that the signal has a handler; nothing asks whether it came.
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false))).map(|_| ())
}

/// Other systems have no such limit.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn long_files_are_errors() -> std::io::Result<()> {
    Ok(())
}
