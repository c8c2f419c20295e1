//! How a workload's rate changes with time.

use serde::Serialize;

use crate::units::{Span, Time};

/// Factors on a workload's rate, from given times on; before the first, and without any, the factor is 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// Time since the `migrate` command and the factor from then on, in order of time [ns, 1].
    pub steps: Vec<(Span, f64)>,
    /// After this long the steps begin again [ns].
    pub repeat: Option<Span>,
}

impl Schedule {
    /// The factor at `now`, and when it changes next.
    pub fn at(&self, now: Time) -> (f64, Time) {
        if self.steps.is_empty() {
            return (1.0, Time::NEVER);
        }
        let (turn, phase) = match self.repeat {
            Some(Span(repeat)) if repeat > 0 => (now.0 / repeat * repeat, now.0 % repeat),
            _ => (0, now.0),
        };
        let next = self.steps.partition_point(|(from, _)| from.0 <= phase);
        let factor = if next == 0 { 1.0 } else { self.steps[next - 1].1 };
        let change = match (self.steps.get(next), self.repeat) {
            (Some((from, _)), Some(repeat)) if *from >= repeat => Time(turn) + repeat,
            (Some((from, _)), _) => Time(turn) + *from,
            (None, Some(repeat)) => Time(turn) + repeat,
            (None, None) => Time::NEVER,
        };
        (factor, change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_until_the_next_and_begin_again() {
        let steps = vec![(Span(0), 1.0), (Span(10), 0.0), (Span(15), 2.0)];
        let once = Schedule { steps: steps.clone(), repeat: None };
        let again = Schedule { steps, repeat: Some(Span(20)) };
        for (now, factor, next_once, next_again) in [
            (0, 1.0, Time(10), Time(10)),
            (10, 0.0, Time(15), Time(15)),
            (15, 2.0, Time::NEVER, Time(20)),
            (19, 2.0, Time::NEVER, Time(20)),
        ] {
            assert_eq!(once.at(Time(now)), (factor, next_once), "once at {now}");
            assert_eq!(again.at(Time(now)), (factor, next_again), "again at {now}");
        }
        assert_eq!(again.at(Time(31)), (0.0, Time(35)));
        assert_eq!(Schedule::default().at(Time(7)), (1.0, Time::NEVER));
    }
}
