//! A sentence that compares two amounts shows which of them is more.

mod drawn;

use std::path::Path;

use precopy::report::{Provenance, Report, text};
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Memory, Options, Outcome, Reason, Timeline};

/// Migrations that are drawn.
const DRAWN: u64 = 1500;

fn run(scenario: &Scenario) -> (Outcome, Timeline) {
    sim::run(scenario, &Options { timeline: true, ..Options::default() }).unwrap()
}

fn page(scenario: &Scenario, outcome: &Outcome, timeline: &Timeline) -> String {
    let provenance = Provenance::new("drawn".to_owned(), scenario.qemu.version, 1, Memory::default());
    let text = text::page(&Report { provenance: &provenance, outcome, timeline }, 120);
    anstream::adapter::strip_str(&text).to_string()
}

/// The words between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(words, _)| words)
}

/// What was dirtied, of a guest of which too much was left.
fn dirtied_words(reason: &str) -> Option<&str> {
    let flat = between(reason, "; in the end passes hardly got shorter, as ", " were dirtied again");
    flat.or_else(|| between(reason, "; in the last period ", " were dirtied"))
}

/// What is wrong with the sentences on a page.
fn contradiction(outcome: &Outcome, page: &str) -> Option<String> {
    let reason = outcome.reason.to_string();
    let wrong = match outcome.reason.cause() {
        Reason::TooMuch { left, threshold, dirtied, sent, .. } => {
            let first = reason.split(" were left").next();
            left <= threshold
                || dirtied_words(&reason).is_none()
                || first == between(&reason, "more than the ", " that fit")
                || dirtied_words(&reason) == between(&reason, " while ", " could be") && dirtied != sent
        }
        Reason::Fits { pending, threshold, .. } => {
            let first = reason.split(" were left").next();
            pending > threshold || (first == between(&reason, "within the ", " that fit")) != (pending == threshold)
        }
        Reason::TooFast { dirtied, sent, .. } => {
            let words = (between(&reason, "still dirtied ", " while "), between(&reason, " while ", " could be sent"));
            dirtied < sent || (dirtied > sent && words.0 == words.1)
        }
        _ => false,
    };
    if wrong {
        return Some(reason);
    }
    let line = page.lines().find(|line| line.trim_start().starts_with("blackout"))?;
    let figure = between(line, "blackout", "  guest stopped")?.trim();
    let longer = line.split_once("longer than the downtime-limit of ").is_some_and(|(_, limit)| limit == figure);
    (longer || reason.contains(" 0 bit/s")).then(|| line.to_owned())
}

#[test]
fn what_a_sentence_compares_can_be_told_apart() {
    for index in 0..DRAWN {
        let scenario = drawn::scenario(index);
        let (outcome, timeline) = run(&scenario);
        if let Some(sentence) = contradiction(&outcome, &page(&scenario, &outcome, &timeline)) {
            panic!("drawn migration {index}: {sentence}");
        }
    }
}

/// What is left in the middle of a pass is less than what was left when QEMU last decided.
#[test]
fn what_is_left_is_held_against_the_threshold_at_the_last_sync() {
    let text = "[guest]\nmemory = \"512 MiB\"\n[[guest.workload]]\nkind = \"curve\"\npoints = [[\"1 s\", 46592], [\"2 s\", 44032], \
                [\"5 s\", 39680], [\"20 s\", 51200]]\n[link]\nbandwidth = \"18 Gbit/s\"\n[qemu]\nversion = \"10.0\"\naccel = \"tcg\"\n\
                auto-converge = true\nfirst-migration = false\nmax-bandwidth = \"100 MiB/s\"";
    for time in 30..60 {
        let sets = [format!("limits.time={time} s")];
        let scenario = Input::new("x.toml", text, &sets).unwrap().load().expect("it is right").scenario;
        let (outcome, timeline) = run(&scenario);
        assert_eq!(contradiction(&outcome, &page(&scenario, &outcome, &timeline)), None, "{time} s");
    }
}

fn read(path: &str, sets: &[&str]) -> Scenario {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    Input::new(path, &text, &sets).unwrap().load().expect("the file is right").scenario
}

#[test]
fn a_migration_that_ends_after_its_time_limit_says_so() {
    let scenario = read("tests/data/breaking/after-limit.toml", &[]);
    let (outcome, _) = run(&scenario);
    assert!(outcome.verdict.is_completed() && outcome.total_time_ms > scenario.limits.time.ms());
    assert!(outcome.reason.to_string().contains("it ended after the time limit of 10 s"), "{}", outcome.reason);
    for index in 0..DRAWN {
        let scenario = drawn::scenario(index);
        let (outcome, _) = run(&scenario);
        let late = outcome.verdict.is_completed() && outcome.total_time_ms > scenario.limits.time.ms();
        assert_eq!(matches!(outcome.reason, Reason::PastLimit { .. }), late, "{index}: {}", outcome.reason);
    }
}

#[test]
fn a_link_that_carries_next_to_nothing_is_not_called_nothing() {
    let scenario = read("scenarios/idle-guest.toml", &["link.bandwidth=\"8 bit/s\""]);
    let (outcome, timeline) = run(&scenario);
    let page = page(&scenario, &outcome, &timeline);
    // Nothing at all was sent in that hour, so that the mean rate is 0.
    let said = page.lines().filter(|line| !line.contains("mean rate"));
    assert!(!said.collect::<String>().contains(" 0 bit/s") && page.contains("over a link of 8 bit/s"), "{page}");
}
