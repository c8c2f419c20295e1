//! `precopy fit` of a single look: every recording is cut down to one answer of `query-migrate`, at several moments, and what
//! the guest's own program did must lie in the ranges that are printed.
//!
//! `FIT_ALL=1 cargo test --release --test one_look -- --nocapture` prints the table of docs/accuracy.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use precopy::compare::Trace;
use precopy::fit::{Fit, FitQuantity, Parameter, fit};
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options, Verdict};
use serde_json::{Value, json};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Shares of the time after the first pass at which somebody looks.
const MOMENTS: [f64; 4] = [0.1, 0.35, 0.6, 0.9];

/// A recording as answers of `query-migrate`, with the status of its look and none of what came after.
struct Recording {
    trace: Trace,
    looks: Vec<Value>,
}

impl Recording {
    fn read(path: &Path) -> Recording {
        let trace = Trace::read(path).unwrap();
        let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let columns = document["sample_columns"].as_array().unwrap();
        let libvirt = document["schema"].as_str().unwrap().starts_with("virsh");
        let begin = if libvirt { begin(&document) } else { 0.0 };
        let looks = document["samples"].as_array().unwrap().iter().filter_map(|sample| {
            let figure = |qmp: &str, virsh: &str| {
                let name = if libvirt { virsh } else { qmp };
                sample[columns.iter().position(|column| column == name)?].as_f64()
            };
            let (t_ms, pass) = (figure("t_ms", "t_ms")? - begin, figure("pass", "iteration")?);
            let mbps = if libvirt { figure("", "bps")? * 8e-6 } else { figure("mbps", "")? };
            (t_ms > 0.0 && pass > 0.0).then_some(())?;
            Some(json!({
                "status": "active",
                "total-time": t_ms,
                "cpu-throttle-percentage": figure("throttle_pct", "throttle").unwrap_or(0.0).max(0.0),
                "ram": {
                    "total": trace.scenario.as_ref().unwrap().guest.memory.bytes().0,
                    "transferred": figure("transferred", "processed")?,
                    "remaining": figure("remaining", "remaining")?,
                    "normal": figure("normal_pages", "normal_pages")?,
                    "duplicate": figure("zero_pages", "constant_pages")?,
                    "dirty-pages-rate": figure("dirty_pages_rate", "dirty_rate")?,
                    "mbps": mbps,
                    "dirty-sync-count": pass,
                },
            }))
        });
        let looks = looks.collect();
        Recording { trace, looks }
    }

    /// One look at a share of the time after the first pass; none where the migration was in post-copy or over by then.
    fn look(&self, share: f64) -> Option<Trace> {
        let under_way = |look: &&Value| look["ram"]["dirty-sync-count"].as_f64() > Some(1.0) && left(look) > 0.0;
        let later: Vec<&Value> = self.looks.iter().filter(under_way).collect();
        let look = later.get((later.len() as f64 * share) as usize)?;
        Some(Trace::parse("look", look.to_string().as_bytes()).unwrap())
    }
}

fn left(look: &Value) -> f64 {
    look["ram"]["remaining"].as_f64().unwrap()
}

/// When QEMU began, after libvirt's preparations [ms].
fn begin(document: &Value) -> f64 {
    document["iterations"][0]["t_ms"].as_f64().or_else(|| document["iterations"][0][0].as_f64()).unwrap()
}

fn recordings() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = ["traces", "held-out"]
        .iter()
        .flat_map(|folder| fs::read_dir(data(folder)).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "json"))
        .filter(|path| !path.ends_with("10-libvirt-postcopy.json"))
        .collect();
    all.sort();
    all
}

fn parameter(fit: &Fit, quantity: FitQuantity) -> &Parameter {
    fit.parameters.iter().find(|parameter| parameter.quantity == quantity).unwrap()
}

fn holds(parameter: &Parameter, truth: f64) -> bool {
    parameter.low.is_none_or(|low| low <= truth) && parameter.high.is_none_or(|high| truth <= high)
}

/// How many looks hold the truth, of how many: rate, region.
#[derive(Default)]
struct Share {
    looks: usize,
    rate: usize,
    region: usize,
}

fn hold(paths: &[PathBuf], moments: &[f64], stated: bool) -> Share {
    let mut share = Share::default();
    for path in paths {
        let recording = Recording::read(path);
        let truth = recording.trace.scenario.as_ref().unwrap().guest.workloads[0].clone();
        for moment in moments {
            let Some(mut look) = recording.look(*moment) else { continue };
            if stated {
                look = look.with_scenario(recording.trace.scenario.clone().unwrap());
            }
            let fit = fit(vec![look], 1, &|_| true).unwrap_or_else(|unfit| panic!("{path:?}: {unfit}")).unwrap();
            let (rate, region) = (parameter(&fit, FitQuantity::Rate), parameter(&fit, FitQuantity::Region));
            let held = (holds(rate, truth.rate.0), holds(region, truth.region.0 as f64));
            share.looks += 1;
            share.rate += usize::from(held.0);
            share.region += usize::from(held.1);
            println!(
                "{:26} {moment:.2} {} rate {:.0}: {:.0} in {:<40} {} | {}: {} in {:<30} {} | {:.2}",
                path.file_stem().unwrap().to_str().unwrap(),
                fit.open[0].split(',').next().unwrap(),
                truth.rate.0,
                rate.value,
                rate.range(),
                held.0,
                truth.region.bytes(),
                FitQuantity::Region.show(region.value),
                region.range(),
                held.1,
                fit.misfit,
            );
        }
    }
    share
}

/// Docs/accuracy.md states these shares [%].
const RATE: usize = 90;
const REGION: usize = 90;

#[test]
fn what_the_guest_did_lies_in_the_ranges() {
    let all = std::env::var_os("FIT_ALL").is_some();
    let few = [data("traces/01-converge-random.json"), data("traces/08-libvirt-throttle.json")];
    for stated in [true, false] {
        let share = if all { hold(&recordings(), &MOMENTS, stated) } else { hold(&few, &MOMENTS[3..], stated) };
        let Share { looks, rate, region } = share;
        println!("with a scenario: {stated}; {looks} looks, rate in {rate}, region in {region}");
        assert!(
            looks >= 2 && 100 * rate >= RATE * looks && 100 * region >= REGION * looks,
            "{rate}, {region} of {looks}"
        );
    }
}

fn fitted(folder: &Path, name: &str, look: &str, more: &[&str]) -> Output {
    fs::write(folder.join(name), look).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    command.current_dir(folder).args(["fit", name, "-o", "fitted.toml"]).args(more).output().unwrap()
}

fn logged(name: &str) -> String {
    fs::read_to_string(data(&format!("logs/{name}"))).unwrap()
}

/// The file runs, under the limit of whoever runs it, and is where the look was at its moment.
#[test]
fn a_look_makes_a_guest_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let output = fitted(folder.path(), "look.json", &logged("one-look-running.json"), &[]);
    let (said, report) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "one look (pass 14 after 41.0 s, 9.79 Gbit/s sent, 1.1 GiB left, dirty rate 310000 pages/s) does not tell how often",
        "it writes at least 310000 pages/s",
        "`--scenario FILE` names yours",
        "look again when `dirty-sync-count` is 15 or more, in 1.0 s or later",
        "virsh domjobinfo DOMAIN --rawstats",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert!(!report.contains("remaining: predicted"), "nothing was seen between: {report}");
    let file = fs::read_to_string(folder.path().join("fitted.toml")).unwrap();
    assert!(file.contains("# rate: ") && file.contains("explains what was seen\n# region: "), "{file}");
    let scenario = load(&file);
    assert_eq!(scenario.limits.time.0, 3_600_000_000_000, "the last look is no end");
    let (outcome, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
    let then = timeline.rows.iter().take_while(|row| row.t_ms < 41_000.0).last().unwrap();
    assert!((12..=16).contains(&then.pass), "{then:?}");
    assert!((290_000..330_000).contains(&then.dirty_pages_rate), "{then:?}");
    assert_eq!(outcome.verdict, Verdict::NotConverged);
}

fn load(text: &str) -> Scenario {
    Input::new("fitted.toml", text, &[]).unwrap().load().unwrap_or_else(|faults| panic!("{text}\n{faults:#?}")).scenario
}

/// No point where nothing is known: no file, what is bounded, and which look would tell.
#[test]
fn a_look_that_says_nothing_of_the_guest_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let first = logged("one-look-running.json").replace("\"dirty-sync-count\": 14", "\"dirty-sync-count\": 1");
    let saved = "Job type: 2\noperation: 2\ntime_elapsed: 3000\nmemory_total: 1048576000\nmemory_iteration: 3\n";
    for (name, look, parts) in [
        (
            "first.json",
            first,
            &["in the first pass", "`rate` may be 0 or any", "when `dirty-sync-count` is 2 or more"][..],
        ),
        (
            "post.json",
            logged("post-copy-running.json"),
            &["runs at the destination", "at least 44884 pages/s on average"],
        ),
        ("save.txt", saved.to_owned(), &["no migration: statistics of a save to disk"]),
    ] {
        let output = fitted(folder.path(), name, &look, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        parts.iter().for_each(|part| assert!(said.contains(part), "{name}: {part}: {said}"));
        assert!(!folder.path().join("fitted.toml").exists(), "{name}");
    }
}

/// The answer that the report asks for is appended to the file: ranges get no wider and still hold the truth.
#[test]
fn a_second_look_is_taken_with_the_first() {
    let recording = Recording::read(&data("traces/02-throttle-random.json"));
    let later: Vec<&Value> =
        recording.looks.iter().filter(|look| look["ram"]["dirty-sync-count"].as_f64() > Some(1.0)).collect();
    let (one, two) = (later[later.len() / 4].to_string(), later[later.len() * 9 / 10].to_string());
    let range = |text: &str, seen: &str| {
        let look = Trace::parse("look", text.as_bytes()).unwrap();
        let fit = fit(vec![look], 1, &|_| true).unwrap().unwrap();
        assert!(fit.open[0].starts_with(seen), "{:?}", fit.open);
        let rate = parameter(&fit, FitQuantity::Rate);
        (rate.low.unwrap(), rate.high.unwrap_or(f64::INFINITY))
    };
    let (first, both) = (range(&one, "one look ("), range(&format!("{one}\n{two}"), "a few looks ("));
    assert!(both.0 >= 0.97 * first.0 && both.1 <= first.1, "{first:?}, {both:?}");
    assert!(both.0 < 11_613.0 && 11_613.0 < both.1, "{both:?}");
}

/// What the statistics know of the guest without any model holds for every guest.
#[test]
fn ranges_are_never_below_what_was_counted() {
    for text in [logged("one-look-running.json"), logged("one-look-completed.json")] {
        let fit = fit(vec![Trace::parse("look", text.as_bytes()).unwrap()], 1, &|_| true).unwrap().unwrap();
        let rate = parameter(&fit, FitQuantity::Rate);
        assert!(rate.low.unwrap() >= 14_000.0 && rate.value >= rate.low.unwrap(), "{rate:?}");
        assert!(parameter(&fit, FitQuantity::Region).low.is_some());
    }
}

#[test]
fn looks_at_two_migrations_are_explained_by_no_guest() {
    let [one, other] = ["logs/one-look-running.json", "logs/one-look-completed.json"].map(data);
    let output = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .args(["fit", "-q", one.to_str().unwrap(), other.to_str().unwrap()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\n# No guest that was tried explains this: "), "{text}");
    assert!(!text.contains("explain it as well"), "{text}");
}
