//! A fitted scenario as a file that the scenario loader reads back to the same.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::guest::{self, Law, Workload};
use crate::link::Link;
use crate::qemu::{DirtyLog, HostKind, HostModel, MonitorCommand, MultifdCompression, OPTIONS, QemuConfig, QemuForm};
use crate::scenario::{At, Scenario, When};
use crate::sink::shown;
use crate::units::{Bytes, PAGE_SIZE, PageRate, Pages, Rate, Share, Span};

/// The whole file, with `remarks` at its head and the sections of the workloads as they are given.
///
/// Only what differs from its default is written.
pub(super) fn text(scenario: &Scenario, remarks: &[String], workloads: &str) -> String {
    let Scenario { guest, link, qemu, at, limits, .. } = scenario;
    let mut out: String = remarks.iter().map(|remark| format!("# {}\n", shown(remark))).collect();
    let mut line = |text: String| out = std::mem::take(&mut out) + &text + "\n";
    line("\n[guest]".to_owned());
    line(format!("memory = {}", size(guest.memory.bytes())));
    if guest.page_size != guest::PageSize::Small {
        line(format!("page-size = {}", size(guest.page_size.bytes())));
    }
    if guest.vcpus != 1 {
        line(format!("vcpus = {}", guest.vcpus));
    }
    known(guest).into_iter().for_each(&mut line);
    if let Some(speed) = guest.zero_scan {
        line(format!("zero-scan = {}", rate(speed)));
    }
    if let Some(cost) = guest.fault_cost {
        line(format!("fault-cost = {}", span(cost)));
    }
    line(format!("\n{}\n", workloads.trim_end()));
    line(format!("[link]\nbandwidth = {}", bandwidth(link)));
    if link.latency > Span::ZERO {
        line(format!("latency = {}", span(link.latency)));
    }
    let host = host(qemu);
    if !host.is_empty() {
        line("\n[host]".to_owned());
        host.into_iter().for_each(&mut line);
    }
    line("\n[qemu]".to_owned());
    let (facts, mut before) = facts(qemu, guest.memory.bytes());
    facts.into_iter().for_each(&mut line);
    differences(qemu, &before).into_iter().for_each(&mut line);
    before.params.clone_from(&qemu.params);
    for At { when, command } in at {
        let moment = match when {
            When::Time(time) => format!("time = {}", span(Span(time.0))),
            When::Pass(pass) => format!("after-pass = {pass}"),
        };
        let what = match command {
            MonitorCommand::Set(params) => {
                let now = QemuConfig { params: params.clone(), ..before.clone() };
                let set = differences(&now, &before).join(", ");
                before = now;
                format!("set = {{ {set} }}")
            }
            MonitorCommand::Pause => "action = \"pause\"".to_owned(),
            MonitorCommand::Continue => "action = \"continue\"".to_owned(),
            MonitorCommand::StartPostcopy => "action = \"post-copy\"".to_owned(),
            MonitorCommand::Cancel => "action = \"abort\"".to_owned(),
        };
        line(format!("\n[[at]]\n{moment}\n{what}"));
    }
    line(format!("\n[limits]\ntime = {}", span(limits.time)));
    out
}

/// Lines of section `guest`: how much of RAM is zero, and how well the guest is known.
pub(crate) fn known(guest: &guest::GuestConfig) -> Vec<String> {
    let zero = (guest.zero.0 > 0).then(|| format!("zero = {}", size(guest.zero.bytes())));
    let range = guest
        .uncertainty
        .zero
        .map(|(least, most)| format!("least-zero = {}\nmost-zero = {}", size(least.bytes()), size(most.bytes())));
    let rates = guest.uncertainty.rates;
    let rates = (rates > 1.0).then(|| format!("rate-uncertainty = {}", number(rates)));
    zero.into_iter().chain(range).chain(rates).collect()
}

/// The sections of workloads. One that writes nothing holds pages that are not zero: `uniform` at no rate. The first one's
/// rate may be open upwards, from a `least` one on.
pub(super) fn workloads(scenario: &Scenario, least: Option<PageRate>) -> String {
    // What a write changes of a page is heeded with XBZRLE only.
    let encoded = scenario.qemu.capabilities.xbzrle;
    let least = std::iter::once(least).chain(std::iter::repeat(None));
    scenario.guest.workloads.iter().zip(least).map(|(one, least)| workload(one, least, encoded)).collect()
}

fn workload(workload: &Workload, least: Option<PageRate>, encoded: bool) -> String {
    let mut out = "[[guest.workload]]\n".to_owned();
    let kind = match workload.law {
        Law::HotCold { .. } => "hot-cold",
        Law::Sequential { .. } => "sequential",
        _ => "uniform",
    };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "kind = \"{kind}\"\noffset = {}", size(workload.offset.bytes()));
    let _ = writeln!(out, "region = {}", size(workload.region.bytes()));
    if let Law::HotCold { hot, share } = &workload.law {
        let _ = writeln!(out, "hot = {}\nshare = {}", size(hot.bytes()), percent(*share));
    }
    if let Law::Sequential { start } = workload.law
        && start > Pages(0)
    {
        let _ = writeln!(out, "start = {}", size(start.bytes()));
    }
    let _ = writeln!(out, "rate = \"{} pages/s\"", number(workload.rate.0));
    if let Some(least) = least.filter(|least| *least <= workload.rate) {
        let _ = writeln!(out, "least-rate = \"{} pages/s\"", number(least.0));
    }
    if workload.cpu != Share::ALL {
        let _ = writeln!(out, "cpu = {}", percent(workload.cpu));
    }
    if encoded && workload.changed != Share::ALL {
        let _ = writeln!(out, "changed = {}", percent(workload.changed));
    }
    if let Some(catch_up) = workload.catch_up {
        let _ =
            writeln!(out, "catch-up = {}", if catch_up == Span::ZERO { "\"none\"".to_owned() } else { span(catch_up) });
    }
    out + "\n"
}

fn bandwidth(link: &Link) -> String {
    match link.steps.as_slice() {
        [(_, only)] => rate(*only),
        steps => {
            let steps: Vec<_> =
                steps.iter().map(|(time, rates)| format!("[{}, {}]", span(Span(time.0)), rate(*rates))).collect();
            format!("[{}]", steps.join(", "))
        }
    }
}

/// Constants of the host that are not those of its accelerator's usual one.
fn host(qemu: &QemuConfig) -> Vec<String> {
    let now = &qemu.host;
    let mut lines = Vec::new();
    if now.kind != HostKind::default_for(qemu.accel) {
        lines.push(format!("kind = {}", word(&now.kind)));
    }
    let known = HostModel::of(now.kind, qemu.version, qemu.accel, qemu.dirty_log);
    for (key, ours, theirs) in [
        ("stream", now.stream, known.stream),
        ("tls", now.tls_bandwidth, known.tls_bandwidth),
        ("ssh", now.ssh, known.ssh),
        ("libvirt-tunnel", now.libvirt_tunnel, known.libvirt_tunnel),
        ("rdma", now.rdma, known.rdma),
        ("rdma-pinned", now.rdma_pinned, known.rdma_pinned),
        ("zero-scan", now.zero_scan, known.zero_scan),
    ] {
        if ours != theirs {
            lines.push(format!("{key} = {}", rate(ours)));
        }
    }
    for (key, ours, theirs) in [
        ("rdma-pin-per-gib", now.rdma_pin_per_gib, known.rdma_pin_per_gib),
        ("setup", now.setup.fixed, known.setup.fixed),
        ("setup-per-gib", now.setup.per_gib, known.setup.per_gib),
        ("sync-per-gib", now.sync.per_gib, known.sync.per_gib),
        ("switchover", now.switchover.fixed, known.switchover.fixed),
        ("switchover-per-gib", now.switchover.per_gib, known.switchover.per_gib),
    ] {
        if ours != theirs {
            lines.push(format!("{key} = {}", span(ours)));
        }
    }
    lines
}

/// Facts of QEMU and its host, and the configuration that the loader has without any further key.
fn facts(qemu: &QemuConfig, memory: Bytes) -> (Vec<String>, QemuConfig) {
    let mut known = QemuConfig::defaults(qemu.version, qemu.accel, memory);
    let mut lines = vec![format!("version = \"{}\"", qemu.version)];
    if qemu.machine_type != qemu.version {
        lines.push(format!("machine-type = \"{}\"", qemu.machine_type));
        known.params.zero_page_detection = crate::qemu::ZeroPageDetection::default_for(qemu.machine_type);
    }
    lines.push(format!("accel = {}", word(&qemu.accel)));
    if qemu.dirty_log != known.dirty_log {
        lines.push(format!("dirty-log = {}", word(&qemu.dirty_log)));
    }
    // What section `[host]` says is known before `[qemu]` is read.
    known.host.clone_from(&qemu.host);
    known.take_times(memory);
    if qemu.dirty_log == DirtyLog::Ring {
        lines.push(format!("dirty-ring-size = {}", qemu.host.dirty_ring_size.0));
    }
    if qemu.first_migration != known.first_migration {
        lines.push(format!("first-migration = {}", qemu.first_migration));
    }
    for (key, ours, theirs) in [
        ("setup-time", qemu.setup_time, known.setup_time),
        ("sync-time", qemu.sync_time, known.sync_time),
        ("switchover-time", qemu.switchover_time, known.switchover_time),
    ] {
        if ours != theirs {
            lines.push(format!("{key} = {}", span(ours)));
        }
    }
    if let Some(channel) = qemu.host.multifd_channel_bandwidth {
        lines.push(format!("multifd-channel-bandwidth = {}", rate(channel)));
    }
    if qemu.transport != known.transport {
        lines.push(format!("transport = {}", word(&qemu.transport)));
    }
    if qemu.capabilities.compress || qemu.params.multifd_compression != MultifdCompression::None {
        lines.push(format!("compression-ratio = {}", number(qemu.host.compression.ratio)));
        lines.push(format!("compression-bandwidth = {}", rate(qemu.host.compression.bandwidth)));
    }
    (lines, known)
}

/// A line for every capability or parameter that is not as it was.
fn differences(now: &QemuConfig, before: &QemuConfig) -> Vec<String> {
    let changed = OPTIONS.iter().filter(|option| !option.is_equal(now, before));
    changed.filter_map(|option| Some(format!("{} = {}", option.name, written(&option.form, now)?))).collect()
}

/// What an option holds, as the file has it.
fn written(form: &QemuForm, config: &QemuConfig) -> Option<String> {
    Some(match form {
        QemuForm::Unmodelled => return None,
        QemuForm::Capability(slot) | QemuForm::Switch(slot) => slot.value(config).to_string(),
        QemuForm::Percent(slot, _) | QemuForm::Count(slot, _) => slot.value(config).to_string(),
        QemuForm::BandwidthLimit(slot) | QemuForm::SwitchoverBandwidth(slot) | QemuForm::DirtyRate(slot) => {
            rate(slot.value(config))
        }
        QemuForm::Time(slot, _) => span(slot.value(config)),
        QemuForm::CacheSize(slot) => size(slot.value(config)),
        QemuForm::Compression(slot) => word(slot.get(config)),
        QemuForm::Detection(slot) => word(slot.get(config)),
        QemuForm::Name(slot) => word(slot.get(config)),
    })
}

fn json(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

/// The word that a choice has in every input and output.
fn word(choice: &impl Serialize) -> String {
    json(choice).to_string()
}

/// In the largest unit that needs no fraction.
fn whole(value: u64, units: &[(u64, &str)]) -> String {
    let fits = units.iter().find(|(size, _)| value.is_multiple_of(*size) && value > 0);
    let (size, unit) = fits.or(units.last()).copied().unwrap_or((1, ""));
    format!("{} {unit}", value / size)
}

/// An amount in the largest binary unit that needs no fraction.
pub(crate) fn whole_size(bytes: u64) -> String {
    whole(bytes, &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B")])
}

fn size(bytes: Bytes) -> String {
    format!("\"{}\"", whole_size(bytes.0))
}

fn rate(rate: Rate) -> String {
    let units = [
        (1 << 30, "GiB/s"),
        (1 << 20, "MiB/s"),
        (125_000_000, "Gbit/s"),
        (125_000, "Mbit/s"),
        (125, "kbit/s"),
        (1, "B/s"),
    ];
    format!("\"{}\"", whole(rate.0, &units))
}

fn span(span: Span) -> String {
    let units = [(60_000_000_000, "min"), (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
    format!("\"{}\"", whole(span.0, &units))
}

fn percent(share: Share) -> String {
    format!("\"{} %\"", number(share.percent()))
}

/// As many decimals as it takes and no exponent.
fn number(value: f64) -> String {
    let text = format!("{value:.10}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Bytes in MiB, as libvirt counts dirty rates.
pub(super) const PAGES_PER_MIB: f64 = ((1 << 20) / PAGE_SIZE) as f64;
