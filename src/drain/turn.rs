//! What a planner may turn about a fleet, for all guests or for those in the way: the levers of `plan`.

use super::DrainCandidate;
use crate::plan::{HostLever, Ladder, LeverChange, Rung, of_host};
use crate::scenario::{Fleet, Input, Setting};

/// A setting of some guests at another value.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetChange {
    /// The lever.
    pub lever: String,
    /// Its value as it is.
    pub from: String,
    /// Its new value.
    pub to: String,
    /// Whose it is.
    pub whose: Whose,
    /// What makes it, as `--set` takes it.
    pub sets: Vec<String>,
}

/// Guests of a fleet, by its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All.
    All,
    /// Those of these entries.
    Only(Vec<usize>),
    /// Those of all other entries.
    AllBut(Vec<usize>),
}

/// Changes that are tried together.
pub(super) type Turn = Vec<FleetChange>;

/// Entries that are told apart from the others at most: each is a flag of its own.
const MOST_ENTRIES: usize = 8;
/// How far a number is turned, as multiples of what it is.
const FAR: [f64; 2] = [2.0, 5.0];

/// What can be tried next, the likeliest first: switches and words, pairs of these, then numbers. None where the fleet cannot be
/// read any more.
pub(super) fn turns(input: &Input, fleet: &Fleet, now: &DrainCandidate) -> [Vec<Turn>; 2] {
    let none = [Vec::new(), Vec::new()];
    // One of those in the way stands for all guests: what a lever is now, it is of that one.
    let Some(first) = now.in_the_way.first() else { return none };
    let Some(guest) = fleet.guests.iter().find(|guest| guest.entry == *first) else { return none };
    let Ok(draft) = input.clone().of_guest(*first).draft() else { return none };
    let levers = of_host(&guest.scenario, &draft);
    let entries = 1 + fleet.guests.last().map_or(0, |last| last.entry);
    let is_some = now.in_the_way.len() < entries && now.in_the_way.len() <= MOST_ENTRIES;
    let some = is_some.then(|| Whose::Only(now.in_the_way.clone()));
    let classes: Vec<Whose> = some.into_iter().chain([Whose::All]).collect();

    let (mut words, mut numbers) = (Vec::new(), Vec::new());
    for whose in &classes {
        // Of some guests only what may differ from guest to guest is turned.
        let levers = || levers.iter().filter(|lever| *whose == Whose::All || lever.per_guest);
        let switches: Vec<(usize, FleetChange)> = levers()
            .enumerate()
            .flat_map(|(at, lever)| {
                let rungs =
                    lever.lever.ladders.iter().filter(|ladder| is_word(ladder)).flat_map(|ladder| &ladder.rungs);
                rungs.map(move |rung| (at, FleetChange::of(lever, rung, whose)))
            })
            .collect();
        words.extend(switches.iter().map(|(_, change)| vec![change.clone()]));
        for (at, (lever, one)) in switches.iter().enumerate() {
            let others = switches[at + 1..].iter().filter(|(other, _)| other != lever);
            words.extend(others.map(|(_, other)| vec![one.clone(), other.clone()]));
        }
        for lever in levers() {
            for ladder in lever.lever.ladders.iter().filter(|ladder| !is_word(ladder)) {
                numbers.extend(few(ladder).map(|rung| vec![FleetChange::of(lever, rung, whose)]));
            }
            numbers.extend(lever.caps.iter().flat_map(|caps| &caps.rungs).map(|rung| {
                vec![match whose {
                    // Less for those in the way is of no use; less for the others leaves more to them.
                    Whose::Only(entries) => FleetChange::of(lever, rung, &Whose::AllBut(entries.clone())),
                    whose => FleetChange::of(lever, rung, whose),
                }]
            }));
        }
    }
    [words, numbers]
}

fn is_word(ladder: &Ladder) -> bool {
    ladder.rungs.iter().all(|rung| rung.size.is_nan())
}

/// A few rungs of a ladder of numbers: some way, further, and the last.
fn few(ladder: &Ladder) -> impl Iterator<Item = &Rung> {
    let first = ladder.rungs.first().map_or(1.0, |rung| rung.size);
    let last = ladder.rungs.len().checked_sub(1);
    let reaches = move |rung: &Rung, far: f64| rung.size >= first * far || rung.size <= first / far;
    let mut places: Vec<usize> =
        FAR.iter().filter_map(|far| ladder.rungs.iter().position(|rung| reaches(rung, *far))).chain(last).collect();
    places.dedup();
    places.into_iter().map(|at| &ladder.rungs[at])
}

impl FleetChange {
    fn of(lever: &HostLever, rung: &Rung, whose: &Whose) -> FleetChange {
        let LeverChange { lever, from, to, settings } = lever.lever.change(rung);
        let for_entry = |entry: &usize, setting: &dyn std::fmt::Display| format!("vm.{entry}.{setting}");
        let all = settings.iter().map(Setting::to_string);
        let sets = match whose {
            Whose::All => all.collect(),
            Whose::Only(entries) => {
                entries.iter().flat_map(|entry| settings.iter().map(move |setting| for_entry(entry, setting))).collect()
            }
            // A limit of 0 is none.
            Whose::AllBut(entries) => {
                let lifted = entries.iter().map(|entry| for_entry(entry, &format!("{lever}=0")));
                all.chain(lifted).collect()
            }
        };
        FleetChange { lever, from, to, whose: whose.clone(), sets }
    }

    /// Changes with others after them; of a lever that is turned twice for the same guests the later value holds.
    pub(super) fn and(before: &[FleetChange], after: &[FleetChange]) -> Vec<FleetChange> {
        let twin = |change: &FleetChange, others: &[FleetChange]| {
            others.iter().find(|other| (&other.lever, &other.whose) == (&change.lever, &change.whose)).cloned()
        };
        let kept = before.iter().filter(|change| twin(change, after).is_none()).cloned();
        let later = after.iter().map(|change| {
            let from = twin(change, before).map_or(change.from.clone(), |earlier| earlier.from);
            FleetChange { from, ..change.clone() }
        });
        kept.chain(later).collect()
    }
}
