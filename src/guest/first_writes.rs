//! How many different pages a writer's first writes hit, found once for each law and region.

use std::sync::Arc;

use super::Law;
use super::kinds::{hit, kinds};
use crate::units::Pages;

/// Different pages that a writer has hit after so many writes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FirstWritesPoint {
    pub(super) writes: f64,
    pub(super) distinct: f64,
}

/// Such points of the writers that were asked for, kept from one migration to the next: a sweep asks for the same law at many
/// rates.
#[derive(Clone, Debug, Default)]
pub struct FirstWrites {
    known: Vec<(Law, Pages, Arc<[FirstWritesPoint]>)>,
}

/// Points per factor of ten: the lines between them cut the bends of the curve by less than 2 % of what faults cost.
const POINTS: f64 = 4.0;
/// Writers that are remembered; with more, the search would take longer than the answer.
const MOST: usize = 32;

impl FirstWrites {
    /// Those of a law in a region, from nothing on.
    pub(super) fn of(&mut self, law: &Law, region: Pages) -> Arc<[FirstWritesPoint]> {
        let known = self.known.iter().find(|(of, pages, _)| (of, *pages) == (law, region));
        if let Some((.., points)) = known {
            return Arc::clone(points);
        }
        let points: Arc<[FirstWritesPoint]> = points(law, region).into();
        if self.known.len() == MOST {
            self.known.clear();
        }
        self.known.push((law.clone(), region, Arc::clone(&points)));
        points
    }
}

fn points(law: &Law, region: Pages) -> Vec<FirstWritesPoint> {
    let mut points = vec![FirstWritesPoint::default()];
    match law {
        Law::Idle => {}
        Law::Sequential { .. } => {
            points.push(FirstWritesPoint { writes: region.0 as f64, distinct: region.0 as f64 });
        }
        _ => {
            let all = kinds(law, region.0);
            let rates = || all.iter().map(|kind| kind.kappa).filter(|kappa| *kappa > 0.0);
            let (fastest, slowest) = rates().fold((0.0_f64, f64::INFINITY), |(f, s), k| (f.max(k), s.min(k)));
            let (from, to) = (0.02 / fastest, 5.0 / slowest);
            let count = (POINTS * libm::log10(to / from)).ceil().max(1.0);
            let ratio = libm::pow(to / from, 1.0 / count);
            let writes = std::iter::successors(Some(from), |at| Some(at * ratio)).take(count as usize + 1);
            points.extend(writes.map(|writes| FirstWritesPoint { writes, distinct: hit(&all, writes) }));
        }
    }
    points
}
