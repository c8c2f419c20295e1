//! The same manners in every command: examples that fit, the same flags, and errors that say which command it is.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clap::CommandFactory;
use precopy::cli::args::Cli;

/// Runs the program at the top of the checkout.
fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy"))
        .env("COLUMNS", "80")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(words)
        .output()
        .unwrap()
}

/// Exit code and complaint.
fn complaint(words: &[&str]) -> (i32, String) {
    let output = precopy(words);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn examples_fit_into_80_columns() {
    let mut cli = Cli::command();
    cli.build();
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let texts = [command.get_after_help(), command.get_after_long_help()];
        let texts: Vec<String> = texts.into_iter().flatten().map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains("precopy ")), "{} has no example", command.get_name());
        // What is not indented is prose, which is wrapped.
        for line in texts.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with(' ')) {
            assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
        }
    }
}

#[test]
fn flags_that_several_commands_have_are_the_same_in_all() {
    let mut cli = Cli::command();
    cli.build();
    let mut seen: Vec<(String, Option<char>, String)> = Vec::new();
    for command in cli.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        let has = |flag: &str| command.get_arguments().any(|arg| arg.get_long() == Some(flag));
        let asks = !["completions", "man", "schema"].contains(&name);
        assert_eq!((has("quiet"), has("color")), (asks, asks), "{name}");
        let many = ["run", "sweep", "plan", "check", "drain"].contains(&name);
        assert_eq!(has("jobs"), many, "{name}");
        for arg in command.get_arguments().filter(|arg| !arg.is_positional()) {
            let long = arg.get_long().unwrap().to_owned();
            if !["quiet", "verbose", "jobs", "output", "seed", "color", "memory", "set", "in"].contains(&long.as_str())
            {
                continue;
            }
            let values = arg.get_value_names().map(|names| format!("{names:?}")).unwrap_or_default();
            let known = seen.iter().find(|(other, ..)| *other == long).cloned();
            let this = (long, arg.get_short(), values);
            assert_eq!(known.unwrap_or_else(|| this.clone()), this, "{name}");
            seen.push(this);
        }
    }
}

#[test]
fn threads_change_no_byte() {
    let scenario = "scenarios/web-server.toml";
    let varied = ["--set", "guest.rate-spread.law=log-normal", "--set", "guest.rate-spread.deviation=20 %"];
    for words in [
        [&["run", scenario, "--repeats", "20", "--format", "csv"][..], &varied].concat(),
        vec!["drain", "scenarios/fleets/beside-a-second.toml", "--search", "--most", "2", "--exchanges", "4", "-q"],
    ] {
        let with = |jobs: &str| precopy(&[&words[..], &["--jobs", jobs]].concat()).stdout;
        assert!(!with("1").is_empty());
        assert_eq!(with("1"), with("3"), "{words:?}");
    }
}

#[test]
fn a_share_of_the_repeats_may_be_enough() {
    let words = |share: &'static str| {
        let flags = ["--repeats", "20", "--expect", "downtime_ms <= 305", "--in", share, "--format", "csv"];
        let varied = ["--set", "guest.rate-spread.law=log-normal", "--set", "guest.rate-spread.deviation=30 %"];
        [&["run", "scenarios/throttle-decides.toml"][..], &flags, &varied].concat()
    };
    assert_eq!(complaint(&words("1%")), (0, String::new()));
    let (code, said) = complaint(&words("100%"));
    assert!(code == 1 && said.contains("expected `downtime_ms <= 305`, but "), "{said}");
    let (code, said) = complaint(&words("99%"));
    assert!(code == 1 && said.contains("expected `downtime_ms <= 305` in 99 %, but "), "{said}");
}

#[test]
fn what_is_no_result_is_refused_with_the_command_that_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, words: &[&str]| {
        let path = folder.path().join(name);
        let output = precopy(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        fs::write(&path, output.stdout).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trace = "tests/data/traces/02-throttle-random.json";
    let fleet = "scenarios/fleets/beside-a-second.toml";
    let files = [
        (trace.to_owned(), "`precopy compare` reads it"),
        (made("all.json", &["drain", fleet, "--scheduler", "all", "--format", "json"]), "with `--format csv`"),
        (made("compare.json", &["compare", trace, "--format", "json"]), "`precopy compare` shows it"),
        (
            made("plan.json", &["plan", "scenarios/web-server.toml", "--format", "json", "-q"]),
            "`precopy sweep` makes some",
        ),
        ("scenarios/defaults/baseline.json".to_owned(), "`precopy check`, which reads"),
        ("scenarios/fleets/small-host.csv".to_owned(), "a fleet to `precopy drain`"),
    ];
    for (file, way_out) in &files {
        for command in ["plot", "report"] {
            let (code, said) = complaint(&[command, file]);
            assert!(code == 2 && said.contains(way_out), "{command} {file}: {said}");
        }
    }
    let (code, said) = complaint(&["plot", "scenarios/web-server.toml"]);
    assert!(code == 2 && said.contains("a scenario goes to `precopy run`"), "{said}");
    for format in ["csv", "json"] {
        let rows = made(&format!("drain.{format}"), &["drain", fleet, "--format", format]);
        assert_eq!(complaint(&["plot", &rows]), (0, String::new()), "rows of a drain can be drawn");
        assert_eq!(complaint(&["report", &rows]), (0, String::new()), "and have a page");
    }
}

#[test]
fn a_list_of_guests_is_a_fleet() {
    let guests = "scenarios/fleets/small-host.csv";
    let (code, said) = complaint(&["plan", guests]);
    assert!(code == 2 && said.contains("give it by `--link`, such as `--link 25G`"), "{said}");
    for words in [&["run", guests][..], &["sweep", guests, "--vary", "qemu.multifd=true,false"]] {
        let (code, said) = complaint(words);
        assert!(
            code == 2 && said.contains(&format!("goes to `precopy drain {guests} --link RATE`")),
            "{words:?}: {said}"
        );
    }
    assert_eq!(
        complaint(&["run", "none.csv"]).1,
        "error: cannot read `none.csv`: No such file or directory (os error 2)\n"
    );
}

#[test]
fn all_schedulers_say_whose_rules_stay_in_force() {
    let said = |sets: &[&str]| {
        let output =
            precopy(&[&["drain", "scenarios/fleets/beside-a-second.toml", "--scheduler", "all"], sets].concat());
        String::from_utf8(output.stdout).unwrap().replace('\n', " ")
    };
    let none = said(&["--set", "orchestrator.kind=none"]);
    assert!(none.contains("stay those of `[orchestrator]`: none."), "{none}");
    let nova = said(&["--set", "orchestrator.kind=none", "--set", "vm.1.orchestrator.kind=nova"]);
    assert!(nova.contains("`[orchestrator]`: none for 1, nova for 39."), "{nova}");
    let some = said(&["--set", "vm.1.orchestrator.kind=nova"]);
    assert!(some.contains("bring none. 39 guests have a named `[orchestrator]` in every row."), "{some}");
}

#[test]
fn words_of_only_name_what_there_is() {
    let only = |word: &str| complaint(&["check", "scenarios/defaults", "--only", word]);
    assert_eq!(only("idle").0, 0);
    assert_eq!(only("idle/qemu-8.2").0, 0);
    assert!(only("idel").1.contains("`--only idel` matches nothing in `scenarios/defaults`; did you mean `idle`?"));
    let (code, said) = only("spreadsheet");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("scenarios: build-farm, busy-memory, idle") && said.contains("policies: qemu-1.7"), "{said}");
}

#[test]
fn a_baseline_is_written_only_where_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-server.toml");
    fs::copy(scenario, folder.path().join("web.toml")).unwrap();
    let bless = |words: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder.path()).args(words).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap(), folder.path().join("baseline.json").exists())
    };
    let (code, said, written) = bless(&["check", "--bless"]);
    assert!(code == Some(2) && said.contains("name the folder: `precopy check DIR --bless`") && !written, "{said}");
    let (code, said, written) = bless(&["check", ".", "--bless"]);
    assert!(code == Some(0) && written, "{said}");
}

/// Nova steps the limit by its own schedule, from its first look on.
#[test]
fn a_limit_that_an_orchestrator_sets_itself_is_warned_of_and_no_lever() {
    let nova = ["scenarios/throttle-decides.toml", "--set", "orchestrator.kind=nova"];
    let (_, said) = complaint(&[&["run"], &nova[..], &["--set", "qemu.downtime-limit=500"]].concat());
    assert!(said.contains("`qemu.downtime-limit` is not used") && said.contains("nova sets it by itself"), "{said}");
    let (_, said) = complaint(&["run", nova[0], "--set", "qemu.downtime-limit=500"]);
    assert!(!said.contains("is not used"), "{said}");
    let output = precopy(&[&["plan"], &nova[..], &["--pairs", "0"]].concat());
    let answer = String::from_utf8(output.stdout).unwrap();
    let line = answer.split("none of the product's own options: it sets QEMU up by itself:").nth(1).unwrap();
    assert!(line.contains("qemu.downtime-limit"), "{answer}");
}

#[test]
fn an_expectation_that_matches_no_case_is_no_silent_pass() {
    let folder = tempfile::tempdir().unwrap();
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::copy(top.join("scenarios/web-server.toml"), folder.path().join("web.toml")).unwrap();
    let settings = |cases: &str| format!("[[expect]]\ncases = \"{cases}\"\ngoal = \"converged\"\n");
    for (cases, code, words) in [("web", 0, ""), ("*", 0, ""), ("wep", 2, "did you mean `web`?")] {
        fs::write(folder.path().join("check.toml"), settings(cases)).unwrap();
        let place = folder.path().to_str().unwrap();
        assert_eq!(precopy(&["check", place, "--bless"]).status.code(), Some(code), "{cases}");
        let (found, said) = complaint(&["check", place]);
        assert!(found == code && said.contains(words), "{cases}: {said}");
    }
}

#[test]
fn what_a_drain_writes_is_drawn_by_guest() {
    let drained = precopy(&["drain", "scenarios/fleets/beside-a-second.toml", "--format", "csv"]);
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("rows.csv");
    fs::write(&rows, drained.stdout).unwrap();
    let drawn = precopy(&["plot", rows.to_str().unwrap(), "-o", "-"]);
    assert!(String::from_utf8(drawn.stdout).unwrap().contains("Total time over guest"));
}

#[test]
fn a_slip_has_a_tip() {
    let folder = tempfile::tempdir().unwrap();
    let nova = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[orchestrator]\nkind = \"nova\"\nlive_migration_permit_post_copy = true\n";
    let file = folder.path().join("nova.toml");
    fs::write(&file, nova).unwrap();
    let file = file.to_str().unwrap();
    for (words, tip) in [
        (&["rnu", "a.toml"][..], "tip: a similar subcommand exists: 'run'"),
        (&["a.toml"], "tip: ask a question about the file, as in 'precopy run a.toml'"),
        (&["run", "scenarios/web-servr.toml"], "; did you mean `scenarios/web-server.toml`?"),
        (&["plan", "scenarios/web-server"], "; did you mean `scenarios/web-server.toml`?"),
        (&["drain", "scenarios/fleets/forty-guest.toml"], "; did you mean `scenarios/fleets/forty-guests.toml`?"),
        (&["run", "scenarios/web-server.toml", "--json"], "tip: write '--format json'"),
        (&["run", "scenarios/web-server.toml", "--set", "orchestrator.kind=openstack"], "did you mean `nova`?"),
        (&["drain", "scenarios/fleets/forty-guests.toml", "--scheduler", "vmware"], "exists: 'vsphere'"),
        (
            &["run", file, "--set", "orchestrator.kind=proxmox"],
            "= help: `--set 'orchestrator={ kind = \"proxmox\" }'` puts proxmox with its defaults in place of the whole section",
        ),
    ] {
        let (code, said) = complaint(words);
        assert_eq!(code, 2, "{words:?}: {said}");
        assert!(said.contains(tip), "{words:?}: {said}");
    }
    let (code, said) = complaint(&["run", "scenarios/nothing-like-it.toml"]);
    assert!(code == 2 && !said.contains("did you mean"), "{said}");
    let (_, said) = complaint(&["man", "--json"]);
    assert!(!said.contains("--format"), "{said}");
    let (code, said) = complaint(&["run", file, "--set", "orchestrator={ kind = \"proxmox\" }", "-q"]);
    assert_eq!((code, said.as_str()), (0, ""), "the way out is one");
}

#[test]
fn manual_pages_make_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("share/man/man1");
    assert_eq!(complaint(&["man", "--all", man.to_str().unwrap()]), (0, String::new()));
    assert!(man.join("precopy-run.1").is_file());
}
