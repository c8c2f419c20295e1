//! What was asked already: the search of a lever, pairs and margins ask for the same values.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Refusal;
use crate::scenario::Setting;

/// Whether settings meet the goal of one question, by what they say.
#[derive(Debug, Default)]
pub struct ProbeMemo {
    known: Mutex<HashMap<String, Result<bool, Refusal>>>,
}

impl ProbeMemo {
    /// The answer that is known, or else what `ask` says. Nothing is remembered of an `ask` that was stopped.
    pub(super) fn of(
        &self,
        settings: &[Setting],
        ask: impl FnOnce() -> Result<bool, Refusal>,
    ) -> Result<bool, Refusal> {
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
