//! A drain for a person: the answer, who stays and why, the timetable, what a search found, the chance.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::super::metrics::{self, Unit};
use super::super::text::{WIDTHS, footer};
use super::answer::{AnswerTone, DrainAnswer, condition, grounds};
use super::stays::{explained, stays};
use super::{Drained, found, unknown};
use crate::drain::{Attempt, Timetable};
use crate::sink::distinct;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::{columns, word, wrapped};
use crate::statistic::{Sample, Seen, Statistic};
use crate::units::Time;
use crate::units::spelling::count;

pub(super) const HEADING: Style = Style::new().bold();
pub(super) const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const OPEN: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Most rows of the timetable; a longer one is cut to what took longest.
pub(super) const ROWS: usize = 60;
/// Guests that stay and are explained.
pub(super) const EXPLAINED: usize = 8;
/// Columns that a bar has at least where a name would take them, and that names have at least.
pub(super) const BAR: usize = 10;
pub(super) const NAME: usize = 12;

/// The page, `width` columns wide (brought into the usual widths), with ANSI colours.
pub fn page(drained: &Drained, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut parts = vec![
        answer(&DrainAnswer::of(drained), grounds(drained), width),
        stay(drained, width),
        timetable(drained, width),
    ];
    parts.push(found::answers(drained));
    parts.push(found::by_slots(drained));
    parts.push(unknown::measure_first(drained, width));
    parts.push(chance(drained));
    parts.push(footer(drained.provenance, width));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The answer, and what stands under it.
pub(super) fn answer(answer: &DrainAnswer, grounds: Vec<String>, width: usize) -> String {
    let style = match answer.tone {
        AnswerTone::Good => GOOD,
        AnswerTone::Open => OPEN,
        AnswerTone::Bad => BAD,
    };
    let lead = answer.lead();
    let first = wrapped(&format!("{lead}{}", answer.rest), width).join("\n");
    let first = first.replacen(&lead, &format!("{style}{lead}{style:#}"), 1);
    let lines = grounds.into_iter().flat_map(|text| wrapped(&text, width - 2));
    lines.fold(format!("{first}\n"), |text, line| format!("{text}  {line}\n"))
}

/// Who stays, why, and whether it would go alone; guests that are alike are one paragraph.
fn stay(drained: &Drained, width: usize) -> String {
    let mut text = String::new();
    let stays = stays(drained);
    for stay in stays.iter().take(EXPLAINED) {
        let name = word(&drained.host.guests()[stay.last.guest].name);
        let who = match stay.others {
            0 => format!("{BAD}{name} stays{BAD:#}"),
            others => format!("{BAD}{name} and {others} like it stay{BAD:#}; of {name}:"),
        };
        let _ = writeln!(text, "{who}");
        for line in wrapped(&explained(drained, stay), width - 2) {
            let _ = writeln!(text, "  {line}");
        }
    }
    if let more @ 1.. = stays.iter().skip(EXPLAINED).map(|stay| 1 + stay.others).sum::<usize>() {
        let _ = writeln!(text, "... and {more} more; `--format csv` has them all");
    }
    text
}

/// Heading of the names.
const GUEST: &str = "guest";

/// A row for each migration, with a bar for its time.
fn timetable(drained: &Drained, width: usize) -> String {
    let Timetable { attempts, end, .. } = drained.timetable;
    let mut rows: Vec<&Attempt> = attempts.iter().collect();
    rows.sort_by_key(|attempt| (attempt.start, attempt.end));
    let mut text = String::new();
    if rows.len() > ROWS {
        rows.sort_by_key(|attempt| (attempt.is_gone(), std::cmp::Reverse(attempt.length())));
        rows.truncate(ROWS / 3);
        rows.sort_by_key(|attempt| (attempt.start, attempt.end));
        let shown = count(rows.len(), "migration");
        let _ = writeln!(text, "The {shown} of {} that took longest; `--format csv` has them all", attempts.len());
    }
    let cells: Vec<[String; 5]> = rows.iter().map(|attempt| figures(drained, attempt)).collect();
    let right = TableColumn::RIGHT;
    let lay = |names: &[String]| {
        let mut table = Table::new([TableColumn::LEFT, right, right, right, right, right]).heading(HEADING);
        table.head([GUEST, "start", "takes", "share", "downtime", "slowed by"]);
        for ((attempt, cells), name) in rows.iter().zip(&cells).zip(names) {
            let style = if attempt.is_gone() { Style::new() } else { AnsiColor::Red.on_default() };
            table.styled_row(style, [name].into_iter().chain(cells));
        }
        table
    };
    let figures = lay(&vec![String::new(); rows.len()]).width() - columns(GUEST);
    let mut table = lay(&names(drained, &rows, width.saturating_sub(figures + 2 + BAR).max(NAME)));
    let before = table.width();
    let bar = width.saturating_sub(before + 2).max(BAR);
    table.column(TableColumn::LEFT, rows.iter().map(|attempt| bar_of(attempt, *end, bar)));
    text += &table.text();
    // Under narrow bars there is room for the end alone.
    let end = end.to_string();
    let start = if end.len() + 4 <= bar { "0 s" } else { "" };
    let _ = writeln!(text, "{QUIET}{:before$}  {start}{end:>1$}{QUIET:#}", "", bar - start.len());
    text
}

/// The guests' names in no more than `room` columns, whole where they fit; further attempts have their number behind them.
fn names(drained: &Drained, rows: &[&Attempt], room: usize) -> Vec<String> {
    let number = |attempt: &Attempt| match attempt.number {
        1 => String::new(),
        number => format!(" #{number}"),
    };
    let names: Vec<Cow<str>> = rows.iter().map(|row| word(&drained.host.guests()[row.guest].name)).collect();
    let names: Vec<&str> = names.iter().map(Cow::as_ref).collect();
    let most = rows.iter().map(|row| number(row).len()).max().unwrap_or(0);
    let names = distinct(&names, |name| columns(name) as f64, room.saturating_sub(most) as f64);
    names.iter().zip(rows).map(|(name, row)| format!("{name}{}", number(row))).collect()
}

/// What stands under the titles; nobody knows the slowdown of a guest that is only taken for idle, and the blackout has a
/// column of its own. A share that `max-bandwidth` does not let the guest use is not shown as its own.
fn figures(drained: &Drained, attempt: &Attempt) -> [String; 5] {
    let outcome = &attempt.outcome;
    let held = drained.host.max_bandwidth(attempt.guest, drained.plan.slots);
    [
        metrics::ms((attempt.start - Time::ZERO).ms()),
        metrics::ms(attempt.length().ms()),
        attempt.share.map_or_else(
            || metrics::NONE.to_owned(),
            |share| held.map_or(share, |max| max.min(share)).to_string().replace("bit/s", ""),
        ),
        // A guest that stays was not stopped for a switchover.
        Unit::Ms.show_any(outcome.downtime_ms.filter(|_| attempt.is_gone())),
        match drained.host.is_unknown(attempt.guest) {
            true => "idle?".to_owned(),
            false => tenths(outcome.running_slowdown_pct),
        },
    ]
}

/// A share to a tenth of a per cent, which is enough beside others.
pub(super) fn tenths(percent: Option<f64>) -> String {
    match percent {
        None => metrics::NONE.to_owned(),
        Some(0.0) => "0 %".to_owned(),
        Some(some) if some < 0.05 => "<0.1 %".to_owned(),
        Some(some) => format!("{some:.1} %"),
    }
}

/// The migration's time as a stretch of the drain's.
fn bar_of(attempt: &Attempt, end: Time, width: usize) -> String {
    let column = |at: Time| (at.0 as f64 / end.0.max(1) as f64 * width as f64) as usize;
    let from = column(attempt.start).min(width - 1);
    let to = column(attempt.end).clamp(from + 1, width);
    let full = if attempt.is_gone() { "█" } else { "░" };
    format!("{}{}", " ".repeat(from), full.repeat(to - from))
}

/// How often it is as wanted, and how long drains take that vary; nothing of a single one.
pub(super) fn chance(drained: &Drained) -> String {
    let repeats = drained.repeats;
    if repeats.is_empty() {
        return String::new();
    }
    let ends = repeats.iter().map(|(_, timetable)| match (timetable.end - Time::ZERO).ms() {
        end if timetable.is_cut_off() => Seen::AtLeast(end),
        end => Seen::Exactly(end),
    });
    let Statistic { p5, median, p95, .. } = ends.collect::<Sample>().statistic();
    let [p5, median, p95] = [p5, median, p95].map(|end| Unit::Ms.show_known(end));
    let empty = repeats.iter().filter(|(_, timetable)| timetable.empty().is_some()).count();
    let mut text = format!(
        "{}: over after {median} (5 % sooner than {p5}, 5 % later than {p95}); nobody stays in {empty}\n",
        count(repeats.len(), "drain")
    );
    if let Some(chance) = drained.chance {
        let (low, high) = chance.interval();
        let _ = writeln!(
            text,
            "{} in {} of them (95 % certain: between {low:.0} % and {high:.0} %){}",
            match (chance.window, drained.goal.owed.is_empty()) {
                (Some(window), true) => format!("empty within {window}"),
                (Some(window), false) => format!("empty within {window} with all goals met"),
                (None, _) => "empty with all goals met".to_owned(),
            },
            Unit::Percent.show(chance.percent()),
            condition(drained)
        );
    }
    text
}
