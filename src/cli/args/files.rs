//! Which files a command line reads, and which it writes.

use std::path::{Path, PathBuf};

use super::CliCommand;

impl CliCommand {
    /// Files that are read.
    pub fn inputs(&self) -> Vec<&Path> {
        match self {
            CliCommand::Run(args) => vec![&args.scenario],
            CliCommand::Compare(args) => paths(&args.traces, [&args.scenario]),
            CliCommand::Sweep(args) => paths(&args.merge, [&args.scenario]),
            CliCommand::Fit(args) => paths(&args.traces, [&args.scenario, &args.dirtyrate]),
            CliCommand::Plan(args) => vec![&args.scenario],
            CliCommand::Check(args) => paths(&[], [&args.baseline]),
            CliCommand::Plot(args) => paths(&args.results, []),
            CliCommand::Report(args) => paths(&args.inputs, []),
            CliCommand::Drain(args) => vec![&args.fleet],
            CliCommand::Replay(args) => vec![&args.scenario],
            CliCommand::Watch(args) => paths(&[], [&args.scenario]),
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
            CliCommand::Plan(args) => vec![&args.common.output],
            CliCommand::Check(args) => with(&args.common.output, [&args.plot, &args.junit, &args.markdown]),
            CliCommand::Plot(args) => vec![&args.output],
            CliCommand::Report(args) => vec![&args.output],
            CliCommand::Drain(args) => with(&args.common.output, [&args.plot]),
            CliCommand::Replay(args) => paths(&[], [&args.output, &args.plot]),
            CliCommand::Probe(args) => vec![&args.output],
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
