//! What is known of every guest, and the table that a fleet is read from.

use std::collections::{BTreeMap, HashSet};

use crate::sink::csv;
use crate::units::spelling::count;

/// The guests of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Those that can be migrated.
    pub guests: Vec<InventoryGuest>,
    /// What is good to know: who was left out, and why.
    pub notes: Vec<String>,
}

/// What a list says of a guest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InventoryGuest {
    /// Its name.
    pub name: String,
    /// Its RAM [bytes].
    pub memory: u64,
    /// Its vCPUs.
    pub vcpus: Option<u64>,
    /// Size of the host's pages behind RAM, where they are huge [bytes].
    pub page_size: Option<u64>,
    /// The dirty rate that was measured [MiB/s].
    pub rate_mib: Option<u64>,
    /// Where it runs.
    pub host: Option<String>,
}

impl Inventory {
    /// Without guests of other hosts, of whom a list of a whole cluster has some.
    ///
    /// # Errors
    /// No guest runs there; says which has guests.
    pub fn on(mut self, host: &str) -> Result<Inventory, String> {
        let hosts = self.hosts();
        self.guests.retain(|guest| guest.host.as_deref() == Some(host));
        if !self.guests.is_empty() {
            return Ok(self);
        }
        match hosts.is_empty() {
            true => Err("the list does not say where its guests run; leave `--host` out".to_owned()),
            false => Err(format!("no guest runs on `{host}`; there are {}", counted(&hosts))),
        }
    }

    /// The hosts, and how many guests each has.
    fn hosts(&self) -> BTreeMap<String, usize> {
        let mut hosts = BTreeMap::new();
        self.guests.iter().filter_map(|guest| guest.host.clone()).for_each(|host| *hosts.entry(host).or_default() += 1);
        hosts
    }

    /// What is good to know of it.
    pub fn notes(&self) -> Vec<String> {
        let hosts = self.hosts();
        // Who is nowhere leaves no host.
        let how = match self.guests.iter().all(|guest| guest.host.is_some()) {
            true => "are emptied one after another",
            false => "are taken as one, as the list does not say of all guests where they run",
        };
        let several = (hosts.len() > 1)
            .then(|| format!("{} hosts {how}: {}; `--host NAME` takes one", hosts.len(), counted(&hosts)));
        let measured = self.guests.iter().filter(|guest| guest.rate_mib.is_some()).count();
        let uniform = (measured > 0).then(|| {
            format!(
                "the dirty rates of {measured} of {} guests were measured; taken are uniform writes to all of RAM",
                self.guests.len()
            )
        });
        self.notes.iter().cloned().chain(several).chain(uniform).collect()
    }

    /// The table: a row for each guest, with the columns that at least one has.
    pub fn table(&self) -> String {
        type Cell = fn(&InventoryGuest) -> Option<String>;
        let kib = |bytes: u64| {
            if bytes.is_multiple_of(1024) { format!("{} KiB", bytes / 1024) } else { format!("{bytes} B") }
        };
        let columns: [(&str, Cell); 5] = [
            ("host", |guest| guest.host.clone()),
            ("vcpus", |guest| guest.vcpus.map(|vcpus| vcpus.to_string())),
            ("guest.page-size", |guest| guest.page_size.map(|size| format!("{} KiB", size / 1024))),
            ("kind", |guest| guest.rate_mib.map(|rate| if rate == 0 { "idle" } else { "uniform" }.to_owned())),
            ("rate", |guest| guest.rate_mib.filter(|rate| *rate > 0).map(|rate| format!("{rate} MiB/s"))),
        ];
        let is_had = |(name, cell): &(&str, Cell)| match *name {
            // Who is nowhere leaves nothing.
            "host" => self.guests.iter().all(|guest| cell(guest).is_some()),
            _ => self.guests.iter().any(|guest| cell(guest).is_some()),
        };
        let columns: Vec<_> = columns.into_iter().filter(is_had).collect();
        let mut table = csv::writer(Vec::new());
        let head = ["name", "memory"].into_iter().chain(columns.iter().map(|column| column.0));
        let mut written = csv::record(&mut table, head);
        let mut names = HashSet::new();
        for guest in &self.guests {
            let name = free(&guest.name, &mut names);
            let cells = columns.iter().map(|(_, cell)| cell(guest).unwrap_or_default());
            written = written.and(csv::record(&mut table, [name, kib(guest.memory)].into_iter().chain(cells)));
        }
        // Writing into memory does not fail.
        debug_assert!(written.is_ok());
        table.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// A note on guests that were left out; none if there are none.
pub(super) fn left_out(names: &[String], why: &str) -> Option<String> {
    const MOST: usize = 8;
    let more = names.len().saturating_sub(MOST);
    let shown =
        names.iter().take(MOST).map(|name| format!("`{name}`")).chain((more > 0).then(|| format!("{more} more")));
    let guests = count(names.len(), "guest");
    (!names.is_empty()).then(|| format!("{guests} left out, {why}: {}", shown.collect::<Vec<_>>().join(", ")))
}

/// `a (2 guests), b (1 guest)`
fn counted(hosts: &BTreeMap<String, usize>) -> String {
    const MOST: usize = 8;
    let word = |(host, guests): (&String, &usize)| format!("`{host}` ({})", count(*guests, "guest"));
    let more = hosts.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("{more} more"));
    hosts.iter().take(MOST).map(word).chain(more).collect::<Vec<_>>().join(", ")
}

/// A name that no other guest has.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let name = if name.trim().is_empty() { "guest" } else { name.trim() };
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| taken.insert(name.clone())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_columns_that_nobody_has_are_left_out() {
        let guest = |name: &str| InventoryGuest { name: name.to_owned(), memory: 1 << 30, ..InventoryGuest::default() };
        let inventory = Inventory { guests: vec![guest("a"), guest("a"), guest(" ")], notes: Vec::new() };
        assert_eq!(inventory.table(), "name,memory\na,1048576 KiB\na-2,1048576 KiB\nguest,1048576 KiB\n");
    }

    #[test]
    fn guests_of_other_hosts_are_left_out() {
        let guest = |host: &str| InventoryGuest {
            name: host.to_owned(),
            host: Some(host.to_owned()),
            ..InventoryGuest::default()
        };
        let inventory = Inventory { guests: vec![guest("one"), guest("two"), guest("two")], notes: Vec::new() };
        assert_eq!(inventory.clone().on("two").unwrap().guests.len(), 2);
        let complaint = inventory.on("three").unwrap_err();
        assert_eq!(complaint, "no guest runs on `three`; there are `one` (1 guest), `two` (2 guests)");
    }
}
