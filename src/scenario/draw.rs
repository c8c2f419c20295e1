//! One run's values of everything that varies from run to run.

use rand_pcg::Pcg64;

use super::keys::{BANDWIDTH, RATE};
use super::{Fleet, Scenario};
use crate::link::Link;
use crate::units::{Rate, Span, Spread, Time};

/// Streams of random numbers, one for each component: a draw that is added to one moves no other.
#[derive(Clone, Copy)]
enum Stream {
    WorkloadRate(usize),
    LinkBandwidth,
    LinkJitter,
    /// Of the phases that begin with that workload.
    PhaseTime(usize),
}

impl Stream {
    fn of(self, seed: u64) -> Pcg64 {
        // The exact memory's writers take the streams from 0 on; these are far from them and from each other.
        let number = match self {
            Stream::WorkloadRate(index) => (1 << 64) + index as u128,
            Stream::LinkBandwidth => 2 << 64,
            Stream::LinkJitter => 3 << 64,
            Stream::PhaseTime(index) => (4 << 64) + index as u128,
        };
        Pcg64::new(u128::from(seed), number)
    }
}

impl Scenario {
    /// Whether runs differ in more than what the exact memory draws.
    pub fn varies(&self) -> bool {
        self.guest.varies() || self.link.spread.is_some() || self.link.jitter.is_some()
    }

    /// The scenario of one run: every varying value replaced by one that is drawn from `seed`.
    pub fn drawn(&self, seed: u64) -> Scenario {
        let mut run = self.clone();
        let spread = run.guest.rate_spread.take();
        for (index, workload) in run.guest.workloads.iter_mut().enumerate() {
            let rate = workload.rate.0 * factor(spread, Stream::WorkloadRate(index), seed);
            workload.rate.0 = rate.min(RATE.form.most.0);
        }
        for course in std::mem::take(&mut run.guest.courses) {
            let mut rng = Stream::PhaseTime(course.first).of(seed);
            let schedules = course.schedules(self.limits.time, |time| scaled_span(time, course.spread.draw(&mut rng)));
            for (workload, schedule) in run.guest.workloads[course.first..].iter_mut().zip(schedules) {
                workload.schedule = schedule;
            }
        }
        run.link = draw_link(&run.link, seed, Time::ZERO + run.limits.time);
        run
    }
}

/// Draws of a shared link's bandwidth; the last one then stays.
const SHARED_DRAWS: u64 = 100_000;

impl Fleet {
    /// Whether drains differ in more than what the exact memory draws.
    pub fn varies(&self) -> bool {
        let guests = self.guests.iter().any(|guest| guest.scenario.guest.varies());
        guests || self.link.spread.is_some() || self.link.jitter.is_some()
    }

    /// The fleet of one drain: every varying value replaced by one that is drawn from `seed`. Guests that are alike
    /// are drawn apart.
    pub fn drawn(&self, seed: u64) -> Fleet {
        let mut fleet = self.clone();
        for (index, guest) in fleet.guests.iter_mut().enumerate() {
            // The link of its own is not used; there is no need to draw it.
            guest.scenario.link = Link { latency: self.link.latency, ..Link::constant(self.link.at(Time::ZERO).0) };
            guest.scenario = guest.scenario.drawn(Fleet::seed_of(seed, index));
        }
        let every = self.link.jitter.map_or(Span::ZERO, |jitter| jitter.every);
        fleet.link = draw_link(&self.link, seed, Time::ZERO + every * SHARED_DRAWS);
        fleet
    }

    /// The seed of the guest of that index.
    pub fn seed_of(seed: u64, index: usize) -> u64 {
        // Odd and far from small numbers, so that guests of one drain and seeds of neighbouring drains do not meet.
        seed.wrapping_add((index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

/// The link as it is in one run that ends at `end` at the latest.
fn draw_link(link: &Link, seed: u64, end: Time) -> Link {
    let mut link = link.clone();
    let whole = factor(link.spread.take(), Stream::LinkBandwidth, seed);
    link.steps.iter_mut().for_each(|(_, rate)| *rate = scaled(*rate, whole));
    if let Some(jitter) = link.jitter.take() {
        let mut rng = Stream::LinkJitter.of(seed);
        let mut steps = Vec::new();
        let mut now = Time::ZERO;
        while now < end {
            let (rate, change) = link.at(now);
            steps.push((now, scaled(rate, jitter.spread.draw(&mut rng))));
            now = (now + jitter.every).min(change);
        }
        link.steps = steps;
    }
    link
}

fn factor(spread: Option<Spread>, stream: Stream, seed: u64) -> f64 {
    spread.map_or(1.0, |spread| spread.draw(&mut stream.of(seed)))
}

fn scaled_span(span: Span, factor: f64) -> Span {
    Span((span.0 as f64 * factor) as u64)
}

fn scaled(rate: Rate, factor: f64) -> Rate {
    // Within the bounds of what can be asked for.
    Rate(((rate.0 as f64 * factor) as u64).max(1)).min(BANDWIDTH.form.most)
}
