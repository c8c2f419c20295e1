//! `precopy watch`: which migrations run now, and how will each end?

use super::Failure;
use super::args::replay::WatchArgs;

#[cfg(not(feature = "libvirt"))]
pub(super) fn watch(_: &WatchArgs) -> Result<(), Failure> {
    Err(super::without_libvirt())
}

/// Looks at a host, again and again.
#[cfg(feature = "libvirt")]
pub(super) fn watch(args: &WatchArgs) -> Result<(), Failure> {
    use std::collections::BTreeMap;
    use std::io::{IsTerminal as _, Write};
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant, SystemTime};

    use super::args::Format;
    use crate::replay::{self, Clock, History, RealClock};
    use crate::report::watch::{Watched, json, text};
    use crate::units::Span;

    let known = args.scenario.as_deref().map(|path| super::scenario::read(path, &[], false)).transpose()?;
    let stop = super::interrupt::flag()?;
    let mut histories: BTreeMap<String, History> = BTreeMap::new();
    let mut clock = RealClock::default();
    let mut shown: Option<Instant> = None;
    let every = Duration::from_secs(u64::from(args.every.get()));
    loop {
        let mut found = replay::libvirt::migrations(&args.connect)?;
        found.retain(|migrating| args.domain.as_ref().is_none_or(|name| *name == migrating.domain.name));
        histories.retain(|name, _| found.iter().any(|migrating| migrating.domain.name == *name));
        for migrating in &found {
            histories.entry(migrating.domain.name.clone()).or_default().see(migrating.seen);
        }
        // Looks are more frequent than what is shown, so that passes are seen from their beginning.
        if shown.is_none_or(|shown| shown.elapsed() >= every) {
            shown = Some(Instant::now());
            let now_s = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |now| now.as_secs_f64());
            let forecasts: Vec<_> = found
                .iter()
                .map(|migrating| {
                    let history = histories.get(&migrating.domain.name)?;
                    replay::forecast(&migrating.domain, history, known.as_ref())
                })
                .collect();
            let watched: Vec<Watched> = found
                .iter()
                .zip(&forecasts)
                .filter_map(|(migrating, forecast)| {
                    let history = histories.get(&migrating.domain.name)?;
                    let started_s = now_s - migrating.seen.job.elapsed.seconds();
                    Some(Watched { migrating, history, forecast: forecast.as_ref(), started_s })
                })
                .collect();
            let mut out = anstream::stdout();
            let written = match args.format {
                Format::Text => {
                    // On a terminal the list stays in its place.
                    let clear = if out.is_terminal() && !args.once { "\x1b[H\x1b[2J" } else { "" };
                    write!(out, "{clear}{}", text(&args.connect, &watched))
                }
                Format::Json | Format::Csv => writeln!(out, "{}", json(&args.connect, now_s, &watched)),
            };
            // Whoever read from a pipe has seen enough.
            if written.and_then(|()| out.flush()).is_err() || args.once {
                return Ok(());
            }
        }
        clock.wait_until(Span(clock.now().0 + 100_000_000), &stop);
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}
