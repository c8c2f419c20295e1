//! Phases whose lengths vary from run to run.

use serde::Serialize;

use super::RateSchedule;
use crate::units::{Span, Spread};

/// Phases that follow one another, as they were written: each has writers that are on while it lasts.
///
/// The writers are workloads of the guest, one phase after the other, with schedules for the stated lengths.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseCourse {
    /// The first phase's first writer [index among the guest's workloads].
    pub first: usize,
    /// All phases.
    pub phases: Vec<CoursePhase>,
    /// Whether they begin again after the last.
    pub repeat: bool,
    /// How each length varies, anew each time.
    pub spread: Spread,
}

/// One phase.
#[derive(Clone, Debug, Serialize)]
pub struct CoursePhase {
    /// How long it lasts [ns]; `None`: until the end.
    pub time: Option<Span>,
    /// Its writers' schedules, from its own beginning on.
    pub schedules: Vec<RateSchedule>,
}

impl PhaseCourse {
    /// The schedules of all writers up to `until`, one phase after the other, where `length` makes the length of a
    /// phase out of the stated one; it is asked once for each phase each time.
    ///
    /// After [`RateSchedule::MOST_STEPS`] of a writer the whole begins again with the same lengths.
    pub fn schedules(&self, until: Span, mut length: impl FnMut(Span) -> Span) -> Vec<RateSchedule> {
        let mut steps: Vec<Vec<(Span, f64)>> =
            self.phases.iter().flat_map(|phase| &phase.schedules).map(|_| vec![(Span::ZERO, 0.0)]).collect();
        let mut now = Span::ZERO;
        loop {
            let mut writers = steps.iter_mut();
            for phase in &self.phases {
                let end = phase.time.map(|time| now + length(time).max(Span(1)));
                for (schedule, steps) in phase.schedules.iter().zip(&mut writers) {
                    let seen = end.map_or(until, |end| end.min(until));
                    steps.pop_if(|(from, _)| *from == now);
                    steps.extend(schedule.steps_between(now, seen).take(RateSchedule::MOST_STEPS));
                    steps.extend(end.map(|end| (end, 0.0)));
                }
                now = end.unwrap_or(until.max(now));
            }
            let full = steps.iter().any(|steps| steps.len() >= RateSchedule::MOST_STEPS);
            if !self.repeat || now >= until || full {
                break;
            }
        }
        let repeat = self.repeat.then_some(now);
        steps.into_iter().map(|steps| RateSchedule { steps, repeat }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Share, SpreadLaw, Time};

    fn course(repeat: bool) -> PhaseCourse {
        let constant = RateSchedule::default();
        let pulse = RateSchedule { steps: vec![(Span(0), 0.5), (Span(3), 1.0)], repeat: Some(Span(5)) };
        let phase =
            |time, schedule: &RateSchedule| CoursePhase { time: Some(Span(time)), schedules: vec![schedule.clone()] };
        let spread = Spread { law: SpreadLaw::Gamma, deviation: Share(0.5) };
        PhaseCourse { first: 0, phases: vec![phase(10, &constant), phase(8, &pulse)], repeat, spread }
    }

    #[test]
    fn the_stated_lengths_give_the_stated_schedules() {
        for repeat in [false, true] {
            let course = course(repeat);
            let found = course.schedules(Span(100), |time| time);
            let (mut start, mut stated) = (Span::ZERO, Vec::new());
            for phase in &course.phases {
                let end = start + phase.time.unwrap();
                stated.push(phase.schedules[0].within(start, Some(end), repeat.then_some(Span(18))).unwrap());
                start = end;
            }
            for (found, stated) in found.iter().zip(&stated) {
                for now in (0..100).map(Time) {
                    assert_eq!(found.at(now).0, stated.at(now).0, "at {now:?}, repeated: {repeat}");
                }
            }
        }
    }

    #[test]
    fn each_length_is_asked_for_anew() {
        let mut lengths = [10, 4, 20, 6, 60].map(Span).into_iter();
        let found = course(true).schedules(Span(60), |_| lengths.next().unwrap_or(Span(1)));
        let on = |writer: &RateSchedule| (0..60).filter(|now| writer.at(Time(*now)).0 > 0.0).collect::<Vec<_>>();
        let first: Vec<u64> = (0..10).chain(14..34).chain(40..60).collect();
        assert_eq!(on(&found[0]), first);
        assert_eq!(on(&found[1]), (10..14).chain(34..40).collect::<Vec<_>>());
    }

    #[test]
    fn very_many_phases_begin_again() {
        let found = course(true).schedules(Span::from_ms(1000), |time| time);
        let steps = found.iter().map(|writer| writer.steps.len()).max().unwrap();
        assert!((RateSchedule::MOST_STEPS..2 * RateSchedule::MOST_STEPS).contains(&steps), "{steps}");
        assert_eq!(found[0].at(Time(9_000_005)).0, if 9_000_005 % 18 < 10 { 1.0 } else { 0.0 });
    }
}
