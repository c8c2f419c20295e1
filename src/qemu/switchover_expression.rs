//! A switchover rule as an expression.

use super::{RuleQuantity, SwitchoverRule, SwitchoverStep};
use crate::expression::{Expression, ExpressionError};
use crate::units::{PAGE_SIZE, Span};

/// A switchover rule of one line: the guest is stopped where its value is neither 0 nor NaN.
///
/// ```
/// use precopy::qemu::{OwnSwitchoverRule, Switchover, SwitchoverExpression, Version};
/// use precopy::scenario::Scenario;
/// use precopy::units::{Bytes, Rate};
///
/// let rule = SwitchoverExpression::parse("qemu or time > 60")?;
/// let mut scenario = Scenario::new(Bytes(8 << 30), Rate(1_250_000_000), Version::new(8, 2));
/// scenario.qemu.switchover = Switchover::Own(OwnSwitchoverRule::new(rule));
/// # Ok::<(), precopy::expression::ExpressionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SwitchoverExpression {
    rule: Expression,
    deadline: Option<Span>,
}

/// Of a step, with the deadline, where there is one.
type OfStep = fn(&SwitchoverStep<'_>, Option<Span>) -> f64;

const fn quantity(name: &'static str, unit: &'static str, means: &'static str, of: OfStep) -> RuleQuantity<OfStep> {
    RuleQuantity { name, unit, means, of }
}

/// What a switchover rule may read.
pub static SWITCHOVER_QUANTITIES: [RuleQuantity<OfStep>; 12] = [
    quantity("remaining", "bytes", "left to be sent, after the sync", |step, _| step.sight.remaining.0 as f64),
    quantity("threshold", "bytes", "what may be left for QEMU", |step, _| step.sight.threshold.0 as f64),
    quantity("qemu", "0 or 1", "QEMU's own rule would stop the guest", |step, _| f64::from(u8::from(step.qemu))),
    quantity("bandwidth", "bytes/s", "of the last window, as QEMU reckons it", |step, _| step.sight.bandwidth.0 as f64),
    quantity("dirtied", "bytes/s", "`dirty-pages-rate` of the last period", |step, _| {
        (step.dirty_pages_rate as f64) * PAGE_SIZE as f64
    }),
    quantity("throttle", "share", "the throttle in force", |step, _| step.throttle_pct / 100.0),
    quantity("syncs", "count", "`dirty-sync-count`", |step, _| step.sync_count as f64),
    quantity("time", "s", "since the migration began", |step, _| step.elapsed_ms as f64 / 1000.0),
    quantity("deadline", "s", "`policy.deadline`", |_, deadline| deadline.map_or(f64::INFINITY, Span::seconds)),
    quantity("downtime_limit", "s", "`downtime-limit`", |step, _| step.params.downtime_limit.seconds()),
    quantity("memory", "bytes", "the guest's RAM", |step, _| step.sight.memory.0 as f64),
    quantity("page", "bytes", "of a page", |_, _| PAGE_SIZE as f64),
];

/// The place of `deadline` in the list.
const DEADLINE: usize = 8;

impl SwitchoverExpression {
    /// Reads a rule over [`SWITCHOVER_QUANTITIES`].
    ///
    /// # Errors
    /// The first fault, with its place in the text.
    pub fn parse(text: &str) -> Result<SwitchoverExpression, ExpressionError> {
        let names: Vec<&str> = SWITCHOVER_QUANTITIES.iter().map(|quantity| quantity.name).collect();
        Ok(SwitchoverExpression { rule: Expression::parse(text, &names)?, deadline: None })
    }

    /// With a deadline: what `deadline` reads, since the migration began; there is none otherwise, and it is infinite.
    pub fn with_deadline(self, deadline: Span) -> SwitchoverExpression {
        SwitchoverExpression { deadline: Some(deadline), ..self }
    }

    /// Whether the rule reads `deadline`.
    pub fn reads_deadline(&self) -> bool {
        self.rule.reads(DEADLINE)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.rule.text()
    }
}

impl SwitchoverRule for SwitchoverExpression {
    fn switches_over(&self, step: &SwitchoverStep, registers: &mut [f64; 4]) -> bool {
        let values = SWITCHOVER_QUANTITIES.each_ref().map(|quantity| (quantity.of)(step, self.deadline));
        let value = self.rule.value(&values, registers);
        value != 0.0 && !value.is_nan()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::{Params, RuleSight, Version};
    use crate::units::{Bytes, Rate};

    #[test]
    fn a_value_that_holds_stops_the_guest() {
        let params = Params::defaults(Version::new(8, 2));
        let sight =
            RuleSight { memory: Bytes::GIB, remaining: Bytes(500), bandwidth: Rate(1000), threshold: Bytes(400) };
        let step = SwitchoverStep {
            sight,
            qemu: false,
            sync_count: 7,
            elapsed_ms: 12_000,
            throttle_pct: 20.0,
            dirty_pages_rate: 2,
            params: &params,
        };
        for (text, stops) in [
            ("remaining <= threshold", false),
            ("qemu or time > 10", true),
            ("remaining / bandwidth < 2 * downtime_limit", true),
            ("dirtied == 2 * page and throttle == 20 %", true),
            ("0 / 0", false),
            ("time > deadline", false),
        ] {
            let rule = SwitchoverExpression::parse(text).unwrap();
            assert_eq!(rule.switches_over(&step, &mut [0.0; 4]), stops, "{text}");
        }
        let late = SwitchoverExpression::parse("time > deadline").unwrap().with_deadline(Span::from_ms(11_000));
        assert!(late.reads_deadline() && late.switches_over(&step, &mut [0.0; 4]));
        assert_eq!(SWITCHOVER_QUANTITIES[DEADLINE].name, "deadline");
    }
}
