//! Pictures and pages of many rows take the memory and the room of what is seen of them, not of every cell.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Rows and figures of a sweep that somebody may well make.
const ROWS: usize = 20_000;
const FIGURES: [&str; 18] = [
    "setup_time_ms",
    "downtime_ms",
    "expected_downtime_ms",
    "total_time_ms",
    "precopy_passes",
    "transferred_bytes",
    "normal_pages",
    "zero_pages",
    "throttled_time_ms",
    "throttle_max_pct",
    "guest_slowdown_pct",
    "longest_stall_ms",
    "one_more",
    "two_more",
    "three_more",
    "four_more",
    "five_more",
    "six_more",
];

/// A sweep whose points lie anywhere, with a sentence in each row.
fn rows() -> String {
    let mut text =
        format!("point,seed,link.bandwidth,guest.workload.0.rate,qemu.version,verdict,reason,{}\n", FIGURES.join(","));
    // A congruence in place of chance: every value differs.
    let mut state: u64 = 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for point in 0..ROWS {
        let verdict = if next() < 0.7 { "converged" } else { "not-converged" };
        let (link, rate) = (1e8 + 3e9 * next(), 1e5 * next());
        text +=
            &format!("{point},{point}7,{link},{rate},{},{verdict},{:.3} MiB were left", 5 + point % 4, 900.0 * next());
        FIGURES.iter().for_each(|_| text += &format!(",{}", 1e4 * next()));
        text.push('\n');
    }
    text
}

/// The most memory that a command ever had [MiB], and what it wrote to `file`.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, words: &[&str], file: &str) -> (u64, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    let mut child = command.args(words).args(["-o", file]).current_dir(folder).stderr(Stdio::piped()).spawn().unwrap();
    let mut most = 0;
    let ended = loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        most = kib.map_or(most, |kib: u64| kib >> 10).max(most);
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    assert!(ended.success(), "{words:?}");
    (most, fs::read_to_string(folder.join(file)).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn many_rows_take_no_more_than_what_is_seen_of_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), rows()).unwrap();
    // 0.1.0 took 95 MiB for such a picture, which had 15 MB, and 227 MiB for the page, which had 66 MB.
    for (words, memory, size) in [
        (&["plot", "rows.csv", "--kind", "line", "--x", "link.bandwidth"][..], 36, 5_000_000),
        (&["plot", "rows.csv", "--kind", "frontier"], 36, 5_000_000),
        (&["plot", "rows.csv", "--kind", "cdf"], 36, 500_000),
        (&["report", "rows.csv"], 80, 12_000_000),
    ] {
        let (peak, written) = peak(folder.path(), words, if words[0] == "plot" { "out.svg" } else { "out.html" });
        println!("{words:?}: {peak} MiB, {} bytes", written.len());
        assert!(peak > 1 && peak <= memory, "{words:?}: {peak} MiB");
        assert!(written.len() <= size, "{words:?}: {} bytes", written.len());
        let thinned = !words.contains(&"cdf");
        assert_eq!(written.contains("one for all in the same place"), thinned, "{words:?}: what is left out is said");
    }
    let (_, once) = peak(folder.path(), &["report", "rows.csv"], "one.html");
    assert!(once.contains(&format!("The first 500 of {ROWS} rows")) && once.contains("--where"), "the table is cut");
    let few = ["report", "rows.csv", "--where", "link.bandwidth>3050000000"];
    let (_, few) = peak(folder.path(), &few, "few.html");
    assert!(!few.contains("The first ") && few.matches("<tr").count() > 100, "the rest is shown");
}

#[test]
fn more_names_than_an_axis_has_room_for_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let row = |n: usize| format!("guest-{n},converged,{n}\n");
    let rows = (0..400).map(row).collect::<String>();
    fs::write(folder.path().join("rows.csv"), format!("name,verdict,downtime_ms\n{rows}")).unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        command.args(words).current_dir(folder.path()).output().unwrap()
    };
    for kind in ["bars", "line"] {
        let refused = run(&["plot", "rows.csv", "--kind", kind, "--x", "name", "--y", "downtime_ms"]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("`name` has 400 values, and an axis has room for 300 names"), "{said}");
    }
    assert!(run(&["plot", "rows.csv"]).status.success(), "without a kind there is one that has room");
    assert!(run(&["report", "rows.csv"]).status.success());
}

#[test]
fn what_did_not_end_passes_no_filter_of_an_end_in_files_of_0_1_0() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/results/of-0.1.0.csv");
    let text = fs::read_to_string(file).unwrap();
    assert!(text.lines().any(|line| line.contains("not-converged")), "0.1.0 wrote figures of an end that was not");
    use precopy::results::{Filter, Results};
    let results = Results::parse(&text).unwrap();
    let picked = |filter: &str| {
        let filter: Filter = filter.parse().unwrap();
        let results = results.clone().selected(&[filter]).unwrap();
        let verdict = results.column("verdict").unwrap();
        results.rows().map(|row| row.cell(verdict).to_string()).collect::<Vec<_>>()
    };
    assert!(picked("verdict=not-converged").len() >= 2);
    for filter in ["downtime_ms<=100000", "downtime_ms>=0", "throttle_final_pct<=100", "threshold_bytes>=0"] {
        let picked = picked(filter);
        assert!(!picked.is_empty() && picked.iter().all(|verdict| verdict == "converged"), "{filter}: {picked:?}");
    }
    assert!(picked("total_time_ms>0").contains(&"not-converged".to_owned()), "what grows is known");
}
