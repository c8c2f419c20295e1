//! `--set path.to.key=value`: a value for one run, put into the tree before anything is checked.

use super::diagnostic::Source;
use super::faults::{Faults, clip};
use super::syntax;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};

/// Keys in a path. A scenario needs four.
const LONGEST: usize = 32;
/// Stands for a new entry at the end of a list.
const APPEND: &str = "+";

/// Puts the value of the `index`-th flag in its place; a later flag wins.
pub(super) fn set(table: &mut Table, flag: &str, index: usize, faults: &mut Faults) {
    let source = Source::Set(index);
    let place = |from: usize, to: usize| TextPlace { source: source.clone(), span: from..to };
    let Some(equals) = flag.find('=') else {
        faults
            .error(&place(0, flag.len()), "`--set` without a value", "no `=` in here")
            .help("write --set path.to.key=value, as in --set guest.memory=\"32 GiB\"");
        return;
    };
    let mut keys: Vec<(&str, TextPlace)> = Vec::new();
    let mut from = 0;
    for part in flag[..equals].split('.') {
        let key = part.trim();
        let start = from + (part.len() - part.trim_start().len());
        if key.is_empty() {
            faults
                .error(&place(from, from + part.len()), "`--set` with an empty key", "a key is wanted here")
                .help("write --set path.to.key=value");
            return;
        }
        keys.push((key, place(start, start + key.len())));
        from += part.len() + 1;
    }
    if is_too_deep(keys.len(), &place(0, equals), faults) {
        return;
    }
    let written = &flag[equals + 1..];
    let value = written.trim();
    let offset = equals + 1 + (written.len() - written.trim_start().len());
    if let Some(node) = syntax::flag(value, offset, source.clone(), faults) {
        put(table, &keys, node, faults);
    }
}

/// Whether a path has too many keys; that is said at `place`.
pub(super) fn is_too_deep(keys: usize, place: &TextPlace, faults: &mut Faults) -> bool {
    let too_deep = keys > LONGEST;
    if too_deep {
        faults.error(place, "nested too deep", format!("more than {LONGEST} levels"));
    }
    too_deep
}

/// Puts `node` at a path of keys; `place` is where to point if that cannot be.
pub(super) fn put_at(table: &mut Table, path: &str, node: Node, place: &TextPlace, faults: &mut Faults) {
    let keys: Vec<(&str, TextPlace)> = path.split('.').map(|key| (key, place.clone())).collect();
    if !is_too_deep(keys.len(), place, faults) {
        put(table, &keys, node, faults);
    }
}

/// Walks down `keys` from `table` and puts `node` there.
pub(super) fn put(table: &mut Table, keys: &[(impl AsRef<str>, TextPlace)], node: Node, faults: &mut Faults) {
    put_below(table, keys, 0, node, faults);
}

/// Walks down `keys` from `table`, to which so many of them have led.
fn put_below(table: &mut Table, keys: &[(impl AsRef<str>, TextPlace)], depth: usize, node: Node, faults: &mut Faults) {
    let Some(((key, place), deeper)) = keys[depth..].split_first() else { return };
    let key = key.as_ref();
    if deeper.is_empty() {
        if let Some(entry) = table.entries.iter_mut().find(|entry| entry.key == key) {
            (entry.place, entry.node) = (place.clone(), node);
            return;
        }
        table.put(Entry { key: key.to_owned(), place: place.clone(), node });
        return;
    }
    let known = table.entries.iter().position(|entry| entry.key == key);
    let entry = match known {
        Some(index) => &mut table.entries[index],
        None => {
            let is_list = deeper[0].0.as_ref() == APPEND;
            let value = if is_list { TomlValue::List(Vec::new()) } else { TomlValue::Table(Table::default()) };
            let node = Node { place: place.clone(), value };
            table.put(Entry { key: key.to_owned(), place: place.clone(), node })
        }
    };
    step(&mut entry.node, keys, depth + 1, node, faults);
}

/// Brings what stands at a path back to what `base` has there, be it nothing.
pub(super) fn restore(table: &mut Table, base: &Table, keys: &[(String, TextPlace)]) {
    let Some(((key, _), deeper)) = keys.split_first() else { return };
    let Some(old) = base.get(key) else {
        return table.entries.retain(|entry| entry.key != *key);
    };
    let here = table.entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.node.value);
    match (here, &old.node.value) {
        (Some(TomlValue::Table(here)), TomlValue::Table(old)) if !deeper.is_empty() => restore(here, old, deeper),
        _ => {
            table.put(old.clone());
        }
    }
}

/// Goes one key deeper from the value `at`, to which `depth` keys have led.
fn step(at: &mut Node, keys: &[(impl AsRef<str>, TextPlace)], depth: usize, node: Node, faults: &mut Faults) {
    let Some((key, key_place)) = keys.get(depth) else {
        *at = node;
        return;
    };
    let (key, place) = (key.as_ref(), &keys[depth - 1].1);
    let path = || keys[..depth].iter().map(|(key, _)| key.as_ref()).collect::<Vec<_>>().join(".");
    let first = at.place.clone();
    match &mut at.value {
        TomlValue::Table(table) => put_below(table, keys, depth, node, faults),
        TomlValue::List(list) => {
            let length = list.len();
            if key == APPEND {
                list.push(Node { place: key_place.clone(), value: TomlValue::Table(Table::default()) });
                step(&mut list[length], keys, depth + 1, node, faults);
                return;
            }
            match key.parse::<usize>() {
                Ok(index) if index < length => {
                    step(&mut list[index], keys, depth + 1, node, faults);
                }
                Ok(_) => {
                    let range = match length {
                        0 => "the list is empty".to_owned(),
                        1 => "the list has one entry, number 0".to_owned(),
                        _ => format!("the list has entries 0 to {}", length - 1),
                    };
                    let title = format!("there is no `{}.{}`", path(), clip(key));
                    faults.error(key_place, title, range).note(&first, "this list");
                }
                Err(_) => {
                    let path = clip(&path());
                    faults
                        .error(key_place, format!("`{path}` is a list"), "a number is wanted here")
                        .help(format!("count from 0, as in `{path}.0.{}`; `+` adds an entry", clip(key)))
                        .note(&first, "this list");
                }
            }
        }
        value => {
            let noun = value.noun();
            faults
                .error(place, format!("`{}` has no keys of its own", clip(&path())), format!("this is {noun}"))
                .note(&first, "given here");
        }
    }
}
