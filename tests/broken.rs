//! Broken input: every fault has a message with its place, and none is a panic.
//!
//! Each file of `tests/data/broken` has a snapshot of what the user sees. After a change of wording run
//! `INSTA_UPDATE=always cargo test --test broken` and read the difference.

use std::fs;
use std::path::Path;

use precopy::cli::diagnostics::{Severity, render};
use precopy::scenario::{Extent, Input, Unreadable};
use proptest::prelude::*;

/// What the user sees: faults, warnings, or that there are none.
fn complaint(input: &Result<Input, Unreadable>) -> String {
    match input {
        Err(unreadable) => format!("error: {unreadable}\n"),
        Ok(input) => match input.load() {
            Err(faults) => render(input, Severity::Error, &faults, false),
            Ok(loaded) if loaded.warnings.is_empty() => "no complaint\n".to_owned(),
            Ok(loaded) => render(input, Severity::Warning, &loaded.warnings, false),
        },
    }
}

#[test]
fn every_broken_file_is_refused_with_its_message() {
    let mut files: Vec<_> = fs::read_dir("tests/data/broken").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20);
    for path in files {
        let input = Input::from_file(&path, &[]);
        assert!(input.as_ref().map_or(true, |input| input.load().is_err()), "{} is not broken", path.display());
        insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), complaint(&input));
    }
}

/// A file that is right, for flags that are not.
const SOUND: &str = include_str!("../fuzz/src/sound.toml");

fn with_flags(text: &str, flags: &[&str]) -> Result<Input, Unreadable> {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    Input::new("sound.toml", text, &flags)
}

#[test]
fn a_path_of_too_many_keys_is_refused_wherever_it_is_written() {
    let path = format!("qemu.{}", vec!["a"; 100_000].join("."));
    let swept = format!("{SOUND}[sweep]\n\"{path}\" = [1, 2]\n");
    let fleet = format!("name,memory,preset,{path}\na,8 GiB,idle,1\n");
    let (extent, sets) = (Extent::default(), ["link.bandwidth=1 Gbit/s".to_owned()]);
    for faults in [
        with_flags(SOUND, &[&format!("{path}=1")]).unwrap().load().err(),
        with_flags(SOUND, &[]).unwrap().varying(&[format!("{path}=1,2")]).template(extent).err(),
        with_flags(&swept, &[]).unwrap().template(extent).err(),
        Input::new("fleet.csv", &fleet, &sets).unwrap().load_fleet().err(),
    ] {
        let faults = faults.expect("too many keys");
        assert!(faults.iter().any(|fault| fault.title == "nested too deep"), "{:?}", faults[0].title);
    }
}

/// The titles of the faults of a text, and how they are drawn.
fn titles(name: &str, text: &str) -> Vec<String> {
    let input = Input::new(name, text, &["link.bandwidth=1 Gbit/s".to_owned()]).unwrap();
    let faults = if name.starts_with("fleet") { input.load_fleet().err() } else { input.load().err() };
    let faults = faults.map(Vec::from).unwrap_or_default();
    assert!(render(&input, Severity::Error, &faults, false).len() < 100_000);
    faults.into_iter().map(|fault| fault.title).collect()
}

#[test]
fn more_than_anybody_writes_is_refused() {
    let keys = (0..=1000).map(|key| format!("k{key} = 1\n")).collect::<String>();
    let at = "[[at]]\ntime = \"1 s\"\nset = { max-bandwidth = 0 }\n".repeat(10_001);
    let (vm, columns) = ("[[vm]]\n".repeat(9000), "qemu.xbzrle,".repeat(1001));
    for (name, text, title) in [
        ("keys.toml", format!("{SOUND}[qemu]\n{keys}"), "a section has too many keys"),
        ("list.toml", format!("{SOUND}{at}"), "a list is too long"),
        ("fleet.toml", format!("{SOUND}{vm}{}", &at[..at.len() / 4]), "too much is common to too many guests"),
        ("fleet.csv", format!("name,memory,{columns}preset\na,8 GiB,,idle\n"), "more than 1000 columns"),
        ("fleet.csv", format!("name,memory,preset\n{}", ",8 GiB,idle\n".repeat(10_001)), "more than 10000 guests"),
        // Each name would take a little memory, whether or not its guest is right.
        ("fleet.toml", "[[vm]]\ncount = 10_000\n".repeat(9000), "more than 10000 guests"),
    ] {
        let found = titles(name, &text);
        assert!(found.iter().any(|found| found == title), "{name}: {:?}", &found[..found.len().min(9)]);
    }
}

#[test]
fn more_values_than_anybody_varies_are_refused() {
    let values = |count: usize| (1..=count).map(|rate| rate.to_string()).collect::<Vec<_>>().join(",");
    let many: Vec<String> = (0..=256).map(|key| format!("limits.k{key}=1,2")).collect();
    for (varies, title) in [
        (many, "more than 256 keys are varied"),
        (vec![format!("qemu.max-bandwidth={}", values(20_001))], "more than 20000 values are listed"),
        (vec![format!("qemu.downtime-limit={}", values(9999)); 3], "more than 20000 values are listed"),
    ] {
        let faults = with_flags(SOUND, &[]).unwrap().varying(&varies).template(Extent::default()).unwrap_err();
        assert!(faults.iter().any(|fault| fault.title == title), "{:?}", faults[0]);
    }
    // With nothing right among them, not all of them are tried, beside all others.
    let wrong = ["guest.memory", "guest.zero", "link.latency"].map(|key| format!("{key}={},", "x,".repeat(6000)) + "y");
    let faults = with_flags(SOUND, &[]).unwrap().varying(&wrong).template(Extent::default()).unwrap_err();
    assert!(faults.len() < 200, "{}", faults.len());
}

#[test]
fn a_link_of_which_every_step_is_wrong_is_refused() {
    for list in ["[1]", "[[\"0 s\", \"fast\"]]", "[[\"soon\", \"1 Gbit/s\"]]"] {
        let flags = [&*format!("link.bandwidth={list}"), "orchestrator.kind=cloudstack"];
        assert_eq!(with_flags(SOUND, &flags).unwrap().load().unwrap_err().len(), 1, "{list}");
    }
}

#[cfg(unix)]
#[test]
fn a_schedule_without_an_end_is_not_read_to_its_end() {
    let flags = ["orchestrator.kind=ovirt", "orchestrator.schedule=/dev/zero"];
    let faults = with_flags(SOUND, &flags).unwrap().load().unwrap_err();
    assert_eq!(
        (faults.len(), faults[0].label.as_str()),
        (
            1,
            "not UTF-8 text: byte 0x00 at line 1, column 1, as a binary file, a device or UTF-16 has; name a text file, or save it as UTF-8"
        ),
        "{faults:?}"
    );
}

#[test]
fn a_fault_in_a_flag_names_the_flag() {
    let cases: &[(&str, &[&str])] = &[
        ("wrong-unit", &["guest.memory=16 GB/s"]),
        ("unknown-key", &["guest.memroy=16 GiB", "link.bandwidth=1 Gbit/s"]),
        ("unknown-section", &["gest.memory=16 GiB"]),
        ("no-value", &["guest.memory"]),
        ("empty-value", &["guest.memory="]),
        ("empty-key", &["guest..memory=1 GiB"]),
        ("no-such-entry", &["guest.workload.3.rate=5"]),
        ("list-without-number", &["guest.workload.rate=5"]),
        ("below-a-value", &["guest.memory.size=5"]),
        ("broken-value", &["link.bandwidth=[[\"0 s\", \"1 Gbit/s\""]),
        ("contradiction-with-the-file", &["guest.memory=1 GiB"]),
        ("orchestrator-kind", &["orchestrator.kind=nove"]),
        ("orchestrator-without-kind", &["orchestrator.vm.migrate.downtime=200"]),
        ("orchestrator-of-another-kind", &["orchestrator.kind=proxmox", "orchestrator.live_migration_downtime=200"]),
        ("orchestrator-number", &["orchestrator.kind=cloudstack", "orchestrator.vm.migrate.downtime=200 ms"]),
        ("two-flags", &["qemu.cpu-throttle-initial=50", "qemu.max-cpu-throttle=40"]),
        ("kind", &["guest.workload.0.kind=idle"]),
        ("deep", &["a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1"]),
    ];
    for (name, flags) in cases {
        let input = with_flags(SOUND, flags);
        assert!(input.as_ref().unwrap().load().is_err(), "{name} is not broken");
        insta::assert_snapshot!(format!("set-{name}"), complaint(&input));
    }
}

#[test]
fn a_flag_is_a_value_of_the_file() {
    let flags = [
        "guest.memory=16 GiB",
        "guest.memory=\"32 GiB\"",
        "guest.workload.0.rate=156 MiB/s",
        "link.bandwidth=[[\"0 s\", \"1 Gbit/s\"], [\"5 s\", \"2 Gbit/s\"]]",
        "qemu.version=5.1",
        "qemu.auto-converge=true",
        " limits . time = 2 h ",
    ];
    let scenario = with_flags(SOUND, &flags).unwrap().load().unwrap().scenario;
    assert_eq!(scenario.guest.memory.bytes().to_string(), "32 GiB", "the later flag wins");
    assert_eq!(scenario.guest.workloads[0].rate.0, 39_936.0);
    assert_eq!(scenario.link.steps.len(), 2);
    assert_eq!(scenario.qemu.version.to_string(), "5.1");
    assert!(scenario.qemu.capabilities.auto_converge);
    assert_eq!(scenario.limits.time.seconds(), 7200.0);
}

#[test]
fn an_orchestrator_can_come_from_flags_alone() {
    for (flags, acts) in [
        (["orchestrator.kind=nova", "orchestrator.live_migration_downtime=1000"], true),
        (["orchestrator.kind=cloudstack", "orchestrator.vm.migrate.downtime=200"], true),
        (["orchestrator.kind=kubevirt", "orchestrator.bandwidthPerMigration=64Mi"], true),
        (["orchestrator.kind=rules", "orchestrator.rule=[{ on = \"start\", downtime-limit = \"1 s\" }]"], true),
        (["orchestrator.kind=ovirt", "orchestrator.schedule=tests/data/schedules/own.json"], true),
        (["orchestrator.kind=nova", "orchestrator.kind=none"], false),
    ] {
        let input = with_flags(SOUND, &flags);
        assert_eq!(complaint(&input), "no complaint\n", "{flags:?}");
        assert_eq!(input.unwrap().load().unwrap().scenario.orchestrator.is_some(), acts, "{flags:?}");
    }
}

#[test]
fn what_is_likely_a_mistake_is_a_warning() {
    for (name, flags) in [
        ("throttle-without-auto-converge", ["qemu.cpu-throttle-initial=50", "qemu.max-cpu-throttle=90"].as_slice()),
        ("throttle-switched-off", &["qemu.auto-converge=false", "qemu.cpu-throttle-tailslow=true"]),
        (
            "levers-that-are-off",
            &[
                "qemu.multifd-channels=4",
                "qemu.multifd-channel-bandwidth=1 GB/s",
                "qemu.xbzrle=false",
                "qemu.xbzrle-cache-size=128 MiB",
                "qemu.max-postcopy-bandwidth=1 Gbit/s",
                "qemu.vcpu-dirty-limit=20",
                "qemu.compress-level=9",
                "qemu.tls-bandwidth=1 GB/s",
                "qemu.compression-ratio=2",
            ],
        ),
        ("changed-without-xbzrle", &["guest.workload.0.changed=1 %"]),
        ("at-after-the-limit", &["at.0.time=2 h"]),
        (
            "orchestrator-sets-it",
            &[
                "orchestrator.kind=nova",
                "qemu.auto-converge=true",
                "qemu.max-bandwidth=1 Gbit/s",
                "qemu.max-cpu-throttle=80",
            ],
        ),
        (
            "orchestrator-not-used",
            &[
                "orchestrator.kind=ovirt",
                "orchestrator.migration_downtime=500",
                "orchestrator.migration_downtime_delay=100",
                "orchestrator.release=4.3",
                "orchestrator.migration_max_bandwidth=52",
                "orchestrator.custom_value=1000",
            ],
        ),
        (
            "orchestrator-excludes",
            &[
                "orchestrator.kind=nova",
                "orchestrator.live_migration_permit_post_copy=true",
                "orchestrator.live_migration_permit_auto_converge=true",
            ],
        ),
        (
            "orchestrator-replaces",
            &[
                "orchestrator.kind=kubevirt",
                "orchestrator.downtimeTuning=true",
                "orchestrator.migrationStallDetection=true",
            ],
        ),
        (
            "orchestrator-cap-below-start",
            &["orchestrator.kind=rules", "orchestrator.rule=[{ downtime-limit = \"+10 ms\", cap = \"200 ms\" }]"],
        ),
        ("bandwidth-of-nothing", &["qemu.max-bandwidth=8"]),
        ("bandwidth-in-bytes", &["qemu.max-bandwidth=1000"]),
    ] {
        let text = format!("{SOUND}\n[[at]]\ntime = \"10 s\"\naction = \"pause\"\n");
        let input = with_flags(&text, flags);
        assert!(input.as_ref().unwrap().load().is_ok(), "{name} is refused");
        insta::assert_snapshot!(format!("warning-{name}"), complaint(&input));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_message() {
    assert_eq!(
        complaint(&Input::from_file(Path::new("no/such/file.toml"), &[])),
        "error: cannot read `no/such/file.toml`: No such file or directory (os error 2)\n"
    );
    let trace = "tests/data/traces/07-xbzrle.json";
    let message =
        format!("error: `{trace}` is JSON, and a scenario is TOML; a recorded migration goes to `precopy compare`\n");
    assert_eq!(complaint(&Input::from_file(Path::new(trace), &[])), message);
    let large = " \n".repeat(Input::MOST / 2 + 1);
    let refused = "error: `large.toml` is larger than 1 MiB and cannot be a scenario\n";
    assert_eq!(complaint(&Input::new("large.toml", &large, &[])), refused);
    assert_eq!(complaint(&Input::from_reader("large.toml", large.as_bytes(), &[])), refused);
    let endless = complaint(&Input::from_reader("large.toml", std::io::repeat(0xff), &[]));
    assert!(endless.contains("`large.toml` is not a text with lines"), "{endless}");
}

#[test]
fn a_large_broken_file_is_refused_quickly() {
    for line in ["a=1\n", "k = 5 GiB\n", "[[guest.workload]]\n", "[x]\n", "x = [\n", "\"", "a.b.c.d.e = {\n", "é=\n"] {
        let text = line.repeat(Input::MOST / 2 / line.len());
        let drawn = complaint(&Input::new("large.toml", &text, &[]));
        assert!(!drawn.is_empty() && drawn.len() < 1 << 20, "{line:?}: {}", drawn.len());
    }
    let keys: String = (0..40_000).map(|i| format!("k{i} = {i} GiB\n")).collect();
    assert!(complaint(&Input::new("large.toml", &keys, &[])).ends_with("more\n"));
}

proptest! {
    /// Lines of sound and unsound files in any order, with one letter changed.
    #[test]
    fn no_file_is_a_panic(
        lines in prop::collection::vec(prop::sample::select(LINES), 0..12),
        at in any::<prop::sample::Index>(),
        letter in any::<char>(),
        flag in "[a-z.0-9]{0,20}(guest|link|qemu|workload)?[.=]{1,2}\\PC{0,20}",
    ) {
        let mut text: Vec<char> = lines.join("\n").chars().collect();
        if !text.is_empty() {
            let at = at.index(text.len());
            text[at] = letter;
        }
        let text: String = text.into_iter().collect();
        prop_assert!(!complaint(&with_flags(&text, &[&flag])).is_empty());
    }
}

const LINES: &[&str] = &[
    "[guest]",
    "memory = \"8 GiB\"",
    "memory = 18446744073709551615",
    "zero = \"50 %\"",
    "[[guest.workload]]",
    "kind = \"uniform\"",
    "kind = \"hot-cold\"",
    "kind = \"sequential\"",
    "kind = \"idle\"",
    "region = \"2 GiB\"",
    "region = \"16777216 TiB\"",
    "region = \"9223372036854775807 B\"",
    "offset = \"1 GiB\"",
    "offset = \"9223372036854775807 B\"",
    "start = \"7 MiB\"",
    "hot = \"10 %\"",
    "hot = \"9223372036854775807 B\"",
    "share = \"90 %\"",
    "rate = \"1000 pages/s\"",
    "cpu = 1",
    "catch-up = \"none\"",
    "[link]",
    "bandwidth = \"10 Gbit/s\"",
    "bandwidth = [[\"0 s\", \"1 Gbit/s\"], [\"1 s\", \"2 Gbit/s\"]]",
    "latency = \"1 ms\"",
    "[qemu]",
    "version = \"2.10\"",
    "auto-converge = true",
    "max-bandwidth = 5",
    "max-cpu-throttle = 5",
    "xbzrle = {a = [[1], {b = 2}]}",
    "[limits]",
    "time = \"1 h",
    "time = \"4 min 05 s\"",
    "= [",
];
