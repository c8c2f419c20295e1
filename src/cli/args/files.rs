//! Which files a command line reads, and which it writes.

use std::path::{Path, PathBuf};

use super::CliCommand;

impl CliCommand {
    /// The word by which it is called, of one that reads files.
    pub fn name(&self) -> &'static str {
        match self {
            CliCommand::Run(_) => "run",
            CliCommand::Compare(_) => "compare",
            CliCommand::Sweep(_) => "sweep",
            CliCommand::Fit(_) => "fit",
            CliCommand::Why(_) => "why",
            CliCommand::Plan(_) => "plan",
            CliCommand::Check(_) => "check",
            CliCommand::Plot(_) => "plot",
            CliCommand::Report(_) => "report",
            CliCommand::Drain(_) => "drain",
            CliCommand::Replay(_) => "replay",
            CliCommand::Watch(_) => "watch",
            CliCommand::Probe(_) => "probe",
            CliCommand::Survey(_) => "survey",
            CliCommand::Presets(_) => "presets",
            CliCommand::Init(_) => "init",
            CliCommand::Cite(_) => "cite",
            CliCommand::Completions(_) => "completions",
            CliCommand::Man(_) => "man",
            CliCommand::Schema(_) => "schema",
        }
    }

    /// Files that are read.
    pub fn inputs(&self) -> Vec<&Path> {
        match self {
            CliCommand::Run(args) => paths(&[], [&args.scenario, &args.orchestrator]),
            CliCommand::Compare(args) => paths(&args.traces, [&args.scenario]),
            CliCommand::Sweep(args) => paths(&args.merge, [&args.scenario, &args.orchestrator]),
            CliCommand::Fit(args) => {
                let all = paths(&args.traces, [&args.dirtyrate, &args.recording, &args.log]);
                all.into_iter().chain(args.scenario.iter().map(PathBuf::as_path)).collect()
            }
            CliCommand::Why(args) => paths(&args.logs, []),
            CliCommand::Plan(args) => with(&args.scenario, [&args.orchestrator]),
            CliCommand::Check(args) => paths(&[], [&args.baseline]),
            CliCommand::Plot(args) => paths(&args.results, []),
            CliCommand::Report(args) => paths(&args.inputs, []),
            CliCommand::Drain(args) => with(&args.fleet, [&args.loads, &args.flavors, &args.orchestrator]),
            CliCommand::Replay(args) => paths(&[], [&args.scenario, &args.fleet]),
            CliCommand::Watch(args) => paths(&[], [&args.scenario]),
            CliCommand::Init(args) => paths(&[], [&args.from]),
            CliCommand::Cite(args) => paths(&[], [&args.results]),
            CliCommand::Survey(args) => paths(&[], [&args.from]),
            CliCommand::Presets(_) => Vec::new(),
            CliCommand::Probe(_) | CliCommand::Completions(_) | CliCommand::Man(_) | CliCommand::Schema(_) => {
                Vec::new()
            }
        }
    }

    /// Files that are written.
    pub fn outputs(&self) -> Vec<&Path> {
        match self {
            CliCommand::Run(args) => with(&args.common.output, [&args.timeline, &args.plot]),
            CliCommand::Compare(args) => vec![&args.common.output],
            CliCommand::Sweep(args) => vec![&args.output],
            CliCommand::Fit(args) => with(&args.common.output, [&args.plot]),
            CliCommand::Why(args) => with(&args.output, [&args.save]),
            CliCommand::Plan(args) => vec![&args.common.output],
            CliCommand::Check(args) => with(&args.common.output, [&args.plot, &args.junit, &args.markdown]),
            CliCommand::Plot(args) => vec![&args.output],
            CliCommand::Report(args) => vec![&args.output],
            CliCommand::Drain(args) => with(&args.common.output, [&args.plot]),
            CliCommand::Replay(args) if args.fleet.is_some() => Vec::new(),
            CliCommand::Replay(args) => paths(&[], [&args.output, &args.plot]),
            CliCommand::Probe(args) => paths(&[], [&args.output]),
            CliCommand::Survey(args) => with(&args.output, [&args.keep]),
            CliCommand::Init(args) => vec![&args.output],
            CliCommand::Cite(args) => vec![&args.output],
            CliCommand::Presets(_) => Vec::new(),
            CliCommand::Watch(_) | CliCommand::Completions(_) | CliCommand::Man(_) | CliCommand::Schema(_) => {
                Vec::new()
            }
        }
    }
}

fn paths<'a, const N: usize>(all: &'a [PathBuf], more: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    all.iter().chain(more.into_iter().flatten()).map(PathBuf::as_path).collect()
}

fn with<'a, const N: usize>(first: &'a Path, more: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    std::iter::once(first).chain(more.into_iter().flatten().map(PathBuf::as_path)).collect()
}
