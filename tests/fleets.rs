//! What a fleet file says is what is drained; whatever is wrong with one is said with its place.

use std::fs;
use std::path::Path;

use precopy::cli::diagnostics::{Severity, render};
use precopy::orchestrator::scheduler::{LinkDivision, QueueOrder, Scheduler};
use precopy::scenario::{Fleet, Input, SCHEDULERS};
use precopy::units::{Bytes, Rate, Span};
use proptest::prelude::*;

fn load(name: &str, text: &str, sets: &[&str]) -> Result<Fleet, String> {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let input = Input::new(name, text, &sets).unwrap();
    match input.load_fleet() {
        Ok(loaded) => Ok(loaded.fleet),
        Err(faults) => Err(render(&input, Severity::Error, &faults, false)),
    }
}

fn fleet(text: &str, sets: &[&str]) -> Fleet {
    load("fleet.toml", text, sets).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn every_broken_fleet_is_refused_with_its_message() {
    let files = fs::read_dir("tests/data/broken-fleets").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(files.len() >= 16);
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let sets: &[&str] = if name.ends_with(".csv") { &["link.bandwidth=10 Gbit/s"] } else { &[] };
        let complaint = load(name, &fs::read_to_string(&path).unwrap(), sets).err();
        insta::assert_snapshot!(name.replace('.', "-"), complaint.unwrap_or_else(|| panic!("{name} is not broken")));
    }
}

#[test]
fn what_no_row_can_say_is_asked_for_as_a_flag() {
    let complaint = load("a.csv", "name,memory,preset\na,8 GiB,redis-idle\n", &[]).err().unwrap();
    assert!(complaint.contains("help: give it by `--set 'link.bandwidth=10 Gbit/s'`"), "{complaint}");
}

#[test]
fn what_is_common_and_missing_is_said_once() {
    let rows: String = (0..37).map(|n| format!("guest-{n},8 GiB,redis-idle\n")).collect();
    let complaint = load("a.csv", &format!("name,memory,preset\n{rows}"), &[]).err().unwrap();
    assert_eq!(complaint.matches("`link.bandwidth` is missing").count(), 1, "{complaint}");
    let vms = "[[vm]]\nguest.memory = \"8 GiB\"\n".repeat(5);
    let complaint = load("a.toml", &vms, &[]).err().unwrap();
    assert_eq!(complaint.matches("`link.bandwidth` is missing").count(), 1, "{complaint}");
}

#[test]
fn every_shipped_fleet_loads_without_a_word_of_complaint() {
    for entry in fs::read_dir("scenarios/fleets").unwrap() {
        let path = entry.unwrap().path();
        let is_csv = path.extension().unwrap() == "csv";
        let sets = if is_csv { vec!["link.bandwidth=10 Gbit/s".to_owned()] } else { Vec::new() };
        let input = Input::from_file(&path, &sets).unwrap();
        assert!(input.text().starts_with("# "), "{} opens with the question it answers", path.display());
        let loaded = input.load_fleet().unwrap_or_else(|faults| panic!("{faults:?}"));
        assert_eq!(loaded.warnings, [], "{}", path.display());
        assert!(is_csv || loaded.fleet.question.is_some(), "{}", path.display());
    }
}

const COMMON: &str = r#"
[guest]
memory = "4 GiB"
vcpus = 2
[[guest.workload]]
kind = "uniform"
region = "1 GiB"
rate = "1000 pages/s"
[link]
bandwidth = "10 Gbit/s"
[qemu]
max-bandwidth = 0
[orchestrator]
kind = "nova"
live_migration_downtime = 400
"#;

#[test]
fn a_guest_has_what_is_common_with_its_own_keys_laid_over_it() {
    let text = format!(
        r#"{COMMON}
        [[vm]]
        [[vm]]
        name = "large"
        count = 2
        priority = -3
        guest.memory = "64 GiB"
        qemu.version = "9.2"
        [[vm]]
        name = "idle"
        guest.workload = []
        orchestrator = {{ kind = "proxmox" }}
        limits.time = "5 min"
        [[vm.at]]
        time = "1 s"
        action = "pause"
        "#
    );
    let fleet = fleet(&text, &["vm.0.guest.vcpus=7", "guest.zero=10 %"]);
    let names: Vec<&str> = fleet.guests.iter().map(|guest| guest.name.as_str()).collect();
    assert_eq!(names, ["vm-1", "large-1", "large-2", "idle"]);
    let [first, large, _, idle] = fleet.guests.as_slice() else { panic!("four guests") };
    let memory = |guest: &precopy::scenario::Guest| guest.scenario.guest.memory.bytes();
    assert_eq!((memory(first), memory(large)), (Bytes(4 << 30), Bytes(64 << 30)));
    assert_eq!((first.priority, large.priority), (0, -3));
    assert_eq!((first.scenario.guest.vcpus, large.scenario.guest.vcpus), (7, 2));
    assert_eq!(large.scenario.qemu.version.to_string(), "9.2");
    assert_eq!(large.scenario.qemu.params.max_bandwidth, Rate(0));
    assert_eq!((large.scenario.guest.workloads.len(), idle.scenario.guest.workloads.len()), (1, 0));
    assert!(fleet.guests.iter().all(|guest| guest.scenario.guest.zero.0 > 0));
    let above = |guest: &precopy::scenario::Guest| guest.scenario.orchestrator.as_ref().map(|policy| policy.name);
    assert_eq!((above(large), above(idle)), (Some("nova"), Some("proxmox")));
    assert_eq!((idle.scenario.at.len(), large.scenario.at.len()), (1, 0));
    assert_eq!(idle.scenario.limits.time, Span::from_ms(300_000));
    assert_eq!(fleet.scheduler, Scheduler::slots(1));
}

#[test]
fn a_row_of_a_csv_file_is_a_guest() {
    let rows = "\u{feff}# from the inventory\r\nname,memory,kind,region,rate,qemu.downtime-limit,count\r\n\
                web,4 GiB,uniform,1 GiB,1000 pages/s,,2\r\n\"mail, old\",8 GiB,idle,,,1 s,\r\n";
    let sets = ["link.bandwidth=1 Gbit/s", "guest.vcpus=3", "scheduler={ kind = \"nova\" }"];
    let from_csv = load("inventory.csv", rows, &sets).unwrap_or_else(|faults| panic!("{faults}"));
    let text = r#"
        link.bandwidth = "1 Gbit/s"
        guest.vcpus = 3
        scheduler.kind = "nova"
        [[vm]]
        name = "web"
        count = 2
        guest.memory = "4 GiB"
        guest.workload = [{ kind = "uniform", region = "1 GiB", rate = "1000 pages/s" }]
        [[vm]]
        name = "mail, old"
        guest.memory = "8 GiB"
        guest.workload = [{ kind = "idle" }]
        qemu.downtime-limit = "1 s"
    "#;
    assert_eq!(format!("{from_csv:?}"), format!("{:?}", fleet(text, &[])));
}

#[test]
fn a_scheduler_has_the_options_of_its_product() {
    let scheduler = |set: &str| fleet(&format!("{COMMON}\n[[vm]]"), &[&format!("scheduler={{ {set} }}")]).scheduler;
    let slots = |set: &str| scheduler(set).slots;
    assert_eq!(scheduler(r#"kind = "nova""#), Scheduler::nova());
    assert_eq!(slots(r#"kind = "nova", max_concurrent_live_migrations = 3"#), 3);
    assert!(slots(r#"kind = "nova", max_concurrent_live_migrations = 0"#) > 1000);
    assert_eq!(scheduler(r#"kind = "ovirt""#).bandwidth, LinkDivision::OvirtSplit);
    assert_eq!(slots(r#"kind = "ovirt", max_migrations = 5"#), 5);
    assert_eq!(scheduler(r#"kind = "kubevirt""#).requeue, Span::from_ms(5000));
    let parallel = |cluster, node| {
        slots(&format!(
            r#"kind = "kubevirt", parallelMigrationsPerCluster = {cluster}, parallelOutboundMigrationsPerNode = {node}"#
        ))
    };
    assert_eq!((slots(r#"kind = "kubevirt""#), parallel(3, 9), parallel(9, 4)), (2, 3, 4));
    assert_eq!((slots(r#"kind = "openshift""#), slots(r#"kind = "harvester""#)), (1, 2));
    assert_eq!(slots(r#"kind = "openshift", parallelOutboundMigrationsPerNode = 3"#), 3);
    assert_eq!((slots(r#"kind = "proxmox""#), slots(r#"kind = "proxmox", max_workers = 4"#)), (1, 4));
    assert_eq!((slots(r#"kind = "vsphere""#), slots(r#"kind = "vsphere", vmotion-cost = 8"#)), (8, 2));
    let own = scheduler(
        r#"kind = "slots", slots = 6, order = "longest-first", bandwidth = "1 Gbit/s", attempts = 2, back-off = "9 s", requeue = "1 s""#,
    );
    assert_eq!((own.slots, own.order, own.attempts), (6, QueueOrder::LongestFirst, 2));
    assert_eq!(
        (own.bandwidth, own.back_off, own.requeue),
        (LinkDivision::Cap(Rate(125_000_000)), Span::from_ms(9000), Span::from_ms(1000))
    );
    assert_eq!(scheduler(r#"kind = "slots", bandwidth = "split""#).bandwidth, LinkDivision::Split);
    for name in SCHEDULERS {
        assert_eq!(scheduler(&format!("kind = \"{name}\"")).name, name);
    }
}

#[test]
fn a_fleet_is_no_scenario_and_says_so() {
    let input = Input::from_file(Path::new("scenarios/fleets/forty-guests.toml"), &[]).unwrap();
    let faults = input.load().unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.help.as_deref().is_some_and(|help| help.starts_with("ask `precopy drain` about it"))),
        "{faults:?}"
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_csv_files_panic(text in r#"[a-z,"0-9\n\r# \u{fffd}GiB]{0,300}"#) {
        let _ = load("any.csv", &text, &["link.bandwidth=1 Gbit/s"]);
        let _ = load("any.csv", &format!("name,memory,kind,qemu.version\n{text}"), &[]);
    }
}
