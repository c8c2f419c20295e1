//! A fleet made ready for a drain.

use std::sync::OnceLock;

use crate::orchestrator::scheduler::{QueueOrder, Scheduler};
use crate::scenario::{Assumption, Fleet, FleetNode, Guest, InvalidScenario, Scenario};
use crate::sim::{self, Options, Outcome};
use crate::units::{Rate, Span, Time};

/// Who goes when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrainPlan {
    /// Migrations at once.
    pub slots: u32,
    /// Guests by their index, first to last.
    pub sequence: Vec<usize>,
}

/// A host whose guests are to leave: one fleet, as it is in one drain.
pub struct DrainHost {
    fleet: Fleet,
    /// Memory model and seed.
    pub options: Options,
    alone: Vec<OnceLock<Outcome>>,
}

impl DrainHost {
    /// The fleet as it is with this seed.
    ///
    /// # Errors
    /// A guest, or the link, has a value that no migration can have.
    pub fn new(fleet: &Fleet, options: &Options) -> Result<DrainHost, InvalidScenario> {
        fleet.check()?;
        Ok(DrainHost::checked(fleet, options))
    }

    /// A fleet that was read from a text, or has passed [`Fleet::check`].
    pub(crate) fn checked(fleet: &Fleet, options: &Options) -> DrainHost {
        let alone = fleet.guests.iter().map(|_| OnceLock::new()).collect();
        // A shared link is known from one start or end to the next only, and a guest alone is held against it.
        let options = Options { jump: false, ..options.clone() };
        DrainHost { fleet: fleet.drawn(options.seed), options, alone }
    }

    /// Its guests.
    pub fn guests(&self) -> &[Guest] {
        &self.fleet.guests
    }

    /// Whether nothing is known of what a guest writes, so that it is taken for idle.
    pub fn is_unknown(&self, guest: usize) -> bool {
        self.guests()[guest].is_unknown()
    }

    /// Whose rules hold while a guest migrates, as `orchestrator.kind` spells it.
    pub fn rules(&self, guest: usize) -> &'static str {
        self.guests()[guest].scenario.orchestrator.as_ref().map_or("none", |policy| policy.name)
    }

    /// Whether these rules came with the scheduler, and nobody named them.
    pub fn rules_came_along(&self, guest: usize) -> bool {
        let assumed = &self.guests()[guest].scenario.assumed;
        assumed.iter().any(|assumption| matches!(assumption, Assumption::Orchestrator(_)))
    }

    /// For how many guests they did.
    pub fn rules_brought(&self) -> usize {
        (0..self.guests().len()).filter(|guest| self.rules_came_along(*guest)).count()
    }

    /// The hosts that are named; none if no guest names its own.
    pub fn nodes(&self) -> &[FleetNode] {
        &self.fleet.nodes
    }

    /// The link that they share.
    pub fn link(&self) -> &crate::link::Link {
        &self.fleet.link
    }

    /// Who is migrated when.
    pub fn scheduler(&self) -> &Scheduler {
        &self.fleet.scheduler
    }

    /// Bandwidth of the link at the start.
    pub fn bandwidth(&self) -> Rate {
        self.fleet.link.at(Time::ZERO).0
    }

    /// How long all RAM takes, one guest after another, each with no more of the link than its own limit.
    pub(super) fn at_full_speed(&self) -> Span {
        let of = |guest: usize| {
            let rate =
                self.max_bandwidth(guest, self.scheduler().slots).unwrap_or(Rate(u64::MAX)).min(self.bandwidth());
            self.guests()[guest].scenario.guest.memory.bytes().0 as f64 / rate.0.max(1) as f64
        };
        Span((1e9 * (0..self.guests().len()).map(of).sum::<f64>()) as u64)
    }

    /// What the scheduler would do by itself.
    pub fn plan(&self) -> DrainPlan {
        let scheduler = self.scheduler();
        DrainPlan { slots: scheduler.slots, sequence: self.sequence(scheduler.order) }
    }

    /// The guests in that order.
    pub fn sequence(&self, order: QueueOrder) -> Vec<usize> {
        let guests = self.guests();
        let mut sequence: Vec<usize> = (0..guests.len()).collect();
        let memory = |index: &usize| guests[*index].scenario.guest.memory.0;
        let rate = |index: &usize| guests[*index].scenario.guest.workloads.iter().map(|w| w.rate.0).sum::<f64>();
        let time = |index: &usize| self.alone(*index).total_time_ms;
        // All sorts are stable: guests that are alike keep their order.
        match order {
            QueueOrder::AsGiven => {}
            QueueOrder::Priority => sequence.sort_by_key(|index| -i64::from(guests[*index].priority)),
            QueueOrder::SmallestFirst => sequence.sort_by_key(memory),
            QueueOrder::LargestFirst => sequence.sort_by_key(|index| std::cmp::Reverse(memory(index))),
            QueueOrder::ShortestFirst => sequence.sort_by(|a, b| time(a).total_cmp(&time(b))),
            QueueOrder::LongestFirst => sequence.sort_by(|a, b| time(b).total_cmp(&time(a))),
            QueueOrder::LowestRateFirst => sequence.sort_by(|a, b| rate(a).total_cmp(&rate(b))),
            QueueOrder::HighestRateFirst => sequence.sort_by(|a, b| rate(b).total_cmp(&rate(a))),
        }
        sequence
    }

    /// How a guest would end that has the link for itself, and no cap by the scheduler.
    pub fn alone(&self, guest: usize) -> &Outcome {
        self.alone[guest].get_or_init(|| self.run_alone(guest, self.guests()[guest].scenario.clone()))
    }

    /// What becomes of a guest alone on the link without a `max-bandwidth` of its own.
    pub fn unlimited(&self, guest: usize) -> Outcome {
        let mut scenario = self.guests()[guest].scenario.clone();
        scenario.qemu.params.max_bandwidth = Rate(0);
        self.run_alone(guest, scenario)
    }

    fn run_alone(&self, guest: usize, scenario: Scenario) -> Outcome {
        let scenario = Scenario { link: self.fleet.link.clone(), ..scenario };
        sim::run_checked(scenario.trusted(), &Options { seed: self.seed_of(guest), ..self.options.clone() }).0
    }

    /// The root of a guest's random streams.
    pub fn seed_of(&self, guest: usize) -> u64 {
        Fleet::seed_of(self.options.seed, guest)
    }

    /// Every guest's migration, with the scheduler's cap for so many at once.
    pub fn scenarios(&self, slots: u32) -> Vec<Scenario> {
        (0..self.guests().len()).map(|guest| self.scenario(guest, self.bandwidth(), slots)).collect()
    }

    /// A guest's migration, with the scheduler's cap for so many at once on a link of that bandwidth.
    pub(super) fn scenario(&self, guest: usize, link: Rate, slots: u32) -> Scenario {
        let mut scenario = self.guests()[guest].scenario.clone();
        scenario.qemu.params.max_bandwidth = self.max_bandwidth_on(guest, link, slots).unwrap_or(Rate(0));
        scenario
    }

    /// What a guest is held to as it starts: the lower of its own `max-bandwidth` and the scheduler's cap for so many at
    /// once, if there is one.
    pub fn max_bandwidth(&self, guest: usize, slots: u32) -> Option<Rate> {
        self.max_bandwidth_on(guest, self.bandwidth(), slots)
    }

    fn max_bandwidth_on(&self, guest: usize, link: Rate, slots: u32) -> Option<Rate> {
        // 0 is no limit.
        let own = Some(self.guests()[guest].scenario.qemu.params.max_bandwidth).filter(|max| max.0 > 0);
        let cap = self.scheduler().bandwidth.cap(link, slots);
        own.into_iter().chain(cap).min()
    }
}
