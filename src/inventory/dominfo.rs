//! `virsh dominfo` of one guest or of several, one after the other; `virsh list` may come before them.

use super::quantity::libvirt;
use super::rows::left_out;
use super::virsh_list;
use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "output of `virsh dominfo`", is, read };

fn is(document: &Document) -> bool {
    let has = |key: &str| document.text.lines().any(|line| line.starts_with(key));
    has("Name: ") && has("Max memory: ") && has("CPU(s): ")
}

fn read(document: &Document) -> Result<Inventory, String> {
    let (mut guests, mut stopped): (Vec<InventoryGuest>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(document.text.lines()) {
        let Some((key, value)) = line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) else { continue };
        match (key, guests.last_mut()) {
            ("Name", _) => guests.push(InventoryGuest { name: value.to_owned(), ..InventoryGuest::default() }),
            ("CPU(s)", Some(guest)) => guest.vcpus = value.parse().ok(),
            ("State", Some(guest)) if value.starts_with("shut") => stopped.push(guest.name.clone()),
            ("Max memory", Some(guest)) => {
                let (amount, unit) = value.split_once(' ').unwrap_or((value, "KiB"));
                let bytes = libvirt(amount, Some(unit.trim())).filter(|bytes| *bytes > 0);
                guest.memory =
                    bytes.ok_or_else(|| format!("line {number}: `{value}` is no size, as in `8388608 KiB`"))?;
            }
            _ => {}
        }
    }
    let asked = |name: &&str| !guests.iter().any(|guest| guest.name == *name);
    let unasked: Vec<String> =
        virsh_list::running(document.text).into_iter().filter(asked).map(str::to_owned).collect();
    guests.retain(|guest| !stopped.contains(&guest.name));
    if let Some(guest) = guests.iter().find(|guest| guest.memory == 0) {
        return Err(format!("`{}` has no `Max memory`; save the whole output once more", guest.name));
    }
    let notes = [left_out(&stopped, "not running"), left_out(&unasked, "without `virsh dominfo` of them")];
    Ok(Inventory { guests, notes: notes.into_iter().flatten().collect() })
}
