//! A figure that does not exist is 0 in no output, and every output agrees on which do not exist.

mod bench;
mod drawn;

use std::collections::{BTreeMap, BTreeSet};

use bench::Bench;
use precopy::goal::Goal;
use precopy::metrics::{self, Course, Group, METRICS, Metric, Value};
use precopy::report::{Provenance, Report, csv, json, repeats, text};
use precopy::results::{Cell, ResultRow, Results};
use precopy::sim::{self, Event, Memory, Options, Outcome, Verdict};

/// Names of the fields that are missing somewhere.
type Missing = BTreeSet<String>;

/// Migrations that are drawn.
const DRAWN: u64 = 1000;

fn of_outcome(outcome: &Outcome) -> Missing {
    let missing = METRICS.iter().filter(|metric| (metric.get)(outcome) == Value::Missing);
    missing.map(|metric| metric.key.to_owned()).collect()
}

/// Names of the fields of an outcome that have no value in the first row of results.
fn of_results(text: &str) -> Missing {
    let results = Results::parse(text).unwrap();
    let known = METRICS.iter().filter(|metric| results.row(0).cell(results.column(metric.key).unwrap()) == Cell::Empty);
    known.map(|metric| metric.key.to_owned()).collect()
}

/// Names of the fields that a page for people has a dash for.
fn of_page(page: &str) -> Missing {
    let dash = |title: &str| {
        let rest = page.lines().filter_map(|line| line.split_once(&format!("  {title} ")).map(|(_, rest)| rest));
        rest.filter_map(|rest| rest.split_whitespace().next()).any(|figure| figure == metrics::NONE)
    };
    metrics::figures().filter(|metric| dash(metric.title)).map(|metric| metric.key.to_owned()).collect()
}

#[test]
fn every_output_of_a_run_agrees_on_what_is_missing() {
    let mut seen: BTreeSet<(&str, Missing)> = BTreeSet::new();
    for index in 0..DRAWN {
        let scenario = drawn::scenario(index);
        let (outcome, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
        let missing = of_outcome(&outcome);
        let place = format!("migration {index}, {outcome:#?}");
        let provenance = Provenance::new("drawn".to_owned(), scenario.qemu.version, 1, Memory::default());
        let report = Report { provenance: &provenance, outcome: &outcome, timeline: &timeline };
        let bytes = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            write(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };

        let ended = outcome.verdict.is_completed() || timeline.rows.iter().any(|row| row.event == Event::PostCopy);
        for metric in METRICS.iter().filter(|metric| metric.course == Course::AtEnd) {
            // Who decides the end without a threshold has none at all.
            let may_lack = !ended || metric.key == "threshold_bytes";
            assert!(ended || missing.contains(metric.key), "{} without an end: {place}", metric.key);
            assert!(may_lack || !missing.contains(metric.key), "{} is missing: {place}", metric.key);
        }
        for metric in METRICS.iter().filter(|metric| missing.contains(metric.key)) {
            assert!(!metric.none.is_empty(), "{} says not when it is missing: {place}", metric.key);
            for operator in ["<=", ">=", "!=", "="] {
                let goal = Goal::parse(&format!("{} {operator} 500", metric.key)).unwrap();
                let complaint = goal.missed(&outcome).map(|missed| missed.complaint(&outcome)).collect::<String>();
                assert!(complaint.contains(metric.none), "{complaint}: {place}");
            }
        }

        let page = anstream::adapter::strip_str(&text::page(&report, 60)).to_string();
        // A group of what was not used is left out as a whole.
        let is_shown = |key: &&String| Metric::of(key).is_none_or(|metric| metric.group != Group::Xbzrle);
        let shown: BTreeSet<String> = missing.iter().filter(is_shown).cloned().collect();
        assert_eq!(of_page(&page), shown, "{page}: {place}");
        assert_eq!(of_results(&bytes(&|to| csv::write(to, &report).unwrap())), missing, "CSV: {place}");
        let document = bytes(&|to| json::write(to, &report).unwrap());
        assert_eq!(of_results(&document), missing, "JSON: {place}");
        let object: serde_json::Value = serde_json::from_str(&document).unwrap();
        let null = METRICS.iter().filter(|metric| object[metric.key].is_null()).map(|metric| metric.key.to_owned());
        assert_eq!(null.collect::<Missing>(), missing, "JSON: {place}");

        let runs = [(1, outcome.clone())];
        let table = repeats::text(&provenance, &runs, true);
        assert_eq!(of_page(&table), shown, "{table}: {place}");
        let document = bytes(&|to| repeats::json(to, &provenance, &runs).unwrap());
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        for metric in metrics::figures() {
            let summary = &document["summary"][metric.key];
            let (of, median, bounds) = (summary["of"].as_u64(), &summary["median"], summary["cut_off"].as_u64());
            let lacks = missing.contains(metric.key);
            assert_eq!((of, median.is_null()), (Some(u64::from(!lacks)), lacks), "{summary}: {place}");
            let cut_off = outcome.verdict == Verdict::NotConverged && metric.course == Course::Grows && !lacks;
            assert_eq!(median["at_least"].is_number(), cut_off, "{} is {median}: {place}", metric.key);
            assert_eq!(bounds, Some(u64::from(cut_off)), "{summary}: {place}");
        }
        seen.insert((outcome.verdict.as_str(), missing));
    }
    // The draw has what is looked for.
    let missing =
        |verdict: Verdict| seen.iter().any(|(word, missing)| *word == verdict.as_str() && !missing.is_empty());
    assert!(missing(Verdict::NotConverged) && missing(Verdict::Aborted) && missing(Verdict::Converged), "{seen:?}");
}

/// Ends in every way, under rules with and without a threshold, by what is varied.
const SWEPT: &str = r#"
[guest]
memory = "2 GiB"
rate-spread = { law = "log-normal", deviation = "60 %" }

[[guest.workload]]
kind = "uniform"
region = "1 GiB"
rate = "30000 pages/s"

[link]
bandwidth = "1 Gbit/s"

[qemu]
max-bandwidth = 0

[limits]
time = "3 min"

[[at]]
time = "90 s"
action = "abort"

[sweep]
"at.0.action" = ["abort", "pause"]
"at.0.time" = ["90 s", "10 min"]
"orchestrator.kind" = ["none", "xen", "kubevirt"]
repeats = 12
"#;

/// What a result file says.
fn table(text: &str) -> Results {
    Results::parse(text).unwrap()
}

/// The rows with the cells that hold something by name: JSON has no order of columns, and none for nothing but null.
fn by_name(results: &Results) -> Vec<BTreeMap<&str, Cell<'_>>> {
    let known = results.rows().map(|row| results.names().zip(row.cells()).filter(|(_, cell)| *cell != Cell::Empty));
    known.map(Iterator::collect).collect()
}

#[test]
fn every_output_of_a_sweep_agrees_on_what_is_missing() {
    let bench = Bench::new(SWEPT);
    let ended = bench.sweep(&["-o", "a.csv"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(bench.sweep(&["-o", "a.jsonl"]).code, 0);
    assert_eq!(bench.sweep(&["--summary", "-o", "summary.csv"]).code, 0);
    assert_eq!(bench.sweep(&["--summary", "-o", "summary.jsonl"]).code, 0);
    let (rows, json) = (table(&bench.read("a.csv")), table(&bench.read("a.jsonl")));
    assert_eq!(by_name(&rows), by_name(&json));
    let verdict = rows.column("verdict").unwrap();
    let verdicts: BTreeSet<String> = rows.rows().map(|row| row.cell(verdict).to_string()).collect();
    assert!(verdicts.len() >= 4, "{verdicts:?}");
    for metric in METRICS.iter().filter(|metric| metric.course == Course::AtEnd) {
        let at = rows.column(metric.key).unwrap();
        for row in rows.rows().filter(|row| !row.finished()) {
            assert_eq!(row.cell(at), Cell::Empty, "{} of {row:?}", metric.key);
        }
    }

    let summary = table(&bench.read("summary.csv"));
    assert_eq!(by_name(&summary), by_name(&table(&bench.read("summary.jsonl"))));
    let point = rows.column("point").unwrap();
    for metric in metrics::figures() {
        let at = rows.column(metric.key).unwrap();
        for row in summary.rows() {
            let cell = |statistic: &str| row.cell(summary.column(&format!("{}_{statistic}", metric.key)).unwrap());
            let runs = rows.rows().filter(|run| run.cell(point) == row.cell(0));
            let have: Vec<f64> = runs.clone().filter_map(|run| run.number(at)).collect();
            assert_eq!(cell("runs"), Cell::Number(have.len() as f64), "{}: {row:?}", metric.key);
            let cut_off = |run: &ResultRow| run.cell(verdict) == Cell::Word("not-converged");
            let bounds = runs.clone().filter(cut_off).filter(|run| run.number(at).is_some()).count();
            let bounds = if metric.course == Course::Grows { bounds } else { 0 };
            assert_eq!(cell("cut_off"), Cell::Number(bounds as f64), "{}: {row:?}", metric.key);
            let cut_off = bounds > 0;
            let mean = have.iter().sum::<f64>() / have.len() as f64;
            match cell("mean").number() {
                Some(told) => assert!(!cut_off && (told - mean).abs() <= 1e-9 * mean, "{}: {told}", metric.key),
                None => assert!(cut_off || have.is_empty(), "{}: no mean of {have:?}", metric.key),
            }
            if let Some(median) = cell("median").number() {
                let half = have.len().div_ceil(2);
                assert!(have.iter().filter(|value| **value <= median).count() >= half, "{}: {median}", metric.key);
            }
            if have.is_empty() {
                assert_eq!(cell("median"), Cell::Empty, "{}", metric.key);
            }
        }
    }
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_has_null_for_what_is_missing() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let bench = Bench::new(SWEPT);
    for summary in [&[][..], &["--summary"]] {
        let [text, columns] = ["a.csv", "a.parquet"].map(|file| {
            let ended = bench.sweep(&[summary, &["-o", file, "--overwrite"]].concat());
            assert_eq!(ended.code, 0, "{}", ended.stderr);
            bench.path(file)
        });
        let rows = Results::read(&text).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(columns).unwrap()).unwrap();
        let mut nulls = 0;
        for (row, record) in rows.rows().zip(reader.get_row_iter(None).unwrap()) {
            for (cell, (name, field)) in row.cells().zip(record.unwrap().get_column_iter()) {
                assert_eq!(cell == Cell::Empty, *field == Field::Null, "{name}: {cell:?} and {field}");
                nulls += usize::from(*field == Field::Null);
            }
        }
        assert!(nulls > 0);
    }
}

/// The guest of a planner, fewer than half of whose migrations end.
const REDIS: &str = include_str!("data/breaking/redis-02.toml");

#[test]
fn a_median_is_taken_over_the_runs_that_have_the_figure() {
    let bench = Bench::new(REDIS);
    let sets = ["orchestrator.kind=kubevirt", "guest.rate-spread.law=log-normal", "guest.rate-spread.deviation=20 %"];
    let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    let page = bench.precopy(&[&["run", "guest.toml", "--repeats", "50"], &sets[..]].concat()).stdout;
    assert!(page.starts_with("50 runs: converged 46.0 % (23), aborted 54.0 % (27)\n"), "{page}");
    let line = page.lines().find(|line| line.contains("downtime (blackout)")).unwrap();
    assert!(line.contains(" 313 ms ") && line.ends_with("  of 23 that ended"), "{line}");

    let sweep = [&sets[..], &["--set", "sweep.repeats=50", "--vary", "qemu.version=8.2"], &["--summary"]].concat();
    let ended = bench.sweep(&sweep);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let summary = table(&ended.stdout);
    let cell = |name: &str| summary.row(0).number(summary.column(name).unwrap());
    assert_eq!(cell("downtime_ms_runs"), Some(23.0));
    let mean = cell("downtime_ms_mean").unwrap();
    assert!((311.0..315.0).contains(&mean), "{mean}");

    // Cut off before KubeVirt gives up, the other runs are known to take longer than that.
    let cut = [&["run", "guest.toml", "--repeats", "50", "--set", "limits.time=30 min"], &sets[..]].concat();
    let page = bench.precopy(&cut).stdout;
    let total = page.lines().find(|line| line.starts_with("  total ")).unwrap();
    let cells: Vec<&str> = total.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, ["total", "37.1 s", "≥ 30 min 00 s", "≥ 30 min 00 s"]);
}

/// Of a hundred runs of this guest 38 end; the others are cut off after four minutes.
const STUMBLE: &str = r#"
[guest]
memory = "32 GiB"
vcpus = 4
rate-spread = { law = "log-normal", deviation = "20 %" }

[[guest.workload]]
kind = "uniform"
rate = "1575 MiB/s"

[link]
bandwidth = "12.5 Gbit/s"

[qemu]
max-bandwidth = "0"

[limits]
time = "4 min"

[sweep]
"limits.time" = ["4 min"]
repeats = 100
"#;

#[test]
fn fewer_than_half_of_the_runs_that_end_leave_no_median_of_times_and_one_of_downtimes() {
    let bench = Bench::new(STUMBLE);
    for words in [&["-o", "rows.csv"][..], &["--summary", "-o", "summary.csv"]] {
        assert_eq!(bench.sweep(words).code, 0);
    }
    let (rows, summary) = (table(&bench.read("rows.csv")), table(&bench.read("summary.csv")));
    let cell = |name: &str| summary.row(0).number(summary.column(name).unwrap());
    assert_eq!((cell("runs"), cell("converged_pct"), cell("not-converged_pct")), (Some(100.0), Some(38.0), Some(62.0)));

    // Over those that ended, and never with a 0 for one that did not.
    let downtimes: Vec<f64> = rows.numbers(rows.column("downtime_ms").unwrap()).collect();
    let (least, most) =
        (downtimes.iter().copied().fold(f64::MAX, f64::min), downtimes.iter().copied().fold(0.0, f64::max));
    let mean = downtimes.iter().sum::<f64>() / 38.0;
    assert_eq!((downtimes.len(), cell("downtime_ms_runs"), cell("downtime_ms_cut_off")), (38, Some(38.0), Some(0.0)));
    assert!(least > 250.0 && cell("downtime_ms_median").is_some_and(|median| (least..=most).contains(&median)));
    assert!((cell("downtime_ms_mean").unwrap() / mean - 1.0).abs() < 1e-12, "{mean}");

    // The times of the others are longer than the limit, wherever the figure is summed up.
    assert_eq!((cell("total_time_ms_runs"), cell("total_time_ms_cut_off")), (Some(100.0), Some(62.0)));
    assert_eq!([cell("total_time_ms_median"), cell("total_time_ms_p95"), cell("total_time_ms_mean")], [None; 3]);
    assert!(cell("total_time_ms_p5").is_some_and(|p5| p5 < 240_000.0));
    let page = bench.precopy(&["run", "guest.toml", "--repeats", "100"]).stdout;
    assert!(page.lines().any(|line| line.starts_with("  total ") && line.contains("≥ 4 min 00 s")), "{page}");
    assert!(page.contains("  of 38 that ended"), "{page}");
    let page = bench.precopy(&["report", "rows.csv"]).stdout;
    let figures: Vec<&str> =
        page.split("<dd>").skip(1).take(2).map(|rest| rest.split("</dd>").next().unwrap()).collect();
    assert!(figures[0].starts_with("≥ 4 min 00 s<small>"), "{figures:?}");
    assert!(figures[1].ends_with("<small>over 38 of 100</small>"), "{figures:?}");
}

/// Figures are refused where the file does not say what they are, by pictures and pages in the same words.
#[test]
fn a_table_that_does_not_tell_its_figures_is_refused() {
    let bench = Bench::new(STUMBLE);
    let rows =
        "point,link.bandwidth,verdict,total_time_ms,downtime_ms\n0,1,converged,5000,12\n1,2,not-converged,3600000,\n";
    let no_number = "is no number; mend the cell, or leave it empty if the figure is not known";
    for (name, text, complaint) in [
        ("cut.csv", rows.replace("verdict", "word"), "`cut.csv`: it has no column `verdict`"),
        ("ab.csv", "a,b\n1,2\n3,4\n".to_owned(), "there is no column `total_time_ms` in the results; they have: a, b"),
        ("few.csv", "point,verdict\n0,converged\n1,converged\n".to_owned(), "there is no column `"),
        (
            "odd.csv",
            rows.replace("3600000", "36o0000"),
            &format!("`odd.csv`: line 3: `36o0000` in the column `total_time_ms` {no_number}"),
        ),
        (
            "odd.jsonl",
            "{\"verdict\":\"converged\",\"total_time_ms\":\"5 s\"}\n".to_owned(),
            &format!("`odd.jsonl`: row 1: `5 s` in the column `total_time_ms` {no_number}"),
        ),
    ] {
        std::fs::write(bench.path(name), text).unwrap();
        for words in [&["plot", name][..], &["report", name], &["report", "guest.toml", name]] {
            let ended = bench.precopy(words);
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{words:?}: {}", ended.stderr);
            assert!(ended.stderr.contains(complaint), "{words:?}: {}", ended.stderr);
        }
    }
    // What is empty is not known, and a summary has shares in place of verdicts.
    for (name, text) in [
        ("empty.csv", rows.replace("3600000", "")),
        ("summary.csv", "link.bandwidth,runs,converged_pct,total_time_ms_median\n1,4,100,5\n2,4,100,3\n".to_owned()),
    ] {
        std::fs::write(bench.path(name), text).unwrap();
        for command in ["plot", "report"] {
            let ended = bench.precopy(&[command, name]);
            assert_eq!(ended.code, 0, "{command} {name}: {}", ended.stderr);
        }
    }
}
