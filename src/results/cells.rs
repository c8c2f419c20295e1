//! The cells of a column, each as eight bytes.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::words::ColumnWords;
use super::{Cell, CellKey};

/// The cells of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnCells {
    packed: Vec<PackedCell>,
    words: ColumnWords,
    /// Found when it is asked for.
    distinct: OnceLock<DistinctValues>,
}

/// The different values of a column.
#[derive(Clone, Debug)]
struct DistinctValues {
    /// Rows in which each comes first, in the order of the values.
    firsts: Vec<usize>,
    /// For each row the number of its value among them.
    ranks: Vec<u32>,
}

/// A number as its bits; anything else as bits that no finite number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PackedCell(u64);

impl PackedCell {
    /// Bits of a NaN; those of words have the number of the word below.
    const EMPTY: PackedCell = PackedCell(0x7ff8_0000_0000_0000);
    const WORD: u64 = 0xfff8_0000_0000_0000;

    fn number(self) -> Option<f64> {
        let number = f64::from_bits(self.0);
        (!number.is_nan()).then_some(number)
    }
}

impl ColumnCells {
    /// Puts a cell below the others.
    pub(super) fn push(&mut self, cell: Cell) {
        let packed = match cell {
            Cell::Number(number) if number.is_nan() => PackedCell::EMPTY,
            Cell::Number(number) => PackedCell(number.to_bits()),
            Cell::Word(word) => PackedCell(PackedCell::WORD | u64::from(self.words.number(word))),
            Cell::Empty => PackedCell::EMPTY,
        };
        self.packed.push(packed);
        self.distinct.take();
    }

    pub(super) fn len(&self) -> usize {
        self.packed.len()
    }

    /// So many cells without a value below the others.
    pub(super) fn push_empty(&mut self, count: usize) {
        self.packed.resize(self.packed.len() + count, PackedCell::EMPTY);
        self.distinct.take();
    }

    /// Takes a value out.
    pub(super) fn clear(&mut self, row: usize) {
        self.packed[row] = PackedCell::EMPTY;
        self.distinct.take();
    }

    /// Only the cells in these rows.
    pub(super) fn of_rows(&self, rows: &[usize]) -> ColumnCells {
        let packed = rows.iter().map(|row| self.packed[*row]).collect();
        ColumnCells { packed, words: self.words.clone(), distinct: OnceLock::new() }
    }

    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        self.unpacked(self.packed[row])
    }

    pub(super) fn number(&self, row: usize) -> Option<f64> {
        self.packed[row].number()
    }

    fn unpacked(&self, packed: PackedCell) -> Cell<'_> {
        match packed.number() {
            Some(number) => Cell::Number(number),
            None if packed == PackedCell::EMPTY => Cell::Empty,
            None => Cell::Word(self.words.word(packed.0 as u32)),
        }
    }

    /// Whether there is more than one value.
    pub(super) fn varies(&self) -> bool {
        let differ = |pair: &[PackedCell]| pair[0] != pair[1] && self.unpacked(pair[0]) != self.unpacked(pair[1]);
        self.packed.windows(2).any(differ)
    }

    /// How many different values there are.
    pub(super) fn count(&self) -> usize {
        self.distinct().firsts.len()
    }

    /// The different values: numbers in order, then releases by their age, then other words as they come first.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = Cell<'_>> {
        self.distinct().firsts.iter().map(|row| self.cell(*row))
    }

    /// For each row the number of its value among all.
    pub(super) fn ranks(&self) -> &[u32] {
        &self.distinct().ranks
    }

    fn distinct(&self) -> &DistinctValues {
        self.distinct.get_or_init(|| {
            let mut known: HashMap<CellKey, u32> = HashMap::new();
            let mut firsts: Vec<usize> = Vec::new();
            let mut ranks: Vec<u32> = Vec::with_capacity(self.packed.len());
            let mut before = None;
            for (row, packed) in self.packed.iter().enumerate() {
                let rank = match before {
                    Some((same, rank)) if same == packed => rank,
                    _ => *known.entry(self.unpacked(*packed).key()).or_insert_with(|| {
                        firsts.push(row);
                        firsts.len() as u32 - 1
                    }),
                };
                before = Some((packed, rank));
                ranks.push(rank);
            }
            let mut order: Vec<u32> = (0..firsts.len() as u32).collect();
            let first = |number: &u32| firsts[*number as usize];
            order.sort_by(|a, b| self.cell(first(a)).by_size(&self.cell(first(b))));
            let mut places = vec![0; order.len()];
            order.iter().zip(0..).for_each(|(number, place)| places[*number as usize] = place);
            ranks.iter_mut().for_each(|rank| *rank = places[*rank as usize]);
            DistinctValues { firsts: order.iter().map(first).collect(), ranks }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_comes_back_as_it_went_in() {
        let sentences: Vec<String> = (0..3000).map(|number| format!("sentence {}", number % 1500)).collect();
        let mut cells = ColumnCells::default();
        let all = [Cell::Number(0.1), Cell::Number(-0.0), Cell::Empty, Cell::Word(""), Cell::Number(f64::MAX)];
        let all: Vec<Cell> = all.into_iter().chain(sentences.iter().map(|text| Cell::Word(text))).collect();
        all.iter().for_each(|cell| cells.push(*cell));
        assert!(all.iter().enumerate().all(|(row, cell)| cells.cell(row) == *cell));
        assert_eq!(cells.number(1).map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!(cells.count(), 4 + 1 + 1500, "a sentence that comes again is one value");
        cells.clear(0);
        assert_eq!((cells.cell(0), cells.count()), (Cell::Empty, 3 + 1 + 1500));
    }

    #[test]
    fn both_zeros_are_one_value() {
        let mut cells = ColumnCells::default();
        [0.0, -0.0, 0.0].into_iter().for_each(|zero| cells.push(Cell::Number(zero)));
        assert!(!cells.varies() && cells.count() == 1);
        cells.push_empty(1);
        assert!(cells.varies() && cells.values().next_back() == Some(Cell::Empty));
    }

    #[test]
    fn values_are_in_order_and_each_row_knows_its_own() {
        let mut cells = ColumnCells::default();
        let all =
            [Cell::Word("b"), Cell::Number(2.0), Cell::Word("10.0"), Cell::Empty, Cell::Word("9.2"), Cell::Word("a")];
        all.into_iter().chain([Cell::Number(1.0), Cell::Word("b")]).for_each(|cell| cells.push(cell));
        let values: Vec<String> = cells.values().map(|value| value.to_string()).collect();
        assert_eq!(values, ["1", "2", "9.2", "10.0", "b", "a", ""]);
        assert_eq!(cells.ranks(), [4, 1, 3, 6, 2, 5, 0, 4]);
    }
}
