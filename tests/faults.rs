//! Files that are not what they should be: each is named in a line with the exit code for it, nothing is half written,
//! and nothing that was there is lost.

#![cfg(unix)]

mod bench;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use bench::{Bench, Ended, GUEST};

const FLEET: &str = "name,memory,preset\na,8 GiB,redis-set-100k\nb,8 GiB,redis-set-100k\n";

/// What a measurement of dirty pages tells.
const DIRTY_RATES: &str = "Domain: 'web1'\n  dirtyrate.calc_status=2\n  dirtyrate.calc_start_time=8219\n  \
                           dirtyrate.calc_period=1\n  dirtyrate.calc_mode=page-sampling\n  \
                           dirtyrate.megabytes_per_second=60\n  balloon.current=4194304\n  vcpu.current=2\n";

/// Every command that writes a file: its words, and the suffix of the file.
const WRITERS: [(&[&str], &str); 9] = [
    (&["run", "guest.toml"], "txt"),
    (&["run", "guest.toml", "--repeats", "2"], "txt"),
    (&["sweep", "guest.toml", "-q", "--vary", "link.bandwidth=1 Gbit/s,2 Gbit/s"], "csv"),
    (&["plan", "guest.toml", "--pairs", "0"], "txt"),
    (&["drain", "fleet.csv", "--link", "1 Gbit/s"], "txt"),
    (&["check", "suite"], "txt"),
    (&["plot", "rows.csv"], "svg"),
    (&["report", "rows.csv"], "html"),
    (&["fit", "-q", "--dirtyrate", "rates.txt"], "toml"),
];

/// A folder with an input for each command.
fn bench() -> Bench {
    let bench = Bench::new(GUEST);
    fs::create_dir(bench.path("suite")).unwrap();
    let policies = "[[policy]]\nname = \"new\"\nset = []\n";
    for (name, text) in [
        ("fleet.csv", FLEET),
        ("rates.txt", DIRTY_RATES),
        ("suite/guest.toml", GUEST),
        ("suite/check.toml", policies),
        ("old", "old"),
    ] {
        fs::write(bench.path(name), text).unwrap();
    }
    for words in [
        &["check", "suite", "--bless", "-o", "blessed.txt"][..],
        &["sweep", "guest.toml", "-q", "--vary", "link.bandwidth=1..10 Gbit/s/3", "-o", "rows.csv"],
    ] {
        let ended = bench.precopy(words);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    }
    bench
}

/// Runs a command with its result at `output`.
fn to(bench: &Bench, words: &[&str], output: &str) -> Ended {
    bench.precopy(&[words, &["-o", output]].concat())
}

/// Files of the folder that a run has left half done.
fn left(bench: &Bench) -> Vec<String> {
    let names = fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    names
        .map(|name| name.into_string().unwrap())
        .filter(|name| name.contains(".part") || name.contains(".precopy-"))
        .collect()
}

/// A line for people: what failed, and no more.
fn is_complaint(ended: &Ended, about: &str) -> bool {
    ended.stderr.starts_with("error: ") && ended.stderr.contains(about) && !ended.stderr.contains("panicked")
}

#[test]
fn a_result_that_cannot_be_written_is_named() {
    let bench = bench();
    for (words, suffix) in WRITERS {
        let folder = format!("folder.{suffix}");
        fs::create_dir_all(bench.path(&folder)).unwrap();
        let full = format!("full.{suffix}");
        symlink("/dev/full", bench.path(&full)).unwrap_or(());
        for (output, about) in [
            (folder.as_str(), "it is a directory"),
            (&format!("missing/a.{suffix}"), "No such file or directory"),
            (&format!("old/a.{suffix}"), "Not a directory"),
            (&full, "No space left on device"),
        ] {
            let ended = to(&bench, words, output);
            assert_eq!(ended.code, 3, "{words:?} to {output}: {}", ended.stderr);
            assert!(is_complaint(&ended, about), "{words:?} to {output}: {}", ended.stderr);
            assert!(ended.stderr.contains(output), "{words:?} to {output}: {}", ended.stderr);
            assert_eq!(left(&bench), [""; 0], "{words:?} to {output}");
        }
    }
}

#[test]
fn a_folder_that_may_not_be_written_to_is_named() {
    let bench = bench();
    fs::create_dir(bench.path("closed")).unwrap();
    fs::set_permissions(bench.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(bench.path("closed/try"), "").is_ok() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: a folder that may not be written to; root may write to all");
        return;
    }
    for (words, suffix) in WRITERS {
        let ended = to(&bench, words, &format!("closed/a.{suffix}"));
        assert_eq!(ended.code, 3, "{words:?}: {}", ended.stderr);
        assert!(is_complaint(&ended, "Permission denied"), "{words:?}: {}", ended.stderr);
    }
}

#[test]
fn a_link_stays_a_link_and_a_file_keeps_its_mode() {
    let bench = bench();
    for (words, suffix) in WRITERS {
        let (file, link) = (format!("file.{suffix}"), format!("link.{suffix}"));
        symlink(&file, bench.path(&link)).unwrap_or(());
        let _ = fs::remove_file(bench.path(&file));
        for there in [false, true] {
            if there {
                fs::write(bench.path(&file), "old").unwrap();
                fs::set_permissions(bench.path(&file), fs::Permissions::from_mode(0o640)).unwrap();
            }
            let ended = to(&bench, words, &link);
            assert_eq!(ended.code, 0, "{words:?}: {}", ended.stderr);
            assert!(fs::symlink_metadata(bench.path(&link)).unwrap().is_symlink(), "{words:?}");
            assert!(bench.read(&file).len() > 3, "{words:?}");
            let mode = fs::metadata(bench.path(&file)).unwrap().permissions().mode() & 0o777;
            assert!(!there || mode == 0o640, "{words:?}: {mode:o}");
            assert_eq!(left(&bench), [""; 0], "{words:?}");
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let bench = bench();
    for (words, _) in WRITERS {
        let words =
            if words[0] == "plot" || words[0] == "report" { [words, &["-o", "-"]].concat() } else { words.to_vec() };
        let mut child = bench.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `| head -1` does, and as a reader that is gone at once.
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        reader.read_line(&mut String::new()).unwrap();
        drop(reader);
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("error"), "{words:?}: {said}");
        let mut gone = bench.command(&words);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = gone.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn standard_output_on_a_full_disk_is_a_failure() {
    let bench = bench();
    for (words, _) in WRITERS {
        let words =
            if words[0] == "plot" || words[0] == "report" { [words, &["-o", "-"]].concat() } else { words.to_vec() };
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = bench.command(&words).stdout(full).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(3), "{words:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains("No space left on device"), "{words:?}: {said}");
    }
}

/// Every command that reads a file, with `INPUT` where its name goes.
const READERS: [&[&str]; 11] = [
    &["run", "INPUT"],
    &["run", "guest.toml", "--set", "link.bandwidth=INPUT"],
    &["sweep", "INPUT", "-q", "--vary", "link.bandwidth=1 Gbit/s,2 Gbit/s", "-o", "a.csv"],
    &["plan", "INPUT"],
    &["drain", "INPUT", "--link", "1 Gbit/s"],
    &["check", "suite", "--baseline", "INPUT"],
    &["plot", "INPUT", "-o", "a.svg"],
    &["report", "INPUT", "-o", "a.html"],
    &["compare", "INPUT"],
    &["fit", "INPUT"],
    &["fit", "--dirtyrate", "INPUT"],
];

#[test]
fn an_input_that_cannot_be_read_is_named() {
    let bench = bench();
    let long = "x".repeat(300);
    for (name, bytes) in [("empty", &b""[..]), ("binary", b"\xff\xfe\x00\x01\n"), ("bom", b"\xef\xbb\xbf")] {
        for suffix in ["csv", "toml"] {
            fs::write(bench.path(&format!("{name}.{suffix}")), bytes).unwrap();
        }
    }
    symlink("nowhere", bench.path("dangling.csv")).unwrap();
    symlink("loop.csv", bench.path("loop.csv")).unwrap();
    fs::create_dir(bench.path("folder.csv")).unwrap();
    // Its first bytes are at an address where nothing is: reading fails, for root as well.
    symlink("/proc/self/mem", bench.path("unreadable.csv")).unwrap();
    for words in READERS {
        for input in [
            "missing.csv",
            "dangling.csv",
            "loop.csv",
            "folder.csv",
            "unreadable.csv",
            "empty.csv",
            "empty.toml",
            "binary.csv",
            "binary.toml",
            "bom.csv",
            "bom.toml",
            &long,
        ] {
            let words: Vec<String> = words.iter().map(|word| word.replace("INPUT", input)).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let ended = bench.precopy(&words);
            assert_eq!(ended.code, 2, "{words:?}: {}{}", ended.stdout, ended.stderr);
            assert!(is_complaint(&ended, &input[..20.min(input.len())]), "{words:?}: {}", ended.stderr);
            assert!(ended.stdout.is_empty(), "{words:?}: {}", ended.stdout);
        }
    }
    for name in ["a.csv", "a.svg", "a.html"] {
        assert!(!bench.path(name).exists(), "{name}");
    }
    assert_eq!(left(&bench), [""; 0]);
}

#[test]
fn marks_and_line_ends_of_other_systems_change_nothing() {
    let bench = bench();
    for (words, file) in [
        (&["run", "FILE", "--format", "csv"][..], "guest.toml"),
        (&["drain", "FILE", "--link", "1 Gbit/s", "--format", "csv"], "fleet.csv"),
        (&["plot", "FILE", "-o", "-"], "rows.csv"),
        (&["fit", "--dirtyrate", "FILE"], "rates.txt"),
    ] {
        let text = bench.read(file);
        let run = || {
            let words: Vec<&str> = words.iter().map(|word| if *word == "FILE" { file } else { word }).collect();
            let ended = bench.precopy(&words);
            assert_eq!(ended.code, 0, "{words:?}: {}", ended.stderr);
            ended.stdout
        };
        let plain = run();
        for other in [format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
            fs::write(bench.path(file), other).unwrap();
            assert!(run() == plain, "{words:?}");
        }
    }
}

#[test]
fn a_named_pipe_is_a_file_like_any_other() {
    let bench = bench();
    assert!(Command::new("mkfifo").arg(bench.path("pipe.toml")).status().unwrap().success());
    let child = bench.command(&["run", "pipe.toml", "--format", "csv"]).stdout(Stdio::piped()).spawn().unwrap();
    fs::write(bench.path("pipe.toml"), GUEST).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let plain = bench.precopy(&["run", "guest.toml", "--format", "csv"]);
    assert_eq!(String::from_utf8(ended.stdout).unwrap().replace("pipe", "guest"), plain.stdout);
}

#[test]
fn a_file_that_vanishes_is_named() {
    let bench = bench();
    let file = GUEST.replace("\"1 Gbit/s\"", "\"steps.csv\"");
    fs::write(bench.path("steps.csv"), "time_s,bandwidth\n0,1 Gbit/s\n").unwrap();
    fs::write(bench.path("steps.toml"), file).unwrap();
    fs::remove_file(bench.path("steps.csv")).unwrap();
    for words in [&["run", "steps.toml"][..], &["sweep", "steps.toml", "--vary", "qemu.auto-converge=true,false"]] {
        let ended = bench.precopy(words);
        assert_eq!(ended.code, 2, "{words:?}: {}", ended.stderr);
        assert!(is_complaint(&ended, "steps.csv"), "{words:?}: {}", ended.stderr);
    }
    // The folder of a result goes while a long run is under way.
    fs::create_dir(bench.path("going")).unwrap();
    let words = ["run", "guest.toml", "--repeats", "3000", "-o", "going/a.txt"];
    let child = bench.command(&words).stderr(Stdio::piped()).spawn().unwrap();
    while fs::remove_dir(bench.path("going")).is_err() {}
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(said.starts_with("error: cannot write `going/a.txt`"), "{said}");
}

/// Runs words of a shell in the folder, and then a command, as one process.
fn after(bench: &Bench, shell: &str, words: &[&str]) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{shell}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_precopy")]).args(words);
    let output = command.current_dir(bench.path("")).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_one() {
    let bench = bench();
    for (words, suffix) in WRITERS {
        let output = format!("limited.{suffix}");
        fs::write(bench.path(&output), "old").unwrap();
        let ended = after(&bench, "ulimit -f 0", &[words, &["-o", &output]].concat());
        assert_eq!(ended.code, 3, "{words:?}: {}", ended.stderr);
        assert!(
            is_complaint(&ended, "File too large") && ended.stderr.contains(&output),
            "{words:?}: {}",
            ended.stderr
        );
        assert_eq!(bench.read(&output), "old", "{words:?}");
        // The part of a sweep is what is gone on with.
        let left = left(&bench);
        assert!(
            left.iter().all(|name| *name == format!("{output}.part") && words[0] == "sweep"),
            "{words:?}: {left:?}"
        );
        fs::remove_file(bench.path(&format!("{output}.part"))).unwrap_or(());
    }
}

#[test]
fn nothing_is_written_through_a_link_that_waits_for_the_file() {
    let bench = bench();
    for (words, suffix) in WRITERS {
        let output = format!("planted.{suffix}");
        fs::write(bench.path("victim"), "dear").unwrap();
        // A shell's own number is that of the program which takes its place.
        let links = format!("ln -s victim {output}.precopy-$$; ln -s nowhere {output}.precopy-$$-1");
        let ended = after(&bench, &links, &[words, &["-o", &output]].concat());
        assert_eq!(ended.code, 0, "{words:?}: {}", ended.stderr);
        assert_eq!(bench.read("victim"), "dear", "{words:?}");
        assert!(!bench.path("nowhere").exists(), "{words:?}");
        assert!(fs::symlink_metadata(bench.path(&output)).unwrap().is_file(), "{words:?}");
        for link in left(&bench) {
            fs::remove_file(bench.path(&link)).unwrap();
        }
    }
    // The part of a sweep, whose name anybody can guess.
    let sweep = ["sweep", "guest.toml", "-q", "--vary", "link.bandwidth=1 Gbit/s,2 Gbit/s", "-o", "a.csv"];
    for place in ["victim", "nowhere"] {
        symlink(place, bench.path("a.csv.part")).unwrap();
        for how in [&[][..], &["--resume"]] {
            let ended = bench.precopy(&[&sweep[..], how].concat());
            assert_eq!(ended.code, 2, "{}", ended.stderr);
            assert!(is_complaint(&ended, "`--restart`"), "{}", ended.stderr);
        }
        assert_eq!(bench.precopy(&[&sweep[..], &["--restart"]].concat()).code, 0);
        assert_eq!((bench.read("victim").as_str(), bench.path("nowhere").exists()), ("dear", false));
        // So can that of the note.
        fs::remove_file(bench.path("a.csv.sweep.json")).unwrap();
        symlink(place, bench.path("a.csv.sweep.json")).unwrap();
        assert_eq!(bench.precopy(&sweep).code, 0);
        assert_eq!((bench.read("victim").as_str(), bench.path("nowhere").exists()), ("dear", false));
        let again = bench.precopy(&["sweep", "--resume", "guest.toml", "--vary", sweep[4], "-o", "a.csv"]);
        assert!(again.stderr.ends_with("note: `a.csv` is complete already\n"), "{}", again.stderr);
    }
}
