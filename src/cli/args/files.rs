//! Which files a command line reads, and which it writes.

use std::path::{Path, PathBuf};

use super::Command;

impl Command {
    /// Files that are read.
    pub fn inputs(&self) -> Vec<&Path> {
        match self {
            Command::Run(args) => vec![&args.scenario],
            Command::Compare(args) => paths(&args.traces, [&args.scenario]),
            Command::Sweep(args) => paths(&args.merge, [&args.scenario]),
            Command::Fit(args) => paths(&args.traces, [&args.scenario, &args.dirtyrate]),
            Command::Plan(args) => vec![&args.scenario],
            Command::Check(args) => paths(&[], [&args.baseline]),
            Command::Plot(args) => paths(&args.results, []),
            Command::Report(args) => paths(&args.inputs, []),
            Command::Drain(args) => vec![&args.fleet],
            Command::Replay(args) => vec![&args.scenario],
            Command::Watch(args) => paths(&[], [&args.scenario]),
            Command::Completions(_) | Command::Man(_) | Command::Schema(_) => Vec::new(),
        }
    }

    /// Files that are written.
    pub fn outputs(&self) -> Vec<&Path> {
        match self {
            Command::Run(args) => with(&args.common.output, [&args.timeline, &args.plot]),
            Command::Compare(args) => vec![&args.common.output],
            Command::Sweep(args) => vec![&args.output],
            Command::Fit(args) => with(&args.common.output, [&args.plot]),
            Command::Plan(args) => vec![&args.common.output],
            Command::Check(args) => with(&args.common.output, [&args.plot, &args.junit, &args.markdown]),
            Command::Plot(args) => vec![&args.output],
            Command::Report(args) => vec![&args.output],
            Command::Drain(args) => with(&args.common.output, [&args.plot]),
            Command::Replay(args) => paths(&[], [&args.output, &args.plot]),
            Command::Watch(_) | Command::Completions(_) | Command::Man(_) | Command::Schema(_) => Vec::new(),
        }
    }
}

fn paths<'a, const N: usize>(all: &'a [PathBuf], more: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    all.iter().chain(more.into_iter().flatten()).map(PathBuf::as_path).collect()
}

fn with<'a, const N: usize>(first: &'a Path, more: [&'a Option<PathBuf>; N]) -> Vec<&'a Path> {
    std::iter::once(first).chain(more.into_iter().flatten().map(PathBuf::as_path)).collect()
}
