//! Text from outside goes through every place that takes text and comes out of every form of output harmless: it is there
//! again, or it is written so that each of its characters can be seen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use precopy::compare::recording::{Deed, Recording};
use precopy::compare::{Trace, TraceComparison};
use precopy::orchestrator::JobStats;
use precopy::replay::{Domain, JobSeen, Migrating, Outlook, Watching};
use precopy::report;
use precopy::scenario::Input;
use precopy::sim::{Event, Options, Verdict};
use precopy::units::{Bytes, Rate, Span};

/// What steers a terminal, a job's log, a page, a table, a spreadsheet or an XML reader, and what only looks as if.
const HOSTILE: &str = "=cmd|' /C calc'!A0 \u{1b}[31m\u{1b}]0;pwn\u{7}\u{9b}1m \u{202e}rtl\u{2066}\u{200b}\u{1}\u{7f}\u{2028} \
                       ::warning::hey ##[error]x | `a` <script>alert(1)</script>'><img src=x onerror=y>]]></svg> %0A &amp; \
                       *b* \"q\" # {} \u{fffe}\u{10ffff} \u{10400} 虚拟 🐧";

/// The same with lines.
fn lines() -> String {
    format!("{HOSTILE}\n::error file=a,line=1::in a line\r\n- x\n\n</pre>\t{HOSTILE}")
}

/// The same as the name of a file.
fn file_name() -> String {
    HOSTILE.replace('/', "∕").replace('\n', " ").chars().filter(|letter| *letter != '"').take(60).collect()
}

/// As TOML writes it.
fn toml(text: &str) -> String {
    let letter = |letter: char| match letter.is_ascii_alphanumeric() || letter == ' ' {
        true => letter.to_string(),
        false => format!("\\U{:08X}", u32::from(letter)),
    };
    format!("\"{}\"", text.chars().map(letter).collect::<String>())
}

/// Whether nobody sees it, or it moves what stands beside it: said here anew, so that no rule of the program vouches for
/// itself.
fn is_hidden(letter: char) -> bool {
    let number = u32::from(letter);
    matches!(number, 0..0x20 | 0x7f..0xa0 | 0x200b..0x2010 | 0x2028..0x202f | 0x2060..0x2070 | 0xfeff)
        || number & 0xfffe == 0xfffe
}

/// A terminal and the log of a job.
fn assert_terminal(what: &str, text: &str) {
    assert_visible(what, text);
    assert_log(what, text);
}

/// Every character can be seen, or is a line's end or a tab.
fn assert_visible(what: &str, text: &str) {
    for line in text.split('\n') {
        let bad: Vec<char> = line.chars().filter(|letter| is_hidden(*letter) && *letter != '\t').collect();
        assert!(bad.is_empty(), "{what}: {bad:?} in {:?}", short(line));
    }
}

/// So much of a text as a person reads.
fn short(text: &str) -> String {
    text.chars().take(500).collect()
}

/// No line is a command.
fn assert_log(what: &str, text: &str) {
    assert!(!text.contains("##["), "{what}: {}", short(text));
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{what}: {line}");
    }
}

fn assert_xml(what: &str, text: &str) {
    if let Err(error) = roxmltree::Document::parse(text) {
        panic!("{what}: {error}");
    }
    assert_visible(what, text);
}

/// A page is XML but for its own head, style and script.
fn assert_page(what: &str, page: &str) {
    assert!(!page.contains("<script>alert") && !page.contains("<img"), "{what}");
    let mut text = page.replacen("<!DOCTYPE html>", "", 1).replace(" hidden>", ">");
    for (from, to) in [("<style>", "</style>"), ("<script>", "</script>"), ("<meta", ">"), ("<input", ">")] {
        while let Some(start) = text.find(from) {
            let end = start + text[start..].find(to).unwrap() + to.len();
            text.replace_range(start..end, "");
        }
    }
    let text = text.replace(" open>", ">");
    if let Err(error) = roxmltree::Document::parse(&text) {
        let line = text.lines().nth(error.pos().row as usize - 1).unwrap_or_default();
        panic!(
            "{what}: {error}: {}",
            line.chars().skip(error.pos().col.saturating_sub(200) as usize).take(300).collect::<String>()
        );
    }
    assert_visible(what, page);
}

/// Cells are no formulas, rows are lines, and each row has as many cells as the first.
fn assert_csv(what: &str, text: &str) {
    assert_terminal(what, text);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    let mut cells: Vec<String> = header.iter().map(str::to_owned).collect();
    let mut count = 0;
    for row in rows.records() {
        cells.extend(row.unwrap_or_else(|error| panic!("{what}: {error}")).iter().map(str::to_owned));
        count += 1;
    }
    assert_eq!(text.lines().count(), count + 1, "{what}: a row is a line\n{}", short(text));
    for cell in cells {
        let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
        assert!(!formula, "{what}: {cell}");
    }
}

fn assert_json(what: &str, text: &str) -> Vec<serde_json::Value> {
    let values = serde_json::Deserializer::from_str(text).into_iter();
    values.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{what}: {error}\n{}", short(text)))
}

/// Every row of a table has as many cells as its head, and there is no HTML.
fn assert_markdown(what: &str, text: &str) {
    assert_terminal(what, text);
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.windows(2).all(|pair| cells(pair[0]) == cells(pair[1])), "{what}:\n{}", short(text));
    assert!(!text.contains('<'), "{what}:\n{}", short(text));
}

/// `::error file=...,title=...::message` and nothing else.
fn assert_annotations(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what}");
    for line in text.lines().filter(|line| !line.starts_with("error: ")) {
        if line.starts_with("::warning title=precopy check::") {
            // How many annotations were left out.
            continue;
        }
        let rest = line.strip_prefix("::error file=").unwrap_or_else(|| panic!("{what}: {line}"));
        let (properties, _message) = rest.split_once("::").unwrap();
        let (file, title) = properties.split_once(",title=").unwrap();
        let file = file.rsplit_once(",line=").map_or(file, |(file, line)| {
            assert!(line.parse::<usize>().is_ok(), "{what}: {line}");
            file
        });
        assert!(![file, title].iter().any(|value| value.contains([':', ','])), "{what}: {line}");
        assert!(!line.chars().any(is_hidden), "{what}: {line}");
    }
}

/// A folder with everything that takes text.
struct Scene {
    folder: tempfile::TempDir,
    scenario: String,
    fleet: String,
    fleet_csv: String,
    results: String,
    timeline: String,
    trace: String,
}

const GUEST: &str =
    "memory = \"1 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\nrate = \"20000 pages/s\"\nregion = \"512 MiB\"\n";
const LINK: &str = "[link]\nbandwidth = \"1 Gbit/s\"\n";
const QEMU: &str = "[qemu]\nversion = \"8.2\"\nmax-bandwidth = 0\nauto-converge = true\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let put = |suffix: &str, text: &str| {
            let name = format!("{}{suffix}", file_name());
            fs::write(folder.path().join(&name), text).unwrap();
            name
        };
        let question = toml(&lines());
        let scenario = put(".toml", &format!("question = {question}\n[guest]\n{GUEST}{LINK}{QEMU}"));
        let vm =
            |name: &str| format!("[[vm]]\nname = {}\n[vm.guest]\n{}", toml(name), GUEST.replace("guest.", "vm.guest."));
        let fleet = put("-fleet.toml", &format!("{}{}{LINK}", vm(HOSTILE), vm(&format!("{HOSTILE}2"))));
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let row = |name: &str| format!("{},1 GiB,uniform,20000 pages/s,512 MiB\n", quoted(name));
        let rows =
            format!("name,memory,kind,rate,region\n{}{}", row(HOSTILE), row(&lines().replace(['\n', '\r'], " ")));
        let fleet_csv = put("-fleet.csv", &rows);
        let mut table = csv::Writer::from_writer(Vec::new());
        table
            .write_record(["point", "qemu.version", "link.bandwidth", &lines(), "verdict", "reason", "total_time_ms"])
            .unwrap();
        for point in 0..12 {
            let word = format!("{}{}", lines(), point % 3);
            let (number, rate) = (point.to_string(), (125_000_000 * (1 + point % 4)).to_string());
            let time = (10_000 * (1 + point)).to_string();
            table.write_record([&number, "9.2", &rate, &word, "converged", HOSTILE, &time]).unwrap();
        }
        let results = put("-results.csv", &String::from_utf8(table.into_inner().unwrap()).unwrap());
        let timeline = fs::read_to_string(root().join("tests/data/results/timeline.csv")).unwrap();
        let timeline = put("-timeline.csv", &timeline);
        let trace = fs::read_to_string(root().join("tests/data/traces/01-converge-random.json")).unwrap();
        let trace = put("-trace.json", &trace);
        Scene { folder, scenario, fleet, fleet_csv, results, timeline, trace }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn output(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        command.current_dir(self.folder.path()).args(words).stdin(Stdio::null()).env("COLUMNS", "100");
        command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY").output().unwrap()
    }

    /// Standard output of what must not fail as wrong input; what is said beside it is harmless in any case.
    fn run(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_terminal(&format!("{words:?}, standard error"), &said);
        assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What is said of wrong input.
    fn complaint(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert_terminal(&format!("{words:?}"), &said);
        said
    }

    /// Asks in each form, with further words.
    fn forms(&self, words: &[&str]) {
        let ask = |form: &str| self.run(&[words, &["--format", form]].concat());
        let what = format!("{words:?}");
        assert_terminal(&what, &ask("text"));
        assert_csv(&what, &ask("csv"));
        assert_json(&what, &ask("json"));
    }
}

#[test]
fn run_and_plan_and_sweep() {
    let scene = Scene::new();
    let file = scene.scenario.as_str();
    scene.forms(&["run", file]);
    scene.forms(&["run", file, "--repeats", "3"]);
    scene.run(&["run", file, "-v", "--timeline", "timeline.csv"]);
    assert_csv("timeline", &scene.read("timeline.csv"));
    scene.forms(&["plan", file, "--goal", "downtime_ms <= 1", "--by", "qemu.downtime-limit", "--pairs", "0"]);
    let varied = ["sweep", file, "--vary", "link.bandwidth=1 Gbit/s, 2 Gbit/s", "--repeats", "2"];
    assert_csv("sweep", &scene.run(&varied));
    let rows = scene.run(&[&varied[..], &["-o", "rows.jsonl"]].concat());
    assert_eq!(rows, "");
    assert_eq!(assert_json("sweep", &scene.read("rows.jsonl")).len(), 4);
}

#[test]
fn drain_and_its_picture() {
    let scene = Scene::new();
    for file in [&scene.fleet, &scene.fleet_csv] {
        scene.forms(&["drain", file, "--link", "1 Gbit/s"]);
        scene.run(&["drain", file, "--link", "1 Gbit/s", "-v", "--plot", "drain.svg"]);
        assert_xml("drain --plot", &scene.read("drain.svg"));
        scene.forms(&["drain", file, "--link", "1 Gbit/s", "--scheduler", "all"]);
        assert_terminal("--search", &scene.run(&["drain", file, "--link", "1 Gbit/s", "--search", "--most", "2"]));
    }
    let value = assert_json("drain", &scene.run(&["drain", &scene.fleet, "--format", "json"])).remove(0);
    let names: Vec<&str> =
        value["migrations"].as_array().unwrap().iter().map(|one| one["guest"].as_str().unwrap()).collect();
    assert_eq!(names[0], HOSTILE, "a program gets the name as it was given");
}

#[test]
fn check_in_all_its_forms() {
    let scene = Scene::new();
    let folder = scene.path("check");
    fs::create_dir(&folder).unwrap();
    fs::copy(scene.path(&scene.scenario), folder.join(&scene.scenario)).unwrap();
    let settings = |flag: &str| {
        let policy = |name: &str, version: &str| {
            format!("[[policy]]\nname = {}\nset = [\"qemu.version={version}\"{flag}]\n", toml(name))
        };
        let policies = policy(&lines(), "8.2") + &policy("plain", "9.0");
        fs::write(folder.join("check.toml"), policies + "[[expect]]\ncases = \"*\"\ngoal = \"downtime_ms <= 1\"\n")
            .unwrap();
    };
    settings("");
    scene.run(&["check", "check", "--bless"]);
    settings(", \"link.bandwidth=500 Mbit/s\"");
    scene.forms(&["check", "check"]);
    assert_terminal("-v", &scene.run(&["check", "check", "-v", "--junit", "c.xml", "--markdown", "c.md"]));
    assert_xml("junit", &scene.read("c.xml"));
    assert_markdown("markdown", &scene.read("c.md"));
    let sides = ["--a", "qemu.downtime-limit=100 ms", "--b", "qemu.downtime-limit=900 ms", "--plot", "c.svg"];
    scene.run(&[&["check", "check", "--markdown", "c.md"], &sides[..]].concat());
    assert_xml("dumbbell", &scene.read("c.svg"));
    assert_markdown("markdown of two settings", &scene.read("c.md"));

    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.current_dir(scene.folder.path()).args(["check", "check"]).env("GITHUB_ACTIONS", "true");
    let output = command.env("GITHUB_STEP_SUMMARY", scene.path("summary.md")).output().unwrap();
    assert_annotations("annotations", &String::from_utf8(output.stderr).unwrap());
    assert_log("the report in a job", &String::from_utf8(output.stdout).unwrap());
    assert_markdown("summary", &scene.read("summary.md"));
}

#[test]
fn pictures_and_pages_of_results() {
    let scene = Scene::new();
    let (results, timeline, column) = (scene.results.as_str(), scene.timeline.as_str(), lines());
    for words in [
        &["plot", results, "--kind", "line", "--x", "link.bandwidth", "--title", HOSTILE][..],
        &["plot", results, "--kind", "heatmap", "--x", "link.bandwidth", "--y", &column],
        &["plot", results, "--kind", "cdf", "--x", "total_time_ms", "--group", &column],
        &["plot", results, "--kind", "bars", "--x", &column],
        &["plot", results, results, "--kind", "line", "--facet", &column],
        &["plot", timeline, "--title", &column],
        &["plot", timeline, timeline],
    ] {
        assert_xml(&format!("{words:?}"), &scene.run(&[words, &["-o", "-"]].concat()));
    }
    for inputs in [&[results][..], &[&scene.scenario], &[&scene.scenario, results], &[timeline]] {
        assert_page("report", &scene.run(&[&["report"], inputs, &["--title", &column, "-o", "-"]].concat()));
    }
}

/// A name that is a word for a job's log, and an address that only looks like one.
#[test]
fn no_line_of_any_output_begins_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let names = ["::1", "::error::x", " ::warning::y"];
    let guests: String = names.iter().map(|name| format!("{name},1 GiB\n")).collect();
    fs::write(path("fleet.csv"), format!("name,memory\n{guests}")).unwrap();
    let rows: String = (0..6).map(|n| format!("{},{n},converged,{n}\n", names[n % 3])).collect();
    fs::write(path("rows.csv"), format!("name,link.bandwidth,verdict,total_time_ms\n{rows}")).unwrap();
    let question = "question = \"\"\"\n::error::q\"\"\"\n";
    fs::write(path("guest.toml"), format!("{question}[guest]\n{GUEST}{LINK}{QEMU}")).unwrap();
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
            .args(words)
            .current_dir(folder.path())
            .env("GITHUB_ACTIONS", "true")
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_log(&format!("{words:?}"), &text);
        text
    };
    for words in [
        &["plot", "rows.csv", "--kind", "bars", "--x", "name"][..],
        &["plot", "rows.csv", "--group", "name", "--title", "::error::t"],
        &["drain", "fleet.csv", "--link", "1 Gbit/s", "--format", "csv"],
        &["report", "rows.csv", "--title", "::error::t"],
        &["report", "guest.toml"],
    ] {
        run(words);
    }
    let svg = run(&["plot", "rows.csv", "--kind", "bars", "--x", "name"]);
    let read = roxmltree::Document::parse(&svg).unwrap();
    let shown: Vec<&str> = read.descendants().filter_map(|node| node.text()).map(str::trim).collect();
    assert!(names.iter().all(|name| shown.contains(&name.trim())), "readers of an SVG see the names: {shown:?}");
    let csv = run(&["drain", "fleet.csv", "--link", "1 Gbit/s", "--format", "csv"]);
    let mut read = csv::Reader::from_reader(csv.as_bytes());
    let at = read.headers().unwrap().iter().position(|column| column == "guest").unwrap();
    let read: Vec<String> = read.records().map(|row| row.unwrap()[at].to_owned()).collect();
    assert!(names.iter().all(|name| read.iter().any(|read| read.trim() == name.trim())), "{read:?}");
}

/// What a command line quotes when it cannot be read.
#[test]
fn words_that_are_no_command_line() {
    for words in [
        &[HOSTILE][..],
        &["run", "a.toml", &format!("--{HOSTILE}")],
        &["run", "a.toml", "--seed", HOSTILE],
        &["plot", "a.csv", "--where", &lines()],
        &["plot", "a.csv", "--kind", "\n::error::x"],
        &["plot", "a.csv", "--size", HOSTILE],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with("error: "), "{words:?}: {said}");
        assert_terminal(&format!("{words:?}"), &said);
    }
    let plain = Command::new(env!("CARGO_BIN_EXE_precopy")).args(["plot", "a", "--kind", "lne"]).output().unwrap();
    assert!(String::from_utf8(plain.stderr).unwrap().contains("'line'"), "tips stay");
}

#[test]
fn compare_and_fit() {
    let scene = Scene::new();
    scene.forms(&["compare", &scene.trace]);
    assert_terminal("--passes", &scene.run(&["compare", &scene.trace, "--passes"]));
    let look = fs::read_to_string(root().join("tests/data/logs/one-look-running.json")).unwrap();
    let named = format!("{}-look.json", file_name());
    fs::write(scene.path(&named), &look).unwrap();
    for trace in [&scene.trace, &named] {
        scene.forms(&["fit", trace, "-o", "fitted.toml"]);
        let fitted = scene.read("fitted.toml");
        assert_visible("fit", &fitted);
        assert!(fitted.lines().all(|line| line.starts_with('#') || !line.contains("cmd|")), "{fitted}");
        assert_terminal("run of a fit", &scene.run(&["run", "fitted.toml"]));
        scene.run(&["fit", trace, "--plot", "fit.svg", "-q"]);
        assert_xml("fit --plot", &scene.read("fit.svg"));
    }
    // What a recording holds of a host, in every place that takes text.
    let recording = format!("{}-recording.json", file_name());
    fs::write(scene.path(&recording), serde_json::to_string(&recorded()).unwrap()).unwrap();
    scene.forms(&["compare", &recording]);
    for (name, text) in [
        ("status.json", look.replace("\"active\"", &serde_json::to_string(&lines()).unwrap())),
        ("job.txt", format!("Job type: {}\n", HOSTILE)),
        ("line.txt", format!("Job type: 2\n{HOSTILE}: {HOSTILE}\nmemory_total: {HOSTILE}\n")),
        ("rates.txt", format!("Domain: '{HOSTILE}'\n  dirtyrate.calc_status={HOSTILE}\n")),
    ] {
        fs::write(scene.path(name), text).unwrap();
        let flag: &[&str] = if name == "rates.txt" { &["fit", "--dirtyrate", name] } else { &["fit", name] };
        scene.complaint(flag);
    }
}

/// A migration as `replay` records it.
fn recorded() -> Recording {
    let row = |t_ms: f64, event: Event| precopy::sim::Row {
        t_ms,
        pass: 1,
        event,
        transferred_bytes: 1 << 20,
        remaining_bytes: 1 << 19,
        dirty_pages_rate: 5,
        bandwidth: 1e8,
        throttle_pct: 0.0,
        downtime_limit_ms: 300,
        guest_cpu_share_pct: 100.0,
        detail: lines(),
    };
    Recording {
        schema: "precopy-trace/1".to_owned(),
        precopy: HOSTILE.to_owned(),
        qemu: HOSTILE.to_owned(),
        domain: lines(),
        scenario: format!("question = {}\n[guest]\n{GUEST}{LINK}{QEMU}", toml(&lines())),
        of_fleet: None,
        sets: Vec::new(),
        begin_ms: 10.0,
        verdict: Verdict::Aborted,
        failure: Some(lines()),
        total_time_ms: 9000.0,
        downtime_ms: None,
        setup_time_ms: None,
        dirty_sync_count: 1,
        transferred_bytes: 1 << 20,
        normal_pages: 256,
        duplicate_pages: 0,
        remaining_bytes: 1 << 19,
        throttle_max_pct: 0.0,
        source: lines(),
        actions: vec![Deed { t_ms: 5.0, by: HOSTILE.to_owned(), what: HOSTILE.to_owned(), why: lines() }],
        rows: vec![row(0.0, Event::Start), row(4000.0, Event::Sample), row(9000.0, Event::End)],
    }
}

/// What `replay` and `watch` say of a domain, whose name the host gives.
#[test]
fn replay_and_watch() {
    let recording = recorded();
    let trace = Trace::parse("hostile", &report::replay::file(&recording).unwrap()).unwrap();
    let comparison = TraceComparison::of(trace, &Options::default());
    assert_visible("replay", &report::replay::text(&recording, &comparison, &HOSTILE.replace('\n', " ")));
    assert_log("replay", &report::replay::text(&recording, &comparison, &lines()));

    let scenario = format!("[guest]\n{GUEST}{LINK}{QEMU}");
    let scenario = Input::new("known.toml", &scenario, &[]).unwrap().load().unwrap().scenario;
    let domain = Domain {
        name: lines(),
        state: HOSTILE.to_owned(),
        busy: false,
        memory: Bytes(1 << 30),
        vcpus: 1,
        qemu: (8, 2),
        downtime_limit: Some(Span::from_ms(300)),
    };
    let mut outlooks = Vec::new();
    for pass in 1..=3_u64 {
        let job = JobStats {
            elapsed: Span::from_ms(4000 * pass),
            memory_total: Bytes(1 << 30),
            memory_processed: Bytes(400_000_000 * pass),
            memory_remaining: Bytes(300 << 20),
            memory_bps: Rate(125_000_000),
            memory_iteration: pass,
            memory_dirty_rate: 40_000,
            ..JobStats::default()
        };
        let seen = JobSeen { job, normal: 100_000 * pass, constant: 1000, setup_ms: None };
        outlooks.push(Migrating { domain: domain.clone(), seen });
    }
    let mut watching = Watching::default();
    outlooks.iter().for_each(|migrating| watching.see(std::slice::from_ref(migrating)));
    let watched = watching.outlooks(vec![outlooks[2].clone()], Some(&scenario));
    assert!(matches!(watched[0].outlook, Outlook::Forecast(_)), "{watched:?}");
    for watched in [&watched[..], &[]] {
        assert_terminal("watch", &report::watch::text(HOSTILE, 1.8e9, watched));
    }
    assert_json("watch", &report::watch::json(HOSTILE, 1.8e9, &watched).to_string());
}

/// Words of goals, filters, presets and choices, and what is written for other programs.
#[test]
fn goals_presets_and_names() {
    let scene = Scene::new();
    let file = scene.scenario.as_str();
    let column = lines();
    for words in [
        &["run", file, "--expect", HOSTILE][..],
        &["run", file, "--expect", &format!("converged, {column} <= 1")],
        &["run", file, "--repeats", "2", "--expect", HOSTILE, "--in", "50 %"],
        &["plan", file, "--goal", HOSTILE],
        &["plan", file, "--goal", "converged", "--by", HOSTILE],
        &["check", ".", "--only", HOSTILE],
        &["plot", &scene.results, "--where", &format!("{column}="), "-o", "-"],
        &["plot", &scene.results, "--kind", HOSTILE, "-o", "-"],
        &["plot", &scene.results, "-o", &format!("{HOSTILE}.none")],
        &["run", file, "--set", &format!("guest.workload.0.preset={}", toml(HOSTILE))],
        &["run", file, "--set", &format!("guest.workload.0.kind={}", toml(&column))],
        &["run", file, "--set", &format!("orchestrator.kind={}", toml(&column))],
        &["drain", &scene.fleet, "--scheduler", HOSTILE],
        &["sweep", file, "--vary", "link.bandwidth=1 Gbit/s", "-o", &format!("{}.none", file_name())],
        &["sweep", "--merge", &scene.results, "-o", "all.csv"],
        &["completions", HOSTILE],
        &["schema", HOSTILE],
        &[HOSTILE],
    ] {
        scene.complaint(words);
    }
    // A goal that holds of no run, with the guest's question beside it.
    assert_terminal("--expect", &scene.run(&["run", file, "--expect", "downtime_ms < 0"]));
}

#[test]
fn complaints() {
    let scene = Scene::new();
    let put = |name: &str, text: String| {
        fs::write(scene.path(name), text).unwrap();
        name.to_owned()
    };
    let key = put("key.toml", format!("[guest]\n{GUEST}{} = 1\n{LINK}{QEMU}", toml(HOSTILE)));
    // Raw bytes in the file: what TOML forbids stands in the line that is shown.
    let raw = put("raw.toml", format!("[guest]\nmemory = \"{}\"\n{LINK}{QEMU}", lines()));
    let comment =
        put("comment.toml", format!("# {HOSTILE}\n[guest]\nmemory = \"x\" # \u{202e}\u{200b}::error::y\n{LINK}"));
    let version = put("version.toml", format!("[guest]\n{GUEST}{LINK}[qemu]\nversion = {}\n", toml(&lines())));
    for file in [&key, &raw, &comment, &version] {
        assert!(scene.complaint(&["run", file]).contains("error"));
    }
    let set = format!("guest.memory={HOSTILE}");
    scene.complaint(&["run", &scene.scenario, "--set", &set]);
    scene.complaint(&["run", &scene.scenario, "--set", &format!("{HOSTILE}=1")]);
    scene.complaint(&["sweep", &scene.scenario, "--vary", &format!("link.bandwidth={HOSTILE}")]);
    scene.complaint(&["run", &format!("{}/missing.toml", file_name())]);
    let fleet = put("column.csv", format!("name,\"{}\"\na,b\n", HOSTILE.replace('"', "\"\"")));
    scene.complaint(&["drain", &fleet]);
    let results = put("results.csv", format!("a,b\n1,{}\n2,3,4\n", HOSTILE.replace([',', '"'], "")));
    scene.complaint(&["plot", &results, "-o", "x.svg"]);
    scene.complaint(&["plot", &scene.results, "--x", HOSTILE, "-o", "x.svg"]);
    let trace = put("trace.json", format!("{{\"{}\": 1}}", file_name().replace('\\', "")));
    scene.complaint(&["compare", &trace]);
    fs::create_dir(scene.path("bad")).unwrap();
    put("bad/check.toml", format!("{} = 1\n[[policy]]\nname = {}\n", toml(HOSTILE), toml(&lines())));
    scene.complaint(&["check", "bad"]);
}

#[test]
fn the_inputs_that_broke_0_1_0() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str], github: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        command.current_dir(folder.path()).args(words).env_remove("GITHUB_STEP_SUMMARY");
        if github {
            command.env("GITHUB_ACTIONS", "true")
        } else {
            command.env_remove("GITHUB_ACTIONS")
        };
        command.output().unwrap()
    };
    let data = root().join("tests/data/breaking");
    let chars = data.join("control-chars.csv");
    let svg = run(&["plot", chars.to_str().unwrap(), "-o", "-"], false);
    assert!(svg.status.success(), "{}", String::from_utf8_lossy(&svg.stderr));
    assert_xml("plot", &String::from_utf8(svg.stdout).unwrap());
    let page = run(&["report", chars.to_str().unwrap(), "-o", "-"], false);
    assert_page("report", &String::from_utf8(page.stdout).unwrap());

    fs::copy(data.join("policy-newline.check.toml"), folder.path().join("check.toml")).unwrap();
    fs::write(folder.path().join("a.toml"), format!("[guest]\n{GUEST}{LINK}{QEMU}")).unwrap();
    run(&["check", ".", "--bless"], false);
    let output = run(&["check", "."], true);
    assert_annotations("check", &String::from_utf8(output.stderr).unwrap());
    assert_log("check", &String::from_utf8(output.stdout).unwrap());
}
