//! The pictures of a page: those that show most of its results.

use maud::{Markup, PreEscaped, html};

use super::Page;
use crate::plot::chart::{self, Kind, Request};
use crate::plot::figure::Figure;
use crate::plot::gantt::Gantt;
use crate::plot::timeline::{self, Migration};
use crate::plot::{PlotError, Size, part};

/// For a screen of the width of a phone.
const NARROW: Size = Size { width: 390.0, height: 460.0, text: 11.5, paper: false };

/// The pictures, each for a wide and a narrow screen.
pub(super) fn figures(page: &Page) -> Result<Vec<Markup>, PlotError> {
    let mut drawn = Vec::new();
    let timed = page.timelines.iter().filter(|(_, timeline)| timeline.rows.last().is_some_and(|row| row.t_ms > 0.0));
    let migrations: Vec<Migration> = timed.map(|(name, timeline)| Migration { name, timeline }).collect();
    if !migrations.is_empty() {
        let figure = timeline::figure("What happened when", "", &migrations)?;
        drawn.push(both(&figure, timeline::SIZE, Size { height: 560.0, ..NARROW }));
    }
    if page.results.len() > 1 {
        for request in requests(page) {
            drawn.push(both(&chart::figure(page.results, &request)?, Size::PAGE, NARROW));
        }
    }
    Ok(drawn)
}

/// What is drawn of many runs: the kind that shows most, the price, and how sure it is.
fn requests(page: &Page) -> Vec<Request> {
    let results = page.results;
    let known = |at: usize| results.rows().any(|row| row.number(at).is_some());
    let has = |names: &[&str]| names.iter().all(|name| results.figure(name).is_some_and(known));
    let of = |kind| Request { kind: Some(kind), ..Request::default() };
    let mut requests = Vec::new();
    let first = Kind::of(results);
    if first != Kind::Cdf && has(&["total_time_ms"]) {
        requests.push(of(first));
    }
    if !results.choices().is_empty() && has(&["guest_slowdown_pct", "downtime_ms"]) {
        requests.push(of(Kind::Frontier));
    }
    // Medians of points are no distribution over runs.
    let repeated = results.find("repeat").is_some_and(|at| results.varies(at)) || results.choices().is_empty();
    if repeated && !results.is_summary() && has(&["total_time_ms"]) {
        requests.push(Request { x: Some("total_time_ms".to_owned()), ..of(Kind::Cdf) });
    }
    requests
}

/// The timetable of a drain.
pub fn timetable(gantt: &Gantt) -> Markup {
    html! { div .gantt { (both(&gantt.figure, gantt.wide(), gantt.narrow())) } }
}

fn both(figure: &Figure, wide: Size, narrow: Size) -> Markup {
    html! {
        figure {
            div .wide { (drawn(figure, wide)) }
            div .narrow { (drawn(figure, narrow)) }
        }
    }
}

/// Points of a picture are reached with the arrow keys.
fn drawn(figure: &Figure, size: Size) -> Markup {
    let label = format!("{}. {}", figure.title, figure.subtitle);
    html! { div role="img" aria-label=(label) tabindex="0" { (PreEscaped(part(figure, size))) } }
}
