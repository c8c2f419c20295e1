//! A plan for a person: the verdict, what would change it, what would not, and the commands to try.

use std::fmt::Write as _;

use super::PlanReport;
use crate::metrics::{Metric, ms};
use crate::plan::{Edge, End, Margin, NoHelp, ProbeOutcome, REACH, Releases, Solution};
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::sink::terminal::{self, wrapped};

/// Columns of the page.
const WIDTH: usize = 100;
/// What a change costs the guest.
const COSTS: [&str; 4] = ["total_time_ms", "downtime_ms", "longest_stall_ms", "guest_slowdown_pct"];

/// The page.
pub fn text(report: &PlanReport) -> String {
    let plan = report.plan;
    let mut parts = vec![verdict(report)];
    if !plan.as_is.met {
        let (near, far) = report.single();
        let none =
            if far.is_empty() { "No single change is enough" } else { "No single change is enough but a far one" };
        parts.push(table("One change is enough", none, near));
        if !plan.pairs.is_empty() {
            parts.push(table("Two changes, of which neither is enough alone", "", &plan.pairs));
        }
        if !far.is_empty() {
            parts.push(table(&format!("Enough, but a change of more than {REACH} times"), "", far));
        }
        parts.push(not_enough(&plan.no_help));
    }
    parts.push(margins(&plan.margins, plan.as_is.met));
    parts.push(releases(&plan.releases, &plan.as_is));
    parts.push(commands(report));
    parts.push(handed(report));
    parts.push(report.provenance.assumed.text(WIDTH));
    parts.retain(|part| !part.is_empty());
    terminal::lines(&parts.join("\n")).into_owned()
}

fn verdict(report: &PlanReport) -> String {
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
    let metrics: Vec<&Metric> = costs().collect();
    let left = TableColumn::LEFT;
    let mut table =
        Table::new([left.least(1), left.gap(1), left].into_iter().chain(metrics.iter().map(|_| TableColumn::RIGHT)));
    let names = metrics.iter().map(|metric| metric.short_title().into());
    table.head([TableCell::from(title).across(3)].into_iter().chain(names));
    for solution in solutions {
        for (at, change) in solution.changes.iter().enumerate() {
            let mark = if at == 0 { "" } else { "+" };
            let words = [mark.to_owned(), change.lever.clone(), format!("{} → {}", change.from, change.to)];
            let is_last = at + 1 == solution.changes.len();
            let costs = metrics.iter().filter(|_| is_last).map(|metric| metric.display(&solution.answer.outcome));
            table.row(words.into_iter().chain(costs));
        }
        for (from, to) in &solution.gaps {
            let stretch = if from == to { format!("at {from}") } else { format!("from {from} to {to}") };
            table.note(format!("    more is not always better: {stretch} it is not enough"));
        }
    }
    table.text()
}

fn not_enough(levers: &[NoHelp]) -> String {
    if levers.is_empty() {
        return String::new();
    }
    let are = |why: &str| levers.iter().filter(|other| other.brief == why).count();
    let own = levers.iter().filter(|no| are(&no.brief) == 1);
    let mut text = format!("Not enough alone\n{}", hanging(own.map(|no| [no.lever.clone(), no.brief.clone()]), 0));
    let mut told: Vec<&str> = Vec::new();
    // What is said of several is said once.
    for NoHelp { brief: why, .. } in levers.iter().filter(|no| are(&no.brief) > 1) {
        if told.contains(&why.as_str()) {
            continue;
        }
        told.push(why);
        let names: Vec<&str> = levers.iter().filter(|no| no.brief == *why).map(|no| no.lever.as_str()).collect();
        for (at, line) in wrapped(&format!("{why}: {}", names.join(", ")), WIDTH - 4).iter().enumerate() {
            text += &format!("  {}{line}\n", if at > 0 { "  " } else { "" });
        }
    }
    text
}

/// Words, and beside each a text that keeps its left edge.
fn hanging(rows: impl Iterator<Item = [String; 2]>, least: usize) -> String {
    let mut table = Table::new([TableColumn::LEFT.least(least), TableColumn::LEFT.wraps(30)]).indented(2);
    rows.for_each(|row| table.row(row));
    table.within(WIDTH)
}

/// How far the inputs may be off.
fn margins(margins: &[Margin], met: bool) -> String {
    let answer = if met { "met" } else { "unmet" };
    let rows = margins.iter().map(|margin| [margin.key.to_owned(), sentence(margin)]);
    format!("The goal stays {answer}\n{}", hanging(rows, 0))
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
    let row = |row: &Releases| {
        let name = if row.first == row.last { row.first.to_string() } else { format!("{} to {}", row.first, row.last) };
        let words = match &row.met {
            Ok(true) => "met".to_owned(),
            Ok(false) => "not met".to_owned(),
            Err(why) => format!("refuse it: {why}"),
        };
        [name, words]
    };
    format!(
        "Other releases of QEMU, everything else as it is (this is {})\n{}",
        as_is.scenario.qemu.version,
        hanging(rows.iter().map(row), 12)
    )
}

fn commands(report: &PlanReport) -> String {
    let lines: Vec<String> =
        report.solutions().map(|(_, solution)| format!("  {}\n", report.command_with(&solution.sets()))).collect();
    if lines.is_empty() { String::new() } else { format!("Try it\n{}", lines.concat()) }
}

/// The changes as a product takes them.
fn handed(report: &PlanReport) -> String {
    let Some(taker) = report.taker else { return String::new() };
    let mut text = String::new();
    for (_, solution) in report.solutions() {
        let changes: Vec<String> =
            solution.changes.iter().map(|change| format!("{} → {}", change.lever, change.to)).collect();
        let _ = writeln!(text, "  {}", changes.join(" + "));
        text += &taker.hand(solution.changes.iter().flat_map(|change| &change.settings)).text(WIDTH);
    }
    if text.is_empty() { text } else { format!("As {} takes it: {}\n{text}", taker.name, taker.title) }
}
