//! The command line: words in, words out, no arithmetic. One file per subcommand.
//!
//! Results go to standard output, everything else to standard error.

pub mod args;
mod asked;
mod check;
mod cite;
mod command_line;
mod compare;
mod desk;
pub mod diagnostics;
mod drain;
mod drain_input;
mod failure;
mod first;
mod fit;
mod goal;
mod handout;
mod inside;
mod interrupt;
mod inventory;
mod kinds;
mod page;
mod plan;
mod plot;
mod probe;
mod progress;
mod refused;
mod repeats;
mod replay;
mod replay_fleet;
mod reply;
mod report;
mod rolling;
mod rows_out;
mod run;
mod scenario;
mod story;
mod survey;
mod sweep;
mod trial;
mod usage;
mod watch;
mod why;

use std::ffi::OsString;
use std::io::Write;
use std::num::NonZeroU16;
use std::path::Path;
use std::process::ExitCode;

pub use desk::Desk;
pub use failure::Failure;
pub use inside::ask;
pub use refused::Refused;

use crate::disk;
use args::CliCommand;
use command_line::CommandLine;

use crate::sink::terminal;

/// Runs one command line, the program's name first, and says how it ended: see `docs/output.md` for the codes.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let mut line = match CommandLine::read(words.clone()) {
        Ok(line) => line,
        Err(usage) => {
            // Help, version or a complaint; a reader that closed its end of the pipe has seen enough.
            let usage = usage::hinted(usage, &words);
            let plain = usage.render().to_string();
            match terminal::lines(&plain) {
                shown if usage.use_stderr() && shown != plain => {
                    drop(writeln!(anstream::stderr(), "{}", shown.trim_end()))
                }
                _ => drop(usage.print()),
            }
            return ExitCode::from(if usage.use_stderr() { Failure::INPUT } else { 0 });
        }
    };
    line.keep(&Desk::default());
    let command = &line.command;
    anstream::ColorChoice::write_global(command.color().into());
    // Without it, such a write ends the program with a signal, which leaves the old file too.
    let _ = disk::long_files_are_errors();
    let guarded = if command.is_real() { Ok(()) } else { interrupt::guard() };
    let ended = guarded
        .and_then(|()| spare_inputs(command))
        .and_then(|()| kinds::suit(command))
        .and_then(|()| with_threads(command.jobs(), || answer(&line)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Does what a subcommand is for.
fn answer(line: &CommandLine) -> Result<(), Failure> {
    match &line.command {
        CliCommand::Run(args) => run::run(args),
        CliCommand::Compare(args) => compare::compare(args),
        CliCommand::Plot(args) => plot::plot(args, &line.typed()),
        CliCommand::Report(args) => report::report(args, &line.typed()),
        CliCommand::Sweep(args) => sweep::sweep(args),
        CliCommand::Fit(args) => fit::fit(args),
        CliCommand::Why(args) => why::why(args),
        CliCommand::Plan(args) => plan::plan(args),
        CliCommand::Check(args) => check::check(args),
        CliCommand::Drain(args) => drain::drain(args, &line.typed()),
        CliCommand::Replay(args) => match &args.fleet {
            Some(fleet) => replay_fleet::replay(args, fleet),
            None => replay::replay(args),
        },
        CliCommand::Watch(args) => watch::watch(args),
        CliCommand::Probe(args) => probe::probe(args),
        CliCommand::Survey(args) => survey::survey(args),
        CliCommand::Presets(args) => first::presets(args),
        CliCommand::Init(args) => first::init(args),
        CliCommand::Cite(args) => cite::cite(args),
        CliCommand::Completions(args) => handout::completions(args),
        CliCommand::Man(args) => handout::man(args),
        CliCommand::Schema(args) => handout::schema(args),
    }
}

/// Runs something with so many threads; as many as there are cores where nothing is said.
fn with_threads(jobs: Option<NonZeroU16>, run: impl FnOnce() -> Result<(), Failure> + Send) -> Result<(), Failure> {
    let Some(jobs) = jobs else { return run() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs.get())).build();
    pool.map_err(|error| Failure::System(format!("cannot start threads: {error}")))?.install(run)
}

/// Refuses to write a result over what it is made from.
fn spare_inputs(command: &CliCommand) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok().filter(|_| path != Path::new("-"));
    for output in command.outputs() {
        let Some(place) = real(output).filter(|place| place.is_file()) else { continue };
        if command.inputs().into_iter().any(|input| real(input).as_ref() == Some(&place)) {
            return Err(Failure::Input(format!(
                "`{}` is read here, and a result in its place would be the end of it; choose another name",
                output.display()
            )));
        }
    }
    Ok(())
}

/// Says on standard error what went wrong. If that is closed, the exit code has to do.
fn complain(failure: &Failure) {
    const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();
    let mut stderr = anstream::stderr();
    let _ = match failure {
        Failure::Scenario(_) | Failure::Cases(_) => write!(stderr, "{failure}"),
        _ => writeln!(stderr, "{ERROR}error:{ERROR:#} {}", terminal::lines(&failure.to_string())),
    };
}

/// Says on standard error what is good to know.
fn note(text: &str) {
    const NOTE: anstyle::Style = anstyle::AnsiColor::Green.on_default().bold();
    let _ = writeln!(anstream::stderr(), "{NOTE}note:{NOTE:#} {}", terminal::lines(text));
}

/// Says on standard error what makes an answer doubtful.
fn warn(text: &str) {
    const WARNING: anstyle::Style = anstyle::AnsiColor::Yellow.on_default().bold();
    let _ = writeln!(anstream::stderr(), "{WARNING}warning:{WARNING:#} {}", terminal::lines(text));
}

/// What to do for a real host.
#[cfg(not(feature = "libvirt"))]
fn without_libvirt() -> Failure {
    Failure::Input(
        "this precopy was built without libvirt; install libvirt-dev and pkg-config (names of Debian), and build it with \
         `cargo build --release --locked --features libvirt`"
            .to_owned(),
    )
}
