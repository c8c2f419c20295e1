//! Damage on the disk costs the rows that it hits and is told; nobody gets a wrong row, and nobody is stuck.

mod bench;

use std::fs;
use std::path::Path;

use bench::{Bench, GUEST};
use rand::RngExt;
use rand_pcg::Pcg64;

const SWEEP: &str = r#"
[qemu]
max-bandwidth = "0"

[sweep]
"link.bandwidth" = { from = "1 Gbit/s", to = "10 Gbit/s", steps = 16 }
"guest.workload.0.rate" = { from = 100, to = 5_000, steps = 10 }
"#;

/// A folder with a sweep of few rows.
fn bench() -> Bench {
    Bench::new(&(GUEST.to_owned() + SWEEP))
}

/// Ways in which bytes go bad.
const KINDS: [&str; 6] = ["bits", "a hole", "stray newlines", "truncation", "zeros", "swapped"];

fn damaged(kind: &str, bytes: &[u8], rng: &mut Pcg64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let length = bytes.len();
    let at = rng.random_range(0..length);
    let end = (at + rng.random_range(1..=length / 4)).min(length);
    match kind {
        "bits" => {
            for _ in 0..rng.random_range(1..=4) {
                bytes[rng.random_range(0..length)] ^= 1 << rng.random_range(0..8);
            }
        }
        "a hole" => drop(bytes.drain(at..end)),
        "stray newlines" => drop(bytes.splice(at..at, vec![b'\n'; rng.random_range(1..=3)])),
        "truncation" => bytes.truncate(at),
        "zeros" => bytes[at..end].fill(0),
        _ => {
            let long = rng.random_range(1..=length / 4);
            let (one, other) = (rng.random_range(0..length / 4), rng.random_range(length / 2..length * 3 / 4));
            let moved: Vec<u8> = bytes[one..one + long].to_vec();
            bytes.copy_within(other..other + long, one);
            bytes[other..other + long].copy_from_slice(&moved);
        }
    }
    bytes
}

#[test]
fn three_hundred_damaged_files_give_the_reference_or_an_error_that_names_the_damage() {
    let bench = bench();
    assert_eq!(bench.sweep(&["-q", "-o", "whole.csv"]).code, 0);
    let whole = bench.read("whole.csv");
    for (shard, name) in [("1/2", "1.csv"), ("2/2", "2.csv")] {
        assert_eq!(bench.sweep(&["-q", "--shard", shard, "-o", name]).code, 0);
    }
    let (reference, note) = (bench.read("2.csv"), bench.read("2.csv.sweep.json"));
    assert!(note.matches("\"first\"").count() > 1, "{note}");
    let part = bench.part("2.csv", 7);
    let words = ["-q", "--shard", "2/2", "-o", "2.csv"];
    let run = |extra: &str| bench.sweep(&[&words[..], &[extra]].concat());
    let merge = || bench.precopy(&["sweep", "-q", "--merge", "1.csv", "2.csv", "-o", "all.csv"]);
    let file = |name: &str, bytes: &[u8]| fs::write(bench.path(name), bytes).unwrap();
    let gone = |name: &str| drop(fs::remove_file(bench.path(name)));

    let mut rng = Pcg64::new(14, 3);
    let (mut mended, mut refused, mut harmless) = (0, 0, 0);
    for number in 0..300 {
        let kind = KINDS[number % KINDS.len()];
        let target = ["2.csv", "2.csv.part", "2.csv.part", "2.csv", "2.csv.sweep.json"][number / KINDS.len() % 5];
        let what = format!("{number}: {kind} in {target}");
        file("2.csv", reference.as_bytes());
        file("2.csv.sweep.json", note.as_bytes());
        let sound = match target {
            "2.csv" => reference.as_bytes(),
            "2.csv.sweep.json" => note.as_bytes(),
            _ => {
                gone("2.csv");
                gone("2.csv.sweep.json");
                &part
            }
        };
        let bytes = damaged(kind, sound, &mut rng);
        file(target, &bytes);

        // The parts are put together only if they are what was written.
        gone("all.csv");
        let merged = merge();
        match merged.code {
            0 => assert!(bench.read("all.csv") == whole && target != "2.csv.part", "{what}"),
            code => {
                assert!(code == 2 && !bench.path("all.csv").exists(), "{what}: {code}, {}", merged.stderr);
                assert!(merged.stderr.starts_with("error: `2.csv"), "{what}: {}", merged.stderr);
                let named =
                    ["rows ", "its header", "its length", "is not complete", "what a sweep leaves", "no checksums"];
                assert!(named.iter().any(|word| merged.stderr.contains(word)), "{what}: {}", merged.stderr);
            }
        }

        // Going on mends it, or says what does.
        let resumed = run("--resume");
        match resumed.code {
            0 if resumed.stderr.is_empty() => harmless += 1,
            0 => {
                let told = format!("note: `{target}` is damaged: ");
                assert!(
                    resumed.stderr.starts_with(&told) && resumed.stderr.lines().count() == 1,
                    "{what}: {}",
                    resumed.stderr
                );
                mended += 1;
            }
            code => {
                assert!(
                    code == 2 && resumed.stderr.starts_with(&format!("error: `{target}` ")),
                    "{what}: {}",
                    resumed.stderr
                );
                assert!(resumed.stderr.contains("`--restart`"), "{what}: {}", resumed.stderr);
                assert_eq!(run("--restart").code, 0, "{what}");
                refused += 1;
            }
        }
        // Only what was cut off at its end can be taken for a part that was interrupted.
        let silent_may_be = kind == "truncation" || bytes == sound || merged.code == 0 || target == "2.csv.part";
        assert!(!resumed.stderr.is_empty() || silent_may_be, "{what}: nothing is said");
        assert!(bench.read("2.csv") == reference, "{what}");
        // A line end between two words of a note changes nothing, and stays.
        assert!(bench.read("2.csv.sweep.json") == note || merged.code == 0, "{what}");
        assert!(!bench.path("2.csv.part").exists(), "{what}");
        assert_eq!(merge().code, 0, "{what}");
        assert!(bench.read("all.csv") == whole, "{what}");
    }
    println!("{mended} mended and told, {refused} refused with the way out, {harmless} as an interruption leaves them");
    assert!(mended > 150 && refused > 20, "{mended}, {refused}, {harmless}");
}

#[test]
fn damage_costs_the_block_that_it_hits() {
    let bench = bench();
    let words = ["-q", "-o", "a.csv"];
    assert_eq!(bench.sweep(&words).code, 0);
    let (whole, part) = (bench.read("a.csv"), bench.part("a.csv", 10));
    let resume = || bench.sweep(&[&words[..], &["--resume"]].concat());
    let in_row = |bytes: &[u8], row: &str| {
        let text = str::from_utf8(bytes).unwrap();
        text.find(&format!("\n{row},0,")).unwrap() + 20
    };
    for (broken, rows) in
        [(&["34"][..], "rows 31 to 40"), (&["34", "38"], "rows 31 to 40"), (&["34", "57"], "rows 31 to 40, 51 to 60")]
    {
        fs::remove_file(bench.path("a.csv.sweep.json")).unwrap();
        let mut part = part.clone();
        for row in broken {
            let at = in_row(&part, row);
            part[at] ^= 4;
        }
        fs::write(bench.path("a.csv.part"), &part).unwrap();
        let resumed = resume();
        assert!(resumed.stderr.contains(&format!("; {rows} are missing; ")), "{}", resumed.stderr);
        assert!(bench.read("a.csv") == whole);
    }
    // Of a complete file, the block of its note.
    let mut bytes = whole.clone().into_bytes();
    let at = in_row(&bytes, "120");
    bytes[at] ^= 4;
    fs::write(bench.path("a.csv"), &bytes).unwrap();
    let resumed = resume();
    assert!(resumed.code == 0 && resumed.stderr.contains("`a.csv` is damaged: rows "), "{}", resumed.stderr);
    assert!(!resumed.stderr.contains("rows 1 to"), "{}", resumed.stderr);
    assert!(bench.read("a.csv") == whole);
    let again = bench.sweep(&["-o", "a.csv", "--resume"]);
    assert_eq!(again.stderr, "note: `a.csv` is complete already\n");
}

#[test]
fn rows_of_another_sweep_are_not_taken_for_those_of_a_note() {
    let bench = bench();
    for (name, shard, seed) in [("1.csv", "1/2", "1"), ("2.csv", "2/2", "1"), ("other.csv", "2/2", "9")] {
        assert_eq!(bench.sweep(&["-q", "--shard", shard, "--seed", seed, "-o", name]).code, 0);
    }
    fs::rename(bench.path("other.csv"), bench.path("2.csv")).unwrap();
    let merge = bench.precopy(&["sweep", "-q", "--merge", "1.csv", "2.csv", "-o", "all.csv"]);
    assert!(
        merge.code == 2 && merge.stderr.starts_with("error: `2.csv` is not as it was written: rows 1 to"),
        "{}",
        merge.stderr
    );
    // As a journal: blocks of another sweep behind a note.
    let (own, other) = (bench.part("1.csv", 7), bench.part("1.csv", 7));
    let mut other = String::from_utf8(other).unwrap();
    other = other.replace("#rows 000000000007", "#rows 000000000008");
    fs::write(bench.path("1.csv.part"), &other).unwrap();
    assert_ne!(own, other.as_bytes());
    let resumed = bench.sweep(&["-q", "--shard", "1/2", "-o", "1.csv", "--resume"]);
    assert!(resumed.code == 0 && resumed.stderr.contains("rows 8 to 14 are missing"), "{}", resumed.stderr);
}

/// Copies inputs that broke an earlier version.
fn breaking(names: &[&str]) -> Bench {
    let bench = bench();
    for name in names {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/breaking").join(name), bench.path(name))
            .unwrap();
    }
    bench
}

#[test]
fn parts_that_nothing_vouches_for_are_refused_with_the_way_out() {
    let bench = breaking(&["mixed-1.csv", "mixed-1.csv.sweep.json", "mixed-2.csv", "mixed-2.csv.sweep.json"]);
    let merge = bench.precopy(&["sweep", "-q", "--merge", "mixed-1.csv", "mixed-2.csv", "-o", "all.csv"]);
    assert_eq!(merge.code, 2);
    assert_eq!(
        merge.stderr,
        "error: `mixed-1.csv.sweep.json` has no checksums of its rows, as precopy 0.1.0 wrote it, so nothing vouches for \
         them; run that sweep with `--restart`, which gives them up and begins anew\n"
    );
    assert!(!bench.path("all.csv").exists());
    let resumed = bench.sweep(&["-q", "--resume", "-o", "mixed-1.csv"]);
    assert!(resumed.code == 2 && resumed.stderr.contains("`--restart`"), "{}", resumed.stderr);
    assert_eq!(bench.sweep(&["-q", "--restart", "-o", "mixed-1.csv"]).code, 0);
}

#[test]
fn numbers_of_a_note_are_bounded() {
    let bench = breaking(&["note-count.csv", "note-count.csv.sweep.json"]);
    let merge = bench.precopy(&["sweep", "-q", "--merge", "note-count.csv", "-o", "all.csv"]);
    assert!(merge.code == 2 && merge.stderr.starts_with("error: `note-count.csv.sweep.json` "), "{}", merge.stderr);
    // In a note of today, with the right checksum or without.
    assert_eq!(bench.sweep(&["-q", "-o", "a.csv"]).code, 0);
    let note = bench.read("a.csv.sweep.json");
    let huge = u64::MAX.to_string();
    for (old, new) in
        [("\"count\": 1", "\"count\": "), ("\"points\": 160", "\"points\": "), ("\"rows\": 160", "\"rows\": ")]
    {
        assert!(note.contains(old), "{note}");
        let mut changed: serde_json::Value = serde_json::from_str(&note.replace(old, &format!("{new}{huge}"))).unwrap();
        let blocks = note.split_once("\n\"blocks\": ").unwrap().1.trim_end_matches("\n}\n").replace('\n', "");
        let sweep: precopy::sweep::Identity = serde_json::from_value(changed["sweep"].clone()).unwrap();
        let archive: precopy::disk::Archive = serde_json::from_value(changed["archive"].clone()).unwrap();
        let sound = serde_json::to_string(&(&sweep, &archive)).unwrap();
        let sound = format!("{},{blocks}]", sound.trim_end_matches(']'));
        changed["checksum"] = crc32fast::hash(sound.as_bytes()).into();
        fs::write(bench.path("a.csv.sweep.json"), changed.to_string()).unwrap();
        let merge = bench.precopy(&["sweep", "-q", "--merge", "a.csv", "-o", "all.csv"]);
        assert!(merge.code == 2 && merge.stderr.starts_with("error: `a.csv.sweep.json` "), "{}", merge.stderr);
        assert!(
            ["no shard", "no sweep of", "not 18446744073709551615"].iter().any(|why| merge.stderr.contains(why)),
            "{}",
            merge.stderr
        );
    }
}

#[test]
fn an_empty_note_is_no_dead_end() {
    for empty in [true, false] {
        let bench = breaking(&["empty-note.csv.part", "empty-note.csv.part.json"]);
        if !empty {
            // Rows as 0.1.0 left them.
            fs::write(bench.path("empty-note.csv.part"), "point,repeat,seed\n0,0,1\n").unwrap();
        }
        let words = ["-q", "-o", "empty-note.csv"];
        let resumed = bench.sweep(&[&words[..], &["--resume"]].concat());
        assert_eq!(resumed.code, if empty { 0 } else { 2 }, "{}", resumed.stderr);
        if !empty {
            let told = "error: `empty-note.csv.part` is not what a sweep leaves behind: ";
            assert!(resumed.stderr.starts_with(told) && resumed.stderr.contains("`--restart`"), "{}", resumed.stderr);
            assert_eq!(bench.sweep(&words).code, 2);
            assert_eq!(bench.sweep(&[&words[..], &["--restart"]].concat()).code, 0);
        }
        assert!(bench.path("empty-note.csv").exists());
        assert!(!bench.path("empty-note.csv.part").exists() && !bench.path("empty-note.csv.part.json").exists());
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_or_too_large_is_answered_at_once() {
    let start = std::time::Instant::now();
    let bench = bench();
    let small = ["-q", "--vary", "guest.workload.0.rate=1000,2000"];
    for shard in ["1/2", "2/2"] {
        assert_eq!(
            bench.sweep(&[&small[..], &["--shard", shard, "-o", &format!("{}.csv", &shard[..1])]].concat()).code,
            0
        );
    }
    // A pipe that nobody writes to, in the place of a note.
    fs::remove_file(bench.path("1.csv.sweep.json")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(bench.path("1.csv.sweep.json")).status().unwrap();
    assert!(made.success());
    let merge = bench.precopy(&["sweep", "--merge", "1.csv", "2.csv", "-o", "all.csv"]);
    assert_eq!(merge.code, 2, "{}", merge.stderr);
    assert!(merge.stderr.contains("`1.csv.sweep.json`") && merge.stderr.contains("`--restart`"), "{}", merge.stderr);
    let again = bench.sweep(&[&small[..], &["--shard", "1/2", "--restart", "-o", "1.csv"]].concat());
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(bench.precopy(&["sweep", "--merge", "1.csv", "2.csv", "-o", "all.csv"]).code, 0);
    // Words that look like the beginnings of blocks, and nothing else.
    fs::write(bench.path("a.csv.part"), "#rows ".repeat(50_000)).unwrap();
    let resumed = bench.sweep(&[&small[..], &["--resume", "-o", "a.csv"]].concat());
    assert!(resumed.code == 2 && resumed.stderr.contains("`--restart`"), "{}", resumed.stderr);
    // A folder is not given up by a flag.
    fs::create_dir(bench.path("b.csv.part")).unwrap();
    let restarted = bench.sweep(&[&small[..], &["--restart", "-o", "b.csv"]].concat());
    assert_eq!(restarted.code, 3, "{}", restarted.stderr);
    assert_eq!(restarted.stderr, "error: cannot write `b.csv.part`: it is a directory\n");
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}
