//! A table before it is printed: columns, headings, rows, as text for a terminal, Markdown, or CSV.
//!
//! Cells are plain words. Each printer makes them fit for the place where they go out, and the text counts columns of a
//! terminal, of which wide letters take two.

use std::io;

use anstyle::Style;

use super::terminal::{columns, word, wrapped};
use super::{csv, markdown};

/// Rows of cells under headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<TableColumn>,
    heads: Vec<TableLine>,
    rows: Vec<TableLine>,
    heading: Style,
    indent: usize,
}

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug)]
pub struct TableColumn {
    right: bool,
    gap: usize,
    least: usize,
    wraps: Option<usize>,
}

/// One line of a table, with the style of the whole line.
#[derive(Clone, Debug)]
struct TableLine {
    style: Style,
    cells: Vec<TableCell>,
}

/// What stands in one column, or in several side by side.
#[derive(Clone, Debug)]
pub struct TableCell {
    text: String,
    span: usize,
    style: Style,
    code: bool,
}

impl TableColumn {
    /// Words: they begin at its left edge.
    pub const LEFT: TableColumn = TableColumn { right: false, gap: 2, least: 0, wraps: None };
    /// Figures: they end at its right edge.
    pub const RIGHT: TableColumn = TableColumn { right: true, ..TableColumn::LEFT };

    /// With so many blanks between it and the column before.
    pub const fn gap(self, gap: usize) -> TableColumn {
        TableColumn { gap, ..self }
    }

    /// At least so wide.
    pub const fn least(self, least: usize) -> TableColumn {
        TableColumn { least, ..self }
    }

    /// For the last column: sentences, which go on in the next line where the page ends, but are no narrower than `least`.
    pub const fn wraps(self, least: usize) -> TableColumn {
        TableColumn { wraps: Some(least), ..self }
    }
}

impl<T: Into<String>> From<T> for TableCell {
    fn from(text: T) -> TableCell {
        TableCell { text: text.into(), span: 1, style: Style::new(), code: false }
    }
}

impl TableCell {
    /// In a style of its own; what is bold is so in Markdown, too.
    pub fn styled(self, style: Style) -> TableCell {
        TableCell { style, ..self }
    }

    /// Over several columns; over none in a [note](Table::note).
    pub fn across(self, span: usize) -> TableCell {
        TableCell { span, ..self }
    }

    /// A name of the program, which Markdown sets as code.
    pub fn code(self) -> TableCell {
        TableCell { code: true, ..self }
    }
}

fn line<C: Into<TableCell>>(style: Style, cells: impl IntoIterator<Item = C>) -> TableLine {
    TableLine { style, cells: cells.into_iter().map(Into::into).collect() }
}

impl Table {
    /// Without a row yet.
    pub fn new(columns: impl IntoIterator<Item = TableColumn>) -> Table {
        Table { columns: columns.into_iter().collect(), ..Table::default() }
    }

    /// With its rows so many columns to the right of its headings.
    pub fn indented(self, indent: usize) -> Table {
        Table { indent, ..self }
    }

    /// With headings in that style.
    pub fn heading(self, heading: Style) -> Table {
        Table { heading, ..self }
    }

    /// Adds a line of headings, below those that are there.
    pub fn head<C: Into<TableCell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.heads.push(line(self.heading, cells));
    }

    /// Adds a row.
    pub fn row<C: Into<TableCell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(line(Style::new(), cells));
    }

    /// Adds a line that begins where headings do, and widens no column.
    pub fn note(&mut self, words: impl Into<TableCell>) {
        self.row([words.into().across(0)]);
    }

    /// Adds a row in a style.
    pub fn styled_row<C: Into<TableCell>>(&mut self, style: Style, cells: impl IntoIterator<Item = C>) {
        self.rows.push(line(style, cells));
    }

    /// Adds a column at the right, with a cell for each row.
    pub fn column<C: Into<TableCell>>(&mut self, column: TableColumn, cells: impl IntoIterator<Item = C>) {
        self.columns.push(column);
        self.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.cells.push(cell.into()));
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

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
            let mut lines = vec![Written::default()];
            for (at, cell) in line.places() {
                if cell.span == 0 {
                    lines[0].write(0, &word(&cell.text), cell.style);
                    continue;
                }
                let (from, last) = (if at == 0 && rises { 0 } else { starts[at] }, at + cell.span - 1);
                match self.columns[at] {
                    TableColumn { wraps: Some(least), .. } => {
                        let parts = wrapped(&cell.text, width.saturating_sub(from).max(least));
                        lines.resize_with(parts.len().max(lines.len()), Written::default);
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

    /// As Markdown, under the last line of headings.
    pub fn markdown(&self) -> String {
        let line = |row: &TableLine| {
            let cells = row.cells.iter().map(|cell| match (cell.code, cell.text.is_empty()) {
                (_, true) => " ".to_owned(),
                (true, _) => format!(" {} ", markdown::code(&cell.text)),
                _ if cell.style == Style::new().bold() => format!(" **{}** ", markdown::text(&cell.text)),
                _ => format!(" {} ", markdown::text(&cell.text)),
            });
            format!("|{}|\n", cells.collect::<Vec<_>>().join("|"))
        };
        let sides: String = self.columns.iter().map(|column| if column.right { "---:|" } else { "---|" }).collect();
        let head = self.heads.last().map_or_else(String::new, line);
        format!("{head}|{sides}\n{}", self.rows.iter().map(line).collect::<String>())
    }

    /// As CSV, under the last line of headings.
    ///
    /// # Errors
    /// Those of writing.
    pub fn csv(&self, to: impl io::Write) -> io::Result<()> {
        let mut csv = csv::writer(to);
        for row in self.heads.last().into_iter().chain(&self.rows) {
            csv::record(&mut csv, row.cells.iter().map(|cell| &cell.text))?;
        }
        csv.flush()
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

impl TableLine {
    /// Its cells, each with its first column.
    fn places(&self) -> impl Iterator<Item = (usize, &TableCell)> {
        self.cells.iter().scan(0, |next, cell| {
            let at = *next;
            *next += cell.span;
            Some((at, cell))
        })
    }
}

/// A line of text as far as it is written, and the columns that it takes.
#[derive(Default)]
struct Written {
    text: String,
    columns: usize,
}

impl Written {
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

    #[test]
    fn each_printer_makes_cells_fit_for_its_place() {
        let mut table = Table::new([TableColumn::LEFT, TableColumn::LEFT, TableColumn::RIGHT]);
        table.head(["", "guest", "now"]);
        let cells = |name: &str| [TableCell::from("worse").styled(BOLD), TableCell::from(name).code(), "=1|2".into()];
        table.row(cells("a::b"));
        table.row(cells("::error::c"));
        assert!(table.text().contains("a::b") && table.text().contains("\\u{3a}:error::c"), "{}", table.text());
        let rows = "| **worse** | `a::b` | =1\\|2 |\n| **worse** | `::error::c` | =1\\|2 |\n";
        assert_eq!(table.markdown(), format!("| | guest | now |\n|---|---|---:|\n{rows}"));
        let mut bytes = Vec::new();
        table.csv(&mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), ",guest,now\nworse,\"a::b\",'=1|2\nworse,\"::error::c\",'=1|2\n");
    }
}
