//! Section `[scheduler]` of a fleet: who is migrated when.

use crate::orchestrator::scheduler::{LinkDivision, QueueOrder, Scheduler, Vsphere};
use crate::units::{Rate, Span};

use super::faults::clip;
use super::reader::{Section, quantity};
use super::schema::shape;
use super::tree::Value;

/// The product, or the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nova,
    Ovirt,
    KubeVirt,
    Proxmox,
    Vsphere,
    Slots,
}

const KINDS: [(&str, Kind); 6] = [
    ("nova", Kind::Nova),
    ("ovirt", Kind::Ovirt),
    ("kubevirt", Kind::KubeVirt),
    ("proxmox", Kind::Proxmox),
    ("vsphere", Kind::Vsphere),
    ("slots", Kind::Slots),
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

/// More at once than any host.
const MOST: u32 = 100_000;
/// The longest wait that is believed: a day.
const LONGEST: Span = Span::from_ms(24 * 3_600_000);

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
        let kind = kind.map_or(Kind::Slots, |found| found.value);
        let mut scheduler = product(kind, section, link);
        if let Some(order) = section.choice("order", &QueueOrder::ALL, &[]) {
            scheduler.order = order.value;
        }
        if let Some(attempts) = section.count("attempts", 1..=1000) {
            scheduler.attempts = attempts.value;
        }
        section.finish(|_| None);
        scheduler
    })
}

fn product(kind: Kind, section: &mut Section, link: Rate) -> Scheduler {
    let mut count = |key, least, default| section.count(key, least..=MOST).map_or(default, |found| found.value);
    match kind {
        Kind::Nova => {
            // 0 is a large pool.
            let slots = match count("max_concurrent_live_migrations", 0, 1) {
                0 => MOST,
                slots => slots,
            };
            Scheduler { slots, ..Scheduler::nova() }
        }
        Kind::Ovirt => {
            let slots = count("max_migrations", 1, 2);
            Scheduler { slots, ..Scheduler::ovirt() }
        }
        Kind::KubeVirt => {
            let cluster = count("parallelMigrationsPerCluster", 1, 5);
            Scheduler::kubevirt(cluster, count("parallelOutboundMigrationsPerNode", 1, 2))
        }
        Kind::Proxmox => Scheduler::proxmox(count("max_workers", 1, 1)),
        Kind::Vsphere => {
            let usual = Vsphere::default();
            let host_limit = count("host-limit", 1, usual.host_limit);
            let vmotion_cost = count("vmotion-cost", 1, usual.vmotion_cost);
            let network_limit = section.count("network-limit", 1..=MOST).map(|found| found.value);
            Scheduler::vsphere(Vsphere { host_limit, vmotion_cost, network_limit }, link)
        }
        Kind::Slots => own(section),
    }
}

fn own(section: &mut Section) -> Scheduler {
    let slots = section.count("slots", 1..=MOST).map_or(1, |found| found.value);
    let bandwidth = bandwidth(section).unwrap_or(LinkDivision::Fair);
    let mut time = |key| section.at_most(key, None, LONGEST).map_or(Span::ZERO, |found| found.value);
    let (requeue, back_off) = (time("requeue"), time("back-off"));
    Scheduler { bandwidth, requeue, back_off, ..Scheduler::slots(slots) }
}

/// A word, or a rate for each.
fn bandwidth(section: &mut Section) -> Option<LinkDivision> {
    section.expect("bandwidth", || shape::one_of([shape::choice(["fair", "split"]), shape::quantity::<Rate>(false)]));
    let node = section.raw("bandwidth")?;
    match &node.value {
        Value::Text(word) if word == "fair" => Some(LinkDivision::Fair),
        Value::Text(word) if word == "split" => Some(LinkDivision::Split),
        Value::Text(word) if !word.starts_with(|first: char| first.is_ascii_digit()) => {
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
            if found.value.0 < 10 {
                let title = format!("`{path}` is too small");
                section
                    .faults
                    .error(&found.place, title, "nothing would be sent")
                    .help("\"fair\", \"split\" or a rate");
                return None;
            }
            Some(LinkDivision::Cap(found.value))
        }
    }
}
