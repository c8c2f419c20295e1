//! `precopy watch`: which migrations run now, and how will each end?

use super::Failure;
use super::args::replay::WatchArgs;

#[cfg(not(feature = "libvirt"))]
pub(super) fn watch(_: &WatchArgs) -> Result<(), Failure> {
    Err(super::without_libvirt())
}

/// Looks at a host, again and again, until it is told to stop.
#[cfg(feature = "libvirt")]
pub(super) fn watch(args: &WatchArgs) -> Result<(), Failure> {
    use std::sync::atomic::Ordering;

    use crate::replay::libvirt::Daemon;
    use crate::replay::{ClientClock, RealClock, Watching};

    let known =
        args.scenario.as_deref().map(|path| super::scenario::read(path, &[], args.manners.quiet)).transpose()?;
    let daemon = Daemon::open(&args.connect)?;
    let stop = super::interrupt::flag()?;
    let (mut watching, mut clock) = (Watching::default(), RealClock::default());
    loop {
        let running = daemon.migrations(args.domain.as_deref())?;
        watching.see(&running);
        if watching.is_due(clock.now(), args.every()) {
            let read = show(args, &watching.outlooks(running, known.as_ref()));
            if !read || args.once {
                return Ok(());
            }
        }
        clock.wait_until(Watching::next(clock.now()), &stop);
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}

/// Shows migrations; false if the reader of a pipe has seen enough.
#[cfg(feature = "libvirt")]
fn show(args: &WatchArgs, watched: &[crate::replay::Watched]) -> bool {
    use std::io::{IsTerminal as _, Write as _, stdout};
    use std::time::SystemTime;

    use super::args::replay::WatchFormat;
    use crate::report::watch::{json, text};

    let now_s = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
    let mut out = anstream::stdout();
    let written = match args.format {
        WatchFormat::Text => {
            // On a terminal the list stays in its place.
            let clear = if stdout().is_terminal() && !args.once { "\x1b[H\x1b[2J" } else { "" };
            write!(out, "{clear}{}", text(&args.connect, now_s, watched))
        }
        WatchFormat::Json => writeln!(out, "{}", json(&args.connect, now_s, watched)),
    };
    written.and_then(|()| out.flush()).is_ok()
}
