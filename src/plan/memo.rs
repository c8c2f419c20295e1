//! What was asked already: the search of a lever, pairs and margins ask for the same values.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Refusal;
use crate::scenario::Setting;
use crate::sim::Outcome;

/// Whether settings meet the goal of one question, by what they say.
#[derive(Debug, Default)]
pub struct ProbeMemo {
    known: Mutex<HashMap<String, Result<ProbeAnswer, Refusal>>>,
}

/// What some settings do.
#[derive(Clone, Debug)]
pub(super) struct ProbeAnswer {
    /// Whether they meet the goal.
    pub(super) met: bool,
    /// What came of each run, as far as that had to be known.
    pub(super) outcomes: Arc<[Outcome]>,
}

impl ProbeMemo {
    /// The answer that is known, or else what `ask` says. Nothing is remembered of an `ask` that was stopped.
    pub(super) fn of(
        &self,
        settings: &[Setting],
        ask: impl FnOnce() -> Result<ProbeAnswer, Refusal>,
    ) -> Result<ProbeAnswer, Refusal> {
        let key = settings.iter().map(|setting| format!("{setting}\n")).collect::<String>();
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&key) {
            return known.clone();
        }
        let answer = ask();
        if !answer.as_ref().is_err_and(|refusal| refusal.0.is_empty()) {
            known().insert(key, answer.clone());
        }
        answer
    }
}
