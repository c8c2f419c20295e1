//! Whoever gives a command the wrong kind of file is told in one sentence what it is, and which command reads it.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Files of each kind, with short names.
const FILES: [(&str, &str); 11] = [
    ("nova.log", "tests/data/logs/nova.txt"),
    ("domjobinfo.txt", "tests/data/logs/domjobinfo-one.txt"),
    ("task.txt", "tests/data/logs/proxmox-new.txt"),
    ("launcher.txt", "tests/data/logs/kubevirt-launcher.txt"),
    ("vmim.json", "tests/data/logs/kubevirt-vmim.json"),
    ("look.json", "tests/data/logs/one-look-running.json"),
    ("prom.json", "tests/data/logs/prometheus-range.json"),
    ("handler.txt", "tests/data/logs/kubevirt-handler.txt"),
    ("panel.csv", "tests/data/logs/grafana-joined.csv"),
    ("guest.toml", "scenarios/web-server.toml"),
    ("recording.json", "tests/data/traces/01-converge-random.json"),
];

const DIRTY: &str = "Domain: 'web1'\n  dirtyrate.calc_status=2\n  dirtyrate.calc_period=1\n";

fn complaint(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder).args(words).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    said
}

#[test]
fn each_command_says_what_a_file_is_and_who_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, from) in FILES {
        fs::copy(root.join(from), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("dirty.txt"), DIRTY).unwrap();
    fs::write(folder.path().join("results.csv"), "guest.rate,verdict,total_time_ms\n1,converged,5\n").unwrap();
    fs::write(folder.path().join("guests.csv"), "name,memory\nvm1,4 GiB\n").unwrap();
    let logs = &FILES[..9];
    let mut all = String::new();
    for (name, _) in logs {
        for command in ["run", "plan", "sweep", "drain"] {
            let said = complaint(folder.path(), &[command, name]);
            assert_eq!(said.lines().count(), 1, "{command} {name}: {said}");
            assert!(said.contains(&format!("`precopy why {name}` reads it")), "{command} {name}: {said}");
        }
        all += &complaint(folder.path(), &["run", name]);
    }
    for words in [
        &["plot", "nova.log", "-o", "a.svg"][..],
        &["report", "nova.log", "-o", "a.html"],
        &["fit", "dirty.txt"],
        &["why", "dirty.txt"],
        &["run", "dirty.txt"],
        &["fit", "--dirtyrate", "nova.log"],
        &["fit", "--dirtyrate", "look.json"],
        &["why", "results.csv"],
        &["compare", "guests.csv"],
        &["why", "guest.toml"],
        &["run", "results.csv"],
        &["run", "recording.json"],
        &["drain", "results.csv"],
        &["compare", "nova.log", "--scenario", "task.txt"],
    ] {
        let said = complaint(folder.path(), words);
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
        assert!(said.contains("precopy "), "{words:?}: {said}");
        all += &format!("precopy {}\n    {said}", words.join(" "));
    }
    insta::assert_snapshot!("wrong_kind", all);
}

/// What is right is not refused.
#[test]
fn the_right_kind_passes() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (command, file) in [
        ("run", "scenarios/web-server.toml"),
        ("why", "tests/data/traces/01-converge-random.json"),
        ("compare", "tests/data/traces/08-libvirt-throttle.json"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .current_dir(folder.path())
            .args([command.as_ref(), root.join(file).as_os_str()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
