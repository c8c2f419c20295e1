//! `precopy fit`: the guest behind a recorded migration is found again, and what is written runs.
//!
//! `FIT_ALL=1 cargo test --release --test fit recordings` fits every recording that docs/fit.md shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use precopy::compare::{NoScenario, Trace};
use precopy::fit::{DirtyRates, Fit, FitQuantity, WriteShape, ZeroPages, fit};
use precopy::guest::Law;
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options};
use precopy::units::Pages;
use serde_json::{Value, json};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn found(trace: &Trace, seed: u64) -> Fit {
    fit(vec![trace.clone()], seed, &|_| true).unwrap().unwrap()
}

fn value(fit: &Fit, quantity: FitQuantity) -> f64 {
    fit.parameters.iter().find(|parameter| parameter.quantity == quantity).unwrap().value
}

fn load(text: &str) -> Scenario {
    let loaded = Input::new("fitted.toml", text, &[]).unwrap().load();
    let loaded = loaded.unwrap_or_else(|faults| panic!("{text}\n{faults:#?}"));
    assert!(loaded.warnings.is_empty(), "{text}\n{:#?}", loaded.warnings);
    loaded.scenario
}

fn load_with_warnings(text: &str) -> Scenario {
    Input::new("fitted.toml", text, &[]).unwrap().load().unwrap_or_else(|faults| panic!("{text}\n{faults:#?}")).scenario
}

/// Rate and working set that are said to be determined are within 15 % of what the recording's program did; the
/// fitted scenario ends within 3 % of the measured time.
fn hold(name: &str) {
    let trace = Trace::read(&data(&format!("traces/{name}.json"))).unwrap();
    let truth = trace.scenario.as_ref().unwrap().guest.workloads[0].clone();
    let fit = found(&trace, 1);
    if std::env::var_os("FIT_ALL").is_some() {
        println!("{}", precopy::report::fit::text(&fit));
    }
    for parameter in fit.parameters.iter().filter(|parameter| parameter.is_determined()) {
        let truth = match parameter.quantity {
            FitQuantity::Rate => truth.rate.0,
            FitQuantity::Region => truth.region.0 as f64,
            _ => continue,
        };
        let off = parameter.value / truth - 1.0;
        assert!(off.abs() <= 0.15, "{name}: {parameter:?} is off by {:.1} %", off * 100.0);
    }
    let error = fit.traces[0].comparison.error.as_ref().unwrap();
    assert!(error.total_time_pct.unwrap().abs() <= 3.0, "{name}: total time off: {error:?}");
    assert_eq!(error.verdict, Some(true), "{name}");
    // The file is what was reported.
    let (outcome, _) = sim::run(&load(&fit.file()), &Options::default()).unwrap();
    let predicted = fit.traces[0].comparison.predicted.as_ref().unwrap();
    assert_eq!(Some(outcome.total_time_ms), predicted.total_time_ms, "{name}\n{}", fit.file());
    assert_eq!(outcome.dirty_sync_count, predicted.dirty_sync_count, "{name}");
}

#[test]
fn the_guests_of_recordings_are_found_again() {
    hold("01-converge-random");
    hold("02-throttle-random");
}

#[test]
fn the_guests_of_all_recordings_are_found_again() {
    let all = std::env::var_os("FIT_ALL").is_some();
    let more = ["03-throttle-hotcold", "06-throttle-clock", "07-xbzrle", "08-libvirt-throttle", "10-libvirt-postcopy"];
    hold("04-throttle-seq");
    more.iter().filter(|_| all).for_each(|name| hold(name));
}

/// What counts as a sync differs from release to release; the guests are much the same.
#[test]
fn the_guests_of_four_releases_are_explained() {
    let all = std::env::var_os("FIT_ALL").is_some();
    for release in ["5.2", "7.2", "10.0", "11.1"].iter().filter(|release| all || **release == "11.1") {
        for path in std::fs::read_dir(data(&format!("traces-versions/{release}"))).unwrap() {
            let path = path.unwrap().path();
            let fit = found(&Trace::read(&path).unwrap(), 1);
            if all {
                println!("{}", precopy::report::fit::text(&fit));
            }
            assert!(fit.is_explained(), "{path:?}: {}", fit.misfit);
            let error = fit.traces[0].comparison.error.as_ref().unwrap();
            assert!(error.total_time_pct.unwrap().abs() < 1.0, "{path:?}: {error:?}");
            assert!(error.dirty_sync_count.abs() <= 1 && error.throttle_max_pct == 0.0, "{path:?}: {error:?}");
        }
    }
}

#[test]
fn the_order_of_writes_shows_where_it_matters() {
    let trace = Trace::read(&data("traces/04-throttle-seq.json")).unwrap();
    let fit = found(&trace, 1);
    assert_eq!(fit.shape, WriteShape::Sequential);
    let others = fit.candidates.iter().filter(|candidate| candidate.as_good);
    assert!(others.into_iter().all(|candidate| candidate.shape == WriteShape::Sequential), "{:?}", fit.candidates);
    for quantity in [FitQuantity::Rate, FitQuantity::Region] {
        let parameter = fit.parameters.iter().find(|parameter| parameter.quantity == quantity).unwrap();
        assert!(parameter.is_determined(), "{parameter:?}");
    }
}

#[test]
fn nothing_of_the_guests_own_account_is_used() {
    let name = "traces/01-converge-random.json";
    let trace = Trace::read(&data(name)).unwrap();
    let mut document: serde_json::Value = serde_json::from_slice(&std::fs::read(data(name)).unwrap()).unwrap();
    document["baseline"] = serde_json::json!({"page_writes_per_s": 99_000});
    document["progress"] = serde_json::json!([]);
    document["config"]["guest"]["mib"] = 100.into();
    let other = Trace::parse("01-converge-random", &serde_json::to_vec(&document).unwrap()).unwrap();
    let rate = |trace: &Trace| trace.scenario.as_ref().unwrap().guest.workloads[0].rate.0;
    assert_ne!(rate(&trace), rate(&other));
    assert_eq!(found(&trace, 1).file(), found(&other, 1).file());
}

#[test]
fn the_same_seed_gives_the_same_fit_and_another_one_about_the_same() {
    let trace = Trace::read(&data("traces/01-converge-random.json")).unwrap();
    let (one, again, other) = (found(&trace, 1), found(&trace, 1), found(&trace, 2));
    assert_eq!(one.file(), again.file());
    assert_eq!(one.parameters, again.parameters);
    let change = value(&other, FitQuantity::Rate) / value(&one, FitQuantity::Rate) - 1.0;
    assert!(change.abs() < 0.05, "{change}");
}

#[test]
fn a_search_that_is_stopped_gives_the_best_so_far() {
    let trace = Trace::read(&data("traces/01-converge-random.json")).unwrap();
    let stopped = fit(vec![trace.clone()], 1, &|progress| progress.runs < 400).unwrap().unwrap();
    assert!(!stopped.finished);
    assert!(stopped.parameters.iter().all(|parameter| parameter.low.is_none() && !parameter.is_determined()));
    assert!(stopped.runs <= 400);
    load(&stopped.file());
    let nothing = fit(vec![trace], 1, &|_| false).unwrap();
    assert!(nothing.is_none_or(|fit| !fit.finished));
}

/// What a client would have logged of a migration whose guest is known.
fn logged(scenario: &Scenario) -> String {
    let (outcome, timeline) = sim::run(scenario, &Options { timeline: true, ..Options::default() }).unwrap();
    let mut log = String::new();
    for row in timeline.rows.iter().filter(|row| row.pass > 0) {
        let (status, downtime) = match row.event {
            sim::Event::End => ("completed", format!("\"downtime\": {}, ", outcome.downtime_ms.unwrap())),
            _ => ("active", String::new()),
        };
        log += &format!(
            "{{\"return\": {{\"status\": \"{status}\", {downtime}\"setup-time\": {}, \"total-time\": {}, \
             \"cpu-throttle-percentage\": {}, \"ram\": {{\"dirty-sync-count\": {}, \"transferred\": {}, \"remaining\": \
             {}, \"dirty-pages-rate\": {}, \"mbps\": {}, \"duplicate\": {}}}}}}}\n",
            outcome.setup_time_ms.unwrap(),
            row.t_ms,
            row.throttle_pct,
            row.pass,
            row.transferred_bytes,
            row.remaining_bytes,
            row.dirty_pages_rate,
            row.bandwidth * 8.0 / 1e6,
            outcome.duplicate_pages,
        );
    }
    log
}

/// A migration whose guest is known, as a client would have logged it, and a single one of its looks.
fn simulated(scenario: &Scenario) -> (Trace, impl Fn(f64) -> Trace + use<>) {
    let log = logged(scenario);
    let trace = Trace::parse("simulated", log.as_bytes()).unwrap();
    let look = move |share: f64| {
        let lines: Vec<&str> = log.lines().collect();
        Trace::parse("look", lines[(lines.len() as f64 * share) as usize].as_bytes()).unwrap()
    };
    (trace, look)
}

/// Whether the range that is printed holds the truth.
fn holds(fit: &Fit, quantity: FitQuantity, truth: f64) -> bool {
    let parameter = fit.parameters.iter().find(|parameter| parameter.quantity == quantity).unwrap();
    parameter.low.is_none_or(|low| low <= truth) && parameter.high.is_none_or(|high| truth <= high)
}

#[test]
fn guest_and_link_of_a_log_are_found_with_a_scenario_that_says_the_rest() {
    let file = "[guest]\nmemory = \"4 GiB\"\nzero = \"1 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\n\
                region = \"768 MiB\"\nrate = \"24000 pages/s\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\n\
                version = \"8.2\"\nmax-bandwidth = 0\nauto-converge = true";
    let truth = load(file);
    let (log, _) = simulated(&truth);
    assert!(matches!(log.scenario, Err(NoScenario::Unstated(_))));
    let complaint = fit(vec![log.clone()], 1, &|_| true).unwrap_err().to_string();
    assert!(complaint.contains("--scenario FILE"), "{complaint}");
    let base = "[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n[qemu]\nversion = \"8.2\"\n\
                max-bandwidth = 0\nauto-converge = true";
    let fit = found(&log.with_scenario(load(base)), 1);
    assert_eq!(fit.shape, WriteShape::Uniform);
    for (quantity, truth) in
        [(FitQuantity::Rate, 24_000.0), (FitQuantity::Region, 196_608.0), (FitQuantity::Bandwidth, 125e6)]
    {
        let off = value(&fit, quantity) / truth - 1.0;
        assert!(off.abs() < 0.03, "{quantity:?} is off by {:.1} %", off * 100.0);
    }
    let error = fit.traces[0].comparison.error.as_ref().unwrap();
    assert!(error.total_time_pct.unwrap().abs() < 1.0, "{error:?}");
}

/// 11.1 syncs at every step where post-copy is permitted: what remains after one was for the most part never sent.
#[test]
fn syncs_that_begin_no_pass_are_not_taken_for_passes() {
    let file = |workload: &str, link: &str| {
        format!(
            "[guest]\nmemory = \"1 GiB\"\nzero = \"256 MiB\"\n{workload}[link]\nbandwidth = \"{link}\"\n[qemu]\n\
             version = \"11.1\"\nmax-bandwidth = 0\npostcopy-ram = true"
        )
    };
    let workload = "[[guest.workload]]\nkind = \"uniform\"\nregion = \"200 MiB\"\nrate = \"12000 pages/s\"\n";
    let (log, look) = simulated(&load(&file(workload, "1 Gbit/s")));
    assert!(log.measured.dirty_sync_count > 60, "{:?}", log.measured);
    // One look in the first sweep over RAM, of which most was never sent, and the whole log.
    for seen in [look(0.4), log] {
        let fit = found(&seen.with_scenario(load(&file("", "10 Gbit/s"))), 1);
        for (quantity, truth) in [(FitQuantity::Rate, 12_000.0), (FitQuantity::Region, 51_200.0)] {
            assert!(holds(&fit, quantity, truth), "{quantity:?}: {:?}", fit.parameters);
        }
        assert!(value(&fit, FitQuantity::Region) < 102_400.0, "{:?}", fit.parameters);
    }
}

#[test]
fn a_trace_that_shows_nothing_of_the_guest_is_refused() {
    let log = "{\"return\": {\"status\": \"active\", \"total-time\": 500, \"ram\": {\"dirty-sync-count\": 1, \
               \"remaining\": 99999, \"mbps\": 100}}}";
    let base = load("[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"");
    let trace = Trace::parse("short", log.as_bytes()).unwrap().with_scenario(base);
    let complaint = fit(vec![trace], 1, &|_| true).unwrap_err().to_string();
    assert!(
        complaint.starts_with("short: one look (pass 1 after 0.5 s, 100 Mbit/s sent, 96 KiB left): in the first pass"),
        "{complaint}"
    );
}

const DIRTY: &str = "Domain: 'web1'\n  dirtyrate.calc_status=2\n  dirtyrate.calc_start_time=8219\n  \
                     dirtyrate.calc_period=1\n  dirtyrate.calc_mode=page-sampling\n  \
                     dirtyrate.megabytes_per_second=60\n  balloon.current=4194304\n  vcpu.current=2\n";

#[test]
fn dirty_rates_over_several_lengths_of_time_make_a_curve() {
    let five = DIRTY.replace("period=1", "period=5").replace("second=60", "second=30");
    let rates = DirtyRates::parse(&(DIRTY.to_owned() + "\n" + &five)).unwrap();
    assert_eq!(rates.points(), [(1.0, 60.5 * 256.0), (5.0, 5.0 * 30.5 * 256.0)], "what was cut off is half a MiB/s");
    let (file, warnings) = rates.file(None).unwrap();
    assert!(file.contains("kind = \"curve\""), "{file}");
    let scenario = load(&file);
    assert_eq!((scenario.guest.memory.bytes().0, scenario.guest.vcpus), (4 << 30, 2));
    let [assumed, sampled, zero] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(assumed.contains("a link of 10 Gbit/s are assumed"), "{assumed}");
    assert!(
        sampled.contains("page sampling compares contents") && sampled.contains("--mode dirty-bitmap"),
        "{sampled}"
    );
    assert!(zero.contains("nothing tells how much of RAM is zero") && zero.contains("--log LOG"), "{zero}");
    let base = load("[guest]\nmemory = \"8 GiB\"\nzero = \"10 %\"\n[link]\nbandwidth = \"1 Gbit/s\"");
    let (file, warnings) = DirtyRates::parse(&counted()).unwrap().file(Some(base)).unwrap();
    assert_eq!(load(&file).guest.memory.bytes().0, 8 << 30);
    assert!(warnings.is_empty(), "{warnings:?}");
}

/// Two lengths at which writes were counted.
fn counted() -> String {
    let one = DIRTY.replace("page-sampling", "dirty-bitmap");
    one.clone() + &one.replace("period=1", "period=5").replace("second=60", "second=30")
}

#[test]
fn measurements_are_taken_for_what_they_are() {
    let warnings = |text: &str, accel: &str| {
        let base = format!(
            "[guest]\nmemory = \"4 GiB\"\nzero = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\naccel = \"{accel}\""
        );
        let (file, warnings) = DirtyRates::parse(text).unwrap().file(Some(load(&base))).unwrap();
        (load_with_warnings(&file), warnings.join("\n"))
    };
    let (guest, said) = warnings(&(counted() + DIRTY), "kvm");
    assert!(said.contains("left out where writes were counted") && !said.contains("rewritten"), "{said}");
    assert_eq!(guest.guest.zero.bytes().0, 1 << 30);
    let (_, said) = warnings(&(counted() + DIRTY), "tcg");
    assert!(said.contains("dirty-bitmap is 0 under TCG") && said.contains("there is no other way"), "{said}");
    let base = load("[guest]\nmemory = \"4 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\naccel = \"tcg\"");
    let nothing = DirtyRates::parse(&counted()).unwrap().file(Some(base)).unwrap_err().to_string();
    assert!(nothing.contains("--mode page-sampling"), "{nothing}");
    let (_, said) = warnings(&(counted() + &DIRTY.replace("status=2", "status=1")), "kvm");
    assert!(said.contains("1 measurement was not over"), "{said}");
    // The ring counts each vCPU, and cuts each off.
    let ring = counted().replace("dirty-bitmap", "dirty-ring");
    let ring = ring.replace("dirtyrate.megabytes", "dirtyrate.vcpu.0.megabytes") + &DIRTY.replace("=60", "=1");
    let ring = ring.replacen("  balloon", "  dirtyrate.vcpu.1.megabytes_per_second=9\n  balloon", 1);
    assert_eq!(DirtyRates::parse(&ring).unwrap().points()[0].0, 1.0);
    let file = DirtyRates::parse(&ring).unwrap().file(None).unwrap().0;
    assert!(file.contains(&format!("[\"1 s\", \"{} pages\"]", (60 + 9 + 1) * 256)), "{file}");
}

#[test]
fn a_count_that_falls_is_said_and_does_not_fall() {
    let at = |seconds: u64, rate: u64| {
        DIRTY.replace("period=1", &format!("period={seconds}")).replace("second=60", &format!("second={rate}"))
    };
    let file = |text: &str| DirtyRates::parse(text).unwrap().file(None).unwrap();
    let (curve, warnings) = file(&(at(1, 6) + &at(2, 0) + &at(5, 0) + &at(20, 0)));
    assert!(warnings.iter().any(|words| words.contains("by no more than chance explains")), "{warnings:?}");
    // Half of what is cut off in 20 s.
    assert!(curve.contains("[\"20 s\", \"2560 pages\"]") && !curve.contains("\"0 pages\""), "{curve}");
    let first = curve.split("\"1 s\", \"").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<f64>().ok());
    assert!(first.is_some_and(|pages| (256.0..1664.0).contains(&pages)), "{curve}");
    load_with_warnings(&curve);
    let (curve, warnings) = file(&(at(1, 900) + &at(2, 300) + &at(20, 10)));
    assert!(warnings.iter().any(|words| words.contains("contents came back")), "{warnings:?}");
    let pages = (900.5 * 256.0_f64).round();
    assert!(curve.contains(&format!("[\"20 s\", \"{pages} pages\"]")), "{curve}");
    assert!(curve.contains("steepness = 2"), "it is flat: {curve}");
    assert!(!file(&(at(1, 60) + &at(2, 60))).0.contains("steepness"), "it rises");
}

#[test]
fn zero_pages_are_those_of_a_log_or_within_what_the_balloon_says() {
    let warn_of = |more: &str, accel: &str, page: &str| {
        let guest = format!("[guest]\nmemory = \"4 GiB\"\npage-size = \"{page}\"\n");
        let base = format!("{guest}[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\naccel = \"{accel}\"");
        let rates = DirtyRates::parse(&(counted().replace("dirty-bitmap", "page-sampling") + more)).unwrap();
        let (file, warnings) = rates.file(Some(load(&base))).unwrap();
        let guest = load_with_warnings(&file).guest;
        let (least, most) = guest.uncertainty.zero.unwrap_or((guest.zero, guest.zero));
        let mib = |pages: Pages| pages.bytes().0 >> 20;
        assert_eq!(mib(guest.zero), u64::midpoint(mib(least), mib(most)), "the middle is taken: {file}");
        ((mib(least), mib(most)), warnings.last().unwrap().clone())
    };
    let warn = |more: &str, accel: &str| warn_of(more, accel, "4 KiB");
    let balloon = "  balloon.rss=3145728\n  balloon.unused=2097152\n";
    let (zero, said) = warn(balloon, "kvm");
    assert_eq!(zero, (1024, 2048), "{said}");
    assert!(said.contains("by the balloon's figures this guest has 1 GiB to 2 GiB"), "{said}");
    // Three fifths of RAM, where nothing is known.
    let untold = (0, 2457);
    let (zero, said) = warn("  balloon.rss=3145728\n", "tcg");
    assert!(zero == untold && said.contains("nothing tells"), "{said}");
    // What the balloon holds is zero on any host; huge pages are none of the process' own.
    let held = "  balloon.current=3145728\n  balloon.maximum=4194304\n";
    assert_eq!(warn(held, "tcg").0, (1024, 2457));
    let huge = "  balloon.current=4194304\n  balloon.maximum=4194304\n  balloon.rss=1048576\n";
    assert_eq!((warn(huge, "kvm").0, warn_of(huge, "kvm", "2 MiB").0), ((3072, 3072), untold));
    let rates = DirtyRates::parse(DIRTY).unwrap().with_zero(ZeroPages::Sent(Pages(5000), "web1".to_owned()));
    let (file, warnings) = rates.file(None).unwrap();
    assert_eq!(load(&file).guest.zero.0, 5000);
    assert!(file.contains("# Zero pages are those that web1 sent."), "{file}");
    assert!(!warnings.iter().any(|words| words.contains("zero")), "{warnings:?}");
}

#[test]
fn a_single_dirty_rate_makes_a_uniform_guest_and_a_warning() {
    let (file, warnings) = DirtyRates::parse(DIRTY).unwrap().file(None).unwrap();
    let [writer] = &load(&file).guest.workloads[..] else { panic!("{file}") };
    // Samples see less than is written, in the middle 1.3 times.
    assert_eq!((&writer.law, writer.rate.0), (&Law::Uniform, 1.3 * 60.5 * 256.0));
    assert!(file.contains("rate = \"15488 pages/s\"") && file.contains("rate-factor = 1.3"), "{file}");
    assert!(warnings.iter().any(|warning| warning.contains("measure over several")), "{warnings:?}");
    let (idle, warnings) = DirtyRates::parse(&DIRTY.replace("second=60", "second=0")).unwrap().file(None).unwrap();
    assert!(idle.contains("rate = \"128 pages/s\""), "half a MiB/s: {idle}");
    assert!(
        warnings.iter().any(|warning| warning.contains("no dirty page was seen: that is less than 1 MiB")),
        "{warnings:?}"
    );
}

#[test]
fn dirty_rates_that_are_none_are_refused() {
    for (text, complaint) in [
        (String::new(), "is empty; write the output of `virsh domstats --dirtyrate` into it"),
        (DIRTY.replace("status=2", "status=1"), "has no measurement that is finished"),
        (DIRTY.replace("period=1", "period=x"), "line 4, column 1: `dirtyrate.calc_period` must be a whole number"),
        (DIRTY.replace("Domain: 'web1'\n", ""), "line 1, column 3: comes before any `Domain:`"),
        (DIRTY.to_owned() + "Domain: 'web2'\n", "has 2 guests; choose one with `--guest NAME`: web1, web2"),
        ("{\"return\": {\"status\": \"active\"}}".to_owned(), "line 1, column 1: is no answer of `query-dirty-rate`"),
        ("\n{\"return\"".to_owned(), "line 2, column 1: is not valid JSON"),
        ("hello".to_owned(), "line 1, column 1: is no output of `virsh domstats"),
    ] {
        let found = DirtyRates::parse(&text).unwrap_err().to_string();
        assert!(found.starts_with(complaint), "{text}: {found}");
    }
    let unknown = DIRTY.replace("  balloon.current=4194304\n", "");
    let found = DirtyRates::parse(&unknown).unwrap().file(None).unwrap_err().to_string();
    assert!(found.contains("--balloon"), "{found}");
}

/// QEMU's own answers have lengths below a second, and say nothing of RAM.
#[test]
fn answers_of_qemu_make_a_curve() {
    let answer = |rate: u64, time: u64, unit: &str| {
        format!(
            "{{\"return\": {{\"status\": \"measured\", \"dirty-rate\": {rate}, \"mode\": \"dirty-bitmap\", \"start-time\": \
             7, \"calc-time\": {time}, \"calc-time-unit\": \"{unit}\"}}}}\n"
        )
    };
    let text = answer(80, 250, "millisecond")
        + &answer(60, 2, "second")
        + &answer(0, 1, "second").replace("measured", "measuring");
    let rates = DirtyRates::parse(&text).unwrap();
    assert_eq!(rates.points(), [(0.25, 80.5 * 64.0), (2.0, 121.0 * 256.0)]);
    assert!(rates.file(None).unwrap_err().to_string().contains("how much RAM"));
    let base = load("[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"");
    let (file, _) = rates.file(Some(base)).unwrap();
    assert!(load(&file).guest.workloads.len() == 1 && file.contains("[\"0.25 s\", \"5152 pages\"]"), "{file}");
}

/// Several times a day: how the rate varies is kept.
#[test]
fn scrapes_of_prometheus_make_a_rate_that_varies() {
    let series = |name: &str, rates: [u64; 4]| {
        let values: Vec<Value> =
            rates.iter().zip(0..).map(|(rate, at)| json!([1_767_000_000 + 60 * at, rate.to_string()])).collect();
        json!({"metric": {"__name__": "kubevirt_vmi_dirty_rate_bytes_per_second", "name": name}, "values": values})
    };
    let of = |result: Vec<Value>| {
        json!({"status": "success", "data": {"resultType": "matrix", "result": result}}).to_string()
    };
    let both = of(vec![series("db1", [40_960_000, 81_920_000, 40_960_000, 81_920_000]), series("web1", [0, 0, 0, 0])]);
    let found = DirtyRates::parse(&both).unwrap_err().to_string();
    assert_eq!(found, "has 2 guests; choose one with `--guest NAME`: db1, web1");
    let rates = DirtyRates::of_guest(&both, Some("db1")).unwrap();
    assert_eq!(rates.points(), [(1.0, 15_000.0)]);
    let base = load("[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"");
    let (file, _) = rates.file(Some(base)).unwrap();
    // A third up and down, and nothing of it is the chance of samples that are counted for what they are.
    let known = |file: &str| load(file).guest.uncertainty.rates;
    let steady = of(vec![series("db1", [40_960_000; 4])]);
    let (steady, _) = DirtyRates::parse(&steady)
        .unwrap()
        .file(Some(load("[guest]\nmemory = \"8 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"")))
        .unwrap();
    assert!(known(&file) > known(&steady), "{file}\n{steady}");
}

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder).args(words).output().unwrap()
}

#[test]
fn the_command_writes_a_scenario_that_runs_a_report_and_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let trace = data("traces/01-converge-random.json");
    let trace = trace.to_str().unwrap();
    let fitted = precopy(folder.path(), &["fit", trace, "-o", "fitted.toml", "--plot", "fit.svg"]);
    assert_eq!(fitted.status.code(), Some(0), "{}", String::from_utf8_lossy(&fitted.stderr));
    let report = String::from_utf8(fitted.stdout).unwrap();
    for part in ["noise allows", "kind of guest", "remaining: predicted", "verdict right on 1/1"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let picture = std::fs::read_to_string(folder.path().join("fit.svg")).unwrap();
    assert!(picture.contains("measured") && picture.contains("predicted"));
    let run = precopy(folder.path(), &["run", "fitted.toml", "--expect", "converged"]);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
    let compared = precopy(folder.path(), &["compare", trace, "--scenario", "fitted.toml", "--tolerance", "3"]);
    assert_eq!(compared.status.code(), Some(0));
}

#[test]
fn the_scenario_has_standard_output_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("web1.txt"), DIRTY).unwrap();
    std::fs::write(folder.path().join("empty.csv"), "").unwrap();
    let guest = "guest.memory = \"1 GiB\"\nlink.bandwidth = \"1 Gbit/s\"\n";
    std::fs::write(folder.path().join("guest.toml"), guest).unwrap();
    let first = precopy(folder.path(), &["fit", "--dirtyrate", "web1.txt"]);
    assert_eq!(first.status.code(), Some(0));
    load(&String::from_utf8(first.stdout).unwrap());
    assert!(String::from_utf8(first.stderr).unwrap().starts_with("warning: "));
    for (words, complaint) in [
        (&["fit"][..], "TRACE"),
        (&["fit", "none.json"], "none.json: cannot be read"),
        (&["fit", "--dirtyrate", "none.txt"], "cannot read `none.txt`"),
        (&["fit", "--dirtyrate", "web1.txt", "a.json"], "cannot be used with"),
        (&["fit", "empty.csv"], "empty.csv: is empty"),
        (&["why", "empty.csv"], "empty.csv: is empty"),
        (&["compare", "empty.csv"], "empty.csv: is empty"),
        (&["init", "empty.csv"], "empty.csv: is empty"),
        (&["fit", "--dirtyrate", "empty.csv"], "empty.csv: is empty"),
        (
            &["fit", "--recording", "none.csv", "--scenario", "guest.toml"],
            "paths of flags start from the working folder",
        ),
    ] {
        let refused = precopy(folder.path(), words);
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(complaint), "{words:?}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_writes_the_best_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let traces: Vec<PathBuf> = ["01-converge-random", "02-throttle-random", "06-throttle-clock", "08-libvirt-throttle"]
        .iter()
        .map(|name| data(&format!("traces/{name}.json")))
        .collect();
    let child = Command::new(env!("CARGO_BIN_EXE_precopy"))
        .current_dir(folder.path())
        .arg("fit")
        .args(&traces)
        .args(["-o", "fitted.toml"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    load(&std::fs::read_to_string(folder.path().join("fitted.toml")).unwrap());
    assert!(String::from_utf8_lossy(&output.stdout).contains("interrupted: this is the best so far"));
}

#[test]
fn attempts_at_other_settings_are_fitted_together() {
    let folder = tempfile::tempdir().unwrap();
    let base = "[guest]\nmemory = \"1 GiB\"\nzero = \"300 MiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\nversion = \"8.2\"\n";
    let writer = "[[guest.workload]]\nkind = \"uniform\"\nregion = \"256 MiB\"\nrate = \"40000 pages/s\"\n";
    let settings =
        ["max-bandwidth = 0\nauto-converge = true\n", "max-bandwidth = \"64 MiB/s\"\nauto-converge = true\n"];
    for (name, setting) in ["one", "two"].iter().zip(settings) {
        let known = load(&format!("{base}{setting}{writer}"));
        std::fs::write(folder.path().join(format!("{name}.log")), logged(&known)).unwrap();
        std::fs::write(folder.path().join(format!("{name}.toml")), format!("{base}{setting}")).unwrap();
    }
    let fit = ["fit", "one.log", "two.log", "--scenario", "one.toml"];
    let both = precopy(
        folder.path(),
        &[&fit[..], &["--scenario", "two.toml", "--format", "json", "-o", "fitted.toml"]].concat(),
    );
    assert_eq!(both.status.code(), Some(0), "{}", String::from_utf8_lossy(&both.stderr));
    let found: Value = serde_json::from_slice(&both.stdout).unwrap();
    let rate = found["parameters"].as_array().unwrap().iter().find(|one| one["key"] == "rate").unwrap();
    assert!((rate["value"].as_f64().unwrap() / 40_000.0 - 1.0).abs() < 0.05, "{found}");
    assert!(found["misfit"].as_f64().unwrap() < 1.0, "{found}");
    let three = precopy(folder.path(), &[&fit[..], &["--scenario", "two.toml", "--scenario", "two.toml"]].concat());
    assert_eq!(three.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&three.stderr).contains("3 scenarios for 2 traces"), "{three:?}");
}
