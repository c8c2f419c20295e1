//! Section `[qemu]`.

use crate::qemu::{Accel, Config, DirtyLog, MigrationOption, Params, Version};
use crate::units::{Bytes, Rate, Span};

use super::faults::clip;
use super::reader::{Foreign, Found, Section, list};
use super::tree::Place;

/// The release that rules where none is named.
const VERSION: Version = Version::new(8, 2);
/// QEMU's own bound.
const DOWNTIME: Span = Span::from_ms(2_000_000);
/// The longest setup, sync or switchover that is believed.
const SLOWEST: Span = Span::from_ms(3_600_000);
/// Below this, a number without a unit was hardly meant in bytes per second.
const SLOW: Rate = Rate(1 << 20);

const ACCELS: [(&str, Accel); 2] = [("kvm", Accel::Kvm), ("tcg", Accel::Tcg)];
const DIRTY_LOGS: [(&str, DirtyLog); 4] = [
    ("classic", DirtyLog::Classic),
    ("manual-protect", DirtyLog::ManualProtect),
    ("initially-set", DirtyLog::InitiallySet),
    ("ring", DirtyLog::Ring),
];

/// Parameters that do nothing without `auto-converge`.
const THROTTLE: [&str; 5] = [
    "cpu-throttle-initial",
    "cpu-throttle-increment",
    "max-cpu-throttle",
    "throttle-trigger-threshold",
    "cpu-throttle-tailslow",
];

/// Reads the section for a guest of `memory` bytes; `None` if it is wrong.
pub(super) fn read(top: &mut Section, memory: Option<Bytes>) -> Option<Config> {
    top.section("qemu", |qemu| {
        let version = version(qemu);
        let accel = qemu.choice("accel", &ACCELS, &[]);
        let dirty_log = qemu.choice("dirty-log", &DIRTY_LOGS, &[]);
        // The bulk of the configuration is the same for every guest; its size only sets two defaults.
        let release = version.as_ref().map_or(VERSION, |version| version.value);
        let kind = accel.as_ref().map_or(Accel::Kvm, |accel| accel.value);
        let mut config = Config::defaults(release, kind, memory.unwrap_or(Bytes(0)));
        if let Some(log) = &dirty_log {
            config.dirty_log = log.value;
            config.setup_time = Config::default_setup_time(kind, log.value, memory.unwrap_or(Bytes(0)));
            config.sync_time = Config::default_sync_time(kind, log.value, memory.unwrap_or(Bytes(0)));
        }
        let auto_converge = qemu.switch("auto-converge");
        set(&mut config.capabilities.auto_converge, auto_converge.clone());
        set(&mut config.capabilities.return_path, qemu.switch("return-path"));
        set(&mut config.first_migration, qemu.switch("first-migration"));
        set(&mut config.setup_time, qemu.at_most("setup-time", None, SLOWEST));
        set(&mut config.sync_time, qemu.at_most("sync-time", None, SLOWEST));
        set(&mut config.switchover_time, qemu.at_most("switchover-time", None, SLOWEST));
        params(qemu, &mut config.params);
        qemu.finish(not_modelled);

        if let Some(version) = &version {
            ages(qemu, version);
        }
        if let Some(log) = &dirty_log {
            log_fits(qemu, log, release, version.as_ref().map(|version| &version.place), accel.as_ref());
        }
        if !config.capabilities.auto_converge {
            idle_throttle(qemu, auto_converge.as_ref());
        }
        Some(config)
    })
}

/// Takes a value over, if there is one.
fn set<T>(target: &mut T, found: Option<Found<T>>) {
    if let Some(found) = found {
        *target = found.value;
    }
}

/// The release; `VERSION` at the head of the section if none is named.
fn version(qemu: &mut Section) -> Option<Found<Version>> {
    let Some(found) = qemu.word("version", "8.2") else {
        return (!qemu.has("version")).then(|| Found { value: VERSION, place: qemu.place.clone(), bare: false });
    };
    match found.value.parse() {
        Ok(version) => Some(Found { value: version, place: found.place, bare: false }),
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

/// Reads the migration parameters over those that are in force.
pub(super) fn params(qemu: &mut Section, params: &mut Params) {
    set(&mut params.max_bandwidth, max_bandwidth(qemu));
    set(&mut params.avail_switchover_bandwidth, switchover_bandwidth(qemu));
    set(&mut params.downtime_limit, downtime_limit(qemu));
    let initial = qemu.percent("cpu-throttle-initial", 1..=99);
    let max = qemu.percent("max-cpu-throttle", 1..=99);
    if let Some(max) = &max {
        let starts = initial.as_ref().map_or(params.cpu_throttle_initial, |initial| initial.value);
        if max.value < starts {
            let title = format!("`{}` is below `cpu-throttle-initial`", qemu.path("max-cpu-throttle"));
            let (label, help) = match &initial {
                Some(_) => (
                    "but may not exceed this".to_owned(),
                    "QEMU refuses this pair too; raise the one or lower the other",
                ),
                None => (
                    format!("the throttle starts at {starts} %"),
                    "QEMU refuses this too; set `cpu-throttle-initial` as well",
                ),
            };
            let fault = qemu.faults.error(&max.place, title, label).help(help);
            if let Some(initial) = &initial {
                fault.note(&initial.place, format!("starts at {starts} %"));
            }
        }
    }
    set(&mut params.cpu_throttle_initial, initial);
    set(&mut params.max_cpu_throttle, max);
    set(&mut params.cpu_throttle_increment, qemu.percent("cpu-throttle-increment", 1..=99));
    set(&mut params.throttle_trigger_threshold, qemu.percent("throttle-trigger-threshold", 1..=100));
    set(&mut params.cpu_throttle_tailslow, qemu.switch("cpu-throttle-tailslow"));
}

fn max_bandwidth(qemu: &mut Section) -> Option<Found<Rate>> {
    let found = qemu.quantity::<Rate>("max-bandwidth", Some("B/s"))?;
    let path = qemu.path("max-bandwidth");
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
    let found = qemu.quantity::<Span>("downtime-limit", Some("ms"))?;
    let path = qemu.path("downtime-limit");
    if found.value > DOWNTIME {
        qemu.faults
            .error(&found.place, format!("`{path}` is too large"), "at most 2000 s")
            .help("QEMU refuses such a value too");
        return None;
    }
    if found.value != Span::from_ms(found.value.whole_ms()) {
        qemu.faults
            .error(&found.place, format!("`{path}` must be whole milliseconds"), "this has a fraction")
            .help("QEMU takes whole milliseconds");
        return None;
    }
    Some(found)
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
pub(super) fn ages(qemu: &mut Section, version: &Found<Version>) {
    for entry in qemu.entries() {
        let Some(option) = MigrationOption::find(&entry.key).filter(|option| option.modelled) else { continue };
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
    log: &Found<DirtyLog>,
    release: Version,
    version: Option<&Place>,
    accel: Option<&Found<Accel>>,
) {
    let since = log.value.since();
    let name = DIRTY_LOGS.iter().find(|(_, known)| *known == log.value).map_or("", |(name, _)| name);
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

/// Warns about throttle parameters where nothing throttles.
fn idle_throttle(qemu: &mut Section, auto_converge: Option<&Found<bool>>) {
    let set: Vec<_> = qemu.entries().iter().filter(|entry| THROTTLE.contains(&entry.key.as_str())).collect();
    let Some((first, others)) = set.split_first() else { return };
    let title = format!("`{}` has no effect", qemu.path(&first.key));
    let help = match auto_converge {
        Some(_) => "write `auto-converge = true`, or remove these parameters",
        None => "add `auto-converge = true`, or remove these parameters",
    };
    let fault = qemu.faults.warn(&first.place, title, "`auto-converge` is off, so nothing is throttled").help(help);
    for other in others {
        fault.note(&other.place, "nor has this");
    }
    if let Some(off) = auto_converge {
        fault.note(&off.place, "off here");
    }
}
