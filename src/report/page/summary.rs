//! The answer in words, and the figures of a single run.

use maud::{Markup, html};

use super::prose;
use crate::metrics::{Group, Metric, NONE};
use crate::results::{Cell, ResultRow, Results, column};
use crate::sim::Verdict;
use crate::sink::table::{Table, TableCell, TableColumn};
use crate::statistic::{Known, Sample, Seen};
use crate::sweep::column::REFUSED;

/// The figures that users notice.
pub(super) const NOTICED: [&str; 4] = ["total_time_ms", "downtime_ms", "throttled_time_ms", "guest_slowdown_pct"];

/// How it ended, and what it cost.
pub(super) fn verdict(results: &Results) -> Markup {
    let summed = results.is_summary();
    if results.find("verdict").is_none() && !summed {
        return html! {};
    }
    let words = Verdict::ALL.map(Verdict::as_str).into_iter().chain([REFUSED]);
    let counted = words.map(|word| (word, results.rows().map(|row| row.runs_that(word)).sum::<usize>()));
    let all: usize = results.rows().map(|row| row.runs()).sum();
    let refused = results.rows().filter(|row| summed && row.refused()).count();
    let single = results.len() == 1 && !summed;
    html! {
        p .verdicts {
            @for (word, count) in counted.filter(|(_, count)| *count > 0) {
                span .verdict .(word) {
                    @if single { (word) } @else { (count) " of " (all) " " (word) }
                }
                " "
            }
            // Of a point that was refused, a summary has no runs.
            @if refused > 0 {
                span .verdict .(REFUSED) { (refused) " of " (results.len()) " points " (REFUSED) }
            }
        }
        @if single && let Some(reason) = results.find("reason") { p { (prose(&results.row(0).cell(reason).to_string())) } }
        dl .noticed {
            @for name in NOTICED {
                @if let Some(at) = results.figure(name) {
                    div {
                        dt title=[meaning(name)] { (column::label(results.name(at))) }
                        dd { (span(results, at)) }
                    }
                }
            }
        }
        @if summed {
            p { small { "Median, least and most of the medians of points where at least half of the runs ended." } }
        } @else if !single {
            p { small {
                "Median, least and most of the runs that came to their end. One that was cut off is known to take longer than that (≥)."
            } }
        }
    }
}

/// From the least to the most of the runs that came to an end or were cut off, with the median and, unless it is all, over how
/// many.
fn span(results: &Results, at: usize) -> Markup {
    let name = results.name(at);
    let single = results.len() == 1;
    let rows = || results.rows().filter(|row| !row.refused());
    let seen = |row: ResultRow| match row.number(at) {
        Some(value) if single => Seen::Exactly(value),
        _ => row.seen(at),
    };
    let statistic = rows().map(seen).collect::<Sample>().statistic();
    let show = |known: Known| {
        let value = column::show(name, Cell::Number(known.value));
        if known.at_least { format!("≥ {value}") } else { value }
    };
    let known = rows().filter_map(|row| Known::of(seen(row)));
    let of_equals = |a: &Known, b: &Known| a.value.total_cmp(&b.value).then(a.at_least.cmp(&b.at_least));
    let (least, most) = (known.clone().min_by(of_equals), known.max_by(of_equals));
    html! {
        @if let (Some(median), Some(least), Some(most)) = (statistic.median, least, most) {
            (show(median))
            @if least != most { small { (show(least)) " to " (show(most)) } }
            @if statistic.of < rows().count() {
                small { "over " (statistic.of) " of " (rows().count()) @if results.is_summary() { " points" } }
            }
        }
        @else { (NONE) }
    }
}

/// All figures of the only run, or of the only point of a summary, in groups.
pub(super) fn figures(results: &Results) -> Markup {
    let known = |group: Group| {
        let metrics = group.metrics().filter_map(|metric| Some((metric, results.figure(metric.key)?)));
        let nothing = |at: usize| results.row(0).number(at).is_none_or(|number| number == 0.0);
        let metrics: Vec<_> = metrics.collect();
        let absent = group.is_optional() && metrics.iter().all(|(_, at)| nothing(*at));
        if absent { Vec::new() } else { metrics }
    };
    html! {
        section .groups {
            @for group in Group::FIGURES {
                @let metrics = known(group);
                @if !metrics.is_empty() {
                    (group_table(group, &metrics, results))
                }
            }
        }
    }
}

/// The figures of a group.
fn group_table(group: Group, metrics: &[(&'static Metric, usize)], results: &Results) -> Markup {
    let mut table = Table::new([TableColumn::LEFT.names(), TableColumn::RIGHT]).caption(group.title());
    for (metric, at) in metrics {
        let title = TableCell::from(metric.title).meaning(meaning(metric.key));
        table.row([title, column::show(results.name(*at), results.row(0).cell(*at)).into()]);
    }
    table.html()
}

/// What a field of the outcome means.
pub(super) fn meaning(name: &str) -> Option<String> {
    column::metric(name).map(|metric| metric.meaning.replace('`', ""))
}
