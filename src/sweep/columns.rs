//! Rows column by column, for data frames.

use std::fmt::Write as _;

use crate::metrics::Value;

use super::column::{ColumnKind, SweepColumn};
use super::row::{RowCell, RowKind};

/// Rows that are kept column by column.
#[derive(Clone, Copy, Debug)]
pub struct InColumns;

/// Some rows: a list of values for each column. Blocks are put together by [`append`](Columns::append).
#[derive(Debug, Default)]
pub struct Columns {
    /// In the order of the study's columns; none before the first row.
    pub columns: Vec<ColumnValues>,
}

/// The values of a column, and which of them are there.
#[derive(Debug)]
pub enum ColumnValues {
    /// Words, in one text.
    Words {
        /// All of them, one behind the other.
        text: String,
        /// Where each ends in that text [bytes]; one that is not there is empty.
        ends: Vec<i64>,
        /// Which are there.
        present: Present,
    },
    /// Whole numbers; 0 where there is none.
    Whole(Vec<u64>, Present),
    /// Numbers; 0 where there is none.
    Number(Vec<f64>, Present),
}

/// Which values of a column are there: all, until the first that is not.
#[derive(Debug, Default)]
pub struct Present {
    of: usize,
    /// For each value whether it is there; nothing while all are.
    each: Option<Vec<bool>>,
}

impl Present {
    /// For each value whether it is there; nothing where all are.
    pub fn each(self) -> Option<Vec<bool>> {
        self.each
    }

    fn add(&mut self, there: bool) {
        if let Some(each) = &mut self.each {
            each.push(there);
        } else if !there {
            let mut each = vec![true; self.of];
            each.push(false);
            self.each = Some(each);
        }
        self.of += 1;
    }

    fn append(&mut self, other: Present) {
        match (&mut self.each, other.each) {
            (None, None) => {}
            (Some(each), None) => each.resize(each.len() + other.of, true),
            (own, Some(each)) => own.get_or_insert_with(|| vec![true; self.of]).extend(each),
        }
        self.of += other.of;
    }
}

impl ColumnValues {
    /// No values yet.
    pub fn new(kind: ColumnKind) -> ColumnValues {
        match kind {
            ColumnKind::Words => {
                ColumnValues::Words { text: String::new(), ends: Vec::new(), present: Present::default() }
            }
            ColumnKind::Whole => ColumnValues::Whole(Vec::new(), Present::default()),
            ColumnKind::Number => ColumnValues::Number(Vec::new(), Present::default()),
        }
    }

    /// Puts a value behind the others. What is of another kind than the column, or not finite, is not there.
    pub fn push(&mut self, cell: RowCell) {
        match self {
            ColumnValues::Words { text, ends, present } => {
                let before = text.len();
                let there = match cell {
                    RowCell::Words(words) | RowCell::Outcome(Value::Word(words)) => {
                        text.push_str(words);
                        true
                    }
                    // Writing into memory does not fail.
                    RowCell::Outcome(Value::Reason(reason)) => write!(text, "{reason}").is_ok(),
                    _ => false,
                };
                debug_assert!(there || before == text.len(), "what is not there has no text");
                ends.push(text.len() as i64);
                present.add(there);
            }
            ColumnValues::Whole(values, present) => {
                let value = match cell {
                    RowCell::Whole(number) | RowCell::Outcome(Value::Whole(number)) => Some(number),
                    _ => None,
                };
                values.push(value.unwrap_or_default());
                present.add(value.is_some());
            }
            ColumnValues::Number(values, present) => {
                let value = match cell {
                    RowCell::Number(number) => Some(number),
                    RowCell::Whole(number) => Some(number as f64),
                    RowCell::Outcome(value) => value.number(),
                    RowCell::Empty | RowCell::Words(_) => None,
                };
                let value = value.filter(|number| number.is_finite());
                values.push(value.unwrap_or_default());
                present.add(value.is_some());
            }
        }
    }

    fn append(&mut self, other: ColumnValues) {
        match (self, other) {
            (
                ColumnValues::Words { text, ends, present },
                ColumnValues::Words { text: more, ends: more_ends, present: other },
            ) => {
                let from = text.len() as i64;
                text.push_str(&more);
                ends.extend(more_ends.into_iter().map(|end| from + end));
                present.append(other);
            }
            (ColumnValues::Whole(values, present), ColumnValues::Whole(more, other)) => {
                values.extend(more);
                present.append(other);
            }
            (ColumnValues::Number(values, present), ColumnValues::Number(more, other)) => {
                values.extend(more);
                present.append(other);
            }
            (own, other) => unreachable!("blocks of one study have the same columns, not {own:?} and {other:?}"),
        }
    }
}

impl Columns {
    /// No rows yet.
    pub fn new(columns: &[SweepColumn]) -> Columns {
        Columns { columns: columns.iter().map(|column| ColumnValues::new(column.kind)).collect() }
    }

    /// Puts the rows of another block of the same study behind these.
    pub fn append(&mut self, other: Columns) {
        match self.columns.is_empty() {
            true => *self = other,
            false => self.columns.iter_mut().zip(other.columns).for_each(|(own, other)| own.append(other)),
        }
    }
}

impl RowKind for InColumns {
    type Writer = Vec<ColumnKind>;
    type Block = Columns;

    fn writer(self, columns: &[SweepColumn]) -> Vec<ColumnKind> {
        columns.iter().map(|column| column.kind).collect()
    }

    fn row<'a>(kinds: &mut Vec<ColumnKind>, cells: impl Iterator<Item = RowCell<'a>>, block: &mut Columns) {
        if block.columns.is_empty() {
            block.columns = kinds.iter().map(|kind| ColumnValues::new(*kind)).collect();
        }
        block.columns.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<SweepColumn> {
        let column = |name: &str, kind| SweepColumn { name: name.to_owned(), kind, unit: None };
        vec![
            column("words", ColumnKind::Words),
            column("whole", ColumnKind::Whole),
            column("number", ColumnKind::Number),
        ]
    }

    /// A block of these rows.
    fn block(rows: &[[RowCell<'_>; 3]]) -> Columns {
        let mut writer = InColumns.writer(&columns());
        let mut block = Columns::default();
        rows.iter().for_each(|row| InColumns::row(&mut writer, row.iter().copied(), &mut block));
        block
    }

    const FULL: [RowCell<'static>; 3] = [RowCell::Words("ab"), RowCell::Whole(7), RowCell::Number(0.5)];
    const EMPTY: [RowCell<'static>; 3] = [RowCell::Empty; 3];

    #[test]
    fn blocks_that_are_put_together_are_the_rows_of_one_block() {
        for rows in [[FULL, FULL, FULL, FULL], [FULL, EMPTY, FULL, FULL], [FULL, FULL, EMPTY, FULL], [EMPTY; 4]] {
            for cut in 0..=rows.len() {
                let mut all = Columns::new(&columns());
                all.append(block(&rows[..cut]));
                all.append(block(&rows[cut..]));
                let mut whole = Columns::new(&columns());
                whole.append(block(&rows));
                assert_eq!(format!("{all:?}"), format!("{whole:?}"), "{rows:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_zero() {
        let block = block(&[FULL, EMPTY, [RowCell::Words(""), RowCell::Whole(0), RowCell::Number(f64::INFINITY)]]);
        let [words, whole, number] = block.columns.try_into().unwrap();
        let ColumnValues::Words { text, ends, present } = words else { panic!("these are words") };
        assert_eq!((text.as_str(), ends), ("ab", vec![2, 2, 2]));
        assert_eq!(present.each(), Some(vec![true, false, true]));
        let ColumnValues::Whole(values, present) = whole else { panic!("these are whole numbers") };
        assert_eq!((values, present.each()), (vec![7, 0, 0], Some(vec![true, false, true])));
        let ColumnValues::Number(values, present) = number else { panic!("these are numbers") };
        assert_eq!((values, present.each()), (vec![0.5, 0.0, 0.0], Some(vec![true, false, false])));
    }
}
