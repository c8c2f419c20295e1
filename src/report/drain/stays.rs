//! Who stays, and why.

use super::super::assumed::named;
use super::super::metrics;
use super::Drained;
use super::answer::link;
use crate::drain::{Attempt, DrainHost, Lack};
use crate::scenario::Assumption;
use crate::sim::Verdict;
use crate::sink::terminal::word;
use crate::units::apart;
use crate::units::spelling::count;

/// What so many guests do.
pub(super) fn stay_or_stays(guests: usize) -> &'static str {
    if guests == 1 { "stays" } else { "stay" }
}

/// A guest that stays, with those like it that end in the same way.
pub(super) struct Stay<'t> {
    /// Its last attempt.
    pub last: &'t Attempt,
    /// Whether it would go alone.
    moves: bool,
    /// Guests like it.
    pub others: usize,
}

/// Every guest that stays, those that are alike once.
pub(super) fn stays<'t>(drained: &Drained<'t>) -> Vec<Stay<'t>> {
    let (host, timetable) = (drained.host, drained.timetable);
    let mut stays: Vec<Stay> = Vec::new();
    let has_no_room =
        |guest: usize| drained.of_host.is_some_and(|of| of.unplaced.iter().any(|unplaced| unplaced.guest == guest));
    for guest in timetable.stay.iter().filter(|guest| !has_no_room(**guest)) {
        let Some(last) = timetable.attempts.iter().rfind(|attempt| attempt.guest == *guest) else { continue };
        let moves = host.alone(*guest).verdict.is_completed();
        // Of one entry, or lines of a table that say the same.
        let is_alike = |one: usize, other: usize| {
            host.guests()[one].entry == host.guests()[other].entry || host.alone(one) == host.alone(other)
        };
        let ends_alike = |known: &Stay| (known.last.outcome.verdict, known.moves) == (last.outcome.verdict, moves);
        match stays.iter_mut().find(|known| ends_alike(known) && is_alike(known.last.guest, *guest)) {
            Some(known) => known.others += 1,
            None => stays.push(Stay { last, moves, others: 0 }),
        }
    }
    stays
}

/// What is missing for a guest that fits nowhere, as a sentence without its end.
pub(super) fn lacking(host: &DrainHost, lack: &Lack) -> String {
    let name = |node: &usize| word(&host.nodes()[*node].name);
    match lack {
        Lack::Hosts => "no other host takes guests by then".to_owned(),
        Lack::Memory { needs, most, node } => {
            let (needs, most) = apart(needs, most);
            format!("it needs {needs} of RAM, and the most that is free on a host is {most}, on {}", name(node))
        }
        Lack::Vcpus { needs, most, node } => {
            format!(
                "it needs {}, and the most that are free on a host are {most}, on {}",
                count(*needs as usize, "vCPU"),
                name(node)
            )
        }
        Lack::Both { needs, vcpus } => {
            format!("it needs {needs} of RAM and {}, and no host has both", count(*vcpus as usize, "vCPU"))
        }
    }
}

/// Guests that stay as there is no room, by what is missing: `a and b fit nowhere`, and why.
pub(super) fn nowhere(drained: &Drained) -> Vec<(String, String)> {
    let mut found: Vec<(&Lack, Vec<&str>)> = Vec::new();
    for unplaced in drained.of_host.into_iter().flat_map(|of| &of.unplaced) {
        let name = drained.host.guests()[unplaced.guest].name.as_str();
        match found.iter_mut().find(|(lack, _)| **lack == unplaced.lack) {
            Some((_, names)) => names.push(name),
            None => found.push((&unplaced.lack, vec![name])),
        }
    }
    let who = |names: &[&str]| format!("{} {} nowhere", named(names), if names.len() == 1 { "fits" } else { "fit" });
    found.into_iter().map(|(lack, names)| (who(&names), lacking(drained.host, lack))).collect()
}

/// What became of it, what held it back, and what it would do alone.
pub(super) fn explained(drained: &Drained, stay: &Stay) -> String {
    let Stay { last, moves, .. } = *stay;
    let host = drained.host;
    let guest = &host.guests()[last.guest];
    let (alone, whole) = (host.alone(last.guest), link(drained));
    let held = host.max_bandwidth(last.guest, drained.plan.slots);
    let held = held.filter(|max| last.share.is_some_and(|share| *max < share));
    let had = match (held, last.share) {
        (Some(max), Some(share)) => {
            let (max, share) = apart(&max, &share);
            format!("`max-bandwidth` held it to {max} of its {share} of the link")
        }
        (None, Some(share)) => format!("It had {share} of the link on average"),
        (_, None) => "It took no time".to_owned(),
    };
    let ends = if moves {
        format!("{had}; alone, with {whole}, it is moved in {}.", metrics::ms(alone.total_time_ms))
    } else if held.is_some() {
        let unlimited = host.unlimited(last.guest);
        // A limit that nobody asked for is said at the foot of the page, with the flag that lifts it.
        let is_own = guest.scenario.assumed.iter().any(|open| matches!(open, Assumption::MaxBandwidth(_)));
        let flag = if is_own { "" } else { ": `--set qemu.max-bandwidth=0`" };
        match unlimited.verdict.is_completed() {
            true => format!(
                "{had}; alone and without that limit it is moved in {}{flag}.",
                metrics::ms(unlimited.total_time_ms)
            ),
            false => format!("{had}; without that limit it does not converge either."),
        }
    } else if *alone != last.outcome {
        "It does not converge with the whole link either.".to_owned()
    } else {
        String::new()
    };
    let ended = match last.outcome.verdict {
        Verdict::NotConverged => format!(" after `limits.time` of {}", metrics::ms(last.outcome.total_time_ms)),
        _ => String::new(),
    };
    let goes_on = match (last.outcome.verdict, &guest.scenario.orchestrator) {
        (Verdict::NotConverged, Some(policy)) => {
            format!("That limit is this simulation's own; {} goes on: `--set limits.time=24h`. ", policy.name)
        }
        _ => String::new(),
    };
    format!("{}{ended}: {}. {goes_on}{ends}", last.outcome.verdict.as_str(), last.outcome.reason)
}
