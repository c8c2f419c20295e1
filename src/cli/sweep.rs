//! `precopy sweep`: how does that change over these ranges?

use std::path::Path;

use super::args::sweep::SweepArgs;
use super::progress::ProgressLine;
use super::rows_out::{Before, RowsOut};
use super::{Failure, interrupt, scenario as files};
use crate::scenario::Extent;
use crate::sweep::{self, Identity, Made, RowForm, Shard, Study, SweepParts, SweepTarget, Workshop};

/// Runs a sweep, or puts the parts of one together.
pub(super) fn sweep(args: &SweepArgs) -> Result<(), Failure> {
    let (target, form) = SweepTarget::of(&args.output)?;
    match &args.scenario {
        Some(scenario) => run(args, scenario, target, form),
        None => merge(args, target, form),
    }
}

fn run(args: &SweepArgs, scenario: &Path, target: SweepTarget, form: RowForm) -> Result<(), Failure> {
    if args.shard.is_some() && target == SweepTarget::Parquet {
        return Err(Failure::Input("write shards as `.csv`, and merge them into a `.parquet`".to_owned()));
    }
    let extent =
        Extent { design: args.design.map(Into::into), points: args.points.map(u64::from), repeats: args.repeats };
    let sets = files::with_orchestrator(scenario, args.orchestrator.as_ref(), &args.sets)?;
    let template = files::template(scenario, &sets, &args.varies, extent, args.manners.quiet)?;
    files::note_assumed(&template.assumed, args.manners.quiet);
    let study = Study {
        template,
        name: files::name(scenario),
        seed: args.seed,
        memory: args.memory.into(),
        watch: Some(interrupt::watch()?),
        shard: args.shard.unwrap_or(Shard::WHOLE),
        summary: args.summary,
    };
    study.check().map_err(|fault| Failure::Input(fault.to_string()))?;
    let workshop = Workshop::new(&study, form);
    let identity = Identity::of(&study, form, &workshop.columns);
    let Some(mut out) = RowsOut::open(&args.output, before(args), identity, target)? else {
        if !args.manners.quiet {
            super::note(&format!("`{}` is complete already", args.output.display()));
        }
        return Ok(());
    };
    // Also under `--quiet`: something has changed rows on the disk.
    if let Some(damage) = out.damage() {
        super::note(damage);
    }

    let stop = interrupt::flag()?;
    let hint = "fewer points or repeats, or parts on several machines (`--shard`), are over sooner";
    let progress = ProgressLine::counted("rows", out.rows(), study.rows(), hint, args.manners.quiet);
    let jobs = args.jobs.jobs.map_or(0, |jobs| usize::from(jobs.get()));
    let mut refused = 0;
    // Of one that went on after damage, rows in the middle.
    let ended = out.missing(study.rows()).into_iter().try_for_each(|rows| {
        let mut next = rows.start;
        sweep::run(&workshop, rows, jobs, &stop, |made: Made<Vec<u8>>| {
            out.append(next, &made.block, made.rows)?;
            next += made.rows;
            refused += made.refused;
            progress.at(out.rows());
            Ok::<(), Failure>(())
        })
    });
    progress.end();
    match ended {
        Err(Failure::ReaderGone) => return Ok(()),
        Err(failure) => return Err(out.explain(failure, study.rows())),
        Ok(()) if out.rows() < study.rows() => return Err(out.interrupted(study.rows())),
        Ok(()) => {}
    }
    out.finish(Some(args.archive.clone()))?;
    if refused > 0 && !args.manners.quiet {
        super::note(&format!(
            "{refused} of {} rows have the verdict `refused`: their values do not go together, as `reason` says",
            study.rows()
        ));
    }
    Ok(())
}

/// What becomes of what an earlier run has left.
fn before(args: &SweepArgs) -> Before {
    match (args.resume, args.restart) {
        (true, _) => Before::Resumed,
        (_, true) => Before::GivenUp,
        _ => Before::Kept,
    }
}

fn merge(args: &SweepArgs, target: SweepTarget, form: RowForm) -> Result<(), Failure> {
    let parts = SweepParts::open(&args.merge)?;
    let identity = parts.identity.clone();
    if args.output != Path::new("-") && form != identity.form {
        return Err(Failure::Input(format!(
            "the parts are written as {}, so `{}` cannot be; choose the same suffix",
            identity.form.suffix(),
            args.output.display()
        )));
    }
    let rows = identity.rows;
    let mut out = RowsOut::whole(&args.output, before(args), identity, target, parts.bytes)?;
    let progress = ProgressLine::counted("rows", 0, rows, "", args.manners.quiet);
    let ended = parts.read(|bytes, rows| {
        out.append(out.rows(), bytes, rows)?;
        progress.at(out.rows());
        Ok::<(), Failure>(())
    });
    progress.end();
    match ended {
        Err(Failure::ReaderGone) => Ok(()),
        Err(failure) => Err(failure),
        Ok(()) => out.finish(parts.archive.clone()),
    }
}
