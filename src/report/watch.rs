//! What is said of migrations that run.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::assumed::range_of;
use crate::metrics::{self, Unit};
use crate::replay::{Forecast, Outlook, Remedy, Watched};
use crate::sim::Verdict;
use crate::sink::{shell, terminal};
use crate::units::Span;

/// A block of lines for each migration; `now_s` is what the clock on the wall says [s since 1970].
pub fn text(uri: &str, now_s: f64, watched: &[Watched]) -> String {
    let uri = terminal::word(uri);
    if watched.is_empty() {
        return format!("no migration leaves {uri}\n");
    }
    let mut text = match watched.len() {
        1 => format!("1 migration leaves {uri}\n"),
        several => format!("{several} migrations leave {uri}\n"),
    };
    for one in watched {
        let job = &one.migrating.seen.job;
        let name = &one.migrating.domain.name;
        let _ = writeln!(
            text,
            "\n{}  since {} ({})",
            terminal::word(name),
            clock(started(now_s, job.elapsed)),
            metrics::ms(job.elapsed.ms())
        );
        let _ = write!(
            text,
            "  pass {}, {} of {} left at {}",
            job.memory_iteration, job.memory_remaining, job.memory_total, job.memory_bps
        );
        if job.auto_converge_throttle > 0.0 {
            let _ = write!(text, ", throttle {:.0} %", job.auto_converge_throttle);
        }
        text.push('\n');
        text += &match &one.outlook {
            Outlook::FirstPass(None) => "  a forecast comes after the first pass\n".to_owned(),
            Outlook::FirstPass(Some(rest)) => {
                format!("  a forecast comes after the first pass, in at most {}\n", metrics::ms(rest.ms()))
            }
            Outlook::Draining(None) => "  nothing is dirtied any more\n".to_owned(),
            Outlook::Draining(Some(rest)) => {
                format!("  nothing is dirtied any more: what remains takes {}\n", metrics::ms(rest.ms()))
            }
            Outlook::Forecast(forecast) => expected(forecast, name, job.elapsed),
        };
    }
    text
}

fn expected(forecast: &Forecast, name: &str, elapsed: Span) -> String {
    let outcome = &forecast.outcome;
    let left = (outcome.total_time_ms - elapsed.ms()).max(0.0);
    let mut text = match outcome.verdict {
        Verdict::NotConverged => format!("  does not converge: {}\n", outcome.reason),
        verdict => format!(
            "  {} in {} ({} in total), guest stopped for {}, slowed down by {}{}\n",
            verdict.as_str(),
            metrics::ms(left),
            metrics::ms(outcome.total_time_ms),
            Unit::Ms.show_any(outcome.downtime_ms),
            Unit::Percent.show_any(outcome.guest_slowdown_pct),
            match outcome.throttle_max_pct {
                0.0 => String::new(),
                pct => format!(" with a throttle of up to {pct:.0} %"),
            }
        ),
    };
    if let Some(likely) = &forecast.likely {
        let _ = writeln!(text, "    {}", range_of(likely));
    }
    for remedy in &forecast.remedies {
        let _ = writeln!(text, "    {}", terminal::word(&words(remedy, name)));
    }
    text
}

fn words(remedy: &Remedy, name: &str) -> String {
    let name = shell::word(name);
    match remedy {
        Remedy::Downtime(limit) => format!(
            "a downtime-limit of {limit} would end it: virsh migrate-setmaxdowntime {name} {}",
            limit.whole_ms()
        ),
        Remedy::Bandwidth(rate) => format!("a bandwidth of {rate} would end it"),
        Remedy::AutoConverge { throttle_pct, total_time_ms, may_be_on: true } => format!(
            "if auto-converge is on, it ends after {} in total, with a throttle of up to {throttle_pct:.0} %",
            metrics::ms(*total_time_ms)
        ),
        Remedy::AutoConverge { throttle_pct, total_time_ms, may_be_on: false } => format!(
            "auto-converge would have ended it after {} in total, with a throttle of up to {throttle_pct:.0} %; it has to \
             be on from the start",
            metrics::ms(*total_time_ms)
        ),
    }
}

/// One object for a look.
pub fn json(uri: &str, now_s: f64, watched: &[Watched]) -> Value {
    let migrations = watched.iter().map(|one| {
        let job = &one.migrating.seen.job;
        let name = &one.migrating.domain.name;
        let (rest, forecast) = match &one.outlook {
            Outlook::FirstPass(rest) | Outlook::Draining(rest) => (*rest, None),
            Outlook::Forecast(forecast) => (None, Some(forecast)),
        };
        json!({
            "domain": name,
            "started": clock(started(now_s, job.elapsed)),
            "elapsed_ms": job.elapsed.ms(),
            "memory_iteration": job.memory_iteration,
            "memory_total": job.memory_total.0,
            "memory_processed": job.memory_processed.0,
            "memory_remaining": job.memory_remaining.0,
            "memory_bps": job.memory_bps.0,
            "memory_dirty_rate": job.memory_dirty_rate,
            "auto_converge_throttle": job.auto_converge_throttle,
            "pass_remaining_ms": rest.map(Span::ms),
            "forecast": forecast.map(|forecast| object(forecast, name, job.elapsed)),
        })
    });
    json!({ "connect": uri, "now": clock(now_s), "migrations": migrations.collect::<Vec<_>>() })
}

/// A migration that does not converge has no end: null.
fn object(Forecast { outcome, likely, remedies }: &Forecast, name: &str, elapsed: Span) -> Value {
    let ends = outcome.verdict != Verdict::NotConverged;
    let end = ends.then_some(outcome.total_time_ms);
    json!({
        "verdict": outcome.verdict.as_str(),
        "reason": outcome.reason.to_string(),
        "total_time_ms": end,
        "remaining_time_ms": end.map(|end| (end - elapsed.ms()).max(0.0)),
        "downtime_ms": outcome.downtime_ms,
        "guest_slowdown_pct": outcome.guest_slowdown_pct,
        "throttle_max_pct": outcome.throttle_max_pct,
        "likely": likely,
        "remedies": remedies.iter().map(|remedy| words(remedy, name)).collect::<Vec<_>>(),
    })
}

fn started(now_s: f64, elapsed: Span) -> f64 {
    now_s - elapsed.seconds()
}

/// A time of day of the calendar, in UTC: `2026-01-31T12:00:00Z`.
fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (days, day) = (seconds / 86_400, seconds % 86_400);
    // Days from 1970 to a date, by the 400 years after which the calendar repeats, begun in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) =
        (era * 400 + year_of_era + u64::from(month >= 10), if month < 10 { month + 3 } else { month - 9 });
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", day / 3600, day / 60 % 60, day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_the_date() {
        for (seconds, date) in [
            (0.0, "1970-01-01T00:00:00Z"),
            (951_782_400.0, "2000-02-29T00:00:00Z"),
            (1_769_860_800.5, "2026-01-31T12:00:00Z"),
            (4_102_444_799.0, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(clock(seconds), date);
        }
    }
}
