//! KubeVirt: `kubectl get vmi -o json` or `-o yaml`, of one guest, a namespace or all.

use serde_json::Value;

use super::document::{at, count, text};
use super::quantity::kubernetes;
use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "an object of `kubectl get vmi -o json` or `-o yaml`", is, read };

const KIND: &str = "VirtualMachineInstance";

/// The objects: one, or those of a list.
fn items<'d>(document: &'d Document) -> Vec<&'d Value> {
    let Some(json) = document.json() else { return Vec::new() };
    let list = json.get("items").and_then(Value::as_array);
    let all = list.map_or_else(|| vec![json], |list| list.iter().collect());
    all.into_iter().filter(|item| text(item, &["kind"]) == Some(KIND) || list_of_them(json)).collect()
}

/// A list whose entries need not say what they are.
fn list_of_them(json: &Value) -> bool {
    text(json, &["kind"]) == Some("VirtualMachineInstanceList")
}

fn is(document: &Document) -> bool {
    !items(document).is_empty() || document.json().is_some_and(list_of_them)
}

fn read(document: &Document) -> Result<Inventory, String> {
    let items = items(document);
    let namespace = |item: &Value| text(item, &["metadata", "namespace"]).map(str::to_owned);
    let several = items.iter().any(|item| namespace(item) != namespace(items[0]));
    let (mut found, mut stopped, mut bound) = (Inventory::default(), Vec::new(), Vec::new());
    for item in items {
        let name = text(item, &["metadata", "name"]).ok_or("an object has no `metadata.name`")?;
        let name = match namespace(item).filter(|_| several) {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        };
        if text(item, &["status", "phase"]).is_some_and(|phase| phase != "Running") {
            stopped.push(name);
            continue;
        }
        if let Some(why) = not_migratable(item) {
            bound.push(format!("{name}{why}"));
            continue;
        }
        let places: [&[&str]; 4] = [
            &["status", "memory", "guestCurrent"],
            &["spec", "domain", "memory", "guest"],
            &["spec", "domain", "resources", "requests", "memory"],
            &["spec", "domain", "resources", "limits", "memory"],
        ];
        let memory = places.iter().find_map(|path| kubernetes(text(item, path)?)).filter(|memory| *memory > 0);
        let memory = memory.ok_or_else(|| {
            format!(
                "`{name}` has no `spec.domain.memory.guest`; save the objects as the cluster holds them, with `-o json` or `-o yaml`"
            )
        })?;
        let host = text(item, &["status", "nodeName"]).map(str::to_owned);
        let huge = text(item, &["spec", "domain", "memory", "hugepages", "pageSize"]).and_then(kubernetes);
        let page_size = huge.filter(|size| [2 << 20, 1 << 30].contains(size) && memory.is_multiple_of(*size));
        found.guests.push(InventoryGuest { name, memory, vcpus: vcpus(item), page_size, host, rate_mib: None });
    }
    found.notes.extend(super::rows::left_out(&stopped, "not running"));
    found.notes.extend(super::rows::left_out(&bound, "not migratable"));
    Ok(found)
}

/// Cores times sockets times threads; what KubeVirt gives without them is one for each CPU that is asked for.
fn vcpus(item: &Value) -> Option<u64> {
    let of = |key: &str| count(item, &["spec", "domain", "cpu", key]);
    let product =
        of("cores").unwrap_or(1).checked_mul(of("sockets").unwrap_or(1))?.checked_mul(of("threads").unwrap_or(1))?;
    if at(item, &["spec", "domain", "cpu", "cores"]).is_some() || product > 1 {
        return Some(product);
    }
    let asked = text(item, &["spec", "domain", "resources", "requests", "cpu"])?;
    match asked.strip_suffix('m') {
        Some(thousandths) => thousandths.parse::<u64>().ok().map(|thousandths| thousandths.div_ceil(1000)),
        None => asked.parse().ok(),
    }
}

/// The condition that says so, and why.
fn not_migratable(item: &Value) -> Option<String> {
    let conditions = at(item, &["status", "conditions"])?.as_array()?;
    let said = conditions.iter().find(|condition| text(condition, &["type"]) == Some("LiveMigratable"))?;
    (text(said, &["status"]) == Some("False"))
        .then(|| text(said, &["reason"]).map_or(String::new(), |reason| format!(" ({reason})")))
}
