//! What is said of a real drain.

use std::fmt::Write as _;

use super::named;
use crate::compare::Fate;
use crate::drain::{DrainHost, DrainPlan};
use crate::metrics::{self, Unit};
use crate::replay::{Domain, DrainBeside, GuestBeside, RealAttempt, ReplayPlan};
use crate::sink::table::{Table, TableColumn};
use crate::sink::terminal;
use crate::units::spelling::count;
use crate::units::{Bytes, Rate, Time};

/// What the file of a migration is called.
pub fn file_name(guest: &str, number: u32) -> String {
    // A domain's name may hold what separates folders.
    let guest = guest.replace(['/', '\\'], "-");
    match number {
        1 => format!("{guest}.trace.json"),
        number => format!("{guest}-{number}.trace.json"),
    }
}

/// Where real hosts cannot be held to what was predicted: how the link is shared is up to it.
pub fn unheld(host: &DrainHost, plan: &DrainPlan) -> Vec<String> {
    let mut differences = Vec::new();
    let link = host.link();
    if link.steps.len() > 1 || link.spread.is_some() || link.jitter.is_some() {
        differences.push("the bandwidth of the fleet's link changes, and the real one has its own".to_owned());
    }
    let limits: Vec<Option<Rate>> =
        (0..host.guests().len()).map(|guest| host.max_bandwidth(guest, plan.slots)).collect();
    let unlimited: Vec<&str> = limits
        .iter()
        .zip(host.guests())
        .filter(|(limit, _)| limit.is_none())
        .map(|(_, guest)| guest.name.as_str())
        .collect();
    let mut limits: Vec<u64> = limits.into_iter().flatten().map(|limit| limit.0).collect();
    limits.sort_unstable_by(|one, other| other.cmp(one));
    let together: u64 = limits.iter().take(plan.slots as usize).sum();
    let remedy = "set `scheduler.bandwidth = \"split\"`, or `qemu.max-bandwidth`, to hold both to the same";
    if !unlimited.is_empty() {
        differences.push(format!(
            "{} may send as fast as the real link lets them, and the prediction shares {}; {remedy}",
            named(&unlimited),
            host.bandwidth()
        ));
    } else if together > host.bandwidth().0 {
        differences.push(format!(
            "{} may send {} together, which the prediction shares as a link of {}, and nothing holds the real one \
             to that; {remedy}",
            count(plan.slots as usize, "guest"),
            Rate(together),
            host.bandwidth()
        ));
    }
    let rounded = limits.iter().any(|limit| limit % (1 << 20) != 0);
    if rounded {
        differences
            .push("libvirt limits bandwidth in whole MiB/s, and limits between two of them are rounded up".to_owned());
    }
    differences
}

/// What would be done, guest by guest as they would be started.
pub fn dry_run(host: &DrainHost, plan: &DrainPlan, replays: &[ReplayPlan]) -> String {
    let scheduler = host.scheduler();
    let mut text = format!("Would call, {} at once", plan.slots);
    if scheduler.attempts > 1 {
        let _ = write!(text, ", each guest up to {} times", scheduler.attempts);
    }
    text.push_str(":\n");
    for guest in &plan.sequence {
        for call in replays[*guest].request.calls(&host.guests()[*guest].name) {
            let _ = writeln!(text, "  {call}");
        }
    }
    terminal::lines(&(text + "\nNothing was done.\n")).into_owned()
}

/// The question before anything is done.
pub fn question(domains: &[Domain], source: &str, dest: &str, plan: &DrainPlan) -> String {
    let memory = Bytes(domains.iter().map(|domain| domain.memory.0).sum());
    let names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
    let asked = format!(
        "Migrate {} ({}; {memory} of memory, {} at once) from {source} to {dest}?",
        count(domains.len(), "guest"),
        named(&names),
        plan.slots
    );
    terminal::word(&asked).into_owned()
}

/// Why a migration failed.
pub fn failure(attempt: &RealAttempt) -> String {
    match &attempt.ending {
        Err(error) => error.to_string(),
        Ok(ending) => match (&ending.error, &ending.recording.failure) {
            (Some(error), _) => format!("{error}; {}", super::replay::whereabouts(&ending.recording)),
            (None, Some(failure)) => {
                format!("the migration failed: {failure}; {}", super::replay::whereabouts(&ending.recording))
            }
            (None, None) => String::new(),
        },
    }
}

fn names(beside: &DrainBeside, guests: &[usize]) -> String {
    named(&guests.iter().map(|guest| beside.guests[*guest].name.as_str()).collect::<Vec<_>>())
}

/// Who is still on the host.
pub fn stays(beside: &DrainBeside) -> String {
    match beside.stay().as_slice() {
        [] => "all guests have left".to_owned(),
        stay => format!("still on the host: {}", names(beside, stay)),
    }
}

/// How long it took, and how far the prediction was off.
pub fn summary(beside: &DrainBeside) -> String {
    let ms = |time: Time| metrics::ms((time - Time::ZERO).ms());
    let predicted = ms(beside.predicted.end);
    let took = match (beside.end(), beside.error_pct()) {
        (Some(end), Some(error)) => format!("over after {}, predicted {predicted} ({error:+.1} %)", ms(end)),
        (Some(end), None) => format!("ended after {}, before all was done that was predicted for {predicted}", ms(end)),
        (None, _) => format!("nothing was started; predicted {predicted}"),
    };
    let (stay, expected) = (beside.stay(), &beside.predicted.stay);
    let who = match (stay == *expected, expected.as_slice()) {
        (true, []) => "all guests left, as predicted".to_owned(),
        (true, stay) => format!("{} did not leave, as predicted", names(beside, stay)),
        (false, []) => format!("{}, and all were predicted to leave", stays(beside)),
        (false, expected) => format!("{}, and {} was predicted to stay", stays(beside), names(beside, expected)),
    };
    format!("{took}; {who}")
}

/// A real drain beside the predicted one.
pub fn text(beside: &DrainBeside) -> String {
    let summary = summary(beside);
    let mut text = summary[..1].to_uppercase() + &summary[1..] + "\n";
    let order = match beside.is_in_order() {
        (true, true) => "started and ended in the predicted order",
        (true, false) => "started in the predicted order, ended in another",
        (false, true) => "started in another order than predicted, ended in the predicted one",
        (false, false) => "started and ended in another order than predicted",
    };
    let _ = writeln!(text, "Guests {order}\n");
    let right = TableColumn::RIGHT;
    let mut table = Table::new([TableColumn::LEFT.names(), TableColumn::LEFT, right, right, TableColumn::LEFT, right]);
    table.head(["guest", "", "start", "end", "verdict", "downtime"]);
    for row in beside.rows() {
        predicted_and_measured(beside, &row).into_iter().for_each(|cells| table.row(cells));
    }
    text += &table.text();
    for attempt in beside.measured.iter().filter(|attempt| attempt.fate() == Fate::Failed) {
        let _ = writeln!(text, "{}: {}", beside.guests[attempt.guest].name, failure(attempt));
    }
    text
}

fn predicted_and_measured(beside: &DrainBeside, row: &GuestBeside) -> [[String; 6]; 2] {
    let name = &beside.guests[row.guest].name;
    let name = if row.number > 1 { format!("{name} #{}", row.number) } else { name.clone() };
    let at = |time: Option<Time>| Unit::Ms.show_any(time.map(|time| (time - Time::ZERO).ms().round()));
    let (predicted, measured) = (row.predicted, row.measured);
    let verdict = |fate: Option<Fate>| fate.map_or(metrics::NONE, Fate::as_str).to_owned();
    let outcome = predicted.map(|attempt| &attempt.outcome);
    let downtime = measured.and_then(|real| real.ending.as_ref().ok()?.recording.downtime_ms);
    [
        [
            name,
            "predicted".to_owned(),
            at(predicted.map(|attempt| attempt.start)),
            at(predicted.map(|attempt| attempt.end)),
            verdict(outcome.map(|outcome| outcome.verdict.into())),
            Unit::Ms.show_any(outcome.and_then(|outcome| outcome.downtime_ms)),
        ],
        [
            String::new(),
            "measured".to_owned(),
            at(measured.map(|real| real.start)),
            at(measured.map(|real| real.end)),
            verdict(measured.map(RealAttempt::fate)),
            Unit::Ms.show_any(downtime),
        ],
    ]
}
