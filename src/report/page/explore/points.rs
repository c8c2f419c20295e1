//! Rows of results by the point of the sweep that they are of.

use std::collections::HashMap;

use crate::results::Results;

/// The points of a sweep, in the order in which the results have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// Columns that were varied.
    pub axes: Vec<usize>,
    /// Numbers of each point's values among those of each axis.
    pub picks: Vec<Vec<usize>>,
    /// Numbers of each point's rows.
    pub rows: Vec<Vec<usize>>,
}

/// Most points of a page; there is a number for each slider and figure of each.
const MOST: usize = 20_000;

impl Points {
    /// Sorts rows into points; none where nothing was varied, or more than a page has room for.
    pub fn of(results: &Results) -> Option<Points> {
        let axes = results.axes();
        let ranks: Vec<&[u32]> = axes.iter().map(|at| results.ranks(*at)).collect();
        let numbers = results.combinations(&axes);
        let mut points = Points { axes, picks: Vec::new(), rows: Vec::new() };
        let mut known: HashMap<u64, usize> = HashMap::new();
        for (row, number) in numbers.into_iter().enumerate() {
            if points.rows.len() > MOST {
                return None;
            }
            let point = *known.entry(number).or_insert_with(|| {
                points.picks.push(ranks.iter().map(|ranks| ranks[row] as usize).collect());
                points.rows.push(Vec::new());
                points.rows.len() - 1
            });
            points.rows[point].push(row);
        }
        (!points.axes.is_empty() && (2..=MOST).contains(&points.rows.len())).then_some(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_same_values_are_a_point() {
        let results = Results::from_csv(
            "link.bandwidth,qemu.version,verdict,total_time_ms\n\
             1,5.0,converged,1\n1,5.0,converged,2\n2,5.0,converged,3\n1,9.2,aborted,4\n",
        )
        .unwrap();
        let points = Points::of(&results).unwrap();
        assert_eq!(points.axes, [0, 1]);
        assert_eq!(points.picks, [[0, 0], [1, 0], [0, 1]]);
        assert_eq!(points.rows, [vec![0, 1], vec![2], vec![3]]);
        assert_eq!(Points::of(&Results::from_csv("verdict,total_time_ms\nconverged,1\n").unwrap()), None);
    }
}
