//! Capabilities and parameters of section `[qemu]`, under QEMU's names and with its bounds.

use std::ops::RangeInclusive;

use crate::qemu::{
    MigrationOption, MultifdCompression, OPTIONS, QemuConfig, QemuForm, Slot, Version, ZeroPageDetection, xbzrle,
};
use crate::units::{Bytes, Rate, Span};

use super::reader::{FoundValue, Section};
use super::tree::TextPlace;
use crate::units::spelling::word_of;

/// Below this, a number without a unit was hardly meant in bytes per second.
const SLOW: Rate = Rate(1 << 20);

/// The unit of a dirty rate, which nobody counts in bits.
const DIRTY_RATE: &str = "B/s of RAM";

const INITIAL: &str = "cpu-throttle-initial";
const MAX: &str = "max-cpu-throttle";

/// Reads the options that are `wanted` into `config`, in the order of the table.
pub(super) fn read(
    qemu: &mut Section,
    release: Version,
    config: &mut QemuConfig,
    wanted: impl Fn(&MigrationOption) -> bool,
) {
    let (mut initial, mut max) = (None, None);
    for option in OPTIONS.iter().filter(|option| wanted(option)) {
        let place = value(qemu, release, option, config);
        match option.name {
            INITIAL => initial = place,
            MAX => max = place,
            _ => {}
        }
    }
    let starts = config.params.cpu_throttle_initial;
    if let Some(max) = max.filter(|_| config.params.max_cpu_throttle < starts) {
        max_below_initial(qemu, &max, initial.as_ref(), starts);
    }
}

/// Reads one option; where it stands, if it is there and right.
fn value(qemu: &mut Section, release: Version, option: &MigrationOption, config: &mut QemuConfig) -> Option<TextPlace> {
    fn take<T>(slot: &Slot<T>, config: &mut QemuConfig, found: Option<FoundValue<T>>) -> Option<TextPlace> {
        let FoundValue { value, place, .. } = found?;
        slot.set(config, value);
        Some(place)
    }
    let key = option.name;
    match &option.form {
        QemuForm::Unmodelled => None,
        QemuForm::Capability(slot) | QemuForm::Switch(slot) => take(slot, config, qemu.switch(key)),
        QemuForm::Percent(slot, range) => take(slot, config, qemu.percent(key, range.clone())),
        QemuForm::Count(slot, range) => take(slot, config, byte(qemu, key, range)),
        QemuForm::BandwidthLimit(slot) => take(slot, config, bandwidth_limit(qemu, key)),
        QemuForm::SwitchoverBandwidth(slot) => take(slot, config, switchover_bandwidth(qemu, key)),
        QemuForm::DirtyRate(slot) => take(slot, config, dirty_rate(qemu, key)),
        QemuForm::Time(slot, range) => take(slot, config, whole_ms(qemu, key, range)),
        QemuForm::CacheSize(slot) => take(slot, config, cache_size(qemu, key, release)),
        QemuForm::Compression(slot) => take(slot, config, compression(qemu, key, release)),
        QemuForm::Detection(slot) => take(slot, config, qemu.choice(key, &ZeroPageDetection::WORDS, &[])),
        QemuForm::Name(slot) => take(slot, config, qemu.text(key)),
    }
}

fn max_below_initial(qemu: &mut Section, max: &TextPlace, initial: Option<&TextPlace>, starts: u8) {
    let title = format!("`{}` is below `{INITIAL}`", qemu.path(MAX));
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
        fault.note(initial, format!("starts at {starts} %"));
    }
}

fn bandwidth_limit(qemu: &mut Section, key: &'static str) -> Option<FoundValue<Rate>> {
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

fn switchover_bandwidth(qemu: &mut Section, key: &'static str) -> Option<FoundValue<Rate>> {
    let found = qemu.quantity::<Rate>(key, Some("B/s"))?;
    if (1..1000).contains(&found.value.0) {
        // qemu-precopy 2.3: it is divided by 1000 first.
        let title = format!("`{}` is too small", qemu.path(key));
        qemu.faults
            .error(&found.place, title, "below 1000 bytes/s")
            .help("QEMU counts in whole bytes per ms and would divide by zero; write \"0\" to let it measure");
        return None;
    }
    Some(found)
}

/// A time that QEMU takes as a number of milliseconds.
fn whole_ms(qemu: &mut Section, key: &'static str, range: &RangeInclusive<Span>) -> Option<FoundValue<Span>> {
    let found = qemu.quantity::<Span>(key, Some("ms"))?;
    qemu.grain(key, 1.0);
    if found.value != Span::from_ms(found.value.whole_ms()) {
        let title = format!("`{}` must be whole milliseconds", qemu.path(key));
        qemu.faults.error(&found.place, title, "this has a fraction").help("QEMU takes whole milliseconds");
        return None;
    }
    if !range.contains(&found.value) {
        let (title, label) = match (*range.start(), *range.end()) {
            (Span::ZERO, most) => ("is too large", format!("at most {} s", most.seconds())),
            (least, most) => ("is out of range", format!("must be {least} to {most}")),
        };
        let title = format!("`{}` {title}", qemu.path(key));
        qemu.faults.error(&found.place, title, label).help("QEMU refuses such a value too");
        return None;
    }
    Some(found)
}

/// QEMU calls the unit MB/s and means MiB/s (qemu-precopy 4.6).
fn dirty_rate(qemu: &mut Section, key: &'static str) -> Option<FoundValue<Rate>> {
    qemu.counts(key, DIRTY_RATE);
    let found = qemu.quantity::<Rate>(key, Some("MiB/s"))?;
    qemu.grain(key, f64::from(1u32 << 20));
    let path = qemu.path(key);
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

fn cache_size(qemu: &mut Section, key: &'static str, release: Version) -> Option<FoundValue<Bytes>> {
    let found = qemu.quantity::<Bytes>(key, Some("B"))?;
    if !xbzrle::Slots::accept(release, found.value) {
        let path = qemu.path(key);
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

fn compression(qemu: &mut Section, key: &'static str, release: Version) -> Option<FoundValue<MultifdCompression>> {
    let found = qemu.choice(key, &MultifdCompression::WORDS, &[])?;
    // A release without the parameter itself is complained about with all the others.
    let since = found.value.since();
    if (Version::new(5, 0)..since).contains(&release) {
        let title = format!("`{}` cannot be `{}`", qemu.path(key), compression_name(found.value));
        qemu.faults
            .error(&found.place, title, format!("QEMU {release} does not have it"))
            .help(format!("choose another, or write `version = \"{since}\"` or later"));
        return None;
    }
    Some(found)
}

/// QEMU's word for a method.
pub(super) fn compression_name(method: MultifdCompression) -> &'static str {
    word_of(&MultifdCompression::WORDS, method)
}

/// A whole number of one byte.
fn byte(qemu: &mut Section, key: &'static str, range: &RangeInclusive<u8>) -> Option<FoundValue<u8>> {
    // The cast loses nothing: the value is within a range of u8.
    qemu.count(key, u32::from(*range.start())..=u32::from(*range.end())).map(|found| found.map(|value| value as u8))
}
