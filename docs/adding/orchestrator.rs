//! A site's own daemon, which has a window for every guest: what `docs/adding/orchestrator.md` shows. It would be
//! `src/orchestrator/products/maintenance.rs`.

use crate::orchestrator::option::{OptionForm, at_least, options};
use crate::orchestrator::{Act, Around, Is, JobField, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack};
use crate::units::Span;

options! {
    /// Its configuration.
    pub struct Maintenance {
        /// Time that a guest has.
        window_s: u64 = 600, "window_s" at_least(1, "s");
        /// Post-copy is permitted.
        post_copy: bool = false, "post_copy" OptionForm::Switch, lever();
    }
}

impl Orchestrator for Maintenance {
    const KIND: &'static str = "maintenance";

    /// Throttled, without libvirt.
    fn stack(&self, _: &Around) -> Stack {
        Stack::default().set("auto-converge", true).set("postcopy-ram", self.post_copy.then_some(true))
    }

    /// Post-copy after three passes, and an abort when the window is over.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(5000)));
        if self.post_copy {
            let rule = Rule::new(RuleEvent::Poll, Act::PostCopy, "three passes, and no end").once();
            policy.rules.push(rule.when(JobField::MemoryIteration, Is::AtLeast, 3.0));
        }
        let over = RuleEvent::Timer(Span::from_ms(1000 * self.window_s));
        policy.rules.push(Rule::new(over, Act::Abort, format!("the window of {} s is over", self.window_s)));
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orchestrator::Product;
    use crate::orchestrator::option::OptionValue;
    use crate::units::Bytes;

    /// Its line in `PRODUCTS`.
    static LINE: Product = Product::of::<Maintenance>();

    #[test]
    fn a_guest_is_left_when_the_window_is_over() {
        let policy = Maintenance { window_s: 90, ..Maintenance::default() }.policy(&Around::default());
        assert_eq!(policy.last_due(Bytes::GIB), Span::from_ms(90_000));
    }

    #[test]
    fn its_options_are_set_through_its_line() {
        let keys = (LINE.options)().iter().map(|(option, _)| option.key).collect::<Vec<_>>();
        assert_eq!((LINE.kind, &keys[..]), ("maintenance", &["window_s", "post_copy"][..]));
        let set_up = (LINE.set_up)(vec![None, Some(OptionValue::Switch(true))], &Around::default());
        assert!(set_up.policy.rules.iter().any(|rule| rule.act == Act::PostCopy));
    }
}
