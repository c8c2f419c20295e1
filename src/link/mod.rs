//! The link between the two hosts: what it carries, and when that changes.

mod fair;
mod network;

pub use fair::shares;
pub use network::path_shares;

use serde::Serialize;

use crate::units::{Rate, Span, Spread, Time};

/// A link whose bandwidth is constant between known instants.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Bandwidth from each instant on, in order; the first entry is at time zero [bytes/s].
    pub steps: Vec<(Time, Rate)>,
    /// Time that a byte takes from one host to the other [ns].
    pub latency: Span,
    /// How the whole of the bandwidth varies from run to run.
    pub spread: Option<Spread>,
    /// How the bandwidth varies while a run goes on.
    pub jitter: Option<Jitter>,
    /// When the connection breaks, if it does.
    pub fails_at: Option<Time>,
}

/// A bandwidth that is drawn anew at regular times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Jitter {
    /// Factor on the bandwidth.
    pub spread: Spread,
    /// From one draw to the next.
    pub every: Span,
}

impl Link {
    /// A link that never changes.
    pub fn constant(bandwidth: Rate) -> Link {
        Link { steps: vec![(Time::ZERO, bandwidth)], latency: Span::ZERO, spread: None, jitter: None, fails_at: None }
    }

    /// Bandwidth at `now` [bytes/s], and when it changes next.
    pub fn at(&self, now: Time) -> (Rate, Time) {
        let next = self.steps.partition_point(|(from, _)| *from <= now);
        let rate = self.steps[next.max(1) - 1].1;
        (rate, self.steps.get(next).map_or(Time::NEVER, |step| step.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidth_changes_at_its_instant() {
        let link = Link {
            steps: vec![(Time(0), Rate(10)), (Time(5), Rate(20))],
            latency: Span::ZERO,
            spread: None,
            jitter: None,
            fails_at: None,
        };
        assert_eq!(link.at(Time(0)), (Rate(10), Time(5)));
        assert_eq!(link.at(Time(4)), (Rate(10), Time(5)));
        assert_eq!(link.at(Time(5)), (Rate(20), Time::NEVER));
    }
}
