//! A fleet as a CSV file: a row for each guest, a column for each key.
//!
//! The fields are cut here, because a complaint points at the text of a field, and a CSV library tells only its line.

use super::diagnostic::Source;
use super::faults::{Faults, clip};
use super::flags;
use super::fleet_column::{SECTIONS, SHORT, short};
use super::reader::list;
use super::syntax;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};
use crate::sink::csv;
use crate::units::spelling::commas;

/// Most columns.
const MOST_COLUMNS: usize = 1000;

/// A field: its text without quotes, and where it stands in the file.
struct Field {
    text: String,
    from: usize,
    to: usize,
}

impl Field {
    fn place(&self) -> TextPlace {
        TextPlace { source: Source::File, span: self.from..self.to }
    }
}

/// Reads the rows into entries of `vm`.
pub(super) fn read(text: &str, faults: &mut Faults) -> Table {
    faults.table = true;
    let mut rows = rows(text, faults).into_iter();
    let columns = match rows.next() {
        Some(header) if header.len() > MOST_COLUMNS => {
            let title = format!("more than {MOST_COLUMNS} columns");
            faults.error(&header[MOST_COLUMNS].place(), title, "from here on").help(HEADER);
            faults.incomplete = true;
            return Table::default();
        }
        Some(header) => header.iter().map(|field| column(field, faults)).collect::<Vec<_>>(),
        None => {
            faults.error(&TextPlace::NOWHERE, "the file has no rows", "").help(HEADER);
            faults.incomplete = true;
            return Table::default();
        }
    };
    let vms: Vec<Node> = rows.map(|row| vm(&row, &columns, faults)).collect();
    if vms.is_empty() {
        faults
            .error(&TextPlace::NOWHERE, "the fleet has no guests", "")
            .help("write a row for each below the first line");
        faults.incomplete = true;
        return Table::default();
    }
    let node = Node { place: TextPlace::NOWHERE, value: TomlValue::List(vms) };
    Table { entries: vec![Entry { key: "vm".to_owned(), place: TextPlace::NOWHERE, node }] }
}

const HEADER: &str = "the first line names the columns, as in `name,memory,preset,rate`";

/// The path of a column's key; nothing if it is unknown, and that was said.
fn column(field: &Field, faults: &mut Faults) -> Option<String> {
    let name = field.text.as_str();
    if let Some(path) = SHORT.iter().find(|path| short(path) == name) {
        return Some((*path).to_owned());
    }
    if SECTIONS.iter().any(|section| name.starts_with(section)) {
        if flags::is_too_deep(name.split('.').count(), &field.place(), faults) {
            faults.incomplete = true;
            return None;
        }
        return Some(name.replacen("guest.workload.0.", "guest.workload.", 1));
    }
    let title = format!("unknown column `{}`", clip(name));
    let help = commas(name).unwrap_or_else(|| {
        let known = list(SHORT.iter().map(|path| short(path)));
        format!("known here: {known}, and whole paths such as `qemu.downtime-limit`")
    });
    faults.error(&field.place(), title, "not known here").help(help);
    faults.incomplete = true;
    None
}

fn vm(row: &[Field], columns: &[Option<String>], faults: &mut Faults) -> Node {
    let place = |row: &[Field]| TextPlace {
        source: Source::File,
        span: row.first().map_or(0, |field| field.from)..row.last().map_or(0, |field| field.to),
    };
    let mut table = Table::default();
    if row.len() != columns.len() {
        let title = format!("this row has {} fields", row.len());
        faults
            .error(&place(row), title, format!("the first line names {}", columns.len()))
            .help("what is not given is nothing between two commas; a field with a comma in it stands in quotes");
        faults.incomplete = true;
    }
    for (field, path) in row.iter().zip(columns) {
        let (Some(path), false) = (path, field.text.is_empty()) else { continue };
        if let Some(node) = syntax::flag(&field.text, field.from, Source::File, faults) {
            // Numbers were cut from a text, whose quotes are no part of them.
            flags::put_at(&mut table, path, Node { place: field.place(), ..node }, &field.place(), faults);
        }
    }
    listed(&mut table);
    Node { place: place(row), value: TomlValue::Table(table) }
}

/// A guest has a list of workloads; a row has one.
fn listed(vm: &mut Table) {
    for guest in vm.entries.iter_mut().filter(|entry| entry.key == "guest") {
        let TomlValue::Table(guest) = &mut guest.node.value else { continue };
        for workload in guest.entries.iter_mut().filter(|entry| entry.key == "workload") {
            let node = workload.node.clone();
            workload.node = Node { place: node.place.clone(), value: TomlValue::List(vec![node]) };
        }
    }
}

/// Rows of fields. Lines that begin with `#`, and empty ones, are remarks.
fn rows(text: &str, faults: &mut Faults) -> Vec<Vec<Field>> {
    let mut rows = Vec::new();
    let mut from = usize::from(text.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    while from < text.len() {
        let line = text[from..].split('\n').next().unwrap_or_default();
        if !line.trim().is_empty() && !line.starts_with('#') {
            rows.extend(fields(line, from, faults));
        }
        from += line.len() + 1;
    }
    rows
}

/// The fields of a line that begins at `offset`; a field with a comma in it stands in quotes. `None` if one of these is
/// not closed.
fn fields(line: &str, offset: usize, faults: &mut Faults) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, c) in line.char_indices().chain([(line.len(), ',')]) {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted || at == line.len() => {
                fields.push(field(&line[from..at], offset + from));
                from = at + 1;
            }
            _ => {}
        }
    }
    if let Some(last) = fields.last().filter(|_| quoted) {
        faults
            .error(&last.place(), "a quote is not closed", "a `\"` is missing in this line")
            .help("a field begins and ends with `\"`, and has `\"\"` for each quote in it");
        faults.incomplete = true;
        return None;
    }
    Some(fields)
}

fn field(written: &str, from: usize) -> Field {
    let text = written.trim();
    let from = from + (written.len() - written.trim_start().len());
    let to = from + text.len();
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => Field { text: csv::word(&inner.replace("\"\"", "\"")).to_owned(), from, to },
        None => Field { text: csv::word(text).to_owned(), from, to },
    }
}
