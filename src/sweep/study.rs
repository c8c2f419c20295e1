//! What a sweep runs: points, runs at each, and the seed of each run.

use std::sync::Arc;

use crate::scenario::{Design, Pick, Template};
use crate::sim::{Memory, Watch};

use super::Shard;
use super::cube::Cube;

/// A sweep, or the part of it that this machine runs.
#[derive(Debug)]
pub struct Study {
    /// The scenario, with the keys that are varied.
    pub template: Template,
    /// Name of the scenario in results.
    pub name: String,
    /// Seed of the first run at every point.
    pub seed: u64,
    /// Memory model.
    pub memory: Memory,
    /// Who looks on, and may stop the runs.
    pub watch: Option<Arc<Watch>>,
    /// The part that is run.
    pub shard: Shard,
    /// A row sums up all runs at a point, instead of a row for each run.
    pub summary: bool,
}

/// A study that is no sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSweep {
    /// One point, and one run at it.
    #[error("nothing is varied; add a `[sweep]` section or `--vary`, as in --vary qemu.auto-converge=true,false")]
    NothingVaried,
    /// More rows than a sweep may have.
    #[error("more than 10^12 rows; take fewer steps, or choose `--points N` instead of a grid")]
    TooMany,
}

/// Most rows of a sweep.
pub(super) const MOST_ROWS: u64 = 1_000_000_000_000;

impl Study {
    /// Refuses what is no sweep.
    ///
    /// # Errors
    /// Nothing is varied, or there are more rows than a sweep may have.
    pub fn check(&self) -> Result<(), NoSweep> {
        if self.template.axes.is_empty() && self.template.repeats == 1 {
            return Err(NoSweep::NothingVaried);
        }
        if self.points().is_none() { Err(NoSweep::TooMany) } else { Ok(()) }
    }

    /// Points of the whole sweep; `None` beyond a million million rows.
    pub fn points(&self) -> Option<u64> {
        let points = match self.template.points {
            Some(points) => Some(points),
            None => self.template.axes.iter().try_fold(1u64, |product, axis| {
                // Ranges of a grid have steps.
                product.checked_mul(u64::from(axis.len().unwrap_or(1)))
            }),
        };
        points
            .filter(|points| points.checked_mul(u64::from(self.template.repeats)).is_some_and(|rows| rows <= MOST_ROWS))
    }

    /// Rows at each point.
    pub fn rows_per_point(&self) -> u64 {
        if self.summary { 1 } else { u64::from(self.template.repeats) }
    }

    /// Rows of this part.
    pub fn rows(&self) -> u64 {
        self.shard.points(self.points().unwrap_or(0)) * self.rows_per_point()
    }

    /// The point, of all points, and the run of a row of this part.
    pub fn row(&self, row: u64) -> (u64, u64) {
        (self.shard.point(row / self.rows_per_point()), row % self.rows_per_point())
    }

    /// The seed of a run: the same at every point, so that points differ by nothing but their values.
    pub fn seed(&self, repeat: u64) -> u64 {
        self.seed.wrapping_add(repeat)
    }

    /// The values of all axes at a point, into `picks`; in a grid the last axis changes fastest.
    pub fn picks(&self, point: u64, picks: &mut Vec<Pick>) {
        picks.clear();
        let axes = &self.template.axes;
        if self.template.design == Design::Grid {
            let mut rest = point;
            picks.extend(axes.iter().rev().map(|axis| {
                let len = u64::from(axis.len().unwrap_or(1));
                // Below `len`, which is a u32.
                let item = (rest % len) as u32;
                rest /= len;
                Pick::Item(item)
            }));
            return picks.reverse();
        }
        let cube = Cube::new(self.template.design, self.points().unwrap_or(1), self.seed);
        picks.extend(axes.iter().enumerate().map(|(number, axis)| {
            let at = cube.at(point, number);
            match axis.len() {
                // Below `len`: the coordinate is below 1.
                Some(len) => Pick::Item(((at * f64::from(len)) as u32).min(len - 1)),
                None => Pick::At(at),
            }
        }));
    }
}
