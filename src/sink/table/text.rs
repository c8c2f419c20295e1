//! A table as text for a terminal.

use anstyle::Style;

use super::{Table, TableColumn, TableLine};
use crate::sink::terminal::{columns, word, wrapped};

impl Table {
    /// How many columns of a terminal the table takes, sentences apart.
    pub fn width(&self) -> usize {
        let widths = self.widths();
        self.starts(&widths).last().zip(widths.last()).map_or(0, |(start, width)| start + width)
    }

    /// For a page that is as wide as the table.
    pub fn text(&self) -> String {
        self.within(usize::MAX)
    }

    /// For a page that is `width` columns wide: what wraps keeps to it.
    pub fn within(&self, width: usize) -> String {
        let widths = self.widths();
        let starts = self.starts(&widths);
        let laid = |line: &TableLine, rises: bool| {
            let mut lines = vec![WrittenLine::default()];
            for (at, cell) in line.places() {
                if cell.span == 0 {
                    lines[0].write(0, &word(&cell.text), cell.style);
                    continue;
                }
                let (from, last) = (if at == 0 && rises { 0 } else { starts[at] }, at + cell.span - 1);
                match self.columns[at] {
                    TableColumn { wraps: Some(least), .. } => {
                        let parts = wrapped(&cell.text, width.saturating_sub(from).max(least));
                        lines.resize_with(parts.len().max(lines.len()), WrittenLine::default);
                        lines.iter_mut().zip(&parts).for_each(|(line, part)| line.write(from, part, cell.style));
                    }
                    TableColumn { right: true, .. } => {
                        let words = word(&cell.text);
                        let from = (starts[last] + widths[last]).saturating_sub(columns(&words));
                        lines[0].write(from, &words, cell.style);
                    }
                    TableColumn { right: false, .. } => lines[0].write(from, &word(&cell.text), cell.style),
                }
            }
            let style = line.style;
            lines.into_iter().map(|line| format!("{style}{}{style:#}\n", line.text)).collect::<String>()
        };
        let heads = self.heads.iter().map(|head| laid(head, true));
        heads.chain(self.rows.iter().map(|row| laid(row, false))).collect()
    }

    /// As wide as the widest cell; what is wider than the columns that it lies across widens one of them.
    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.columns.iter().map(|column| column.least).collect();
        let cells = || self.heads.iter().chain(&self.rows).flat_map(TableLine::places);
        for (at, cell) in cells().filter(|(at, cell)| cell.span == 1 && self.columns[*at].wraps.is_none()) {
            widths[at] = widths[at].max(columns(&word(&cell.text)));
        }
        for (at, cell) in cells().filter(|(_, cell)| cell.span > 1) {
            let (starts, last) = (self.starts(&widths), at + cell.span - 1);
            let more = columns(&word(&cell.text)).saturating_sub(starts[last] + widths[last] - starts[at]);
            widths[if self.columns[at].right { at } else { last }] += more;
        }
        widths
    }

    /// Where each column of a row begins.
    fn starts(&self, widths: &[usize]) -> Vec<usize> {
        let mut next = self.indent;
        let start = |(at, width): (usize, &usize)| {
            let start = next + if at == 0 { 0 } else { self.columns[at].gap };
            next = start + width;
            start
        };
        widths.iter().enumerate().map(start).collect()
    }
}

/// A line of text as far as it is written, and the columns that it takes.
#[derive(Default)]
struct WrittenLine {
    text: String,
    columns: usize,
}

impl WrittenLine {
    /// Blanks come before words only, so that no line ends in them.
    fn write(&mut self, from: usize, words: &str, style: Style) {
        if words.is_empty() {
            return;
        }
        let blanks = from.saturating_sub(self.columns);
        self.text += &format!("{:blanks$}{style}{words}{style:#}", "");
        self.columns += blanks + columns(words);
    }
}

#[cfg(test)]
mod tests {
    use super::super::TableCell;
    use super::*;

    const BOLD: Style = Style::new().bold();

    #[test]
    fn wide_letters_take_two_columns_and_no_line_ends_in_blanks() {
        let mut table = Table::new([TableColumn::LEFT, TableColumn::RIGHT.gap(3), TableColumn::LEFT]).heading(BOLD);
        table.head(["guest", "takes", "why"]);
        table.row(["虚拟机", "9 s", "long"]);
        table.row(["web", "120 s", ""]);
        let expected = "\u{1b}[1mguest    takes  why\u{1b}[0m\n虚拟机     9 s  long\nweb      120 s\n";
        assert_eq!(table.text(), expected);
        assert_eq!(table.width(), 6 + 3 + 5 + 2 + 4);
    }

    #[test]
    fn a_heading_over_several_columns_has_room() {
        let mut table = Table::new([TableColumn::LEFT, TableColumn::RIGHT, TableColumn::RIGHT.gap(1)]);
        table.head([TableCell::from("trace"), TableCell::from("total time").across(2)]);
        table.head(["", "ours", "real"]);
        table.row(["a", "1", "2"]);
        assert_eq!(table.text(), "trace  total time\n        ours real\na          1    2\n");
        let mut table = Table::new([TableColumn::LEFT.gap(0), TableColumn::LEFT.gap(1), TableColumn::RIGHT]);
        table.head([TableCell::from("one is enough").across(2), "costs".into()]);
        table.row(["a", "b", "9 s"]);
        assert_eq!(table.text(), "one is enough  costs\na b              9 s\n");
    }

    #[test]
    fn sentences_go_on_below_their_beginning() {
        let mut table = Table::new([TableColumn::LEFT, TableColumn::LEFT.wraps(5)]).indented(2);
        table.head(["lever", "reason"]);
        table.row(["link", "not enough by far"]);
        assert_eq!(table.within(19), "lever    reason\n  link   not enough\n         by far\n");
        assert_eq!(table.within(0).lines().last(), Some("         far"), "no narrower than was asked for");
    }
}
