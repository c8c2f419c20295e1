//! A table before it is printed: columns, headings, rows, as text for a terminal, HTML, Markdown, or CSV.
//!
//! Cells are plain words. Each printer makes them fit for the place where they go out, and the text counts columns of a
//! terminal, of which wide letters take two.

mod html;
mod text;

use std::io;

use anstyle::Style;

use super::{csv, markdown};

/// Rows of cells under headings.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<TableColumn>,
    heads: Vec<TableLine>,
    rows: Vec<TableLine>,
    heading: Style,
    indent: usize,
    caption: Option<&'static str>,
}

/// How the cells of a column are aligned.
#[derive(Clone, Copy, Debug)]
pub struct TableColumn {
    right: bool,
    gap: usize,
    least: usize,
    wraps: Option<usize>,
    names: bool,
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
    key: Option<String>,
    meaning: Option<String>,
    value: Option<f64>,
}

impl TableColumn {
    /// Words: they begin at its left edge.
    pub const LEFT: TableColumn = TableColumn { right: false, gap: 2, least: 0, wraps: None, names: false };
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

    /// Its cells say what the rows are about.
    pub const fn names(self) -> TableColumn {
        TableColumn { names: true, ..self }
    }
}

impl<T: Into<String>> From<T> for TableCell {
    fn from(text: T) -> TableCell {
        TableCell {
            text: text.into(),
            span: 1,
            style: Style::new(),
            code: false,
            key: None,
            meaning: None,
            value: None,
        }
    }
}

impl TableCell {
    /// In a style of its own; what is bold is also so in Markdown.
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

    /// What a column is called in the file of the results, for scripts of a page.
    pub fn key(self, key: impl Into<String>) -> TableCell {
        TableCell { key: Some(key.into()), ..self }
    }

    /// What it means, for a reader who points at it on a page.
    pub fn meaning(self, meaning: Option<String>) -> TableCell {
        TableCell { meaning, ..self }
    }

    /// The number that the words stand for, which a page sorts by.
    pub fn value(self, value: f64) -> TableCell {
        TableCell { value: Some(value), ..self }
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

    /// Says what a page writes above it.
    pub fn caption(self, caption: &'static str) -> Table {
        Table { caption: Some(caption), ..self }
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOLD: Style = Style::new().bold();

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
        let row = "<tr><td><span class=\"bold\">worse</span></td><td><code>a::b</code></td><td class=\"number\">=1|2</td></tr>";
        assert!(table.html().into_string().contains(row), "{}", table.html().into_string());
        let mut bytes = Vec::new();
        table.csv(&mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), ",guest,now\nworse,\"a::b\",'=1|2\nworse,\"::error::c\",'=1|2\n");
    }
}
