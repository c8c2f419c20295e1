//! A sweep has the same bytes whatever runs it: threads, shards, interruptions; and refuses what is wrong before it runs.

mod bench;

use std::fs;

use bench::{Bench, GUEST as PLAIN, lines};
use precopy::scenario::{Extent, Input, Pick, Scenario, Values};
use precopy::sweep::{Shard, Study};

/// A guest that varies from run to run.
const GUEST: &str = r#"
[guest]
memory = "2 GiB"
zero = "20 %"
rate-spread = { law = "log-normal", deviation = "20 %" }

[[guest.workload]]
kind = "hot-cold"
region = "1 GiB"
hot = "10 %"
share = "90 %"
rate = "20000 pages/s"

[link]
bandwidth = "1 Gbit/s"

[qemu]
auto-converge = true
max-bandwidth = "0"

[limits]
time = "2 min"

[sweep]
"qemu.version" = ["2.5", "8.2"]
"link.bandwidth" = { from = "1 Gbit/s", to = "10 Gbit/s", steps = 5, scale = "log" }
guest.workload.0.rate = { from = 1000, to = 100_000, steps = 7 }
repeats = 2
"#;

#[test]
fn rows_do_not_depend_on_threads() {
    let bench = Bench::new(GUEST);
    let one = bench.sweep(&["--jobs", "1"]).stdout;
    assert_eq!(lines(&one), 1 + 2 * 5 * 7 * 2);
    for jobs in ["2", "5"] {
        assert!(bench.sweep(&["--jobs", jobs]).stdout == one, "{jobs} jobs");
    }
    let json = bench.sweep(&["--jobs", "1", "-o", "a.jsonl"]);
    assert_eq!(json.code, 0, "{}", json.stderr);
    bench.sweep(&["--jobs", "2", "-o", "b.jsonl"]);
    assert!(bench.read("a.jsonl") == bench.read("b.jsonl"));
}

#[test]
fn a_row_is_what_run_says() {
    let bench = Bench::new(GUEST);
    let sweep = bench.sweep(&[]).stdout;
    let row = sweep.lines().find(|line| line.starts_with("17,1,2,")).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    let (version, bandwidth, rate) = (cells[3], cells[4], cells[5]);
    let run = bench.precopy(&[
        "run",
        "guest.toml",
        "--seed",
        "2",
        "--format",
        "csv",
        "--set",
        &format!("qemu.version={version}"),
        "--set",
        &format!("link.bandwidth={bandwidth} B/s"),
        "--set",
        &format!("guest.workload.0.rate={rate} pages/s"),
    ]);
    let outcome = run.stdout.lines().nth(1).unwrap().splitn(6, ',').nth(5).unwrap();
    assert!(row.ends_with(outcome), "sweep: {row}\nrun: {outcome}");
}

#[test]
fn merged_shards_are_the_whole() {
    let bench = Bench::new(GUEST);
    for (suffix, extra) in [("csv", &[][..]), ("jsonl", &[]), ("csv", &["--summary"])] {
        let out = |name: &str| format!("{name}.{suffix}");
        bench.sweep(&[&["-o", &out("whole")], extra].concat());
        let parts: Vec<String> = (1..=3).map(|part| out(&format!("part-{part}"))).collect();
        for (part, name) in (1..).zip(&parts) {
            let shard = format!("{part}/3");
            assert_eq!(bench.sweep(&[&["--shard", &shard, "-o", name], extra].concat()).code, 0);
        }
        let merged = bench.precopy(&["sweep", "--merge", &parts[2], &parts[0], &parts[1], "-o", &out("merged")]);
        assert_eq!(merged.code, 0, "{}", merged.stderr);
        assert!(bench.read(&out("merged")) == bench.read(&out("whole")), "{suffix} {extra:?}");
        for name in parts {
            fs::remove_file(bench.path(&name)).unwrap();
        }
    }
}

#[test]
fn parts_that_are_no_whole_are_refused() {
    let bench = Bench::new(GUEST);
    for (shard, seed, name) in
        [("1/2", "1", "a.csv"), ("2/2", "1", "b.csv"), ("2/2", "9", "c.csv"), ("2/3", "1", "d.csv")]
    {
        assert_eq!(bench.sweep(&["--shard", shard, "--seed", seed, "-o", name]).code, 0);
    }
    fs::copy(bench.path("b.csv"), bench.path("alone.csv")).unwrap();
    let text = bench.read("b.csv");
    fs::write(bench.path("b.csv"), &text[..text.rfind("\n69,").unwrap()]).unwrap();
    let complaints: Vec<String> = [
        &["a.csv"][..],
        &["a.csv", "a.csv"],
        &["a.csv", "c.csv"],
        &["a.csv", "d.csv"],
        &["a.csv", "alone.csv"],
        &["a.csv", "b.csv"],
    ]
    .iter()
    .map(|parts| {
        let merge = bench.precopy(&[&["sweep", "-o", "all.csv", "--merge"], *parts].concat());
        assert_eq!(merge.code, 2, "{parts:?}: {}", merge.stderr);
        assert!(!bench.path("all.csv").exists() && !bench.path("all.csv.part").exists(), "{parts:?}");
        merge.stderr
    })
    .collect();
    insta::assert_snapshot!("parts", complaints.join("\n"));
}

#[test]
fn what_is_asked_for_again_must_be_the_same() {
    let bench = Bench::new(GUEST);
    let whole = bench.sweep(&[]).stdout;
    // As an interruption leaves it: some rows, and half of one.
    bench.sweep(&["-o", "a.csv"]);
    let part = bench.part("a.csv", 1);
    fs::write(bench.path("a.csv.part"), &part[..part.len() / 2]).unwrap();
    fs::remove_file(bench.path("a.csv.sweep.json")).unwrap();
    fs::remove_file(bench.path("a.csv")).unwrap();

    let mut complaints = vec![bench.sweep(&["-o", "a.csv"]).stderr];
    for extra in [
        &["--seed", "2"][..],
        &["--set", "guest.memory=3 GiB"],
        &["--vary", "qemu.version=2.5,8.1"],
        &["--repeats", "3"],
        &["--shard", "1/2"],
    ] {
        let again = bench.sweep(&[&["-o", "a.csv", "--resume"], extra].concat());
        assert_eq!(again.code, 2, "{extra:?}: {}", again.stderr);
        complaints.push(again.stderr);
    }
    insta::assert_snapshot!("resume-of-something-else", complaints.join("\n"));

    // A comment changes nothing.
    fs::write(bench.path("guest.toml"), format!("# a comment\n{GUEST}")).unwrap();
    assert_eq!(bench.sweep(&["-o", "a.csv", "--resume"]).code, 0);
    assert!(bench.read("a.csv") == whole);
    let again = bench.sweep(&["-o", "a.csv", "--resume"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, "note: `a.csv` is complete already\n"));
    let other = bench.sweep(&["-o", "a.csv", "--resume", "--seed", "2"]);
    assert!(other.code == 2 && other.stderr.contains("`seed` is 2 and was 1"), "{}", other.stderr);
    assert!(bench.read("a.csv") == whole, "it stays as it is");
}

#[test]
fn values_that_do_not_go_together_are_rows_and_impossible_ones_are_refused() {
    let bench = Bench::new(GUEST);
    let levers = ["--vary", "qemu.cpu-throttle-initial=20,50", "--vary", "qemu.max-cpu-throttle=30,99"];
    let sweep = bench.sweep(&[&levers[..], &["--vary", "qemu.version=8.2", "--repeats", "1"]].concat());
    assert_eq!(sweep.code, 0, "{}", sweep.stderr);
    let refused: Vec<&str> = sweep.stdout.lines().filter(|line| line.contains(",refused,")).collect();
    assert_eq!(refused.len() * 4, lines(&sweep.stdout) - 1, "50 % is above a maximum of 30 %");
    assert!(refused[0].ends_with(",,,,,,,,,,,,,,,,,,,,"), "{}", refused[0]);
    assert!(sweep.stderr.contains("35 of 140 rows have the verdict `refused`"), "{}", sweep.stderr);
}

#[test]
fn a_unit_is_written_once() {
    let bench = Bench::new(GUEST);
    let rows = |values: &str| {
        let ended =
            bench.sweep(&["--vary", values, "--vary", "guest.workload.0.rate=1000", "--vary", "qemu.version=8.2"]);
        assert_eq!(ended.code, 0, "{values}: {}", ended.stderr);
        ended.stdout
    };
    assert_eq!(rows("link.bandwidth=5,7.5,10 Gbit/s"), rows("link.bandwidth=5 Gbit/s,7.5 Gbit/s,10 Gbit/s"));
    assert_eq!(rows("guest.zero=5,10 %"), rows("guest.zero=5 %,10 %"));
    // Where several have one, none is that of all.
    assert_eq!(rows("qemu.downtime-limit=100,1 s,2 s"), rows("qemu.downtime-limit=100 ms,1000 ms,2000 ms"));
}

#[test]
fn wrong_input_is_refused_with_its_place() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("value", "", &["--vary", "link.bandwidth=1 Gbit/s,10 Gbits"]),
        ("every-value", "", &["--vary", "link.bandwidth=0,1 GiB", "--vary", "qemu.version=7.9"]),
        ("unknown-key", "", &["--vary", "link.bandwith=1 Gbit/s,2 Gbit/s"]),
        ("no-values", "", &["--vary", "link.bandwidth"]),
        ("empty-value", "", &["--vary", "link.bandwidth=1 Gbit/s,,2 Gbit/s"]),
        ("no-steps", "", &["--vary", "link.bandwidth=1..2 Gbit/s"]),
        ("zero-steps", "", &["--vary", "link.bandwidth=1..2 Gbit/s/0"]),
        ("three-ends", "", &["--vary", "link.bandwidth=1..2..3 Gbit/s/5"]),
        ("words-in-a-range", "", &["--vary", "qemu.version=2.5..8.2/3"]),
        ("colon", "", &["--vary", "link.bandwidth=1:2:3"]),
        ("dash", "", &["--vary", "link.bandwidth=100-500 Mbit/s", "--vary", "guest.vcpus=1 - 8"]),
        ("log-of-zero", "", &["--vary", "guest.workload.0.rate=0..1000/5 log"]),
        ("end-out-of-range", "", &["--vary", "qemu.max-cpu-throttle=20..120/5"]),
        ("twice", "", &["--vary", "link.latency=1 ms,2 ms", "--vary", "link.latency=3 ms,4 ms"]),
        ("above-and-below", "", &["--vary", "link.latency=1 ms,2 ms", "--vary", "link=1,2"]),
        ("itself", "", &["--vary", "sweep.repeats=1,2"]),
        ("grid-with-points", "", &["--design", "grid", "--points", "5"]),
        ("design-without-points", "", &["--design", "sobol"]),
        ("nothing-varied", "[sweep]", &[]),
        ("file-empty-list", "[sweep]\n\"link.latency\" = []", &[]),
        ("file-no-list", "[sweep]\n\"link.latency\" = \"1 ms\"", &[]),
        ("file-range", "[sweep]\n\"link.latency\" = { from = \"1 ms\", til = \"2 ms\", steps = 2.5 }", &[]),
        (
            "file-scale",
            "[sweep]\n\"link.latency\" = { from = \"1 ms\", to = \"2 ms\", steps = 3, scale = \"cubic\" }",
            &[],
        ),
        ("file-value", "[sweep]\n\"link.latency\" = [\"1 ms\", \"2 Gbit/s\"]\n\"guest.memory\" = [\"1 MiB\"]", &[]),
        ("file-repeats", "[sweep]\nrepeats = 0\n\"link.latency\" = [\"1 ms\"]", &[]),
        ("shard", "", &["--shard", "0/8"]),
        ("resume-stdout", "", &["--resume"]),
    ];
    let mut all = String::new();
    for (name, sweep, words) in cases {
        let head = GUEST.split("[sweep]").next().unwrap();
        let bench = Bench::new(&if sweep.is_empty() { GUEST.to_owned() } else { format!("{head}{sweep}\n") });
        let ended = bench.sweep(words);
        assert!(ended.code == 2 && ended.stdout.is_empty(), "{name}: {} {}", ended.code, ended.stderr);
        all += &format!("--- {name}: {}\n{}\n", words.join(" "), ended.stderr);
    }
    insta::assert_snapshot!("refused", all);
}

#[test]
fn a_scenario_of_a_point_is_the_one_that_the_whole_file_gives() {
    let axes = [
        "link.bandwidth=1..40 Gbit/s/9 log",
        "guest.memory=2 GiB,3 GiB,12 GiB",
        "guest.workload.0.rate=1..1e5/5000",
        "qemu.version=4.0,5.0,8.2,10.0",
        "qemu.auto-converge=true,false",
        "guest.workload.0.region=1..9 GiB/5",
        "at.0.set.downtime-limit=100..5000/7",
        "link.latency=0..10 ms/4",
        "qemu.cpu-throttle-initial=20,50",
        "qemu.max-cpu-throttle=30,99",
        "limits.time=1 min,2 h",
        "question=\"a, b\",c",
    ]
    .map(str::to_owned);
    let text = format!(
        "{}\n[[at]]\ntime = \"5 s\"\nset = {{ downtime-limit = \"1 s\" }}\n",
        GUEST.split("[sweep]").next().unwrap()
    );
    for extent in [Extent::default(), Extent { points: Some(3000), ..Extent::default() }] {
        let template = Input::new("guest.toml", &text, &[]).unwrap().varying(&axes).template(extent).unwrap();
        let memory = precopy::sim::Memory::Expected;
        let study =
            Study { template, name: String::new(), seed: 1, memory, watch: None, shard: Shard::WHOLE, summary: false };
        let kept = study.template.kept();
        let mut builder = precopy::scenario::Builder::new(&kept);
        let step = study.points().unwrap() / 1500 + 1;
        let (mut right, mut refused, mut picks) = (0, 0, Vec::new());
        for point in (0..study.points().unwrap()).step_by(step as usize | 1) {
            study.picks(point, &mut picks);
            let whole = study.template.scenario(&picks);
            match builder.scenario(&picks) {
                Ok(scenario) => {
                    right += 1;
                    let json = |scenario: &Scenario| serde_json::to_string(scenario).unwrap();
                    assert_eq!(
                        Ok(json(scenario)),
                        whole.as_ref().map(json).map_err(|faults| faults.clone()),
                        "{picks:?}"
                    );
                }
                Err(title) => {
                    refused += 1;
                    assert!(whole.unwrap_err().iter().any(|fault| fault.title == title), "{picks:?}: {title}");
                }
            }
        }
        assert!(right > 50 && refused > 50, "{right} right, {refused} refused");
    }
}

/// The default of `limits.time` hangs on the orchestrator, which is refused under a release and taken under the next.
#[test]
fn a_point_that_is_refused_leaves_nothing_to_the_next() {
    let axes = [
        "orchestrator.live_migration_permit_post_copy=true,false",
        "orchestrator.live_migration_completion_timeout=100,3000",
        "qemu.version=2.4,10.0",
    ];
    let text = format!("{PLAIN}\n[orchestrator]\nkind = \"nova\"\n");
    let input = Input::new("guest.toml", &text, &[]).unwrap().varying(&axes.map(str::to_owned));
    let template = input.template(Extent::default()).unwrap();
    let kept = template.kept();
    let mut builder = precopy::scenario::Builder::new(&kept);
    let picks = |point: u32| [2, 1, 0].map(|place| Pick::Item(point >> place & 1));
    let limits: Vec<String> = (0..8)
        .map(|point| {
            builder.scenario(&picks(point)).map_or("refused".to_owned(), |built| built.limits.time.to_string())
        })
        .collect();
    let whole: Vec<String> = (0..8)
        .map(|point| {
            template.scenario(&picks(point)).map_or("refused".to_owned(), |whole| whole.limits.time.to_string())
        })
        .collect();
    assert_eq!(limits, whole);
    assert!(limits[0] == "refused" && limits[1] != limits[3], "{limits:?}");
}

#[test]
fn ranges_and_lists_give_what_their_keys_take() {
    let axes = [
        "qemu.downtime-limit=100..1000/4 log",
        "qemu.max-cpu-throttle=20..99/3",
        "guest.zero=10 %,1 GiB",
        "link.latency=1 ms,2 ms",
        "qemu.version=8.2",
    ]
    .map(str::to_owned);
    let template = Input::new("guest.toml", GUEST, &["link.bandwidth=1 Gbit/s".to_owned()])
        .unwrap()
        .varying(&axes)
        .template(Extent::default());
    let template = template.unwrap();
    let shown = |path: &str| {
        let axis = template.axes.iter().find(|axis| axis.path == path).unwrap_or_else(|| panic!("no {path}"));
        (0..axis.len().unwrap()).map(|item| format!("{:?}", axis.shown(Pick::Item(item)))).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("qemu.downtime-limit"), "Number(100.0) Number(215.0) Number(464.0) Number(1000.0)", "whole ms");
    assert_eq!(shown("qemu.max-cpu-throttle"), "Number(20.0) Number(60.0) Number(99.0)", "whole per cent");
    assert_eq!(shown("guest.zero"), "Words(\"10 %\") Words(\"1 GiB\")", "numbers of two kinds are words");
    assert_eq!(shown("link.latency"), "Number(1.0) Number(2.0)");
    assert_eq!(shown("qemu.version"), "Words(\"8.2\")");
    assert!(!template.axes.iter().any(|axis| axis.path == "link.bandwidth"), "`--set` fixes what the file varies");
    assert!(template.axes.iter().all(|axis| !matches!(axis.values, Values::Range { steps: None, .. })));
}

#[test]
fn designs_take_their_points_from_all_of_the_range() {
    let bench = Bench::new(GUEST);
    for design in ["random", "latin-hypercube", "sobol"] {
        let words = ["--design", design, "--points", "64", "--repeats", "1", "--set", "qemu.version=8.2"];
        let sweep = bench.sweep(&words).stdout;
        assert_eq!(lines(&sweep), 65);
        let column = |index: usize| {
            sweep.lines().skip(1).map(move |line| line.split(',').nth(index).unwrap().parse::<f64>().unwrap())
        };
        let below = column(4).filter(|rate| *rate < 50_500.0).count();
        assert!((20..=44).contains(&below), "{design}: {below} of 64 in the lower half");
        let below = column(3).filter(|bandwidth| *bandwidth < 125e6 * 10f64.sqrt()).count();
        assert!((20..=44).contains(&below), "{design}: {below} of 64 in the lower half of the logarithms");
        assert!(
            bench.sweep(&words).stdout == sweep
                && bench.sweep(&[&words[..], &["--seed", "2"]].concat()).stdout != sweep
        );
    }
}

#[test]
fn a_summary_has_the_statistics_of_its_runs() {
    let bench = Bench::new(GUEST);
    let fixed = ["--set", "qemu.version=8.2", "--vary", "link.bandwidth=2 Gbit/s,4 Gbit/s", "--repeats", "9"];
    let read = |text: &str| {
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let names = csv.headers().unwrap().clone();
        let rows: Vec<_> = csv.records().map(Result::unwrap).collect();
        move |row: usize, name: &str| rows[row][names.iter().position(|column| column == name).unwrap()].to_owned()
    };
    let runs = read(&bench.sweep(&fixed).stdout);
    let summary = read(&bench.sweep(&[&fixed[..], &["--summary"]].concat()).stdout);
    for point in 0..14 {
        let number = |row, name: &str| runs(row, name).parse::<f64>().unwrap();
        let mut times: Vec<f64> = (0..9).map(|run| number(point * 9 + run, "total_time_ms")).collect();
        times.sort_by(f64::total_cmp);
        let said = |name: &str| summary(point, name).parse::<f64>().unwrap();
        assert_eq!(said("point"), point as f64);
        assert_eq!((said("runs"), said("total_time_ms_median")), (9.0, times[4]));
        let mean = times.iter().sum::<f64>() / 9.0;
        assert!((said("total_time_ms_mean") / mean - 1.0).abs() < 1e-12);
        assert!(said("total_time_ms_ci95") > 0.0 || times[0] == times[8]);
        let converged = (0..9).filter(|run| runs(point * 9 + run, "verdict") == "converged").count();
        assert!((said("converged_pct") - 100.0 * converged as f64 / 9.0).abs() < 1e-9);
    }
}

#[test]
fn run_takes_a_file_with_a_sweep_and_knows_its_faults() {
    let bench = Bench::new(GUEST);
    assert_eq!(bench.precopy(&["run", "guest.toml"]).code, 0);
    let bench = Bench::new(&GUEST.replace("steps = 5", "step = 5"));
    let run = bench.precopy(&["run", "guest.toml"]);
    assert!(run.code == 2 && run.stderr.contains("did you mean `steps`?"), "{}", run.stderr);
}

/// The texts of a picture.
fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text()).map(|text| text.trim().to_owned()).collect()
}

#[test]
fn an_axis_is_written_down_and_drawn_with_its_unit() {
    let dirty_limit = ["qemu.version=9.0", "qemu.dirty-log=ring", "qemu.dirty-limit=true"];
    let proxmox = ["orchestrator.kind=proxmox"];
    let none: [&str; 0] = [];
    for (vary, set, written, drawn) in [
        ("qemu.vcpu-dirty-limit=1,10,50 MiB/s", &dirty_limit[..], Some("B/s"), "vcpu-dirty-limit [MiB/s]"),
        ("orchestrator.migrate_downtime=0.1,0.2,0.5 s", &proxmox, Some("ms"), "migrate_downtime [ms]"),
        ("orchestrator.migrate_speed=10,20,50", &proxmox, None, "migrate_speed [MiB/s]"),
        ("guest.zero=10,20,50 %", &none, Some("%"), "guest zero [%]"),
        ("guest.zero=100,200,500 MiB", &none, Some("B"), "guest zero [MiB]"),
    ] {
        let bench = Bench::new(PLAIN);
        let set = set.iter().flat_map(|set| ["--set", set]);
        let words: Vec<&str> = ["--vary", vary, "--output", "rows.csv"].into_iter().chain(set).collect();
        bench.sweep(&words);
        let note: serde_json::Value = serde_json::from_str(&bench.read("rows.csv.sweep.json")).unwrap();
        let key = vary.split('=').next().unwrap();
        let columns = note["sweep"]["columns"].as_array().unwrap();
        let column = columns.iter().find(|column| column["name"] == key).unwrap();
        assert_eq!(column.get("unit").and_then(|unit| unit.as_str()), written, "{vary}");
        let drawn_ok = bench.command(&["plot", "rows.csv", "--output", "rows.svg"]).output().unwrap();
        assert!(drawn_ok.status.success(), "{vary}: {drawn_ok:?}");
        let texts = texts(&bench.read("rows.svg"));
        assert!(texts.iter().any(|text| text == drawn), "{vary}: {texts:?}");
    }
}
