//! A migration through time in a few dozen letters.

use serde::{Serialize, Serializer};

use crate::results::curve;
use crate::sim::Timeline;

/// The remaining RAM and the throttle of a migration, in stretches of its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    /// How long it took [ms].
    end: f64,
    /// A letter for each stretch: first the most RAM that remained in it, as a share of the most of all, then the throttle.
    letters: String,
}

/// Letters for 0 to 63.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Letters for all points of a page.
const ALL: usize = 400_000;

impl Sketch {
    /// How many stretches a migration has on a page with so many points.
    pub fn stretches(points: usize) -> usize {
        (ALL / (2 * points.max(1))).clamp(20, 240)
    }

    /// A migration in so many stretches; none of one that took no time.
    pub fn of(timeline: &Timeline, stretches: usize) -> Option<Sketch> {
        let end = timeline.rows.last().map(|row| row.t_ms).filter(|end| *end > 0.0)?;
        let remaining = curve::remaining(timeline);
        let throttle = curve::steps(timeline, |row| row.throttle_pct);
        let most = remaining.iter().map(|point| point.1).fold(1.0, f64::max);
        let mut letters = String::with_capacity(2 * stretches);
        for (curve, most) in [(&remaining, most), (&throttle, 100.0)] {
            for stretch in 0..stretches {
                let at = |number: usize| end * number as f64 / stretches as f64;
                let level = curve::largest(curve, at(stretch), at(stretch + 1)) / most;
                letters.push(char::from(LETTERS[(63.0 * level.clamp(0.0, 1.0)).round() as usize]));
            }
        }
        Some(Sketch { end, letters })
    }
}

impl Serialize for Sketch {
    /// As `[12345, "__ZY..."]`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.end.round() as u64, &self.letters).serialize(serializer)
    }
}
