//! What `virsh` printed of a host: what `precopy survey --from` reads.

use std::sync::atomic::AtomicBool;

use precopy::fit::CalcMode;
use precopy::scenario::Input;
use precopy::survey::{Answers, AnswersClock, SurveyPlan, SurveyedHost, fleet, measure};

use super::{settle, text};

/// Surveys the host that the bytes describe, as often as they have measurements. The fleet that is written can be read.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let mut answers = match Answers::parse(text) {
        Ok(answers) => answers,
        Err(damaged) => return assert!(damaged.line > 0 && !damaged.why.is_empty(), "{damaged}"),
    };
    let (periods, times) = answers.lengths();
    let Ok(guests) = answers.guests() else { return };
    let plan = SurveyPlan::in_turn(guests.len(), &periods, times);
    let mut clock = AnswersClock::default();
    let found = measure(&mut answers, &mut clock, guests, plan, CalcMode::DirtyBitmap, &AtomicBool::new(false), || ());
    let written = fleet(&found, "virsh", None).text;
    let input = Input::new("fleet.toml", &written, &[]).unwrap();
    let loaded = input.load_fleet().map(|loaded| (loaded.fleet, loaded.warnings));
    settle(&input, loaded);
}
