//! Recordings of writes: each form is read, what was recorded of a guest gives back its migration, and what is damaged is refused
//! with its place.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use precopy::guest::{Law, Workload};
use precopy::recordings::{self, RecordingForm};
use precopy::scenario::{Assumption, Input, Scenario};
use precopy::sim::{self, Memory, Options, Outcome};
use precopy::units::{Operations, PageRate, Pages, Share, Span};
use rand::RngExt;
use rand_pcg::Pcg64;

const FOLDER: &str = "tests/data/recordings";

/// The samples: form, different pages, page writes, length [ms] and events that were lost.
const SAMPLES: [(&str, RecordingForm, u64, u64, f64); 6] = [
    ("bitmaps.csv", RecordingForm::Bitmaps, 15, 16, 200.0),
    ("ring.txt", RecordingForm::DirtyRing, 21, 40, 15.0),
    ("faults.txt", RecordingForm::PageFaults, 17, 30, 13.0),
    ("lackey.txt", RecordingForm::Lackey, 42, 45, 0.0),
    ("damon.txt", RecordingForm::Damon, 558, 5444, 1200.0),
    ("damo.txt", RecordingForm::DamoReport, 838, 4024, 836.0),
];

fn instructions(form: RecordingForm) -> Option<Operations> {
    (form == RecordingForm::Lackey).then_some(Operations(1e5))
}

#[test]
fn a_sample_of_each_form_is_read() {
    for (name, form, region, writes, ms) in SAMPLES {
        let found = recordings::read(&Path::new(FOLDER).join(name), instructions(form)).unwrap();
        let recording = &found.recording;
        let told = (found.form, recording.region().0, recording.writes());
        assert_eq!(told, (form, region, writes), "{name}");
        let length = recording.length().seconds() * 1e3;
        assert!(ms == 0.0 || (length - ms).abs() < 1.0, "{name}: {length} ms");
    }
}

/// A scenario whose guest has these workloads; files lie in `folder`.
fn scenario(workloads: &str, sets: &[&str], folder: &Path) -> Result<Scenario, Vec<(String, String)>> {
    let text = format!(
        "[guest]\nmemory = \"1 GiB\"\n{workloads}\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\nmax-bandwidth = \"0\"\nauto-converge = true\n"
    );
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let loaded = Input::new("test.toml", &text, &sets).unwrap().in_folder(folder).load();
    loaded.map(|loaded| loaded.scenario).map_err(|faults| {
        faults.iter().map(|fault| (fault.title.clone(), fault.help.clone().unwrap_or_default())).collect()
    })
}

fn recorded(file: &str, more: &str) -> String {
    format!("[[guest.workload]]\nkind = \"recording\"\nfile = \"{file}\"\n{more}")
}

fn run(scenario: &Scenario, memory: Memory, seed: u64) -> Outcome {
    sim::run(scenario, &Options { memory, seed, ..Options::default() }).unwrap().0
}

#[test]
fn each_sample_is_a_workload_and_says_what_is_assumed() {
    for (name, form, region, ..) in SAMPLES {
        let more = if form == RecordingForm::Lackey { "instructions = \"1e5/s\"" } else { "" };
        let found = scenario(&recorded(name, more), &[], Path::new(FOLDER)).unwrap();
        assert_eq!(found.guest.workloads[0].region, Pages(region), "{name}");
        let assumed = |is: fn(&Assumption) -> bool| found.assumed.iter().any(is);
        let accesses = matches!(form, RecordingForm::Damon | RecordingForm::DamoReport);
        assert_eq!(assumed(|one| matches!(one, Assumption::Accesses)), accesses, "{name}");
        let intervals = accesses || form == RecordingForm::Bitmaps;
        assert_eq!(assumed(|one| matches!(one, Assumption::EvenlyWithin(_))), intervals, "{name}");
        assert!(assumed(|one| matches!(one, Assumption::Again(_))), "{name}");
        let told = scenario(&recorded(name, &format!("{more}\nrepeat = true")), &[], Path::new(FOLDER)).unwrap();
        assert!(!told.assumed.iter().any(|one| matches!(one, Assumption::Again(_))), "{name}");
        for memory in [Memory::Expected, Memory::Exact] {
            assert!(run(&found, memory, 1).total_time_ms > 0.0, "{name}");
        }
    }
}

/// Half of 512 MiB is written at random, for 20 s, looked at ten times a second.
fn uniform(folder: &Path) -> Workload {
    let (pages, rate) = (65_536, 20_000);
    let mut rng = Pcg64::new(7, 7);
    let mut text = "seconds,first_page,pages\n0,0,0\n".to_owned();
    for look in 1..=200 {
        let found: BTreeSet<u64> = (0..rate / 10).map(|_| 2 * rng.random_range(0..pages)).collect();
        for page in found {
            text += &format!("{},{page},1\n", f64::from(look) / 10.0);
        }
    }
    fs::write(folder.join("uniform.csv"), text).unwrap();
    Workload::steady(Law::Uniform, Pages(pages), PageRate(rate as f64))
}

/// What was recorded of a guest migrates as that guest does, throttled or not.
#[test]
fn a_recording_of_a_guest_gives_back_its_migration() {
    let folder = tempfile::tempdir().unwrap();
    let truth = uniform(folder.path());
    let (mut throttled, mut curves) = (0, 0);
    for bandwidth in ["300 Mbit/s", "450 Mbit/s", "700 Mbit/s", "1 Gbit/s", "3 Gbit/s"] {
        let set = format!("link.bandwidth={bandwidth}");
        let again = scenario(&recorded("uniform.csv", ""), &[&set], folder.path()).unwrap();
        let mut real = again.clone();
        real.guest.workloads = vec![truth.clone()];
        for memory in [Memory::Expected, Memory::Exact] {
            // Seeds scatter the exact memory by as much as a whole step of the throttle, which is worth some seconds.
            let runs = |scenario: &Scenario| (1..=3).map(|seed| run(scenario, memory, seed)).collect::<Vec<_>>();
            let (found, wanted) = (runs(&again), runs(&real));
            let mean =
                |of: &[Outcome], figure: fn(&Outcome) -> f64| of.iter().map(figure).sum::<f64>() / of.len() as f64;
            let near = |figure: fn(&Outcome) -> f64, share: f64, name: &str| {
                let (found, wanted) = (mean(&found, figure), mean(&wanted, figure));
                assert!((found / wanted - 1.0).abs() < share, "{bandwidth}, {memory:?}: {name} {found}, not {wanted}");
            };
            near(|outcome| outcome.total_time_ms, 0.05, "total time");
            near(|outcome| outcome.transferred_bytes as f64, 0.05, "bytes");
            assert_eq!(found[0].verdict, wanted[0].verdict);
            throttled += u32::from(found[0].throttle_max_pct > 0.0);
        }
        curves += 1;
    }
    assert!(throttled >= 4 && curves == 5, "a throttle is met: {throttled}");
}

#[test]
fn a_recording_ends_or_begins_again() {
    let folder = Path::new("scenarios/recordings");
    for memory in [Memory::Expected, Memory::Exact] {
        let [once, again] = ["false", "true"].map(|repeat| {
            let sets = ["link.bandwidth=700 Mbit/s", "qemu.auto-converge=false", "limits.time=2 min"];
            let found = scenario(&recorded("journal.csv", &format!("repeat = {repeat}")), &sets, folder).unwrap();
            run(&found, memory, 1)
        });
        assert_eq!(once.verdict.as_str(), "converged", "{memory:?}: nothing is written after twelve seconds");
        assert!(
            once.total_time_ms < 0.8 * again.total_time_ms,
            "{memory:?}: {} and {}",
            once.total_time_ms,
            again.total_time_ms
        );
    }
}

#[test]
fn skipping_what_does_not_change_changes_nothing() {
    let found = scenario(&recorded("journal.csv", ""), &[], Path::new("scenarios/recordings")).unwrap();
    for memory in [Memory::Expected, Memory::Exact] {
        let [skipped, walked] =
            [true, false].map(|skip| sim::run(&found, &Options { memory, skip, ..Options::default() }).unwrap().0);
        assert_eq!(skipped, walked, "{memory:?}");
    }
}

/// Rates of one program and another, and two recordings beside each other.
#[test]
fn a_recording_lies_beside_other_workloads() {
    let folder = Path::new(FOLDER);
    let both = recorded("bitmaps.csv", "cpu = \"50 %\"\nchanged = \"10 %\"\ncatch-up = \"none\"\n")
        + "[[guest.workload]]\nkind = \"phases\"\nrepeat = true\n[[guest.workload.phase]]\ntime = \"1 s\"\nkind = \"recording\"\nfile = \"ring.txt\"\n\
           [[guest.workload.phase]]\ntime = \"1 s\"\nkind = \"idle\"\n";
    let found = scenario(&both, &["qemu.xbzrle=true"], folder).unwrap();
    let [first, second, _] = found.guest.workloads.as_slice() else { panic!("{:?}", found.guest.workloads) };
    assert_eq!((first.region, second.region, first.cpu), (Pages(15), Pages(21), Share(0.5)));
    assert_eq!(first.end(), second.offset, "one after the other");
    let refused = scenario(&both, &["guest.region-factor=2"], folder).unwrap_err();
    assert!(refused[0].0.contains("cannot be made larger") && refused[0].1.contains("curve"), "{refused:?}");
}

#[test]
fn faults_of_a_recording_have_a_place_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    put("a.csv", b"seconds,first_page,pages\n1,5,1\n2,x,1\n");
    put("cut.bin", &[1; 12]);
    put("b.csv", b"seconds,bitmap\n1,\n2,cut.bin\n");
    put("c.csv", b"seconds,bitmap\n1,\n2,none.bin\n");
    put("lackey.txt", b"I  04000,3\n S 1fff000768,8\n");
    put("pml.txt", b"qemu 1 [001] 1.5: kvm:kvm_pml_full: vcpu 0: PML full\n");
    put("zero.bin", &[0; 4096]);
    put("empty.csv", b"");
    put("comma.csv", b"seconds;first_page;pages\n0,0;0;0\n0,1;5;1\n");
    put("cells.csv", b"seconds,first_page,pages\n0,0,0\n0,5,4096,1\n");
    put("names.csv", b"second,first_page,pages\n0,0,0\n1,5,1\n");
    put("large.csv", b"seconds,first_page,pages\n0,0,0\n30,5,262145\n");
    put("some.csv", b"seconds,first_page,pages\n0,0,0\n30,5,512\n");
    for (file, more, title, help) in [
        ("a.csv", "", "`a.csv`, line 3, column 2 has no number of `first_page`, but `x`", "whole numbers"),
        ("b.csv", "", "`b.csv`, line 3, column 2 `cut.bin` has 12 bytes", "read the bitmap anew"),
        ("c.csv", "", "`c.csv`, line 3, column 2 `none.bin` cannot be read", "folder of the table"),
        ("lackey.txt", "", "has no clock but the instructions", "instructions = \"1e9/s\""),
        ("a.csv", "instructions = \"1e9/s\"", "has a clock of its own", "leave `instructions` out"),
        ("pml.txt", "", "not of which pages", "kvm_dirty_ring_push"),
        ("empty.csv", "", "`empty.csv` is empty", "record for some seconds"),
        ("comma.csv", "", "`comma.csv`, line 1 has semicolons between its columns", "decimal commas"),
        ("cells.csv", "", "`cells.csv`, line 3, column 4 has `1` behind the last of 3 columns", "write 0.5, not 0,5"),
        ("names.csv", "", "`names.csv`, line 1, column 1 has the columns `second`", "did you mean `seconds`?"),
        ("large.csv", "", "`large.csv` with its 262145 pages (1 GiB) is larger than RAM", "set `guest.memory`"),
        ("a.csv", "offset = \"2 GiB\"", "has no number of `first_page`", "whole numbers"),
        (
            "some.csv",
            "offset = \"1023 MiB\"",
            "`some.csv` with its 512 pages (2 MiB) reaches beyond RAM",
            "set `guest.memory`",
        ),
        ("zero.bin", "", "cannot be read", "folder of the scenario"),
        ("none.csv", "", "cannot be read", "folder of the scenario"),
        (
            "a.csv",
            "region = \"1 MiB\"",
            "`guest.workload.0.region` does not belong to kind `recording`",
            "another `kind`",
        ),
    ] {
        let faults = scenario(&recorded(file, more), &[], folder.path()).unwrap_err();
        let told = faults.iter().any(|(found, remedy)| found.contains(title) && remedy.contains(help));
        assert!(told, "{file}: {faults:?}");
    }
}

/// Whatever of a sample is there, it is read or refused with a reason.
#[test]
fn damaged_and_truncated_recordings_are_refused_or_read() {
    let mut rng = Pcg64::new(3, 3);
    let (mut read, mut refused) = (0, 0);
    for (name, form, ..) in SAMPLES {
        let text = fs::read(Path::new(FOLDER).join(name)).unwrap();
        let mut look = |text: &[u8]| match recordings::parse(text, text, Path::new(FOLDER), instructions(form)) {
            Ok(found) => {
                assert!(found.recording.length() > Span::ZERO && found.recording.writes() > 0);
                read += 1;
            }
            Err(damage) => {
                assert!(!damage.what.is_empty() && !damage.help.is_empty(), "{damage:?}");
                refused += 1;
            }
        };
        for _ in 0..300 {
            look(&text[..rng.random_range(0..text.len())]);
            let mut broken = text.clone();
            for _ in 0..rng.random_range(1..4) {
                let at = rng.random_range(0..broken.len());
                broken[at] = b"0123456789abcdefx,:-()= \n\xff\0"[rng.random_range(0..27)];
            }
            look(&broken);
        }
    }
    assert!(read > 300 && refused > 300, "{read} are read and {refused} refused");
}

fn typed(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder).args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_recording_is_reduced_to_a_curve() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let truth = uniform(folder.path());
    let base = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"500 Mbit/s\"\n[qemu]\nmax-bandwidth = \"0\"\n";
    fs::write(folder.path().join("base.toml"), base).unwrap();
    let words = ["fit", "--recording", "uniform.csv", "--scenario", "base.toml", "-o", "found.toml"];
    let (code, _, errors) = typed(folder.path(), &words);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let found = Input::from_file(&folder.path().join("found.toml"), &[]).unwrap().load().unwrap().scenario;
    for ms in [100, 1000, 5000] {
        let (rates, span) = ([&found.guest.workloads[0], &truth], Span::from_ms(ms));
        let [found, wanted] = rates.map(|w| w.law.distinct(w.region, w.rate.0 * span.seconds()));
        assert!((found / wanted - 1.0).abs() < 0.03, "{span}: {found}, not {wanted}");
    }
    // Accesses, and a recording that changes.
    for (file, more, warning) in [
        (format!("{FOLDER}/damon.txt"), None, "a bound from above"),
        ("scenarios/recordings/journal.csv".to_owned(), None, "changes: 1 to 32208"),
        (
            "scenarios/recordings/journal.csv".to_owned(),
            None,
            "write in the place of the workload\n[[guest.workload]]\nkind = \"recording\"\nfile = \"scenarios/recordings/journal.csv\"\n",
        ),
        (format!("{FOLDER}/lackey.txt"), Some("1e5/s"), ""),
    ] {
        let base: PathBuf = folder.path().join("base.toml");
        let mut words = vec!["fit", "--recording", &file, "--scenario", base.to_str().unwrap()];
        words.extend(more.into_iter().flat_map(|rate| ["--instructions", rate]));
        let (code, found, errors) = typed(root, &words);
        assert_eq!(code, Some(0), "{errors}");
        assert!(errors.contains(warning) && found.contains("kind = \"curve\""), "{file}: {errors}{found}");
    }
    let lackey = format!("{FOLDER}/lackey.txt");
    for (words, told) in [
        (vec!["fit", "--recording", "uniform.csv"], "--scenario"),
        (
            vec!["fit", "--recording", "base.toml", "--scenario", "base.toml"],
            "line 1 is no recording of writes: it begins with `[guest]`; known are tables",
        ),
        (
            vec!["fit", "--recording", "uniform.csv", "--scenario", "base.toml", "--instructions", "1 GHz"],
            "--instructions",
        ),
    ] {
        let (code, _, errors) = typed(folder.path(), &words);
        assert!(code == Some(2) && errors.contains(told), "{words:?}: {errors}");
    }
    let (code, _, errors) = typed(root, &["fit", "--recording", &lackey, "--scenario", "scenarios/web-server.toml"]);
    assert!(code == Some(2) && errors.contains("no clock but the instructions"), "{errors}");
}

/// A curve that the loader doubts is doubted where it is made, with what to write in its place.
#[test]
fn a_curve_that_bends_too_sharply_prefers_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    // A log that comes back to its pages in turn: each is new for 2 s, and then none is.
    let mut text = "seconds,first_page,pages\n0,0,0\n".to_owned();
    (1..=100).for_each(|look| text += &format!("{},{},1000\n", f64::from(look) / 10.0, look % 20 * 1000));
    fs::write(folder.path().join("log.csv"), text).unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    let base = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"500 Mbit/s\"\n";
    fs::write(folder.path().join("base.toml"), base).unwrap();
    for place in ["found.toml", "out/found.toml"] {
        let words = ["fit", "--recording", "log.csv", "--scenario", "base.toml", "--format", "json", "-o", place];
        let (code, report, errors) = typed(folder.path(), &words);
        assert_eq!(code, Some(0), "{errors}");
        assert!(errors.contains("in an order that no curve has: `guest.workload.0.points."), "{errors}");
        let lines = errors.split("place of the workload\n").nth(1).unwrap();
        // The lines are a workload of the scenario that was written.
        let found = fs::read_to_string(folder.path().join(place)).unwrap();
        assert!(found.contains("# Kind `recording` follows `log.csv`"), "{found}");
        let (before, curve) = found.split_once("[[guest.workload]]").unwrap();
        let after = &curve[curve.find("\n[link]").unwrap()..];
        fs::write(folder.path().join(place), format!("{before}{lines}{after}")).unwrap();
        let (code, _, errors) = typed(folder.path(), &["run", place]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{lines}");
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!((&report["shape"], &report["misfit"]), (&"curve".into(), &serde_json::Value::Null));
        assert_eq!(report["points"][0], serde_json::json!({ "interval_ms": 100.0, "pages": 1000.0 }));
        assert_eq!(report["parameters"][1]["key"], "region");
        assert_eq!(report["parameters"][1]["value"], 20_000.0);
        assert!(
            report["open"]
                .as_array()
                .unwrap()
                .iter()
                .any(|open| open.as_str().unwrap().contains("kind = \"recording\""))
        );
    }
    let words = ["fit", "--recording", "log.csv", "--scenario", "base.toml", "--format", "csv"];
    let (_, scenario, report) = typed(folder.path(), &words);
    assert!(scenario.contains("kind = \"curve\"") && report.contains("interval_ms,pages\n100.0,1000.0\n"), "{report}");
    // What is read is not written over.
    let words = ["fit", "--recording", "log.csv", "--scenario", "base.toml", "-o", "log.csv"];
    let (code, _, errors) = typed(folder.path(), &words);
    assert!(code == Some(2) && errors.contains("is read here"), "{errors}");
}

#[test]
fn a_recording_that_is_far_shorter_than_a_pass_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let base = |more: &str| {
        format!(
            "[guest]\nmemory = \"4 GiB\"\n[[guest.workload]]\nkind = \"recording\"\nfile = \"a.csv\"\n{more}\n[link]\nbandwidth = \"1 Gbit/s\"\n\
             [qemu]\nmax-bandwidth = 0\n"
        )
    };
    let told = |seconds: f64, more: &str, words: &[&str]| {
        let text = format!("seconds,first_page,pages\n0,0,0\n{seconds},5,10\n");
        fs::write(folder.path().join("a.csv"), text).unwrap();
        fs::write(folder.path().join("a.toml"), base(more)).unwrap();
        let (code, _, errors) = typed(folder.path(), &[words, &["a.toml"]].concat());
        assert_eq!(code, Some(0), "{errors}");
        errors
    };
    let short = told(0.01, "", &["run"]);
    assert!(short.contains("`a.csv` is a recording of 10 ms, and the first pass lasts 34 s or longer"), "{short}");
    assert!(short.contains("begins again 3435 times in that pass") && short.contains("`repeat = true`"), "{short}");
    let swept = told(0.01, "", &["sweep", "--vary", "link.bandwidth=1,2 Gbit/s"]);
    assert_eq!(swept.matches("is a recording of 10 ms").count(), 1, "once: {swept}");
    assert_eq!(told(4.0, "", &["run"]), "", "long enough");
    for said in ["true", "false"] {
        assert_eq!(told(0.01, &format!("repeat = {said}"), &["run"]), "", "it was said");
    }
}
