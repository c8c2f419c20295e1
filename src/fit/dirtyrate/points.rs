//! From measurements to points of a curve, which only rises.

use std::collections::BTreeMap;

use super::reading::RateReading;
use crate::fit::prior;

/// Different pages dirtied within intervals of several lengths.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RatePoints {
    /// Length and pages, in order of length [s, pages].
    pub(super) points: Vec<(f64, f64)>,
    /// Lengths between which the count fell by no more than chance explains, if any [s].
    pub(super) noisy: Option<(f64, f64)>,
    /// Lengths between which it fell by more [s].
    pub(super) fell: Option<(f64, f64)>,
}

/// A fall by more standard deviations than this is none of chance.
const CHANCE: f64 = 2.0;

/// Neighbouring lengths with one count.
struct Level {
    from: f64,
    lengths: Vec<f64>,
    pages: f64,
    noise: f64,
}

impl RatePoints {
    /// Means of each length. A count of different pages cannot fall with time: where it does by chance, the lengths share their
    /// mean; where it does by more, the larger count is kept, as those pages were dirtied whatever came of them.
    pub(super) fn of(readings: &[RateReading]) -> RatePoints {
        let mut lengths = BTreeMap::<u64, Vec<&RateReading>>::new();
        readings.iter().for_each(|reading| lengths.entry(reading.ms).or_default().push(reading));
        let mut found = RatePoints::default();
        let mut levels: Vec<Level> = Vec::new();
        for (ms, same) in lengths {
            let seconds = ms as f64 / 1e3;
            let weights: f64 = same.iter().map(|reading| reading.weight()).sum();
            let pages = same.iter().map(|reading| reading.weight() * reading.pages()).sum::<f64>() / weights;
            let squares: f64 = same.iter().map(|reading| (reading.weight() * reading.noise()).powi(2)).sum();
            let mut level = Level { from: seconds, lengths: vec![seconds], pages, noise: squares.sqrt() / weights };
            while let Some(before) = levels.pop_if(|before| before.pages > level.pages) {
                let fall = (before.from, seconds);
                if before.pages - level.pages > CHANCE * libm::hypot(before.noise, level.noise) {
                    found.fell = found.fell.or(Some(fall));
                    level = Level { pages: before.pages, noise: before.noise, ..level };
                    levels.push(before);
                    break;
                }
                found.noisy = found.noisy.or(Some(fall));
                level = before.with(level);
            }
            levels.push(level);
        }
        found.points =
            levels.iter().flat_map(|level| level.lengths.iter().map(|length| (*length, level.pages))).collect();
        found
    }
}

impl RatePoints {
    /// How well the rates are known: by what the samples of the best point leave open, by what page sampling does not see, and by
    /// how the guest changes, which `scatter` says where one length was measured several times.
    pub(super) fn uncertainty(&self, counted: &[RateReading], scatter: Option<f64>) -> f64 {
        let noise = counted.iter().map(|reading| reading.noise() / reading.pages()).fold(f64::INFINITY, f64::min);
        let contents = if counted.iter().any(RateReading::is_sampled) { prior::CONTENTS_SPREAD } else { 1.0 };
        let drift = scatter.map_or(prior::DRIFT, |scatter| prior::LEAST_DRIFT.max(1.0 + scatter));
        prior::all([noise.min(1.0), libm::log(contents), libm::log(drift)])
    }
}

impl Level {
    /// Both as one, each counting as much as it is sure.
    fn with(mut self, next: Level) -> Level {
        let (ours, theirs) = (self.noise.powi(-2), next.noise.powi(-2));
        self.pages = (ours * self.pages + theirs * next.pages) / (ours + theirs);
        self.noise = (ours + theirs).powf(-0.5);
        self.lengths.extend(next.lengths);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(readings: &[(u64, u64)]) -> RatePoints {
        RatePoints::of(&readings.iter().map(|(ms, rate)| RateReading::whole(*ms, *rate, 1)).collect::<Vec<_>>())
    }

    #[test]
    fn what_rises_is_taken_as_it_is() {
        let found = points(&[(2000, 50), (1000, 60)]);
        assert_eq!(found.points, [(1.0, 60.5 * 256.0), (2.0, 2.0 * 50.5 * 256.0)]);
        assert_eq!((found.noisy, found.fell), (None, None));
    }

    #[test]
    fn a_point_of_zero_is_half_a_unit() {
        assert_eq!(points(&[(5000, 0)]).points, [(5.0, 5.0 * 128.0)]);
    }

    #[test]
    fn a_fall_within_the_noise_of_samples_is_none() {
        // Three samples of 256 differed after a second, and none after two.
        let found = points(&[(1000, 6), (2000, 0), (20_000, 4)]);
        assert_eq!((found.noisy, found.fell), (Some((1.0, 2.0)), None));
        let pages: Vec<f64> = found.points.iter().map(|point| point.1).collect();
        assert!(pages[0] == pages[1] && (256.0..1664.0).contains(&pages[0]) && pages[2] == 90.0 * 256.0, "{found:?}");
    }

    #[test]
    fn what_was_dirtied_stays_so_when_contents_come_back() {
        let found = points(&[(500, 222), (1000, 52), (5000, 6), (20_000, 40)]);
        assert_eq!((found.noisy, found.fell.map(|fall| fall.0)), (None, Some(0.5)));
        let pages: Vec<f64> = found.points.iter().map(|point| point.1 / 256.0).collect();
        assert_eq!(pages, [111.25, 111.25, 111.25, 810.0]);
    }

    #[test]
    fn finer_samples_count_for_more() {
        let mut readings = vec![RateReading::whole(1000, 20, 1), RateReading::whole(1000, 30, 1)];
        readings[1].samples = Some(512 * 9);
        assert_eq!(RatePoints::of(&readings).points, [(1.0, 29.5 * 256.0)]);
    }
}
