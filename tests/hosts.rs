//! The page about hosts says what the program has.

mod page;

use page::hold_parts;
use precopy::qemu::{Accel, DirtyLog, HOST_CONSTANTS, HostKind, HostModel, Version};
use precopy::scenario::Input;
use precopy::units::{Bytes, Rate};

fn gbit(rate: Rate) -> String {
    format!("{} Gbit/s", (rate.0 as f64 * 8.0 / 1e9 * 100.0).round() / 100.0)
}

fn gb(rate: Rate) -> String {
    format!("{} GB/s", rate.0 as f64 / 1e9)
}

/// A row for each host.
fn hosts() -> String {
    let head = "| `kind` | stream | zero scan | before QEMU 2.6 | TLS | ssh | libvirt's tunnel | setup | sync | switchover |\n\
                |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    let row = |(name, kind): &(&str, HostKind)| {
        let accel = if *kind == HostKind::TcgRig { Accel::Tcg } else { Accel::Kvm };
        let version = Version::new(8, 2);
        let host = HostModel::of(*kind, version, accel, DirtyLog::default_for(version, accel));
        let old = HostModel::of(*kind, Version::new(2, 4), accel, DirtyLog::Classic);
        let memory = Bytes(64 << 30);
        format!(
            "| `{name}` | {} | {} | {} | {} | {}/s | {} | {} | {} | {} |\n",
            gbit(host.stream),
            gb(host.zero_scan),
            gb(old.zero_scan),
            gb(host.tls_bandwidth),
            Bytes(host.ssh.0),
            gbit(host.libvirt_tunnel),
            host.setup.of(memory),
            host.sync.of(memory),
            host.switchover.of(memory),
        )
    };
    head.to_owned() + &HostKind::WORDS.iter().map(row).collect::<String>()
}

/// A row for each constant.
fn constants() -> String {
    let head = "| key | what | published | sources |\n|---|---|---|---|\n";
    let row = |constant: &precopy::qemu::HostConstant| {
        let (low, high) = constant.range;
        format!("| `{}` | {} | {low} to {high} | {} |\n", constant.key, constant.means, constant.sources)
    };
    head.to_owned() + &HOST_CONSTANTS.iter().map(row).collect::<String>()
}

#[test]
fn the_page_has_every_host_and_every_constant() {
    hold_parts("docs/hosts.md", &[("hosts", &hosts()), ("constants", &constants())]);
}

/// A published range holds the value of the host that stands for all.
#[test]
fn every_constant_takes_both_ends_of_its_range() {
    let file = "[guest]\nmemory = \"64 GiB\"\n[link]\nbandwidth = \"100 Gbit/s\"\n";
    for constant in HOST_CONSTANTS {
        for value in [constant.range.0, constant.range.1] {
            let flags = [format!("{}={value}", constant.key)];
            let loaded = Input::new("a.toml", file, &flags).unwrap().load();
            assert!(loaded.is_ok(), "{flags:?}: {}", loaded.unwrap_err());
        }
    }
}

#[test]
fn the_slower_end_sets_the_pace() {
    let file = "[guest]\nmemory = \"64 GiB\"\n[link]\nbandwidth = \"100 Gbit/s\"\n";
    let host = |flags: &[&str]| {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Input::new("a.toml", file, &flags).unwrap().load().unwrap().scenario.qemu.host
    };
    let (new, old) = (host(&["host.kind=2023-epyc"]), host(&["host.kind=2014-xeon"]));
    for (source, destination) in [("2023-epyc", "2014-xeon"), ("2014-xeon", "2023-epyc")] {
        let both = host(&[&format!("host.kind={source}"), &format!("host.destination={destination}")]);
        assert_eq!(both.stream, old.stream);
        assert_eq!(both.switchover.fixed, old.switchover.fixed);
    }
    assert_ne!(new.stream, old.stream);
    assert_eq!(
        host(&["host.kind=2014-xeon", "host.stream=40 Gbit/s"]).stream,
        Rate(5_000_000_000),
        "what is said rules"
    );
}

/// A guest that a slow host would not get rid of.
const HINGED: &str = "[guest]\nmemory = \"32 GiB\"\nvcpus = 8\n[[guest.workload]]\nkind = \"uniform\"\nregion = \"4 GiB\"\n\
    rate = \"550000 pages/s\"\n[link]\nbandwidth = \"100 Gbit/s\"\n[qemu]\nversion = \"8.2\"\nmax-bandwidth = 0\n";

fn run(sets: &[&str]) -> serde_json::Value {
    run_with(&[], sets)
}

fn run_with(words: &[&str], sets: &[&str]) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hinged.toml");
    std::fs::write(&file, HINGED).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.args(["run", file.to_str().unwrap(), "--format", "json"]);
    command.args(words).args(sets.iter().flat_map(|set| ["--set", set]));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What an answer says that it hangs on is where it flips; and nothing is said of what was given.
#[test]
fn an_answer_that_hangs_on_the_host_says_from_where_on() {
    let open = run(&[]);
    assert_eq!(open["verdict"], "converged");
    let assumed = open["assumed"].as_array().unwrap();
    let stream = assumed.iter().find(|open| open["key"] == "host.stream").unwrap();
    assert_eq!(stream["published"], serde_json::json!(["10 Gbit/s", "25 Gbit/s"]));
    let hinge = &stream["hangs_on_it"][0];
    assert_eq!((&hinge["direction"], &hinge["verdict"]), (&"below".into(), &"not-converged".into()));
    let edge = hinge["from"].as_str().unwrap();
    let gbit: u64 = edge.strip_suffix(" Gbit/s").unwrap().parse().unwrap();
    assert_eq!(run(&[&format!("host.stream={edge}")])["verdict"], "not-converged");
    let said = run(&[&format!("host.stream={} Gbit/s", gbit + 1)]);
    assert_eq!(said["verdict"], "converged");
    let is_stream = |open: &serde_json::Value| open["key"] == "host.stream";
    assert!(!said["assumed"].as_array().unwrap().iter().any(is_stream), "{}", said["assumed"]);
}

/// The exact memory and repeats have the hinges of the expected one.
#[test]
fn exact_runs_and_repeats_say_what_they_hang_on() {
    let keys = |json: &serde_json::Value| -> Vec<(String, String)> {
        let assumed = json["assumed"].as_array().unwrap().iter();
        let hinges = assumed.flat_map(|open| open["hangs_on_it"].as_array().cloned().unwrap_or_default());
        hinges.map(|hinge| (hinge["key"].to_string(), hinge["from"].to_string())).collect()
    };
    let expected = keys(&run(&[]));
    assert!(!expected.is_empty());
    for words in [&["--memory", "exact"][..], &["--repeats", "3"], &["--repeats", "2", "--memory", "exact"]] {
        assert_eq!(keys(&run_with(words, &[])), expected, "{words:?}");
    }
}

/// QEMU's documentation of RDMA: 8 GiB in use over 40 Gbit/s in 7.5 s, and in 4 s with all of it pinned.
#[test]
fn rdma_takes_as_long_as_its_documentation_says() {
    let file = "[guest]\nmemory = \"8 GiB\"\n[[guest.workload]]\nkind = \"idle\"\n[link]\nbandwidth = \"40 Gbit/s\"\n\
        [qemu]\nversion = \"2.0\"\ntransport = \"rdma\"\nmax-bandwidth = 0\n";
    for (pinned, seconds) in [(false, 7.5), (true, 4.0)] {
        let flags = [format!("qemu.rdma-pin-all={pinned}")];
        let scenario = Input::new("a.toml", file, &flags).unwrap().load().unwrap().scenario;
        let (outcome, _) = precopy::sim::run(&scenario, &precopy::sim::Options::default()).unwrap();
        let error = outcome.total_time_ms / 1e3 / seconds - 1.0;
        assert!(error.abs() < 0.05, "pinned {pinned}: {:.2} s, not {seconds} s", outcome.total_time_ms / 1e3);
    }
}
