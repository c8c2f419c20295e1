//! Guests that tests are made of.

use super::{GuestConfig, Law, PageSize, RateSchedule, Workload};
use crate::units::{PageRate, Pages, Rate, Share, Span};

/// One vCPU on small pages, of which none is zero.
pub(super) fn guest(memory: Pages, workloads: Vec<Workload>) -> GuestConfig {
    GuestConfig {
        memory,
        vcpus: 1,
        zero: Pages(0),
        zero_scan: Rate(1),
        fault_cost: Span::ZERO,
        page_size: PageSize::Small,
        rate_spread: None,
        courses: Vec::new(),
        workloads,
    }
}

/// A writer of one page a second that is always busy.
pub(super) fn writer(law: Law, offset: Pages, region: Pages) -> Workload {
    Workload {
        law,
        offset,
        region,
        rate: PageRate(1.0),
        cpu: Share::ALL,
        changed: Share::ALL,
        schedule: RateSchedule::default(),
        catch_up: None,
    }
}
