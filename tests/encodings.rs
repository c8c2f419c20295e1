//! UTF-16, as PowerShell's `>` and some editors write it, is text wherever a text is read.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const DATA: &str = "tests/data";
const GUEST: &str = "[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n";

fn wide(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{}", text.replace('\n', "\r\n")).encode_utf16().flat_map(order).collect()
}

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").current_dir(folder).args(words).output().unwrap()
}

/// A file, and a command that reads it under the name `file` with a suffix.
const READ: [(&str, &str, &[&str]); 7] = [
    ("inventories/planner.csv", "file.csv", &["drain", "file.csv", "--link", "25G", "--format", "json"]),
    ("inventories/dominfo.txt", "file.txt", &["drain", "file.txt", "--link", "25G", "--format", "json"]),
    ("inventories/servers.json", "file.json", &["drain", "file.json", "--flavors", "flavors.json", "--link", "25G"]),
    ("settings/nova.conf", "file.conf", &["run", "guest.toml", "--orchestrator", "file.conf", "--format", "json"]),
    ("settings/kubevirt.yaml", "file.yaml", &["run", "guest.toml", "--orchestrator", "file.yaml", "--format", "json"]),
    ("logs/domjobinfo-loop.txt", "file.log", &["why", "file.log"]),
    ("tables/link.csv", "file.csv", &["run", "guest.toml", "--set", "link.bandwidth=file.csv", "--format", "json"]),
];

#[test]
fn a_file_in_utf_16_is_read_as_the_same_in_utf_8() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("guest.toml"), GUEST).unwrap();
    let flavors = fs::read_to_string(root.join("inventories/flavors.json")).unwrap();
    fs::write(folder.path().join("flavors.json"), wide(&flavors, u16::to_le_bytes)).unwrap();
    for (from, name, words) in READ {
        let text = fs::read_to_string(root.join(from)).unwrap();
        let said = |bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).unwrap();
            let output = precopy(folder.path(), words);
            // Results keep the text with its own ends of lines.
            let stdout = String::from_utf8(output.stdout).unwrap().replace("\\r\\n", "\\n");
            (output.status.code(), stdout, String::from_utf8(output.stderr).unwrap())
        };
        let plain = said(text.as_bytes());
        assert_eq!(plain.0, Some(0), "{from}: {}", plain.2);
        for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            assert_eq!(said(&wide(&text, order)), plain, "{from}");
        }
    }
}

#[test]
fn a_scenario_may_be_utf_16_and_what_is_damaged_is_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = wide(GUEST, u16::to_le_bytes);
    fs::write(folder.path().join("guest.toml"), &bytes).unwrap();
    assert_eq!(precopy(folder.path(), &["run", "guest.toml"]).status.code(), Some(0));
    fs::write(folder.path().join("guest.toml"), &bytes[..bytes.len() - 1]).unwrap();
    fs::write(folder.path().join("file.conf"), b"\xff\xfea\0\n\0\0\xd8x\0").unwrap();
    fs::write(folder.path().join("sound.toml"), GUEST).unwrap();
    for words in [
        &["run", "guest.toml"][..],
        &["drain", "file.conf", "--link", "25G"],
        &["why", "file.conf"],
        &["run", "sound.toml", "--orchestrator", "file.conf"],
    ] {
        let output = precopy(folder.path(), words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains("UTF-16") && said.matches("UTF-16").count() == 1, "{words:?}: {said}");
    }
}
