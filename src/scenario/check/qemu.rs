//! Whether a QEMU can be: options that its release has, within QEMU's own bounds.

use crate::qemu::levers::Conflict;
use crate::qemu::{
    Accel, DirtyLog, MigrationOption, OPTIONS, Profile, QemuConfig, QemuForm, Throttle, Version, xbzrle,
};
use crate::units::{Bytes, Pages, Rate, Span};

use super::super::keys;
use super::super::qemu_host::RING;
use super::fault::{Findings, Wrong};

/// One MiB/s, the grain of dirty rates.
const MIB: u64 = 1 << 20;

/// Checks the release, then one option after the other, then what they are together.
pub(super) fn check(qemu: &QemuConfig, found: &mut Findings) {
    let key = |name: &str| format!("qemu.{name}");
    let release = qemu.version;
    found.unless(Version::all().any(|known| known == release), || Wrong::Lacks(release).of(key("version")));
    let has_machine = qemu.machine_type <= release && Version::all().any(|known| known == qemu.machine_type);
    found.unless(has_machine, || Wrong::Lacks(release).of(key("machine-type")));
    let has_log =
        qemu.dirty_log.since() <= release && (qemu.accel == Accel::Kvm || qemu.dirty_log == DirtyLog::Classic);
    found.unless(has_log, || Wrong::Lacks(release).of(key("dirty-log")));
    // What a release has not asked for stands at a default, its own or that of a release which has the option.
    let defaults = [release, Version::NEWEST].map(|release| QemuConfig::defaults(release, qemu.accel, Bytes(0)));
    for option in OPTIONS {
        let untouched = defaults.iter().any(|defaults| option.is_equal(qemu, defaults));
        match option.exists_in(release) {
            true => value(option, qemu, found),
            false => found.unless(untouched, || Wrong::Lacks(release).of(key(option.name))),
        }
    }
    let (initial, most) = (qemu.params.cpu_throttle_initial, qemu.params.max_cpu_throttle);
    let throttles = MigrationOption::find("max-cpu-throttle").is_some_and(|option| option.exists_in(release));
    found.unless(initial <= most || !throttles, || {
        Wrong::Conflict { other: key("cpu-throttle-initial"), why: "the throttle would begin above its most" }
            .of(key("max-cpu-throttle"))
    });
    for conflict in qemu.conflicts() {
        let (one, other, why) = match conflict {
            Conflict::Excludes(one, other) => (one, other, "QEMU refuses the pair"),
            Conflict::Needs(lever, needs) => (lever, needs, "the first needs the second"),
        };
        found.0.push(Wrong::Conflict { other: key(other.name), why }.of(key(one.name)));
    }
    let has_percentage = matches!(Profile::of(release).throttle, Throttle::Ramp(_));
    found.unless(qemu.throttle_rule.is_none() || (qemu.capabilities.auto_converge && has_percentage), || {
        let why = "a rule of one's own needs it, and a release with a throttle in percent, 2.5 or later";
        Wrong::Conflict { other: key("auto-converge"), why }.of(key("throttle-rule"))
    });
    host(qemu, found);
}

/// What the host's threads can do, and how long they take.
fn host(qemu: &QemuConfig, found: &mut Findings) {
    let key = |name: &'static str| move || format!("qemu.{name}");
    found.key(&keys::SETUP_TIME, qemu.setup_time);
    found.key(&keys::SYNC_TIME, qemu.sync_time);
    found.key(&keys::SWITCHOVER_TIME, qemu.switchover_time);
    let entries = |count: u32| Pages(u64::from(count));
    found.within(qemu.host.dirty_ring_size, (entries(RING.0), entries(RING.1)), key("dirty-ring-size"));
    found.key(&keys::COMPRESSION_RATIO, qemu.host.compression.ratio);
    found.key(&keys::COMPRESSION_BANDWIDTH, qemu.host.compression.bandwidth);
    found.key(&keys::TLS_BANDWIDTH, qemu.host.tls_bandwidth);
    found.key(&keys::HOST_STREAM, qemu.host.stream);
    found.key(&keys::HOST_SSH, qemu.host.ssh);
    found.key(&keys::HOST_TUNNEL, qemu.host.libvirt_tunnel);
    found.key(&keys::HOST_RDMA, qemu.host.rdma);
    found.key(&keys::HOST_RDMA_PINNED, qemu.host.rdma_pinned);
    found.key(&keys::HOST_ZERO_SCAN, qemu.host.zero_scan);
    if let Some(speed) = qemu.host.multifd_channel_bandwidth {
        found.key(&keys::CHANNEL_BANDWIDTH, speed);
    }
}

/// One option that the release has.
fn value(option: &MigrationOption, qemu: &QemuConfig, found: &mut Findings) {
    let key = || format!("qemu.{}", option.name);
    match &option.form {
        QemuForm::Unmodelled | QemuForm::Capability(_) | QemuForm::Switch(_) | QemuForm::BandwidthLimit(_) => {}
        QemuForm::Detection(_) | QemuForm::Name(_) => {}
        QemuForm::Percent(slot, range) | QemuForm::Count(slot, range) => {
            found.within(slot.value(qemu), (*range.start(), *range.end()), key);
        }
        QemuForm::SwitchoverBandwidth(slot) => {
            // QEMU counts in whole bytes a millisecond, and would divide by zero below.
            let rate = slot.value(qemu);
            found.within(rate, (Rate(if rate == Rate(0) { 0 } else { 1000 }), Rate(u64::MAX)), key);
        }
        QemuForm::DirtyRate(slot) => {
            let whole = Rate(slot.value(qemu).0 / MIB * MIB);
            found.within(slot.value(qemu), (whole.max(Rate(MIB)), whole.max(Rate(MIB))), key);
        }
        QemuForm::Time(slot, range) => {
            let time = slot.value(qemu);
            found.within(time, (*range.start(), *range.end()), key);
            let whole = Span::from_ms(time.whole_ms());
            found.within(time, (whole, whole), key);
        }
        QemuForm::CacheSize(slot) => {
            let release = qemu.version;
            found.unless(xbzrle::Slots::accept(release, slot.value(qemu)), || Wrong::Lacks(release).of(key()));
        }
        QemuForm::Compression(slot) => {
            let release = qemu.version;
            found.unless(slot.value(qemu).since() <= release, || Wrong::Lacks(release).of(key()));
        }
    }
}
