//! Rows that have the same values in some columns.

use std::collections::HashMap;

use super::{ResultRow, Results};

/// Rows put together, the rows of each group in their order and the groups in that of their first rows.
#[derive(Clone, Debug, Default)]
pub struct GroupedRows<'a> {
    rows: Vec<ResultRow<'a>>,
    /// Where each group ends.
    ends: Vec<usize>,
}

impl Results {
    /// For each row a number that it shares with all rows that have the same values in these columns, and with no other.
    pub fn combinations(&self, columns: &[usize]) -> Vec<u64> {
        let mut numbers = vec![0; self.len()];
        let mut count: u64 = 1;
        for at in columns {
            let values = self.count(*at) as u64;
            if count.checked_mul(values).is_none() {
                count = renumber(&mut numbers);
            }
            count *= values;
            numbers.iter_mut().zip(self.ranks(*at)).for_each(|(number, rank)| {
                *number = *number * values + u64::from(*rank);
            });
        }
        numbers
    }
}

/// Numbers from 0 on in place of any others; how many there are.
fn renumber(numbers: &mut [u64]) -> u64 {
    let mut known = HashMap::new();
    for number in numbers {
        let next = known.len() as u64;
        *number = *known.entry(*number).or_insert(next);
    }
    known.len() as u64
}

impl<'a> GroupedRows<'a> {
    /// Puts rows with the same of `numbers`, of which each row of the table has one, together.
    pub fn of(rows: &[ResultRow<'a>], numbers: &[u64]) -> GroupedRows<'a> {
        let mut own: Vec<u64> = rows.iter().map(|row| numbers[row.place()]).collect();
        let mut ends = vec![0; renumber(&mut own) as usize];
        own.iter().for_each(|number| ends[*number as usize] += 1);
        let mut all = 0;
        for end in &mut ends {
            // Where the group begins, until its rows are in their places.
            (*end, all) = (all, all + *end);
        }
        let mut order = vec![0; rows.len()];
        for (row, number) in own.iter().enumerate() {
            let end = &mut ends[*number as usize];
            order[*end] = row;
            *end += 1;
        }
        GroupedRows { rows: order.into_iter().map(|row| rows[row]).collect(), ends }
    }

    /// The rows of each group.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &[ResultRow<'a>]> {
        let start = |group: usize| group.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.iter().enumerate().map(move |(group, end)| &self.rows[start(group)..*end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_the_same_values_are_together_in_the_order_of_the_first() {
        let results = Results::from_csv("a,b,c\n2,x,1\n1,x,2\n2,x,3\n2,y,4\n1,x,5\n").unwrap();
        let rows: Vec<ResultRow> = results.rows().collect();
        let places = |columns: &[usize]| -> Vec<Vec<usize>> {
            let grouped = GroupedRows::of(&rows, &results.combinations(columns));
            grouped.groups().map(|rows| rows.iter().map(|row| row.place()).collect()).collect()
        };
        assert_eq!(places(&[0, 1]), [vec![0, 2], vec![1, 4], vec![3]]);
        assert_eq!(places(&[]), [[0, 1, 2, 3, 4]]);
        assert_eq!(places(&[2]), [[0], [1], [2], [3], [4]]);
    }

    #[test]
    fn more_combinations_than_a_number_counts_are_told_apart() {
        let names: Vec<String> = (0..40).map(|column| format!("c{column}")).collect();
        let row = |row: usize| (0..40).map(|column| (row * 7 % (column + 2)).to_string()).collect::<Vec<_>>().join(",");
        let text = [names.join(",")].into_iter().chain((0..60).map(row)).collect::<Vec<_>>().join("\n");
        let results = Results::from_csv(&text).unwrap();
        let mut numbers = results.combinations(&(0..40).collect::<Vec<_>>());
        assert_eq!(renumber(&mut numbers), 60);
    }
}
