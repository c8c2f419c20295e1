//! A drain for a person: the answer, who stays and why, the timetable, what a search found, the chance.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::super::metrics::{self, Unit};
use super::super::text::{WIDTHS, footer};
use super::Drained;
use crate::drain::{Attempt, DrainCandidate, Timetable};
use crate::orchestrator::scheduler::{LinkDivision, QueueOrder};
use crate::scenario::Assumption;
use crate::sim::Verdict;
use crate::sink::distinct;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::{columns, word, wrapped};
use crate::statistic::{Sample, Seen, Statistic};
use crate::units::spelling::count;
use crate::units::{Time, apart};

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const OPEN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Most rows of the timetable; a longer one is cut to what took longest.
const ROWS: usize = 60;
/// Guests that stay and are explained.
const EXPLAINED: usize = 8;
/// Columns that a bar has at least where a name would take them, and that names have at least.
const BAR: usize = 10;
const NAME: usize = 12;

/// The page, `width` columns wide (brought into the usual widths), with ANSI colours.
pub fn page(drained: &Drained, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut parts = vec![answer(drained, width), stay(drained, width), timetable(drained, width)];
    parts.push(found(drained));
    parts.push(chance(drained));
    parts.push(footer(drained.provenance, width));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn answer(drained: &Drained, width: usize) -> String {
    let Drained { host, plan, timetable, .. } = drained;
    let (guests, stay) = (host.guests().len(), timetable.stay.len());
    let condition = condition(drained);
    let style = if condition.is_empty() { GOOD } else { OPEN };
    let (style, title, rest) = match timetable.empty() {
        Some(at) => (style, "host empty", format!(" after {at}, {} moved{condition}", count(guests, "guest"))),
        None => {
            let stay_words = if stay == 1 { "stays" } else { "stay" };
            let (moved, guests) = (guests - stay, count(guests, "guest"));
            let rest = format!(": {moved} of {guests} moved after {}, {stay} {stay_words}{condition}", timetable.end);
            (BAD, "host not empty", rest)
        }
    };
    let first =
        wrapped(&format!("{title}{rest}"), width).join("\n").replacen(title, &format!("{style}{title}{style:#}"), 1);
    let scheduler = host.scheduler();
    let (speed, link) = (host.bandwidth(), link(drained));
    let order = drained.found.map_or(Some(scheduler.order), |found| found.best.order);
    let mut rules = format!("{}: {} at a time, {}", scheduler.name, plan.slots, words(order));
    match scheduler.bandwidth {
        LinkDivision::Fair => rules += &format!(", fair shares of {link}"),
        bandwidth => {
            let cap = bandwidth.cap(speed, plan.slots).unwrap_or(speed);
            rules += &format!(", at most {cap} each of {link}");
        }
    }
    let lost = metrics::ms(timetable.work_lost_ms());
    let lost = if timetable.is_cut_off() { format!("at least {lost}") } else { lost };
    let downtime = match timetable.downtime_ms() {
        Some((longest, sum)) if stay > 0 => {
            format!("downtime of those moved up to {}, {} in sum", metrics::ms(longest), metrics::ms(sum))
        }
        Some((longest, sum)) => format!("downtime up to {}, {} in sum", metrics::ms(longest), metrics::ms(sum)),
        None => "no guest was moved, so that there is no downtime".to_owned(),
    };
    let guests = format!("{downtime}; {lost} of the guests' work not done");
    let lines = [rules, guests].into_iter().flat_map(|text| wrapped(&text, width - 2));
    lines.fold(format!("{first}\n"), |text, line| format!("{text}  {line}\n"))
}

/// What every answer hangs on, behind a comma; nothing where the workload of each guest is known.
fn condition(drained: &Drained) -> String {
    drained.provenance.assumed.condition().map_or_else(String::new, |condition| format!(", {condition}"))
}

/// An order in words.
pub fn words(order: Option<QueueOrder>) -> String {
    match order {
        Some(QueueOrder::AsGiven) => "as given".to_owned(),
        Some(QueueOrder::Priority) => "by priority".to_owned(),
        Some(order) => order.as_str().replace('-', " "),
        None => "in an order of its own".to_owned(),
    }
}

/// What the link carries while the drain goes on: a rate, or the lowest and the highest.
fn link(drained: &Drained) -> String {
    let steps = &drained.host.link().steps;
    let rates = steps.iter().filter(|(from, _)| *from <= drained.timetable.end).map(|(_, rate)| *rate);
    match (rates.clone().min(), rates.max()) {
        (Some(low), Some(high)) if low < high => format!("{low} to {high}"),
        _ => drained.host.bandwidth().to_string(),
    }
}

/// A guest that stays, with those like it that end in the same way.
struct Stay<'t> {
    last: &'t Attempt,
    /// Whether it would go alone.
    moves: bool,
    others: usize,
}

fn stays<'t>(drained: &Drained<'t>) -> Vec<Stay<'t>> {
    let (host, timetable) = (drained.host, drained.timetable);
    let mut stays: Vec<Stay> = Vec::new();
    for guest in &timetable.stay {
        let Some(last) = timetable.attempts.iter().rfind(|attempt| attempt.guest == *guest) else { continue };
        let moves = host.alone(*guest).verdict.is_completed();
        // Of one entry, or lines of a table that say the same.
        let is_alike = |one: usize, other: usize| {
            host.guests()[one].entry == host.guests()[other].entry || host.alone(one) == host.alone(other)
        };
        let ends_alike = |known: &Stay| (known.last.outcome.verdict, known.moves) == (last.outcome.verdict, moves);
        match stays.iter_mut().find(|known| ends_alike(known) && is_alike(known.last.guest, *guest)) {
            Some(known) => known.others += 1,
            None => stays.push(Stay { last, moves, others: 0 }),
        }
    }
    stays
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

/// What became of it, what held it back, and what it would do alone.
fn explained(drained: &Drained, stay: &Stay) -> String {
    let Stay { last, moves, .. } = *stay;
    let host = drained.host;
    let guest = &host.guests()[last.guest];
    let (alone, whole) = (host.alone(last.guest), link(drained));
    let held = host.max_bandwidth(last.guest, drained.plan.slots);
    let held = held.filter(|max| last.share.is_some_and(|share| *max < share));
    let had = match (held, last.share) {
        (Some(max), Some(share)) => {
            let (max, share) = apart(&max, &share);
            format!("`max-bandwidth` held it to {max} of its {share} of the link")
        }
        (None, Some(share)) => format!("It had {share} of the link on average"),
        (_, None) => "It took no time".to_owned(),
    };
    let ends = if moves {
        format!("{had}; alone, with {whole}, it is moved in {}.", metrics::ms(alone.total_time_ms))
    } else if held.is_some() {
        let unlimited = host.unlimited(last.guest);
        // A limit that nobody asked for is said at the foot of the page, with the flag that lifts it.
        let is_own = guest.scenario.assumed.iter().any(|open| matches!(open, Assumption::MaxBandwidth(_)));
        let flag = if is_own { "" } else { ": `--set qemu.max-bandwidth=0`" };
        match unlimited.verdict.is_completed() {
            true => format!(
                "{had}; alone and without that limit it is moved in {}{flag}.",
                metrics::ms(unlimited.total_time_ms)
            ),
            false => format!("{had}; without that limit it does not converge either."),
        }
    } else if *alone != last.outcome {
        "It does not converge with the whole link either.".to_owned()
    } else {
        String::new()
    };
    let ended = match last.outcome.verdict {
        Verdict::NotConverged => format!(" after `limits.time` of {}", metrics::ms(last.outcome.total_time_ms)),
        _ => String::new(),
    };
    let goes_on = match (last.outcome.verdict, &guest.scenario.orchestrator) {
        (Verdict::NotConverged, Some(policy)) => {
            format!("That limit is this simulation's own; {} goes on: `--set limits.time=24h`. ", policy.name)
        }
        _ => String::new(),
    };
    format!("{}{ended}: {}. {goes_on}{ends}", last.outcome.verdict.as_str(), last.outcome.reason)
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
        table.head([GUEST, "start", "takes", "share", "downtime", "slowdown"]);
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

/// What stands under the titles; nobody knows the slowdown of a guest that is only taken for idle. A share that `max-bandwidth` does not let the guest use is not shown as its own.
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
            false => Unit::Percent.show_any(outcome.guest_slowdown_pct),
        },
    ]
}

/// The migration's time as a stretch of the drain's.
fn bar_of(attempt: &Attempt, end: Time, width: usize) -> String {
    let column = |at: Time| (at.0 as f64 / end.0.max(1) as f64 * width as f64) as usize;
    let from = column(attempt.start).min(width - 1);
    let to = column(attempt.end).clamp(from + 1, width);
    let full = if attempt.is_gone() { "█" } else { "░" };
    format!("{}{}", " ".repeat(from), full.repeat(to - from))
}

fn found(drained: &Drained) -> String {
    let Some(found) = drained.found else { return String::new() };
    let guests = drained.host.guests().len();
    let ends = |candidate: &DrainCandidate| match candidate.score.stay {
        0 => format!("empty after {}", candidate.score.end),
        stay => format!("{stay} of {} stay, after {}", count(guests, "guest"), candidate.score.end),
    };
    let left = TableColumn::LEFT;
    let mut table = Table::new([left.least(10), left.least(40), left]).heading(HEADING);
    table.head(["at a time", "host", "best order"]);
    for candidate in &found.by_slots {
        table.row([candidate.plan.slots.to_string(), ends(candidate), words(candidate.order)]);
    }
    let mut text = table.text();
    let best = &found.best;
    let stopped = if found.complete { "" } else { ", stopped before the end" };
    let _ = writeln!(
        text,
        "best of {}{stopped}: {} at a time, {}: {}{}",
        count(found.tried, "drain"),
        best.plan.slots,
        words(best.order),
        ends(best),
        condition(drained)
    );
    if best.order.is_none() {
        let names = best.plan.sequence.iter().map(|guest| drained.host.guests()[*guest].name.as_str());
        for line in wrapped(&names.collect::<Vec<_>>().join(" "), 76) {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

fn chance(drained: &Drained) -> String {
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
            "empty within {} in {} of them (95 % certain: between {low:.0} % and {high:.0} %){}",
            chance.within,
            Unit::Percent.show(chance.percent()),
            condition(drained)
        );
    }
    text
}
