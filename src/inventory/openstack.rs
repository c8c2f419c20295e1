//! OpenStack: `openstack server list --long` as JSON or CSV, with `openstack flavor list` for RAM.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "a list of `openstack server list --long`", is, read };

/// How to get what the list does not have.
const ASK: &str = "save `openstack flavor list --all -f json`, and give it by `--flavors FILE`";

/// A row: its columns by their names in lower case.
type OpenStackRow = BTreeMap<String, String>;

/// The rows of a list in either form.
fn rows(document: &Document) -> Result<Vec<OpenStackRow>, String> {
    if let Some(list) = document.objects() {
        let words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let row = |entry: &Value| {
            let entries = entry.as_object().into_iter().flatten();
            entries.map(|(key, value)| (key.to_lowercase(), words(value))).collect()
        };
        return Ok(list.iter().map(row).collect());
    }
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(document.text.as_bytes());
    let head = reader.headers().map_err(|error| error.to_string())?.clone();
    let row = |record: csv::Result<csv::StringRecord>| {
        let record = record.map_err(|error| error.to_string())?;
        Ok(head.iter().map(str::to_lowercase).zip(record.iter().map(str::to_owned)).collect())
    };
    reader.records().map(row).collect()
}

fn is(document: &Document) -> bool {
    let is_head = |has: &dyn Fn(&str) -> bool| {
        has("id") && has("name") && has("status") && (has("flavor") || has("flavor name") || has("flavor id"))
    };
    if let Some(list) = document.objects() {
        return list.first().is_some_and(|entry| {
            is_head(&|key| entry.as_object().is_some_and(|entry| entry.keys().any(|has| has.eq_ignore_ascii_case(key))))
        });
    }
    let first = document.text.trim_start().lines().next().unwrap_or_default();
    let head: Vec<String> = first.split(',').map(|field| field.trim().trim_matches('"').to_lowercase()).collect();
    let says_ram = head.iter().any(|field| field.contains("ram") || field.contains("memory"));
    is_head(&|key| head.iter().any(|field| field == key)) && !says_ram
}

/// RAM [bytes] and vCPUs of a flavor.
type Flavors = BTreeMap<String, (u64, Option<u64>)>;

/// Flavors by name and by number.
fn flavors(text: &str) -> Result<Flavors, String> {
    let mut flavors = Flavors::new();
    for row in rows(&Document::new(text, None))? {
        // The client says MiB, without a unit.
        let memory = row.get("ram").and_then(|ram| ram.trim().parse::<u64>().ok()?.checked_mul(1 << 20));
        let Some(memory) = memory.filter(|memory| *memory > 0) else { continue };
        let vcpus = row.get("vcpus").and_then(|vcpus| vcpus.trim().parse().ok());
        for key in ["name", "id"] {
            flavors.extend(row.get(key).map(|name| (name.clone(), (memory, vcpus))));
        }
    }
    if flavors.is_empty() {
        Err(format!("the file of `--flavors` has no flavors with `RAM`; {ASK}"))
    } else {
        Ok(flavors)
    }
}

fn read(document: &Document) -> Result<Inventory, String> {
    let rows = rows(document)?;
    let flavors = match document.flavors {
        Some(text) => flavors(text)?,
        None => return Err(format!("it names the flavors of its servers and not their RAM; {ASK}")),
    };
    let (mut found, mut stopped) = (Inventory::default(), Vec::new());
    for row in rows {
        let of = |keys: &[&str]| keys.iter().find_map(|key| row.get(*key)).filter(|text| !text.is_empty()).cloned();
        let name = of(&["name"]).or_else(|| of(&["id"])).unwrap_or_default();
        if of(&["status"]).is_some_and(|status| !["ACTIVE", "PAUSED"].contains(&status.to_uppercase().as_str())) {
            stopped.push(name);
            continue;
        }
        let names = ["flavor name", "flavor", "flavor id"].map(|key| of(&[key]));
        let flavor = names.iter().flatten().find_map(|flavor| flavors.get(flavor.trim()));
        let Some((memory, vcpus)) = flavor.copied() else {
            let flavor = names.into_iter().flatten().next().unwrap_or_default();
            return Err(format!(
                "`{name}` has the flavor `{flavor}`, which the file of `--flavors` does not have; {ASK}"
            ));
        };
        let host = of(&["host", "os-ext-srv-attr:host"]).filter(|host| !["null", "None"].contains(&host.as_str()));
        found.guests.push(InventoryGuest { name, memory, vcpus, host, ..InventoryGuest::default() });
    }
    found.notes.extend(super::rows::left_out(&stopped, "not running"));
    Ok(found)
}
