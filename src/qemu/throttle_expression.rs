//! A throttle rule as an expression.

use super::{AutoConvergeStep, ThrottleRule};
use crate::expression::{Expression, ExpressionError};
use crate::units::{PAGE_SIZE, Span};

/// A quantity that an expression may read.
#[derive(Clone, Copy, Debug)]
pub struct RuleQuantity<F> {
    /// What it is called.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it is.
    pub means: &'static str,
    /// Takes it from a step.
    of: F,
}

impl<F> RuleQuantity<F> {
    pub(super) const fn new(name: &'static str, unit: &'static str, means: &'static str, of: F) -> RuleQuantity<F> {
        RuleQuantity { name, unit, means, of }
    }

    /// What it is at this step; there is no deadline where none is given, and it is infinite.
    pub fn value<S>(&self, step: S) -> f64
    where
        F: Fn(S) -> f64,
    {
        (self.of)(step)
    }
}

/// A throttle rule of one line: what the throttle is to be from now on, as a share of the vCPUs' time.
///
/// The share is rounded to a whole percentage from 0 to 99; what is no number (a division of nothing by nothing) leaves the throttle
/// as it is.
///
/// ```
/// use precopy::qemu::{OwnThrottleRule, ThrottleExpression, Version};
/// use precopy::scenario::Scenario;
/// use precopy::units::{Bytes, Rate};
///
/// let rule = ThrottleExpression::parse("throttle + (dirty / sent - 1) / 2")?;
/// let mut scenario = Scenario::new(Bytes(8 << 30), Rate(1_250_000_000), Version::new(8, 2));
/// scenario.qemu.capabilities.auto_converge = true;
/// scenario.qemu.throttle_rule = Some(OwnThrottleRule::new(rule));
/// # Ok::<(), precopy::expression::ExpressionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ThrottleExpression(Expression);

/// Of a period.
type OfPeriod = fn(&AutoConvergeStep<'_>) -> f64;

/// A percentage as a share.
fn share(pct: u8) -> f64 {
    f64::from(pct) / 100.0
}

/// What a throttle rule may read. The first nine are all that QEMU's own looks at.
pub static THROTTLE_QUANTITIES: [RuleQuantity<OfPeriod>; 18] = [
    RuleQuantity::new("throttle", "share", "the throttle in force", |step| share(step.throttle_pct)),
    RuleQuantity::new("dirty", "bytes", "dirtied in the period", |step| step.period.dirty_bytes as f64),
    RuleQuantity::new("sent", "bytes", "sent in the period", |step| step.period.sent_bytes as f64),
    RuleQuantity::new(
        "limit",
        "bytes",
        "what `dirty` must exceed for QEMU: `trigger` of `sent`, cut to whole bytes",
        |step| step.period.limit_bytes as f64,
    ),
    RuleQuantity::new("initial", "share", "`cpu-throttle-initial`", |step| share(step.params.cpu_throttle_initial)),
    RuleQuantity::new("increment", "share", "`cpu-throttle-increment`", |step| {
        share(step.params.cpu_throttle_increment)
    }),
    RuleQuantity::new("max", "share", "`max-cpu-throttle`", |step| share(step.params.max_cpu_throttle)),
    RuleQuantity::new("tailslow", "0 or 1", "`cpu-throttle-tailslow`", |step| {
        f64::from(u8::from(step.params.cpu_throttle_tailslow))
    }),
    RuleQuantity::new("trigger", "share", "`throttle-trigger-threshold`", |step| {
        share(step.params.throttle_trigger_threshold)
    }),
    RuleQuantity::new("syncs", "count", "`dirty-sync-count`", |step| step.sync_count as f64),
    RuleQuantity::new("period", "s", "how long the period was", |step| step.length_ms as f64 / 1000.0),
    RuleQuantity::new("time", "s", "since the migration began", |step| step.elapsed_ms as f64 / 1000.0),
    RuleQuantity::new("deadline", "s", "`policy.deadline`", |step| {
        step.sight.deadline.map_or(f64::INFINITY, Span::seconds)
    }),
    RuleQuantity::new("memory", "bytes", "the guest's RAM", |step| step.sight.memory.0 as f64),
    RuleQuantity::new("remaining", "bytes", "left to be sent, after the sync", |step| step.sight.remaining.0 as f64),
    RuleQuantity::new("bandwidth", "bytes/s", "of the last window, as QEMU reckons it", |step| {
        step.sight.bandwidth.0 as f64
    }),
    RuleQuantity::new("threshold", "bytes", "what may be left when the guest is stopped", |step| {
        step.sight.threshold.0 as f64
    }),
    RuleQuantity::new("page", "bytes", "of a page", |_| PAGE_SIZE as f64),
];

/// The place of `deadline` in the list.
const DEADLINE: usize = 12;

impl ThrottleExpression {
    /// Reads a rule over [`THROTTLE_QUANTITIES`].
    ///
    /// # Errors
    /// The first fault, with its place in the text.
    pub fn parse(text: &str) -> Result<ThrottleExpression, ExpressionError> {
        let names: Vec<&str> = THROTTLE_QUANTITIES.iter().map(|quantity| quantity.name).collect();
        let rule = Expression::parse(text, &names)?;
        // A number of percent would be a full throttle in silence.
        let is_constant = (0..names.len()).all(|quantity| !rule.reads(quantity));
        let value = rule.value(&[f64::NAN; THROTTLE_QUANTITIES.len()], &mut [0.0; 4]);
        if is_constant && value.is_infinite() {
            let title = "the rule gives no number: it divides by zero";
            return Err(ExpressionError::new(text, 0..text.len(), title).help("a throttle is a share, such as `30 %`"));
        }
        if is_constant && value > 1.0 {
            let title = format!("a throttle of {value} is {}%, more than all of the vCPUs' time", 100.0 * value);
            return Err(ExpressionError::new(text, 0..text.len(), title)
                .help("a throttle is a share: write `30 %` or `0.3` for 30 %"));
        }
        Ok(ThrottleExpression(rule))
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

impl ThrottleRule for ThrottleExpression {
    fn throttle_pct(&self, step: &AutoConvergeStep, registers: &mut [f64; 4]) -> u8 {
        let values = THROTTLE_QUANTITIES.each_ref().map(|quantity| quantity.value(step));
        step.percentage(self.0.value(&values, registers))
    }
}

impl AutoConvergeStep<'_> {
    /// The throttle that a share of the vCPUs' time is [%]: whole, from 0 to 99. What is no number leaves the throttle as it is.
    pub fn percentage(&self, share: f64) -> u8 {
        // The cast loses nothing: the value is a whole number from 0 to 99.
        if share.is_nan() { self.throttle_pct } else { (100.0 * share).round().clamp(0.0, 99.0) as u8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::{Params, Period, RuleSight, Version};

    fn step<'a>(period: &'a Period, params: &'a Params, throttle_pct: u8) -> AutoConvergeStep<'a> {
        let sight = RuleSight::default();
        AutoConvergeStep { period, length_ms: 2000, sync_count: 3, elapsed_ms: 9000, throttle_pct, params, sight }
    }

    #[test]
    fn a_share_becomes_a_whole_percentage() {
        let period = Period { dirty_bytes: 600, sent_bytes: 400, limit_bytes: 200, hit: true, fired: false };
        let params = Params::defaults(Version::new(8, 2));
        for (text, pct) in [
            ("throttle + (dirty / sent - 1) / 2", 55),
            ("throttle", 30),
            ("29 %", 29),
            ("0.295", 30),
            ("-1", 0),
            ("7 * syncs", 99),
            ("0 / 0", 30),
            ("initial + increment", 30),
            ("(period + time) / 100", 11),
            ("if(deadline > 1e300, 0.4, 0.5)", 40),
        ] {
            let rule = ThrottleExpression::parse(text).unwrap();
            assert_eq!(rule.throttle_pct(&step(&period, &params, 30), &mut [0.0; 4]), pct, "{text}");
        }
        for percent in ["7", "30", "25 + 5"] {
            let refused = ThrottleExpression::parse(percent).unwrap_err();
            assert!(refused.help.unwrap().contains("30 %"), "{percent}");
        }
        assert!(ThrottleExpression::parse("1 / 0").unwrap_err().title.contains("no number"));
        let late = ThrottleExpression::parse("time / deadline").unwrap();
        assert!(late.reads_deadline());
        let mut step = step(&period, &params, 30);
        step.sight.deadline = Some(Span::from_ms(90_000));
        assert_eq!(late.throttle_pct(&step, &mut [0.0; 4]), 10);
        assert_eq!(THROTTLE_QUANTITIES[DEADLINE].name, "deadline");
    }
}
