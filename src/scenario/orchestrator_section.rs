//! Section `[orchestrator]`: which product is above QEMU, and how it is set.

use std::path::Path;

use crate::link::Link;
use crate::orchestrator::{Around, Layer, OptionValue as Setting, PRODUCTS, Policy, Product, Set, Stack, Tunnel};
use crate::qemu::levers::Conflict;
use crate::qemu::{
    LibvirtSupport, MigrationOption, MultifdCompression, OPTIONS, QemuConfig, QemuForm, Slot, Transport,
};
use crate::units::{Bytes, Time};

use super::diagnostic;
use super::product_section;
use super::reader::{FoundValue, Section, list};
use super::rules_section;
use super::tree::{Entry, Table, TextPlace, TomlValue};

/// What `kind` names.
#[derive(Clone, Copy)]
enum AboveKind {
    Nobody,
    Product(&'static Product),
    Rules,
}

/// Every kind.
fn kinds() -> Vec<(&'static str, AboveKind)> {
    let products = PRODUCTS.iter().map(|product| (product.kind, AboveKind::Product(product)));
    [("none", AboveKind::Nobody)].into_iter().chain(products).chain([("rules", AboveKind::Rules)]).collect()
}

/// The layer above QEMU.
#[derive(Clone, Debug, Default)]
pub(super) struct Above {
    /// QEMU as it sets it up; `None` if section `[qemu]` is wrong.
    pub qemu: Option<QemuConfig>,
    /// Its rules; `None` where nobody is there.
    pub policy: Option<Policy>,
    /// Through whom it talks.
    pub layer: Layer,
    /// Whether it sets `max-bandwidth`, be it to what QEMU has.
    pub sets_bandwidth: bool,
}

/// Reads the section, and lets the product set QEMU up as it would.
pub(super) fn read(
    top: &mut Section,
    memory: Option<Bytes>,
    link: Option<&Link>,
    mut qemu: Option<QemuConfig>,
    folder: &Path,
) -> Above {
    if top.raw("orchestrator").is_none() {
        return Above { qemu, ..Above::default() };
    }
    let by_hand = match top.raw("qemu").map(|node| &node.value) {
        Some(TomlValue::Table(table)) => table.clone(),
        _ => Table::default(),
    };
    let around =
        Around { memory: memory.unwrap_or(Bytes(0)), link: link.map(|link| link.at(Time::ZERO).0).unwrap_or_default() };
    let mut sets_bandwidth = false;
    let (policy, layer) = top.section("orchestrator", |section| {
        // Its settings stand here already, and the key is one of the section's all the same.
        let _ = section.text("file");
        // Whose keys the others are cannot be said without it.
        let kinds = kinds();
        let Some(kind) = section.choice("kind", &kinds, &[]) else {
            if !section.has("kind") {
                let place = section.place.clone();
                let names = list(kinds.iter().map(|(name, _)| *name));
                let help = format!("add `kind = \"nova\"`, or another one of {names}");
                section.faults.error(&place, "`orchestrator.kind` is missing", "no `kind` in this section").help(help);
            }
            return (None, Layer::default());
        };
        let (name, read) = match kind.value {
            AboveKind::Nobody => {
                section.finish(|_| None);
                ("none", None)
            }
            AboveKind::Rules => {
                let default = qemu.as_ref().map(|config| config.params.downtime_limit);
                let forces_post_copy = qemu.as_ref().is_some_and(|config| config.capabilities.postcopy_ram);
                let policy = rules_section::read(section, default);
                ("rules", policy.map(|policy| (Policy { forces_post_copy, ..policy }, Stack::default())))
            }
            AboveKind::Product(product) => {
                let found = FoundValue { value: product, place: kind.place.clone(), bare: false };
                (product.kind, product_section::read(&found, section, &around, folder))
            }
        };
        let Some((policy, stack)) = read else { return (None, Layer::default()) };
        sets_bandwidth = stack.value("max-bandwidth").is_some();
        if let Some(config) = &mut qemu {
            // Whoever writes rules knows when they change the limit.
            let own_limit = matches!(kind.value, AboveKind::Product(_)) && policy.sets_downtime();
            set_up(section, (name, &kind.place), &stack, own_limit, config, &by_hand);
        }
        (Some(policy), stack.layer)
    });
    Above { qemu, policy, layer, sets_bandwidth }
}

/// Sets QEMU up as the product would, and says where `[qemu]` asked for something else.
fn set_up(
    section: &mut Section,
    (name, place): (&str, &TextPlace),
    stack: &Stack,
    own_limit: bool,
    config: &mut QemuConfig,
    by_hand: &Table,
) {
    let clashed = config.conflicts().count();
    let transport = stack.tunnel.map(|tunnel| match tunnel {
        // Its address decides, not the product.
        Tunnel::Direct if config.transport == Transport::Rdma => Transport::Rdma,
        Tunnel::Direct => Transport::Tcp,
        Tunnel::Ssh => Transport::Ssh,
        Tunnel::Libvirt => Transport::LibvirtTunnel,
    });
    let other_way = transport.filter(|transport| *transport != config.transport).map(|_| "transport");
    config.transport = transport.unwrap_or(config.transport);
    let set = apply(stack, config).into_iter().chain(own_limit.then_some("downtime-limit")).chain(other_way);
    for option in set {
        let Some(entry) = by_hand.get(option) else { continue };
        let title = format!("`qemu.{option}` is not used");
        let label = format!("{name} sets it by itself");
        section
            .faults
            .warn(&entry.place, title, label)
            .means(diagnostic::DiagnosticKind::Overridden(format!("qemu.{option}")))
            .note(place, "the orchestrator")
            .help(format!("set {name}'s own option in `[orchestrator]`, and remove this key"));
    }
    if stack.layer == Layer::Libvirt {
        for entry in by_hand.entries.iter().filter(|entry| is_unknown_to_libvirt(entry)) {
            let title = format!("{name} cannot set `qemu.{}`", entry.key);
            section
                .faults
                .warn(&entry.place, title, "libvirt has no flag for it")
                .help("it is simulated as if an operator had set it past libvirt");
        }
    }
    let version = config.version;
    for option in switched_on(stack).filter(|option| !option.exists_in(version)) {
        let title = format!("{name} would switch on `{}`, which QEMU {version} does not have", option.name);
        let help = format!("take another `qemu.version`, or switch it off in {name}'s own options");
        section.faults.error(place, title, format!("as {name} is set here")).help(help);
    }
    if clashed > 0 {
        return; // Section `[qemu]` has said so.
    }
    for conflict in config.conflicts() {
        let (title, help) = match conflict {
            Conflict::Excludes(one, other) => (
                format!("{name} would switch on `{}` together with `{}`", one.name, other.name),
                format!(
                    "QEMU {} refuses this pair; take a newer `qemu.version`, or switch one of them off",
                    config.version
                ),
            ),
            Conflict::Needs(one, other) => (
                format!("{name} would switch on `{}` without `{}`", one.name, other.name),
                format!("QEMU {} refuses that", config.version),
            ),
        };
        section.faults.error(place, title, format!("as {name} is set here")).help(help);
    }
}

fn is_unknown_to_libvirt(entry: &Entry) -> bool {
    MigrationOption::find(&entry.key).is_some_and(|option| option.libvirt == LibvirtSupport::Unknown)
}

/// The capabilities that a product insists on.
fn switched_on(stack: &Stack) -> impl Iterator<Item = &'static MigrationOption> {
    let on = stack.sets.iter().filter(|set| set.value == Setting::Switch(true) && !set.is_wish);
    on.filter_map(|set| MigrationOption::find(set.option))
}

/// Sets QEMU up, and tells which options that changed.
fn apply(stack: &Stack, config: &mut QemuConfig) -> Vec<&'static str> {
    let (wishes, musts): (Vec<&Set>, Vec<&Set>) = stack.sets.iter().partition(|set| set.is_wish);
    let must = musts.into_iter().filter(|set| change(set, config)).map(|set| set.option).collect::<Vec<_>>();
    let exists =
        |set: &&Set, version| MigrationOption::find(set.option).is_some_and(|option| option.exists_in(version));
    let granted = wishes.into_iter().filter(|wish| exists(wish, config.version) && grant(wish, config));
    must.into_iter().chain(granted.map(|set| set.option).collect::<Vec<_>>()).collect()
}

/// Switches an option on, or off where QEMU refuses it beside the others; whether that changed anything.
fn grant(wish: &Set, config: &mut QemuConfig) -> bool {
    let mut tried = config.clone();
    let changes = change(wish, &mut tried);
    if tried.conflicts().count() > config.conflicts().count() {
        return change(&Set { value: Setting::Switch(false), ..wish.clone() }, config);
    }
    *config = tried;
    changes
}

/// Sets one option; whether that changed anything.
fn change(Set { option, value, .. }: &Set, config: &mut QemuConfig) -> bool {
    fn put<T: PartialEq>(slot: &Slot<T>, config: &mut QemuConfig, value: T) -> bool {
        let changes = *slot.get(config) != value;
        slot.set(config, value);
        changes
    }
    let form = MigrationOption::find(option).map(|option| &option.form);
    match (form, value) {
        (Some(QemuForm::Capability(slot) | QemuForm::Switch(slot)), Setting::Switch(on)) => put(slot, config, *on),
        // The cast loses nothing: products have QEMU's own bounds.
        (Some(QemuForm::Percent(slot, _) | QemuForm::Count(slot, _)), Setting::Number(number)) => {
            put(slot, config, *number as u8)
        }
        (Some(QemuForm::BandwidthLimit(slot) | QemuForm::SwitchoverBandwidth(slot)), Setting::Rate(rate)) => {
            put(slot, config, *rate)
        }
        (Some(QemuForm::CacheSize(slot)), Setting::Size(size)) => put(slot, config, *size),
        (Some(QemuForm::Compression(slot)), Setting::Word(word)) => {
            let method = MultifdCompression::WORDS.iter().find(|(name, _)| name == word);
            method.is_some_and(|(_, method)| put(slot, config, *method))
        }
        _ => unreachable!("QEMU's `{option}` cannot be {value:?}"),
    }
}

/// Words for the help of a parameter that libvirt cannot change.
pub(super) fn changeable() -> String {
    let names = OPTIONS.iter().filter(|option| option.libvirt == LibvirtSupport::Live).map(|option| option.name);
    format!("libvirt changes {} while a migration runs", list(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orchestrator;
    use crate::qemu::{Accel, Version};

    #[test]
    fn whatever_a_product_sets_qemu_takes() {
        for product in PRODUCTS {
            let most = |option: &orchestrator::ProductOption| match &option.form {
                orchestrator::OptionForm::Switch => Some(Setting::Switch(true)),
                orchestrator::OptionForm::Count(_, range) => {
                    Some(Setting::Number(range.start().max(&2).to_owned().into()))
                }
                orchestrator::OptionForm::Percent(range) => Some(Setting::Number(range.start().to_owned().into())),
                orchestrator::OptionForm::Factor(range) => Some(Setting::Factor(*range.start())),
                orchestrator::OptionForm::Size => Some(Setting::Size(Bytes::GIB)),
                _ => None,
            };
            let values = (product.options)().into_iter().map(|(option, _)| most(option)).collect();
            let around = Around { memory: Bytes::GIB, ..Around::default() };
            let stack = (product.set_up)(values, &around).stack;
            let mut config = QemuConfig::defaults(Version::NEWEST, Accel::Kvm, Bytes::GIB);
            apply(&stack, &mut config);
            assert_eq!(apply(&stack, &mut config), Vec::<&str>::new(), "{}: all is set the first time", product.kind);
        }
    }
}
