//! Whether what section `[qemu]` switches on goes together, is simulated, and has an effect.

use crate::qemu::levers::{self, Conflict, QemuLever};
use crate::qemu::{OPTIONS, QemuConfig, Version};

use super::diagnostic::DiagnosticKind;
use super::reader::Section;
use super::tree::Entry;

/// Levers, what is missing while they are off, and the facts of the host that then do nothing; options of QEMU say by
/// themselves what they need.
const IDLE: &[(QemuLever, &str, &[&str])] = &[
    (levers::AUTO_CONVERGE, "nothing is throttled", &[]),
    (levers::DIRTY_LIMIT, "no vCPU is limited", &[]),
    (levers::XBZRLE, "there is no cache", &[]),
    (levers::COMPRESS, "nothing is compressed", &[]),
    (levers::MULTIFD, "there are no channels", &["machine-type", "multifd-channel-bandwidth"]),
    (levers::POSTCOPY_RAM, "there is no post-copy", &[]),
    (levers::TLS, "nothing is encrypted", &["tls-bandwidth"]),
];
/// Decides what a hit is, for `dirty-limit` as well.
const TRIGGER: &str = "throttle-trigger-threshold";
/// Keys that need some compression, whichever.
const COMPRESSION: [&str; 2] = ["compression-ratio", "compression-bandwidth"];
/// Levels of compression, all 1 by default.
const LEVELS: [&str; 4] = ["compress-level", "multifd-zlib-level", "multifd-zstd-level", "multifd-qatzip-level"];

/// Complains about levers that QEMU or this simulator refuses, and warns of keys without effect.
///
/// `version` is where the release is named, if it is.
pub(super) fn check(qemu: &mut Section, config: &QemuConfig, version: Option<&Entry>) {
    for conflict in config.conflicts() {
        match conflict {
            Conflict::Excludes(one, other) => exclude(qemu, one, other, config.version, version),
            Conflict::Needs(lever, needs) => need(qemu, lever, needs),
        }
    }
    for lever in config.not_simulated() {
        // One complaint about a key is enough.
        let known = |entry: &&Entry| qemu.faults.errors.iter().any(|fault| entry.place.is_that_of(fault));
        if let Some(entry) = qemu.peek(lever.name).filter(|entry| !known(entry)) {
            let title = format!("`{}` is not modelled by this version of precopy yet", qemu.path(lever.name));
            qemu.faults
                .error(&entry.place, title, "has no effect here")
                .help("remove it; without it the migration is simulated as if QEMU had it off");
        }
    }
    for (lever, missing, facts) in IDLE.iter().filter(|(lever, ..)| !lever.is_on(config)) {
        let works = |key: &&str| *key == TRIGGER && levers::DIRTY_LIMIT.is_on(config);
        let options = OPTIONS.iter().filter(|option| option.needs == Some(lever.name)).map(|option| option.name);
        let keys: Vec<&str> = options.chain(facts.iter().copied()).filter(|key| !works(key)).collect();
        idle(qemu, *lever, missing, &keys);
    }
    if !levers::COMPRESSED_CHANNELS.is_on(config) && !levers::COMPRESS.is_on(config) {
        no_compression(qemu);
    } else if !qemu.has("compression-bandwidth") {
        unknown_level(qemu);
    }
}

/// Both are in the file, because both are off unless they are asked for.
fn exclude(qemu: &mut Section, one: QemuLever, other: QemuLever, release: Version, version: Option<&Entry>) {
    let (Some(first), Some(second)) = (qemu.peek(one.name), qemu.peek(other.name)) else { return };
    let title = format!("`{}` and `{}` exclude one another", qemu.path(one.name), qemu.path(other.name));
    let fault = qemu
        .faults
        .error(&first.place, title, format!("QEMU {release} refuses this pair"))
        .note(&second.place, "together with this")
        .help("remove one of the two");
    if let Some(version) = version {
        fault.note(&version.node.place, "the release");
    }
}

fn need(qemu: &mut Section, lever: QemuLever, needs: QemuLever) {
    let Some(found) = qemu.peek(lever.name) else { return };
    let title = format!("`{}` needs `{}`", qemu.path(lever.name), needs.name);
    let off = qemu.peek(needs.name);
    let verb = if off.is_some() { "write" } else { "add" };
    let help = format!("QEMU refuses it alone; {verb} `{} = {}`, or remove this key", needs.name, needs.value);
    let fault = qemu.faults.error(&found.place, title, format!("`{}` is off", needs.name)).help(help);
    if let Some(off) = off {
        fault.note(&off.place, "off here");
    }
}

fn idle(qemu: &mut Section, lever: QemuLever, missing: &str, keys: &[&str]) {
    let set: Vec<&Entry> = qemu.entries().iter().filter(|entry| keys.contains(&entry.key.as_str())).collect();
    let Some((first, others)) = set.split_first() else { return };
    let off = qemu.peek(lever.name);
    let title = format!("`{}` has no effect", qemu.path(&first.key));
    let label = format!("`{}` is off, so {missing}", lever.name);
    let verb = if off.is_some() { "write" } else { "add" };
    let these = if others.is_empty() { "this key" } else { "these keys" };
    let help = format!("{verb} `{} = {}`, or remove {these}", lever.name, lever.value);
    let path = qemu.path(&first.key);
    let fault = qemu.faults.warn(&first.place, title, label).means(DiagnosticKind::WithoutEffect(path)).help(help);
    for other in others {
        fault.note(&other.place, "nor has this");
    }
    if let Some(off) = off {
        fault.note(&off.place, "off here");
    }
}

fn no_compression(qemu: &mut Section) {
    for found in qemu.entries().iter().filter(|entry| COMPRESSION.contains(&entry.key.as_str())) {
        let title = format!("`{}` has no effect", qemu.path(&found.key));
        qemu.faults.warn(&found.place, title, "nothing is compressed").help("remove the key");
    }
}

/// A level says nothing about speed and ratio on the user's host.
fn unknown_level(qemu: &mut Section) {
    for found in qemu.entries().iter().filter(|entry| LEVELS.contains(&entry.key.as_str())) {
        let title = format!("`{}` has no effect", qemu.path(&found.key));
        qemu.faults
            .warn(&found.place, title, "the figures assumed for compression are those of level 1")
            .help("give `compression-ratio` and `compression-bandwidth` for this level");
    }
}
