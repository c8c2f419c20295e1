//! Guests that tests are made of.

use super::{GuestConfig, Law, Workload};
use crate::units::{PageRate, Pages, Rate, Span};

/// One vCPU on small pages, of which none is zero.
pub(super) fn guest(memory: Pages, workloads: Vec<Workload>) -> GuestConfig {
    GuestConfig { zero_scan: Some(Rate(1)), fault_cost: Some(Span::ZERO), workloads, ..GuestConfig::idle(memory) }
}

/// A writer of one page a second that is always busy.
pub(super) fn writer(law: Law, offset: Pages, region: Pages) -> Workload {
    Workload { offset, ..Workload::steady(law, region, PageRate(1.0)) }
}
