//! How far what is known of a guest may be off before the answer is another one.

use rayon::prelude::*;

use super::by::factors;
use super::ladder::{Ladder, Rung};
use super::levers::factor;
use super::search::{self, RungLook, RungState};
use super::{ProbeOutcome, Question};

/// Within which values of one input the answer stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    /// The key.
    pub key: &'static str,
    /// What it stands for, for people.
    pub title: &'static str,
    /// The present value.
    pub now: String,
    /// The last value downwards and upwards for which the answer is the same.
    pub holds: [Edge; 2],
}

/// Where a margin ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The last value with the same answer.
    pub last: String,
    /// Why no value beyond it was looked at; `None`: because beyond it the answer is another one.
    pub end: Option<End>,
}

/// Why nothing beyond a value was looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The loader refuses it.
    Refused(String),
    /// It is far enough.
    Far,
}

/// An input, and its values upwards and downwards.
struct SensitivityInput {
    key: &'static str,
    title: &'static str,
    now: String,
    ladders: [Ladder; 2],
}

/// The margins of everything that users seldom know well.
pub(super) fn margins(question: &Question, as_is: &ProbeOutcome) -> Vec<Margin> {
    let guest = &as_is.scenario.guest;
    let mut inputs: Vec<SensitivityInput> = Vec::new();
    if guest.workloads.iter().any(|workload| workload.rate.0 > 0.0) {
        for (key, title) in [("guest.rate-factor", "write rate"), ("guest.region-factor", "working set")] {
            let now = factor(&question.draft, key);
            inputs.push(SensitivityInput { key, title, now: now.to_string(), ladders: factors(key, now) });
        }
    }
    let share = 100.0 * guest.zero.0 as f64 / guest.memory.0.max(1) as f64;
    inputs.push(zero_pages(share));
    inputs.par_iter().map(|input| input.margin(question, as_is.met)).collect()
}

/// Whole percentages around the present one.
fn zero_pages(share: f64) -> SensitivityInput {
    let key = "guest.zero";
    let rung = |size: f64| Rung { value: format!("{size} %"), ..Rung::of(key, size, "%") };
    let up = Ladder::of_sizes((0..=100).map(f64::from).filter(|size| *size > share), rung);
    let down = Ladder::of_sizes((0..=100).rev().map(f64::from).filter(|size| *size < share), rung);
    SensitivityInput {
        key,
        title: "zero pages",
        now: format!("{} %", (share * 100.0).round() / 100.0),
        ladders: [up, down],
    }
}

impl SensitivityInput {
    fn margin(&self, question: &Question, met: bool) -> Margin {
        let [up, down] = &self.ladders;
        let holds = [self.edge(question, down, met), self.edge(question, up, met)];
        Margin { key: self.key, title: self.title, now: self.now.clone(), holds }
    }

    /// How far a ladder can be climbed with the same answer.
    fn edge(&self, question: &Question, ladder: &Ladder, met: bool) -> Edge {
        let value = |rungs: usize| rungs.checked_sub(1).map_or(self.now.clone(), |at| ladder.rungs[at].value.clone());
        let flips = |rung: &Rung| {
            let seen = question.look(&rung.settings);
            let state = match seen.state {
                RungState::Refused => RungState::Refused,
                state => RungState::of((state == RungState::Met) != met),
            };
            RungLook { state, ..seen }
        };
        if let Some(first) = search::first(ladder, flips) {
            return Edge { last: value(first), end: None };
        }
        let refused = |at: usize| question.load(&ladder.rungs[at].settings).err();
        let count = ladder.rungs.len();
        let accepted = search::halve(0, count, |at| at == count || refused(at).is_some());
        let end = match accepted < count {
            true => End::Refused(refused(accepted).map_or(String::new(), |refusal| refusal.to_string())),
            false => End::Far,
        };
        Edge { last: value(accepted), end: Some(end) }
    }
}
