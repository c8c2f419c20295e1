//! The command as a shell sees it: help, complaints, exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clap::CommandFactory;
use precopy::cli::args::Cli;

/// Runs the program in a folder of its own.
fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").current_dir(folder).args(words).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn help_explains_every_flag() {
    let mut cli = Cli::command();
    cli.build();
    insta::assert_snapshot!("help", cli.clone().term_width(100).render_long_help());
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let help = command.clone().term_width(100).render_long_help();
        insta::assert_snapshot!(format!("help_{}", command.get_name()), help);
    }
}

#[test]
fn the_version_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let output = precopy(folder.path(), &["--version"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("precopy {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2_and_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (words, complaint) in [
        (&[][..], "Usage: precopy"),
        (&["fly"], "unrecognized subcommand 'fly'"),
        (&["run"], "<SCENARIO>"),
        (&["run", "none.toml"], "cannot read `none.toml`"),
        (&["run", "none.toml", "--expect", "success"], "not-converged"),
        (&["run", "none.toml", "--expect", "downtime <= 5"], "did you mean `downtime_ms`?"),
        (&["run", "none.toml", "--expect", "downtime_ms <= 5 mm"], " --> --expect:1:16"),
        (&["run", "none.toml", "--seed", "x"], "--seed"),
        (&["run", "none.toml", "-q", "-v"], "cannot be used with"),
    ] {
        let output = precopy(folder.path(), words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(complaint), "{words:?}: {said}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no file was left behind");
}

#[test]
fn the_page_is_as_wide_as_columns_says() {
    let widest = |columns: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output = command.args(["run", "scenarios/web-server.toml"]).env("COLUMNS", columns).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line.chars().count()).max().unwrap()
    };
    let (usual, wide) = (widest("80"), widest("110"));
    assert!(usual <= 80 && (90..=110).contains(&wide), "{usual}, {wide}");
    assert_eq!(widest("a few"), usual, "nonsense is not heard");
}

#[test]
fn a_scenario_is_no_recorded_migration() {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(["compare", "scenarios/web-server.toml"]).output();
    let output = output.unwrap();
    let message = "error: scenarios/web-server.toml: is a scenario, and a recorded migration is JSON; `precopy run` takes \
                   scenarios\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(2), message));
}

#[test]
fn an_expectation_that_does_not_hold_ends_with_1_and_says_what_was_found() {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/database-1g.toml");
    let folder = tempfile::tempdir().unwrap();
    for (goals, complaint) in [
        (&["converged"][..], None),
        (&["converged, downtime_ms <= 300", "throttle_max_pct >= 90"], None),
        (&["downtime_ms <= 100"], Some("expected `downtime_ms <= 100`, but it is 292 ms")),
        (&["converged", "total_time_ms < 1 min"], Some("expected `total_time_ms < 1 min`, but it is 113 s")),
        (&["aborted"], Some("expected `aborted`, but the migration ended `converged`: ")),
    ] {
        let mut words = vec!["run", scenario.to_str().unwrap(), "--format", "csv"];
        words.extend(goals.iter().flat_map(|goal| ["--expect", goal]));
        let output = precopy(folder.path(), &words);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(i32::from(complaint.is_some())), "{goals:?}: {said}");
        assert!(said.contains(complaint.unwrap_or_default()), "{goals:?}: {said}");
        assert!(!output.stdout.is_empty(), "the report is written all the same");
    }
}

#[cfg(not(feature = "libvirt"))]
#[test]
fn without_libvirt_real_migrations_say_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/rig.toml");
    let place = ["--connect", "qemu:///system"];
    let replay = [&["replay", scenario, "--domain", "web1", "--dest", "qemu+ssh://host2/system", "--yes"], &place[..]];
    for words in [replay.concat(), [&["watch"], &place[..]].concat()] {
        let output = precopy(folder.path(), &words);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("libvirt-dev") && said.contains("--features libvirt"), "{said}");
    }
}

#[test]
fn a_result_never_takes_the_place_of_what_it_is_made_from() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-server.toml")).unwrap();
    let file = folder.path().join("a.toml");
    fs::write(&file, &scenario).unwrap();
    for words in [
        &["run", "a.toml", "-o", "a.toml"][..],
        &["run", "a.toml", "-o", "b.txt", "--timeline", "./a.toml"],
        &["sweep", "a.toml", "--vary", "qemu.auto-converge=true,false", "-o", "a.toml"],
        &["plan", "a.toml", "-o", "a.toml"],
        &["report", "a.toml", "-o", "a.toml"],
        &["plot", "a.toml", "-o", "a.toml"],
    ] {
        let output = precopy(folder.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("is read here"), "{words:?}: {}", stderr(&output));
        assert_eq!(fs::read(&file).unwrap(), scenario, "{words:?}");
    }
}

#[test]
fn rows_go_into_no_file_whose_suffix_says_something_else() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/web-server.toml");
    let folder = tempfile::tempdir().unwrap();
    for file in ["rows.xlsx", "rows.csv.gz", "rows.svg"] {
        let output =
            precopy(folder.path(), &["sweep", scenario, "--vary", "qemu.auto-converge=true,false", "-o", file]);
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(stderr(&output).contains("`.csv`, `.jsonl` or `.parquet`, not as"), "{}", stderr(&output));
        assert!(!folder.path().join(file).exists(), "{file}");
    }
}

#[test]
fn a_share_of_runs_says_whether_it_is_a_percentage() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/web-server.toml");
    let folder = tempfile::tempdir().unwrap();
    let output = precopy(folder.path(), &["plan", scenario, "--repeats", "3", "--in", "0.95"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("write 95 % or 0.95 %"), "{}", stderr(&output));
}

/// What a command leaves keeps all that it takes to make the same bytes again, wherever the files lay.
#[test]
fn results_are_made_again_from_what_they_keep() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/web-server.toml");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("inputs")).unwrap();
    fs::copy(shipped, at("inputs/guest.toml")).unwrap();
    fs::write(at("inputs/nova.conf"), "[libvirt]\nlive_migration_completion_timeout = 600\n").unwrap();
    let sweep = ["sweep", "inputs/guest.toml", "--vary", "link.bandwidth=1..10 Gbit/s/4"];
    let parts = ["a.csv", "b.csv"];
    for (shard, part) in ["1/2", "2/2"].into_iter().zip(parts) {
        assert!(
            precopy(folder.path(), &[&sweep[..], &["--shard", shard, "-j", "1", "-o", part]].concat()).status.success()
        );
    }
    for words in [
        &[
            "run",
            "inputs/guest.toml",
            "--seed",
            "7",
            "--orchestrator",
            "inputs/nova.conf",
            "--format",
            "json",
            "-o",
            "run.json",
        ][..],
        &[
            "run",
            "inputs/guest.toml",
            "--repeats",
            "3",
            "--memory",
            "exact",
            "-q",
            "--format",
            "json",
            "-o",
            "runs.json",
        ],
        &["plan", "inputs/guest.toml", "--pairs", "0", "-j", "1", "--format", "json", "-o", "plan.json"],
        &[&sweep[..], &["-o", "sweep.csv"]].concat(),
        &["sweep", "--merge", parts[0], parts[1], "-o", "merged.csv"],
        &["run", "inputs/guest.toml", "--format", "csv", "-o", "one.csv"],
        &["run", "inputs/guest.toml", "--repeats", "3", "--memory", "exact", "-q", "--format", "csv", "-o", "many.csv"],
    ] {
        let made = precopy(folder.path(), words);
        assert!(made.stdout.is_empty() && made.status.code() != Some(2), "{words:?}: {}", stderr(&made));
        let result = words[words.len() - 1];
        let again = format!("again-{result}");
        let cited = precopy(folder.path(), &["cite", result, "--unpack", &again]);
        assert!(cited.status.success(), "{result}: {}", stderr(&cited));
        let cited = String::from_utf8(cited.stdout).unwrap();
        let command = cited.lines().find_map(|line| line.strip_prefix("Command: precopy ")).unwrap();
        let command = command.replace('\'', "");
        let form = if result.ends_with(".json") { " --format json" } else { " --format csv" };
        let form = if command.starts_with("sweep") { "" } else { form };
        assert_eq!(cited.contains("\nRows: as they were written"), result.ends_with(".csv"), "{cited}");
        // The only blank inside of a word.
        let typed = format!("{command}{form} -o {result}").replace(" Gbit", "\u{a0}Gbit");
        let typed: Vec<String> = typed.split(' ').map(|word| word.replace('\u{a0}', " ")).collect();
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        precopy(&at(&again), &typed);
        let read = |folder: &Path| fs::read_to_string(folder.join(result)).unwrap();
        assert_eq!(read(folder.path()), read(&at(&again)), "{result}: {command}");
    }
    let note = |name: &str| fs::read_to_string(at(&format!("{name}.sweep.json"))).unwrap();
    assert_eq!(note("sweep.csv"), note("merged.csv"));
    // Rows of a plan name no version; their note does.
    precopy(
        folder.path(),
        &["plan", "inputs/guest.toml", "--pairs", "0", "-j", "1", "--format", "csv", "-o", "plan.csv"],
    );
    let cited = String::from_utf8(precopy(folder.path(), &["cite", "plan.csv"]).stdout).unwrap();
    assert!(cited.contains("\nCommand: precopy plan guest.toml --pairs 0\nRows: as they were written"), "{cited}");
    // The note itself is cited as its rows are, also alone.
    for (rows, note) in [("sweep.csv", "sweep.csv.sweep.json"), ("many.csv", "many.csv.origin.json")] {
        let cited = |file: &str| String::from_utf8(precopy(folder.path(), &["cite", file]).stdout).unwrap();
        let whole = cited(rows);
        assert_eq!(cited(note), whole);
        let text = fs::read_to_string(at(rows)).unwrap();
        fs::write(at(rows), text.replacen("converged", "post-copy", 1)).unwrap();
        let changed = precopy(folder.path(), &["cite", rows]);
        assert_eq!(changed.status.code(), Some(1), "an answer, and a bad one");
        assert!(stderr(&changed).contains("error: the rows are "), "{}", stderr(&changed));
        assert!(!cited(note).contains("as they were written"));
        // They are drawn all the same, with a warning.
        for words in [&["plot", rows][..], &["report", rows]] {
            let shown = precopy(folder.path(), words);
            assert!(shown.status.success() && !shown.stdout.is_empty(), "{words:?}: {}", stderr(&shown));
            let warning = format!("warning: the rows of `{rows}` are ");
            assert_eq!(stderr(&shown).matches(&warning).count(), 1, "{words:?}: {}", stderr(&shown));
            let quiet = precopy(folder.path(), &[words, &["-q"]].concat());
            assert!(quiet.stderr.is_empty(), "{words:?}: {}", stderr(&quiet));
        }
        fs::remove_file(at(rows)).unwrap();
        assert_eq!(
            cited(note),
            whole.replace(
                "as they were written, by the checksums of their note",
                "not beside their note, and not looked at"
            )
        );
        let text = fs::read_to_string(at(note)).unwrap();
        fs::write(at(note), text.replacen("web-server", "web_server", 1).replacen("guest", "Guest", 1)).unwrap();
        let damaged = precopy(folder.path(), &["cite", note]);
        let said = stderr(&damaged);
        assert!(damaged.status.code() == Some(2) && (said.contains("checksum") || said.contains("damaged")), "{said}");
    }
    // What is there stays, what is not kept is named, and rows alone keep no files.
    fs::write(at("again-run.json/guest.toml"), "mine").unwrap();
    assert_eq!(precopy(folder.path(), &["cite", "run.json", "--unpack", "again-run.json"]).status.code(), Some(3));
    fs::write(at("inputs/steps.csv"), "seconds,bits_per_second\n0,1000000000\n").unwrap();
    fs::write(
        at("inputs/binary.toml"),
        fs::read_to_string(shipped).unwrap().replace("\"1 Gbit/s\"", "\"../inputs/steps.csv\""),
    )
    .unwrap();
    precopy(folder.path(), &["run", "inputs/binary.toml", "--format", "json", "-o", "named.json"]);
    let cited = String::from_utf8(precopy(folder.path(), &["cite", "named.json"]).stdout).unwrap();
    assert!(cited.ends_with("\nNot kept: ../inputs/steps.csv\n"), "{cited}");
    precopy(folder.path(), &["run", "inputs/guest.toml", "--format", "csv", "-o", "run.csv"]);
    fs::remove_file(at("run.csv.origin.json")).unwrap();
    let kept = precopy(folder.path(), &["cite", "run.csv", "--unpack", "again"]);
    assert_eq!(kept.status.code(), Some(2));
    assert!(stderr(&kept).contains("do not keep the files"), "{}", stderr(&kept));
}

/// A table of bitmaps names them from its own folder; a file of a flag is named by no other.
#[test]
fn files_that_are_read_by_way_of_another_are_kept_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("in/looks")).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recordings");
    for name in ["low-1.bin", "low-2.bin", "high-1.bin"] {
        fs::copy(shipped.join(name), at("in/looks").join(name)).unwrap();
    }
    let table = fs::read_to_string(shipped.join("bitmaps.csv")).unwrap();
    fs::write(at("in/looks/table.csv"), &table).unwrap();
    let guest = "guest = { memory = \"8 GiB\", workload = [{ kind = \"recording\", file = 'looks/table.csv' }] }\n\
                 link = { bandwidth = \"1 Gbit/s\" }\n";
    fs::write(at("in/guest.toml"), guest).unwrap();
    let run = ["run", "in/guest.toml", "--memory", "exact", "--format", "json", "-o", "run.json"];
    let made = precopy(folder.path(), &run);
    assert!(made.status.success(), "{}", stderr(&made));
    let cited = precopy(folder.path(), &["cite", "run.json", "--unpack", "again"]);
    assert!(stderr(&cited).contains("note: 5 files are in `again`"), "{}", stderr(&cited));
    let again =
        precopy(&at("again"), &["run", "guest.toml", "--memory", "exact", "--format", "json", "-o", "run.json"]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(fs::read(at("run.json")).unwrap(), fs::read(at("again/run.json")).unwrap());
    // Also of a sweep; what there is no room for is named.
    fs::write(at("in/looks/large.bin"), vec![0; (4 << 20) + 8]).unwrap();
    fs::write(at("in/looks/table.csv"), table + "5.2,4194304,large.bin\n").unwrap();
    let swept = precopy(
        folder.path(),
        &["sweep", "in/guest.toml", "--vary", "link.bandwidth=1 Gbit/s,2 Gbit/s", "-o", "s.csv"],
    );
    assert!(swept.status.success(), "{}", stderr(&swept));
    let cited = String::from_utf8(precopy(folder.path(), &["cite", "s.csv"]).stdout).unwrap();
    assert!(cited.contains("\nNot kept: looks/large.bin\n"), "{cited}");
    // Files that only flags name.
    fs::write(at("link.csv"), "seconds,bits_per_second\n0,1000000000\n").unwrap();
    let made = precopy(folder.path(), &["run", "--ram", "2GiB", "--link", "link.csv", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(document["files"]["link.csv"].is_string(), "{document}");
}

/// A scenario that no file has is kept as one, and so are the files that it names.
#[test]
fn standard_input_is_kept_with_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("link.csv"), "seconds,bits_per_second\n0,1000000000\n").unwrap();
    let text = "[guest]\nmemory = \"2 GiB\"\n[link]\nbandwidth = \"link.csv\"\n";
    let run = |folder: &Path, text: &str, words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let piped = command.args(words).current_dir(folder).stdin(std::process::Stdio::piped());
        let mut child =
            piped.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        // What is too large is not read to its end.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes());
        child.wait_with_output().unwrap()
    };
    let made = run(folder.path(), text, &["run", "-", "--seed", "3", "--format", "json", "-o", "run.json"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let cited = precopy(folder.path(), &["cite", "run.json", "--unpack", "again"]);
    let words = String::from_utf8(cited.stdout).unwrap();
    assert!(words.ends_with("Command: precopy run - --seed 3 < stdin.txt\n"), "{words}");
    assert!(words.contains("Results: scenario stdin.txt, "), "{words}");
    assert!(stderr(&precopy(folder.path(), &["cite", "run.json"])).contains("note: no checksum vouches"));
    assert_eq!(fs::read_to_string(at("again/stdin.txt")).unwrap(), text);
    let again = run(&at("again"), text, &["run", "-", "--seed", "3", "--format", "json", "-o", "run.json"]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(fs::read(at("run.json")).unwrap(), fs::read(at("again/run.json")).unwrap());
    // A fleet, which another reader has, and what is too large to be kept or read.
    let fleet = "[link]\nbandwidth = \"10 Gbit/s\"\n[[vm]]\nname = \"web1\"\nguest.memory = \"2 GiB\"\n";
    let drained = run(folder.path(), fleet, &["drain", "-", "--format", "json", "-q"]);
    let document = serde_json::from_slice::<serde_json::Value>(&drained.stdout);
    let document = document.unwrap_or_else(|_| panic!("{}", stderr(&drained)));
    assert_eq!(document["files"]["stdin.txt"], fleet);
    let refused = run(folder.path(), &format!("{text}#{}\n", "x".repeat(5 << 20)), &["run", "-"]);
    assert!(stderr(&refused).contains("`<stdin>` is larger than 1 MiB"), "{}", stderr(&refused));
}
