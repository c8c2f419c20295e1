//! Who is measured when, and for how long.

use std::collections::VecDeque;

use crate::units::Span;

/// Guests that are measured at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyRound {
    /// Not before; since the survey began.
    pub at: Span,
    /// By their places in the list.
    pub guests: Vec<usize>,
    /// For how long.
    pub period: Span,
}

/// All rounds.
#[derive(Clone, Debug)]
pub struct SurveyPlan {
    listed: VecDeque<SurveyRound>,
    steady: Option<Steady>,
    /// After all others.
    last: Option<SurveyRound>,
    rounds: usize,
}

/// All guests again and again.
#[derive(Clone, Debug)]
struct Steady {
    guests: usize,
    period: Span,
    every: Span,
    end: Span,
    next: Span,
}

impl SurveyPlan {
    /// Each guest by itself, over each of `periods`, so many `times`; guests and lengths take turns, so that what changes meanwhile
    /// falls on all of them.
    pub fn in_turn(guests: usize, periods: &[Span], times: u32) -> SurveyPlan {
        let turn = periods.iter().flat_map(|period| (0..guests).map(|guest| (guest, *period)));
        let turn: Vec<(usize, Span)> = turn.collect();
        let round =
            |(guest, period): &(usize, Span)| SurveyRound { at: Span::ZERO, guests: vec![*guest], period: *period };
        let listed: VecDeque<SurveyRound> = (0..times).flat_map(|_| turn.iter().map(round)).collect();
        SurveyPlan { rounds: listed.len(), listed, steady: None, last: None }
    }

    /// All guests at once, for `period`, again `every` so often for `time`; at the end once for `long`.
    pub fn steady(guests: usize, period: Span, every: Span, time: Span, long: Option<Span>) -> SurveyPlan {
        let steady = Steady { guests, period, every, end: time, next: Span::ZERO };
        let rounds = usize::try_from(time.0.div_ceil(every.0.max(1))).unwrap_or(usize::MAX);
        let last = long.map(|period| SurveyRound { at: time, guests: (0..guests).collect(), period });
        SurveyPlan { listed: VecDeque::new(), steady: Some(steady), rounds: rounds + usize::from(last.is_some()), last }
    }

    /// How many rounds there are; where they are steady and the host is slow, fewer.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// The time that all measurements take, without what the host takes to answer.
    pub fn time(&self) -> Span {
        let listed: u64 = self.listed.iter().map(|round| round.period.0).sum();
        let last = self.last.as_ref().map_or(0, |round| round.period.0);
        Span(listed + self.steady.as_ref().map_or(0, |steady| steady.end.0) + last)
    }

    /// The next one, at `now`.
    pub fn next(&mut self, now: Span) -> Option<SurveyRound> {
        if let Some(round) = self.listed.pop_front() {
            return Some(round);
        }
        let steady = self.steady.as_mut().filter(|steady| steady.next.max(now) < steady.end);
        let Some(steady) = steady else { return self.last.take() };
        // What took longer than it should is not made up for.
        let at = steady.next.max(now);
        steady.next = Span(at.0 + steady.every.0);
        Some(SurveyRound { at, guests: (0..steady.guests).collect(), period: steady.period })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Span = Span::from_ms(1000);

    #[test]
    fn guests_and_lengths_take_turns() {
        let mut plan = SurveyPlan::in_turn(2, &[S, Span(5 * S.0)], 2);
        assert_eq!((plan.rounds(), plan.time()), (8, Span(24 * S.0)));
        let all: Vec<(usize, u64)> =
            std::iter::from_fn(|| plan.next(Span::ZERO)).map(|round| (round.guests[0], round.period.0 / S.0)).collect();
        assert_eq!(all, [(0, 1), (1, 1), (0, 5), (1, 5), (0, 1), (1, 1), (0, 5), (1, 5)]);
    }

    #[test]
    fn a_slow_host_is_asked_less_often_and_no_longer() {
        let mut plan = SurveyPlan::steady(3, S, S, Span(4 * S.0), Some(Span(2 * S.0)));
        let (mut now, mut starts) = (Span::ZERO, Vec::new());
        while let Some(round) = plan.next(now) {
            assert_eq!(round.guests, [0, 1, 2]);
            starts.push((round.at.ms(), round.period.ms()));
            now = Span(round.at.0.max(now.0) + round.period.0 * 13 / 10);
        }
        assert_eq!(starts, [(0.0, 1e3), (1300.0, 1e3), (2600.0, 1e3), (3900.0, 1e3), (4000.0, 2e3)]);
    }
}
