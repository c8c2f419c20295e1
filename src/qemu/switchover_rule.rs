//! A rule of one's own for the moment at which the guest is stopped.

use std::fmt;
use std::sync::Arc;

use super::{Params, RuleSight};

/// Decides after each sync that ends a pass whether the guest is stopped now, in the place of QEMU's comparison of what remains with
/// its threshold (qemu-precopy 1.2).
///
/// A pass ends when less than the threshold is left, as QEMU has it. A rule that says no then, though the sync has not found more than
/// that either, is asked again when all of it is sent, and not before a window of 100 ms is over. Where nothing at all is left, the
/// guest is stopped without a question, as QEMU does.
///
/// ```
/// use precopy::qemu::{SwitchoverRule, SwitchoverStep};
///
/// /// Waits for half of what QEMU waits for.
/// #[derive(Debug)]
/// struct Half;
///
/// impl SwitchoverRule for Half {
///     fn switches_over(&self, step: &SwitchoverStep, _: &mut [f64; 4]) -> bool {
///         2 * step.sight.remaining.0 < step.sight.threshold.0
///     }
/// }
/// ```
pub trait SwitchoverRule: fmt::Debug + Send + Sync {
    /// Whether the guest is stopped now.
    ///
    /// `registers` are 0 when a migration begins and keep what the rule leaves in them until it is asked again.
    fn switches_over(&self, step: &SwitchoverStep, registers: &mut [f64; 4]) -> bool;
}

/// What a switchover rule sees.
#[derive(Clone, Copy, Debug)]
pub struct SwitchoverStep<'a> {
    /// The migration after the sync.
    pub sight: RuleSight,
    /// Whether QEMU would stop the guest.
    pub qemu: bool,
    /// `dirty-sync-count`.
    pub sync_count: u64,
    /// Since the migration began [ms].
    pub elapsed_ms: u64,
    /// The throttle in force [%].
    pub throttle_pct: f64,
    /// `dirty-pages-rate` [pages/s].
    pub dirty_pages_rate: u64,
    /// Parameters as they are now.
    pub params: &'a Params,
}

/// A switchover rule that configurations share.
#[derive(Clone, Debug)]
pub struct OwnSwitchoverRule(Arc<dyn SwitchoverRule>);

impl OwnSwitchoverRule {
    /// Makes a rule ready for a configuration.
    pub fn new(rule: impl SwitchoverRule + 'static) -> OwnSwitchoverRule {
        OwnSwitchoverRule(Arc::new(rule))
    }

    /// What it says.
    pub fn switches_over(&self, step: &SwitchoverStep, registers: &mut [f64; 4]) -> bool {
        self.0.switches_over(step, registers)
    }
}

/// Who decides when the guest is stopped.
#[derive(Clone, Debug, Default)]
pub enum Switchover {
    /// QEMU.
    #[default]
    Qemu,
    /// A rule of one's own.
    Own(OwnSwitchoverRule),
    /// Whoever knows how the migration would go on: at the sync of all within the time limit that leaves least to be sent, the first
    /// of them where several do. A bound for every rule: the run is made twice.
    Oracle,
}

impl Switchover {
    /// The rule of one's own, if there is one.
    pub fn own(&self) -> Option<&OwnSwitchoverRule> {
        match self {
            Switchover::Own(rule) => Some(rule),
            Switchover::Qemu | Switchover::Oracle => None,
        }
    }
}
