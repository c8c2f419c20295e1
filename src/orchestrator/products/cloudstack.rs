//! Apache CloudStack's agent (orchestrators 6).

use crate::orchestrator::field::{JobField, seconds};
use crate::orchestrator::option::{OptionForm, options};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{Act, Around, DowntimeChange, Is, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// Settings of the agent; `None` stands for its `-1`: off.
    pub struct CloudStack {
        /// Limit, set once after 1 s.
        downtime: Option<u64> = None, "vm.migrate.downtime" OptionForm::CountOrOff("ms"), default("off");
        /// The guest is suspended after that.
        pauseafter: Option<u64> = None, "vm.migrate.pauseafter" OptionForm::CountOrOff("ms"), default("off");
        /// The migration is aborted after that, unless the guest was suspended.
        wait: Option<u64> = None, "vm.migrate.wait" OptionForm::CountOrOff("s"), default("off");
        /// Limit; off: guessed from the network card, here the link.
        speed: Option<u64> = None, "vm.migrate.speed" OptionForm::CountOrOff("MiB/s"), default("off");
        /// Throttling.
        auto_convergence: bool = false, "kvm.auto.convergence" OptionForm::Switch, lever();
    }
}

impl Orchestrator for CloudStack {
    const KIND: &'static str = "cloudstack";

    fn stack(&self, _: &Around) -> Stack {
        let stack = Stack::libvirt().set("auto-converge", self.auto_convergence);
        stack.set("max-bandwidth", mib_per_s(self.speed.unwrap_or(0)))
    }

    /// Its loop, whose turns count as 100 ms each. It does not abort a guest that stands still, so that after a pause
    /// nothing ends the migration.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(100)));
        if let Some(downtime) = self.downtime {
            let act = Act::Downtime { to: DowntimeChange::Set(Span::from_ms(downtime)), cap: None };
            let rule = Rule::new(RuleEvent::Poll, act, "vm.migrate.downtime, set after 1 s").once();
            policy.rules.push(rule.when(JobField::TimeElapsed, Is::AtLeast, seconds(1)));
        }
        if let Some(wait) = self.wait {
            let rule = Rule::new(RuleEvent::Poll, Act::Abort, format!("vm.migrate.wait of {wait} s is over"));
            let rule = rule.once().last();
            let rule = rule.when(JobField::Paused, Is::Equal, 0.0);
            policy.rules.push(rule.when(JobField::TimeElapsed, Is::Above, seconds(wait)));
        }
        if let Some(pause) = self.pauseafter {
            let rule = Rule::new(RuleEvent::Poll, Act::Pause, format!("vm.migrate.pauseafter of {pause} ms is over"));
            policy.rules.push(rule.once().when(JobField::TimeElapsed, Is::Above, pause as f64 * 1e6));
        }
        policy
    }
}
