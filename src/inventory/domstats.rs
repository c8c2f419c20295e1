//! `virsh domstats` of a host, best with `--state --balloon --vcpu --dirtyrate`.

use super::{Document, Format, Inventory, InventoryGuest};

pub(super) const FORMAT: Format = Format { name: "output of `virsh domstats`", is, read };

/// How to ask for what is needed.
const ASK: &str = "ask `virsh domstats --state --balloon --vcpu --dirtyrate`";

fn is(document: &Document) -> bool {
    let mut lines = document.text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.next().is_some_and(|first| name(first).is_some()) && lines.next().is_none_or(|second| second.contains('='))
}

/// The name in a line such as `Domain: 'web-1'`.
fn name(line: &str) -> Option<&str> {
    line.trim().strip_prefix("Domain: '")?.strip_suffix('\'')
}

fn read(document: &Document) -> Result<Inventory, String> {
    let (mut found, mut stopped) = (Inventory::default(), Vec::new());
    let mut lines = document.text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(name) = name(line) else { continue };
        let mut guest = InventoryGuest { name: name.to_owned(), ..InventoryGuest::default() };
        let (mut runs, mut rate, mut is_measured) = (true, None, false);
        while let Some(line) = lines.next_if(|line| self::name(line).is_none()) {
            let Some((key, value)) = line.trim().split_once('=') else { continue };
            let number = || value.trim().parse::<u64>().ok();
            match key {
                // Running, blocked and paused guests can be migrated.
                "state.state" => runs = matches!(number(), Some(1..=3)),
                "balloon.maximum" => guest.memory = number().and_then(|kib| kib.checked_mul(1024)).unwrap_or(0),
                "vcpu.current" => guest.vcpus = number(),
                "dirtyrate.calc_status" => is_measured = number() == Some(2),
                "dirtyrate.megabytes_per_second" => rate = number(),
                _ => {}
            }
        }
        guest.rate_mib = rate.filter(|_| is_measured);
        if !runs {
            stopped.push(guest.name);
        } else if guest.memory == 0 {
            return Err(format!("`{}` has no `balloon.maximum`; {ASK}", guest.name));
        } else {
            found.guests.push(guest);
        }
    }
    found.notes.extend(super::rows::left_out(&stopped, "not running"));
    if found.guests.iter().all(|guest| guest.rate_mib.is_none()) {
        found.notes.push(
            "no guest's dirty rate was measured; `virsh domdirtyrate-calc GUEST --seconds 1` for each guest, then domstats again"
                .to_owned(),
        );
    }
    Ok(found)
}
