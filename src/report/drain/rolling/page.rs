//! The page to hand on.

use maud::{Markup, html};

use super::super::super::metrics;
use super::super::super::page::{document, prose, timetable};
use super::super::owed::wanted;
use super::super::page::{large, staying};
use super::super::table::migrations;
use super::super::text::tenths;
use super::Rolled;
use crate::plot::PlotError;
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::units::Time;
use crate::units::spelling::count;

impl Rolled<'_> {
    /// The page as the text of its file: with this heading, or a question of its own, and the command line that makes it.
    ///
    /// # Errors
    /// The timetable could not be drawn.
    pub fn html(&self, title: Option<&str>, command: &str) -> Result<String, PlotError> {
        let title = title.map_or_else(|| self.question(), str::to_owned);
        // Hosts without guests are empty in no time, and have no picture.
        let gantt = match self.rolling.end {
            Time::ZERO => None,
            _ => Some(self.gantt("Which host is emptied when")?),
        };
        let assumed = &self.provenance.assumed;
        let body = html! {
            header {
                h1 { (title) }
                (large(&self.answer()))
                @if let Some(wanted) = wanted(self.goal) { p { (prose(&wanted)) } }
                @for words in self.grounds() { p { (prose(&words)) } }
                (self.figures())
            }
            @if let Some(gantt) = gantt { (timetable(&gantt)) }
            section { h2 { "Host by host" } div .scroll { (self.hosts_table().html()) } }
            @if self.rolling.stay() > 0 {
                section {
                    h2 { "Who stays, and why" }
                    @for drained in self.hosts() {
                        @if !drained.timetable.stay.is_empty() {
                            h3 { (drained.of_host.map_or("", |of| self.name(of.node))) }
                            (staying(&drained))
                        }
                    }
                }
            }
            section {
                h2 { "What is assumed" }
                @for words in assumed.warnings().into_iter().chain(assumed.stand_ins()) { p .assumed { (prose(&words)) } }
            }
            footer {
                p { "Made by precopy " (env!("CARGO_PKG_VERSION")) " with" }
                pre tabindex="0" { (command) }
                p { "Times of a simulation, not of a host." }
            }
            section .rows { h2 { "Guest by guest" } div .scroll { (migrations(&self.shown()).html()) } }
        };
        Ok(document(&title, &body))
    }

    /// The question that was asked, where the fleet has none of its own.
    fn question(&self) -> String {
        let (hosts, name) = (count(self.rolling.hosts.len(), "host"), &self.provenance.scenario);
        match self.goal.window {
            Some(window) => format!("Are {hosts} of {name} done within {window}?"),
            None => format!("When are {hosts} of {name} done?"),
        }
    }

    /// The figures that a planner looks for.
    fn figures(&self) -> Markup {
        let rows = self.shown();
        let longest = rows.iter().filter_map(|row| row.downtime_ms).reduce(f64::max);
        let known = rows.iter().filter(|row| row.unknown == Some(false));
        let slowest = known.filter_map(|row| row.running_slowdown_pct).reduce(f64::max);
        let rolling = self.rolling;
        html! {
            dl .noticed {
                div { dt { "over after" } dd { (rolling.end.to_string()) @if let Some(window) = self.goal.window { small { "window " (window) } } } }
                div { dt { "hosts emptied" } dd { (rolling.emptied()) " of " (rolling.hosts.len()) } }
                div { dt { "longest blackout" } dd { (longest.map_or_else(|| metrics::NONE.to_owned(), metrics::ms)) } }
                div { dt { "slowed by at most" } dd { (tenths(slowest)) } }
            }
        }
    }

    /// A row for each host.
    fn hosts_table(&self) -> Table {
        let right = TableColumn::RIGHT;
        let mut table = Table::new([TableColumn::LEFT.names(), right, right, right, right, right, right]);
        table.head(["host", "start", "empty", "back", "moved", "stay", "longest blackout"]);
        let ms = |time: Time| metrics::ms((time - Time::ZERO).ms());
        let time = |time: Option<Time>| time.map_or_else(|| metrics::NONE.to_owned(), ms);
        for of in &self.rolling.hosts {
            let longest = of.timetable.downtime_ms().map(|(longest, _)| longest);
            let cells = [
                self.name(of.node).to_owned(),
                ms(of.start),
                time(of.empty),
                time(of.back),
                of.moved().to_string(),
                of.timetable.stay.len().to_string(),
                longest.map_or_else(|| metrics::NONE.to_owned(), metrics::ms),
            ];
            table.row(cells.map(TableCell::from));
        }
        table
    }
}
