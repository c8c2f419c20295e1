//! The files that products read their settings from, given to a scenario as they are.

mod figures;

use std::path::Path;

use precopy::cli::diagnostics::{Severity, render};
use precopy::scenario::Input;

const FOLDER: &str = "tests/data/settings";
const GUEST: &str = "[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n";

fn input(text: &str, sets: &[&str]) -> Input {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Input::new("guest.toml", text, &sets).unwrap().in_folder(Path::new(FOLDER))
}

/// What comes of a scenario, or what is wrong with it.
fn scenario(input: &Input) -> String {
    match input.load() {
        Ok(loaded) => {
            let json = serde_json::to_value(&loaded.scenario).unwrap();
            let warnings = render(input, Severity::Warning, &loaded.warnings, false);
            format!("{}\n{}\n{warnings}", json["orchestrator"], json["qemu"])
        }
        Err(faults) => render(input, Severity::Error, &faults, false),
    }
}

fn by_file(file: &str, more: &str) -> String {
    scenario(&input(&format!("{GUEST}[orchestrator]\nfile = \"{file}\"\n{more}"), &[]))
}

fn by_hand(keys: &str) -> String {
    scenario(&input(&format!("{GUEST}[orchestrator]\n{keys}"), &[]))
}

/// The part before warnings.
fn settled(text: &str) -> String {
    text.lines().take(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_says_what_its_keys_say() {
    for (file, more, keys) in [
        (
            "nova.conf",
            "",
            "kind = \"nova\"\nlive_migration_permit_auto_converge = true\nlive_migration_completion_timeout = 400",
        ),
        (
            "kubevirt.yaml",
            "",
            "kind = \"kubevirt\"\nallowAutoConverge = true\nbandwidthPerMigration = \"64Mi\"\ncompletionTimeoutPerGiB = 150\n\
             progressTimeout = 150\ndowntimeTuning = true",
        ),
        (
            "policy.json",
            "",
            "kind = \"kubevirt\"\nallowPostCopy = true\nbandwidthPerMigration = \"2 GB/s\"\ncompletionTimeoutPerGiB = 800",
        ),
        (
            "policy.json",
            "kind = \"harvester\"\nallowPostCopy = false\ncompletionTimeoutPerGiB = 1",
            "kind = \"harvester\"\nbandwidthPerMigration = \"2 GB/s\"\ncompletionTimeoutPerGiB = 1\nallowPostCopy = false",
        ),
        ("hyperconverged.yaml", "", "kind = \"openshift\"\ncompletionTimeoutPerGiB = 150"),
        ("datacenter.cfg", "", "kind = \"proxmox\"\nmigration = \"insecure\"\nbwlimit = 512000"),
        ("policy-of-ovirt.json", "", "kind = \"ovirt\"\nschedule = \"policy-of-ovirt.json\""),
    ] {
        let (found, wanted) = (by_file(file, more), by_hand(keys));
        assert_eq!(settled(&found), settled(&wanted), "{file}: {found}");
    }
}

/// It is the host's, so that any product may be above it.
#[test]
fn a_host_that_forces_tls_has_it_under_any_product() {
    let settled_by = |more: &str| settled(&by_file("qemu.conf", more));
    let tls = "[qemu]\ntls-creds = \"tls0\"\n";
    for kind in ["virsh", "nova", "kubevirt"] {
        let keys = format!("kind = \"{kind}\"\n");
        assert_eq!(settled_by(&keys), settled(&by_hand(&format!("{keys}{tls}"))), "{kind}");
    }
    assert_eq!(settled_by(""), settled_by("kind = \"virsh\""));
    // What the scenario says itself counts first.
    assert_eq!(settled_by("[qemu]\ntls-creds = \"\""), settled(&by_hand("kind = \"virsh\"")));
}

#[test]
fn what_is_not_modelled_is_named_once() {
    insta::assert_snapshot!(
        "not-modelled",
        [by_file("nova.conf", ""), by_file("kubevirt.yaml", ""), by_file("qemu.conf", "")]
            .map(|text| text.lines().skip(2).collect::<Vec<_>>().join("\n"))
            .join("\n")
    );
}

#[test]
fn a_file_that_cannot_be_used_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bad.conf", "[libvirt]\nlive_migration_completion_timeout = soon\n");
    write("broken.yaml", "kind: KubeVirt\nspec:\n  a: *x\n");
    write("broken.json", "{\"kind\": ");
    write(
        "two.yaml",
        "kind: MigrationPolicy\nspec:\n  allowPostCopy: true\n---\nkind: MigrationPolicy\nspec:\n  allowPostCopy: false\n",
    );
    write("hosts", "127.0.0.1 localhost\n");
    write("qemu.conf", "migrate_tls_force = maybe\n");
    let said = |keys: &str| {
        let text = format!("{GUEST}[orchestrator]\n{keys}");
        let input = Input::new("guest.toml", &text, &[]).unwrap().in_folder(folder.path());
        let faults = input.load().unwrap_err();
        assert_eq!(faults.len(), 1, "{}", render(&input, Severity::Error, &faults, false));
        render(&input, Severity::Error, &faults, false)
    };
    let all = [
        "file = \"bad.conf\"",
        "file = \"broken.yaml\"",
        "file = \"broken.json\"",
        "file = \"two.yaml\"",
        "file = \"hosts\"",
        "file = \"qemu.conf\"",
        "file = \"nowhere.conf\"",
        "file = 1",
        "file = \"bad.conf\"\nkind = \"proxmox\"",
    ];
    insta::assert_snapshot!("unusable", all.map(said).join("\n"));
}

#[test]
fn a_fleet_takes_the_schedulers_keys_too() {
    let fleet = "[link]\nbandwidth = \"10 Gbit/s\"\n[scheduler]\nkind = \"nova\"\n[orchestrator]\nfile = \"nova.conf\"\n\
                 [[vm]]\nguest.memory = \"8 GiB\"\n";
    let slots = |sets: &[&str]| input(fleet, sets).load_fleet().unwrap().fleet.scheduler.slots;
    assert_eq!(slots(&[]), 3);
    assert_eq!(slots(&["scheduler.max_concurrent_live_migrations=2"]), 2);
}

#[test]
fn a_flag_names_a_product_or_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let guest = folder.path().join("guest.toml");
    std::fs::write(&guest, format!("{GUEST}[orchestrator]\nkind = \"nova\"\nlive_migration_bandwidth = 5\n")).unwrap();
    let run = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output = command.arg("run").arg(&guest).args(words).args(["--format", "json"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        figures::figures(&output.stdout)
    };
    assert_eq!(run(&["--orchestrator", "proxmox"]), run(&["--set", "orchestrator={ kind = \"proxmox\" }"]));
    let by_keys = "orchestrator={ kind = \"proxmox\", migration = \"insecure\", bwlimit = 512000 }";
    assert_eq!(run(&["--orchestrator", "tests/data/settings/datacenter.cfg"]), run(&["--set", by_keys]));
}
