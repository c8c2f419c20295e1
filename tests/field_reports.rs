//! What people wrote about their migrations, as inputs that they would write, and what must come of each.
//!
//! The table of `docs/accuracy-published.md` is written by this test: `UPDATE_DOCS=1 cargo test --test field_reports`.

mod page;

use std::path::Path;

use page::hold_parts;
use precopy::metrics::{self, METRICS};
use precopy::scenario::Input;
use precopy::sim::{self, Options, Outcome};

/// A report: its file, flags that name what its reporter knew of the product, what was reported, and the bounds of each figure
/// that a prediction must keep.
struct Report {
    file: &'static str,
    flags: &'static [&'static str],
    kind: &'static str,
    reported: &'static str,
    verdict: &'static str,
    bounds: &'static [(&'static str, f64, f64)],
}

const fn report(
    file: &'static str,
    kind: &'static str,
    reported: &'static str,
    verdict: &'static str,
    bounds: &'static [(&'static str, f64, f64)],
) -> Report {
    Report { file, flags: &[], kind, reported, verdict, bounds }
}

const TOTAL: &str = "total_time_ms";
const DOWN: &str = "downtime_ms";
const SENT: &str = "transferred_bytes";

const REPORTS: &[Report] = &[
    report(
        "zero-16g-booted",
        "zero pages",
        "0.851 s, 29 ms",
        "converged",
        &[(TOTAL, 600.0, 1300.0), (DOWN, 15.0, 60.0)],
    ),
    report("zero-4g-1gbe", "zero pages", "3.333 s", "converged", &[(TOTAL, 3000.0, 3900.0)]),
    report("zero-4g-1gbe-compress", "zero pages", "1.833 s", "converged", &[(TOTAL, 1300.0, 2400.0)]),
    report("zero-8g-hugepages", "zero pages", "2.070 s (SSE2)", "converged", &[(TOTAL, 1500.0, 2700.0)]),
    report("one-stream-100g", "one stream", "never, 286 syncs", "not-converged", &[("dirty_sync_count", 260.0, 315.0)]),
    report(
        "one-stream-as-measured",
        "one stream",
        "never, 286 syncs, 290 GB",
        "not-converged",
        &[("dirty_sync_count", 260.0, 315.0), (SENT, 275e9, 305e9)],
    ),
    report("proxmox-512m", "blackout", "about 1 s, 30 ms", "converged", &[(DOWN, 15.0, 60.0)]),
    report(
        "proxmox-529m-tunnel",
        "blackout",
        "2 s, 57 ms",
        "converged",
        &[(TOTAL, 1000.0, 2000.0), (DOWN, 15.0, 70.0)],
    ),
    report(
        "proxmox-4g-1gbe",
        "blackout",
        "34 s, 13 ms",
        "converged",
        &[(TOTAL, 33_000.0, 36_000.0), (DOWN, 8.0, 30.0)],
    ),
    report("proxmox-1g-tunnel-2014", "transport", "16 s, 54 ms", "converged", &[(TOTAL, 15_000.0, 17_500.0)]),
    // The speeds of the report, 243 to 587 MiB/s, hold 2.8 GiB to 4.9 to 11.8 s.
    report("proxmox-4g-secure", "transport", "9 s, 73 ms", "converged", &[(TOTAL, 4900.0, 11_800.0)]),
    report(
        "nova-16g-timeout",
        "orchestrator",
        "given up after 12800 s",
        "aborted",
        &[(TOTAL, 12_800_000.0, 12_801_000.0), (SENT, 1.53e12, 1.54e12)],
    ),
    report("nova-4g-ladder", "orchestrator", "given up after 1200 s", "aborted", &[(TOTAL, 1_200_000.0, 1_201_000.0)]),
    Report {
        flags: &["orchestrator.release=v0.52"],
        ..report(
            "kubevirt-old-low-mark",
            "release",
            "stuck after 562 s or more",
            "aborted",
            &[(TOTAL, 300_000.0, 900_000.0)],
        )
    },
    report("kubevirt-old-low-mark-as-rules", "release", "the same", "aborted", &[(TOTAL, 300_000.0, 900_000.0)]),
    report(
        "random-4g-1gbe",
        "(right)",
        "37.4 s, 337 ms",
        "converged",
        &[(TOTAL, 35_000.0, 40_000.0), (DOWN, 0.0, 340.0)],
    ),
    report("default-limit-128", "(right)", "12.95 s, 4 syncs", "converged", &[(TOTAL, 12_400.0, 13_400.0)]),
    report("tiny-cap", "(right)", "442719 B by 10.25 s", "not-converged", &[(SENT, 0.38e6, 0.46e6)]),
    report("dirty-rate-in-bits", "units", "a rate in Mbit/s", "converged", &[]),
    report("preset-in-small-guest", "presets", "a preset in 512 MiB", "converged", &[]),
];

fn outcome(report: &Report) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/field/{}.toml", report.file));
    let flags: Vec<String> = report.flags.iter().map(|flag| (*flag).to_owned()).collect();
    let loaded = Input::from_file(&path, &flags).unwrap().load();
    let scenario = loaded.unwrap_or_else(|faults| panic!("{}: {faults}", report.file)).scenario;
    sim::run(&scenario, &Options::default()).unwrap().0
}

fn figure(outcome: &Outcome, key: &str) -> f64 {
    let metric = METRICS.iter().find(|metric| metric.key == key).unwrap();
    (metric.get)(outcome).to_string().parse().unwrap()
}

/// A figure as people read it.
fn shown(key: &str, value: f64) -> String {
    match key {
        "dirty_sync_count" => format!("{value} syncs"),
        "transferred_bytes" if value < 1e9 => format!("{:.2} MB", value / 1e6),
        "transferred_bytes" => format!("{:.0} GB", value / 1e9),
        _ => metrics::ms(value),
    }
}

#[test]
fn every_report_is_predicted_within_its_bounds() {
    let mut table = "| case | kind | reported | predicted | within |\n|---|---|---|---|---|\n".to_owned();
    let mut missed = Vec::new();
    for report in REPORTS {
        let outcome = outcome(report);
        let (mut predicted, mut within) = (vec![outcome.verdict.as_str().to_owned()], Vec::new());
        for &(key, low, high) in report.bounds {
            let value = figure(&outcome, key);
            predicted.push(shown(key, value));
            within.push(format!("{} to {}", shown(key, low), shown(key, high)));
            if !(low..=high).contains(&value) {
                missed.push(format!("{}: {key} {value}, not {low} to {high}", report.file));
            }
        }
        if outcome.verdict.as_str() != report.verdict {
            missed.push(format!("{}: {}, not {}", report.file, outcome.verdict.as_str(), report.verdict));
        }
        let flags = report.flags.iter().map(|flag| format!(", `{flag}`")).collect::<String>();
        table += &format!(
            "| {}{flags} | {} | {} | {} | {} |\n",
            report.file,
            report.kind,
            report.reported,
            predicted.join(", "),
            within.join(", ")
        );
    }
    hold_parts("docs/accuracy-published.md", &[("field reports", &table)]);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A rate in bits is the rate in pages that it is.
#[test]
fn a_dirty_rate_in_bits_is_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/field/dirty-rate-in-bits.toml");
    let scenario = Input::from_file(&path, &[]).unwrap().load().unwrap().scenario;
    assert_eq!(scenario.guest.workloads[0].rate.0.round(), 27_466.0);
    assert_eq!(scenario.link.steps[0].1.0, 125_000_000);
}
