//! `precopy check`: a change of a default is seen, and its table, its XML and its exit code say so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const DEFAULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/defaults");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn precopy(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.current_dir(folder).arg("check").args(words);
    command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with two of the shipped guests under three of the shipped policies, blessed.
fn scratch() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for guest in ["idle", "key-value"] {
        let file = format!("{guest}.toml");
        fs::copy(Path::new(DEFAULTS).join(&file), folder.path().join(&file)).unwrap();
    }
    settings(folder.path(), "");
    let output = precopy(folder.path(), &[".", "--bless"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    folder
}

/// Writes `check.toml`; every policy has the flag as well.
fn settings(folder: &Path, flag: &str) {
    let flag = if flag.is_empty() { String::new() } else { format!(", \"{flag}\"") };
    let policy =
        |version: &str| format!("[[policy]]\nname = \"qemu-{version}\"\nset = [\"qemu.version={version}\"{flag}]\n");
    let policies: String = ["4.2", "8.2", "10.2"].map(policy).concat();
    let common = "set = [\"qemu.auto-converge=true\", \"qemu.max-bandwidth=0\"]\n";
    fs::write(folder.join("check.toml"), format!("{common}{policies}")).unwrap();
}

#[test]
fn the_shipped_defaults_are_as_they_were_blessed() {
    let output = precopy(Path::new(DEFAULTS), &[]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).starts_with("280 cases: 0 worse, 280 unchanged\n"), "{}", text(&output.stdout));
}

#[test]
fn a_fault_of_a_guest_is_said_once_under_all_policies() {
    let folder = scratch();
    let path = folder.path().join("idle.toml");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("memory", "memroy")).unwrap();
    let output = precopy(folder.path(), &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.matches("idle.toml:").count(), 1, "{said}");
}

#[test]
fn a_baseline_that_is_written_says_what_it_accepts() {
    let folder = scratch();
    settings(folder.path(), "qemu.cpu-throttle-increment=5");
    let output = precopy(folder.path(), &[".", "--bless"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("baseline.json` is written: 6 cases, precopy "), "{said}");
    assert!(said.contains("; against the one before, 6 cases: 3 worse"), "{said}");
    fs::remove_file(folder.path().join("baseline.json")).unwrap();
    let said = text(&precopy(folder.path(), &[".", "--bless"]).stderr);
    assert!(said.contains("is written: 6 cases, precopy ") && said.contains("; there was none before"), "{said}");
}

#[test]
fn a_changed_default_is_a_regression_that_can_be_read() {
    let folder = scratch();
    settings(folder.path(), "qemu.cpu-throttle-increment=5");
    let output = precopy(folder.path(), &["--junit", "check.xml", "--markdown", "check.md"]);
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output.stdout);
    insta::assert_snapshot!("check_increment", table);
    assert!(text(&output.stderr).contains("3 cases are worse than the baseline"), "{}", text(&output.stderr));

    let xml = fs::read_to_string(folder.path().join("check.xml")).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    assert_eq!((report.tests, report.failures), (6, 3));
    let suites: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(suites, ["idle", "key-value"]);
    assert!(xml.contains("total_time_ms: "), "{xml}");

    let markdown = fs::read_to_string(folder.path().join("check.md")).unwrap();
    assert!(markdown.starts_with("### precopy check: worse\n"), "{markdown}");
    assert!(markdown.contains("| **worse** | key-value | 3 policies, most "), "{markdown}");

    let json: serde_json::Value =
        serde_json::from_slice(&precopy(folder.path(), &["--format", "json"]).stdout).unwrap();
    assert_eq!((&json["worse"], &json["regression"]), (&3.into(), &true.into()));
    let csv = text(&precopy(folder.path(), &["--format", "csv"]).stdout);
    let rows = csv::Reader::from_reader(csv.as_bytes()).into_records().count();
    assert_eq!(rows, json["findings"].as_array().unwrap().len());

    assert_eq!(json["drift"][0]["set"], "qemu.cpu-throttle-increment: not set -> 5");
    assert!(markdown.contains("`qemu.cpu-throttle-increment: not set -> 5 (3 policies)`"), "{markdown}");

    // Blessed, it is as it should be.
    assert_eq!(precopy(folder.path(), &[".", "--bless"]).status.code(), Some(0));
    assert_eq!(precopy(folder.path(), &[]).status.code(), Some(0));
}

#[test]
fn each_default_that_was_ever_argued_about_shows_on_every_class_that_feels_it() {
    for (flag, guests) in [
        ("qemu.cpu-throttle-increment=5", 8),
        ("qemu.throttle-trigger-threshold=80", 4),
        ("qemu.downtime-limit=500", 9),
    ] {
        let output = precopy(Path::new(DEFAULTS), &["--only", "*/qemu-8.2", "--set", flag, "--format", "csv"]);
        let csv = text(&output.stdout);
        let records = csv::Reader::from_reader(csv.as_bytes()).into_records();
        let mut found: Vec<String> = records.map(|row| row.unwrap()[0].to_owned()).collect();
        found.dedup();
        assert!(found.len() >= guests, "{flag}: {found:?}");
        assert_eq!(output.status.code(), Some(1), "{flag}");
    }
}

#[test]
fn an_unchanged_folder_ends_with_0() {
    let folder = scratch();
    let output = precopy(folder.path(), &[]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "6 cases: 0 worse, 6 unchanged\n"));
}

#[test]
fn a_baseline_that_cannot_be_used_ends_with_2_and_the_reason() {
    let folder = scratch();
    let path = folder.path().join("baseline.json");
    let good = fs::read_to_string(&path).unwrap();
    for (content, complaint) in [
        (
            Some(good.replace("\"format\": 2", "\"format\": 3")),
            "has form 3, and this version of precopy knows forms up to 2",
        ),
        (
            Some(good.replace(&format!("\"precopy\": \"{VERSION}\""), "\"precopy\": \"9.9.9\"")),
            "the baseline `./baseline.json` was written by precopy 9.9.9, and this is ",
        ),
        (Some(good[..good.len() / 2].to_owned()), "is damaged: EOF while parsing"),
        (Some(good.replace("\"verdict\": \"converged\"", "\"verdict\": \"fine\"")), "is damaged: `idle/"),
        (
            Some(good.replacen("\"downtime_ms\": ", "\"downtime_ms\": \"", 1).replacen(
                ", \"longest",
                "\", \"longest",
                1,
            )),
            "damaged",
        ),
        (None, "there is no baseline `./baseline.json`; `precopy check DIR --bless` writes it"),
    ] {
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let output = precopy(folder.path(), &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(complaint), "{said}");
        assert!(output.stdout.is_empty());
    }
}

/// Makes the baseline one of an earlier version: with another number of results, and other downtimes of one guest.
fn age(folder: &Path, guest: &str) {
    let path = folder.join("baseline.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut baseline: serde_json::Value = serde_json::from_str(&text).unwrap();
    baseline["precopy"] = "0.0.9".into();
    baseline["results"] = 7.into();
    for (case, record) in baseline["cases"].as_object_mut().unwrap() {
        if case.starts_with(guest) {
            record["downtime_ms"] = (record["downtime_ms"].as_f64().unwrap() / 2.0).into();
        }
    }
    fs::write(&path, baseline.to_string()).unwrap();
}

#[test]
fn what_the_program_moved_is_told_apart_from_what_the_policy_moved() {
    let folder = scratch();
    let json = || -> serde_json::Value {
        serde_json::from_slice(&precopy(folder.path(), &["--format", "json"]).stdout).unwrap()
    };
    let causes = |json: &serde_json::Value| {
        let findings = json["findings"].as_array().unwrap().iter();
        let of = |finding: &serde_json::Value| {
            let guest = finding["case"].as_str().unwrap().split('/').next().unwrap().to_owned();
            (guest, finding["cause"].as_str().unwrap_or("none").to_owned())
        };
        findings.map(of).collect::<std::collections::BTreeSet<_>>()
    };
    let is = |guest: &str, cause: &str| (guest.to_owned(), cause.to_owned());

    // Another version whose results are others moved nothing: that is all.
    age(folder.path(), "nobody");
    let said = text(&precopy(folder.path(), &[]).stdout);
    assert!(said.contains("6 cases: 0 worse, 6 unchanged\nnothing moved by the program (precopy 0.0.9 -> "), "{said}");

    // The program alone, then a policy that one guest feels, then one guest that both move.
    age(folder.path(), "idle");
    assert_eq!(causes(&json()), [is("idle", "program")].into());
    settings(folder.path(), "qemu.cpu-throttle-increment=5");
    assert_eq!(causes(&json()), [is("idle", "program"), is("key-value", "policy")].into());
    let said = text(&precopy(folder.path(), &["--markdown", "check.md"]).stdout);
    assert!(said.contains("\nmoved by the policy: 3 cases, by the program: 3 cases (precopy 0.0.9 -> "), "{said}");
    let markdown = fs::read_to_string(folder.path().join("check.md")).unwrap();
    assert!(markdown.contains("moved by the policy: 3 cases, by the program: 3 cases"), "{markdown}");
    age(folder.path(), "key-value");
    assert_eq!(causes(&json()), [is("idle", "program"), is("key-value", "policy and program")].into());

    // A scenario that is another one is told apart, whoever wrote the baseline.
    let path = folder.path().join("idle.toml");
    fs::write(&path, fs::read_to_string(&path).unwrap() + "\n# A remark.\n").unwrap();
    assert!(causes(&json()).contains(&is("idle", "scenario")));

    assert_eq!(precopy(folder.path(), &[".", "--bless"]).status.code(), Some(0));
    let said = text(&precopy(folder.path(), &[]).stdout);
    assert_eq!(said, "6 cases: 0 worse, 6 unchanged\n");
}

#[test]
fn a_tolerance_hides_what_it_allows_and_an_expectation_holds_whatever_the_baseline_says() {
    let folder = scratch();
    let with = |tail: &str, flag: &str| {
        settings(folder.path(), flag);
        let file = folder.path().join("check.toml");
        fs::write(&file, fs::read_to_string(&file).unwrap() + tail).unwrap();
        precopy(folder.path(), &[])
    };
    let all = "[tolerance]\n".to_owned()
        + &["total_time_ms", "downtime_ms", "longest_stall_ms", "throttled_time_ms", "throttled_over_90_ms"]
            .map(|key| format!("{key} = \"90 %, 60000\"\n"))
            .concat()
        + "guest_work_lost_ms = \"any\"\nguest_slowdown_pct = 20\nrunning_slowdown_pct = 20\nthrottle_max_pct = 50\nthrottle_final_pct = 50\n"
        + "transferred_bytes = \"90 %\"\n";
    let output = with(&all, "qemu.cpu-throttle-increment=5");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let broken = with("[[expect]]\ncases = \"key-value/*\"\ngoal = \"throttle_max_pct <= 50\"\n", "");
    assert_eq!(broken.status.code(), Some(1));
    assert!(text(&broken.stdout).contains("key-value/qemu-8.2: expected `throttle_max_pct <= 50`, but it is "));
    let said = text(&broken.stderr);
    assert!(said.ends_with("; expectations are changed in check.toml\n") && !said.contains("--bless"), "{said}");
    assert!(text(&broken.stdout).contains("6 unchanged; 3 expectations do not hold\n"), "{}", text(&broken.stdout));
    let wrong = with("[tolerance]\ndowntme_ms = 5\n", "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("did you mean `downtime_ms`?"));
}

#[test]
fn the_counts_add_up() {
    let folder = scratch();
    fs::copy(Path::new(DEFAULTS).join("oltp.toml"), folder.path().join("oltp.toml")).unwrap();
    settings(folder.path(), "qemu.throttle-trigger-threshold=80");
    let output = precopy(folder.path(), &["--set", "qemu.downtime-limit=500", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |key: &str| json[key].as_u64().unwrap();
    let lists = ["added", "refused"].map(|key| json[key].as_array().unwrap().len() as u64);
    let counts = ["worse", "better", "changed", "unchanged"].map(number);
    assert_eq!(counts.iter().sum::<u64>() + lists.iter().sum::<u64>(), number("cases"), "{counts:?} {lists:?}");
    assert!(counts[0] > 0 && lists.iter().all(|count| *count > 0), "{counts:?} {lists:?}");
}

#[test]
fn cases_that_come_and_go_are_told_apart() {
    let folder = scratch();
    fs::rename(folder.path().join("idle.toml"), folder.path().join("lazy.toml")).unwrap();
    let output = precopy(folder.path(), &[]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "a case that is gone would hide what became of it");
    assert!(said.contains("Not in the baseline yet; `--bless` adds them\n  lazy/qemu-4.2\n"), "{said}");
    assert!(said.contains("In the baseline, but not run; `--bless` removes them\n  idle/qemu-10.2\n"), "{said}");
    assert_eq!(precopy(folder.path(), &["--only", "key-value/*"]).status.code(), Some(0));
}

#[test]
fn two_settings_stand_side_by_side_in_a_table_and_a_picture() {
    let folder = scratch();
    let words = ["--a", "qemu.cpu-throttle-increment=10", "--b", "qemu.cpu-throttle-increment=5", "--plot", "diff.svg"];
    let output = precopy(folder.path(), &words);
    assert_eq!(output.status.code(), Some(0), "a difference is an answer: {}", text(&output.stderr));
    insta::assert_snapshot!("check_diff", text(&output.stdout));
    let svg = fs::read_to_string(folder.path().join("diff.svg")).unwrap();
    for word in ["qemu.cpu-throttle-increment=10", "key-value", "longest stall"] {
        assert!(svg.contains(word), "{word}");
    }
    let alone = precopy(folder.path(), &["--plot", "a.svg"]);
    assert_eq!(alone.status.code(), Some(2), "{}", text(&alone.stderr));
    let wrong = precopy(folder.path(), &["--b", "qemu.cpu-throttle-incremnt=5"]);
    assert!(text(&wrong.stderr).contains("did you mean `cpu-throttle-increment`?"), "{}", text(&wrong.stderr));
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn what_no_scenario_can_be_loaded_with_is_wrong_input() {
    let folder = scratch();
    let typo = precopy(folder.path(), &["--set", "qemu.downtme-limit=500"]);
    assert_eq!(typo.status.code(), Some(2));
    assert_eq!(text(&typo.stderr).matches("did you mean `downtime-limit`?").count(), 1);
    // What some releases do not have is not applicable to them, and looked at with the others.
    let newer = precopy(folder.path(), &["--set", "qemu.throttle-trigger-threshold=80"]);
    let said = text(&newer.stderr);
    assert!(!said.contains("--bless"), "a flag is no part of a baseline: {said}");
    let said = text(&newer.stdout);
    assert!(said.contains("2 cases: `qemu.throttle-trigger-threshold` needs QEMU 5.0"), "{said}");
    fs::write(folder.path().join("idle.toml"), "[guest]\nmemory = 3\n").unwrap();
    let broken = precopy(folder.path(), &[]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("`link.bandwidth` is missing"), "{}", text(&broken.stderr));
    let nowhere = precopy(folder.path(), &["nowhere"]);
    assert_eq!((nowhere.status.code(), text(&nowhere.stderr).contains("cannot read `nowhere`")), (Some(2), true));
}

#[test]
fn a_github_workflow_gets_annotations_and_a_summary() {
    let folder = scratch();
    settings(folder.path(), "qemu.cpu-throttle-increment=5");
    let path = folder.path().join("check.toml");
    let expects = "[[expect]]\ncases = \"idle/qemu-8.2\"\ngoal = \"aborted\"\n";
    fs::write(&path, fs::read_to_string(&path).unwrap() + expects).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .args(["check", folder.path().to_str().unwrap()])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("::error file=")
            && said.contains("check.toml,line=4,title=key-value/qemu-4.2::qemu.cpu-throttle-increment: not set -> 5 ("),
        "{said}"
    );
    let first = said.lines().next().unwrap();
    assert!(
        first.contains("title=idle/qemu-8.2::") && first.contains("; expected `aborted`"),
        "GitHub drops what is too many: {said}"
    );
    let summary = fs::read_to_string(folder.path().join("summary.md")).unwrap();
    assert!(summary.contains("### precopy check: worse"), "{summary}");
}

#[test]
fn each_guest_is_annotated_before_any_has_two() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=12 {
        let copy = folder.path().join(format!("guest-{number}.toml"));
        fs::copy(Path::new(DEFAULTS).join("key-value.toml"), copy).unwrap();
    }
    settings(folder.path(), "");
    assert_eq!(precopy(folder.path(), &[".", "--bless"]).status.code(), Some(0));
    settings(folder.path(), "qemu.cpu-throttle-increment=5");
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    let output = command.current_dir(folder.path()).arg("check").env("GITHUB_ACTIONS", "true").output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("::error ")).collect();
    let mut files: Vec<&str> =
        errors.iter().filter_map(|line| line.split("title=").nth(1)?.split('/').next()).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!((errors.len(), files.len()), (10, 10), "{said}");
    assert!(said.lines().any(|line| line.starts_with("::warning title=precopy check::")), "{said}");
}

/// A folder `policies` with two guests under files beside it, blessed; the files are what is deployed.
fn deployed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir_all(folder.path().join("policies")).unwrap();
    fs::create_dir_all(folder.path().join("deploy")).unwrap();
    for guest in ["idle.toml", "oltp.toml"] {
        fs::copy(Path::new(DEFAULTS).join(guest), folder.path().join("policies").join(guest)).unwrap();
    }
    let object = |api: &str, kind: &str, path: &[&str], keys: &[&str]| {
        let mut text = format!("apiVersion: {api}\nkind: {kind}\n");
        for (depth, key) in path.iter().enumerate() {
            text += &format!("{}{key}:\n", "  ".repeat(depth));
        }
        keys.iter().for_each(|key| text += &format!("{}{key}\n", "  ".repeat(path.len())));
        text
    };
    let keys = ["completionTimeoutPerGiB: 150", "allowAutoConverge: true"];
    write("deploy/nova.conf", "[DEFAULT]\nuse_cow_images = true\n[libvirt]\nlive_migration_downtime = 500\n");
    write(
        "deploy/kubevirt.yaml",
        &object("kubevirt.io/v1", "KubeVirt", &["spec", "configuration", "migrations"], &keys),
    );
    write(
        "deploy/hco.yaml",
        &object("hco.kubevirt.io/v1beta1", "HyperConverged", &["spec", "liveMigrationConfig"], &keys),
    );
    write("deploy/policy.yaml", &object("migrations.kubevirt.io/v1alpha1", "MigrationPolicy", &["spec"], &keys));
    write("deploy/values.yaml", "conf:\n  libvirt: {cpu_mode: none,\n    live_migration_downtime: 500}\n");
    write("deploy/vars.yml", "nova_conf: |\n  [libvirt]\n  live_migration_downtime = 500\n");
    let policy = |(name, file): (&str, &str)| format!("[[policy]]\nname = \"{name}\"\nfile = \"../deploy/{file}\"\n");
    let files = [
        ("nova", "nova.conf"),
        ("kubevirt", "kubevirt.yaml"),
        ("hco", "hco.yaml"),
        ("policy", "policy.yaml"),
        ("ansible", "vars.yml#nova_conf"),
        ("helm", "values.yaml#conf.libvirt"),
    ];
    let policies = files.map(policy).concat();
    write("policies/check.toml", &format!("{policies}set = [\"orchestrator.kind=nova\"]\n"));
    let output = precopy(folder.path(), &["policies", "--bless"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    folder
}

/// What is written for GitHub.
fn annotated(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.current_dir(folder).arg("check").args(words).env_remove("GITHUB_STEP_SUMMARY");
    text(&command.env("GITHUB_ACTIONS", "true").output().unwrap().stderr)
}

#[test]
fn a_changed_file_is_annotated_at_its_line() {
    for (file, old, new, annotation) in [
        (
            "nova.conf",
            "downtime = 500",
            "downtime = 3000",
            "deploy/nova.conf,line=4,title=idle/nova::orchestrator.live_migration_downtime: 500 -> 3000 (deploy/nova.conf:4); downtime_ms is worse: ",
        ),
        (
            "kubevirt.yaml",
            "true",
            "false",
            "deploy/kubevirt.yaml,line=7,title=oltp/kubevirt::orchestrator.allowAutoConverge: true -> false (deploy/kubevirt.yaml:7); verdict is worse: converged -> aborted; ",
        ),
        (
            "hco.yaml",
            "true",
            "false",
            "deploy/hco.yaml,line=6,title=oltp/hco::orchestrator.allowAutoConverge: true -> false",
        ),
        (
            "policy.yaml",
            "true",
            "false",
            "deploy/policy.yaml,line=5,title=oltp/policy::orchestrator.allowAutoConverge: true -> false",
        ),
        (
            "vars.yml",
            "500",
            "3000",
            "deploy/vars.yml,line=3,title=idle/ansible::orchestrator.live_migration_downtime: 500 -> 3000",
        ),
        (
            "values.yaml",
            "500",
            "3000",
            "deploy/values.yaml,line=3,title=idle/helm::orchestrator.live_migration_downtime: 500 -> 3000",
        ),
    ] {
        let folder = deployed();
        let path = folder.path().join("deploy").join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace(old, new)).unwrap();
        let said = annotated(folder.path(), &["policies", "--junit", "c.xml", "--markdown", "c.md"]);
        assert!(said.contains(&format!("::error file={annotation}")), "{file}: {said}");
        let way = "; change it back, or accept it with `precopy check policies --bless`\n";
        let lines: Vec<&str> = said.split_inclusive('\n').filter(|line| line.starts_with("::error")).collect();
        let cases: std::collections::BTreeSet<_> = lines.iter().map(|line| line.split("title=").nth(1)).collect();
        assert!(lines.iter().all(|line| line.ends_with(way)) && cases.len() == lines.len(), "{said}");
        // JUnit and Markdown have the sentence, too.
        let sentence = lines[0].split("::").nth(2).unwrap().trim_end().replace("%25", "%");
        let xml = fs::read_to_string(folder.path().join("c.xml")).unwrap();
        assert!(xml.contains(&sentence.replace("->", "-&gt;")), "{sentence}: {xml}");
        let markdown = fs::read_to_string(folder.path().join("c.md")).unwrap().replace("&gt;", ">").replace('\\', "");
        assert!(markdown.contains(&sentence), "{sentence}: {markdown}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_told_at_its_line_of_the_settings() {
    for (file, content, complaint) in [
        (
            "nova.conf",
            "[libvirt]\nlive_migration_downtime = soon\n",
            "`policies/check.toml:3`: `../deploy/nova.conf`, line 2: `live_migration_downtime` cannot be `soon`",
        ),
        ("nova.conf", "nothing", "`policies/check.toml:3`: `../deploy/nova.conf` has no settings that are known"),
        (
            "values.yaml",
            "conf: {}\n",
            "`policies/check.toml:18`: `../deploy/values.yaml#conf.libvirt`: there is nothing at that path",
        ),
        ("values.yaml", "conf: {libvirt: 3}\n", "there are no keys at that path"),
        ("values.yaml", "conf: [", "is no YAML"),
    ] {
        let folder = deployed();
        fs::write(folder.path().join("deploy").join(file), content).unwrap();
        let output = precopy(folder.path(), &["policies"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(complaint), "{}", text(&output.stderr));
    }
}

#[test]
fn a_fault_of_the_settings_is_said_once_at_its_line() {
    let folder = scratch();
    settings(folder.path(), "");
    let path = folder.path().join("check.toml");
    let wrong = fs::read_to_string(&path)
        .unwrap()
        .replace("qemu.version=8.2\"", "qemu.version=8.2\", \"qemu.downtme-limit=3\"");
    fs::write(&path, wrong).unwrap();
    // With a baseline and without one.
    for _ in 0..2 {
        let output = precopy(folder.path(), &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("--> check.toml:7:"), "{said}");
        assert_eq!(said.matches("did you mean `downtime-limit`?").count(), 1, "{said}");
        assert!(!said.contains("baseline"), "{said}");
        let _ = fs::remove_file(folder.path().join("baseline.json"));
    }
}

#[test]
fn two_settings_of_other_products_say_which_key_is_refused() {
    let folder = deployed();
    let words =
        ["policies", "--a", "orchestrator.live_migration_downtime=700", "--b", "orchestrator.allowAutoConverge=true"];
    let output = precopy(folder.path(), &words);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no case can be run under both settings: "), "{said}");
    assert!(said.contains("allowAutoConverge") && said.contains("live_migration_downtime"), "{said}");
}

/// Products side by side over guests whose files have keys of one of them.
#[test]
fn products_over_keys_of_another_are_told_a_way_out_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, kind: &str| {
        let idle = fs::read_to_string(Path::new(DEFAULTS).join("idle.toml")).unwrap();
        fs::write(folder.path().join(name), format!("{idle}\n[orchestrator]\n{kind}\n")).unwrap();
    };
    write("a.toml", "kind = \"kubevirt\"\nallowAutoConverge = true");
    let kinds = ["--a", "orchestrator.kind=nova", "--b", "orchestrator.kind=proxmox"];
    let whole = ["--a", "orchestrator={ kind = \"nova\" }", "--b", "orchestrator={ kind = \"proxmox\" }"];
    let said = |words: &[&str]| {
        let output = precopy(folder.path(), &[&["."], words].concat());
        (output.status.code(), text(&output.stderr))
    };
    let (code, refused) = said(&kinds);
    assert_eq!(code, Some(2), "{refused}");
    assert!(refused.contains("`--a 'orchestrator={ kind = \"nova\" }'` puts nova with its defaults"), "{refused}");
    assert!(!refused.contains("--set"), "the flag that was typed is named: {refused}");
    assert_eq!(said(&whole).0, Some(0));
    // Some can be run, and the others are told with the way to run them.
    write("b.toml", "kind = \"nova\"");
    let (code, note) = said(&kinds);
    assert_eq!(code, Some(0), "{note}");
    assert!(note.contains("note: 1 case has keys of another product; "), "{note}");
    assert!(
        note.contains("`--a 'orchestrator={ kind = \"nova\" }'` and `--b 'orchestrator={ kind = \"proxmox\" }'`"),
        "{note}"
    );
    // Each side refuses another case.
    write("b.toml", "kind = \"nova\"\nlive_migration_downtime = 700");
    let (code, neither) = said(&["--a", "orchestrator.kind=nova", "--b", "orchestrator.kind=kubevirt"]);
    assert_eq!(code, Some(2), "{neither}");
    assert!(
        neither.contains("no case can be run under both settings: ")
            && neither.contains("2 cases have keys of another product"),
        "{neither}"
    );
    // A key without its section, and a section without its key.
    let (_, short) = said(&["--a", "kind=nova"]);
    assert!(
        short.contains("--> --a kind")
            && short.contains("write the section before the key, as in `orchestrator.kind=nova`"),
        "{short}"
    );
    let (_, section) = said(&["--a", "orchestrator=nova"]);
    assert!(section.contains("name a key of it, as in `orchestrator.kind=nova`"), "{section}");
}
