//! A table as HTML.

use anstyle::{Effects, Style};
use maud::{Markup, html};

use super::{Table, TableCell, TableColumn};
use crate::sink::shown_lines;

impl Table {
    /// For a page. Figures are of the class `number`, and what has a style of its own of the class that is called so.
    pub fn html(&self) -> Markup {
        self.markup(None)
    }

    /// For a page whose script knows the table by its name, and sorts it when a heading is chosen.
    pub fn sortable(&self, id: &str) -> Markup {
        self.markup(Some(id))
    }

    fn markup(&self, id: Option<&str>) -> Markup {
        html! {
            table id=[id] {
                @if let Some(caption) = self.caption { caption { (caption) } }
                @if !self.heads.is_empty() {
                    thead {
                        @for head in &self.heads {
                            tr {
                                @for (at, cell) in head.places() {
                                    @let number = cell.span == 1 && self.columns[at].right;
                                    th scope="col" class=[number.then_some("number")] colspan=[cell.colspan()] data-name=[shown(&cell.key)] title=[shown(&cell.meaning)] {
                                        @if id.is_some() { button type="button" { (words(cell)) } } @else { (words(cell)) }
                                    }
                                }
                            }
                        }
                    }
                }
                tbody {
                    @for row in &self.rows {
                        tr class=[class(row.style)] {
                            @for (at, cell) in row.places() { (self.columns[at].cell(cell)) }
                        }
                    }
                }
            }
        }
    }
}

impl TableColumn {
    fn cell(self, cell: &TableCell) -> Markup {
        let (span, meaning) = (cell.colspan(), shown(&cell.meaning));
        html! {
            @if self.names {
                th scope="row" colspan=[span] title=[meaning] { (words(cell)) }
            } @else {
                td class=[self.right.then_some("number")] colspan=[span] title=[meaning] data-value=[cell.value] { (words(cell)) }
            }
        }
    }
}

impl TableCell {
    /// Over how many columns it lies, if it is more than one.
    fn colspan(&self) -> Option<usize> {
        Some(self.span).filter(|span| *span > 1)
    }
}

fn words(cell: &TableCell) -> Markup {
    let text = shown_lines(&cell.text);
    html! {
        @if cell.code { code { (text) } }
        @else if let Some(class) = class(cell.style) { span class=(class) { (text) } }
        @else { (text) }
    }
}

fn shown(text: &Option<String>) -> Option<std::borrow::Cow<'_, str>> {
    text.as_deref().map(shown_lines)
}

/// What a page calls a style.
fn class(style: Style) -> Option<&'static str> {
    let names = [(Effects::BOLD, "bold"), (Effects::DIMMED, "dimmed"), (Effects::ITALIC, "italic")];
    names.into_iter().find(|(effect, _)| style.get_effects().contains(*effect)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_brings_markup_along() {
        let mut table = Table::new([TableColumn::LEFT.names(), TableColumn::RIGHT]).caption("<times>");
        table.head([TableCell::from("a\"<b>").key("\"x\"").meaning(Some("<i>".to_owned())), "ms".into()]);
        table.styled_row(Style::new().italic(), [TableCell::from("\u{202e}guest"), TableCell::from("1.50").value(1.5)]);
        let expected = "<table id=\"runs\"><caption>&lt;times&gt;</caption><thead><tr>\
            <th scope=\"col\" data-name=\"&quot;x&quot;\" title=\"&lt;i&gt;\"><button type=\"button\">a&quot;&lt;b&gt;</button></th>\
            <th scope=\"col\" class=\"number\"><button type=\"button\">ms</button></th></tr></thead><tbody><tr class=\"italic\">\
            <th scope=\"row\">\\u{202e}guest</th><td class=\"number\" data-value=\"1.5\">1.50</td></tr></tbody></table>";
        assert_eq!(table.sortable("runs").into_string(), expected);
    }
}
