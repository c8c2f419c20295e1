//! Several migrations on one link: each goes as it would alone on its share, and together they never exceed the link.

mod drawn;

use precopy::link::Link;
use precopy::scenario::{Input, Scenario};
use precopy::sim::shared::{Finished, Shared};
use precopy::sim::{self, Memory, Options, Outcome, Verdict};
use precopy::units::{Rate, Time};
use proptest::prelude::*;

fn scenario(text: &str, sets: &[String]) -> Scenario {
    let loaded = Input::new("guest.toml", text, sets).unwrap().load();
    loaded.unwrap_or_else(|faults| panic!("{sets:?}: {faults:?}")).scenario
}

const GUEST: &str = r#"
[guest]
memory = "2 GiB"
zero = "10 %"
[[guest.workload]]
kind = "uniform"
region = "1 GiB"
rate = "1000 pages/s"
[link]
bandwidth = "1 Gbit/s"
[qemu]
version = "8.2"
max-bandwidth = 0
[limits]
time = "5 min"
"#;

/// Levers and rules that take different ways through a migration.
const WAYS: [&[&str]; 9] = [
    &[],
    &["qemu.auto-converge=true"],
    &["qemu.max-bandwidth=20 MiB/s"],
    &["qemu.postcopy-ram=true", "at=[{ time = \"9 s\", action = \"post-copy\" }]"],
    &["at=[{ time = \"11 s\", action = \"pause\" }]"],
    &["orchestrator.kind=nova", "orchestrator.live_migration_completion_timeout=7"],
    &["orchestrator.kind=kubevirt", "orchestrator.completionTimeoutPerGiB=5", "orchestrator.allowPostCopy=true"],
    &["orchestrator.kind=proxmox"],
    &["qemu.version=9.2", "qemu.auto-converge=true", "guest.workload.0.kind=sequential"],
];

/// Runs all to their end; guest `n` is started at `starts[n]`.
fn run_together(link: &Link, scenarios: &[Scenario], starts: &[Time], options: &Options) -> Vec<Finished> {
    let mut shared = Shared::new(link, options);
    let mut queue: Vec<usize> = (0..scenarios.len()).collect();
    queue.sort_by_key(|id| starts[*id]);
    let mut queue = queue.into_iter().peekable();
    let mut finished = Vec::new();
    loop {
        while let Some(id) = queue.next_if(|id| starts[*id] <= shared.now()) {
            shared.start(id, scenarios[id].check().unwrap(), id as u64);
        }
        match queue.peek() {
            Some(id) => finished.extend(shared.advance(starts[*id])),
            None if shared.is_empty() => return finished,
            None => finished.extend(shared.advance(Time::NEVER)),
        }
    }
}

/// What went over the link until `at` by those shares [bytes].
fn carried(shares: &[(Time, Rate)], until: Time) -> f64 {
    let ends = shares.iter().skip(1).map(|step| step.0).chain([until]);
    shares.iter().zip(ends).map(|((from, rate), to)| rate.0 as f64 * (to - *from).seconds()).sum()
}

/// What comes of a migration that is alone on a link with its shares.
fn alone(link: &Link, scenarios: &[Scenario], migration: &Finished, options: &Options) -> Outcome {
    // Of shares of the same instant the last one holds.
    let mut steps: Vec<(Time, Rate)> = Vec::new();
    for &(from, share) in &migration.shares {
        steps.pop_if(|(before, _)| *before == from);
        steps.push((from, share));
    }
    let fails_at = link.fails_at.filter(|at| *at > migration.start).map(|at| Time((at - migration.start).0));
    let own = Link { steps, fails_at, ..scenarios[migration.id].link.clone() };
    let alone = Scenario { link: own, ..scenarios[migration.id].clone() };
    sim::run(&alone, &Options { seed: migration.id as u64, jump: false, ..options.clone() }).unwrap().0
}

/// Checks what must hold of any migrations on any link.
fn check(link: &Link, scenarios: &[Scenario], finished: &[Finished], options: &Options) -> Result<(), TestCaseError> {
    prop_assert_eq!(finished.len(), scenarios.len());
    prop_assert!(finished.is_sorted_by_key(|migration| migration.end));
    for migration in finished {
        let outcome = alone(link, scenarios, migration, options);
        prop_assert_eq!(&outcome, &migration.outcome, "{:?}", migration.shares);
        let length = migration.end - migration.start;
        let mut room = carried(&migration.shares, Time(length.0));
        // The frame of an iterate call (20 a second and more) is counted and takes no time; nor does the last page.
        room += 4200.0 + 400.0 * length.seconds();
        if outcome.verdict == Verdict::PostCopy {
            room *= 1.001; // Its pages are counted by a formula.
        }
        prop_assert!(outcome.transferred_bytes as f64 <= room, "{} > {room}", outcome.transferred_bytes);
    }
    // At the moments when anything changes, the shares of those under way are within the link.
    let moment = |migration: &Finished, at: Time| Time(at.0 + migration.start.0);
    let moments = finished.iter().flat_map(|m| m.shares.iter().map(|step| moment(m, step.0)));
    for at in moments {
        let under_way = finished.iter().filter(|m| m.start <= at && at < m.end);
        let share =
            |m: &Finished| m.shares.iter().take_while(|step| moment(m, step.0) <= at).last().map_or(0, |s| s.1.0);
        let sum: u64 = under_way.map(share).sum();
        // Beside a guest in post-copy that keeps the whole link, the others have a byte a second each.
        prop_assert!(sum <= link.at(at).0.0 + finished.len() as u64, "{sum} at {at} of {:?}", link.at(at));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn each_goes_as_alone_on_its_share_and_all_stay_within_the_link(
        guests in proptest::collection::vec((0..WAYS.len(), 1u32..60_000, 0u64..40_000), 1..7),
        link in 20u64..2000,
        later in proptest::option::of((1u64..60, 20u64..2000)),
    ) {
        let scenarios: Vec<Scenario> = guests.iter().map(|(way, rate, _)| {
            let mut sets: Vec<String> = WAYS[*way].iter().map(|set| (*set).to_owned()).collect();
            sets.push(format!("guest.workload.0.rate={rate} pages/s"));
            scenario(GUEST, &sets)
        }).collect();
        let starts: Vec<Time> = guests.iter().map(|guest| Time(guest.2 * 1_000_000)).collect();
        let mut steps = vec![(Time::ZERO, Rate(link * 1_000_000))];
        steps.extend(later.map(|(s, rate)| (Time(s * 1_000_000_000), Rate(rate * 1_000_000))));
        let link = Link { steps, ..Link::constant(Rate(1)) };
        let options = Options::default();
        let finished = run_together(&link, &scenarios, &starts, &options);
        // Post-copy takes the link as it is at the switch to its end.
        let still = finished.iter().all(|m| m.outcome.verdict != Verdict::PostCopy) || link.steps.len() == 1;
        prop_assume!(still);
        check(&link, &scenarios, &finished, &options)?;
    }
}

#[test]
fn one_alone_has_the_whole_link() {
    let scenario = scenario(GUEST, &[]);
    let (alone, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() }).unwrap();
    let options = Options { timeline: true, ..Options::default() };
    let finished = run_together(&scenario.link, std::slice::from_ref(&scenario), &[Time(7)], &options);
    assert_eq!(finished[0].outcome, alone);
    assert_eq!(finished[0].timeline, timeline);
    assert_eq!(finished[0].shares, [(Time::ZERO, Rate(125_000_000))]);
}

#[test]
fn every_page_write_drawn_goes_the_same_way() {
    let scenarios = [
        scenario(GUEST, &["guest.memory=1 GiB".to_owned(), "guest.workload.0.region=100 MiB".to_owned()]),
        scenario(GUEST, &[]),
    ];
    let options = Options { memory: Memory::Exact, ..Options::default() };
    let link = Link::constant(Rate(200_000_000));
    let finished = run_together(&link, &scenarios, &[Time(0), Time(3_000_000_000)], &options);
    check(&link, &scenarios, &finished, &options).unwrap();
}

#[test]
fn every_lever_release_and_orchestrator_goes_as_alone_on_its_share() {
    for crowd in 0..20u64 {
        let number = |place: u64| 60 * crowd + place;
        let scenarios: Vec<Scenario> = (0..60)
            .map(|place| match place % 3 {
                0 => drawn::ordered(number(place)),
                _ => drawn::scenario(number(place)),
            })
            .collect();
        // Each would have about the link that it was drawn with if all were there at once.
        let link = Link::constant(Rate(scenarios.iter().map(|one| one.link.at(Time::ZERO).0.0).sum()));
        let mut draw = drawn::Draw::new(crowd);
        let starts: Vec<Time> = (0..60).map(|_| Time(draw.below(2) * draw.below(20_000) * 1_000_000)).collect();
        let finished = run_together(&link, &scenarios, &starts, &Options::default());
        for one in &finished {
            assert_eq!(alone(&link, &scenarios, one, &Options::default()), one.outcome, "{} of {crowd}", one.id);
        }
    }
}

#[test]
fn a_link_that_breaks_breaks_for_all_that_are_on_it() {
    let scenarios = [scenario(GUEST, &[]), scenario(GUEST, &[]), scenario(GUEST, &[])];
    let link = Link { fails_at: Some(Time(5_000_000_000)), ..Link::constant(Rate(125_000_000)) };
    let starts = [Time(0), Time(1_000_000_000), Time(6_000_000_000)];
    let finished = run_together(&link, &scenarios, &starts, &Options::default());
    let verdicts: Vec<Verdict> = finished.iter().map(|m| m.outcome.verdict).collect();
    assert_eq!(verdicts, [Verdict::Aborted, Verdict::Aborted, Verdict::Converged]);
    check(&link, &scenarios, &finished, &Options::default()).unwrap();
}

/// Guests that differ in size and rate.
fn different(count: usize) -> Vec<Scenario> {
    let sets = |index: usize| {
        let (mib, rate) = (2048 + index * 7919 % 6144, 100 + index * 104_729 % 2000);
        [format!("guest.memory={mib} MiB"), format!("guest.workload.0.rate={rate} pages/s")]
    };
    (0..count)
        .map(|index| {
            let mut scenario = scenario(GUEST, &sets(index));
            // The link alone divides the guests' speed.
            scenario.qemu.host.stream = WIDE;
            scenario
        })
        .collect()
}

/// 400 Gbit/s.
const WIDE: Rate = Rate(50_000_000_000);

#[test]
fn what_many_cost_each_does_not_grow_with_their_number() {
    // Turns of the loop and changes of the share for each guest, all started at once. Fewer guests are gone so soon that they
    // take fewer turns than any of many; from some hundreds on the number stays within a bound.
    let cost = |count: usize| {
        let (scenarios, link) = (different(count), Link::constant(WIDE));
        let mut shared = Shared::new(&link, &Options::default());
        scenarios.iter().enumerate().for_each(|(id, scenario)| shared.start(id, scenario.check().unwrap(), id as u64));
        let mut changes = 0;
        while !shared.is_empty() {
            changes += shared.advance(Time::NEVER).iter().map(|finished| finished.shares.len()).sum::<usize>();
        }
        (shared.turns() as f64 / count as f64, changes as f64 / count as f64)
    };
    let ((few_turns, few_changes), (turns, changes)) = (cost(512), cost(2048));
    assert!(turns < 1.25 * few_turns, "{few_turns} turns for each of 512, {turns} for each of 2048");
    assert!(changes < 1.25 * few_changes, "{few_changes} shares for each of 512, {changes} for each of 2048");
}

#[test]
fn many_have_the_whole_link_and_nobody_much_more_of_it_than_another() {
    let (scenarios, link) = (different(150), Link::constant(WIDE));
    // Half at once, the others one by one.
    let starts: Vec<Time> = (0..150u64).map(|index| Time(index.saturating_sub(75) * 61_000_000)).collect();
    let finished = run_together(&link, &scenarios, &starts, &Options::default());
    check(&link, &scenarios, &finished, &Options::default()).unwrap();
    let mut busiest = 0;
    for at in finished.iter().flat_map(|one| one.shares.iter().map(|step| Time(one.start.0 + step.0.0))) {
        let under_way = finished.iter().filter(|one| one.start <= at && at < one.end);
        let share = |one: &Finished| one.shares.iter().rfind(|step| one.start.0 + step.0.0 <= at.0).unwrap().1.0;
        let shares: Vec<u64> = under_way.map(share).collect();
        assert_eq!(shares.iter().sum::<u64>(), WIDE.0, "{at}");
        let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
        // A step of one sixteenth up, and a newcomer's share that is one below the poorest.
        assert!(*most as f64 <= 1.13 * *least as f64, "{least} to {most} at {at}");
        busiest = busiest.max(shares.len());
    }
    assert!(busiest > 32, "{busiest} at once say nothing");
}
