//! For a person: the answer, a timetable of the hosts, who stays and why, the migrations.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::super::super::metrics::{self, Unit};
use super::super::super::text::{WIDTHS, footer};
use super::super::stays::{explained, nowhere, stays};
use super::super::text::{BAD, BAR, EXPLAINED, HEADING, NAME, QUIET, ROWS, answer, tenths};
use super::Rolled;
use crate::drain::HostDrained;
use crate::results::DrainRow;
use crate::sink::distinct;
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal::{columns, word, wrapped};
use crate::units::Time;
use crate::units::spelling::count;

impl Rolled<'_> {
    /// The page, `width` columns wide (brought into the usual widths), with ANSI colours.
    pub fn text(&self, width: usize) -> String {
        let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
        let mut parts = vec![answer(&self.answer(), self.grounds(), width), self.timetable(width)];
        parts.extend([self.staying(width), self.migrations(width), footer(self.provenance, width)]);
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }

    /// A row for each host, with a bar for its time.
    fn timetable(&self, width: usize) -> String {
        let right = TableColumn::RIGHT;
        let ms = |time: Time| metrics::ms((time - Time::ZERO).ms());
        let hosts = &self.rolling.hosts;
        let names: Vec<_> = hosts.iter().map(|of| word(self.name(of.node))).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let lay = |names: &[String]| {
            let mut table = Table::new([TableColumn::LEFT, right, right, right, right, right]).heading(HEADING);
            table.head(["host", "start", "empty", "back", "moved", "stay"]);
            for (of, name) in hosts.iter().zip(names) {
                let time = |time: Option<Time>| time.map_or_else(|| metrics::NONE.to_owned(), ms);
                let stay = of.timetable.stay.len();
                let style = if stay == 0 { Style::new() } else { AnsiColor::Red.on_default() };
                let counts = [of.moved(), stay].map(|guests| guests.to_string());
                let cells = [name.clone(), ms(of.start), time(of.empty), time(of.back)];
                table.styled_row(style, cells.into_iter().chain(counts));
            }
            table
        };
        let figures = lay(&vec![String::new(); hosts.len()]).width() - columns("host");
        let room = width.saturating_sub(figures + 2 + BAR).max(NAME);
        let names: Vec<String> =
            distinct(&names, |name| columns(name) as f64, room as f64).iter().map(ToString::to_string).collect();
        let mut table = lay(&names);
        let before = table.width();
        let bar = width.saturating_sub(before + 2).max(BAR);
        table.column(TableColumn::LEFT, hosts.iter().map(|of| bar_of(of, self.rolling.end, bar)));
        let end = self.rolling.end.to_string();
        let start = if end.len() + 4 <= bar { "0 s" } else { "" };
        let rest = bar - start.len();
        format!("{}{QUIET}{:before$}  {start}{end:>rest$}{QUIET:#}\n", table.text(), "")
    }

    /// Who stays, why, and what is missing.
    fn staying(&self, width: usize) -> String {
        let mut text = String::new();
        for drained in self.hosts() {
            let host = word(drained.of_host.map_or("", |of| self.name(of.node))).into_owned();
            let tried = stays(&drained);
            let guests = |stay: &super::super::stays::Stay| {
                let name = word(&drained.host.guests()[stay.last.guest].name).into_owned();
                if stay.others > 0 {
                    format!("{name} and {} like it stay", stay.others)
                } else {
                    format!("{name} stays")
                }
            };
            let tried = tried.iter().map(|stay| (guests(stay), explained(&drained, stay)));
            let lacking = nowhere(&drained).into_iter();
            let lacking = lacking.map(|(who, lack)| (word(&who).into_owned(), format!("{lack}.")));
            let all: Vec<(String, String)> = tried.chain(lacking).collect();
            for (who, why) in all.iter().take(EXPLAINED) {
                let _ = writeln!(text, "{BAD}{who}{BAD:#} on {host}");
                for line in wrapped(why, width - 2) {
                    let _ = writeln!(text, "  {line}");
                }
            }
            if all.len() > EXPLAINED {
                let _ = writeln!(text, "... and {} more on {host}; `--format csv` has them all", all.len() - EXPLAINED);
            }
        }
        text
    }

    /// A row for each migration.
    fn migrations(&self, width: usize) -> String {
        let mut rows: Vec<DrainRow> = self.shown().into_iter().filter(|row| row.attempt > 0).collect();
        let all = rows.len();
        let takes = |row: &DrainRow| row.end_ms.unwrap_or_default() - row.start_ms.unwrap_or_default();
        let mut text = String::new();
        if all > ROWS {
            rows.sort_by(|a, b| a.moved.cmp(&b.moved).then(takes(b).total_cmp(&takes(a))));
            rows.truncate(ROWS / 3);
            let shown = count(rows.len(), "migration");
            let _ = writeln!(text, "The {shown} of {all} that took longest; `--format csv` has them all");
        }
        let key = |row: &DrainRow| (row.start_ms.unwrap_or_default(), row.end_ms.unwrap_or_default());
        rows.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
        if rows.is_empty() {
            return text;
        }
        let (left, right) = (TableColumn::LEFT, TableColumn::RIGHT);
        let lay = |names: &[[String; 3]]| {
            let mut table = Table::new([left, left, left, right, right, right, right]).heading(HEADING);
            table.head(["guest", "from", "to", "start", "takes", "downtime", "slowed by"]);
            for (row, names) in rows.iter().zip(names) {
                let style = if row.moved { Style::new() } else { AnsiColor::Red.on_default() };
                let slowed = match row.unknown {
                    Some(true) => "idle?".to_owned(),
                    _ => tenths(row.running_slowdown_pct),
                };
                let start = metrics::ms(row.start_ms.unwrap_or_default());
                let figures = [start, metrics::ms(takes(row)), Unit::Ms.show_any(row.downtime_ms), slowed];
                table.styled_row(style, names.iter().cloned().chain(figures));
            }
            table
        };
        let empty: Vec<[String; 3]> = rows.iter().map(|_| std::array::from_fn(|_| String::new())).collect();
        let room = width.saturating_sub(lay(&empty).width() - "guestfromto".len()) / 3;
        let again = |row: &DrainRow| if row.attempt > 1 { format!(" #{}", row.attempt) } else { String::new() };
        let fitted = |name: fn(&DrainRow) -> &str, room: usize| -> Vec<String> {
            let names: Vec<_> = rows.iter().map(|row| word(name(row))).collect();
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            distinct(&names, |name| columns(name) as f64, room.max(NAME) as f64)
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let guests = fitted(|row| &row.guest, room);
        let from = fitted(|row| row.host.as_deref().unwrap_or_default(), room);
        let to = fitted(|row| row.destination.as_deref().unwrap_or_default(), room);
        let names = rows.iter().zip(guests).zip(from).zip(to);
        let names: Vec<[String; 3]> =
            names.map(|(((row, guest), from), to)| [format!("{guest}{}", again(row)), from, to]).collect();
        text + &lay(&names).text()
    }
}

/// A host's time as a stretch of the whole: being emptied, then upgraded.
fn bar_of(of: &HostDrained, end: Time, width: usize) -> String {
    let column = |at: Time| (at.0 as f64 / end.0.max(1) as f64 * width as f64) as usize;
    let from = column(of.start).min(width - 1);
    let emptied = column(of.empty.unwrap_or_else(|| of.end())).clamp(from + 1, width);
    let back = of.back.map_or(emptied, column).clamp(emptied, width);
    let full = if of.empty.is_some() { "█" } else { "░" };
    format!("{}{}{}", " ".repeat(from), full.repeat(emptied - from), "▒".repeat(back - emptied))
}
