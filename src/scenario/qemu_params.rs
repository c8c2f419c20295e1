//! Capabilities and parameters of section `[qemu]`, under QEMU's names and with its bounds.

use crate::qemu::{Capabilities, MAX_DOWNTIME_LIMIT, MultifdCompression, Params, Version, ZeroPageDetection, xbzrle};
use crate::units::{Bytes, Rate, Span};

use super::qemu_section::set;
use super::reader::{Found, Section};
use super::tree::Place;
use crate::units::spelling::word_of;

/// Below this, a number without a unit was hardly meant in bytes per second.
const SLOW: Rate = Rate(1 << 20);
/// QEMU's own bounds of `x-vcpu-dirty-limit-period`.
const PERIOD: (Span, Span) = (Span::from_ms(1), Span::from_ms(1000));

const COMPRESSIONS: [(&str, MultifdCompression); 6] = [
    ("none", MultifdCompression::None),
    ("zlib", MultifdCompression::Zlib),
    ("zstd", MultifdCompression::Zstd),
    ("qpl", MultifdCompression::Qpl),
    ("uadk", MultifdCompression::Uadk),
    ("qatzip", MultifdCompression::Qatzip),
];
const DETECTIONS: [(&str, ZeroPageDetection); 3] =
    [("none", ZeroPageDetection::None), ("legacy", ZeroPageDetection::Legacy), ("multifd", ZeroPageDetection::Multifd)];

pub(super) fn capabilities(qemu: &mut Section, caps: &mut Capabilities) {
    set(&mut caps.auto_converge, qemu.switch("auto-converge"));
    set(&mut caps.xbzrle, qemu.switch("xbzrle"));
    set(&mut caps.compress, qemu.switch("compress"));
    set(&mut caps.postcopy_ram, qemu.switch("postcopy-ram"));
    set(&mut caps.return_path, qemu.switch("return-path"));
    set(&mut caps.pause_before_switchover, qemu.switch("pause-before-switchover"));
    set(&mut caps.multifd, qemu.switch("multifd"));
    set(&mut caps.zero_copy_send, qemu.switch("zero-copy-send"));
    set(&mut caps.postcopy_preempt, qemu.switch("postcopy-preempt"));
    set(&mut caps.switchover_ack, qemu.switch("switchover-ack"));
    set(&mut caps.dirty_limit, qemu.switch("dirty-limit"));
    set(&mut caps.mapped_ram, qemu.switch("mapped-ram"));
}

pub(super) fn params(qemu: &mut Section, release: Version, params: &mut Params) {
    set(&mut params.max_bandwidth, bandwidth_limit(qemu, "max-bandwidth"));
    set(&mut params.max_postcopy_bandwidth, bandwidth_limit(qemu, "max-postcopy-bandwidth"));
    set(&mut params.avail_switchover_bandwidth, switchover_bandwidth(qemu));
    set(&mut params.downtime_limit, downtime_limit(qemu));
    throttle(qemu, params);
    set(&mut params.vcpu_dirty_limit, vcpu_dirty_limit(qemu));
    set(&mut params.x_vcpu_dirty_limit_period, dirty_limit_period(qemu));
    set(&mut params.xbzrle_cache_size, cache_size(qemu, release));
    set(&mut params.compress_level, byte(qemu, "compress-level", 0, 9));
    set(&mut params.compress_threads, byte(qemu, "compress-threads", 1, 255));
    set(&mut params.compress_wait_thread, qemu.switch("compress-wait-thread"));
    set(&mut params.multifd_channels, byte(qemu, "multifd-channels", 1, 255));
    set(&mut params.multifd_compression, compression(qemu, release));
    set(&mut params.multifd_zlib_level, byte(qemu, "multifd-zlib-level", 0, 9));
    set(&mut params.multifd_zstd_level, byte(qemu, "multifd-zstd-level", 0, 20));
    set(&mut params.multifd_qatzip_level, byte(qemu, "multifd-qatzip-level", 1, 9));
    set(&mut params.zero_page_detection, qemu.choice("zero-page-detection", &DETECTIONS, &[]));
    set(&mut params.tls_creds, qemu.text("tls-creds"));
}

fn throttle(qemu: &mut Section, params: &mut Params) {
    let initial = qemu.percent("cpu-throttle-initial", 1..=99);
    let max = qemu.percent("max-cpu-throttle", 1..=99);
    if let Some(max) = &max {
        let starts = initial.as_ref().map_or(params.cpu_throttle_initial, |initial| initial.value);
        if max.value < starts {
            max_below_initial(qemu, &max.place, initial.as_ref(), starts);
        }
    }
    set(&mut params.cpu_throttle_initial, initial);
    set(&mut params.max_cpu_throttle, max);
    set(&mut params.cpu_throttle_increment, qemu.percent("cpu-throttle-increment", 1..=99));
    set(&mut params.throttle_trigger_threshold, qemu.percent("throttle-trigger-threshold", 1..=100));
    set(&mut params.cpu_throttle_tailslow, qemu.switch("cpu-throttle-tailslow"));
}

fn max_below_initial(qemu: &mut Section, max: &Place, initial: Option<&Found<u8>>, starts: u8) {
    let title = format!("`{}` is below `cpu-throttle-initial`", qemu.path("max-cpu-throttle"));
    let (label, help) = match initial {
        Some(_) => {
            ("but may not exceed this".to_owned(), "QEMU refuses this pair too; raise the one or lower the other")
        }
        None => {
            (format!("the throttle starts at {starts} %"), "QEMU refuses this too; set `cpu-throttle-initial` as well")
        }
    };
    let fault = qemu.faults.error(max, title, label).help(help);
    if let Some(initial) = initial {
        fault.note(&initial.place, format!("starts at {starts} %"));
    }
}

fn bandwidth_limit(qemu: &mut Section, key: &'static str) -> Option<Found<Rate>> {
    let found = qemu.quantity::<Rate>(key, Some("B/s"))?;
    let path = qemu.path(key);
    if (1..10).contains(&found.value.0) {
        // qemu-precopy 2.1: the limit per window is a tenth, cut to whole bytes, and 0 is no limit.
        qemu.faults
            .warn(&found.place, format!("`{path}` does not limit anything"), "QEMU takes 1 to 9 bytes/s as no limit")
            .help("write \"0\" if no limit is meant, or a rate with a unit");
    } else if found.bare && found.value.0 != 0 && found.value < SLOW {
        qemu.faults
            .warn(&found.place, format!("`{path}` is tiny"), "a number without a unit counts bytes per second")
            .help("write it with a unit, as in \"32 MiB/s\"");
    }
    Some(found)
}

fn switchover_bandwidth(qemu: &mut Section) -> Option<Found<Rate>> {
    let found = qemu.quantity::<Rate>("avail-switchover-bandwidth", Some("B/s"))?;
    if (1..1000).contains(&found.value.0) {
        // qemu-precopy 2.3: it is divided by 1000 first.
        let title = format!("`{}` is too small", qemu.path("avail-switchover-bandwidth"));
        qemu.faults
            .error(&found.place, title, "below 1000 bytes/s")
            .help("QEMU counts in whole bytes per ms and would divide by zero; write \"0\" to let it measure");
        return None;
    }
    Some(found)
}

fn downtime_limit(qemu: &mut Section) -> Option<Found<Span>> {
    let found = whole_ms(qemu, "downtime-limit")?;
    if found.value > MAX_DOWNTIME_LIMIT {
        let title = format!("`{}` is too large", qemu.path("downtime-limit"));
        qemu.faults.error(&found.place, title, "at most 2000 s").help("QEMU refuses such a value too");
        return None;
    }
    Some(found)
}

fn dirty_limit_period(qemu: &mut Section) -> Option<Found<Span>> {
    let found = whole_ms(qemu, "x-vcpu-dirty-limit-period")?;
    if found.value < PERIOD.0 || found.value > PERIOD.1 {
        let title = format!("`{}` is out of range", qemu.path("x-vcpu-dirty-limit-period"));
        qemu.faults.error(&found.place, title, "must be 1 ms to 1 s").help("QEMU refuses such a value too");
        return None;
    }
    Some(found)
}

/// A time that QEMU takes as a number of milliseconds.
fn whole_ms(qemu: &mut Section, key: &'static str) -> Option<Found<Span>> {
    let found = qemu.quantity::<Span>(key, Some("ms"))?;
    qemu.grain(key, 1.0);
    if found.value != Span::from_ms(found.value.whole_ms()) {
        let title = format!("`{}` must be whole milliseconds", qemu.path(key));
        qemu.faults.error(&found.place, title, "this has a fraction").help("QEMU takes whole milliseconds");
        return None;
    }
    Some(found)
}

/// QEMU calls the unit MB/s and means MiB/s (qemu-precopy 4.6).
fn vcpu_dirty_limit(qemu: &mut Section) -> Option<Found<Rate>> {
    let found = qemu.quantity::<Rate>("vcpu-dirty-limit", Some("MiB/s"))?;
    qemu.grain("vcpu-dirty-limit", f64::from(1u32 << 20));
    let path = qemu.path("vcpu-dirty-limit");
    if found.value.0 < 1 << 20 {
        let title = format!("`{path}` is too small");
        qemu.faults.error(&found.place, title, "at least 1 MiB/s").help("QEMU refuses such a value too");
        return None;
    }
    if !found.value.0.is_multiple_of(1 << 20) {
        let title = format!("`{path}` must be whole MiB/s");
        qemu.faults.error(&found.place, title, "this has a fraction").help("QEMU takes whole MiB/s");
        return None;
    }
    Some(found)
}

fn cache_size(qemu: &mut Section, release: Version) -> Option<Found<Bytes>> {
    let found = qemu.quantity::<Bytes>("xbzrle-cache-size", Some("B"))?;
    if !xbzrle::Slots::accept(release, found.value) {
        let path = qemu.path("xbzrle-cache-size");
        let fault = if xbzrle::Slots::accept(Version::OLDEST, found.value) {
            qemu.faults.error(&found.place, format!("`{path}` must be a power of two"), "this is none")
        } else {
            qemu.faults.error(&found.place, format!("`{path}` is too small"), "at least a page, 4 KiB")
        };
        fault.help("QEMU refuses such a value too");
        return None;
    }
    Some(found)
}

fn compression(qemu: &mut Section, release: Version) -> Option<Found<MultifdCompression>> {
    let found = qemu.choice("multifd-compression", &COMPRESSIONS, &[])?;
    // A release without the parameter itself is complained about with all the others.
    let since = found.value.since();
    if (Version::new(5, 0)..since).contains(&release) {
        let title = format!("`{}` cannot be `{}`", qemu.path("multifd-compression"), compression_name(found.value));
        qemu.faults
            .error(&found.place, title, format!("QEMU {release} does not have it"))
            .help(format!("choose another, or write `version = \"{since}\"` or later"));
        return None;
    }
    Some(found)
}

/// QEMU's word for a method.
pub(super) fn compression_name(method: MultifdCompression) -> &'static str {
    word_of(&COMPRESSIONS, method)
}

/// A whole number of one byte.
fn byte(qemu: &mut Section, key: &'static str, least: u8, most: u8) -> Option<Found<u8>> {
    // The cast loses nothing: the value is within a range of u8.
    qemu.count(key, u32::from(least)..=u32::from(most)).map(|found| found.map(|value| value as u8))
}
