//! A guest's dirty rates over time, as the CSV file of a workload `trace`.

use std::fmt::Write as _;

use super::{GuestLook, Survey};
use crate::fit::{CalcMode, DirtyRates};
use crate::sink::csv;
use crate::units::{Bytes, Pages, Span};

/// What was counted of one guest, time after time, over one length.
#[derive(Clone, Debug, Default)]
pub struct Series {
    rows: Vec<SeriesRow>,
    /// Different pages of the longest measurement, and its length.
    long: Option<(Span, Pages)>,
}

/// One measurement.
#[derive(Clone, Debug)]
struct SeriesRow {
    at: Span,
    /// Different pages a second.
    rate: f64,
    look: GuestLook,
}

/// A `region` is so many times as large as the largest row, at least: at all of it a uniform writer would write without end.
const ROOM: f64 = 1.25;

impl Series {
    /// Of a survey whose steady measurements took `period`.
    pub fn of(survey: &Survey, guest: usize, period: Span) -> Series {
        let name = &survey.guests[guest].name;
        let mut found = Series::default();
        for look in survey.looks.iter().filter(|look| look.guest == guest) {
            let Some(length) = look.period else { continue };
            let rates = DirtyRates::of_guest(&look.figures.text(name), Some(name));
            let Some((seconds, pages)) = rates.ok().and_then(|rates| rates.points().first().copied()) else { continue };
            if length == period {
                found.rows.push(SeriesRow { at: look.at, rate: pages / seconds, look: look.clone() });
            } else {
                found.long = Some((length, Pages(pages as u64)));
            }
        }
        found
    }

    /// How many measurements there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The pages that it writes again and again, if it writes each as often: so many that both what was dirtied in one of the
    /// short measurements and what was in the long one are told. `None`: there was no long one, or it dirtied as many pages a second,
    /// so that no page was written twice.
    pub fn region(&self, all: Pages) -> Option<Pages> {
        let (length, long) = self.long?;
        let short = self.rows.first()?.look.period?;
        let mean = self.rows.iter().map(|row| row.rate).sum::<f64>() / self.rows.len() as f64 * short.seconds();
        let times = length.seconds() / short.seconds();
        // Different pages of as many short measurements in a row, where each page of a region is as likely.
        let different = |region: f64| region * (1.0 - libm::pow(1.0 - (mean / region).min(1.0), times));
        let (mut low, mut high) = (mean.max(1.0), all.0 as f64);
        if different(high) <= long.0 as f64 {
            return None;
        }
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if different(middle) < long.0 as f64 { low = middle } else { high = middle }
        }
        let most = self.lasting().map(|(row, lasts)| row.rate * lasts.seconds()).fold(0.0, f64::max);
        Some(Pages(high.max(ROOM * most).ceil() as u64).min(all))
    }

    /// Length of the longest measurement.
    pub fn long(&self) -> Option<Span> {
        self.long.map(|(length, _)| length)
    }

    /// Each row, and how long it lasts: until the next, the last one as long as the one before.
    fn lasting(&self) -> impl Iterator<Item = (&SeriesRow, Span)> {
        let gap = |at: usize| Some(Span(self.rows.get(at + 1)?.at.0 - self.rows.get(at)?.at.0));
        let last = self.rows.len().checked_sub(2).and_then(gap);
        let usual = self.rows.first().and_then(|row| row.look.period).unwrap_or_default();
        self.rows.iter().enumerate().map(move |(at, row)| (row, gap(at).or(last).unwrap_or(usual)))
    }

    /// The file, with these remarks at its head.
    pub fn csv(&self, remarks: &[String]) -> String {
        let mut text: String = remarks.iter().map(|remark| format!("# {remark}\n")).collect();
        let columns = ["seconds", "pages", "mib_per_second", "rss_bytes", "unused_bytes", "disk_caches_bytes", "mode"];
        let mut table = csv::writer(Vec::new());
        let mut written = csv::record(&mut table, columns);
        for (row, lasts) in self.lasting() {
            let figures = &row.look.figures;
            let size = |name: &str| figures.size(name).map_or(String::new(), |Bytes(bytes)| bytes.to_string());
            let mode = figures.get("dirtyrate.calc_mode").and_then(CalcMode::of).map_or("", CalcMode::word);
            let cells = [
                format!("{:.3}", row.at.seconds()),
                format!("{:.0}", row.rate * lasts.seconds()),
                figures.rate_mib().map_or(String::new(), |rate| rate.to_string()),
                size("balloon.rss"),
                size("balloon.unused"),
                size("balloon.disk_caches"),
                mode.to_owned(),
            ];
            written = written.and(csv::record(&mut table, cells));
        }
        // Writing into memory does not fail.
        debug_assert!(written.is_ok());
        let table = table.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let _ = write!(text, "{}", table.unwrap_or_default());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Figures;

    fn series(rate: f64, rows: u64, long: u64) -> Series {
        let row = |second: u64| SeriesRow {
            at: Span::from_ms(1000 * second),
            rate,
            look: GuestLook {
                guest: 0,
                at: Span::from_ms(1000 * second),
                period: Some(Span::from_ms(1000)),
                figures: Figures::default(),
            },
        };
        Series { rows: (0..rows).map(row).collect(), long: Some((Span::from_ms(10_000), Pages(long))) }
    }

    #[test]
    fn a_region_tells_both_what_a_second_dirties_and_what_ten_do() {
        let all = Pages(1 << 20);
        // 10,000 pages of 40,000 in a second; of those that are left a quarter in each other.
        let long = 40_000.0 * (1.0 - 0.75_f64.powi(10));
        let region = series(10_000.0, 5, long as u64).region(all).unwrap();
        assert!(region.0.abs_diff(40_000) < 50, "{region}");
        // Nothing was written twice; or everything was, and there must be room for a row.
        assert_eq!(series(1000.0, 5, 10_000).region(all), None);
        assert_eq!(series(1000.0, 5, 1000).region(all), Some(Pages(1250)));
        assert_eq!(series(1000.0, 0, 1000).region(all), None);
        assert_eq!(Series::default().region(all), None);
    }
}
