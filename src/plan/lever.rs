//! Something that can be changed about a migration, and the values that are tried of it.

use std::ops::RangeInclusive;

use crate::scenario::Setting;
use crate::scenario::diagnostic::DiagnosticKind;

use super::{Ladder, LeverChange, NoHelp, ProbeOutcome, Question, Rung};

/// Something that can be changed.
#[derive(Clone, Debug)]
pub struct PlanLever {
    /// The key that says most about it.
    pub name: String,
    /// Its value as it is, for people.
    pub now: String,
    /// Its other values, in every direction; none where there is nothing to change.
    pub ladders: Vec<Ladder>,
    /// What to know where it does not help.
    pub note: Option<&'static str>,
}

impl PlanLever {
    /// Whether it is the guest's own: nothing that a host can set, and its price is in no figure of the outcome.
    pub(super) fn is_of_guest(&self) -> bool {
        self.name.starts_with("guest.")
    }

    /// Whether it is an option of QEMU.
    pub(super) fn is_of_qemu(&self) -> bool {
        self.name.starts_with("qemu.")
    }

    /// The change to one of its rungs.
    pub(crate) fn change(&self, rung: &Rung) -> LeverChange {
        LeverChange {
            lever: self.name.clone(),
            from: self.now.clone(),
            to: rung.value.clone(),
            settings: rung.settings.clone(),
        }
    }

    /// Why none of its values is enough.
    pub(super) fn why_not(&self, question: &Question, as_is: &ProbeOutcome) -> NoHelp {
        let lever = self.name.clone();
        let alike = |why: String| NoHelp { lever: self.name.clone(), brief: why.clone(), why };
        let rungs = || self.ladders.iter().flat_map(|ladder| ladder.rungs.iter().rev());
        let Some((rung, answer)) = rungs().find_map(|rung| Some((rung, question.ask(&rung.settings).ok()?))) else {
            let nearest = self.ladders.iter().find_map(|ladder| ladder.rungs.first());
            let refused =
                nearest.and_then(|rung| question.ask(&rung.settings).err()).map(|refusal| refusal.to_string());
            return alike(refused.or(self.note.map(str::to_owned)).unwrap_or("there is nothing to change".to_owned()));
        };
        let odd = answer.warnings.iter().find(|warning| warning.kind.key() == Some(&self.name));
        let overridden = odd.filter(|warning| matches!(warning.kind, DiagnosticKind::Overridden(_)));
        if let Some(warning) = overridden.filter(|_| answer.outcome != as_is.outcome) {
            return alike(format!("changes nothing for long: {}", warning.label));
        }
        if answer.outcome == as_is.outcome {
            let odd = odd.map(|warning| warning.label.clone()).or(self.note.map(str::to_owned));
            return alike(odd.map_or("changes nothing".to_owned(), |odd| format!("changes nothing: {odd}")));
        }
        let note = self.note.map_or(String::new(), |note| format!("; {note}"));
        let at = match rung.value.as_str() {
            "true" | "false" => String::new(),
            // Words are a clause, and an amount begins with its number.
            value if value.contains(' ') && value.starts_with(char::is_alphabetic) => format!("even if {value}: "),
            value => format!("even at {value}: "),
        };
        let why = format!("{at}{}{note}", question.complaint(&answer.outcome, None));
        NoHelp { lever, why, brief: format!("{at}{}{note}", question.complaint(&answer.outcome, Some(&as_is.outcome))) }
    }
}

/// A lever without a note.
pub(super) fn lever(name: &str, now: impl ToString, ladders: impl Into<Vec<Ladder>>) -> PlanLever {
    PlanLever { name: name.to_owned(), now: now.to_string(), ladders: ladders.into(), note: None }
}

/// On or off.
pub(super) fn switch(name: &str, now: bool) -> PlanLever {
    let other = Rung::word(&(!now).to_string(), vec![Setting::new(name.to_owned(), !now)]);
    lever(name, now, [Ladder::switch(other)])
}

/// Whole per cent.
pub(super) fn percent(name: &str, now: u8, range: &RangeInclusive<u8>) -> PlanLever {
    let rung = |size: f64| Rung { value: format!("{size} %"), ..Rung::of(name, size, "") };
    let up = Ladder::of_sizes((now + 1..=*range.end()).map(f64::from), rung);
    let down = Ladder::of_sizes((*range.start()..now).rev().map(f64::from), rung);
    lever(name, format!("{now} %"), [up, down])
}
