//! `precopy survey` on files of answers: what `virsh` prints of a host, and what an earlier survey kept.
//!
//! `tests/rig.rs` asks real daemons.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use precopy::fit::CalcMode;
use precopy::guest::PageSize;
use precopy::scenario::{Fleet, Input};
use precopy::survey::{Answers, AnswersClock, SurveyPlan, SurveyedHost, fleet, measure};
use precopy::units::{Bytes, Pages, Span};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/survey").join(name)
}

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder).args(words).output().unwrap()
}

/// What a survey of a file prints and says.
fn surveyed(folder: &Path, file: &Path, more: &[&str]) -> (i32, String, String) {
    let output = precopy(folder, &[&["survey", "--from", file.to_str().unwrap()], more].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn loaded(text: &str, folder: &Path) -> Fleet {
    let input = Input::new("fleet.toml", text, &[]).unwrap().in_folder(folder);
    input.load_fleet().unwrap_or_else(|invalid| panic!("{invalid}\n{text}")).fleet
}

#[test]
fn a_host_becomes_a_fleet_that_can_be_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, warned) = surveyed(folder.path(), &data("host1.txt"), &["--link", "25G", "-o", "fleet.toml"]);
    assert_eq!(code, 0, "{warned}");
    assert!(said.contains("MiB/s over 5 s") && said.contains("221 (212 to 240)"), "{said}");
    assert!(said.ends_with("Next: precopy drain fleet.toml\n"), "{said}");
    assert!(warned.contains("`web1`: the file has no further measurement over 5 s"), "{warned}");
    let text = fs::read_to_string(folder.path().join("fleet.toml")).unwrap();
    let fleet = loaded(&text, folder.path());
    let [db, idle, web] = fleet.guests.as_slice() else { panic!("{text}") };
    assert_eq!((db.name.as_str(), idle.name.as_str(), web.name.as_str()), ("db1", "idle1", "web1"));
    let guest = &db.scenario.guest;
    // Huge pages are none of the process' own, so that its RAM says nothing of what is zero.
    assert_eq!((guest.memory, guest.page_size), (Bytes(64 << 30).pages(), PageSize::Large));
    assert_eq!(guest.uncertainty.zero.map(|(least, _)| least), Some(Pages(0)), "{text}");
    assert_eq!(web.scenario.guest.zero, Bytes(3 << 30).pages(), "what the process never touched");
    assert!(text.contains("# balloon: rss 5 GiB, unused 3 GiB, disk caches 1 GiB"), "{text}");
    assert_eq!(
        (text.matches("kind = \"curve\"").count(), text.matches("rate-uncertainty = ").count()),
        (3, 3),
        "{text}"
    );
    assert!(text.contains("steepness = 2"), "its rate is open: {text}");
    let drained = precopy(folder.path(), &["drain", "fleet.toml"]);
    assert!(String::from_utf8(drained.stdout).unwrap().contains("3 guests moved"));
}

#[test]
fn what_is_kept_is_surveyed_again_to_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (_, first, _) = surveyed(folder.path(), &data("host1.txt"), &["--keep", "kept.txt"]);
    let (code, second, said) = surveyed(folder.path(), &folder.path().join("kept.txt"), &["-q"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let body = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(body(&first), body(&second));
    // Whoever gives it to another command is told whose it is.
    let drained = precopy(folder.path(), &["drain", "kept.txt", "--link", "1G"]);
    let said = String::from_utf8(drained.stderr).unwrap();
    assert!(said.contains("`precopy survey --from kept.txt -o fleet.toml` makes a fleet of it"), "{said}");
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs/rawstats.log");
    let (code, _, said) = surveyed(folder.path(), &log, &[]);
    assert!(code == 2 && said.contains("rawstats.log, line 1: is no output of `virsh version`"), "{said}");
    // Rates alone, of one guest.
    let one = precopy(folder.path(), &["fit", "--dirtyrate", "kept.txt", "--guest", "web1"]);
    assert!(one.status.success(), "{}", String::from_utf8_lossy(&one.stderr));
}

#[test]
fn some_guests_and_some_lengths_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let (code, text, _) =
        surveyed(folder.path(), &data("host1.txt"), &["--guest", "web1", "--periods", "1s,2s", "--times", "2"]);
    assert_eq!(code, 0);
    assert!(text.contains("points = [[\"1 s\", \"10240 pages\"], [\"2 s\", \"16384 pages\"]]"), "{text}");
    assert!(text.contains("10 Gbit/s\" # assumed: `--link RATE` says yours") && !text.contains("db1"), "{text}");
    let unknown = surveyed(folder.path(), &data("host1.txt"), &["--guest", "web"]);
    assert!(unknown.0 == 2 && unknown.2.contains("did you mean `web1`?"), "{}", unknown.2);
}

#[test]
fn what_changes_over_time_becomes_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, said) = surveyed(folder.path(), &data("minute.txt"), &["--record", "30s", "-o", "host.toml"]);
    assert_eq!(code, 0, "{said}");
    let text = fs::read_to_string(folder.path().join("host.toml")).unwrap();
    assert!(text.contains("kind = \"trace\"\nfile = \"host-web1.csv\"\nregion = \"779248 KiB\""), "{text}");
    assert_eq!(loaded(&text, folder.path()).guests.len(), 1);
    let csv = fs::read_to_string(folder.path().join("host-web1.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows.len(), 31);
    // 12.5 MiB/s, of which a half was cut off; what is not known is empty.
    assert_eq!(rows[1], "0.000,3200,12,5368709120,,,dirty-bitmap");
    let moved = precopy(folder.path(), &["run", "host.toml", "--vm", "web1"]);
    assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));

    let (code, one, _) = surveyed(folder.path(), &data("minute.txt"), &["--record", "30s"]);
    assert!(code == 0 && one == csv, "{one}");
    let several = surveyed(folder.path(), &data("host1.txt"), &["--record", "5s", "-o", "all.csv"]);
    assert!(several.0 == 2 && several.2.contains("`--guest NAME` takes one, and `-o NAME.toml`"), "{}", several.2);
}

#[test]
fn what_is_no_answer_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let whole = fs::read_to_string(data("host1.txt")).unwrap();
    for (text, complaint) in [
        ("", "line 1: the file has no guest"),
        (
            "Domain: 'web1'\n  state.state=1\n",
            "line 1: nothing says how much RAM `web1` has; add the output of `virsh dumpxml web1`",
        ),
        ("hello\n", "line 1: is no output of `virsh version`"),
        ("\n<domain type='kvm'>\n<name>a</name>\n</domain>\n", "line 2: `a` has no `<memory>`"),
        ("<domain type='kvm'>\n<name>a</name>\n", "line 1: "),
        (&whole.replace("64</memory>", "x</memory>"), "line 3: `db1` has no `<memory>` that is a size"),
    ] {
        let path = folder.path().join("answers.txt");
        fs::write(&path, text).unwrap();
        let (code, out, said) = surveyed(folder.path(), &path, &[]);
        assert!(code == 2 && out.is_empty() && said.contains(complaint), "{complaint}: {said}");
    }
    let (code, _, said) = surveyed(folder.path(), Path::new("none.txt"), &[]);
    assert!(code == 2 && said.contains("cannot read `none.txt`"), "{said}");
    for words in [
        &["--periods", "1500ms"][..],
        &["--periods", "61s"],
        &["--periods", "0s"],
        &["--times", "0"],
        &["--mode", "bitmap"],
        &["--record", "1s"],
        &["--every", "5s"],
        &["--record", "1min", "--every", "100ms"],
        &["--record", "1min", "--times", "2"],
        &["--link", "25"],
        &["--connect", "qemu:///system"],
    ] {
        let (code, _, said) = surveyed(folder.path(), &data("host1.txt"), words);
        assert!(code == 2 && said.contains("error: "), "{words:?}: {said}");
    }
    assert!(!precopy(folder.path(), &["survey"]).status.success());
}

/// A survey of a file that is stopped after so many rounds.
fn stopped_after(rounds: usize) -> (bool, usize, String) {
    let mut answers = Answers::parse(&fs::read_to_string(data("host1.txt")).unwrap()).unwrap();
    let (guests, (periods, times)) = (answers.guests().unwrap(), answers.lengths());
    assert_eq!((periods.len(), times), (3, 3));
    let plan = SurveyPlan::in_turn(guests.len(), &periods, times);
    let (stop, done) = (AtomicBool::new(rounds == 0), AtomicUsize::new(0));
    let mut clock = AnswersClock::default();
    let found = measure(&mut answers, &mut clock, guests, plan, CalcMode::PageSampling, &stop, || {
        stop.store(done.fetch_add(1, Ordering::Relaxed) + 1 >= rounds, Ordering::Relaxed);
    });
    let measured = found.looks.iter().filter(|look| look.period.is_some()).count();
    (found.is_whole, measured, fleet(&found, "host1", None).text)
}

#[test]
fn nothing_that_was_measured_is_lost_when_it_is_stopped() {
    // Guests take turns, so that four rounds have measured each of three.
    let (is_whole, measured, text) = stopped_after(4);
    assert_eq!((is_whole, measured, text.matches("kind = ").count()), (false, 4, 3), "{text}");
    let fleet = loaded(&text, Path::new(""));
    assert!(fleet.guests.iter().all(|guest| !guest.is_unknown()));
    // Before the first, RAM is known and no more.
    let (is_whole, measured, text) = stopped_after(0);
    assert_eq!((is_whole, measured), (false, 0));
    assert!(loaded(&text, Path::new("")).guests.iter().all(precopy::scenario::Guest::is_unknown), "{text}");
    let (is_whole, measured, _) = stopped_after(usize::MAX);
    assert_eq!((is_whole, measured), (true, 26), "one of 27 is missing in the file");
}

#[test]
fn rounds_last_as_long_as_they_measure() {
    let mut answers = Answers::parse(&fs::read_to_string(data("minute.txt")).unwrap()).unwrap();
    let guests = answers.guests().unwrap();
    let second = Span::from_ms(1000);
    let plan = SurveyPlan::steady(1, second, second, Span::from_ms(30_000), Some(Span::from_ms(10_000)));
    let mut clock = AnswersClock::default();
    let found = measure(&mut answers, &mut clock, guests, plan, CalcMode::PageSampling, &AtomicBool::new(false), || ());
    let starts: Vec<f64> =
        found.looks.iter().filter(|look| look.period.is_some()).map(|look| look.at.seconds()).collect();
    assert_eq!(starts, (0..=30).map(f64::from).collect::<Vec<_>>());
}

#[cfg(not(feature = "libvirt"))]
#[test]
fn without_libvirt_a_host_cannot_be_asked_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &["survey", "--connect", "qemu:///system"][..],
        &["probe", "--guest", "web1", "--connect", "qemu:///system", "--to", "qemu+ssh://host2/system"],
    ] {
        let output = precopy(folder.path(), words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("--features libvirt"), "{words:?}: {said}");
    }
}
