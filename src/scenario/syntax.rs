//! TOML text into a [`Table`], with every fault of its syntax.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::diagnostic::{Diagnostic, Source};
use super::faults::{Faults, clip};
use super::sight::{self, Sight};
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};

/// Sections and lists may be nested this deep. A scenario needs four.
const DEPTH: usize = 32;

/// Keys of a section. The longest has some seventy.
const MOST_KEYS: usize = 1000;

/// Entries of a list. Longer series of numbers come from a CSV file.
const MOST_ENTRIES: usize = 10_000;

/// What to say to somebody who nests deeper.
const FLAT: &str = "a scenario needs four levels, as in `guest.workload.0.rate`";

/// More faults of syntax than this are not reported: the file is then no scenario at all.
const MOST: usize = 100;

/// A file as read, with what could not be read of it.
pub(super) struct Parsed {
    /// What could be read.
    pub table: Table,
    /// Faults that may have swallowed a key or a value.
    broken: Vec<Diagnostic>,
    /// Faults that lost nothing: the parser took a text without quotes as if it had them.
    unquoted: Vec<Diagnostic>,
    /// Lines with any other fault of syntax, reported or not.
    swallowed: BTreeSet<usize>,
    lines: Lines,
}

/// Reads a whole file, and goes on after a fault, so that the rest can be checked too.
///
/// The parser tells where it stumbled, in a sentence for people. What the fault is, as far as that can be known, is seen
/// in the text itself.
pub(super) fn file(text: &str, faults: &mut Faults) -> Parsed {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut converter = Converter { text, source: Source::File, offset: 0, faults, bare: BTreeSet::new() };
    let table = converter.table(table.get_ref(), 0);
    let bare = converter.bare;
    let lines = Lines::of(text);
    let mut errors: Vec<(Range<usize>, toml::de::Error)> =
        errors.into_iter().map(|error| (error.span().unwrap_or(0..0), error)).collect();
    let is_bare = |span: &Range<usize>| !span.is_empty() && bare.contains(&span.start);
    let swallowed =
        errors.iter().filter(|(span, _)| !is_bare(span)).map(|(span, _)| lines.number(span.start)).collect();
    // One slip makes the parser stumble several times on the same line; the first time tells most.
    errors.sort_by_key(|(span, _)| span.start);
    errors.dedup_by_key(|(span, _)| lines.number(span.start));
    let (mut broken, mut unquoted) = (Faults::default(), Faults::default());
    let (mut reader, mut open) = (sight::Reader::new(text), None);
    for (span, error) in errors {
        if broken.errors.len() + unquoted.errors.len() == MOST {
            break;
        }
        let place = TextPlace { source: Source::File, span };
        let found = text.get(place.span.clone()).unwrap_or_default();
        let seen = reader.sight(place.span.start);
        // A list that is not closed swallows every line that follows, each with the same complaint.
        let further_up = seen.bracket.filter(|bracket| lines.number(*bracket) < lines.number(place.span.start));
        if further_up.is_some() && std::mem::replace(&mut open, further_up) == further_up {
            continue;
        }
        if is_bare(&place.span) {
            let found = clip(found);
            unquoted
                .error(&place, format!("`{found}` needs quotes"), "a text, or a number with a unit, is quoted")
                .help(format!("write \"{}\"", found.replace('"', "")));
        } else if let Some(first) = given_before(text, &table, &place) {
            let fault = broken.error(&place, format!("`{}` is given twice", clip(found)), "a second time here");
            fault.note(&first, "first here").help("keep one of them; `--set` replaces a value for one run");
        } else {
            syntax_error(error.message(), text, &place, &seen, &mut broken);
        }
    }
    Parsed { table, broken: broken.errors, unquoted: unquoted.errors, swallowed, lines }
}

impl Parsed {
    /// What was read of `text` by other means, all of it.
    pub(super) fn of(table: Table, text: &str) -> Parsed {
        let (broken, unquoted, swallowed) = (Vec::new(), Vec::new(), BTreeSet::new());
        Parsed { table, broken, unquoted, swallowed, lines: Lines::of(text) }
    }

    /// Whether a key that is not there may stand in a line that could not be read.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Adds the faults of syntax to those of meaning, and drops what only follows from another fault.
    ///
    /// Nothing else is said about a line that could not be read. Where an unquoted value is wrong too, that fault
    /// tells more than the one about the quotes.
    pub(super) fn settle(self, mut meaning: Vec<Diagnostic>) -> Vec<Diagnostic> {
        meaning.retain(|fault| {
            let somewhere = fault.source == Source::File && !fault.is_nowhere();
            !(somewhere && self.swallowed.contains(&self.lines.number(fault.span.start)))
        });
        let wrong: BTreeSet<usize> =
            meaning.iter().filter(|fault| fault.source == Source::File).map(|fault| fault.span.start).collect();
        meaning.extend(self.unquoted.into_iter().filter(|fault| !wrong.contains(&fault.span.start)));
        meaning.extend(self.broken);
        meaning
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of that byte, from 0.
    fn number(&self, at: usize) -> usize {
        self.0.partition_point(|start| *start <= at)
    }
}

/// Reads the value of a `--set` flag, which stands at `offset` in the text of that flag.
///
/// A text need not be quoted there: the shell has taken the quotes away.
pub(super) fn flag(text: &str, offset: usize, source: Source, faults: &mut Faults) -> Option<Node> {
    let place = TextPlace { source: source.clone(), span: offset..offset + text.len() };
    match DeValue::parse(text) {
        Ok(value) => Some(Converter { text, source, offset, faults, bare: BTreeSet::new() }.node(&value, 0)),
        Err(error) if text.starts_with(['"', '\'', '[', '{']) => {
            let span = error.span().unwrap_or(0..0);
            let seen = sight::Reader::new(text).sight(span.start);
            let place = TextPlace { source, span: offset + span.start..offset + span.end };
            syntax_error(error.message(), "", &place, &seen, faults);
            None
        }
        Err(_) => Some(Node { place, value: TomlValue::Text(text.to_owned()) }),
    }
}

struct Converter<'f> {
    text: &'f str,
    source: Source,
    offset: usize,
    faults: &'f mut Faults,
    /// Where texts begin that have no quotes: the parser took them as if they had.
    bare: BTreeSet<usize>,
}

impl Converter<'_> {
    fn place(&self, span: Range<usize>) -> TextPlace {
        TextPlace { source: self.source.clone(), span: self.offset + span.start..self.offset + span.end }
    }

    fn table(&mut self, table: &DeTable<'_>, depth: usize) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                place: self.place(key.span()),
                node: self.node(value, depth + 1),
            })
            .collect();
        entries.sort_by_key(|entry| entry.place.span.start);
        if let Some(first) = entries.get(MOST_KEYS) {
            let help = "no section of a scenario has so many; the rest of it was not read";
            self.faults.error(&first.place, "a section has too many keys", format!("more than {MOST_KEYS}")).help(help);
            self.faults.incomplete = true;
            entries.truncate(MOST_KEYS);
        }
        Table { entries }
    }

    fn list(&mut self, list: &DeArray<'_>, depth: usize) -> Vec<Node> {
        if let Some(first) = list.get(MOST_ENTRIES) {
            let place = self.place(first.span());
            let help = "a longer series of numbers is read from a CSV file; the rest of the list was not read";
            self.faults.error(&place, "a list is too long", format!("more than {MOST_ENTRIES} entries")).help(help);
        }
        list.iter().take(MOST_ENTRIES).map(|item| self.node(item, depth + 1)).collect()
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Node {
        let place = self.place(value.span());
        let value = match value.get_ref() {
            DeValue::Array(_) | DeValue::Table(_) if depth > DEPTH => {
                self.faults.error(&place, "nested too deep", format!("more than {DEPTH} levels")).help(FLAT);
                TomlValue::Bool(false)
            }
            DeValue::Array(list) => TomlValue::List(self.list(list, depth)),
            DeValue::Table(table) => TomlValue::Table(self.table(table, depth)),
            DeValue::String(text) => {
                let begins = value.span().start;
                if !self.text[begins..].starts_with(['"', '\'']) {
                    self.bare.insert(begins);
                }
                TomlValue::Text(text.to_string())
            }
            DeValue::Boolean(value) => TomlValue::Bool(*value),
            DeValue::Datetime(_) => TomlValue::Date,
            DeValue::Float(number) => TomlValue::Number(number.as_str().to_owned()),
            DeValue::Integer(number) => {
                // Out of range for 128 bits, `0x...` stays as it is and is then no number.
                let decimal = u128::from_str_radix(number.as_str(), number.radix()).map(|number| number.to_string());
                TomlValue::Number(if number.radix() == 10 {
                    number.as_str().to_owned()
                } else {
                    decimal.unwrap_or(format!("0x{}", number.as_str()))
                })
            }
        };
        Node { place, value }
    }
}

/// A fault that the parser found, in its own words, with what the text shows at the place.
fn syntax_error(message: &str, text: &str, place: &TextPlace, seen: &Sight, faults: &mut Faults) {
    let at = place.span.start;
    let begins = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
    let one = |at: usize| TextPlace { span: at..at + 1, ..place.clone() };
    let title = || format!("no valid TOML: {message}");
    if seen.depth > DEPTH {
        faults.error(place, "nested too deep", format!("more than {DEPTH} levels")).help(FLAT);
    } else if place.span.is_empty() && text.get(begins..at).is_some_and(|line| line.trim_end().ends_with('=')) {
        faults.error(place, "a key without a value", "a value is wanted here").help("write one, or remove the key");
    } else if let Some(quote) = seen.quote {
        let fault = faults.error(place, title(), "a quote is not closed");
        if quote < begins {
            fault.note(&one(quote), "it begins here");
        }
    } else if let Some(bracket) = seen.bracket.filter(|bracket| *bracket < begins) {
        let help = "if this line is right, the bracket is not closed, or a `,` is missing";
        faults
            .error(place, title(), "not allowed here")
            .note(&one(bracket), "in the bracket that is open here")
            .help(help);
    } else if let Some(value) = sight::bare_value(text, at) {
        let help = format!("if it is a text or has a unit, write \"{}\"", clip(value));
        faults.error(place, title(), "not allowed here").help(help);
    } else if seen.bracket.is_some() && place.span.is_empty() {
        faults.error(place, title(), "a bracket is not closed");
    } else {
        faults.error(place, title(), "not allowed here");
    }
}

/// Where the key or section at `place` is given for the first time, if it is there before.
fn given_before(text: &str, table: &Table, place: &TextPlace) -> Option<TextPlace> {
    let key = text.get(place.span.clone()).filter(|key| !key.is_empty())?;
    let after = text[place.span.end..].trim_start_matches([' ', '\t']);
    if !after.starts_with(['=', ']', '.']) {
        return None; // No key.
    }
    let name = |text: &str| text.trim_matches(['"', '\'']).to_owned();
    find_before(table, &name(key), place).or_else(|| {
        let line = |at: usize| {
            let begins = text[..at].rfind('\n').map_or(0, |line| line + 1);
            (begins, text[begins..].lines().next().unwrap_or_default())
        };
        let (begins, header) = line(place.span.start);
        let first = line(text[..begins].find(header).filter(|_| header.starts_with('['))?);
        let shift = place.span.start - begins;
        let span = first.0 + shift..first.0 + shift + place.span.len();
        (first.1.trim_end() == header.trim_end()).then(|| TextPlace { span, ..place.clone() })
    })
}

/// The last place before `place` where the same key is given.
fn find_before(table: &Table, key: &str, place: &TextPlace) -> Option<TextPlace> {
    let mut found = None;
    for entry in &table.entries {
        let deeper = match &entry.node.value {
            TomlValue::Table(table) => find_before(table, key, place),
            _ => None,
        };
        let here = (entry.key == key && entry.place.span.start < place.span.start).then(|| entry.place.clone());
        found = [found, here, deeper].into_iter().flatten().max_by_key(|place: &TextPlace| place.span.start);
    }
    found
}
