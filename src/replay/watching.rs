//! Migrations that run on a host, look by look.

use std::collections::BTreeMap;

use super::forecast::{Outlook, outlook};
use super::history::JobHistory;
use super::host::Migrating;
use crate::scenario::Scenario;
use crate::units::Span;

/// Between two looks: short enough to see passes from their beginning.
const LOOK: Span = Span::from_ms(100);

/// What was seen so far of all migrations of a host.
#[derive(Default)]
pub struct Watching {
    histories: BTreeMap<String, JobHistory>,
    shown: Option<Span>,
}

/// One migration, as it is now and as it will end.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// As it is now.
    pub migrating: Migrating,
    /// How it will end.
    pub outlook: Outlook,
}

impl Watching {
    /// Takes in the migrations that run now; those that do not any more are forgotten.
    pub fn see(&mut self, running: &[Migrating]) {
        self.histories.retain(|name, _| running.iter().any(|migrating| migrating.domain.name == *name));
        for migrating in running {
            self.histories.entry(migrating.domain.name.clone()).or_default().see(migrating.seen);
        }
    }

    /// Whether it is time again to show what was seen.
    pub fn is_due(&mut self, now: Span, every: Span) -> bool {
        let due = self.shown.is_none_or(|shown| now.0 >= shown.0.saturating_add(every.0));
        if due {
            self.shown = Some(now);
        }
        due
    }

    /// When to look again.
    pub fn next(now: Span) -> Span {
        Span(now.0.saturating_add(LOOK.0))
    }

    /// What is expected of them. `known` is what is known of QEMU's levers and limits.
    pub fn outlooks(&self, running: Vec<Migrating>, known: Option<&Scenario>) -> Vec<Watched> {
        let watched = running.into_iter().filter_map(|migrating| {
            let outlook = outlook(&migrating.domain, self.histories.get(&migrating.domain.name)?, known);
            Some(Watched { migrating, outlook })
        });
        watched.collect()
    }
}
