//! The answer of a drain in plain words: one sentence, and what it rests on.

use super::super::metrics;
use super::stays::stay_or_stays;
use super::{Drained, owed, unknown};
use crate::orchestrator::scheduler::{LinkDivision, QueueOrder};
use crate::units::spelling::count;

/// The answer, for a heading and a line.
pub(super) struct DrainAnswer {
    /// `yes`, `no` or `cannot tell`, where something was demanded.
    pub word: Option<&'static str>,
    /// `host empty`, `host not empty`.
    pub title: &'static str,
    /// The rest of the sentence.
    pub rest: String,
    /// How it is to be taken.
    pub tone: AnswerTone,
}

/// How an answer is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerTone {
    /// As wanted.
    Good,
    /// It hangs on what is not known.
    Open,
    /// Not as wanted, or somebody stays.
    Bad,
}

impl DrainAnswer {
    pub(super) fn of(drained: &Drained) -> DrainAnswer {
        let (guests, stay) = (drained.host.guests().len(), drained.timetable.stay.len());
        let clause =
            drained.judgement.map(|judgement| owed::clause(drained, judgement)).filter(|text| !text.is_empty());
        let clause = clause.map_or_else(String::new, |clause| format!(", {clause}"));
        let clause = format!("{clause}{}", condition(drained));
        let (title, rest) = match drained.timetable.empty() {
            Some(at) => ("host empty", format!(" after {at}, {} moved{clause}", count(guests, "guest"))),
            None => {
                let (moved, guests, end) = (guests - stay, count(guests, "guest"), drained.timetable.end);
                let verb = stay_or_stays(stay);
                ("host not empty", format!(": {moved} of {guests} moved after {end}, {stay} {verb}{clause}"))
            }
        };
        let word = drained.judgement.map(|judgement| owed::yes_or_no(drained, judgement));
        let is_met = drained.judgement.map_or(stay == 0, |judgement| owed::is_met(drained, judgement));
        let tone = match word {
            _ if !is_met => AnswerTone::Bad,
            Some("yes") => AnswerTone::Good,
            _ if drained.provenance.assumed.condition().is_some() => AnswerTone::Open,
            _ => AnswerTone::Good,
        };
        DrainAnswer { word, title, rest, tone }
    }

    /// The words in front: `yes: host empty`.
    pub(super) fn lead(&self) -> String {
        self.word.map_or_else(|| self.title.to_owned(), |word| format!("{word}: {}", self.title))
    }
}

/// What stands under the answer: whose rules, what it costs the guests, what is not kept, what may be at worst.
pub(super) fn grounds(drained: &Drained) -> Vec<String> {
    [rules(drained), cost(drained)]
        .into_iter()
        .chain(which(drained))
        .chain(owed::lines(drained))
        .chain(unknown::worst(drained))
        .chain(remedies(drained))
        .collect()
}

/// Which of many drains is shown.
fn which(drained: &Drained) -> Option<String> {
    let (seed, drains) = (drained.provenance.seed, count(drained.repeats.len(), "drain"));
    (!drained.repeats.is_empty())
        .then(|| format!("shown is the drain with seed {seed}; \"{drains}\" below tells of all"))
}

/// What one change for all guests would make of it, where something is to be mended.
fn remedies(drained: &Drained) -> Option<String> {
    let guests = drained.host.guests().len();
    let words = drained.remedies.iter().map(|remedy| {
        let ends = match (remedy.score.stay, remedy.score.end) {
            (0, end) => format!("empty after {end}"),
            (stay, end) => format!("{} of {guests} moved after {end}", guests - stay),
        };
        let goals = match remedy.score.missed {
            _ if drained.judgement.is_none() => String::new(),
            0 => ", as wanted".to_owned(),
            some => format!(", {} missed", count(some, "goal")),
        };
        format!("`--set {}`: {ends}{goals}", remedy.set)
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| format!("what would help: {}", words.join("; ")))
}

fn rules(drained: &Drained) -> String {
    let Drained { host, plan, .. } = drained;
    let (scheduler, speed, link) = (host.scheduler(), host.bandwidth(), link(drained));
    let order = drained.found.map_or(Some(scheduler.order), |found| found.best.order);
    let rules = format!("{}: {} at a time, {}", scheduler.name, plan.slots, words(order));
    match scheduler.bandwidth {
        LinkDivision::Fair => format!("{rules}, fair shares of {link}"),
        bandwidth => {
            let cap = bandwidth.cap(speed, plan.slots).unwrap_or(speed);
            format!("{rules}, at most {cap} each of {link}")
        }
    }
}

fn cost(drained: &Drained) -> String {
    let timetable = drained.timetable;
    let lost = metrics::ms(timetable.work_lost_ms());
    let lost = if timetable.is_cut_off() { format!("at least {lost}") } else { lost };
    let downtime = match timetable.downtime_ms() {
        Some((longest, sum)) => {
            let of = if timetable.stay.is_empty() { "" } else { " of those moved" };
            format!("downtime{of} up to {}, {} in sum", metrics::ms(longest), metrics::ms(sum))
        }
        None => "no guest was moved, so that there is no downtime".to_owned(),
    };
    format!("{downtime}; {lost} of the guests' work not done")
}

/// What every answer hangs on, behind a comma; nothing where the workload of each guest is known, or the answer is the same at
/// worst.
pub(super) fn condition(drained: &Drained) -> String {
    if let (Some(worst), Some(_)) = (drained.worst.filter(|worst| worst.is_met), drained.judgement) {
        return format!(", whether those of unknown workload are idle or {}", worst.words);
    }
    drained.provenance.assumed.condition().map_or_else(String::new, |condition| format!(", {condition}"))
}

/// An order in words.
pub fn words(order: Option<QueueOrder>) -> String {
    match order {
        Some(QueueOrder::AsGiven) => "as given".to_owned(),
        Some(QueueOrder::Priority) => "by priority".to_owned(),
        Some(order) => order.as_str().replace('-', " "),
        None => "in an order of its own".to_owned(),
    }
}

/// What the link carries while the drain goes on: a rate, or the lowest and the highest.
pub(super) fn link(drained: &Drained) -> String {
    let steps = &drained.host.link().steps;
    let rates = steps.iter().filter(|(from, _)| *from <= drained.timetable.end).map(|(_, rate)| *rate);
    match (rates.clone().min(), rates.max()) {
        (Some(low), Some(high)) if low < high => format!("{low} to {high}"),
        _ => drained.host.bandwidth().to_string(),
    }
}
