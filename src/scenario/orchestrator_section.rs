//! Section `[orchestrator]`: which product is above QEMU, and how it is set.

use std::path::Path;

use crate::link::Link;
use crate::orchestrator::{Layer, Policy, Stack};
use crate::qemu::levers::Conflict;
use crate::qemu::{Config, Libvirt, MigrationOption, OPTIONS, Version};
use crate::units::{Bytes, Rate, Time};

use super::diagnostic::Kind;
use super::products::{self, Product};
use super::reader::{Found, Section, list};
use super::rules_section;
use super::tree::{Entry, Table, Value};

/// What a product must know of the rest of the scenario.
pub(super) struct Around<'a> {
    /// The guest's memory.
    pub memory: Bytes,
    /// The link at the start.
    pub link: Rate,
    /// Where the scenario's file lies.
    pub folder: &'a Path,
}

/// The layer above QEMU.
#[derive(Clone, Debug, Default)]
pub(super) struct Above {
    /// QEMU as it sets it up; `None` if section `[qemu]` is wrong.
    pub qemu: Option<Config>,
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
    mut qemu: Option<Config>,
    folder: &Path,
) -> Above {
    if top.raw("orchestrator").is_none() {
        return Above { qemu, ..Above::default() };
    }
    let by_hand = match top.raw("qemu").map(|node| &node.value) {
        Some(Value::Table(table)) => table.clone(),
        _ => Table::default(),
    };
    let around =
        Around { memory: memory.unwrap_or(Bytes(0)), link: link.map_or(Rate(0), |link| link.at(Time::ZERO).0), folder };
    let mut sets_bandwidth = false;
    let (policy, layer) = top.section("orchestrator", |section| {
        // Whose keys the others are cannot be said without it.
        let Some(kind) = section.choice("kind", &products::KINDS, &[]) else {
            if !section.has("kind") {
                let (place, kinds) = (section.place.clone(), products::KINDS.iter().map(|(name, _)| *name));
                let help = format!("add `kind = \"nova\"`, or another one of {}", list(kinds));
                section.faults.error(&place, "`orchestrator.kind` is missing", "no `kind` in this section").help(help);
            }
            return (None, Layer::default());
        };
        let read = match kind.value {
            Product::None => {
                section.finish(|_| None);
                None
            }
            Product::Rules => {
                let default = qemu.as_ref().map(|config| config.params.downtime_limit);
                let forces_post_copy = qemu.as_ref().is_some_and(|config| config.capabilities.postcopy_ram);
                let policy = rules_section::read(section, default);
                policy.map(|policy| (Policy { forces_post_copy, ..policy }, Stack::default()))
            }
            _ => products::read(&kind, section, &around),
        };
        let Some((policy, stack)) = read else { return (None, Layer::default()) };
        sets_bandwidth = stack.max_bandwidth.is_some();
        if let Some(config) = &mut qemu {
            // Whoever writes rules knows when they change the limit.
            let own_limit = kind.value != Product::Rules && policy.sets_downtime();
            set_up(section, &kind, &stack, own_limit, config, &by_hand);
        }
        (Some(policy), stack.layer)
    });
    Above { qemu, policy, layer, sets_bandwidth }
}

/// Sets QEMU up as the product would, and says where `[qemu]` asked for something else.
fn set_up(
    section: &mut Section,
    kind: &Found<Product>,
    stack: &Stack,
    own_limit: bool,
    config: &mut Config,
    by_hand: &Table,
) {
    let name = products::name(kind.value);
    let clashed = config.conflicts().count();
    for option in apply(stack, config).into_iter().chain(own_limit.then_some("downtime-limit")) {
        let Some(entry) = by_hand.get(option) else { continue };
        let title = format!("`qemu.{option}` is not used");
        let label = format!("{name} sets it by itself");
        section
            .faults
            .warn(&entry.place, title, label)
            .means(Kind::Overridden(format!("qemu.{option}")))
            .note(&kind.place, "the orchestrator")
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
    for name_of in switched_on(stack) {
        if !exists(name_of, version) {
            let title = format!("{name} would switch on `{name_of}`, which QEMU {version} does not have");
            let help = format!("take another `qemu.version`, or switch it off in {name}'s own options");
            section.faults.error(&kind.place, title, format!("as {name} is set here")).help(help);
        }
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
        section.faults.error(&kind.place, title, format!("as {name} is set here")).help(help);
    }
}

fn is_unknown_to_libvirt(entry: &Entry) -> bool {
    MigrationOption::find(&entry.key).is_some_and(|option| option.libvirt == Libvirt::Unknown)
}

fn exists(name: &str, version: Version) -> bool {
    MigrationOption::find(name).is_some_and(|option| option.exists_in(version))
}

/// The capabilities that a product switches on.
fn switched_on(stack: &Stack) -> impl Iterator<Item = &'static str> {
    let on = |switch: Option<bool>| switch == Some(true);
    [
        ("auto-converge", on(stack.auto_converge)),
        ("postcopy-ram", on(stack.postcopy_ram)),
        ("xbzrle", on(stack.xbzrle)),
        ("compress", on(stack.compress)),
        ("multifd", stack.multifd_channels.is_some_and(|channels| channels > 0)),
        ("zero-copy-send", on(stack.zero_copy_send)),
    ]
    .into_iter()
    .filter_map(|(name, on)| on.then_some(name))
}

/// The options that this changes.
fn apply(stack: &Stack, config: &mut Config) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let (caps, params) = (&mut config.capabilities, &mut config.params);
    let channels = stack.multifd_channels;
    let mut take = Taker { changed: &mut changed };
    take.set("auto-converge", &mut caps.auto_converge, stack.auto_converge);
    take.set("postcopy-ram", &mut caps.postcopy_ram, stack.postcopy_ram);
    let return_path = stack.return_path.filter(|_| exists("return-path", config.version));
    take.set("return-path", &mut caps.return_path, return_path);
    take.set("xbzrle", &mut caps.xbzrle, stack.xbzrle);
    take.set("compress", &mut caps.compress, stack.compress);
    take.set("multifd", &mut caps.multifd, channels.map(|channels| channels > 0));
    take.set("zero-copy-send", &mut caps.zero_copy_send, stack.zero_copy_send);
    take.set("multifd-channels", &mut params.multifd_channels, channels.filter(|channels| *channels > 0));
    take.set("cpu-throttle-initial", &mut params.cpu_throttle_initial, stack.cpu_throttle_initial);
    take.set("cpu-throttle-increment", &mut params.cpu_throttle_increment, stack.cpu_throttle_increment);
    take.set("xbzrle-cache-size", &mut params.xbzrle_cache_size, stack.xbzrle_cache_size);
    take.set("max-bandwidth", &mut params.max_bandwidth, stack.max_bandwidth);
    take.set("max-postcopy-bandwidth", &mut params.max_postcopy_bandwidth, stack.max_postcopy_bandwidth);
    changed
}

struct Taker<'a> {
    changed: &'a mut Vec<&'static str>,
}

impl Taker<'_> {
    fn set<T: PartialEq>(&mut self, option: &'static str, target: &mut T, value: Option<T>) {
        if let Some(value) = value.filter(|value| value != target) {
            *target = value;
            self.changed.push(option);
        }
    }
}

/// Words for the help of a parameter that libvirt cannot change.
pub(super) fn changeable() -> String {
    let names = OPTIONS.iter().filter(|option| option.libvirt == Libvirt::Live).map(|option| option.name);
    format!("libvirt changes {} while a migration runs", list(names))
}
