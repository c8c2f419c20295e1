//! `precopy probe --guest`: a trial migration.

use super::Failure;
use super::args::probe::ProbeArgs;

#[cfg(not(feature = "libvirt"))]
pub(super) fn trial(_: &ProbeArgs, _: &str) -> Result<(), Failure> {
    Err(super::without_libvirt())
}

/// Tries a guest, and records what is seen.
#[cfg(feature = "libvirt")]
pub(super) fn trial(args: &ProbeArgs, name: &str) -> Result<(), Failure> {
    use std::path::PathBuf;

    use super::interrupt;
    use crate::probe::{GuestTrial, StreamSink, TrialOptions};
    use crate::replay::libvirt::Libvirt;
    use crate::replay::{self, Cancelled, MigrationHost, RealClock};
    use crate::report::{Output, replay as words, trial as report};
    use crate::sink::shell;
    use crate::survey::{LibvirtHost, SurveyedHost};

    let (connect, dest_uri) = (args.connect.clone().unwrap_or_default(), args.to.clone().unwrap_or_default());
    if args.sink.ip().is_unspecified() {
        let what = "is no address that QEMU can connect to; give one of this machine";
        return Err(Failure::Input(format!("`--sink {}` {what}", args.sink)));
    }
    let mut host = Libvirt::open(&connect, name)?;
    let domain = host.domain()?;
    let guests = LibvirtHost::open(&connect)?.guests()?;
    let guest = guests.into_iter().find(|guest| guest.name == name).ok_or_else(|| {
        Failure::Real(format!("domain `{name}` is {}, not running; start or resume it first", domain.state))
    })?;
    let sink = StreamSink::open(args.sink)
        .map_err(|error| Failure::System(format!("cannot listen at {}: {error}", args.sink)))?;
    let options = TrialOptions {
        dest_uri,
        sink: sink.address(),
        bandwidth: args.bandwidth,
        time: args.time,
        downtime: domain.downtime_limit,
    };
    let trial = GuestTrial::new(&guest, domain.qemu, &options).map_err(Failure::Input)?;
    if args.dry_run {
        let text = words::dry_run(trial.request(), name, None, &[]);
        return Ok(Output::open("-".as_ref())?.write(text.as_bytes())?);
    }
    if !args.manners.quiet {
        report::disturbance(&trial, args.time).iter().for_each(|line| super::note(line));
    }
    super::replay::confirm(args.yes, "try a real guest", &report::question(&domain, &connect, args.time))?;
    let place = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.trace.json")));
    let output = Output::open(&place)?;
    let stop = interrupt::flag()?;
    let bar = match args.manners.quiet {
        true => indicatif::ProgressBar::hidden(),
        false => indicatif::ProgressBar::new_spinner(),
    };
    let ending = replay::drive(&mut host, &mut RealClock::default(), &trial.plan(), &stop, |now, seen| {
        bar.set_message(words::progress(now, seen));
        bar.tick();
    });
    bar.finish_and_clear();
    let ending = ending?;
    let recording = &ending.recording;
    let whereabouts = words::whereabouts(recording);
    let failed = recording.failure.clone().unwrap_or_default();
    if recording.rows.is_empty() {
        let why = ending.error.map_or(failed, |error| error.to_string());
        return Err(Failure::Real(format!("the trial did not begin: {why}; {whereabouts}")));
    }
    let is_stdout = output.is_stdout();
    output.write(&words::file(recording)?)?;
    if let Some(error) = &ending.error {
        return Err(Failure::Real(format!("{error}; {whereabouts}")));
    }
    match ending.cancelled {
        Some(Cancelled::Interrupted) => {
            return Err(Failure::Interrupted(format!("the trial was cancelled; {whereabouts}")));
        }
        Some(_) => {}
        None => return Err(Failure::Real(format!("the trial failed: {failed}; {whereabouts}"))),
    }
    let text = report::text(recording, &shell::word(&place.to_string_lossy()));
    if is_stdout {
        super::note(&text);
        return Ok(());
    }
    Ok(Output::open("-".as_ref())?.write(text.as_bytes())?)
}
