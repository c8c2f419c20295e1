//! `precopy why`: why did this migration end as it did, and what would have helped?

use std::path::{Path, PathBuf};

use super::Failure;
use super::args::why::{WhyArgs, WhyFormat};
use crate::compare::{Trace, TraceError};
use crate::fit;
use crate::orchestrator::Product;
use crate::report::{Output, why as report};
use crate::sink::shell;
use crate::why::{Cause, WhyAnswer};

/// Reads every log, and explains each migration in it.
pub(super) fn why(args: &WhyArgs) -> Result<(), Failure> {
    let product = args.orchestrator.as_deref().map(product).transpose()?;
    let traces = read(&args.logs, args.nth)?;
    let output = Output::open(&args.output)?;
    let save = args.save.as_deref().map(Output::open).transpose()?;
    let answers: Vec<(&Path, WhyAnswer)> =
        traces.iter().map(|(path, trace)| (*path, WhyAnswer::of(trace, product))).collect();
    let mut out: Vec<String> = Vec::new();
    for (path, answer) in &answers {
        let next = next(path, answer, args);
        out.push(match args.format {
            WhyFormat::Text => report::text(answer, &next, args.taker),
            WhyFormat::Json => report::json(answer, &next, args.taker)?,
        });
    }
    let unexplained = answers.iter().filter(|(_, answer)| answer.cause != Cause::Arrived && answer.explained.is_none());
    for (_, answer) in unexplained.filter(|_| !args.manners.quiet) {
        super::note(&format!("{}: no guest was tried, as the log does not tell enough of it", answer.trace));
    }
    let text = match args.format {
        WhyFormat::Text => out.join("\n"),
        WhyFormat::Json => format!("[\n{}]\n", out.join(",\n")),
    };
    if let Some(save) = save {
        let explained = answers.first().and_then(|(_, answer)| answer.explained.as_ref());
        let explained = explained.ok_or_else(|| {
            Failure::Input("this log does not tell enough of its guest to save one; see what to measure".to_owned())
        })?;
        let remarks = [
            format!("The guest that explains {}, by `precopy why`.", answers[0].1.trace),
            "What it writes is a guess that comes close; `precopy fit` says how well each figure is known.".to_owned(),
        ];
        save.write(fit::scenario_file(&explained.scenario, &remarks).as_bytes())?;
    }
    Ok(output.write(text.as_bytes())?)
}

/// Every migration that is asked for, with its file.
fn read(paths: &[PathBuf], nth: Option<u32>) -> Result<Vec<(&Path, Trace)>, Failure> {
    let of = |path: &PathBuf| match nth {
        Some(nth) => Trace::read_nth(path, usize::try_from(nth).unwrap_or(usize::MAX)).map(|trace| vec![trace]),
        None => Trace::read_all(path),
    };
    let (mut traces, mut faults): (Vec<(&Path, Trace)>, Vec<TraceError>) = Default::default();
    for path in paths {
        match of(path) {
            Ok(all) => traces.extend(all.into_iter().map(|trace| (path.as_path(), trace))),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(traces) } else { Err(Failure::Traces(faults)) }
}

fn product(name: &str) -> Result<&'static str, Failure> {
    Product::find(name).map(|product| product.kind).ok_or_else(|| super::scenario::no_product(name))
}

/// Commands that lead on.
fn next(path: &Path, answer: &WhyAnswer, args: &WhyArgs) -> Vec<String> {
    let log = path.to_string_lossy();
    let file = shell::word(&log);
    let Some(explained) = &answer.explained else {
        return Vec::new();
    };
    let above = answer.product.filter(|product| *product != "virsh");
    let above = above.map_or(String::new(), |product| format!(" --orchestrator {product}"));
    let helped = answer.remedies.iter().any(|remedy| remedy.helps);
    let mut all = Vec::new();
    if let Some(saved) = &args.save {
        let saved = saved.to_string_lossy();
        all.push(format!("`precopy plan {}{above}`: the smallest change that is enough", shell::word(&saved)));
    } else {
        let nth = args.nth.map_or(String::new(), |nth| format!(" --nth {nth}"));
        let what =
            if helped { "the smallest change that is enough" } else { "what else may help, two changes at a time" };
        all.push(format!("`precopy why {file}{nth} --save guest.toml && precopy plan guest.toml{above}`: {what}"));
    }
    if explained.fitted {
        all.push(format!("`precopy fit {file} --scenario guest.toml`: how well the guest is known"));
    }
    all
}
