//! A part of a sweep that one machine runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Part `index` of `count`: every `count`-th point, so that all parts take about equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u64,
    /// How many there are.
    pub count: u64,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Shard = Shard { index: 1, count: 1 };
    /// Most parts: as many files as a program may usually have open, all of which a merge reads at once.
    pub const MOST: u64 = 1000;

    /// How many of `points` are in this part.
    pub fn points(self, points: u64) -> u64 {
        (points + self.count - self.index) / self.count
    }

    /// The number among all points of the part's `local`-th, both from 0.
    pub fn point(self, local: u64) -> u64 {
        local * self.count + self.index - 1
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `1/8` to `8/8`.
    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count)) if index >= 1 && index <= count && count <= Shard::MOST => Ok(Shard { index, count }),
            Some((0, count)) => Err(format!("shards count from 1: write 1/{count} to {count}/{count}")),
            _ => Err(format!("write I/N with I from 1 to N, such as 3/8; N is at most {}", Shard::MOST)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_in_exactly_one_shard() {
        for (points, count) in [(0, 3), (1, 3), (10, 3), (9, 3), (5, 8), (7, 1)] {
            let shards = (1..=count).map(|index| Shard { index, count });
            let mut all: Vec<u64> =
                shards.flat_map(|shard| (0..shard.points(points)).map(move |local| shard.point(local))).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..points), "{points} points in {count} shards");
        }
    }

    #[test]
    fn a_shard_is_read_from_1_on() {
        assert_eq!("3/8".parse(), Ok(Shard { index: 3, count: 8 }));
        for bad in ["0/8", "9/8", "3", "a/b", "1/0", "1/99999", "-1/2"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
    }
}
