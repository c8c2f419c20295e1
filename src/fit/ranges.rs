//! How far quantities may be moved: for one kind of guest, or for all kinds that explain a few looks; and what such looks leave
//! open.

use super::case::FitCase;
use super::glimpse::Glimpse;
use super::guess::{FitQuantity, WriteShape};
use super::profile::{self, ProfileInterval};
use super::search::{FittedPoint, ShapeSearch};
use super::sketch;
use crate::guest::Workload;

/// What noise leaves open of each quantity, for a guest of this kind; `None` if the search was stopped.
///
/// If one of them leads to a better guest, all begin again from there.
fn intervals(search: &ShapeSearch) -> Option<Vec<ProfileInterval>> {
    const AGAIN: usize = 3;
    let mut attempt = 1;
    loop {
        let before = search.best()?;
        let intervals = profile::intervals(search, &before)?;
        if attempt == AGAIN || search.best()?.misfit.sum > 0.98 * before.misfit.sum {
            return Some(intervals);
        }
        search.polish()?;
        attempt += 1;
    }
}

/// What noise leaves open of each quantity, for guests of all these kinds; `None` if the search was stopped.
pub(super) fn ranges<'a>(
    kinds: impl Iterator<Item = &'a ShapeSearch<'a>>,
) -> Option<Vec<(FitQuantity, ProfileInterval)>> {
    let mut ranges: Vec<(FitQuantity, ProfileInterval)> = Vec::new();
    for search in kinds {
        for (axis, interval) in search.axes.iter().zip(intervals(search)?) {
            match ranges.iter_mut().find(|(quantity, _)| *quantity == axis.quantity) {
                None => ranges.push((axis.quantity, interval)),
                Some((_, known)) => *known = known.with(interval),
            }
        }
    }
    Some(ranges)
}

/// The ranges of a few looks, none of which begins below what is known without any model.
pub(super) fn known_anyway(
    ranges: Vec<(FitQuantity, ProfileInterval)>,
    cases: &[FitCase],
) -> Vec<(FitQuantity, ProfileInterval)> {
    let least = |of: fn(&Glimpse) -> f64| cases.iter().filter_map(FitCase::glimpse).map(of).fold(0.0, f64::max);
    let floor = |(quantity, interval): (FitQuantity, ProfileInterval)| {
        let least = match quantity {
            FitQuantity::Rate => least(Glimpse::floor),
            FitQuantity::Region => least(Glimpse::pages),
            _ => 0.0,
        };
        if least <= 0.0 || libm::log(least) < interval.low {
            return (quantity, interval);
        }
        let low = libm::log(least).min(interval.high);
        (quantity, ProfileInterval { low, open: (false, interval.open.1), ..interval })
    };
    ranges.into_iter().map(floor).collect()
}

/// Whether any rate above some least one explains what was seen.
pub(super) fn is_open_upwards(ranges: &[(FitQuantity, ProfileInterval)]) -> bool {
    ranges.iter().any(|(quantity, interval)| *quantity == FitQuantity::Rate && interval.open == (false, true))
}

/// The guest whose rate is nearest to the middle of what explains what was seen, where that leaves much open: nothing speaks
/// for the one that comes closest. Where nothing is known of an upper end, that is so many times the lower one as is likely.
pub(super) fn central(
    search: &ShapeSearch,
    ranges: &[(FitQuantity, ProfileInterval)],
    limit: f64,
) -> Option<FittedPoint> {
    let axis = search.axes.iter().position(|axis| axis.quantity == FitQuantity::Rate)?;
    let (_, rate) = ranges.iter().find(|(quantity, _)| *quantity == FitQuantity::Rate)?;
    let times = Workload::open_rate(search.shape == WriteShape::HotCold);
    let middle = match rate.open {
        (false, false) => 0.5 * (rate.low + rate.high),
        (false, true) => rate.low + libm::log(times),
        (true, false) => rate.high - libm::log(times),
        (true, true) => return None,
    };
    search.nearest(axis, middle, limit)
}

/// What a few looks leave open.
pub(super) fn open(cases: &[FitCase]) -> Vec<String> {
    let mut open = Vec::new();
    for case in cases {
        let Some(glimpse) = case.glimpse() else { continue };
        let (seen, again) = (glimpse.seen(), glimpse.again());
        let floor = glimpse.floor();
        let least =
            if floor > 0.0 { format!("; it writes at least {}", FitQuantity::Rate.show(floor)) } else { String::new() };
        open.push(format!(
            "{seen} does not tell how often the guest writes a page again, nor in which order: the ranges hold for every kind \
             below{least}"
        ));
        if case.is_sketched() {
            open.push(format!(
                "RAM, link and throttle are those of the look; QEMU {} with its defaults and one vCPU are assumed; \
                 `--scenario FILE` names yours",
                sketch::VERSION
            ));
        }
        open.push(format!("to know more, {again}"));
    }
    open
}
