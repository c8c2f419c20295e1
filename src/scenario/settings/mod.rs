//! `orchestrator.file`: the settings of a product in the file that it reads itself.
//!
//! A product that is added is a file with a [`SettingsFormat`] row, and a line in [`FORMATS`].

mod flag;
mod form;
mod kubevirt;
mod nova;
mod ovirt;
mod proxmox;
mod qemu_conf;
mod within;

pub use flag::{SettingsFault, SettingsFlag, settings_flags};

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde_json::Value;

use super::faults::{Faults, clip};
use super::flags;
use super::tree::{Node, Table, TextPlace, TomlValue};
use crate::orchestrator::Product;
use crate::units::bounded;
use crate::yaml;

/// Largest file that is read [bytes].
const MOST: u64 = 4 << 20;

/// The settings of a product, as far as they concern a migration.
#[derive(Debug, Default)]
struct Settings {
    /// Its options by their keys, as they were written, with their lines where these are known.
    options: Vec<WrittenSetting>,
    /// Keys of its scheduler, likewise.
    scheduler: Vec<WrittenSetting>,
    /// Options of QEMU that it has for every migration.
    qemu: Vec<WrittenSetting>,
    /// What concerns a migration and is not modelled.
    others: Vec<String>,
    /// What concerns a migration and changes nothing of how it goes.
    idle: Vec<String>,
    /// Whether they are the host's, whatever product is above it.
    of_host: bool,
}

/// A key and what was written for it.
#[derive(Debug)]
struct WrittenSetting {
    key: String,
    text: String,
    line: Option<usize>,
}

/// A file that a product reads.
struct SettingsFormat {
    /// What it is.
    name: &'static str,
    /// The product.
    product: fn(&SettingsFile) -> &'static str,
    is: fn(&SettingsFile) -> bool,
    read: fn(&SettingsFile) -> Result<Settings, String>,
}

/// Every form that is read.
const FORMATS: [&SettingsFormat; 5] =
    [&nova::FORMAT, &kubevirt::FORMAT, &ovirt::FORMAT, &proxmox::FORMAT, &qemu_conf::FORMAT];

/// A file, and its objects if it is JSON or YAML.
struct SettingsFile<'t> {
    /// Its name as it was given.
    name: &'t str,
    text: &'t str,
    /// With the path of each in the file.
    objects: Vec<(String, Value)>,
    /// In which line the value at a path begins, as far as that is known.
    lines: BTreeMap<String, usize>,
}

/// Lays what `orchestrator.file` says below the keys that stand beside it, of the whole scenario and of each guest.
pub(super) fn expand(table: &mut Table, folder: &Path, faults: &mut Faults) {
    let mut scheduler = Vec::new();
    section(table, folder, &mut scheduler, faults);
    if let Some(TomlValue::List(list)) =
        table.entries.iter_mut().find(|entry| entry.key == "vm").map(|entry| &mut entry.node.value)
    {
        for node in list {
            if let TomlValue::Table(vm) = &mut node.value {
                section(vm, folder, &mut Vec::new(), faults);
            }
        }
    }
    for (kind, WrittenSetting { key, text, .. }, place) in scheduler {
        let Some(TomlValue::Table(own)) = table.get("scheduler").map(|entry| &entry.node.value) else { return };
        let is_its = own
            .get("kind")
            .is_some_and(|entry| matches!(&entry.node.value, TomlValue::Text(name) if base(name) == base(kind)));
        if is_its && own.get(&key).is_none() {
            let node = Node { place: place.clone(), value: TomlValue::Number(text) };
            flags::put_at(table, &format!("scheduler.{key}"), node, &place, faults);
        }
    }
}

/// The product whose rules a name stands for.
fn base(kind: &str) -> Option<&'static str> {
    Product::find(kind).map(|product| product.base)
}

type OfScheduler = Vec<(&'static str, WrittenSetting, TextPlace)>;

/// Lays the settings of one `[orchestrator]` below its own keys. Where they cannot be read, the section goes: what else is wrong with it
/// only follows from that.
fn section(table: &mut Table, folder: &Path, scheduler: &mut OfScheduler, faults: &mut Faults) {
    let orchestrator = table.entries.iter_mut().find(|entry| entry.key == "orchestrator");
    let Some(TomlValue::Table(own)) = orchestrator.map(|entry| &mut entry.node.value) else { return };
    let Some(at) = own.entries.iter().position(|entry| entry.key == "file") else { return };
    let file = own.entries.remove(at).node;
    let named = own.get("kind").map(|entry| entry.node.value.words());
    match named_file(&file, named.as_deref(), folder) {
        Ok(mut found) => {
            let qemu = std::mem::take(&mut found.settings.qemu);
            lay(own, found, &file.place, scheduler, faults);
            for WrittenSetting { key, text, .. } in qemu {
                let (path, node) =
                    (format!("qemu.{key}"), Node { place: file.place.clone(), value: TomlValue::Text(text) });
                if !has(table, &path) {
                    flags::put_at(table, &path, node, &file.place, faults);
                }
            }
        }
        Err((title, help)) => {
            faults.error(&file.place, title, "the settings of a product").help(help);
            faults.incomplete = true;
            table.entries.retain(|entry| entry.key != "orchestrator");
        }
    }
}

/// What a file says of a product that may be named beside it; or what is wrong, and what to do.
fn named_file(file: &Node, named: Option<&str>, folder: &Path) -> Result<Found, (String, String)> {
    let TomlValue::Text(name) = &file.value else {
        let help = "write the name of a file in quotes, such as `file = \"nova.conf\"`".to_owned();
        return Err(("`orchestrator.file` must be a text".to_owned(), help));
    };
    opened(name, named, folder)
}

/// What stands in a file, or at the path in it that follows a `#`; or what is wrong, and what to do.
fn opened(name: &str, named: Option<&str>, folder: &Path) -> Result<Found, (String, String)> {
    let (path, within) = name.split_once('#').map_or((name, None), |(path, within)| (path, Some(within)));
    let read = File::open(folder.join(path)).and_then(|file| bounded::text(file, MOST));
    let text = read.map_err(|error| {
        let help = "paths start from the folder of the scenario's file".to_owned();
        (format!("`{}` cannot be read: {error}", clip(path)), help)
    })?;
    let found = match within {
        Some(within) => within::understood(name, &text, within, named)?,
        None => understood(name, &text)?,
    };
    let kind = found.product.kind;
    match named.filter(|_| !found.settings.of_host).filter(|named| base(named).is_some() && base(named) != base(kind)) {
        Some(named) => {
            let title = format!("`{}` has settings of {kind}, and `kind` is `{}`", clip(name), clip(named));
            Err((title, "remove `kind`, or name a file of that product".to_owned()))
        }
        None => Ok(found),
    }
}

/// What was found in a file.
struct Found {
    /// The file.
    name: String,
    product: &'static Product,
    settings: Settings,
}

/// Lays what was found below the section's own keys.
fn lay(own: &mut Table, found: Found, place: &TextPlace, scheduler: &mut OfScheduler, faults: &mut Faults) {
    let Found { name, product, settings } = found;
    if own.get("kind").is_none() {
        let node = Node { place: place.clone(), value: TomlValue::Text(product.kind.to_owned()) };
        flags::put_at(own, "kind", node, place, faults);
    }
    for (option, _) in (product.options)() {
        // A key that is written twice counts as it was written last.
        let Some(written) = settings.options.iter().rev().find(|written| written.key == option.key) else { continue };
        if has(own, option.key) {
            continue;
        }
        match form::value(&option.form, &written.text, place) {
            Ok(node) => flags::put_at(own, option.key, node, place, faults),
            Err(wanted) => {
                let line = written.line.map_or(String::new(), |line| format!(", line {line}"));
                let title = format!("`{}`{line}: `{}` cannot be `{}`", clip(&name), option.key, clip(&written.text));
                let help = format!("{wanted} is wanted there; a key of your own in `[orchestrator]` replaces it");
                faults.error(place, title, "the settings of a product").help(help);
            }
        }
    }
    // Only a number can be one of the scheduler's.
    let numbers = settings.scheduler.into_iter().filter(|written| written.text.parse::<u32>().is_ok());
    scheduler.extend(numbers.map(|written| (product.kind, written, place.clone())));
    let named = |keys: &[String]| keys.iter().map(|key| format!("`{}`", clip(key))).collect::<Vec<_>>().join(", ");
    for (keys, what) in
        [(&settings.others, "not modelled of"), (&settings.idle, "without bearing on how a migration goes, of")]
    {
        if !keys.is_empty() {
            faults.warn(place, format!("{what} `{}`: {}", clip(&name), named(keys)), "read without them");
        }
    }
}

/// Whether a key is there, whose dots lead to sections within.
fn has(table: &Table, key: &str) -> bool {
    let (head, rest) = key.split_once('.').map_or((key, None), |(head, rest)| (head, Some(rest)));
    match (table.get(head).map(|entry| &entry.node.value), rest) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(TomlValue::Table(inner)), Some(rest)) => has(inner, rest),
        (Some(_), Some(_)) => true,
    }
}

/// The product of a file, and its settings; or what is wrong, and what to do.
fn understood(name: &str, text: &str) -> Result<Found, (String, String)> {
    let head = text.trim_start();
    let objects = match head.starts_with('{') || yaml::has_objects(text) {
        true => documents(name, text)?,
        false => Vec::new(),
    };
    let lines = if objects.is_empty() { BTreeMap::new() } else { yaml::lines(text) };
    let objects = objects.into_iter().enumerate().map(|(at, object)| (format!("/{at}"), object)).collect();
    of_file(&SettingsFile { name, text, objects, lines })
}

/// The documents of a file of JSON or YAML.
fn documents(name: &str, text: &str) -> Result<Vec<Value>, (String, String)> {
    let documents = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map(|value| vec![value]).map_err(|error| format!("no JSON: {error}")),
        false => yaml::documents(text).map_err(|error| format!("no YAML: {error}")),
    };
    documents.map_err(|why| (format!("`{}` is {why}", clip(name)), "save it once more, as JSON if need be".to_owned()))
}

/// The product of a file by the first form that it has, and its settings.
fn of_file(file: &SettingsFile) -> Result<Found, (String, String)> {
    let name = file.name;
    let Some(format) = FORMATS.iter().find(|format| (format.is)(file)) else {
        let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        return Err((
            format!("`{}` has no settings that are known", clip(name)),
            format!("read are {}", known.join(", ")),
        ));
    };
    let settings = (format.read)(file).map_err(|why| {
        (
            format!("`{}` is {}, and {why}", clip(name), format.name),
            "docs/orchestrators.md says what is read".to_owned(),
        )
    })?;
    let product = Product::find((format.product)(file));
    let product = product.ok_or_else(|| ("the product is not known".to_owned(), "name it by `kind`".to_owned()))?;
    Ok(Found { name: name.to_owned(), product, settings })
}
