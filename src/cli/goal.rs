//! Reads the goals that a command line names.

use super::Failure;
use super::refused::Refused;
use crate::drain::{GuestNames, OwedGoal};
use crate::goal::Goal;
use crate::report::named;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::{Fleet, GuestSla, Input};
use crate::units::spelling::nearest;

/// Reads every value of a flag that may be given several times; all must hold.
///
/// # Errors
/// [`Failure::Scenario`]: comparisons in it are wrong; all of them are drawn.
pub(super) fn read(flag: &str, texts: &[String]) -> Result<Goal, Failure> {
    let goals = all(flag, texts.iter().map(String::as_str), Goal::parse)?;
    Ok(goals.into_iter().fold(Goal::default(), Goal::and))
}

/// What guests of a fleet are owed: in its own `[[sla]]`, and in each `--goal`, with names before a colon.
///
/// # Errors
/// [`Failure::Scenario`]: comparisons are wrong; all of them are drawn.
pub(super) fn owed(input: &Input, fleet: &Fleet, texts: &[String]) -> Result<Vec<OwedGoal>, Failure> {
    let own = |sla: &GuestSla| match Goal::parse(&sla.goal) {
        Ok(goal) => Ok(OwedGoal { guests: GuestNames::read(&sla.guests), goal }),
        Err(faults) => Err(faults.into_iter().map(|fault| sla.fault(fault)).collect::<Vec<_>>()),
    };
    let (goals, faults): (Vec<_>, Vec<_>) = fleet.sla.iter().map(own).partition(Result::is_ok);
    let faults: Vec<Diagnostic> = faults.into_iter().filter_map(Result::err).flatten().collect();
    if !faults.is_empty() {
        return Err(Failure::Scenario(Refused::one(input, &faults)));
    }
    let flags = all("--goal", texts.iter().map(String::as_str), |text| {
        // No comparison has a colon.
        let (names, goal) = text.split_once(':').unwrap_or(("*", text));
        let behind = text.len() - goal.len();
        let moved =
            |fault: Diagnostic| Diagnostic { span: fault.span.start + behind..fault.span.end + behind, ..fault };
        match Goal::parse(goal) {
            Ok(goal) => Ok(OwedGoal { guests: GuestNames::read(names), goal }),
            Err(faults) => Err(faults.into_iter().map(moved).collect()),
        }
    })?;
    let all: Vec<OwedGoal> = goals.into_iter().filter_map(Result::ok).chain(flags).collect();
    let names = || fleet.guests.iter().map(|guest| guest.name.as_str());
    for OwedGoal { guests, .. } in &all {
        if let Some(nobody) = guests.nobody(names) {
            let help = match nearest(nobody, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fleet has {}", named(&names().collect::<Vec<_>>())),
            };
            let title = format!("a goal is for `{nobody}`, and no guest is called so");
            return Err(Failure::Input(format!("{title}; {help} `*` stands for any letters")));
        }
    }
    Ok(all)
}

/// Reads each text; what is wrong in any of them is drawn.
fn all<'t, T>(
    flag: &str,
    texts: impl Iterator<Item = &'t str>,
    read: impl Fn(&str) -> Result<T, Vec<Diagnostic>>,
) -> Result<Vec<T>, Failure> {
    let (mut found, mut refused) = (Vec::new(), Refused::default());
    for text in texts {
        match read(text) {
            Ok(one) => found.push(one),
            Err(faults) => {
                let input = Input::new(flag, text, &[]).map_err(|error| Failure::Input(error.to_string()))?;
                refused.add(&input, faults);
            }
        }
    }
    if refused.is_empty() { Ok(found) } else { Err(Failure::Scenario(refused)) }
}
