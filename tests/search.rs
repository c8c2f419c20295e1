//! What a search over settings promises: it is never worse than what is given, its flags make what it says, and a wider link does no
//! harm.

mod drawn;

use drawn::Draw;
use precopy::drain::{DrainFound, DrainGoal, DrainHost, DrainSearch, GuestNames, OwedGoal, SearchLimits, Whose, drain};
use precopy::goal::Goal;
use precopy::scenario::{Fleet, Input};
use precopy::sim::Options;
use precopy::units::Span;

const LIMITS: SearchLimits = SearchLimits { slots: 3, settings: 60, exchanges: 8 };
/// Fleets that are drawn.
const FLEETS: u64 = 24;
/// What their guests are owed, and the window [ms].
const STALL_MS: f64 = 600.0;
const WINDOW_MS: u64 = 240_000;

fn input(text: &str, sets: &[String]) -> Input {
    Input::new("fleet.toml", text, sets).unwrap()
}

fn fleet(text: &str, sets: &[String]) -> Fleet {
    input(text, sets).load_fleet().unwrap_or_else(|faults| panic!("{sets:?}: {faults}")).fleet
}

fn searched(text: &str, sets: &[String], goal: &DrainGoal) -> DrainFound {
    let host = DrainHost::new(&fleet(text, sets), &Options::default()).unwrap();
    DrainSearch { host: &host, input: Some(&input(text, sets)), goal, limits: LIMITS, done: &|| () }.run().unwrap()
}

fn owed(text: &str) -> Vec<OwedGoal> {
    vec![OwedGoal { guests: GuestNames::read("*"), goal: Goal::parse(text).unwrap() }]
}

fn goal() -> DrainGoal {
    let owed = owed(&format!("longest_stall_ms <= {STALL_MS}"));
    DrainGoal { window: Some(Span::from_ms(WINDOW_MS)), owed }
}

/// A host under one product, with some guests that write too much.
fn drawn_fleet(index: u64) -> String {
    let draw = &mut Draw::new(index);
    let kind = draw.of(&["nova", "kubevirt", "slots", "ovirt"]);
    let mut text = format!("[scheduler]\nkind = \"{kind}\"\n[limits]\ntime = \"10 min\"\n[guest]\nvcpus = 2\n");
    if kind == "slots" {
        text += "[qemu]\nmax-bandwidth = 0\n";
    }
    for number in 0..draw.of(&[2, 3, 4]) {
        let (memory, rate) = (draw.of(&[1, 2, 4, 8]), draw.log_between(1e3, 6e5));
        text += &format!(
            "[[vm]]\nname = \"g{number}\"\nguest.memory = \"{memory} GiB\"\n\
             guest.workload = [{{ kind = \"uniform\", region = \"{} MiB\", rate = \"{rate:.0} pages/s\" }}]\n",
            memory * 700
        );
    }
    text
}

fn link(gbit: u64) -> Vec<String> {
    vec![format!("link.bandwidth={gbit} Gbit/s")]
}

#[test]
fn what_is_found_is_never_worse_than_what_is_given_and_its_flags_make_it() {
    let (goal, mut better, mut with_settings, mut of_some) = (goal(), 0, 0, 0);
    for index in 0..FLEETS {
        let text = drawn_fleet(index);
        let found = searched(&text, &link(10), &goal);
        let host = DrainHost::new(&fleet(&text, &link(10)), &Options::default()).unwrap();
        assert_eq!(found.given.score, goal.score(host.guests(), &drain(&host, &host.plan())));
        assert!(found.best.score <= found.given.score, "{text}\n{found:?}");
        better += usize::from(found.best.score < found.given.score);
        assert!(found.answers.0.len() <= 5 && found.answers.0[0].1 == found.best);
        for (reason, answer) in &found.answers.0 {
            let sets = [link(10), answer.sets()].concat();
            let host = DrainHost::new(&fleet(&text, &sets), &Options::default()).unwrap();
            let timetable = drain(&host, &answer.plan);
            assert_eq!(goal.score(host.guests(), &timetable), answer.score, "{reason:?} {sets:?}\n{text}");
            assert_eq!((answer.score.stay, answer.score.missed), (found.best.score.stay, found.best.score.missed));
            if let Some(order) = answer.order {
                assert_eq!(host.sequence(order), answer.plan.sequence);
            }
            with_settings += usize::from(!answer.changes.is_empty());
            of_some += answer.changes.iter().filter(|change| change.whose != Whose::All).count();
            if !answer.score.is_as_wanted() {
                continue;
            }
            // What a goal accepts, the rows confirm one by one.
            assert!(timetable.stay.is_empty() && timetable.end.whole_ms() <= WINDOW_MS);
            for attempt in &timetable.attempts {
                assert!(attempt.outcome.longest_stall_ms <= STALL_MS, "{:?}", attempt.outcome);
            }
            // Alone on the link and without a scheduler's cap a guest goes as it does by itself.
            if answer.plan.slots == 1 && host.scheduler().bandwidth.cap(host.bandwidth(), 1).is_none() {
                for guest in 0..host.guests().len() {
                    assert!(goal.holds_for(&host.guests()[guest].name, host.alone(guest)), "{sets:?}\n{text}");
                }
            }
        }
    }
    assert!(better > 12 && with_settings > 12 && of_some > 0, "{better} {with_settings} {of_some}");
}

#[test]
fn more_link_never_makes_a_searched_answer_worse() {
    let goal = goal();
    for index in 0..FLEETS {
        let text = drawn_fleet(index);
        let [narrow, wide] = [5, 10].map(|gbit| searched(&text, &link(gbit), &goal).best.score);
        assert!((wide.stay, wide.missed) <= (narrow.stay, narrow.missed), "{narrow:?} {wide:?}\n{text}");
        if (wide.stay, wide.missed) == (narrow.stay, narrow.missed) && wide.stay == 0 {
            assert!(wide.end.0 as f64 <= 1.02 * narrow.end.0 as f64, "{narrow:?} {wide:?}\n{text}");
        }
    }
}

#[test]
fn a_search_is_the_same_with_any_number_of_threads() {
    let text = drawn_fleet(1);
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| searched(&text, &link(10), &goal()));
        format!("{found:?}")
    };
    assert_eq!(of(1), of(3));
}

/// Under Nova neither post-copy alone nor the action at the timeout alone moves a guest that nothing else may slow down.
#[test]
fn settings_that_only_work_together_are_found_together() {
    let text = "[scheduler]\nkind = \"nova\"\n[guest]\nmemory = \"4 GiB\"\nvcpus = 2\n[[vm]]\nname = \"busy\"\n\
        guest.workload = [{ kind = \"uniform\", region = \"3500 MiB\", rate = \"900000 pages/s\" }]\n\
        [[vm]]\nname = \"calm\"\nguest.workload = [{ kind = \"idle\" }]\n";
    let goal = DrainGoal { window: None, owed: owed("longest_stall_ms <= 500, running_slowdown_pct <= 15") };
    let found = searched(text, &link(10), &goal);
    assert!(found.best.score.is_as_wanted(), "{found:?}");
    let levers: Vec<&str> = found.best.changes.iter().map(|change| change.lever.as_str()).collect();
    for lever in ["live_migration_permit_post_copy", "live_migration_timeout_action"] {
        assert!(levers.contains(&format!("orchestrator.{lever}").as_str()), "{levers:?}");
    }
}
