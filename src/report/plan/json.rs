//! A plan as one JSON object.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::PlanReport;
use crate::plan::{Edge, End, LeverChange, Margin, ProbeOutcome, Releases, Solution};

/// Writes the object: provenance, what was asked, and everything found, each with the flags and the command that show
/// it.
///
/// # Errors
/// Only those of writing.
pub fn json(mut to: impl Write, report: &PlanReport) -> io::Result<()> {
    let (plan, question) = (report.plan, report.question);
    let found = |found: &[Solution]| -> Vec<Value> { found.iter().map(|found| solution(report, found)).collect() };
    let mut document = serde_json::to_value(report.provenance)?;
    let answers = json!({
        "goal": question.goal.to_string(),
        "repeats": question.repeats,
        "share_pct": question.share.percent(),
        "as_is": answer(&plan.as_is),
        "single": found(&plan.single),
        "pairs": found(&plan.pairs),
        "not_enough": plan.no_help.iter().map(|no| json!({ "lever": no.lever, "reason": no.why })).collect::<Vec<_>>(),
        "margins": plan.margins.iter().map(margin).collect::<Vec<_>>(),
        "releases": plan.releases.iter().map(releases).collect::<Vec<_>>(),
    });
    if let (Value::Object(document), Value::Object(answers)) = (&mut document, answers) {
        document.extend(answers);
    }
    serde_json::to_writer_pretty(&mut to, &document)?;
    writeln!(to)
}

fn answer(answer: &ProbeOutcome) -> Value {
    json!({ "met": answer.met, "runs_met": answer.runs_met, "outcome": answer.outcome })
}

fn solution(report: &PlanReport, found: &Solution) -> Value {
    let mut object = json!({
        "changes": found.changes.iter().map(change).collect::<Vec<_>>(),
        "far": found.is_far,
        "sets": found.sets(),
        "command": report.command_with(&found.sets()),
        "not_enough": { "change": found.short.as_ref().map(change), "sets": found.short_sets() },
        "not_enough_from_to": found.gaps,
        "answer": answer(&found.answer),
    });
    if let (Some(taker), Value::Object(object)) = (report.taker, &mut object) {
        let handed = taker.hand(found.changes.iter().flat_map(|change| &change.settings));
        object
            .insert("as".to_owned(), json!({ "product": taker.name, "lines": handed.lines, "cannot": handed.cannot }));
    }
    object
}

fn change(change: &LeverChange) -> Value {
    json!({ "lever": change.lever, "from": change.from, "to": change.to })
}

fn margin(margin: &Margin) -> Value {
    let [down, up] = &margin.holds;
    json!({ "key": margin.key, "now": margin.now, "from": edge(down), "to": edge(up) })
}

fn edge(edge: &Edge) -> Value {
    let (end, reason) = match &edge.end {
        None => ("flips", None),
        Some(End::Refused(reason)) => ("refused", Some(reason)),
        Some(End::Far) => ("holds", None),
    };
    json!({ "last": edge.last, "beyond": end, "reason": reason })
}

fn releases(row: &Releases) -> Value {
    let (met, refused) = match &row.met {
        Ok(met) => (Some(*met), None),
        Err(why) => (None, Some(why)),
    };
    json!({ "first": row.first, "last": row.last, "met": met, "refused": refused })
}
