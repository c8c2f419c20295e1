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
pub struct SwitchoverExpression(Expression);

/// Of a step.
type OfStep = fn(&SwitchoverStep<'_>) -> f64;

/// What a switchover rule may read.
pub static SWITCHOVER_QUANTITIES: [RuleQuantity<OfStep>; 12] = [
    RuleQuantity::new("remaining", "bytes", "left to be sent, after the sync", |step| step.sight.remaining.0 as f64),
    RuleQuantity::new("threshold", "bytes", "what may be left for QEMU", |step| step.sight.threshold.0 as f64),
    RuleQuantity::new("qemu", "0 or 1", "QEMU's own rule would stop the guest", |step| f64::from(u8::from(step.qemu))),
    RuleQuantity::new("bandwidth", "bytes/s", "of the last window, as QEMU reckons it", |step| {
        step.sight.bandwidth.0 as f64
    }),
    RuleQuantity::new("dirtied", "bytes/s", "`dirty-pages-rate` of the last period", |step| {
        (step.dirty_pages_rate as f64) * PAGE_SIZE as f64
    }),
    RuleQuantity::new("throttle", "share", "the throttle in force", |step| step.throttle_pct / 100.0),
    RuleQuantity::new("syncs", "count", "`dirty-sync-count`", |step| step.sync_count as f64),
    RuleQuantity::new("time", "s", "since the migration began", |step| step.elapsed_ms as f64 / 1000.0),
    RuleQuantity::new("deadline", "s", "`policy.deadline`", |step| {
        step.sight.deadline.map_or(f64::INFINITY, Span::seconds)
    }),
    RuleQuantity::new("downtime_limit", "s", "`downtime-limit`", |step| step.params.downtime_limit.seconds()),
    RuleQuantity::new("memory", "bytes", "the guest's RAM", |step| step.sight.memory.0 as f64),
    RuleQuantity::new("page", "bytes", "of a page", |_| PAGE_SIZE as f64),
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
        Expression::parse(text, &names).map(SwitchoverExpression)
    }

    /// Whether the rule reads `deadline`.
    pub fn reads_deadline(&self) -> bool {
        self.0.reads(DEADLINE)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        self.0.text()
    }
}

impl SwitchoverRule for SwitchoverExpression {
    fn switches_over(&self, step: &SwitchoverStep, registers: &mut [f64; 4]) -> bool {
        let values = SWITCHOVER_QUANTITIES.each_ref().map(|quantity| quantity.value(step));
        SwitchoverStep::is_stop(self.0.value(&values, registers))
    }
}

impl SwitchoverStep<'_> {
    /// Whether a rule's value stops the guest: where it is a number, and not 0.
    pub fn is_stop(value: f64) -> bool {
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
        let sight = RuleSight {
            memory: Bytes::GIB,
            remaining: Bytes(500),
            bandwidth: Rate(1000),
            threshold: Bytes(400),
            deadline: None,
        };
        let mut step = SwitchoverStep {
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
        let late = SwitchoverExpression::parse("time > deadline").unwrap();
        step.sight.deadline = Some(Span::from_ms(11_000));
        assert!(late.reads_deadline() && late.switches_over(&step, &mut [0.0; 4]));
        assert_eq!(SWITCHOVER_QUANTITIES[DEADLINE].name, "deadline");
    }
}
