//! A throttle rule of one's own, in place of the one that the release has.

use std::fmt;
use std::sync::Arc;

use super::{Params, Period, RuleSight};

/// Decides how much the guest is throttled, whenever a period has closed: in QEMU's place (qemu-precopy 4.2 and 4.3).
///
/// A period closes at a sync, once a second at most. What the rule says comes into force at the next tick of the throttle,
/// as QEMU's own percentage does. Put it into [`QemuConfig::throttle_rule`](super::QemuConfig::throttle_rule); it needs
/// `auto-converge`, and a release with a throttle in percent (2.5 and later).
///
/// ```
/// use precopy::qemu::{AutoConvergeStep, ThrottleRule};
///
/// /// Adds as many percent as the guest wrote too much, by the share of what was sent.
/// #[derive(Debug)]
/// struct Proportional;
///
/// impl ThrottleRule for Proportional {
///     fn throttle_pct(&self, step: &AutoConvergeStep, _: &mut [f64; 4]) -> u8 {
///         let ratio = step.period.dirty_bytes as f64 / step.period.sent_bytes.max(1) as f64;
///         (f64::from(step.throttle_pct) + 50.0 * (ratio - 0.5)).clamp(0.0, 99.0) as u8
///     }
/// }
/// ```
pub trait ThrottleRule: fmt::Debug + Send + Sync {
    /// The throttle from now on [% of the vCPUs' time]; QEMU's most, 99, holds here as well.
    ///
    /// `registers` are 0 when a migration begins and keep what the rule leaves in them until it is asked again: a rule has
    /// no other memory, so that a run can be taken up again from a snapshot.
    fn throttle_pct(&self, step: &AutoConvergeStep, registers: &mut [f64; 4]) -> u8;
}

/// What a throttle rule sees: as much as QEMU's own, and the migration around it.
#[derive(Clone, Copy, Debug)]
pub struct AutoConvergeStep<'a> {
    /// The period that has closed.
    pub period: &'a Period,
    /// Its length [ms].
    pub length_ms: u64,
    /// `dirty-sync-count`, with the sync that closed it.
    pub sync_count: u64,
    /// Since the migration began [ms].
    pub elapsed_ms: u64,
    /// The throttle in force [%].
    pub throttle_pct: u8,
    /// Parameters as they are now.
    pub params: &'a Params,
    /// The migration at the sync, which QEMU's own rule does not look at.
    pub sight: RuleSight,
}

/// A throttle rule that configurations share.
#[derive(Clone, Debug)]
pub struct OwnThrottleRule(Arc<dyn ThrottleRule>);

impl OwnThrottleRule {
    /// Makes a rule ready for a configuration.
    pub fn new(rule: impl ThrottleRule + 'static) -> OwnThrottleRule {
        OwnThrottleRule(Arc::new(rule))
    }

    /// The percentage after a step [%, 0..=99].
    pub(super) fn next(&self, step: &AutoConvergeStep, registers: &mut [f64; 4]) -> u8 {
        self.0.throttle_pct(step, registers).min(99)
    }
}
