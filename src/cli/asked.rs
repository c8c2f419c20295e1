//! What `precopy run` is asked about: a file, or a few flags.

use std::path::Path;

use super::args::RunArgs;
use super::{Failure, inventory, scenario};
use crate::scenario::Input;

/// The name of what is run, for its results.
pub(super) fn name(args: &RunArgs) -> String {
    args.scenario.as_deref().map_or_else(|| "guest".to_owned(), scenario::name)
}

/// The scenario of a file with flags over it, or of flags alone.
///
/// # Errors
/// [`Failure::Input`]: the file cannot be read, or a flag is missing or wrong.
pub(super) fn open(args: &RunArgs) -> Result<Input, Failure> {
    let first = args.first.guest();
    if let (Some(load), Ok(Some(keys)), false) = (&first.load, first.workload(), args.common.quiet)
        && !keys.contains(load.as_str())
    {
        super::note(&format!("`{load}` is taken for {}; this guest was not measured", keys.replace('\n', ", ")));
    }
    let Some(path) = &args.scenario else {
        if first.link.is_none() {
            return Err(Failure::Input("how fast is the link? give it by `--link`, such as `--link 25G`".to_owned()));
        }
        let text = first.text().map_err(Failure::Input)?;
        let sets = scenario::with_orchestrator(Path::new("-"), args.orchestrator.as_ref(), &args.sets)?;
        return Ok(scenario::of_text("the flags, as a scenario", &text)?.with_sets(&sets));
    };
    let over = first.sets().map_err(Failure::Input)?;
    let sets: Vec<String> = over.into_iter().chain(args.sets.iter().cloned()).collect();
    let sets = scenario::with_orchestrator(path, args.orchestrator.as_ref(), &sets)?;
    match &args.vm {
        Some(name) => inventory::guest(path, &sets, name, args.common.quiet),
        None => scenario::open_one(path, &sets),
    }
}
