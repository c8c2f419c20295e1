//! What is said of a survey.

use std::collections::BTreeSet;

use crate::fit::{CalcMode, USUAL_SAMPLES, whole_size};
use crate::metrics;
use crate::qemu::Accel;
use crate::sink::shown;
use crate::sink::table::{Table, TableColumn};
use crate::survey::{Series, Survey, SurveyedGuest};
use crate::units::spelling::count;
use crate::units::{Bytes, PAGE_SIZE, Span};

/// What measuring does to the guests, and how long it takes.
pub fn disturbance(guests: &[SurveyedGuest], mode: CalcMode, time: Span) -> Vec<String> {
    let sampled = mode == CalcMode::PageSampling;
    let translated = guests.iter().filter(|guest| guest.accel == Accel::Tcg).count();
    let mut lines =
        vec![format!("measuring {} for {time}; Ctrl-C ends it with what was measured", count(guests.len(), "guest"))];
    if sampled || translated > 0 {
        let read = Bytes(USUAL_SAMPLES * PAGE_SIZE);
        lines.push(format!(
            "page sampling reads {USUAL_SAMPLES} pages of each GiB twice ({read} each time) and stops no vCPU; contents are compared, so \
             that a page rewritten with the same bytes counts as clean"
        ));
    }
    if !sampled && translated < guests.len() {
        lines.push(match mode {
            CalcMode::DirtyRing => "the dirty ring counts writes; each first write to a page is an entry of a vCPU's ring".to_owned(),
            _ => "the dirty log is on while a guest is measured, as while it migrates: the first write to each page is a fault, and \
                  huge pages are split"
                .to_owned(),
        });
    }
    if !sampled && translated > 0 {
        lines.push(format!("{} under TCG, where writes are not counted: sampled", count(translated, "guest")));
    }
    lines
}

/// A warning, and of which guests it holds where not of all.
pub fn warning(text: &str, guests: &[String], all: usize) -> String {
    match guests.len() == all && all > 1 {
        true => format!("all guests: {text}"),
        false => format!("{}: {text}", guests.join(", ")),
    }
}

/// The head of a trace: what it is, and what a scenario needs beside it.
pub fn remarks(survey: &Survey, guest: usize, source: &str, series: &Series) -> Vec<String> {
    let facts = &survey.guests[guest];
    let mut lines = vec![format!(
        "Different pages that `{}` at {} dirtied, by `precopy survey --record`: the file of a workload of kind \"trace\".",
        shown(&facts.name),
        shown(source)
    )];
    match series.region(facts.memory.pages()).zip(series.long()) {
        Some((region, long)) => lines.push(format!(
            "By what it dirtied in {long}, it writes the same pages again and again: region = \"{}\"",
            whole_size(region.bytes().0)
        )),
        None => lines.push(
            "How many pages it writes again and again is not known: give `region`, or all of RAM is taken".to_owned(),
        ),
    }
    lines
}

/// Guests with what was measured of them, and the command that goes on.
pub fn table(survey: &Survey, next: Option<&str>) -> String {
    let periods: BTreeSet<Span> = survey.looks.iter().filter_map(|look| look.period).collect();
    let columns = [TableColumn::LEFT, TableColumn::RIGHT, TableColumn::RIGHT];
    let mut table = Table::new(columns.into_iter().chain(periods.iter().map(|_| TableColumn::RIGHT)));
    let rates = periods.iter().map(|period| format!("MiB/s over {period}"));
    table.head(["guest", "RAM", "vCPUs"].map(str::to_owned).into_iter().chain(rates));
    for (at, guest) in survey.guests.iter().enumerate() {
        let cells = periods.iter().map(|period| rate(survey, at, *period));
        let facts = [guest.name.clone(), guest.memory.to_string(), guest.vcpus.to_string()];
        table.row(facts.into_iter().chain(cells));
    }
    let next = next.map_or(String::new(), |next| format!("\nNext: {next}\n"));
    table.text() + &next
}

/// The middle of what was measured over one length, and its ends; a dash where nothing was.
fn rate(survey: &Survey, guest: usize, period: Span) -> String {
    let looks = survey.looks.iter().filter(|look| look.guest == guest && look.period == Some(period));
    let mut rates: Vec<u64> = looks.filter_map(|look| look.figures.rate_mib()).collect();
    rates.sort_unstable();
    match rates.as_slice() {
        [] => metrics::NONE.to_owned(),
        [first, .., last] if first == last => first.to_string(),
        [only] => only.to_string(),
        all => format!("{} ({} to {})", all[(all.len() - 1) / 2], all[0], all[all.len() - 1]),
    }
}
