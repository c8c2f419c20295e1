//! oVirt: the data warehouse's view of virtual machines as CSV, or what Ansible's `ovirt_vm_info` answers, as JSON.
//!
//! ```text
//! psql ovirt_engine_history --csv -c 'SELECT * FROM v4_4_latest_configuration_vms'
//! ```

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{at, count, text};
use super::rows::left_out;
use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "oVirt's list of virtual machines, as CSV or JSON", is, read };

/// Columns by which the view is known.
const COLUMNS: [&str; 3] = ["vm_name", "memory_size_mb", "cpu_per_socket"];

fn is(document: &Document) -> bool {
    let head = document.text.trim_start().lines().next().unwrap_or_default();
    machines(document).is_some() || COLUMNS.iter().all(|column| head.contains(column))
}

/// The machines of an answer, bare or as Ansible keeps it.
fn machines<'d>(document: &'d Document) -> Option<&'d [Value]> {
    let json = document.json()?;
    let list = at(json, &["ovirt_vms"]).or_else(|| at(json, &["vm"])).unwrap_or(json).as_array()?;
    let is_machine = |entry: &Value| at(entry, &["memory"]).is_some() && at(entry, &["cpu", "topology"]).is_some();
    list.first().is_some_and(is_machine).then_some(list)
}

fn read(document: &Document) -> Result<Inventory, String> {
    match machines(document) {
        Some(list) => by_ansible(list),
        None => by_view(document.text),
    }
}

fn by_ansible(list: &[Value]) -> Result<Inventory, String> {
    let (mut found, mut stopped) = (Inventory::default(), Vec::new());
    for entry in list {
        let name = text(entry, &["name"]).ok_or("a machine has no `name`")?.to_owned();
        if text(entry, &["status"]).is_some_and(|status| !["up", "paused"].contains(&status)) {
            stopped.push(name);
            continue;
        }
        let memory = count(entry, &["memory"]).filter(|memory| *memory > 0);
        let memory = memory.ok_or_else(|| format!("`{name}` has no `memory`; save the whole answer once more"))?;
        let of = |key: &str| count(entry, &["cpu", "topology", key]).unwrap_or(1);
        let vcpus = of("cores").checked_mul(of("sockets")).and_then(|cpus| cpus.checked_mul(of("threads")));
        let host = text(entry, &["host", "name"]).or_else(|| text(entry, &["host", "id"])).map(str::to_owned);
        found.guests.push(InventoryGuest { name, memory, vcpus, host, ..InventoryGuest::default() });
    }
    found.notes.extend(left_out(&stopped, "not running"));
    Ok(found)
}

/// The rows of the view: of a machine with several the last one is what it is now.
fn by_view(text: &str) -> Result<Inventory, String> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.trim_start().as_bytes());
    let head = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| head.iter().position(|heading| heading.eq_ignore_ascii_case(name));
    let (mut guests, mut order): (BTreeMap<String, Option<InventoryGuest>>, Vec<String>) = Default::default();
    for (number, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|error| error.to_string())?;
        let of = |name: &str| column(name).and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        let whole = |name: &str| of(name).and_then(|text| text.parse::<u64>().ok());
        let Some(name) = of("vm_name") else { return Err(format!("line {number}: `vm_name` is empty")) };
        let memory = whole("memory_size_mb").and_then(|mib| mib.checked_mul(1 << 20)).filter(|bytes| *bytes > 0);
        let memory = memory.ok_or_else(|| format!("line {number}: `memory_size_mb` of `{name}` is no number of MB"))?;
        let vcpus = whole("cpu_per_socket").and_then(|cpus| cpus.checked_mul(whole("number_of_sockets").unwrap_or(1)));
        let guest = InventoryGuest { name: name.to_owned(), memory, vcpus, ..InventoryGuest::default() };
        if !guests.contains_key(name) {
            order.push(name.to_owned());
        }
        guests.insert(name.to_owned(), of("delete_date").is_none().then_some(guest));
    }
    let deleted: Vec<String> = order.iter().filter(|name| guests[*name].is_none()).cloned().collect();
    let mut notes = vec!["the view does not say who runs, nor on which host; its sizes are taken for MiB".to_owned()];
    notes.extend(left_out(&deleted, "deleted"));
    let guests: Vec<InventoryGuest> = order.iter().filter_map(|name| guests.remove(name).flatten()).collect();
    Ok(Inventory { guests, notes })
}
