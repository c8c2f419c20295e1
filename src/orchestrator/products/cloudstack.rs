//! Apache CloudStack's agent (orchestrators 6).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::option::{OptionForm, options, release_number};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{Act, Around, DowntimeChange, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// Settings of the agent; `None` stands for its `-1`: off.
    pub struct CloudStack {
        /// Release, from 4.14 on.
        release: u32 = CloudStack::NEWEST, "release" OptionForm::Release(release_number(4, 14)), default("4.22");
        /// Limit, set once after 1 s.
        downtime: Option<u64> = None, "vm.migrate.downtime" OptionForm::CountOrOff("ms"), default("off"), lever();
        /// The guest is suspended after that.
        pauseafter: Option<u64> = None, "vm.migrate.pauseafter" OptionForm::CountOrOff("ms"), default("off"), lever();
        /// The migration is aborted after that; up to 4.22 unless the guest was suspended.
        wait: Option<u64> = None, "vm.migrate.wait" OptionForm::CountOrOff("s"), default("off"),
            releases(CloudStack::ABORTS..=u32::MAX), lever();
        /// Limit; off: guessed from the network card, here the link.
        speed: Option<u64> = None, "vm.migrate.speed" OptionForm::CountOrOff("MiB/s"), default("off"), lever();
        /// Throttling.
        auto_convergence: bool = false, "kvm.auto.convergence" OptionForm::Switch, lever();
    }
}

impl CloudStack {
    /// The newest release.
    pub const NEWEST: u32 = release_number(4, 22);
    /// The first release with `vm.migrate.wait` (4.16.0.0, PR 5388).
    const ABORTS: u32 = release_number(4, 16);
    /// The first release that aborts for a suspended guest, too (PR 12331, of January 2026).
    const ABORTS_SUSPENDED: u32 = release_number(4, 23);
}

impl Orchestrator for CloudStack {
    const KIND: &'static str = "cloudstack";

    fn release(&self) -> Option<u32> {
        Some(self.release)
    }

    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::libvirt().set("auto-converge", self.auto_convergence);
        stack.set("max-bandwidth", mib_per_s(self.speed.unwrap_or(0)))
    }

    /// Its loop, whose turns count as 100 ms each. Up to 4.22 it does not abort for a guest that stands still, so that after
    /// a pause nothing ends the migration.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(100)));
        if let Some(downtime) = self.downtime {
            let act = Act::Downtime { to: DowntimeChange::Set(Span::from_ms(downtime)), cap: None };
            let rule = Rule::new(RuleEvent::Poll, act, "vm.migrate.downtime, set after 1 s").once();
            policy.rules.push(rule.when(JobField::TimeElapsed, Is::AtLeast, seconds(1)));
        }
        if let Some(wait) = self.wait {
            let rule = Rule::new(RuleEvent::Poll, Act::Abort, format!("vm.migrate.wait of {wait} s is over"));
            let rule = rule.once().last().when(JobField::TimeElapsed, Is::Above, seconds(wait));
            policy.rules.push(match self.release < CloudStack::ABORTS_SUSPENDED {
                true => rule.when(JobField::Paused, Is::Equal, 0.0),
                false => rule,
            });
        }
        if let Some(pause) = self.pauseafter {
            let rule = Rule::new(RuleEvent::Poll, Act::Pause, format!("vm.migrate.pauseafter of {pause} ms is over"));
            policy.rules.push(rule.once().when(JobField::TimeElapsed, Is::Above, pause as f64 * 1e6));
        }
        policy
    }
}
