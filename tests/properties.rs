//! What must hold whatever is migrated.

mod drawn;

use std::time::{Duration, Instant};

use drawn::Draw;
use precopy::guest::{self, Activity, Exact, Expected, FirstWrites, GuestMemory as Ram, Law, Rearm, Workload};
use precopy::metrics::Metric;
use precopy::qemu::{DirtyLog, MonitorCommand, Profile, Throttle, Version};
use precopy::scenario::{Input, Limits, Scenario};
use precopy::sim::{self, Event, Memory, Options, Outcome, Row, Verdict, Workspace};
use precopy::units::{Duty, PageRate, Pages, Rate, Share, Span, Time};

const MEMORIES: [Memory; 2] = [Memory::Expected, Memory::Exact];
const REARMS: [Rearm; 3] =
    [Rearm::EverySync, Rearm::ByChunk { initially_set: false }, Rearm::ByChunk { initially_set: true }];

/// Every drawn migration under both memories, with its timeline.
fn each(mut look: impl FnMut(&str, &Scenario, &Outcome, &[Row])) {
    for index in 0..500 {
        let scenario = drawn::scenario(index);
        for memory in MEMORIES {
            let (outcome, timeline) =
                sim::run(&scenario, &Options { memory, timeline: true, jump: false, ..Options::default() }).unwrap();
            look(&format!("migration {index}, {memory:?}: {scenario:#?}"), &scenario, &outcome, &timeline.rows);
        }
    }
}

#[test]
fn figures_are_numbers_and_hang_together() {
    each(|place, scenario, o, _| {
        let serde_json::Value::Object(figures) = serde_json::to_value(o).unwrap() else { panic!("no record") };
        for (name, value) in &figures {
            let may_be_none = Metric::of(name).is_some_and(|metric| !metric.none.is_empty());
            let known = value.is_string() || value.as_f64().is_some_and(|v| v >= 0.0);
            assert!(known || (value.is_null() && may_be_none), "{name} is {value}: {place}");
        }
        let memory = scenario.guest.memory;
        let (setup, downtime) = (o.setup_time_ms.unwrap_or(0.0), o.downtime_ms.unwrap_or(0.0));
        assert!(o.total_time_ms >= setup + downtime, "total time: {place}");
        assert!(o.total_time_ms >= o.throttled_time_ms && o.throttled_time_ms >= o.throttled_over_90_ms, "{place}");
        assert!(o.total_time_ms >= o.guest_work_lost_ms && o.guest_slowdown_pct <= Some(100.0), "lost work: {place}");
        // The limiter counts in whole MiB/s, which makes its longest sleep a little longer than 99 times the run.
        let most = if scenario.qemu.capabilities.dirty_limit { 99.5 } else { 99.0 };
        assert!(Some(o.throttle_max_pct) >= o.throttle_final_pct && o.throttle_max_pct <= most, "throttle: {place}");
        assert!(o.remaining_bytes <= memory.bytes().0, "remaining: {place}");
        let sent = o.normal_pages * 4104 + o.duplicate_pages * 9;
        let caps = scenario.qemu.capabilities;
        let plain = !(caps.xbzrle || caps.multifd || caps.compress || caps.mapped_ram);
        if plain {
            assert!((sent..=sent + sent / 10 + 10_000_000).contains(&o.transferred_bytes), "transferred: {place}");
        }
        match o.verdict {
            Verdict::Converged => {
                assert_eq!(o.remaining_bytes, 0, "{place}");
                assert!(
                    !plain || o.normal_pages + o.duplicate_pages >= memory.0,
                    "each page is sent at least once: {place}"
                );
                let stopped = Profile::of(scenario.qemu.version);
                let interruptible = matches!(stopped.throttle, Throttle::Ramp(ramp) if ramp.interruptible);
                let asleep = if interruptible { 0.0 } else { 1000.0 };
                assert!(o.longest_stall_ms + asleep >= downtime, "stall: {place}");
            }
            Verdict::NotConverged => {
                assert_eq!((o.downtime_ms, o.throttle_final_pct, o.threshold_bytes), (None, None, None), "{place}");
                assert!((o.total_time_ms - scenario.limits.time.ms()).abs() < 1e-6, "stops at the limit: {place}");
            }
            Verdict::Aborted => {
                let failed = scenario.link.fails_at.is_some();
                let cancelled = scenario.at.iter().any(|at| at.command == MonitorCommand::Cancel);
                assert!(failed || cancelled, "aborted for nothing: {place}");
            }
            Verdict::Paused | Verdict::PostCopy => {
                assert_eq!(o.remaining_bytes, 0, "{place}");
                let asked = match o.verdict {
                    Verdict::Paused => MonitorCommand::Pause,
                    _ => MonitorCommand::StartPostcopy,
                };
                assert!(scenario.at.iter().any(|at| at.command == asked), "nobody asked for it: {place}");
            }
        }
    });
}

#[test]
fn a_timeline_goes_forward_and_loses_no_page() {
    each(|place, scenario, o, rows| {
        for pair in rows.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            assert!(b.t_ms >= a.t_ms, "time goes back from {a:?} to {b:?}: {place}");
            assert!(b.pass >= a.pass && b.transferred_bytes >= a.transferred_bytes, "{a:?} to {b:?}: {place}");
            if b.event == Event::Sync {
                // 11.1 counts the syncs that begin a pass, and no others.
                let counts_all = !Profile::of(scenario.qemu.version).counts_passes;
                assert!(b.pass == a.pass + 1 || (!counts_all && b.pass == a.pass), "{a:?} to {b:?}: {place}");
            } else {
                assert!(b.remaining_bytes <= a.remaining_bytes, "more remains without a sync: {a:?} {b:?}: {place}");
            }
        }
        let syncs = rows.iter().filter(|row| row.event == Event::Sync).count() as u64;
        let counts_all = !Profile::of(scenario.qemu.version).counts_passes;
        assert!(syncs == o.dirty_sync_count || (!counts_all && syncs > o.dirty_sync_count), "{syncs} syncs: {place}");
        let last = rows.last().unwrap();
        assert_eq!(
            (last.event, last.transferred_bytes, last.remaining_bytes),
            (Event::End, o.transferred_bytes, o.remaining_bytes),
            "{place}"
        );
        assert!(rows.iter().all(|row| row.remaining_bytes <= scenario.guest.memory.bytes().0), "{place}");
    });
}

#[test]
fn the_throttle_moves_as_the_rules_say() {
    let mut steps_seen = 0;
    each(|place, scenario, _, rows| {
        let params = &scenario.qemu.params;
        let steps: Vec<f64> =
            rows.iter().filter(|row| row.event == Event::Throttle).map(|row| row.throttle_pct).collect();
        let caps = scenario.qemu.capabilities;
        if caps.dirty_limit {
            // The limiter has no steps of its own: sleeps follow what it measures, up to 99 times the run.
            assert!(steps.iter().all(|share| (0.0..99.5).contains(share)), "{steps:?}: {place}");
            return;
        }
        if !caps.auto_converge {
            assert!(steps.is_empty(), "{place}");
        }
        let Throttle::Ramp(ramp) = Profile::of(scenario.qemu.version).throttle else {
            assert!(steps.len() <= 1, "a fixed throttle is set once: {place}");
            return;
        };
        let (initial, increment) = (f64::from(params.cpu_throttle_initial), f64::from(params.cpu_throttle_increment));
        let max = if ramp.has_max { f64::from(params.max_cpu_throttle) } else { 99.0 };
        if let Some(first) = steps.first() {
            assert_eq!(*first, initial, "{place}");
        }
        for pair in steps.windows(2) {
            let full = (pair[0] + increment).min(max).min(99.0);
            if ramp.has_tailslow && params.cpu_throttle_tailslow {
                assert!((pair[0]..=full).contains(&pair[1]), "{steps:?}: {place}");
            } else {
                assert_eq!(pair[1], full, "{steps:?}: {place}");
            }
        }
        steps_seen += steps.len();
    });
    assert!(steps_seen > 100, "only {steps_seen} steps were seen");
}

/// A guest for the memories alone.
#[test]
fn a_workspace_gives_what_a_run_alone_gives() {
    let mut workspace = Workspace::default();
    let mut look = |place: &str, scenario: &Scenario, options: &Options| {
        let (outcome, timeline) = workspace.run(scenario.check().unwrap(), options);
        let (alone, alone_timeline) = sim::run(scenario, options).unwrap();
        assert_eq!(outcome, alone, "{place}");
        assert_eq!(format!("{timeline:?}"), format!("{alone_timeline:?}"), "{place}");
    };
    for index in 0..200 {
        let mut scenario = drawn::scenario(index);
        let memory = MEMORIES[usize::from(index % 40 == 8)];
        let options = Options { memory, timeline: index % 2 == 0, ..Options::default() };
        look(&format!("migration {index}"), &scenario, &options);
        // The same guest over another link, faster, and with other contents of what it writes.
        scenario.link = precopy::link::Link::constant(Rate(scenario.link.steps[0].1.0 / 2 + 1));
        look(&format!("migration {index}, slower link"), &scenario, &options);
        scenario.guest.workloads.iter_mut().for_each(|workload| workload.rate.0 *= 0.7);
        look(&format!("migration {index}, slower guest"), &scenario, &options);
        scenario.guest.workloads.iter_mut().for_each(|workload| workload.changed = Share(0.5));
        look(&format!("migration {index}, other contents"), &scenario, &options);
        scenario.qemu.capabilities.xbzrle ^= true;
        if scenario.check().is_ok() {
            look(&format!("migration {index}, with or without a cache"), &scenario, &options);
        }
    }
}

fn guest(memory: u64, workloads: Vec<Workload>) -> guest::GuestConfig {
    guest::GuestConfig { workloads, ..guest::GuestConfig::idle(Pages(memory)) }
}

fn workload(law: Law, offset: u64, region: u64) -> Workload {
    Workload { offset: Pages(offset), ..Workload::steady(law, Pages(region), PageRate(1.0)) }
}

/// Sends up to `pages` as the migration thread would.
fn send(ram: &mut impl Ram, writes: &[u64], mut pages: u64) {
    while pages > 0 {
        let Some(run) = ram.next_run() else {
            assert_eq!(ram.remaining(), 0);
            return;
        };
        assert!((1..=ram.remaining()).contains(&run.pages), "{run:?} of {}", ram.remaining());
        let (before, count) = (ram.remaining(), run.pages.min(pages));
        ram.send(count, &mut &*writes);
        assert_eq!(ram.remaining(), before - count);
        pages -= count;
    }
}

/// Syncs and checks what must hold of every sync; returns what was new.
fn sync(ram: &mut impl Ram, writes: &[u64], memory: u64) -> u64 {
    let before = ram.remaining();
    let found = ram.sync(writes);
    assert_eq!(ram.remaining(), before + found.new, "{found:?}");
    assert!(ram.remaining() <= memory && found.logged <= memory, "{found:?}");
    // The expected memory rounds the two on their own.
    assert!(found.logged + 1 >= found.new && found.faults <= found.logged + 1, "{found:?}");
    found.new
}

#[test]
fn no_page_is_lost_whatever_is_done_to_a_memory() {
    for index in 0..600 {
        let mut draw = Draw::new(index);
        let memory = draw.of(&[1, 2, 63, 64, 65, 1000, 5000]);
        let workloads: Vec<Workload> = (0..draw.below(4))
            .map(|_| {
                let region = draw.below(memory) + 1;
                let law = match draw.below(4) {
                    0 => Law::Idle,
                    1 => Law::Uniform,
                    2 => Law::HotCold { hot: Pages(draw.below(region) + 1), share: Share(draw.between(0.0, 1.0)) },
                    _ => Law::Sequential { start: Pages(draw.below(region)) },
                };
                workload(law, draw.below(memory - region + 1), region)
            })
            .collect();
        let zero = Pages(draw.below(memory + 1));
        let config = guest::GuestConfig { zero, ..guest(memory, workloads) };
        let rearm = draw.of(&REARMS);
        let (mut expected, mut exact) = (Expected::new(&config, rearm, true), Exact::new(&config, rearm, index));
        let mut writes = vec![0; config.workloads.len()];
        for _ in 0..40 {
            for (count, w) in writes.iter_mut().zip(&config.workloads) {
                *count += if w.law == Law::Idle { 0 } else { draw.below(memory + 1) };
            }
            if draw.chance(0.4) {
                sync(&mut expected, &writes, memory);
                sync(&mut exact, &writes, memory);
            } else {
                let pages = draw.below(memory + 1);
                send(&mut expected, &writes, pages);
                send(&mut exact, &writes, pages);
            }
        }
    }
}

/// Steps of a made-up migration: sends of so many pages, or syncs, each after writes up to so many.
enum Step {
    Send(u64, u64),
    Sync(u64),
}
use Step::{Send, Sync};

/// New pages of each sync in both memories.
fn new_pages(config: &guest::GuestConfig, rearm: Rearm, steps: &[Step]) -> [Vec<u64>; 2] {
    fn walk(ram: &mut impl Ram, steps: &[Step], memory: u64) -> Vec<u64> {
        let mut new = vec![sync(ram, &[0], memory)];
        for step in steps {
            match *step {
                Send(pages, writes) => send(ram, &[writes], pages),
                Sync(writes) => new.push(sync(ram, &[writes], memory)),
            }
        }
        new
    }
    let memory = config.memory.0;
    [
        walk(&mut Expected::new(config, rearm, true), steps, memory),
        walk(&mut Exact::new(config, rearm, 1), steps, memory),
    ]
}

#[test]
fn a_sequential_writer_meets_reported_pages_by_place() {
    let config = guest(100, vec![workload(Law::Sequential { start: Pages(90) }, 0, 100)]);
    // The second sync reports pages 90 to 99 and 0 to 19. Then 20 to 39 are written before the chunk is re-armed and
    // 40 to 49 after it, while the cursor passes them all on its way from 19 to 90.
    let steps = [Send(100, 0), Sync(30), Send(25, 50), Sync(60)];
    let [expected, exact] = new_pages(&config, Rearm::ByChunk { initially_set: true }, &steps);
    assert_eq!(exact, [0, 30, 30]);
    assert_eq!(expected, exact);
}

#[test]
fn the_cursor_rests_behind_the_last_page_that_was_sent() {
    let config = guest(20, vec![workload(Law::Sequential { start: Pages(8) }, 5, 10)]);
    // The second sync leaves page 7 clean, right behind the cursor; the third makes it dirty before anything is sent.
    let steps = [Send(7, 9), Sync(9), Send(15, 15), Sync(24), Sync(33), Send(5, 37), Sync(42)];
    let [expected, exact] = new_pages(&config, Rearm::ByChunk { initially_set: false }, &steps);
    assert_eq!(exact.last(), Some(&2));
    assert_eq!(expected, exact);
}

#[test]
fn a_full_turn_does_not_move_the_cursor() {
    let config = guest(20, vec![workload(Law::Sequential { start: Pages(4) }, 1, 15)]);
    // All was sent and the cursor stands behind page 8 when the third sync comes.
    let steps = [Send(9, 0), Sync(6), Send(15, 16), Sync(27), Sync(33), Send(10, 39), Sync(44)];
    let [expected, exact] = new_pages(&config, Rearm::EverySync, &steps);
    assert_eq!(exact, [0, 4, 15, 0, 10]);
    assert_eq!(expected, exact);
}

#[test]
fn sequential_writers_leave_nothing_to_chance() {
    for index in 0..1500 {
        let mut draw = Draw::new(index);
        // Now and then several chunks, which are re-armed one by one.
        let memory = draw.of(&[20, 100, 1000, if index % 50 == 0 { 700_000 } else { 10 }]);
        let workloads: Vec<Workload> = (0..draw.of(&[1, 1, 2]))
            .map(|_| {
                let region = draw.below(memory) + 1;
                workload(Law::Sequential { start: Pages(draw.below(region)) }, draw.below(memory - region + 1), region)
            })
            .collect();
        let config = guest(memory, workloads);
        let rearm = draw.of(&REARMS);
        let (mut expected, mut exact) = (Expected::new(&config, rearm, true), Exact::new(&config, rearm, 1));
        let mut writes = vec![0; config.workloads.len()];
        for step in 0..30 {
            if step == 0 || draw.chance(0.3) {
                let new = (sync(&mut expected, &writes, memory), sync(&mut exact, &writes, memory));
                assert_eq!(new.0, new.1, "{index}, step {step}, {rearm:?}, writes {writes:?}: {config:#?}");
            } else {
                let pages = draw.below(memory);
                send(&mut expected, &writes, pages);
                send(&mut exact, &writes, pages);
            }
            writes.iter_mut().for_each(|count| *count += draw.below(memory) / 2);
        }
    }
}

/// A guest of `memory` pages on a constant link, everything else at its default.
fn simple(memory: u64, link: Rate, workloads: Vec<Workload>) -> Scenario {
    let mut scenario = Scenario::new(Pages(memory).bytes(), link, Version::new(8, 2));
    scenario.guest.workloads = workloads;
    scenario.qemu.params.max_bandwidth = Rate(0);
    scenario
}

/// Another release, with a machine and a log that it has.
fn of_release(scenario: &mut Scenario, version: Version) {
    let qemu = &mut scenario.qemu;
    (qemu.version, qemu.machine_type) = (version, version);
    qemu.dirty_log = DirtyLog::default_for(version, qemu.accel);
}

#[test]
fn a_wider_link_never_lengthens_the_bulk_pass_of_an_idle_guest() {
    for version in Version::all() {
        let mut before = f64::INFINITY;
        for mbit in [10, 11, 50, 100, 101, 500, 1_000, 2_500, 5_000, 10_000, 40_000, 100_000] {
            let mut scenario = simple(100_000, Rate::from_bits_per_second(mbit * 1_000_000), Vec::new());
            of_release(&mut scenario, version);
            // Zero: the guest stops at the end of the bulk pass.
            scenario.qemu.params.downtime_limit = Span::ZERO;
            let total = sim::run(&scenario, &Options::default()).unwrap().0.total_time_ms;
            assert!(total <= before, "{version}: {total} ms at {mbit} Mbit/s, {before} ms on the narrower link");
            before = total;
        }
    }
}

#[test]
fn the_blackout_follows_the_link() {
    let mut scenario = simple(100_000, Rate(100_000_000), Vec::new());
    // The decision sees a link that would carry all at once; it falls at the end of the first window, after which
    // the link carries a tenth for ten seconds.
    scenario.qemu.params.avail_switchover_bandwidth = Rate(100_000_000_000);
    scenario.link.steps.push((Time(200_000_000), Rate(10_000_000)));
    scenario.link.steps.push((Time(10_200_000_000), Rate(1_000_000_000)));
    for memory in MEMORIES {
        let outcome = sim::run(&scenario, &Options { memory, ..Options::default() }).unwrap().0;
        // 20 MB in the first 200 ms, 100 MB in the ten seconds, the rest at full speed.
        let rest = (100_000.0 * 4104.0 - 20e6 - 100e6) / 1e6 + scenario.qemu.switchover_time.ms();
        assert!((outcome.total_time_ms - (10_200.0 + rest)).abs() < 10.0, "{memory:?}: {}", outcome.total_time_ms);
    }
}

#[test]
fn normal_pages_that_wait_for_a_flush_do_not_hold_up_zero_pages() {
    // 20 normal pages in the stream's buffer are more than zero pages fill before they are flushed, and more than
    // the limiter lets through.
    let mut scenario = simple(100, Rate(100_000_000), Vec::new());
    scenario.guest.zero = Pages(80);
    scenario.qemu.params.max_bandwidth = Rate(100_000);
    let outcome = sim::run(&scenario, &Options::default()).unwrap().0;
    assert_eq!((outcome.verdict, outcome.normal_pages, outcome.duplicate_pages), (Verdict::Converged, 20, 80));
}

#[test]
fn a_page_under_way_is_not_begun_again_at_every_tick() {
    // 41 s a page, and a tick of the timer every 5 s.
    let mut scenario = simple(64, Rate(100), Vec::new());
    scenario.qemu.version = Version::new(10, 2);
    scenario.qemu.capabilities.auto_converge = true;
    scenario.qemu.params.downtime_limit = Span::ZERO;
    let outcome = sim::run(&scenario, &Options::default()).unwrap().0;
    assert_eq!(outcome.verdict, Verdict::Converged, "{outcome:#?}");
    assert!((outcome.total_time_ms - 64.0 * 41_040.0).abs() < 100.0, "{}", outcome.total_time_ms);
}

#[test]
fn a_writer_never_takes_a_write_back() {
    for index in 0..300 {
        let mut draw = Draw::new(index);
        let workloads: Vec<Workload> = (0..3)
            .map(|_| Workload {
                rate: PageRate(draw.log_between(1.0, 1e12)),
                cpu: Share(draw.of(&[1.0, 0.999, 0.5, 0.01])),
                catch_up: draw.of(&[None, Some(Span::ZERO), Some(Span(7_654_321)), Some(Span(9_876_543_210))]),
                ..workload(Law::Uniform, 0, 1)
            })
            .collect();
        let mut activity = Activity::new(&guest(1, workloads), Span::ZERO, &mut FirstWrites::default());
        let (mut now, mut before, mut writes) = (Time(draw.below(1 << 58)), vec![0; 3], Vec::new());
        for _ in 0..500 {
            activity.writes(now, &mut writes);
            let falls = writes.iter().zip(&before).any(|(now, before)| now < before);
            assert!(!falls, "{index}: from {before:?} to {writes:?} at {now:?} under {:?}", activity.duty());
            before.clone_from(&writes);
            if draw.chance(0.05) {
                let period = Span(draw.below(1_000_000_000) + 1);
                let asleep_until = activity.duty().asleep(now).unwrap_or(now);
                let anchor = asleep_until + Span(draw.below(20_000_000));
                activity.set_duty(Duty { from: now, asleep_until, anchor, period, sleep: Span(draw.below(period.0)) });
            }
            let longest = draw.of(&[2, 1000, 1_000_000, 10_000_000_000]);
            now += Span(draw.below(longest));
        }
    }
}

/// 64 TiB.
const HUGE: u64 = 1 << 34;
const TEN_YEARS: Span = Span::from_ms(10 * 365 * 24 * 3_600_000);

/// Extremes by name.
fn extremes() -> Vec<(&'static str, Scenario)> {
    let fastest = Rate::from_bits_per_second(800_000_000_000);
    let writer = |law, region, rate| Workload { rate: PageRate(rate), ..workload(law, 0, region) };
    let named = |name, scenario: Scenario, change: fn(&mut Scenario)| {
        let mut scenario = scenario;
        change(&mut scenario);
        (name, scenario)
    };
    let nothing: fn(&mut Scenario) = |_| {};
    let ten_years: fn(&mut Scenario) = |s| s.limits.time = TEN_YEARS;
    let at_once: fn(&mut Scenario) = |s| {
        s.limits.time = TEN_YEARS;
        s.qemu.params.downtime_limit = Span::from_ms(2_000_000);
        s.qemu.params.avail_switchover_bandwidth = Rate(u64::MAX);
    };
    let throttled: fn(&mut Scenario) = |s| {
        s.qemu.version = Version::NEWEST;
        s.qemu.capabilities.auto_converge = true;
    };
    let slow = Rate(1);
    vec![
        named("64 TiB, idle, 800 Gbit/s", simple(HUGE, fastest, vec![]), nothing),
        named("64 TiB, idle, 1 byte/s, ten years", simple(HUGE, slow, vec![]), ten_years),
        named("64 TiB in one blackout of two million years", simple(HUGE, slow, vec![]), at_once),
        named(
            "64 TiB all zero",
            Scenario {
                guest: guest::GuestConfig { zero: Pages(HUGE), ..guest(HUGE, vec![]) },
                ..simple(HUGE, fastest, vec![])
            },
            nothing,
        ),
        named("64 TiB, 1e9 writes a second", simple(HUGE, fastest, vec![writer(Law::Uniform, HUGE, 1e9)]), throttled),
        named(
            "64 TiB, 1e9 sequential writes a second",
            simple(HUGE, fastest, vec![writer(Law::Sequential { start: Pages(HUGE - 1) }, HUGE, 1e9)]),
            throttled,
        ),
        named(
            "1e9 sequential writes a second for ten years at 1 byte/s",
            simple(HUGE, slow, vec![writer(Law::Sequential { start: Pages(HUGE - 1) }, HUGE, 1e9)]),
            ten_years,
        ),
        named(
            "as many writes as can be asked for",
            simple(20_000, slow, vec![writer(Law::Sequential { start: Pages(19_999) }, 20_000, 1e9)]),
            |s| {
                s.limits.time = TEN_YEARS;
                // The last page that waits calls for a sync.
                s.qemu.params.avail_switchover_bandwidth = Rate(20_000);
            },
        ),
        named("a writer at rate zero", simple(1000, fastest, vec![writer(Law::Uniform, 1000, 0.0)]), throttled),
        named("a guest of one page", simple(1, fastest, vec![writer(Law::Uniform, 1, 1e9)]), throttled),
        named("one page at 1 byte/s", simple(1, slow, vec![writer(Law::Uniform, 1, 1e9)]), throttled),
        named("a region of one page", simple(HUGE, fastest, vec![writer(Law::Uniform, 1, 1e9)]), throttled),
        named(
            "a hot part of one page",
            simple(HUGE, fastest, vec![writer(Law::HotCold { hot: Pages(1), share: Share(0.999_999) }, HUGE, 1e9)]),
            throttled,
        ),
        named("the longest time limit", simple(1000, slow, vec![]), |s| s.limits.time = Limits::MOST),
        named("a time limit of 1 ns", simple(1000, fastest, vec![]), |s| s.limits.time = Span(1)),
        named("a setup beyond the time limit", simple(1000, fastest, vec![]), |s| {
            (s.qemu.setup_time, s.limits.time) = (Limits::TIME, Span::from_ms(1000));
        }),
        named("a narrow limiter", simple(1000, fastest, vec![]), |s| s.qemu.params.max_bandwidth = Rate(10)),
        named("a limiter that never bites", simple(HUGE, fastest, vec![]), |s| {
            s.qemu.params.max_bandwidth = Rate(u64::MAX);
        }),
        named("no threshold ever", simple(HUGE, fastest, vec![]), |s| s.qemu.params.downtime_limit = Span::ZERO),
    ]
}

#[test]
fn extremes_end_soon_and_without_a_panic() {
    for (name, scenario) in extremes() {
        for log in [DirtyLog::Classic, DirtyLog::ManualProtect, DirtyLog::InitiallySet, DirtyLog::Ring] {
            let mut scenario = scenario.clone();
            scenario.qemu.dirty_log = log;
            let start = Instant::now();
            let (outcome, _) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
            assert!(start.elapsed() < Duration::from_secs(2), "{name}, {log:?}: took {:?}", start.elapsed());
            assert!(
                outcome.total_time_ms.is_finite() && outcome.guest_work_lost_ms.is_finite(),
                "{name}: {outcome:#?}"
            );
            assert!(outcome.remaining_bytes <= scenario.guest.memory.bytes().0, "{name}: {outcome:#?}");
        }
    }
}

#[test]
fn a_destination_whose_word_is_late_is_waited_for() {
    // All of RAM is through after 0.5 s, and the word is here after 2 s.
    let file = r#"
        [guest]
        memory = "64 MiB"
        [link]
        bandwidth = "1 Gbit/s"
        latency = "1 s"
        [qemu]
        version = "9.1"
        switchover-ack = true
        return-path = true
        max-bandwidth = 0
    "#;
    let scenario = Input::new("late.toml", file, &[]).unwrap().load().expect("it is right").scenario;
    let (outcome, _) = sim::run(&scenario, &Options::default()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Converged);
    // The connection, the setup, the word.
    let (setup, downtime) = (outcome.setup_time_ms.unwrap(), outcome.downtime_ms.unwrap());
    assert!(outcome.total_time_ms - downtime >= 4000.0 + setup, "{outcome:?}");
}
