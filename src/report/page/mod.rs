//! One page to send to somebody: question, verdict, pictures, table, scenario, and how it was made.
//!
//! A single HTML file that needs nothing else: no network, no font, no library. It reads without JavaScript; with it,
//! the table can be sorted and filtered, pictures say what is pointed at, and sliders choose points of a sweep.

mod explore;
mod figures;
mod summary;
mod table;

pub use self::explore::{Points, Sketch};
pub use self::figures::timetable;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::plot::PlotError;
use crate::report::Assumed;
use crate::results::Results;
use crate::sim::Timeline;
use crate::sink::xml;

/// What a page shows.
#[derive(Debug)]
pub struct Page<'a> {
    /// Heading.
    pub title: &'a str,
    /// The question that the scenario asks.
    pub question: Option<&'a str>,
    /// Name and text of the scenario file.
    pub scenario: Option<(&'a str, &'a str)>,
    /// A row for each run.
    pub results: &'a Results,
    /// The points of a sweep, and the first run of each through time, as far as they are known.
    pub points: Option<&'a Points>,
    /// See [`Page::points`].
    pub sketches: &'a [Option<Sketch>],
    /// Migrations through time, with their names.
    pub timelines: &'a [(String, Timeline)],
    /// Why results are perhaps not those of the scenario.
    pub doubts: &'a [String],
    /// What the scenario does not say.
    pub assumed: &'a Assumed,
    /// The command line that makes this page.
    pub command: &'a str,
}

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(include_str!("page.js"), include_str!("explore.js"));
/// Nothing may be loaded from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

impl Page<'_> {
    /// The page as the text of its file.
    ///
    /// # Errors
    /// A picture could not be drawn.
    pub fn html(&self) -> Result<String, PlotError> {
        let figures = figures::figures(self)?;
        let body = html! {
            header {
                h1 { (self.question.unwrap_or(self.title)) }
                (summary::verdict(self.results))
                @for words in self.doubts { p .assumed { (prose(words)) } }
                @for words in self.assumed.warnings() { p .assumed { (prose(&words)) } }
            }
            (explore::explore(self))
            @for figure in figures { (figure) }
            @if self.results.len() == 1 {
                (summary::figures(self.results))
            } @else if !self.results.is_empty() {
                (table::table(self.results))
            }
            (self.origin())
        };
        Ok(document(self.title, &body))
    }

    /// What it takes to make the page again.
    fn origin(&self) -> Markup {
        html! {
            @if let Some((name, text)) = self.scenario {
                section {
                    h2 { "Scenario" }
                    details open {
                        summary { (name) }
                        pre tabindex="0" { (text) }
                    }
                }
            }
            footer {
                p { "Made by precopy " (env!("CARGO_PKG_VERSION")) " with" }
                pre tabindex="0" { (self.command) }
                @if let Some(words) = self.assumed.stand_ins() { p { (prose(&words)) } }
                p { "What each figure means is said where its name is pointed at. Times of a simulation, not of a host." }
            }
        }
    }
}

/// A file that needs nothing else, with the style and the script of all pages.
pub fn document(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (body) }
                div #tip role="status" hidden {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    xml::document(page.into_string()) + "\n"
}

/// A sentence of its own, from a line.
pub fn prose(text: &str) -> Markup {
    marked(&sentence(text))
}

/// Text in which what stands between backticks is typed as it stands.
pub fn marked(text: &str) -> Markup {
    let parts = text.split('`').enumerate();
    html! { @for (at, part) in parts { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
