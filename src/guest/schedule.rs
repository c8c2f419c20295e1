//! How a workload's rate changes with time.

use serde::Serialize;

use crate::units::{Span, Time};

/// Factors on a workload's rate, from given times on; before the first, and without any, the factor is 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RateSchedule {
    /// Time since the `migrate` command and the factor from then on, in order of time [ns, 1].
    pub steps: Vec<(Span, f64)>,
    /// After this long the steps begin again [ns].
    pub repeat: Option<Span>,
}

impl RateSchedule {
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

    /// Most steps that [`RateSchedule::within`] makes.
    pub const MOST_STEPS: usize = 100_000;

    /// This schedule as one phase of a longer one: it begins at `start` and is off before that and from `end` on; the
    /// longer one begins again after `cycle`.
    ///
    /// `None` if that takes more than [`RateSchedule::MOST_STEPS`], as it does for one that repeats and has no end.
    pub fn within(&self, start: Span, end: Option<Span>, cycle: Option<Span>) -> Option<RateSchedule> {
        let before = (start > Span::ZERO).then_some((Span::ZERO, 0.0));
        let during = self.steps_between(start, end.unwrap_or(Span(u64::MAX)));
        let mut steps: Vec<_> = before.into_iter().chain(during).take(RateSchedule::MOST_STEPS + 1).collect();
        if steps.len() > RateSchedule::MOST_STEPS {
            return None;
        }
        steps.extend(end.filter(|end| cycle != Some(*end)).map(|end| (end, 0.0)));
        Some(RateSchedule { steps, repeat: cycle })
    }

    /// The steps of this schedule if it begins at `start`, up to `end`; at least the first.
    pub fn steps_between(&self, start: Span, end: Span) -> impl Iterator<Item = (Span, f64)> {
        let mut now = Some(Time::ZERO);
        std::iter::from_fn(move || {
            let at = now?;
            let (factor, next) = self.at(at);
            now = (next < Time::ZERO + (end - start)).then_some(next);
            Some((start + (at - Time::ZERO), factor))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_hold_until_the_next_and_begin_again() {
        let steps = vec![(Span(0), 1.0), (Span(10), 0.0), (Span(15), 2.0)];
        let once = RateSchedule { steps: steps.clone(), repeat: None };
        let again = RateSchedule { steps, repeat: Some(Span(20)) };
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
        assert_eq!(RateSchedule::default().at(Time(7)), (1.0, Time::NEVER));
    }

    #[test]
    fn a_phase_is_on_while_it_lasts() {
        let always = RateSchedule::default();
        let pulse = RateSchedule { steps: vec![(Span(0), 0.5), (Span(3), 1.0)], repeat: Some(Span(5)) };
        type Steps<'a> = Option<&'a [(u64, f64)]>;
        type ScheduleCase<'a> = (&'a str, &'a RateSchedule, u64, Option<u64>, Option<u64>, Steps<'a>);
        let cases: &[ScheduleCase] = &[
            ("the first", &always, 0, Some(10), Some(30), Some(&[(0, 1.0), (10, 0.0)])),
            ("one between", &always, 10, Some(20), Some(30), Some(&[(0, 0.0), (10, 1.0), (20, 0.0)])),
            ("the last of a cycle", &always, 20, Some(30), Some(30), Some(&[(0, 0.0), (20, 1.0)])),
            ("the last for ever", &always, 20, None, None, Some(&[(0, 0.0), (20, 1.0)])),
            (
                "one with steps of its own",
                &pulse,
                10,
                Some(19),
                None,
                Some(&[(0, 0.0), (10, 0.5), (13, 1.0), (15, 0.5), (18, 1.0), (19, 0.0)]),
            ),
            ("a pulse without an end", &pulse, 10, None, None, None),
        ];
        for (name, schedule, start, end, cycle, expected) in cases {
            let phase = schedule.within(Span(*start), end.map(Span), cycle.map(Span));
            let steps = phase.map(|phase| phase.steps.iter().map(|step| (step.0.0, step.1)).collect::<Vec<_>>());
            assert_eq!(steps.as_deref(), *expected, "{name}");
        }
    }
}
