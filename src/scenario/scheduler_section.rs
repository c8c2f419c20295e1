//! Section `[scheduler]` of a fleet: who is migrated when.

use crate::orchestrator::Product;
use crate::orchestrator::scheduler::{KubeVirtLimits, LinkDivision, QueueOrder, Scheduler, Vsphere};
use crate::units::Rate;
use crate::units::parse::Quantity;

use super::faults::clip;
use super::keys;
use super::reader::{Section, quantity};
use super::shape;
use super::tree::{Entry, Table, TomlValue};

/// The product, or the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SchedulerKind {
    Nova,
    Ovirt,
    KubeVirt,
    OpenShift,
    Harvester,
    Proxmox,
    Vsphere,
    Slots,
}

const KINDS: [(&str, SchedulerKind); 8] = [
    ("nova", SchedulerKind::Nova),
    ("ovirt", SchedulerKind::Ovirt),
    ("kubevirt", SchedulerKind::KubeVirt),
    ("openshift", SchedulerKind::OpenShift),
    ("harvester", SchedulerKind::Harvester),
    ("proxmox", SchedulerKind::Proxmox),
    ("vsphere", SchedulerKind::Vsphere),
    ("slots", SchedulerKind::Slots),
];

/// Every scheduler that can be named, as `kind` spells it.
pub const SCHEDULERS: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KINDS[at].0;
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
        let kind = section.choice("kind", &KINDS, &[]);
        if kind.is_none() && section.has("kind") {
            return Scheduler::slots(1); // Which keys belong here is not known.
        }
        let kind = kind.map_or(SchedulerKind::Slots, |found| found.value);
        let mut scheduler = product(kind, section, link);
        if let Some(order) = section.choice("order", &QueueOrder::ALL, &[]) {
            scheduler.order = order.value;
        }
        if let Some(attempts) = keys::ATTEMPTS.read(section) {
            scheduler.attempts = attempts.value;
        }
        section.finish(|_| None);
        scheduler
    })
}

fn product(kind: SchedulerKind, section: &mut Section, link: Rate) -> Scheduler {
    match kind {
        SchedulerKind::Nova => {
            let slots = match keys::NOVA_SLOTS.value(section) {
                0 => keys::NOVA_SLOTS.most,
                slots => slots,
            };
            Scheduler { slots, ..Scheduler::nova() }
        }
        SchedulerKind::Ovirt => Scheduler { slots: keys::OVIRT_SLOTS.value(section), ..Scheduler::ovirt() },
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

/// Where the scheduler is named, if it is that of a product that has rules while a guest migrates, too: `[orchestrator]`
/// would name them in the same words.
pub(super) fn names_product(fleet: &Table) -> Option<(&Entry, &'static Product)> {
    let TomlValue::Table(section) = &fleet.get("scheduler")?.node.value else { return None };
    let kind = section.get("kind")?;
    let TomlValue::Text(name) = &kind.node.value else { return None };
    let product = Product::find(name).filter(|_| SCHEDULERS.contains(&name.as_str()))?;
    Some((kind, product))
}

fn own(section: &mut Section) -> Scheduler {
    let slots = keys::SLOTS.value(section);
    let bandwidth = bandwidth(section).unwrap_or(LinkDivision::Fair);
    let (requeue, back_off) = (keys::REQUEUE.value(section), keys::BACK_OFF.value(section));
    Scheduler { bandwidth, requeue, back_off, ..Scheduler::slots(slots) }
}

/// A word, or a rate for each.
fn bandwidth(section: &mut Section) -> Option<LinkDivision> {
    section.expect("bandwidth", Rate::FIGURE, || {
        shape::one_of([shape::choice(["fair", "split"]), shape::quantity::<Rate>(false)])
    });
    let node = section.raw("bandwidth")?;
    match &node.value {
        TomlValue::Text(word) if word == "fair" => Some(LinkDivision::Fair),
        TomlValue::Text(word) if word == "split" => Some(LinkDivision::Split),
        TomlValue::Text(word) if !word.starts_with(|first: char| first.is_ascii_digit()) => {
            let title = format!("`{}` cannot be `{}`", section.path("bandwidth"), clip(word));
            section
                .faults
                .error(&node.place, title, "no such choice")
                .help("one of `fair`, `split` and a rate for each");
            None
        }
        _ => {
            let path = section.path("bandwidth");
            let found = quantity::<Rate>(&path, node, None, section.faults)?;
            let admitted = keys::SLOT_BANDWIDTH.admits(&path, &found, section.faults);
            admitted.then_some(LinkDivision::Cap(found.value))
        }
    }
}
