//! A plan for a person: the verdict, what would change it, what would not, and the commands to try.

use std::fmt::Write as _;

use super::super::text::wrapped;
use super::Report;
use crate::metrics::{Metric, ms};
use crate::plan::{Edge, End, Margin, ProbeOutcome, Releases, Solution};
use crate::sink::terminal;

/// Columns of the page.
const WIDTH: usize = 100;
/// What a change costs the guest.
const COSTS: [&str; 4] = ["total_time_ms", "downtime_ms", "longest_stall_ms", "guest_slowdown_pct"];

/// The page.
pub fn text(report: &Report) -> String {
    let plan = report.plan;
    let mut parts = vec![verdict(report)];
    if !plan.as_is.met {
        parts.push(table("One change is enough", "No single change is enough", &plan.single));
        if !plan.pairs.is_empty() {
            parts.push(table("Two smaller changes, of which neither is enough alone", "", &plan.pairs));
        }
        parts.push(not_enough(&plan.no_help));
    }
    parts.push(margins(&plan.margins, plan.as_is.met));
    parts.push(releases(&plan.releases, &plan.as_is));
    parts.push(commands(report));
    parts.push(report.provenance.assumed.text(WIDTH));
    parts.retain(|part| !part.is_empty());
    terminal::lines(&parts.join("\n")).into_owned()
}

fn verdict(report: &Report) -> String {
    let (question, as_is) = (report.question, &report.plan.as_is);
    let outcome = &as_is.outcome;
    let mut text = format!("{} as it is, {} in total\n", outcome.verdict.as_str(), ms(outcome.total_time_ms));
    for line in wrapped(&outcome.reason.to_string(), WIDTH - 2) {
        let _ = writeln!(text, "  {line}");
    }
    let met = if as_is.met { "met" } else { "not met" };
    let runs = match question.repeats {
        0 | 1 => String::new(),
        runs => format!(" by {} of {runs} runs, and {} are wanted", as_is.runs_met, question.share),
    };
    let _ = writeln!(text, "\ngoal {met}{runs}: {}", question.goal);
    text
}

fn costs() -> impl Iterator<Item = &'static Metric> {
    COSTS.iter().filter_map(|key| Metric::of(key))
}

/// Solutions, a line for each change, with what they cost the guest beside the last.
fn table(title: &str, none: &str, solutions: &[Solution]) -> String {
    if solutions.is_empty() {
        return format!("{none}\n");
    }
    let lines = |solution: &Solution| -> Vec<(String, String)> {
        let line =
            |change: &crate::plan::LeverChange| (change.lever.clone(), format!("{} → {}", change.from, change.to));
        solution.changes.iter().map(line).collect()
    };
    let all: Vec<(String, String)> = solutions.iter().flat_map(lines).collect();
    let width = |column: fn(&(String, String)) -> &String| all.iter().map(|row| column(row).chars().count()).max();
    let (lever, change) = (width(|row| &row.0).unwrap_or(0), width(|row| &row.1).unwrap_or(0));
    let columns: Vec<(&Metric, usize)> = costs().map(|metric| (metric, column(metric, solutions))).collect();
    let names: String = columns.iter().map(|(metric, width)| format!("{:>width$}", metric.short_title())).collect();
    let mut text = format!("{:<width$}{names}\n", title, width = lever + change + 4);
    for solution in solutions {
        let rows = lines(solution);
        for (at, (name, values)) in rows.iter().enumerate() {
            let last = at + 1 == rows.len();
            let figures: String = match last {
                true => columns.iter().map(|(metric, width)| format!("{:>width$}", cell(metric, solution))).collect(),
                false => String::new(),
            };
            let mark = if at == 0 { ' ' } else { '+' };
            let line = format!("{mark} {name:<lever$}  {values:<change$}{figures}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        for (from, to) in &solution.gaps {
            let stretch = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
            let _ = writeln!(text, "    more is not always better: {stretch} it is not enough");
        }
    }
    text
}

fn cell(metric: &Metric, solution: &Solution) -> String {
    metric.display(&solution.answer.outcome)
}

/// Columns that a figure needs, with a gap before it.
fn column(metric: &Metric, solutions: &[Solution]) -> usize {
    let cells = solutions.iter().map(|solution| cell(metric, solution).chars().count());
    cells.chain([metric.short_title().len()]).max().unwrap_or(0) + 2
}

fn not_enough(levers: &[(String, String)]) -> String {
    if levers.is_empty() {
        return String::new();
    }
    let width = levers.iter().map(|lever| lever.0.len()).max().unwrap_or(0);
    let mut text = String::from("Not enough alone\n");
    for (lever, why) in levers {
        text += &hanging(lever, why, width);
    }
    text
}

/// A word, and a text beside it that keeps its left edge.
fn hanging(word: &str, text: &str, width: usize) -> String {
    let mut lines = wrapped(text, WIDTH.saturating_sub(width + 4).max(30)).into_iter();
    let mut out = format!("  {word:<width$}  {}\n", lines.next().unwrap_or_default());
    for line in lines {
        let _ = writeln!(out, "  {:width$}  {line}", "");
    }
    out
}

/// How far the inputs may be off.
fn margins(margins: &[Margin], met: bool) -> String {
    let answer = if met { "met" } else { "unmet" };
    let mut text = format!("The goal stays {answer}\n");
    let width = margins.iter().map(|margin| margin.key.len()).max().unwrap_or(0);
    for margin in margins {
        text += &hanging(margin.key, &sentence(margin), width);
    }
    text
}

/// `up to 1.31 times the write rate`.
fn sentence(margin: &Margin) -> String {
    let is_factor = margin.key.ends_with("-factor");
    let unit = if is_factor { format!(" times the {}", margin.title) } else { format!(" of {}", margin.title) };
    let [down, up] = &margin.holds;
    let flips = |edge: &Edge| edge.end.is_none();
    let range = match (flips(down), flips(up)) {
        (false, true) => format!("up to {}{unit}", up.last),
        (true, false) => format!("down to {}{unit}", down.last),
        (true, true) => format!("from {} to {}{unit}", down.last, up.last),
        (false, false) => format!("from {} to {}{unit}, which is all that can be", down.last, up.last),
    };
    let refused = |edge: &Edge, word: &str| match &edge.end {
        Some(End::Refused(why)) => format!("; {word} than {} is refused: {why}", edge.last),
        _ => String::new(),
    };
    match flips(down) || flips(up) {
        true => range,
        false => range + &refused(down, "less") + &refused(up, "more"),
    }
}

/// Other releases, where they differ at all.
fn releases(rows: &[Releases], as_is: &ProbeOutcome) -> String {
    let mut text =
        format!("Other releases of QEMU, everything else as it is (this is {})\n", as_is.scenario.qemu.version);
    for row in rows {
        let name = if row.first == row.last { row.first.to_string() } else { format!("{} to {}", row.first, row.last) };
        let words = match &row.met {
            Ok(true) => "met".to_owned(),
            Ok(false) => "not met".to_owned(),
            Err(why) => format!("refuse it: {why}"),
        };
        text += &hanging(&name, &words, 12);
    }
    text
}

fn commands(report: &Report) -> String {
    let lines: Vec<String> =
        report.solutions().map(|(_, solution)| format!("  {}\n", report.command_with(&solution.sets()))).collect();
    if lines.is_empty() { String::new() } else { format!("Try it\n{}", lines.concat()) }
}
