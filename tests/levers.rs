//! What each lever does to a whole migration: the claims that the shipped scenarios make, and the direction in which a
//! lever moves a result.

use precopy::scenario::Input;
use precopy::sim::{self, Memory, Options, Outcome, Verdict};

/// Runs a shipped scenario with some keys set, under both memories, which must come to the same verdict and within
/// 2 % to the same time; gives the expected one.
fn run(name: &str, sets: &[&str]) -> Outcome {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let input = Input::from_file(format!("scenarios/{name}.toml").as_ref(), &sets).unwrap();
    let loaded = input.load().unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
    sim::run(&loaded.scenario, &Options::default()).unwrap().0
}

fn with_exact(name: &str, sets: &[&str]) -> Outcome {
    let expected = run(name, sets);
    let input = Input::from_file(format!("scenarios/{name}.toml").as_ref(), &[]).unwrap();
    let exact = Options { memory: Memory::Exact, ..Options::default() };
    let exact = sim::run(&input.load().unwrap().scenario, &exact).unwrap().0;
    assert_eq!(exact.verdict, expected.verdict, "{name}");
    let off = expected.total_time_ms / exact.total_time_ms - 1.0;
    assert!(off.abs() < 0.02, "{name}: {:.1} % apart", off * 100.0);
    expected
}

#[test]
fn xbzrle_saves_a_guest_that_changes_words_and_not_one_that_changes_pages() {
    assert_eq!(with_exact("xbzrle-saves", &[]).verdict, Verdict::Converged);
    assert_eq!(run("xbzrle-saves", &["qemu.xbzrle=false"]).verdict, Verdict::NotConverged);
    assert_eq!(run("xbzrle-does-not", &[]).verdict, Verdict::NotConverged);
}

#[test]
fn post_copy_ends_what_the_throttle_cannot() {
    let with = run("needs-post-copy", &[]);
    assert_eq!(with.verdict, Verdict::PostCopy);
    assert!(with.total_time_ms < 400_000.0 && with.downtime_ms.unwrap() < 300.0, "{with:?}");
    assert!(with.postcopy_faults > 0 && with.postcopy_stall_ms > 0.0, "{with:?}");
    let without = run("needs-post-copy", &["at.0.time=2 h"]);
    assert_eq!((without.verdict, without.throttle_max_pct), (Verdict::NotConverged, 99.0));
}

#[test]
fn channels_that_cannot_fill_the_link_cost_time() {
    let time = |channels: u32| {
        let outcome = run("multifd-channels", &[&format!("qemu.multifd-channels={channels}")]);
        assert_eq!(outcome.verdict, Verdict::Converged);
        outcome.total_time_ms
    };
    let (two, four, eight) = (time(2), time(4), time(8));
    assert!(two > 1.5 * four && four > 1.3 * eight, "{two} {four} {eight}");
}

#[test]
fn a_fault_on_a_huge_page_waits_for_all_of_it() {
    let (huge, small) = (run("huge-pages", &[]), run("huge-pages", &["guest.page-size=4 KiB"]));
    let wait = |outcome: &Outcome| outcome.postcopy_stall_ms / outcome.postcopy_faults as f64;
    assert_eq!((huge.verdict, small.verdict), (Verdict::PostCopy, Verdict::PostCopy));
    assert!(wait(&huge) > 20.0 * wait(&small), "{} {}", wait(&huge), wait(&small));
    assert!(huge.guest_slowdown_pct > small.guest_slowdown_pct);
}

#[test]
fn tls_and_compression_move_the_rate() {
    let plain = run("database-10g", &[]).total_time_ms;
    let tls = run("database-10g", &["qemu.tls-creds=tls0", "qemu.tls-bandwidth=600 MB/s"]).total_time_ms;
    assert!(tls > 1.6 * plain, "{plain} {tls}");
    let sets = ["qemu.version=9.2", "qemu.multifd=true", "qemu.multifd-channels=8", "qemu.multifd-compression=zstd"];
    let zstd = run("database-10g", &sets).total_time_ms;
    assert!(zstd < plain, "eight threads compress faster than the link carries: {plain} {zstd}");
}

#[test]
fn the_dirty_limit_slows_the_guest_where_auto_converge_is_off() {
    let sets = ["qemu.version=9.0", "qemu.auto-converge=false", "qemu.dirty-limit=true", "qemu.dirty-ring-size=4096"];
    let limited = run("throttle-decides", &sets);
    assert_eq!(limited.verdict, Verdict::Converged, "{limited:?}");
    assert!(limited.throttled_time_ms > 0.0 && limited.guest_work_lost_ms > 0.0, "{limited:?}");
}

#[test]
fn pages_that_nobody_examines_are_sent_in_full() {
    let looked = run("idle-guest", &["qemu.version=9.2"]);
    let blind = run("idle-guest", &["qemu.version=9.2", "qemu.zero-page-detection=none"]);
    assert!(looked.duplicate_pages > 0 && blind.duplicate_pages == 0);
    assert!(blind.transferred_bytes > 2 * looked.transferred_bytes, "{looked:?} {blind:?}");
}
