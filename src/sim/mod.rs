//! One migration, or several on one link, through time.

mod clock;
mod commands;
mod event_queue;
mod finish;
mod hopeless;
mod migration;
mod oracle;
mod orchestrating;
mod orders;
mod outcome;
mod own_switchover;
mod page_phase;
mod post_copy;
mod reason;
mod recorder;
mod repeating;
mod repeats;
mod sender;
pub mod shared;
mod stopping;
mod syncing;
mod throttler;
mod timeline;
mod timeline_rows;
mod watch;
mod workspace;

pub use outcome::{Outcome, Verdict};
pub use reason::Reason;
pub use timeline::{Action, Event, Row, Timeline};
pub use watch::Watch;
pub use workspace::Workspace;

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::guest::{self, Exact, Expected, Rearm};
use crate::orchestrator::Polls;
use crate::qemu::DirtyLog;
use crate::scenario::{CheckedScenario, InvalidScenario, Scenario};
use migration::{Interrupted, Migration};

/// Which model of the guest's memory a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Memory {
    /// Expected shares, advanced in closed form.
    #[default]
    Expected,
    /// One bit per page, every page write drawn.
    Exact,
}

impl Memory {
    /// The word used in every input and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Memory::Expected => "expected",
            Memory::Exact => "exact",
        }
    }
}

/// How to run, beside what.
#[derive(Clone, Debug)]
pub struct Options {
    /// Memory model.
    pub memory: Memory,
    /// Root of every random stream.
    pub seed: u64,
    /// Skip stretches in which nothing can change; turning it off changes no result, only the time it takes.
    pub skip: bool,
    /// Count passes that repeat instead of walking them: a migration that does not converge then has the means of such passes in
    /// place of what the last ones were. No verdict and no migration that ends by itself is touched.
    pub jump: bool,
    /// End a run as soon as passes repeat and nothing that lies ahead can stop the guest: for a caller that asks whether a migration
    /// arrives, and nothing else of one that does not. The outcome of such a run is [`Verdict::NotConverged`], whatever would have ended it, with the
    /// figures of that moment. Migrations that arrive are not touched.
    pub until_hopeless: bool,
    /// Record a timeline.
    pub timeline: bool,
    /// Who looks on, and may end the run before its time.
    pub watch: Option<Arc<Watch>>,
}

impl Options {
    /// Whether runs were told to end: what they gave last is no answer to anything.
    pub fn is_stopped(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.is_stopped())
    }

    /// What comes of some runs, unless they were told to end before they began or on their way.
    pub fn unless_stopped<T>(&self, runs: impl FnOnce() -> T) -> Option<T> {
        if self.is_stopped() {
            return None;
        }
        let made = runs();
        (!self.is_stopped()).then_some(made)
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            memory: Memory::Expected,
            seed: 1,
            skip: true,
            jump: true,
            until_hopeless: false,
            timeline: false,
            watch: None,
        }
    }
}

/// Runs one migration.
///
/// One scenario, one set of options and one binary give one result to the last digit, whatever `skip` says. A run that
/// its watch stopped has the reason [`Reason::Stopped`].
///
/// # Errors
/// The scenario has a value that no migration can have.
pub fn run(scenario: &Scenario, options: &Options) -> Result<(Outcome, Timeline), InvalidScenario> {
    Ok(run_checked(scenario.check()?, options))
}

/// Runs one migration of a scenario that has passed its check; for many of them there is a [`Workspace`].
pub fn run_checked(scenario: CheckedScenario, options: &Options) -> (Outcome, Timeline) {
    Workspace::default().run(scenario, options)
}

/// The RAM of a scenario's guest as expected shares.
fn expected(scenario: &Scenario) -> Expected {
    Expected::new(&scenario.guest, rearm(scenario), scenario.qemu.capabilities.xbzrle)
}

/// The RAM of a scenario's guest, bit by bit.
fn exact(scenario: &Scenario, options: &Options) -> Exact {
    let memory = Exact::new(&scenario.guest, rearm(scenario), options.seed);
    match &options.watch {
        Some(watch) => memory.until(watch.flag()),
        None => memory,
    }
}

/// When the log of a page is armed again.
fn rearm(scenario: &Scenario) -> Rearm {
    match scenario.qemu.dirty_log {
        DirtyLog::Classic | DirtyLog::Ring => Rearm::EverySync,
        DirtyLog::ManualProtect => Rearm::ByChunk { initially_set: false },
        DirtyLog::InitiallySet => Rearm::ByChunk { initially_set: true },
    }
}

/// Runs a migration in which the orchestrator polls so often, and gives its memory back; nothing comes of it if that was not
/// often enough.
fn run_with<M: guest::GuestMemory>(
    scenario: &Scenario,
    options: &Options,
    memory: M,
    known: &mut guest::FirstWrites,
    polls: Polls,
) -> (Option<(Outcome, Timeline)>, M) {
    let mut migration = Migration::new(scenario, Cow::Borrowed(&scenario.link), options, memory, known, polls);
    let interrupted = migration.migrate().err();
    let is_sure = !matches!(interrupted, Some(Interrupted::Unsure));
    let (outcome, timeline, memory) = migration.finish(interrupted);
    (is_sure.then_some((outcome, timeline)), memory)
}
