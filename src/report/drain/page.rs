//! The page of a drain to hand on: the question, the answer in large letters, who goes when, who stays and why, what to
//! measure, what is assumed.

use maud::{Markup, html};

use super::super::metrics;
use super::super::page::{document, marked, prose, timetable};
use super::answer::{AnswerTone, DrainAnswer, grounds};
use super::found::TakenAnswer;
use super::owed::wanted;
use super::rows::{DrainedRow, rows};
use super::stays::{explained, nowhere, stays};
use super::table::migrations;
use super::text::{chance, tenths};
use super::{Drained, found, unknown};
use crate::plot::PlotError;
use crate::results::DrainRow;
use crate::units::Time;

/// What only the page says.
pub struct HostPage<'a> {
    /// What it was made of.
    pub drained: Drained<'a>,
    /// The heading, where the fleet asks no question.
    pub title: Option<&'a str>,
    /// The question that the fleet asks.
    pub question: Option<&'a str>,
    /// The command line that makes this page.
    pub command: &'a str,
}

impl HostPage<'_> {
    /// The page as the text of its file.
    ///
    /// # Errors
    /// The timetable could not be drawn.
    pub fn html(&self) -> Result<String, PlotError> {
        let drained = &self.drained;
        let name = &drained.provenance.scenario;
        let title = self.title.or(self.question).map_or_else(|| question(drained, name), str::to_owned);
        // A drain that took no time has no picture.
        let gantt = match drained.timetable.end {
            Time::ZERO => None,
            _ => Some(drained.gantt("Who goes when")?),
        };
        let taken = found::taken(drained);
        let shown: Vec<DrainRow> = rows(drained).iter().map(DrainedRow::shown).collect();
        let body = html! {
            header {
                h1 { (title) }
                (large(&DrainAnswer::of(drained)))
                @if let Some(best) = taken.first() { p { (prose(&format!("with: {}", best.words))) } }
                @if let Some(given) = found::as_it_is(drained) { p { (prose(&given)) } }
                @if let Some(wanted) = wanted(drained.goal) { p { (prose(&wanted)) } }
                @for words in grounds(drained) { p { (prose(&words)) } }
                @for line in chance(drained).lines() { p { (prose(line)) } }
                (figures(drained))
            }
            @if let Some(gantt) = gantt { (timetable(&gantt)) }
            @if drained.found.is_some() { (searched(drained, &taken)) }
            (who_stays(drained))
            @let measure = unknown::measure_first(drained, usize::MAX);
            @if !measure.is_empty() { section { h2 { "What to measure first" } p { (prose(measure.trim_end())) } } }
            section {
                h2 { "What is assumed" }
                @let assumed = &drained.provenance.assumed;
                @for words in assumed.warnings().into_iter().chain(assumed.stand_ins()) { p .assumed { (prose(&words)) } }
            }
            footer {
                p { "Made by precopy " (env!("CARGO_PKG_VERSION")) " with" }
                pre tabindex="0" { (self.command) }
                p { "Times of a simulation, not of a host." }
            }
            section .rows { h2 { "Guest by guest" } div .scroll { (migrations(&shown).html()) } }
        };
        Ok(document(&title, &body))
    }
}

/// The answers of a search: what each costs, and how it is taken.
fn searched(drained: &Drained, answers: &[TakenAnswer]) -> Markup {
    html! {
        section {
            h2 { "What can be set" }
            div .scroll { (found::costs(drained).html()) }
            ol {
                @for taken in answers {
                    li { (marked(&taken.words)) @if !taken.flags.is_empty() { pre tabindex="0" { (taken.flags) } } }
                }
            }
        }
    }
}

/// The question that was asked, where the fleet has none of its own.
fn question(drained: &Drained, name: &str) -> String {
    match drained.goal.window {
        Some(window) => format!("Is the host of {name} empty within {window}?"),
        None => format!("When is the host of {name} empty?"),
    }
}

/// The answer in large letters.
pub(super) fn large(answer: &DrainAnswer) -> Markup {
    let tone = match answer.tone {
        AnswerTone::Good => "good",
        AnswerTone::Open => "open",
        AnswerTone::Bad => "bad",
    };
    html! {
        p .answer .(tone) {
            @if let Some(word) = answer.word { b { (word) } " " (prose(&format!("{}{}", answer.title, answer.rest))) }
            @else { b { (answer.title) } (answer.rest.trim_start_matches([':', ' '])) "." }
        }
    }
}

/// The figures that a planner looks for.
fn figures(drained: &Drained) -> Markup {
    let timetable = drained.timetable;
    let (moved, all) = (drained.host.guests().len() - timetable.stay.len(), drained.host.guests().len());
    let longest = timetable.downtime_ms().map_or_else(|| metrics::NONE.to_owned(), |(longest, _)| metrics::ms(longest));
    let slowest = timetable.attempts.iter().filter(|attempt| !drained.host.is_unknown(attempt.guest));
    let slowest = slowest.filter_map(|attempt| attempt.outcome.running_slowdown_pct).reduce(f64::max);
    html! {
        dl .noticed {
            div { dt { "over after" } dd { (timetable.end.to_string()) @if let Some(window) = drained.goal.window { small { "window " (window) } } } }
            div { dt { "guests moved" } dd { (moved) " of " (all) } }
            div { dt { "longest blackout" } dd { (longest) } }
            div { dt { "slowed by at most" } dd { (tenths(slowest)) } }
        }
    }
}

fn who_stays(drained: &Drained) -> Markup {
    let staying = staying(drained);
    html! { @if !staying.0.is_empty() { section { h2 { "Who stays, and why" } (staying) } } }
}

/// A paragraph for each guest that stays, those that are alike in one.
pub(super) fn staying(drained: &Drained) -> Markup {
    html! {
        @for stay in &stays(drained) {
            @let name = &drained.host.guests()[stay.last.guest].name;
            p {
                strong { (name) @if stay.others > 0 { " and " (stay.others) " like it" } }
                ": " (marked(explained(drained, stay).trim_end()))
            }
        }
        @for (who, lack) in nowhere(drained) { p { strong { (who) } ": " (lack) "." } }
    }
}
