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
            let flag = format!("{}={value}", constant.key);
            let loaded = Input::new("a.toml", file, &[flag.clone()]).unwrap().load();
            assert!(loaded.is_ok(), "{flag}: {}", loaded.unwrap_err());
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
