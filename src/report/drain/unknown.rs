//! Guests of unknown workload: the drain with what is assumed of them at worst, and who is to be measured first.

use super::super::assumed::named;
use super::Drained;
use super::stays::stay_or_stays;
use crate::drain::WriteBudget;
use crate::sink::terminal::wrapped;
use crate::units::Bytes;
use crate::units::spelling::count;

/// Guests, or sets of guests that may write as much, that are named.
const NAMED: usize = 3;

/// A line: what comes of it if they write what is assumed at worst.
pub(super) fn worst(drained: &Drained) -> Option<String> {
    let worst = drained.worst?;
    let guests = drained.host.guests();
    let ends = match worst.timetable.empty() {
        Some(at) => format!("empty after {at}"),
        None => {
            let stay: Vec<&str> = worst.timetable.stay.iter().map(|guest| guests[*guest].name.as_str()).collect();
            format!("not empty after {}, {} {}", worst.timetable.end, named(&stay), stay_or_stays(stay.len()))
        }
    };
    let goal = match (drained.judgement, worst.is_met) {
        (Some(_), true) => ", as wanted",
        (Some(_), false) => ", not as wanted",
        (None, _) => "",
    };
    let missed = if drained.judgement.is_some() { worst.missed.as_slice() } else { &[] };
    let missed: String = missed.iter().map(|line| format!("; {line}")).collect();
    Some(format!("at worst, if those of unknown workload {}: {ends}{goal}{missed}", worst.words))
}

/// Who is to be measured first, and what they may write; nothing where all leave whatever they write.
pub(super) fn measure_first(drained: &Drained, width: usize) -> String {
    let bounded: Vec<&WriteBudget> = drained.budgets.iter().filter(|budget| !budget.is_unbounded()).collect();
    if bounded.is_empty() {
        return String::new();
    }
    let alike: Vec<&[&WriteBudget]> = bounded.chunk_by(|one, next| one.most == next.most).collect();
    let guests = drained.host.guests();
    let words = alike.iter().take(NAMED).map(|alike| {
        let names: Vec<&str> = alike.iter().map(|budget| guests[budget.guest].name.as_str()).collect();
        match alike[0].most.0 {
            0 => format!("{} (not even when idle)", named(&names)),
            most => format!("{} (up to {}/s)", named(&names), Bytes(most)),
        }
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let more = match alike.iter().skip(NAMED).map(|alike| alike.len()).sum::<usize>() {
        0 => String::new(),
        more => format!("; {} may write more", count(more, "other")),
    };
    let kept = if drained.goal.owed.is_empty() { "it leaves" } else { "it leaves and has what it is owed" };
    let text = format!("measure first, with what a guest may write so that {kept}: {words}{more}");
    wrapped(&text, width).iter().map(|line| format!("{line}\n")).collect()
}
