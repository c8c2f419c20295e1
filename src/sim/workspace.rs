//! What one migration after another is run in.

use super::{Memory, Options, Outcome, Timeline, exact, expected, oracle, rearm, run_with};
use crate::guest::{Expected, FirstWrites};
use crate::orchestrator::Polls;
use crate::qemu::Switchover;
use crate::scenario::{CheckedScenario, Scenario};

/// Runs migrations one after the other. Each gives what [`run_checked`](super::run_checked) gives; its memory is that of the one
/// before with other contents, and what depends on the guest alone is found once for neighbours that have the same.
///
/// ```
/// use precopy::qemu::Version;
/// use precopy::scenario::Scenario;
/// use precopy::sim::{self, Options, Workspace};
/// use precopy::units::{Bytes, Rate};
///
/// let mut workspace = Workspace::default();
/// for megabytes in [500, 1000, 1500] {
///     let scenario = Scenario::new(Bytes(8 << 30), Rate(megabytes * 1_000_000), Version::new(8, 2));
///     let (outcome, _) = workspace.run(scenario.check()?, &Options::default());
///     assert_eq!(outcome, sim::run(&scenario, &Options::default())?.0);
/// }
/// # Ok::<(), precopy::scenario::InvalidScenario>(())
/// ```
#[derive(Debug, Default)]
pub struct Workspace {
    /// None while it is in use, and before the first.
    expected: Option<Expected>,
    first_writes: FirstWrites,
}

impl Workspace {
    /// Runs a migration.
    pub fn run(&mut self, scenario: CheckedScenario, options: &Options) -> (Outcome, Timeline) {
        match scenario.qemu.switchover {
            Switchover::Oracle => oracle::run(&scenario, options, |scenario, options| self.run_once(scenario, options)),
            Switchover::Qemu | Switchover::Own(_) => self.run_once(&scenario, options),
        }
    }

    fn run_once(&mut self, scenario: &Scenario, options: &Options) -> (Outcome, Timeline) {
        let sparse = if options.jump { self.run_with(scenario, options, Polls::Sparse) } else { None };
        let found = sparse.or_else(|| self.run_with(scenario, options, Polls::Useful));
        found.expect("only with sparse polls an orchestrator is unsure")
    }

    /// What comes of it where the orchestrator polls so often; `None` if that was not often enough.
    fn run_with(&mut self, scenario: &Scenario, options: &Options, polls: Polls) -> Option<(Outcome, Timeline)> {
        if options.memory == Memory::Exact {
            return run_with(scenario, options, exact(scenario, options), &mut self.first_writes, polls).0;
        }
        let memory = match self.expected.take() {
            Some(mut memory) => {
                memory.renew(&scenario.guest, rearm(scenario), scenario.qemu.capabilities.xbzrle);
                memory
            }
            None => expected(scenario),
        };
        let (found, memory) = run_with(scenario, options, memory, &mut self.first_writes, polls);
        self.expected = Some(memory);
        found
    }
}
