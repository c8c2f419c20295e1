//! A fleet as a table: a row for each guest, a column for each key, under our names or people's own.

use super::faults::{Faults, clip};
use super::flags;
use super::fleet_column::{SHORT, short};
use super::fleet_load::{self, Column};
use super::heading::{Amount, Heading, LOAD, Unknown};
use super::loads::Loads;
use super::reader::list;
use super::sheet::{Field, Sheet};
use super::sheet_number::{is_nothing, number, wants_unit};
use super::syntax;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};
use crate::units::spelling::{commas, count};

/// Most columns.
const MOST_COLUMNS: usize = 1000;

const HEADER: &str = "the first line names the columns, as in `name,memory,preset,rate`";

/// What was read.
pub(super) struct FleetTable {
    /// The entries of `vm`.
    pub table: Table,
    /// The first line, where no column of it says how much RAM a guest has.
    pub without_memory: Option<TextPlace>,
}

/// Reads the rows into entries of `vm`.
pub(super) fn read(text: &str, loads: &Loads, faults: &mut Faults) -> FleetTable {
    let nothing = FleetTable { table: Table::default(), without_memory: None };
    faults.table = true;
    let sheet = Sheet::cut(text, faults);
    let Some((header, rows)) = sheet.rows.split_first() else {
        faults.error(&TextPlace::NOWHERE, "the file has no rows", "").help(HEADER);
        faults.incomplete = true;
        return nothing;
    };
    if let Some(first) = header.get(MOST_COLUMNS) {
        faults.error(&first.place(), format!("more than {MOST_COLUMNS} columns"), "from here on").help(HEADER);
        faults.incomplete = true;
        return nothing;
    }
    let Some(columns) = columns(header, faults) else { return nothing };
    let columns: Vec<Column> = columns.into_iter().filter(|column| has_units(column, rows, faults)).collect();
    let is_decimal = comma(&sheet, &columns);
    let reader = RowReader { width: header.len(), columns: &columns, is_decimal, loads };
    let vms: Vec<Node> = rows.iter().map(|row| reader.vm(row, faults)).collect();
    fleet_load::tell(&columns, loads, rows, faults);
    if vms.is_empty() {
        faults
            .error(&TextPlace::NOWHERE, "the fleet has no guests", "")
            .help("write a row for each below the first line");
        faults.incomplete = true;
        return nothing;
    }
    let node = Node { place: TextPlace::NOWHERE, value: TomlValue::List(vms) };
    let table = Table { entries: vec![Entry { key: "vm".to_owned(), place: TextPlace::NOWHERE, node }] };
    let has_memory = columns.iter().any(|column| column.heading.path == "guest.memory") || faults.incomplete;
    FleetTable { table, without_memory: (!has_memory).then(|| place(header)) }
}

fn place(row: &[Field]) -> TextPlace {
    let ends = row.first().map_or(0, |field| field.from)..row.last().map_or(0, |field| field.to);
    TextPlace { source: super::diagnostic::Source::File, span: ends }
}

/// The columns that are known. Others are named once and passed over; if none is known, the line is no heading.
fn columns<'s>(header: &'s [Field], faults: &mut Faults) -> Option<Vec<Column<'s>>> {
    let (mut columns, mut others): (Vec<Column>, Vec<&Field>) = (Vec::new(), Vec::new());
    let before = faults.errors.len();
    for (at, field) in header.iter().enumerate() {
        let name = field.text.as_str();
        match Heading::read(name) {
            Ok(heading) => {
                if flags::is_too_deep(heading.path.split('.').count(), &field.place(), faults) {
                    continue;
                }
                if heading.binary
                    && let Some(unit) = heading.unit
                {
                    let title = format!("the numbers below `{}` are read as {unit}", clip(name));
                    let label = "hypervisors count RAM in powers of two";
                    faults
                        .warn(&field.place(), title, label)
                        .help(format!("write `memory ({unit})`, and nothing is said"));
                }
                if let Some(first) = columns.iter().find(|column| column.heading.path == heading.path) {
                    let title = format!("two columns say the same, `{}`", short(&heading.path));
                    faults
                        .error(&field.place(), title, "the second")
                        .note(&first.field.place(), "the first")
                        .help("remove one of them, or call the other something else");
                    continue;
                }
                columns.push(Column { at, field, heading });
            }
            Err(Unknown::Slip(known)) => {
                let title = format!("unknown column `{}`", clip(name));
                faults.error(&field.place(), title, "not known here").help(format!("did you mean `{known}`?"));
            }
            Err(Unknown::Other) => others.push(field),
        }
    }
    if columns.is_empty() && faults.errors.len() == before {
        let names = header.iter().map(|field| field.text.as_str()).collect::<Vec<_>>();
        let help = commas(&names.join(",")).filter(|_| names.len() == 1).unwrap_or_else(|| {
            let known = list(SHORT.iter().map(|path| short(path)).chain([LOAD]));
            format!("known here: {known}, and whole paths such as `qemu.downtime-limit`")
        });
        faults.error(&place(header), "no column is known here", "the first line names the columns").help(help);
    }
    if faults.errors.len() > before {
        faults.incomplete = true;
    }
    if columns.is_empty() {
        return None;
    }
    if let Some(first) = others.first() {
        let names = others.iter().map(|field| format!("`{}`", clip(&field.text))).collect::<Vec<_>>();
        let (noun, verb) = if others.len() == 1 { ("column", "is") } else { ("columns", "are") };
        let title = format!("{noun} {} {verb} passed over", names.join(", "));
        faults.warn(&first.place(), title, "says nothing that is known here");
    }
    Some(columns)
}

/// Whether the numbers of a column have a unit; if all are without, that is said of its heading.
fn has_units(column: &Column, rows: &[Vec<Field>], faults: &mut Faults) -> bool {
    let Heading { path, unit, .. } = &column.heading;
    let example = match Amount::of(path) {
        Amount::Size => "GiB",
        Amount::Rate => "MiB/s",
        Amount::Plain => return true,
    };
    let fields = || rows.iter().filter_map(|row| row.get(column.at)).filter(|field| !is_nothing(&field.text));
    if unit.is_some() || !fields().any(|field| wants_unit(&field.text)) || !fields().all(|field| is_number(&field.text))
    {
        return true;
    }
    let name = &column.field.text;
    let title = format!("the numbers below `{}` have no unit", clip(name));
    let help = format!("say it in the heading, as in `{} ({example})`, or behind each number", clip(name));
    faults.error(&column.field.place(), title, "of what?").help(help);
    faults.incomplete = true;
    false
}

fn is_number(text: &str) -> bool {
    number(text, Some(true)).is_some_and(|number| number.is_ok_and(|number| number.parse::<f64>().is_ok()))
}

/// What a comma before three digits is in this table: that before decimals, if another field shows one; one between thousands
/// where fields are separated by commas. `None` if that cannot be known.
fn comma(sheet: &Sheet, columns: &[Column]) -> Option<bool> {
    let amounts = columns.iter().filter(|column| Amount::of(&column.heading.path) != Amount::Plain);
    let mut fields = amounts.flat_map(|column| sheet.rows.iter().skip(1).filter_map(move |row| row.get(column.at)));
    let is_decimal = fields.any(|field| {
        let plain = number(&field.text, None);
        field.text.contains(',')
            && plain.is_some_and(|plain| plain.is_ok_and(|plain| plain.contains('.')))
            && field.text.rfind(',') > field.text.rfind('.')
    });
    if is_decimal { Some(true) } else { (sheet.separator == ',').then_some(false) }
}

/// What is known of every row.
struct RowReader<'s> {
    width: usize,
    columns: &'s [Column<'s>],
    is_decimal: Option<bool>,
    loads: &'s Loads,
}

impl RowReader<'_> {
    fn vm(&self, row: &[Field], faults: &mut Faults) -> Node {
        let mut table = Table::default();
        if row.len() != self.width {
            let title = format!("this row has {}", count(row.len(), "field"));
            faults
                .error(&place(row), title, format!("the first line names {}", self.width))
                .help("what is not given is nothing between two separators; a field with one in it stands in quotes");
            faults.incomplete = true;
        }
        let mut load = None;
        for Column { at, heading, .. } in self.columns {
            let Some(field) = row.get(*at).filter(|field| !field.text.is_empty()) else { continue };
            if heading.path == LOAD {
                load = Some(field);
                continue;
            }
            let Some(text) = self.value(field, heading, faults) else { continue };
            if let Some(node) = syntax::flag(&text, field.from, super::diagnostic::Source::File, faults) {
                // Numbers were cut from a text, whose quotes are no part of them.
                let node = Node { place: field.place(), ..node };
                flags::put_at(&mut table, &heading.path, node, &field.place(), faults);
            }
        }
        fleet_load::complete(&mut table, load.and_then(|field| Some((field, self.loads.find(&field.text)?))), faults);
        listed(&mut table);
        Node { place: place(row), value: TomlValue::Table(table) }
    }

    /// A field as a key takes it; `None` if it says nothing.
    fn value(&self, field: &Field, heading: &Heading, faults: &mut Faults) -> Option<String> {
        let is_whole = heading.path == "count" || heading.path == "guest.vcpus";
        if Amount::of(&heading.path) == Amount::Plain && !is_whole {
            return Some(field.text.clone());
        }
        if is_nothing(&field.text) {
            return None;
        }
        let plain = match number(&field.text, self.is_decimal) {
            None => return Some(field.text.clone()),
            Some(Ok(plain)) => plain,
            Some(Err(_)) => {
                let (plain, title) =
                    (field.text.replacen(',', "", 1), format!("`{}` may be two numbers", clip(&field.text)));
                let help =
                    format!("write {plain}, or {} if the comma is before decimals", field.text.replacen(',', ".", 1));
                faults.error(&field.place(), title, "a comma before three digits").help(help);
                faults.incomplete = true;
                return None;
            }
        };
        match heading.unit {
            Some(unit) if plain.parse::<f64>().is_ok() => Some(format!("{plain} {unit}")),
            // Counts that went through a spreadsheet: `4,0`.
            None if is_whole => Some(plain.strip_suffix(".0").map_or(plain.clone(), str::to_owned)),
            _ => Some(plain),
        }
    }
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
