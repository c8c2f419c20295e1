//! A link that a CSV file describes is the same link as one that is written out.

use std::path::Path;

use precopy::scenario::Input;
use precopy::units::{Rate, Time};

fn steps(bandwidth: &str) -> Vec<(Time, Rate)> {
    let text = format!("[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = {bandwidth}\n");
    let input = Input::new("test.toml", &text, &[]).unwrap().in_folder(Path::new("tests/data/tables"));
    input.load().unwrap_or_else(|faults| panic!("{faults:#?}")).scenario.link.steps
}

#[test]
fn a_file_and_steps_describe_the_same_link() {
    // The file's clock begins at 100 s; its first row is the moment of the command.
    let written = r#"[["0 s", "1 Gbit/s"], ["10 s", "200 Mbit/s"], ["30 s", "1 Gbit/s"]]"#;
    assert_eq!(steps("\"link.csv\""), steps(written));
}

#[test]
fn bytes_are_eight_times_bits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes.csv");
    std::fs::write(&file, "bytes_per_second,seconds\n125000000,0\n25000000,10\n125000000,30\n").unwrap();
    assert_eq!(steps(&format!("{:?}", file.to_str().unwrap())), steps("\"link.csv\""));
}
