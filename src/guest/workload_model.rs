//! A workload of one's own, in the terms that both memories understand.

use super::{Law, RateClass, RateSchedule, Workload};
use crate::units::{PageRate, Pages, Share, Span};

/// What a program of one's own writes: how often each part of its region, and how fast from each moment on.
///
/// Writes hit the pages of a class at random. Any curve of distinct pages against time that bends only downwards can be
/// put together from such classes.
///
/// ```
/// use precopy::guest::{RateClass, Workload, WorkloadModel};
/// use precopy::units::{Bytes, PageRate, Pages, Share, Span};
///
/// /// A log that is written at full speed for the first minute, beside an index that is hit ten times less often.
/// struct Loader;
///
/// impl WorkloadModel for Loader {
///     fn classes(&self) -> Vec<RateClass> {
///         let class = |mib: u64, share| RateClass { pages: Bytes(mib << 20).pages(), share: Share(share) };
///         vec![class(64, 0.9), class(512, 0.1)]
///     }
///
///     fn rates(&self) -> Vec<(Span, PageRate)> {
///         vec![(Span::ZERO, PageRate(60_000.0)), (Span::from_ms(60_000), PageRate(2_000.0))]
///     }
/// }
///
/// let workload = Workload::modelled(&Loader, Pages(0));
/// assert_eq!(workload.region, Bytes(576 << 20).pages());
/// ```
pub trait WorkloadModel {
    /// Parts of the region, each written at random, with its share of all writes; shares add up to 1.
    fn classes(&self) -> Vec<RateClass>;

    /// Page writes a second while nothing slows the guest, from each moment after the `migrate` command on, in order of
    /// time.
    fn rates(&self) -> Vec<(Span, PageRate)>;

    /// Share of its vCPUs' time that it needs to write that fast (0..=1].
    fn cpu(&self) -> Share {
        Share::ALL
    }
}

impl Workload {
    /// What `model` writes, from page `offset` of RAM on.
    ///
    /// What is impossible in it, such as shares that do not add up or rates out of order, is found by
    /// [`Scenario::check`](crate::scenario::Scenario::check).
    pub fn modelled(model: &impl WorkloadModel, offset: Pages) -> Workload {
        let (classes, rates) = (model.classes(), model.rates());
        let most = rates.iter().map(|(_, rate)| rate.0).fold(0.0, f64::max);
        let steps = rates.iter().map(|(from, rate)| (*from, if most > 0.0 { rate.0 / most } else { 0.0 })).collect();
        let region = classes.iter().fold(Pages(0), |sum, class| Pages(sum.0.saturating_add(class.pages.0)));
        Workload {
            offset,
            cpu: model.cpu(),
            schedule: RateSchedule { steps, repeat: None },
            ..Workload::steady(Law::Classes(classes), region, PageRate(most))
        }
    }
}
