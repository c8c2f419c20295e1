//! `precopy probe` measures for as long as it was told, and prints what a scenario takes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use precopy::scenario::Input;

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap()
}

#[test]
fn what_is_printed_is_a_section_of_a_scenario() {
    let output = precopy(&["probe", "--seconds", "1", "--quiet"]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let section = String::from_utf8(output.stdout).unwrap();
    for told in ["# Not measured: setup, sync and switchover.", "`migration_bitmap_sync_start`", "`precopy compare LOG"]
    {
        assert!(section.contains(told), "{section}");
    }
    let file = format!("[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n{section}");
    let host = Input::new("host.toml", &file, &[]).unwrap().load().unwrap_or_else(|faults| panic!("{faults}\n{file}"));
    let host = host.scenario.qemu.host;
    assert!(host.stream.0 > 10_000_000 && host.zero_scan.0 > 10_000_000, "{file}");
}

#[test]
fn one_host_sends_to_another_that_listens() {
    let mut listener = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .args(["probe", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(listener.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    let address =
        said.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).unwrap_or_else(|| panic!("{said}"));
    let output = precopy(&["probe", "--seconds", "1", "--to", address, "--format", "json"]);
    let ended = Command::new("kill").args(["-INT", &listener.id().to_string()]).status().unwrap();
    assert!(ended.success() && listener.wait().unwrap().code() == Some(0));
    let probe: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(probe["peer"], address);
    assert!(probe["stream"]["median"].as_u64().unwrap() > 10_000_000, "{probe}");
    assert_eq!(probe["stream"]["runs"], 5);
}

#[test]
fn nobody_at_the_other_end_is_an_error_with_a_way_out() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = precopy(&["probe", "--seconds", "1", "--to", &free]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&free) && said.contains("`precopy probe --listen"), "{said}");
    for words in [
        &["probe", "--to", "host2"][..],
        &["probe", "--seconds", "0"],
        &["probe", "--listen", "127.0.0.1:0", "--to", &free],
    ] {
        assert_eq!(precopy(words).status.code(), Some(2), "{words:?}");
    }
}
