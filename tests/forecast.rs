//! Forecasts of recorded migrations, from what a client had seen by the beginning of the third pass.

use std::fs;
use std::path::{Path, PathBuf};

use precopy::compare::Fate;
use precopy::compare::Trace;
use precopy::orchestrator::{JobStats, memory_bps};
use precopy::replay::{Domain, Forecast, JobHistory, JobSeen, Outlook, Remedy, outlook};
use precopy::scenario::Scenario;
use precopy::sim::Verdict;
use precopy::units::{Bytes, Rate, Span};
use serde_json::Value;

/// A recorded migration, look by look.
struct Recorded {
    name: String,
    domain: Domain,
    looks: Vec<JobSeen>,
    /// What is known of its levers.
    known: Scenario,
    verdict: Fate,
    /// As libvirt's `time_elapsed` counts.
    total_time_ms: f64,
}

fn read(path: &Path) -> Recorded {
    let trace = Trace::read(path).unwrap();
    let known = trace.scenario.unwrap();
    let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let columns: Vec<&str> = json["sample_columns"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let looks = json["samples"].as_array().unwrap().iter().filter_map(|row| look(&columns, row)).collect();
    let domain = Domain {
        name: trace.name.clone(),
        state: "running".to_owned(),
        busy: true,
        memory: Bytes(json["config"]["memory_mib"].as_u64().unwrap() << 20),
        vcpus: 1,
        qemu: (7, 2),
        downtime_limit: Some(known.qemu.params.downtime_limit),
    };
    let end = json["outcome"]["total_time_ms"].as_f64().unwrap_or(trace.measured.seen_ms);
    Recorded { name: trace.name, domain, looks, known, verdict: trace.measured.verdict, total_time_ms: end }
}

/// A sample of either kind of recording, as `virDomainGetJobStats` would tell it.
fn look(columns: &[&str], row: &Value) -> Option<JobSeen> {
    let of = |names: &[&str]| {
        let at = columns.iter().position(|column| names.contains(column))?;
        row[at].as_f64()
    };
    let iteration = of(&["pass", "iteration"]).filter(|iteration| *iteration > 0.0)?;
    let bytes = |names: &[&str]| Bytes(of(names).unwrap_or(0.0) as u64);
    let bps = of(&["bps"]).map(|bps| Rate(bps as u64)).or_else(|| of(&["mbps"]).map(memory_bps));
    Some(JobSeen {
        job: JobStats {
            elapsed: Span::rounded_up(of(&["time_elapsed_ms"]).or(of(&["t_ms"]))?.max(0.0) * 1e6),
            memory_iteration: iteration as u64,
            memory_total: bytes(&["total"]),
            memory_processed: bytes(&["transferred", "processed"]),
            memory_remaining: bytes(&["remaining"]),
            memory_bps: bps.unwrap_or(Rate(0)),
            memory_dirty_rate: of(&["dirty_pages_rate", "dirty_rate"]).unwrap_or(0.0) as u64,
            auto_converge_throttle: of(&["throttle_pct", "throttle"]).unwrap_or(0.0),
            post_copy: of(&["postcopy_requests"]).is_some_and(|requests| requests > 0.0),
            ..JobStats::default()
        },
        normal: of(&["normal_pages"])? as u64,
        constant: of(&["zero_pages", "constant_pages"])? as u64,
        setup_ms: None,
    })
}

/// What is forecast once the pass of that number has begun.
fn forecast(recorded: &Recorded, pass: u64, known: bool) -> Forecast {
    let mut history = JobHistory::default();
    for look in &recorded.looks {
        history.see(*look);
        if look.job.memory_iteration >= pass {
            break;
        }
    }
    match outlook(&recorded.domain, &history, known.then_some(&recorded.known)) {
        Outlook::Forecast(forecast) => *forecast,
        other => panic!("{}: {other:?}", recorded.name),
    }
}

fn recorded() -> Vec<Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/traces");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().filter(|path| path.extension().is_some_and(|suffix| suffix == "json")).map(|path| read(path)).collect()
}

/// From the beginning of which pass on all forecasts of the end are within 20 %; `None`: none is. The third begins after
/// two were seen whole.
///
/// A guest that writes all its pages equally often shows in two passes how fast it writes. Hot pages show in shorter
/// passes only, and so does the pace of a sequential writer, which had dirtied all of its region in the first two. That
/// a guest catches up when it is throttled (`clock`), and how well its pages compress (XBZRLE), does not show at all.
const WITHIN_20_PCT: [(&str, Option<u64>); 7] = [
    ("01-converge-random", Some(2)),
    ("02-throttle-random", Some(3)),
    ("03-throttle-hotcold", Some(4)),
    ("04-throttle-seq", Some(6)),
    ("06-throttle-clock", Some(12)),
    ("07-xbzrle", None),
    ("08-libvirt-throttle", Some(3)),
];

#[test]
fn the_end_is_forecast_from_the_first_passes() {
    let recorded = recorded();
    for (name, from) in WITHIN_20_PCT {
        let recorded = recorded.iter().find(|recorded| recorded.name == name).unwrap();
        assert_eq!(recorded.verdict, Verdict::Converged);
        let passes = recorded.looks.last().unwrap().job.memory_iteration;
        let off = |pass| forecast(recorded, pass, false).outcome.total_time_ms / recorded.total_time_ms - 1.0;
        let errors: Vec<(u64, f64)> = (2..=passes).map(|pass| (pass, off(pass))).collect();
        let last_miss = errors.iter().rfind(|(_, off)| off.abs() > 0.2).map_or(1, |(pass, _)| *pass);
        assert_eq!((last_miss < passes).then_some(last_miss + 1), from, "{name}: {errors:.2?}");
    }
}

#[test]
fn a_migration_that_does_not_converge_is_forecast_as_such_with_what_would_end_it() {
    for recorded in recorded().iter().filter(|recorded| recorded.verdict == Verdict::NotConverged) {
        let passes = recorded.looks.last().unwrap().job.memory_iteration;
        for pass in 3..=passes {
            let forecast = forecast(recorded, pass, false);
            assert_eq!(forecast.outcome.verdict, Verdict::NotConverged, "{} in pass {pass}", recorded.name);
            let [Remedy::Downtime(limit), Remedy::Bandwidth(_), Remedy::AutoConverge { may_be_on, .. }] =
                forecast.remedies.as_slice()
            else {
                panic!("{}: {:?}", recorded.name, forecast.remedies)
            };
            // What a pass left at its end, in the time that it takes to send.
            let seen = recorded.looks.iter().filter(|look| look.job.memory_iteration == pass);
            let left = seen.map(|look| look.job.memory_remaining.0).max().unwrap() as f64;
            let takes = left / f64::from(32 << 20);
            assert!((0.5..2.0).contains(&(limit.seconds() / takes)), "{limit} beside {takes} s");
            assert!(!may_be_on, "a throttle would have been seen");
        }
    }
}

#[test]
fn one_look_in_the_second_pass_says_something() {
    let recorded = recorded();
    let recorded = recorded.iter().find(|recorded| recorded.name == "01-converge-random").unwrap();
    let mut history = JobHistory::default();
    history.see(*recorded.looks.iter().find(|look| look.job.memory_iteration == 2).unwrap());
    let Outlook::Forecast(forecast) = outlook(&recorded.domain, &history, None) else { panic!("no forecast") };
    let off = forecast.outcome.total_time_ms / recorded.total_time_ms - 1.0;
    assert!(off.abs() < 0.2, "{off}");
}

#[test]
fn before_the_second_pass_and_after_the_last_there_is_no_forecast_but_a_time() {
    let recorded = recorded();
    let throttled = recorded.iter().find(|recorded| recorded.name == "08-libvirt-throttle").unwrap();
    let mut history = JobHistory::default();
    assert_eq!(outlook(&throttled.domain, &history, None), Outlook::FirstPass(None));
    throttled.looks[..20].iter().for_each(|look| history.see(*look));
    let Outlook::FirstPass(Some(rest)) = outlook(&throttled.domain, &history, None) else { panic!("no time") };
    let second = throttled.looks.iter().find(|look| look.job.memory_iteration == 2).unwrap().job.elapsed;
    let truly = second.seconds() - throttled.looks[19].job.elapsed.seconds();
    // An upper bound: pages that are zero take no time, and that they are is not known before.
    assert!(rest.seconds() > 0.95 * truly, "{rest} beside {truly} s");
    let paused = Domain { state: "paused".to_owned(), ..throttled.domain.clone() };
    assert!(matches!(outlook(&paused, &history, None), Outlook::Draining(Some(_))));
}

#[test]
fn another_migration_of_the_same_domain_begins_anew() {
    let recorded = recorded();
    let (first, second) = (&recorded[1], &recorded[0]);
    let (mut after_another, mut alone) = (JobHistory::default(), JobHistory::default());
    first.looks.iter().for_each(|look| after_another.see(*look));
    for look in &second.looks {
        after_another.see(*look);
        alone.see(*look);
    }
    let both = [after_another, alone].map(|history| outlook(&second.domain, &history, None));
    assert_eq!(both[0], both[1]);
}
