//! Section `[scheduler]` of a fleet: who is migrated when.

use crate::orchestrator::Product;
use crate::orchestrator::scheduler::{KubeVirtLimits, Scheduler, Vsphere};
use crate::units::Rate;

use super::keys;
use super::reader::Section;
use super::tree::{Entry, Node, Table, TomlValue};
use super::words::SchedulerKind;

/// Every scheduler that can be named, as `kind` spells it.
pub const SCHEDULERS: [&str; SchedulerKind::WORDS.len()] = {
    let mut names = [""; SchedulerKind::WORDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = SchedulerKind::WORDS[at].0;
        at += 1;
    }
    names
};

/// Reads the section, for a link of that speed at the start; without it, guests go one at a time.
pub(super) fn read(top: &mut Section, link: Rate) -> Scheduler {
    if top.raw("scheduler").is_none() {
        return Scheduler::slots(1);
    }
    top.section("scheduler", |section| {
        section.require("kind", "\"nova\"");
        let kind = keys::SCHEDULER_KIND.read(section);
        if kind.is_none() && section.has("kind") {
            return Scheduler::slots(1); // Which keys belong here is not known.
        }
        let kind = kind.map_or(SchedulerKind::Slots, |found| found.value);
        let mut scheduler = product(kind, section, link);
        if let Some(order) = keys::ORDER.read(section) {
            scheduler.order = order.value;
        }
        if let Some(attempts) = keys::ATTEMPTS.read(section) {
            scheduler.attempts = attempts.value;
        }
        scheduler.hosts = keys::HOSTS_AT_ONCE.value(section);
        section.finish(|_| None);
        scheduler
    })
}

fn product(kind: SchedulerKind, section: &mut Section, link: Rate) -> Scheduler {
    match kind {
        SchedulerKind::Nova => {
            let slots = match keys::NOVA_SLOTS.value(section) {
                0 => keys::NOVA_SLOTS.form.most,
                slots => slots,
            };
            Scheduler { slots, ..Scheduler::nova() }
        }
        SchedulerKind::Ovirt => Scheduler::ovirt(keys::OVIRT_SLOTS.value(section)),
        SchedulerKind::KubeVirt => kubevirt(&KubeVirtLimits::KUBEVIRT, section),
        SchedulerKind::OpenShift => kubevirt(&KubeVirtLimits::OPENSHIFT, section),
        SchedulerKind::Harvester => kubevirt(&KubeVirtLimits::HARVESTER, section),
        SchedulerKind::Proxmox => Scheduler::proxmox(keys::PROXMOX_SLOTS.value(section)),
        SchedulerKind::Vsphere => {
            let limits = Vsphere {
                host_limit: keys::VSPHERE_HOST.value(section),
                vmotion_cost: keys::VSPHERE_COST.value(section),
                network_limit: keys::VSPHERE_NETWORK.read(section).map(|found| found.value),
            };
            Scheduler::vsphere(limits, link)
        }
        SchedulerKind::Slots => own(section),
    }
}

/// KubeVirt, as somebody ships it.
fn kubevirt(usual: &KubeVirtLimits, section: &mut Section) -> Scheduler {
    let cluster = keys::KUBEVIRT_CLUSTER.read(section).map_or(usual.per_cluster, |found| found.value);
    let node = keys::KUBEVIRT_NODE.read(section).map_or(usual.outbound_per_node, |found| found.value);
    Scheduler::kubevirt(&KubeVirtLimits { per_cluster: cluster, outbound_per_node: node, ..*usual })
}

/// What makes so many migrations at a time of a product's scheduler, as `--set` takes it; none where no key of its own says so alone.
pub fn slots_sets(now: &Scheduler, slots: u32) -> Vec<String> {
    let keys: &[&str] = match now.name {
        "nova" => &[keys::NOVA_SLOTS.path],
        "ovirt" => &[keys::OVIRT_SLOTS.path],
        "kubevirt" | "openshift" | "harvester" => &[keys::KUBEVIRT_NODE.path, keys::KUBEVIRT_CLUSTER.path],
        "proxmox" => &[keys::PROXMOX_SLOTS.path],
        _ => &[],
    };
    // The cluster's number is large enough for fewer than now.
    let is_needed = |key: &&&str| **key != keys::KUBEVIRT_CLUSTER.path || slots > now.slots;
    keys.iter().filter(is_needed).map(|key| format!("{key}={slots}")).collect()
}

/// Where the scheduler is named, if it is that of a product that has rules while a guest migrates, too: `[orchestrator]`
/// would name them in the same words.
pub(super) fn names_product(fleet: &Table) -> Option<(&Entry, &'static Product)> {
    let TomlValue::Table(section) = &fleet.get("scheduler")?.node.value else { return None };
    let kind = section.get("kind")?;
    let TomlValue::Text(name) = &kind.node.value else { return None };
    let product = Product::find(name).filter(|_| SCHEDULERS.contains(&name.as_str()))?;
    Some((kind, product))
}

/// Names whose rules hold while a guest migrates, by the scheduler's `kind`, unless that is named already; whether it was
/// not.
pub(super) fn name_rules(table: &mut Table, kind: &Entry) -> bool {
    let named = table.entries.iter_mut().find(|entry| entry.key == "orchestrator");
    match named.map(|entry| &mut entry.node.value) {
        Some(TomlValue::Table(section)) if section.get("kind").is_none() => section.put(kind.clone()),
        Some(_) => return false,
        None => {
            let value = TomlValue::Table(Table { entries: vec![kind.clone()] });
            let node = Node { place: kind.node.place.clone(), value };
            table.put(Entry { key: "orchestrator".to_owned(), place: kind.place.clone(), node })
        }
    };
    true
}

fn own(section: &mut Section) -> Scheduler {
    let slots = keys::SLOTS.value(section);
    let bandwidth = keys::SLOT_BANDWIDTH.value(section);
    let (requeue, back_off) = (keys::REQUEUE.value(section), keys::BACK_OFF.value(section));
    Scheduler { bandwidth, requeue, back_off, ..Scheduler::slots(slots) }
}
