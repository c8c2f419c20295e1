//! Facts of the host in section `[qemu]`: the dirty ring, and what threads and channels can do.

use crate::qemu::levers::{COMPRESS, COMPRESSED_CHANNELS};
use crate::qemu::{Accel, Compression, DirtyLog, QemuConfig, Version};
use crate::units::Pages;

use super::keys;
use super::qemu_params::compression_name;
use super::reader::{FoundValue, Section, fill, list};

/// Entries that KVM takes.
pub(super) const RING: (u32, u32) = (1024, keys::RING_SIZE.form.most);

/// Where the dirty ring is asked for: the accelerator's own option, or the way of logging.
pub(super) fn dirty_ring(
    qemu: &mut Section,
    log: Option<&FoundValue<DirtyLog>>,
    version: Option<&FoundValue<Version>>,
    accel: Option<&FoundValue<Accel>>,
) -> Option<Pages> {
    let found = keys::RING_SIZE.read(qemu)?;
    let path = qemu.path("dirty-ring-size");
    let entries = found.value;
    if entries != 0 && (entries < RING.0 || !entries.is_power_of_two()) {
        let title = format!("`{path}` must be a power of two from {} to {}", RING.0, RING.1);
        qemu.faults.error(&found.place, title, "KVM does not take this").help("write 4096, or 0 for no dirty ring");
        return None;
    }
    if let Some(log) = log.filter(|log| (log.value == DirtyLog::Ring) != (entries != 0)) {
        let title = format!("`{path}` contradicts `dirty-log`");
        let label = if entries == 0 { "no dirty ring" } else { "a dirty ring" };
        qemu.faults
            .error(&found.place, title, label)
            .note(&log.place, "logged in this way")
            .help("remove one of the two");
        return None;
    }
    if entries == 0 {
        return None;
    }
    let since = DirtyLog::Ring.since();
    if let Some(accel) = accel.filter(|accel| accel.value == Accel::Tcg) {
        let title = format!("`{path}` needs KVM");
        qemu.faults
            .error(&found.place, title, "TCG has no dirty ring")
            .note(&accel.place, "the accelerator")
            .help("remove the key");
    } else if let Some(version) = version.filter(|version| version.value < since) {
        let title = format!("`{path}` needs QEMU {since}");
        let fault = qemu.faults.error(&found.place, title, format!("QEMU {} does not have it", version.value));
        if version.place != qemu.place {
            fault.note(&version.place, "the release");
        }
        fault.help(format!("remove the key, or write `version = \"{since}\"` or later"));
    }
    Some(Pages(u64::from(entries)))
}

/// What threads and channels can do; needs everything else to be read.
pub(super) fn threads(qemu: &mut Section, config: &mut QemuConfig) {
    config.host.multifd_channel_bandwidth = keys::CHANNEL_BANDWIDTH.read(qemu).map(|found| found.value);
    fill(&mut config.host.tls_bandwidth, keys::TLS_BANDWIDTH.read(qemu));
    let ratio = keys::COMPRESSION_RATIO.read(qemu);
    let bandwidth = keys::COMPRESSION_BANDWIDTH.read(qemu);
    let method = config.params.multifd_compression;
    let known = if COMPRESSED_CHANNELS.is_on(config) {
        Compression::default_for(method)
    } else if COMPRESS.is_on(config) {
        Some(Compression::ZLIB)
    } else {
        Some(Compression::NONE)
    };
    if known.is_none() {
        figures_missing(qemu, compression_name(method));
    }
    config.host.compression = known.unwrap_or(Compression::NONE);
    fill(&mut config.host.compression.ratio, ratio);
    fill(&mut config.host.compression.bandwidth, bandwidth);
}

/// Complains that nothing is known of a compression, unless its figures are given.
fn figures_missing(qemu: &mut Section, method: &str) {
    let keys = ["compression-ratio", "compression-bandwidth"];
    let missing: Vec<&str> = keys.into_iter().filter(|key| !qemu.has(key)).collect();
    let entry = qemu.peek(COMPRESSED_CHANNELS.name);
    if let (Some(entry), false) = (entry, missing.is_empty()) {
        let title = format!("`{}` needs {}", qemu.path(COMPRESSED_CHANNELS.name), list(missing));
        let label = format!("no published figures for `{method}`");
        qemu.faults.error(&entry.node.place, title, label).help("give what your hardware does with your guests");
    }
}
