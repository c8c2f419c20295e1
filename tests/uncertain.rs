//! Guests that are not known exactly: answers are ranges, and as wide as what is not known.

mod page;

use std::fs;
use std::process::Command;

use page::flat;
use precopy::guest::Workload;
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options};
use precopy::uncertain::{FleetUnknowns, LikelyRange, Unknowns};
use precopy::units::Pages;
use serde_json::Value;

/// A guest under auto-converge, with more keys of `[guest]` and a workload.
fn guest(keys: &str, workload: &str) -> String {
    format!(
        "[guest]\nmemory = \"1 GiB\"\n{keys}\n[link]\nbandwidth = \"10 Gbit/s\"\n[qemu]\nversion = \"8.2\"\n\
         max-bandwidth = \"100 MiB/s\"\nauto-converge = true\n[limits]\ntime = \"10 min\"\n{workload}"
    )
}

const UNIFORM: &str = "[[guest.workload]]\nkind = \"uniform\"\nregion = \"160 MiB\"\nrate = 30000\n";
const LEAST: &str = "[[guest.workload]]\nkind = \"uniform\"\nregion = \"160 MiB\"\nrate = 70000\nleast-rate = 20000";
const FLAT: &str =
    "[[guest.workload]]\nkind = \"curve\"\npoints = [[\"1 s\", 40000], [\"2 s\", 40000], [\"5 s\", 40000]]";

/// The range of a scenario, and its total where everything is taken for what it says [ms].
fn range(text: &str, sets: &[&str]) -> (Option<LikelyRange>, f64) {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let draft = Input::new("test.toml", text, &sets).unwrap().draft().unwrap();
    let scenario = draft.load(&[]).unwrap().scenario;
    let (outcome, _) = sim::run(&scenario, &Options::default()).unwrap();
    (LikelyRange::of(&Unknowns::read(&draft), &draft, &outcome, &Options::default()), outcome.total_time_ms)
}

fn order(total: Option<f64>) -> f64 {
    total.unwrap_or(f64::INFINITY)
}

#[test]
fn what_is_known_is_one_figure() {
    assert_eq!(range(&guest("", UNIFORM), &[]).0, None);
    assert_eq!(range(&guest("rate-uncertainty = 1", UNIFORM), &[]).0, None);
    assert_eq!(range(&guest("zero = \"10 %\"", UNIFORM), &[]).0, None);
    // A guest that writes nothing is done when its RAM is sent, whatever is not known of its rates.
    assert_eq!(range(&guest("rate-uncertainty = 3", ""), &[]).0, None);
}

#[test]
fn a_range_is_as_wide_as_what_is_not_known() {
    let mut before = (f64::INFINITY, 0.0);
    for factor in ["1.2", "1.5", "2", "4"] {
        let (likely, total) = range(&guest(&format!("rate-uncertainty = {factor}"), UNIFORM), &[]);
        let likely = likely.unwrap();
        let [low, middle, high] = likely.total_time_ms.map(order);
        assert!(low <= before.0 && high >= before.1 && low < high, "{factor}: {likely:?} after {before:?}");
        // The middle of what may be is what the file says.
        assert!((middle / total - 1.0).abs() < 0.05, "{factor}: {middle} of {total}");
        assert_eq!(likely.of[0].key, "guest.rate-uncertainty");
        before = (low, high);
    }
}

#[test]
fn zero_pages_between_two_sizes_are_a_range_of_first_passes() {
    let keys = "zero = \"512 MiB\"\nleast-zero = \"256 MiB\"\nmost-zero = \"75 %\"";
    let (likely, total) = range(&guest(keys, ""), &[]);
    let [low, middle, high] = likely.unwrap().total_time_ms.map(order);
    // 256 MiB to 768 MiB at 100 MiB/s, and of that what lies in the middle eight tenths.
    assert!((low - 3_072.0).abs() < 150.0 && (high - 7_168.0).abs() < 150.0, "{low} to {high}");
    assert!((middle - total).abs() < 150.0, "{middle}, {total}");
}

/// A measurement that leaves the rate open is answered with a range where the end hangs on it, and only there.
#[test]
fn an_open_rate_is_a_range() {
    for (workload, key) in [(FLAT, "guest.workload.0.steepness"), (LEAST, "guest.workload.0.rate")] {
        let (likely, total) = range(&guest("", workload), &[]);
        let likely = likely.unwrap();
        assert_eq!(likely.of[0].key, key);
        let [low, middle, high] = likely.total_time_ms.map(order);
        assert!(low <= middle && middle <= high && low < high && low.is_finite(), "{likely:?}");
        if workload == LEAST {
            assert!(
                (middle / total - 1.0).abs() < 0.01,
                "{} times the least rate is the middle: {likely:?}, {total}",
                Workload::open_rate(false)
            );
        }
        assert_eq!(range(&guest("", workload), &["qemu.max-bandwidth=0"]).0, None, "no throttle, no range");
    }
    assert_eq!(range(&guest("", &LEAST.replace("least-rate = 20000", "")), &[]).0, None);
}

#[test]
fn a_program_by_its_operations_is_known_within_a_factor() {
    let by = |keys: &str| guest("", &format!("[[guest.workload]]\npreset = \"redis-set-100k\"\n{keys}"));
    let scenario = |text: &str| -> Scenario { Input::new("test.toml", text, &[]).unwrap().load().unwrap().scenario };
    assert_eq!(scenario(&by("operations = \"6400/s\"")).guest.uncertainty.rates, 1.5);
    assert_eq!(scenario(&by("")).guest.uncertainty.rates, 1.0);
}

#[test]
fn ends_that_leave_out_what_is_taken_are_faults() {
    for (keys, complaint) in [
        ("zero = \"10 %\"\nleast-zero = \"20 %\"", "`guest.least-zero` leaves out what `guest.zero` says"),
        ("zero = \"50 %\"\nmost-zero = \"20 %\"", "`guest.most-zero` leaves out what `guest.zero` says"),
        ("most-zero = \"2 GiB\"", "`guest.most-zero` leaves out what `guest.zero` says"),
        ("rate-uncertainty = 0.5", "`guest.rate-uncertainty`"),
    ] {
        let faults = Input::new("test.toml", &guest(keys, UNIFORM), &[]).unwrap().load().unwrap_err();
        assert!(faults.to_string().contains(complaint), "{keys}: {faults}");
    }
}

/// A folder in which commands are typed.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        Desk(folder)
    }

    /// Standard output and standard error.
    fn typed(&self, words: &str) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
        let output = command.current_dir(self.0.path()).args(words.split_whitespace()).env("COLUMNS", "100").output();
        let output = output.unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

#[test]
fn run_says_the_range_first_and_what_it_comes_of() {
    let text = guest("zero = \"256 MiB\"\nleast-zero = 0\nmost-zero = \"512 MiB\"\nrate-uncertainty = 1.7", FLAT);
    let desk = Desk::new(&[("web.toml", &text)]);
    let (page, _) = desk.typed("run web.toml");
    let second = page.lines().nth(1).unwrap();
    assert!(second.contains("in 8 cases of 10; arrives in"), "{page}");
    let words = flat(&page);
    for part in [
        "`guest.rate-uncertainty`",
        "0 B to 512 MiB (`guest.zero`",
        "`guest.workload.0.steepness`",
        "in half of all cases",
    ] {
        assert!(words.contains(part), "{part}: {page}");
    }
    let (json, _) = desk.typed("run web.toml --format json");
    let json: Value = serde_json::from_str(&json).unwrap();
    let likely = json["assumed"].as_array().unwrap().iter().find(|one| one["of"].is_array()).unwrap();
    assert!(likely["of"].as_array().unwrap().len() == 3 && likely["arrives_pct"].is_number(), "{likely}");
    assert_eq!(likely["total_time_ms"].as_array().unwrap().len(), 3);
}

#[test]
fn repeats_are_of_all_that_a_guest_may_be_at_any_thread_count() {
    let text = guest("rate-uncertainty = 2", UNIFORM).replace("auto-converge = true", "auto-converge = false");
    let desk = Desk::new(&[("web.toml", &text)]);
    let (one, _) = desk.typed("run web.toml --repeats 60 --jobs 1 --format csv");
    assert_eq!(one, desk.typed("run web.toml --repeats 60 --jobs 2 --format csv").0);
    for verdict in [",converged,", ",not-converged,"] {
        assert!(one.contains(verdict), "some arrive and some do not");
    }
}

#[test]
fn a_plan_is_for_as_many_guests_as_are_asked_for() {
    let text = guest("rate-uncertainty = 2", UNIFORM).replace("auto-converge = true", "auto-converge = false");
    let desk = Desk::new(&[("web.toml", &text.replace("100 MiB/s", "80 MiB/s"))]);
    let mebibytes = |flags: &str| -> f64 {
        let (json, _) =
            desk.typed(&format!("plan web.toml --by qemu.max-bandwidth=20..2000MiB/s --format json {flags}"));
        let json: Value = serde_json::from_str(&json).unwrap();
        let value = json["single"][0]["changes"][0]["to"].as_str().unwrap_or_else(|| panic!("{json}"));
        value.split(' ').next().unwrap().parse().unwrap()
    };
    let (taken, half, most) = (mebibytes(""), mebibytes("--repeats 60 --in 50%"), mebibytes("--repeats 60 --in 95%"));
    assert!(most > half && (half / taken - 1.0).abs() < 0.5, "{taken}, {half}, {most}");
}

#[test]
fn a_drain_is_repeated_with_guests_as_each_may_be() {
    let text = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"2 Gbit/s\"\n[qemu]\nmax-bandwidth = 0\n[limits]\n\
                time = \"1 min\"\n[[vm]]\nname = \"web\"\ncount = 2\n[vm.guest]\nrate-uncertainty = 3\n\
                [[vm.guest.workload]]\nkind = \"uniform\"\nrate = 40000\n[[vm]]\nname = \"quiet\"\n\
                [[vm.guest.workload]]\nkind = \"idle\"\n";
    let input = Input::new("fleet.toml", text, &[]).unwrap();
    let fleet = input.load_fleet().unwrap().fleet;
    let unknowns = FleetUnknowns::of(&input, &fleet);
    assert_eq!(unknowns.guests(&fleet), 2);
    let possible = unknowns.possible(&fleet, 7);
    let rates: Vec<f64> = possible.guests.iter().map(|guest| guest.scenario.guest.workloads[0].rate.0).collect();
    assert!(rates[0] != rates[1], "guests of one entry are drawn apart: {rates:?}");
    assert_eq!(fleet.guests[2].scenario.guest.memory, Pages(1 << 18));
    let desk = Desk::new(&[("fleet.toml", text)]);
    let (_, note) = desk.typed("drain fleet.toml");
    assert!(note.contains("2 guests are not known exactly"), "{note}");
    let (page, said) = desk.typed("drain fleet.toml --repeats 40 --window 40s");
    assert!(page.starts_with("cannot tell: ") && said.contains("as wanted in 16 of 40 drains"), "{page}{said}");
    let (page, said) = desk.typed("drain fleet.toml --window 40s");
    assert!(page.starts_with("cannot tell: ") && said.contains("`--repeats 40`"), "{page}{said}");
    assert!(desk.typed("drain fleet.toml --window 40s --repeats 40 --in 30%").0.starts_with("yes: "));
    assert!(desk.typed("drain fleet.toml --window 40s --repeats 40 --set guest.rate-factor=5").0.starts_with("no: "));
}
