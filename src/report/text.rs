//! One outcome for a person: verdict and reason, what the guest feels, a small picture, then the figures.

use anstyle::{AnsiColor, Style};

use super::metrics::{self, Group, Metric, Unit};
use super::{Provenance, Report, actions, chart};
use crate::sim::{Event, Outcome, Reason, Timeline, Verdict};
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::sink::terminal::{self, wrapped};

/// Widest and narrowest page that is laid out [columns].
pub const WIDTHS: std::ops::RangeInclusive<usize> = 60..=120;

/// Two blocks of figures stand side by side from here on [columns].
const TWO_BLOCKS: usize = 76;

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default();

/// The page, `width` columns wide (brought into [`WIDTHS`]), with ANSI colours; a writer that must not show them
/// strips them.
pub fn page(report: &Report, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut parts = vec![verdict(report, width), guest_feels(report, width)];
    parts.push(chart::draw(report.timeline, width));
    parts.push(actions::list(&report.timeline.actions, width));
    parts.push(figures(report.outcome, width));
    parts.push(footer(report.provenance, width));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The answer: one word and how long it took, then what decided it.
fn verdict(report: &Report, width: usize) -> String {
    let outcome = report.outcome;
    let colour = match outcome.verdict {
        Verdict::Converged => AnsiColor::Green,
        Verdict::PostCopy | Verdict::Paused => AnsiColor::Yellow,
        Verdict::Aborted | Verdict::NotConverged => AnsiColor::Red,
    };
    let style = colour.on_default().bold();
    let time = metrics::ms(outcome.total_time_ms);
    let mut text = format!("{style}{}{style:#}, {time} in total\n", outcome.verdict.as_str());
    if let Some(range) = report.provenance.assumed.range() {
        text += &format!("  {WARNING}{range}{WARNING:#}\n");
    }
    for line in wrapped(&outcome.reason.to_string(), width - 2) {
        text += &format!("  {line}\n");
    }
    if let Some((deadline, late)) = report.provenance.late_by(outcome) {
        let words = format!("the deadline of {deadline} (`policy.deadline`) was missed by {late}");
        for line in wrapped(&words, width - 2) {
            text += &format!("  {WARNING}{line}{WARNING:#}\n");
        }
    }
    text
}

/// The two ways in which the guest notices: stopped (blackout) and slowed down (brownout).
fn guest_feels(report: &Report, width: usize) -> String {
    let outcome = report.outcome;
    let limit = report.timeline.rows.last().map(|row| row.downtime_limit_ms as f64);
    // A pause on purpose is no part of QEMU's downtime, and yet the guest stands still.
    let paused = outcome.verdict == Verdict::Paused || stands_still(report.timeline);
    let stopped = match (paused, outcome.downtime_ms) {
        (true, _) => Some(outcome.longest_stall_ms),
        (false, downtime) => downtime.or_else(|| stood_still(report.timeline)),
    };
    let is_held_to_limit = !paused && !matches!(outcome.reason.cause(), Reason::StoppedBy { .. });
    let limit = limit.filter(|_| is_held_to_limit);
    let (shown, allowed) = match (outcome.downtime_ms, limit) {
        (Some(downtime), Some(limit)) => Unit::Ms.apart(downtime, limit),
        _ => (Unit::Ms.show_any(stopped), String::new()),
    };
    let blackout = match (outcome.downtime_ms, limit) {
        (Some(downtime), _) if paused => {
            (format!("guest paused on purpose; {} of it for the switchover", metrics::ms(downtime)), WARNING)
        }
        (None, _) if paused && outcome.verdict == Verdict::Aborted => {
            ("guest paused on purpose, until the migration was aborted".to_owned(), WARNING)
        }
        (None, _) if paused => ("guest paused on purpose, and paused still".to_owned(), WARNING),
        (None, _) if stopped.is_none() => ("the guest was never stopped".to_owned(), Style::new()),
        (None, _) => ("guest stopped, until the migration was aborted".to_owned(), WARNING),
        (Some(downtime), Some(limit)) if downtime > limit => {
            (format!("guest stopped, longer than the downtime-limit of {allowed}"), WARNING)
        }
        (Some(_), Some(_)) => (format!("guest stopped, within the downtime-limit of {allowed}"), Style::new()),
        (Some(_), None) => ("guest stopped".to_owned(), Style::new()),
    };
    let brownout = if outcome.throttled_time_ms == 0.0 {
        ("the guest was never throttled".to_owned(), Style::new())
    } else {
        let mut words = format!("guest throttled by up to {}", metrics::percent(outcome.throttle_max_pct));
        if outcome.throttled_over_90_ms > 0.0 {
            words += &format!(", for {} by 90 % or more", metrics::ms(outcome.throttled_over_90_ms));
        }
        (words, if outcome.throttle_max_pct >= 90.0 { WARNING } else { Style::new() })
    };
    let slowdown = if outcome.guest_work_lost_ms == 0.0 {
        "the guest lost no work".to_owned()
    } else {
        format!("of the guest's work not done: {} at its own pace", metrics::ms(outcome.guest_work_lost_ms))
    };
    let rows = [
        ("blackout", shown, blackout),
        ("brownout", metrics::ms(outcome.throttled_time_ms), brownout),
        ("slowdown", Unit::Percent.show_any(outcome.guest_slowdown_pct), (slowdown, Style::new())),
    ];
    let sentences = TableColumn::LEFT.wraps(0);
    let mut table = Table::new([TableColumn::LEFT, TableColumn::RIGHT.gap(1).least(11), sentences]).indented(2);
    for (title, figure, (words, style)) in rows {
        table.row([TableCell::from(title).styled(HEADING), figure.into(), TableCell::from(words).styled(style)]);
    }
    table.within(width - 1)
}

/// Whether the guest was paused and not let run again.
fn stands_still(timeline: &Timeline) -> bool {
    let last = timeline.rows.iter().rfind(|row| matches!(row.event, Event::Pause | Event::Continue));
    last.is_some_and(|row| row.event == Event::Pause)
}

/// For how long the guest had been stopped when the migration was over [ms].
fn stood_still(timeline: &Timeline) -> Option<f64> {
    let stop = timeline.rows.iter().rfind(|row| row.event == Event::Stop)?;
    Some(timeline.rows.last()?.t_ms - stop.t_ms)
}

/// What is assumed, and what it takes to make the result again.
pub(super) fn footer(from: &Provenance, width: usize) -> String {
    let memory = from.memory.as_str();
    let Provenance { precopy, scenario, qemu, seed, assumed, .. } = from;
    let scenario = terminal::word(scenario);
    let words = format!("{scenario} · QEMU {qemu} · precopy {precopy} · memory {memory} · seed {seed}");
    let lines = wrapped(&words, width).into_iter().map(|line| format!("{QUIET}{line}{QUIET:#}\n"));
    lines.fold(assumed.coloured(width), |text, line| text + &line)
}

/// All figures by group, two groups side by side where there is room.
fn figures(outcome: &Outcome, width: usize) -> String {
    let blocks: Vec<Vec<Vec<TableCell>>> = Group::FIGURES
        .into_iter()
        .filter(|group| {
            let says = |metric: &Metric| (metric.get)(outcome).number().is_some_and(|number| number != 0.0);
            !group.is_optional() || group.metrics().any(says)
        })
        .map(|group| block(group, outcome))
        .collect();
    let across = if width >= TWO_BLOCKS { 2 } else { 1 };
    let title = TableColumn::LEFT.least(TITLE);
    let columns = [title.gap(BETWEEN), TableColumn::RIGHT.gap(0).least(FIGURE)];
    let mut table = Table::new(columns.into_iter().cycle().take(columns.len() * across));
    for (at, blocks) in blocks.chunks(across).enumerate() {
        if at > 0 {
            table.note("");
        }
        for line in 0..blocks.iter().map(Vec::len).max().unwrap_or(0) {
            let none = || vec![TableCell::from("").across(columns.len())];
            table.row(blocks.iter().flat_map(|block| block.get(line).cloned().unwrap_or_else(none)));
        }
    }
    table.text()
}

/// Width of titles and figures side by side, and of the gap between two blocks of them [columns].
const TITLE: usize = 22;
const FIGURE: usize = 13;
const BETWEEN: usize = 4;

/// A group's heading and figures, one line each.
fn block(group: Group, outcome: &Outcome) -> Vec<Vec<TableCell>> {
    let figure = |metric: &Metric| vec![format!("  {}", metric.title).into(), metric.display(outcome).into()];
    let heading = vec![TableCell::from(group.title()).styled(HEADING).across(2)];
    std::iter::once(heading).chain(group.metrics().map(figure)).collect()
}
