//! Reads the goals that a command line names.

use super::Failure;
use super::diagnostics::{Severity, render};
use crate::goal::Goal;
use crate::scenario::Input;

/// Reads every value of a flag that may be given several times; all must hold.
///
/// # Errors
/// [`Failure::Scenario`]: comparisons in it are wrong; all of them are drawn.
pub(super) fn read(flag: &str, texts: &[String]) -> Result<Goal, Failure> {
    let (mut goal, mut drawn) = (Goal::default(), Vec::new());
    for text in texts {
        match Goal::parse(text) {
            Ok(read) => goal = goal.and(read),
            Err(faults) => {
                let input = Input::new(flag, text, &[]).map_err(|error| Failure::Input(error.to_string()))?;
                drawn.push(render(&input, Severity::Error, &faults, true));
            }
        }
    }
    if drawn.is_empty() { Ok(goal) } else { Err(Failure::Scenario(drawn.join("\n"))) }
}
