//! Whether a guest can be: its RAM, and where its workloads write.

use crate::guest::{self, GuestConfig, Law, RateClass, RateSchedule, Workload};
use crate::units::{Pages, Share, Span};

use super::super::guest_section::MOST_CLASSES;
use super::super::keys;
use super::fault::{Findings, Wrong};

/// How far the shares of all classes together may be from the whole.
const ROUNDING: f64 = 1e-6;

/// Checks RAM, then one workload after the other.
pub(super) fn check(guest: &GuestConfig, found: &mut Findings) {
    let key = |name: &'static str| move || format!("guest.{name}");
    found.key(&keys::MEMORY, guest.memory.bytes());
    let whole = guest.memory.bytes().0.is_multiple_of(guest.page_size.bytes().0);
    found.unless(whole, || {
        Wrong::Conflict { other: "guest.page-size".to_owned(), why: "RAM does not consist of whole pages" }
            .of("guest.memory")
    });
    found.key(&keys::VCPUS, guest.vcpus);
    found.within(guest.zero, (Pages(0), guest.memory), key("zero"));
    if let Some(speed) = guest.zero_scan {
        found.key(&keys::ZERO_SCAN, speed);
    }
    if let Some(cost) = guest.fault_cost {
        found.key(&keys::FAULT_COST, cost);
    }
    found.key(&keys::RATE_UNCERTAINTY, guest.uncertainty.rates);
    if let Some((least, most)) = guest.uncertainty.zero {
        found.within(guest.zero, (least, most.min(guest.memory)), key("zero"));
    }
    if let Some(spread) = &guest.rate_spread {
        super::spread(spread, found, key("rate-spread.deviation"));
    }
    for (index, course) in guest.courses.iter().enumerate() {
        let key = |name: &str| format!("guest.workload.{}.{name}", course.first);
        super::spread(&course.spread, found, || key("time-spread.deviation"));
        found.unless(!course.phases.is_empty(), || Wrong::Empty.of(key("phase")));
        let writers: usize = course.phases.iter().map(|phase| phase.schedules.len()).sum();
        let fits = course.first.checked_add(writers).is_some_and(|end| end <= guest.workloads.len());
        found.unless(fits, || Wrong::Unordered.of(format!("guest.course.{index}")));
    }
    let before = found.0.len();
    for (index, workload) in guest.workloads.iter().enumerate() {
        check_workload(workload, guest.memory, found, |name| format!("guest.workload.{index}.{name}"));
    }
    // Zones can be told only of regions that are right.
    if found.0.len() == before && guest.workloads.len() > 1 {
        found.within(guest::most_classes(guest), (1, MOST_CLASSES), || "guest.workload (classes of pages)".to_owned());
    }
}

fn check_workload(workload: &Workload, memory: Pages, found: &mut Findings, key: impl Fn(&str) -> String) {
    let writes = workload.law != Law::Idle;
    found.number(workload.rate.0, (keys::RATE.form.least.0, keys::RATE.form.most.0), || key("rate"));
    let least = if writes { f64::MIN_POSITIVE } else { 0.0 };
    found.number(workload.cpu.0, (least, 1.0), || key("cpu"));
    found.number(workload.changed.0, (0.0, 1.0), || key("changed"));
    schedule(&workload.schedule, found, &key);
    let end = workload.offset.0.checked_add(workload.region.0);
    found.unless(end.is_some_and(|end| end <= memory.0), || Wrong::BeyondRam(memory.bytes()).of(key("region")));
    if writes {
        found.within(workload.region, (Pages(1), Pages(u64::MAX)), || key("region"));
        law(&workload.law, workload.region, found, &key);
    }
}

fn schedule(schedule: &RateSchedule, found: &mut Findings, key: &impl Fn(&str) -> String) {
    for (index, (from, factor)) in schedule.steps.iter().enumerate() {
        found.number(*factor, (0.0, f64::MAX), || key(&format!("schedule.{index}")));
        let is_later = index == 0 || schedule.steps[index - 1].0 < *from;
        found.unless(is_later, || Wrong::Unordered.of(key(&format!("schedule.{index}"))));
    }
    if let Some(repeat) = schedule.repeat {
        found.within(repeat, (Span(1), Span(u64::MAX)), || key("repeat"));
    }
}

fn law(law: &Law, region: Pages, found: &mut Findings, key: &impl Fn(&str) -> String) {
    match law {
        Law::Idle | Law::Uniform => {}
        Law::HotCold { hot, share } => {
            found.number(share.0, (0.0, 1.0), || key("share"));
            // Writes must have a page to go to, in the hot part and beside it.
            let least = Pages(u64::from(*share > Share(0.0)));
            let most = Pages(region.0.saturating_sub(u64::from(*share < Share::ALL)));
            found.within(*hot, (least, most), || key("hot"));
        }
        Law::Zipf { exponent } => found.row(&keys::EXPONENT, *exponent, || key("exponent")),
        Law::Sequential { start } => {
            found.within(*start, (Pages(0), Pages(region.0.saturating_sub(1))), || key("start"));
        }
        Law::Classes(classes) => check_classes(classes, region, found, key),
        Law::Own(order) => found.within(region, (order.region(), order.region()), || key("region")),
    }
}

fn check_classes(classes: &[RateClass], region: Pages, found: &mut Findings, key: &impl Fn(&str) -> String) {
    found.unless(!classes.is_empty(), || Wrong::Empty.of(key("classes")));
    for (index, class) in classes.iter().enumerate() {
        found.number(class.share.0, (0.0, 1.0), || key(&format!("classes.{index}.share")));
    }
    let pages = classes.iter().fold(0u64, |sum, class| sum.saturating_add(class.pages.0));
    found.within(Pages(pages), (Pages(0), region), || key("classes"));
    let shares: f64 = classes.iter().map(|class| class.share.0).sum();
    let is_whole = classes.is_empty() || !shares.is_finite() || (shares - 1.0).abs() <= ROUNDING;
    found.unless(is_whole, || {
        Wrong::OutOfRange {
            value: format!("{} of the writes", Share(shares)),
            least: Share::ALL.to_string(),
            most: Share::ALL.to_string(),
        }
        .of(key("classes"))
    });
}
