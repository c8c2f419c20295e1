//! Proxmox: `pvesh get /cluster/resources --output-format json`, or `/nodes/NODE/qemu`.

use serde_json::Value;

use super::document::{count, text};
use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format =
    Format { name: "JSON of Proxmox's `pvesh get /cluster/resources --output-format json`", is, read };

fn is(document: &Document) -> bool {
    let is_guest = |entry: &Value| entry.get("vmid").is_some() && entry.get("maxmem").is_some();
    let is_resource =
        |entry: &Value| text(entry, &["type"]).is_some() && text(entry, &["id"]).is_some_and(|id| id.contains('/'));
    document.objects().is_some_and(|list| list.iter().any(|entry| is_guest(entry) || is_resource(entry)))
}

fn read(document: &Document) -> Result<Inventory, String> {
    let (mut found, mut stopped) = (Inventory::default(), Vec::new());
    for entry in document.objects().unwrap_or_default() {
        // Containers, storage and nodes are also there; a list of one node's guests has no types.
        let is_guest = entry.get("vmid").is_some() && text(entry, &["type"]).is_none_or(|kind| kind == "qemu");
        let is_template = count(entry, &["template"]) == Some(1);
        if !is_guest || is_template {
            continue;
        }
        let vmid = count(entry, &["vmid"]).map_or(String::new(), |vmid| vmid.to_string());
        let name = text(entry, &["name"]).unwrap_or(&vmid).to_owned();
        if text(entry, &["status"]).is_some_and(|status| status != "running") {
            stopped.push(name);
            continue;
        }
        let memory = count(entry, &["maxmem"]).filter(|memory| *memory > 0);
        let memory = memory.ok_or_else(|| format!("`{name}` has no `maxmem`; save the whole output once more"))?;
        let vcpus = count(entry, &["maxcpu"]).or_else(|| count(entry, &["cpus"]));
        let host = text(entry, &["node"]).map(str::to_owned);
        found.guests.push(InventoryGuest { name, memory, vcpus, host, ..InventoryGuest::default() });
    }
    found.notes.extend(super::rows::left_out(&stopped, "not running"));
    Ok(found)
}
