//! Chances that random writers leave a page alone.

use super::zones::Zone;
use crate::units::real;

/// How often one write of each workload hits a page, for each class of each zone.
///
/// A zone has columns for its own random writers only, so that a guest of thousands of workloads, each with a region of
/// its own, does not cost their square.
#[derive(Clone, Debug)]
pub(super) struct Touches {
    zones: Vec<Columns>,
    /// Random writers of each zone, in order.
    writers: Vec<usize>,
    /// The factor κ by which one write lowers a page's chance of being untouched, as exp(-κ): a row for each class.
    kappas: Vec<f64>,
}

/// Where a zone's writers and its rows begin.
#[derive(Clone, Copy, Debug)]
struct Columns {
    writers: usize,
    /// How many writers.
    count: usize,
    kappas: usize,
    classes: usize,
}

/// The random writers of one zone.
#[derive(Clone, Copy)]
pub(super) struct Writers<'a> {
    workloads: &'a [usize],
    kappas: &'a [f64],
}

/// Beyond so much exposure no page of any guest is expected to be untouched: 2e-22 of them.
const CERTAIN: f64 = 50.0;

impl Touches {
    /// Those of the random writers of all zones.
    pub(super) fn new(zones: &[Zone]) -> Touches {
        let mut touches = Touches { zones: Vec::with_capacity(zones.len()), writers: Vec::new(), kappas: Vec::new() };
        for zone in zones {
            let mut writers: Vec<usize> =
                zone.classes.iter().flat_map(|class| class.random.iter().map(|&(workload, _)| workload)).collect();
            writers.sort_unstable();
            writers.dedup();
            touches.zones.push(Columns {
                writers: touches.writers.len(),
                count: writers.len(),
                kappas: touches.kappas.len(),
                classes: zone.classes.len(),
            });
            for class in &zone.classes {
                let row = touches.kappas.len();
                touches.kappas.resize(row + width(writers.len()), 0.0);
                for (workload, kappa) in &class.random {
                    touches.kappas[row + writers.partition_point(|writer| writer < workload)] += kappa;
                }
            }
            touches.writers.append(&mut writers);
        }
        touches
    }

    /// Those of a zone.
    #[inline]
    pub(super) fn of(&self, zone: usize) -> Writers<'_> {
        let Columns { writers, count, kappas, classes } = self.zones[zone];
        Writers {
            workloads: &self.writers[writers..writers + count],
            kappas: &self.kappas[kappas..kappas + classes * width(count)],
        }
    }
}

/// Columns of so many writers: one more than nothing, so that there are rows.
fn width(writers: usize) -> usize {
    writers.max(1)
}

impl<'a> Writers<'a> {
    /// A row of κ for each class.
    #[inline]
    pub(super) fn rows(self) -> impl Iterator<Item = &'a [f64]> {
        self.kappas.chunks_exact(width(self.workloads.len()))
    }

    /// Writes of each of these writers between two counts of all workloads, into `writes`.
    #[inline]
    pub(super) fn between(self, from: &[u64], to: &[u64], writes: &mut Vec<f64>) {
        writes.clear();
        writes.extend(self.workloads.iter().map(|&workload| real(to[workload] - from[workload])));
    }
}

/// Sum of κ over so many writes of each writer.
#[inline]
fn exposure(kappas: &[f64], writes: &[f64]) -> f64 {
    kappas.iter().zip(writes).map(|(kappa, writes)| kappa * writes).sum()
}

/// Chance that a page is not touched by so many writes of each writer.
#[inline]
pub(super) fn untouched(kappas: &[f64], writes: &[f64]) -> f64 {
    match exposure(kappas, writes) {
        0.0 => 1.0,
        exposure if exposure > CERTAIN => 0.0,
        exposure => libm::exp(-exposure),
    }
}

/// The mean of that over `chunks` chunks, of which the first sees the writes `first` and, one after the other at an even
/// pace, the one behind the last would see the writes `last`.
///
/// The chances are a geometric series.
pub(super) fn untouched_on_average(kappas: &[f64], first: &[f64], last: &[f64], chunks: u64) -> f64 {
    let (longest, shortest) = (exposure(kappas, first), exposure(kappas, last));
    let step = (longest - shortest) / real(chunks);
    if step < 1e-9 {
        return libm::exp(-longest);
    }
    libm::exp(-shortest) * -libm::expm1(shortest - longest) / (libm::expm1(step) * real(chunks))
}

#[cfg(test)]
mod tests {
    use super::super::zones::{Class, zones};
    use super::super::{Config, Law, PageSize, Schedule, Workload};
    use super::*;
    use crate::units::{PageRate, Pages, Rate, Share, Span};

    /// A guest whose workload number n lies at the page `place` says and has as many pages.
    fn guest(workloads: u64, place: impl Fn(u64) -> (u64, u64)) -> Config {
        let workload = |number| {
            let (offset, region) = place(number);
            Workload {
                law: Law::Uniform,
                offset: Pages(offset),
                region: Pages(region),
                rate: PageRate(1.0),
                cpu: Share::ALL,
                changed: Share::ALL,
                schedule: Schedule::default(),
                catch_up: None,
            }
        };
        Config {
            memory: Pages(1 << 18),
            vcpus: 1,
            zero: Pages(0),
            zero_scan: Rate(1),
            fault_cost: Span::ZERO,
            page_size: PageSize::Small,
            rate_spread: None,
            courses: Vec::new(),
            workloads: (0..workloads).map(workload).collect(),
        }
    }

    #[test]
    fn a_zone_gives_what_all_workloads_together_would_to_the_last_bit() {
        let workloads = 60;
        // Over each other, beside each other, and none at all.
        let zones = zones(&guest(workloads, |n| (n % 7 * 1000 + n * 13, 500 + n * 17)));
        let touches = Touches::new(&zones);
        let from: Vec<u64> = (0..workloads).map(|n| n * n).collect();
        let to: Vec<u64> = (0..workloads).map(|n| n * n + n % 5 * 7).collect();
        let mut writes = Vec::new();
        let (mut empty, mut several) = (0, 0);
        for (index, zone) in zones.iter().enumerate() {
            let writers = touches.of(index);
            writers.between(&from, &to, &mut writes);
            assert_eq!(writers.rows().count(), zone.classes.len());
            for (kappas, Class { random, .. }) in writers.rows().zip(&zone.classes) {
                (empty, several) = (empty + usize::from(random.is_empty()), several + usize::from(random.len() > 1));
                let column = |n| random.iter().filter(|(workload, _)| *workload == n).map(|(_, kappa)| kappa).sum();
                let all: Vec<f64> = (0..workloads as usize).map(column).collect();
                let every: Vec<f64> = from.iter().zip(&to).map(|(from, to)| real(to - from)).collect();
                assert_eq!(untouched(kappas, &writes).to_bits(), untouched(&all, &every).to_bits(), "zone {index}");
            }
        }
        assert!(empty > 0 && several > 0, "{empty} without a writer, {several} with more than one");
    }

    #[test]
    fn thousands_of_workloads_cost_no_square() {
        for workloads in [500, 5000] {
            let touches = Touches::new(&zones(&guest(workloads, |n| (n * 4, 4))));
            // A column for each, and one for the pages that nobody writes.
            assert_eq!(touches.kappas.len() as u64, workloads + 1);
        }
    }
}
