//! The page of a drain from its rows, as they were kept: as much as rows say.

use std::collections::BTreeSet;

use maud::html;

use super::super::assumed::named;
use super::super::metrics;
use super::super::page::{document, marked, prose, timetable};
use super::answer::{AnswerTone, DrainAnswer};
use super::page::large;
use super::stays::stay_or_stays;
use super::table::migrations;
use super::text::tenths;
use crate::plot::{PlotError, gantt};
use crate::results::DrainRow;
use crate::scenario::condition;
use crate::units::spelling::count;

/// What a page is made of.
pub struct SavedDrain<'a> {
    /// The rows.
    pub rows: &'a [DrainRow],
    /// The fleet's name, as rows say it.
    pub fleet: &'a str,
    /// The heading, where it is not to be a question of its own.
    pub title: Option<&'a str>,
    /// The command line that makes this page.
    pub command: &'a str,
}

/// A guest that leaves a host, by the names of both.
type Leaving<'a> = (&'a str, &'a str);

impl SavedDrain<'_> {
    /// The page as the text of its file.
    ///
    /// # Errors
    /// The timetable could not be drawn.
    pub fn html(&self) -> Result<String, PlotError> {
        let question = || match self.hosts() {
            (0 | 1, _) => format!("When was the host of {} empty?", self.fleet),
            _ => format!("When were the hosts of {} empty?", self.fleet),
        };
        let title = self.title.map_or_else(question, str::to_owned);
        let has_hosts = self.hosts().0 > 1;
        let gantt = match (self.end() > 0.0, has_hosts) {
            (false, _) => None,
            (true, false) => Some(gantt::by_guest("Who goes when", String::new(), self.rows)?),
            (true, true) => Some(gantt::by_host("Which host is emptied when", String::new(), self.rows, &[])?),
        };
        let stay: Vec<&DrainRow> = self.staying();
        let body = html! {
            header {
                h1 { (title) }
                (large(&self.answer()))
                @for words in self.missed() { p { (prose(&words)) } }
                (self.figures())
            }
            @if let Some(gantt) = gantt { (timetable(&gantt)) }
            @if !stay.is_empty() {
                section {
                    h2 { "Who stays, and why" }
                    @for row in stay {
                        p {
                            strong { (row.guest) @if let Some(host) = &row.host { " on " (host) } }
                            ": " (if row.attempt == 0 { "fits nowhere" } else { row.verdict.as_str() }) ": "
                            (marked(&row.reason)) "."
                        }
                    }
                }
            }
            section {
                h2 { "What this page leaves out" }
                p .assumed {
                    "Made of the rows of migrations alone. The question, the window, what was assumed and what would help are left out"
                    @if has_hosts { ", and so is when a host was back" }
                    "; " code { "precopy drain FLEET --report FILE.html" } " makes a page with all of it."
                }
            }
            footer {
                p { "Made by precopy " (env!("CARGO_PKG_VERSION")) " with" }
                pre tabindex="0" { (self.command) }
                p { "Times of a simulation, not of a host." }
            }
            section .rows { h2 { "Guest by guest" } div .scroll { (migrations(self.rows).html()) } }
        };
        Ok(document(&title, &body))
    }

    /// When the last migration was over [ms].
    fn end(&self) -> f64 {
        self.rows.iter().filter_map(|row| row.end_ms).fold(0.0, f64::max)
    }

    /// Guests by the host that they were to leave: with an attempt or without one.
    fn leaving(&self, keep: impl Fn(&DrainRow) -> bool) -> BTreeSet<Leaving<'_>> {
        let rows = self.rows.iter().filter(|row| keep(row));
        rows.map(|row| (row.host.as_deref().unwrap_or_default(), row.guest.as_str())).collect()
    }

    /// The last row of each guest that stays.
    fn staying(&self) -> Vec<&DrainRow> {
        let gone = self.leaving(|row| row.moved);
        let mut stay = self.leaving(|_| true);
        stay.retain(|leaving| !gone.contains(leaving));
        let last = |(host, guest): &Leaving| {
            let is_it = |row: &&DrainRow| row.guest == *guest && row.host.as_deref().unwrap_or_default() == *host;
            self.rows.iter().rfind(is_it)
        };
        stay.iter().filter_map(last).collect()
    }

    /// The hosts by name, and how many of them are empty; none where rows name no host.
    fn hosts(&self) -> (usize, usize) {
        let hosts: BTreeSet<&str> = self.rows.iter().filter_map(|row| row.host.as_deref()).collect();
        let left: BTreeSet<&str> = self.staying().into_iter().filter_map(|row| row.host.as_deref()).collect();
        (hosts.len(), hosts.len() - left.len())
    }

    fn answer(&self) -> DrainAnswer {
        let (all, stay, end) = (self.leaving(|_| true).len(), self.staying().len(), metrics::ms(self.end()));
        let unknown = self.rows.iter().filter(|row| row.unknown == Some(true)).map(|row| row.guest.as_str());
        let unknown: BTreeSet<&str> = unknown.collect();
        let condition = condition(unknown.len()).map_or_else(String::new, |condition| format!(", {condition}"));
        let guests = count(stay, "guest");
        let (title, rest) = match (self.hosts(), stay) {
            ((0 | 1, _), 0) => ("host empty", format!("after {end}, {} moved", count(all, "guest"))),
            ((0 | 1, _), _) => {
                let of = count(all, "guest");
                ("host not empty", format!("{} of {of} moved after {end}, {stay} {}", all - stay, stay_or_stays(stay)))
            }
            ((_, _), 0) => ("all hosts empty", format!("after {end}, by {}", count(self.migrations(), "migration"))),
            ((hosts, empty), _) => {
                let verb = stay_or_stays(stay);
                ("hosts not empty", format!("{empty} of {hosts} hosts emptied after {end}, {guests} {verb}"))
            }
        };
        let tone = match (stay == 0 && self.missed().is_empty(), unknown.is_empty()) {
            (true, true) => AnswerTone::Good,
            (true, false) => AnswerTone::Open,
            (false, _) => AnswerTone::Bad,
        };
        DrainAnswer { word: None, title, rest: format!("{rest}{condition}"), tone }
    }

    fn migrations(&self) -> usize {
        self.rows.iter().filter(|row| row.attempt > 0).count()
    }

    /// A line for each goal that some guest misses.
    fn missed(&self) -> Vec<String> {
        let goals: BTreeSet<&str> =
            self.rows.iter().flat_map(|row| row.missed.split(", ")).filter(|goal| !goal.is_empty()).collect();
        let line = |goal: &&str| {
            let of_it = self.leaving(|row| row.missed.split(", ").any(|missed| missed == *goal));
            let names: Vec<&str> = of_it.into_iter().map(|(_, guest)| guest).collect();
            format!("`{goal}` does not hold for {}", named(&names))
        };
        goals.iter().map(line).collect()
    }

    fn figures(&self) -> maud::Markup {
        let longest = self.rows.iter().filter_map(|row| row.downtime_ms).reduce(f64::max);
        // Nobody knows the slowdown of a guest that is only taken for idle.
        let known = self.rows.iter().filter(|row| row.unknown != Some(true));
        let slowest = known.filter_map(|row| row.running_slowdown_pct).reduce(f64::max);
        let (all, moved) = (self.leaving(|_| true).len(), self.leaving(|row| row.moved).len());
        html! {
            dl .noticed {
                div { dt { "over after" } dd { (metrics::ms(self.end())) } }
                @match self.hosts() {
                    (0 | 1, _) => div { dt { "guests moved" } dd { (moved) " of " (all) } },
                    (hosts, empty) => div { dt { "hosts emptied" } dd { (empty) " of " (hosts) } },
                }
                div { dt { "longest blackout" } dd { (longest.map_or_else(|| metrics::NONE.to_owned(), metrics::ms)) } }
                div { dt { "slowed by at most" } dd { (tenths(slowest)) } }
            }
        }
    }
}
