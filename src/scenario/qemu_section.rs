//! Section `[qemu]`.

use crate::qemu::{Accel, DirtyLog, MigrationOption, QemuConfig, Version, ZeroPageDetection};
use crate::units::Bytes;

use super::faults::clip;
use super::reader::{Foreign, FoundValue, Section, fill, list};
use super::tree::TextPlace;
use super::{host_section, keys, qemu_host, qemu_levers, qemu_params};
use crate::units::spelling::word_of;

/// The release that rules where none is named.
const VERSION: Version = Version::new(8, 2);
/// Reads the section for a guest of `memory` bytes; `None` if it is wrong.
pub(super) fn read(top: &mut Section, memory: Option<Bytes>) -> Option<QemuConfig> {
    let host = host_section::read(top);
    top.section("qemu", |qemu| {
        let version = version(qemu);
        let machine_type = machine_type(qemu, version.as_ref());
        let accel = keys::ACCEL.read(qemu);
        let dirty_log = keys::DIRTY_LOG.read(qemu);
        let ring = qemu_host::dirty_ring(qemu, dirty_log.as_ref(), version.as_ref(), accel.as_ref());
        // The bulk of the configuration is the same for every guest; its size only sets two defaults.
        let release = version.as_ref().map_or(VERSION, |version| version.value);
        let kind = accel.as_ref().map_or(Accel::Kvm, |accel| accel.value);
        let mut config = QemuConfig::defaults(release, kind, memory.unwrap_or(Bytes(0)));
        if let Some(log) = dirty_log.as_ref().map(|log| log.value).or(ring.map(|_| DirtyLog::Ring)) {
            config.dirty_log = log;
        }
        config.host = host.model(release, kind, config.dirty_log);
        fill(&mut config.transport, keys::TRANSPORT.read(qemu));
        if let Some(entries) = ring {
            config.host.dirty_ring_size = entries;
        }
        if let Some(machine) = machine_type {
            config.machine_type = machine;
            config.params.zero_page_detection = ZeroPageDetection::default_for(machine);
        }
        fill(&mut config.first_migration, keys::FIRST_MIGRATION.read(qemu));
        qemu_params::read(qemu, release, &mut config, MigrationOption::is_modelled);
        config.take_times(memory.unwrap_or(Bytes(0)));
        fill(&mut config.setup_time, keys::SETUP_TIME.read(qemu));
        fill(&mut config.sync_time, keys::SYNC_TIME.read(qemu));
        fill(&mut config.switchover_time, keys::SWITCHOVER_TIME.read(qemu));
        qemu_host::threads(qemu, &mut config);
        qemu.finish(not_modelled);

        if let Some(version) = &version {
            ages(qemu, version);
        }
        if let Some(log) = &dirty_log {
            log_fits(qemu, log, release, version.as_ref().map(|version| &version.place), accel.as_ref());
        }
        let named = qemu.peek("version");
        qemu_levers::check(qemu, &config, named);
        Some(config)
    })
}

/// The release; `VERSION` at the head of the section if none is named.
fn version(qemu: &mut Section) -> Option<FoundValue<Version>> {
    let Some(found) = keys::VERSION.read(qemu) else {
        return (!qemu.has("version")).then(|| FoundValue { value: VERSION, place: qemu.place.clone(), bare: false });
    };
    release(qemu, found)
}

/// The release whose machine type the guest has: `8.0`, or a machine's whole name such as `pc-q35-8.0`.
fn machine_type(qemu: &mut Section, version: Option<&FoundValue<Version>>) -> Option<Version> {
    let found = keys::MACHINE_TYPE.read(qemu)?.map(|name| name.rsplit('-').next().unwrap_or_default().to_owned());
    let machine = release(qemu, found)?;
    let release = version.map_or(machine.value, |version| version.value);
    if machine.value > release {
        let title = format!("`{}` is newer than the release", qemu.path("machine-type"));
        let fault = qemu.faults.error(&machine.place, title, format!("QEMU {release} does not have it"));
        if let Some(version) = version.filter(|version| version.place != qemu.place) {
            fault.note(&version.place, "the release");
        }
        fault.help("a guest keeps the machine type that it was started with; name that one, or a newer `version`");
        return None;
    }
    Some(machine.value)
}

fn release(qemu: &mut Section, found: FoundValue<String>) -> Option<FoundValue<Version>> {
    match found.value.parse() {
        Ok(version) => Some(FoundValue { value: version, place: found.place, bare: false }),
        Err(_) => {
            let title = format!("`{}` is no QEMU release", clip(&found.value));
            let known = format!("releases from {} to {} are known", Version::OLDEST, Version::NEWEST);
            let major = found.value.split('.').next().and_then(|major| major.parse::<u8>().ok());
            let siblings: Vec<String> =
                Version::all().filter(|v| Some(v.major) == major).map(|v| v.to_string()).collect();
            let fault = qemu.faults.error(&found.place, title, known);
            if !siblings.is_empty() {
                fault.help(format!("there are {}", list(siblings.iter().map(String::as_str))));
            }
            None
        }
    }
}

/// What to say about an option of QEMU that is not simulated.
pub(super) fn not_modelled(key: &str) -> Option<Foreign> {
    MigrationOption::find(key).map(|option| Foreign {
        title: format!("`qemu.{}` is not modelled by this version of precopy yet", option.name),
        label: "has no effect here".to_owned(),
        help: "remove it; without it the migration is simulated as if QEMU had it off".to_owned(),
    })
}

/// Complains about options that the release does not have.
pub(super) fn ages(qemu: &mut Section, version: &FoundValue<Version>) {
    for entry in qemu.entries() {
        let Some(option) = MigrationOption::modelled(&entry.key) else { continue };
        if option.exists_in(version.value) {
            continue;
        }
        let path = qemu.path(option.name);
        let (title, help) = match option.until.filter(|until| *until < version.value) {
            Some(until) => (format!("`{path}` was removed after QEMU {until}"), "remove the key".to_owned()),
            None => {
                let since = option.since;
                (
                    format!("`{path}` needs QEMU {since}"),
                    format!("remove the key, or write `version = \"{since}\"` or later"),
                )
            }
        };
        let label = format!("QEMU {} does not have it", version.value);
        let fault = qemu.faults.error(&entry.place, title, label).help(help);
        if version.place != qemu.place {
            fault.note(&version.place, "the release");
        }
    }
}

/// Complains about a way of dirty logging that release or accelerator do not have.
fn log_fits(
    qemu: &mut Section,
    log: &FoundValue<DirtyLog>,
    release: Version,
    version: Option<&TextPlace>,
    accel: Option<&FoundValue<Accel>>,
) {
    let since = log.value.since();
    let name = word_of(&DirtyLog::WORDS, log.value);
    let path = qemu.path("dirty-log");
    if let Some(accel) = accel.filter(|accel| accel.value == Accel::Tcg && log.value != DirtyLog::Classic) {
        let title = format!("`{path}` cannot be `{name}` under TCG");
        qemu.faults
            .error(&log.place, title, "needs KVM")
            .note(&accel.place, "the accelerator")
            .help("write \"classic\", or remove the key");
    } else if let Some(version) = version.filter(|_| release < since) {
        let title = format!("`{path}` cannot be `{name}` before QEMU {since}");
        let fault = qemu.faults.error(&log.place, title, format!("QEMU {release} does not have it"));
        if *version != qemu.place {
            fault.note(version, "the release");
        }
        fault.help(format!("remove the key, or write `version = \"{since}\"` or later"));
    }
}
