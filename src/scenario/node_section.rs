//! The hosts of a fleet: `[[node]]`, and the hosts that guests name.

use std::collections::{HashMap, HashSet};

use super::faults::Faults;
use super::keys;
use super::node::{FleetNode, Upgrade};
use super::reader::{FoundValue, Section};
use super::tree::TextPlace;
use crate::units::spelling::is_like;
use crate::units::{Bytes, Rate};

/// More hosts than are emptied in a row.
const MOST: usize = 1000;
/// Hosts that a message names.
const NAMED: usize = 5;

/// An entry `[[node]]`: what holds for the hosts that are called so.
pub(super) struct NodeEntry {
    place: TextPlace,
    name: String,
    memory: Option<Bytes>,
    vcpus: Option<u32>,
    uplink: Option<Rate>,
    drains: Option<bool>,
    upgrade: Option<Upgrade>,
}

/// Reads an entry.
pub(super) fn entry(section: &mut Section) -> Option<NodeEntry> {
    section.require("name", "\"host-1\"");
    let name = keys::NODE_NAME.read(section);
    let memory = keys::NODE_MEMORY.read(section).map(|found| found.value);
    let vcpus = keys::NODE_VCPUS.read(section).map(|found| found.value);
    let uplink = keys::NODE_UPLINK.read(section).map(|found| found.value);
    let drains = keys::NODE_DRAIN.read(section).map(|found| found.value);
    let upgrade = keys::NODE_UPGRADE.read(section).map(|found| found.value);
    section.finish(|_| None);
    name.map(|name| NodeEntry { place: name.place, name: name.value, memory, vcpus, uplink, drains, upgrade })
}

/// The hosts: those of the entries as they are listed, then those that only guests name. `named` has a guest's host, and
/// where it stands.
pub(super) fn nodes(entries: &[NodeEntry], named: &[FoundValue<String>], faults: &mut Faults) -> Vec<FleetNode> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.name.contains('*')) {
        if places.insert(&entry.name, names.len()).is_some() {
            let title = format!("two hosts are called `{}`", entry.name);
            faults.error(&entry.place, title, "the second is here").help("give each its own name");
        }
        names.push(&entry.name);
    }
    for FoundValue { value, .. } in named {
        places.entry(value).or_insert_with(|| {
            names.push(value);
            names.len() - 1
        });
    }
    for entry in entries.iter().filter(|entry| entry.name.contains('*')) {
        if !names.iter().any(|name| is_like(&entry.name, name)) {
            let title = format!("no host is called `{}`", entry.name);
            let help = match names.split_at(names.len().min(NAMED)) {
                ([], _) => "guests name their hosts by `node`, a table by its column `host`".to_owned(),
                (some, more) => {
                    format!("there are {}{}", some.join(", "), if more.is_empty() { "" } else { " and more" })
                }
            };
            faults.error(&entry.place, title, "no host has these values").help(help);
        }
    }
    if names.len() > MOST {
        let first = entries.first().map(|entry| &entry.place).or(named.first().map(|found| &found.place));
        let title = format!("more than {MOST} hosts");
        faults.error(first.unwrap_or(&TextPlace::NOWHERE), title, "the first is here").help("leave some out");
        return Vec::new();
    }
    let with_guests: HashSet<&str> = named.iter().map(|found| found.value.as_str()).collect();
    let node = |name: &&str| {
        // A name itself comes before one with a star.
        let exact = entries.iter().find(|entry| entry.name == **name);
        let of_it = || exact.into_iter().chain(entries.iter().filter(|entry| is_like(&entry.name, name)));
        FleetNode {
            name: (*name).to_owned(),
            memory: of_it().find_map(|entry| entry.memory),
            vcpus: of_it().find_map(|entry| entry.vcpus),
            uplink: of_it().find_map(|entry| entry.uplink),
            drains: of_it().find_map(|entry| entry.drains).unwrap_or_else(|| with_guests.contains(name)),
            upgrade: of_it().find_map(|entry| entry.upgrade),
        }
    };
    names.iter().map(node).collect()
}
