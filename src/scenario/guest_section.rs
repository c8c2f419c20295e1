//! Section `[guest]`.

use std::path::Path;

use crate::guest::{self, GuestConfig, GuestUncertainty, Law, PageSize, PhaseCourse, Workload};
use crate::units::{Bytes, Pages};

use super::expand::Expanded;
use super::faults::Faults;
use super::layout::{self, Claim, Misfit};
use super::part::RamPart;
use super::reader::{FoundValue, Section};
use super::spread;
use super::tree::TomlValue;
use super::workload_section::{self, Draft};
use super::{keys, keys::RATE};

/// Below this, a number without a unit was not meant in bytes: nothing boots in less.
const SMALL: Bytes = Bytes(1 << 20);

/// Reads the section; `None` if it is wrong.
pub(super) fn read(top: &mut Section, folder: &Path) -> Option<GuestConfig> {
    top.section("guest", |guest| {
        let memory = memory(guest);
        let page_size = page_size(guest, memory.as_ref());
        let vcpus = keys::VCPUS.value(guest);
        let zero = keys::ZERO.read(guest);
        let zero_scan = keys::ZERO_SCAN.read(guest).map(|found| found.value);
        let rate_spread = spread::read(guest, "rate-spread");
        let rate_factor = keys::RATE_FACTOR.read(guest);
        let region_factor = keys::REGION_FACTOR.value(guest);
        let rate_uncertainty = keys::RATE_UNCERTAINTY.read(guest).map(|found| found.value);
        let zero_ends = (keys::LEAST_ZERO.read(guest), keys::MOST_ZERO.read(guest));
        let fault_cost = keys::FAULT_COST.read(guest).map(|found| found.value);
        let drafts = guest.sections("workload", |workload| workload_section::read(workload, folder));
        guest.finish(|_| None);

        // Whatever depends on the size of RAM is checked only where that is known.
        let memory = memory?;
        let zero_pages = zero.as_ref().map_or(Pages(0), |zero| zero.value.of(memory.value));
        if let Some(zero) = zero.filter(|_| zero_pages > memory.value) {
            let label = format!("the guest has {}", memory.value.bytes());
            guest
                .faults
                .error(&zero.place, format!("`{}` is larger than RAM", guest.path("zero")), label)
                .note(&memory.place, "RAM");
            return None;
        }
        let by_operations = drafts.iter().any(|draft| draft.size.is_by_operations());
        let uncertainty = GuestUncertainty {
            rates: rate_uncertainty.unwrap_or(if by_operations { GuestUncertainty::OF_OPERATIONS } else { 1.0 }),
            zero: zero_range(zero_ends, zero_pages, memory.value, guest)?,
        };
        let ram = Ram { memory, zero: zero_pages, region_factor };
        let mut work = workloads(&drafts, &ram, guest.faults)?;
        if let Some(factor) = rate_factor {
            speed_up(&mut work.workloads, &factor, guest.faults);
        }
        let config = GuestConfig {
            memory: ram.memory.value,
            page_size: page_size.unwrap_or_default(),
            rate_spread,
            uncertainty,
            vcpus,
            zero: ram.zero,
            zero_scan,
            fault_cost,
            workloads: work.workloads,
            courses: work.courses,
        };
        count_classes(&config, &drafts, guest.faults);
        Some(config)
    })
}

/// Where the zero pages lie between; `None`, with a fault, if `zero` does not.
fn zero_range(
    (least, most): (Option<FoundValue<RamPart>>, Option<FoundValue<RamPart>>),
    zero: Pages,
    memory: Pages,
    guest: &mut Section,
) -> Option<Option<(Pages, Pages)>> {
    let pages = |end: &Option<FoundValue<RamPart>>| end.as_ref().map_or(zero, |part| part.value.of(memory));
    let range = (pages(&least), pages(&most));
    let outside = [(least, "least-zero", range.0 > zero), (most, "most-zero", range.1 < zero || range.1 > memory)];
    if let Some((end, key, _)) = outside.into_iter().find(|end| end.2) {
        let title = format!("`{}` leaves out what `{}` says", guest.path(key), guest.path("zero"));
        let place = end.map(|part| part.place)?;
        let label = format!("{} of {} are taken for zero", zero.bytes(), memory.bytes());
        guest.faults.error(&place, title, label).help("`zero` lies between `least-zero` and `most-zero`, within RAM");
        return None;
    }
    Some((range.0 < range.1).then_some(range))
}

/// Multiplies all rates.
fn speed_up(workloads: &mut [Workload], factor: &FoundValue<f64>, faults: &mut Faults) {
    workloads.iter_mut().for_each(|workload| workload.rate.0 *= factor.value);
    if workloads.iter().any(|workload| workload.rate > RATE.form.most) {
        faults.error(
            &factor.place,
            "`guest.rate-factor` makes a workload too fast",
            format!("at most {}", RATE.form.most),
        );
    }
}

/// Most classes of pages in a stretch of RAM: more take a noticeable time at every sync.
pub(super) const MOST_CLASSES: usize = 4096;

/// Complains of skewed workloads that lie over each other in too many ways.
fn count_classes(config: &GuestConfig, drafts: &[Draft], faults: &mut Faults) {
    let classes = guest::most_classes(config);
    if let Some(last) = drafts.iter().rfind(|draft| draft.writes()).filter(|_| classes > MOST_CLASSES) {
        let title = format!("{} overlaps with other skewed workloads", last.region_words());
        let label = format!("{classes} kinds of pages, and at most {MOST_CLASSES} can be told apart");
        faults
            .error(last.region_place(), title, label)
            .help("give workloads that overlap the same `offset` and `region`, or places of their own");
    }
}

/// The size of RAM, whatever is wrong with the rest of the section.
pub(super) fn memory_alone(top: &Section) -> Option<Bytes> {
    let guest = top.peek("guest");
    let TomlValue::Table(guest) = &guest?.node.value else { return None };
    let (memory, _) = guest.get("memory")?.node.value.quantity::<Pages>(keys::MEMORY.form.bare)?.ok()?;
    Some(memory.bytes())
}

fn memory(guest: &mut Section) -> Option<FoundValue<Pages>> {
    guest.require("memory", "\"16 GiB\"");
    let found = guest.quantity::<Pages>(keys::MEMORY.name(), keys::MEMORY.form.bare)?;
    let bytes = found.value.bytes();
    let size = found.clone().map(Pages::bytes);
    if !guest.at("memory", |path, faults| keys::MEMORY.form.admits(path, &size, faults)) {
        return None;
    }
    if found.bare && bytes < SMALL {
        let help = "write it with a unit, as in \"16 GiB\"";
        guest.faults.error(&found.place, "`guest.memory` is tiny", "a number without a unit counts bytes").help(help);
        return None;
    }
    Some(found)
}

/// The host's pages behind RAM, which must be made of whole ones.
fn page_size(guest: &mut Section, memory: Option<&FoundValue<Pages>>) -> Option<PageSize> {
    let found = keys::PAGE_SIZE.read(guest)?;
    let path = guest.path("page-size");
    let size = PageSize::ALL.into_iter().find(|size| size.bytes() == found.value);
    let Some(size) = size else {
        let title = format!("`{path}` cannot be {}", found.value);
        let help = "write \"4 KiB\", \"2 MiB\" or \"1 GiB\"";
        guest.faults.error(&found.place, title, "no page size of x86").help(help);
        return None;
    };
    if let Some(memory) = memory.filter(|memory| !memory.value.bytes().0.is_multiple_of(size.bytes().0)) {
        let title = format!("`{}` does not consist of whole pages", guest.path("memory"));
        let label = format!("no multiple of {}", size.bytes());
        guest.faults.error(&memory.place, title, label).note(&found.place, "the page size");
    }
    Some(size)
}

/// RAM, as far as workloads must know it.
struct Ram {
    /// All of it, and where that is said.
    memory: FoundValue<Pages>,
    /// Pages that are zero and stay so; no more than all.
    zero: Pages,
    /// How much larger the workloads' regions are than their sections say.
    region_factor: f64,
}

impl Ram {
    /// What is not zero.
    fn room(&self) -> Pages {
        Pages(self.memory.value.0.saturating_sub(self.zero.0))
    }
}

/// A workload whose keys make sense by themselves.
struct Writer<'d> {
    draft: &'d Draft,
    /// What it stands for, with offsets from the beginning of its region.
    expanded: Expanded,
    claim: Claim,
}

/// Gives every workload its place; `None` if one is wrong or they do not fit.
fn workloads(drafts: &[Draft], ram: &Ram, faults: &mut Faults) -> Option<Work> {
    // All are looked at, so that all their faults are found, before the first that is wrong ends it.
    let shrunk = shrunk(drafts, ram, faults);
    let writers: Vec<Option<Writer>> = drafts.iter().map(|draft| writer(draft, ram, shrunk, faults)).collect();
    let writers: Vec<Writer> = writers.into_iter().collect::<Option<_>>()?;
    let claims: Vec<Claim> = writers.iter().map(|writer| writer.claim).collect();
    match layout::lay(ram.memory.value, ram.zero, &claims) {
        Ok(offsets) => {
            let mut work = Work::default();
            writers.into_iter().zip(offsets).for_each(|(writer, offset)| work.add(writer.expanded, offset));
            Some(work)
        }
        Err(misfit) => {
            complain(misfit, &writers, ram, faults);
            None
        }
    }
}

/// By how much regions of presets must shrink to fit beside everything else, at most 1. A preset was measured in a guest
/// of some size, and whoever names it in a smaller one wants its rates there.
fn shrunk(drafts: &[Draft], ram: &Ram, faults: &mut Faults) -> f64 {
    let queued = || drafts.iter().filter(|draft| draft.writes() && draft.offset.is_none());
    let sum = |of_preset: bool| -> f64 {
        let some = queued().filter(|draft| draft.region_of_preset.is_some() == of_preset);
        some.map(|draft| draft.wanted_region().unwrap_or_default().0 as f64 * ram.region_factor).sum()
    };
    // Each region is rounded up, to whole pages of each of its classes.
    const ROUNDING: f64 = 64.0;
    let room = ram.room().0 as f64 - sum(false) - ROUNDING * drafts.len() as f64;
    let wanted = sum(true);
    if wanted <= room || room <= 0.0 {
        return 1.0;
    }
    let factor = room / wanted;
    for (draft, preset) in queued().filter_map(|draft| Some((draft, draft.region_of_preset.as_ref()?))) {
        let whole = draft.wanted_region().unwrap_or_default();
        let size = |factor: f64| Pages((whole.0 as f64 * factor) as u64).bytes();
        let title = format!("preset `{}` is made smaller", preset.value);
        let label = format!("measured over {}, taken over {}", size(1.0), size(factor * ram.region_factor));
        faults
            .warn(&preset.place, title, label)
            .note(&ram.memory.place, format!("RAM, {} of it free of zero pages", ram.room().bytes()))
            .help("its rates stay as they were measured; give `region` and `rate` if you know them");
    }
    factor
}

fn writer<'d>(draft: &'d Draft, ram: &Ram, shrunk: f64, faults: &mut Faults) -> Option<Writer<'d>> {
    let shrunk = if draft.region_of_preset.is_some() && draft.offset.is_none() { shrunk } else { 1.0 };
    let claim = match draft.writes() {
        true if shrunk < 1.0 => Claim { offset: None, region: draft.wanted_region().unwrap_or_default() },
        true => claim(draft, ram, faults)?,
        false => Claim { offset: Some(Pages(0)), region: Pages(0) },
    };
    let Expanded { workloads, course } = draft.expand(claim.region, faults)?;
    let factor = ram.region_factor * shrunk;
    if factor != 1.0 && workloads.iter().any(|workload| matches!(workload.law, Law::Own(_))) {
        let title = format!("`{}` cannot be made larger or smaller", draft.path("file"));
        let help = "leave `guest.region-factor` at 1, or use kind `curve`, which `precopy fit --recording` writes";
        faults.error(draft.region_place(), title, "a recording has the pages that it has").help(help);
        return None;
    }
    let workloads: Vec<Workload> = workloads.into_iter().map(|workload| workload.stretched(factor)).collect();
    let whole = Pages((claim.region.0 as f64 * factor).ceil() as u64);
    let claim = Claim { region: workloads.iter().map(Workload::end).fold(whole, Pages::max), ..claim };
    if claim.offset.unwrap_or_default().0 + claim.region.0 > ram.memory.value.0 {
        let label = format!("`guest.region-factor` makes it {}", claim.region.bytes());
        let title = format!("`{}` reaches beyond RAM", draft.path("region"));
        faults.error(draft.region_place(), title, label).note(&ram.memory.place, "RAM");
        return None;
    }
    Some(Writer { draft, expanded: Expanded { workloads, course }, claim })
}

/// What all workloads come to.
#[derive(Default)]
struct Work {
    workloads: Vec<Workload>,
    courses: Vec<PhaseCourse>,
}

impl Work {
    /// Adds a workload whose region lies at `offset`.
    fn add(&mut self, Expanded { workloads, course }: Expanded, offset: Pages) {
        self.courses.extend(course.map(|course| PhaseCourse { first: self.workloads.len(), ..course }));
        let placed = workloads.into_iter().map(|w| Workload { offset: Pages(offset.0 + w.offset.0), ..w });
        self.workloads.extend(placed);
    }
}

/// What to do about a recording that has more pages than RAM.
const OTHER_GUEST: &str = "set `guest.memory` to that of the guest that was recorded; where more than one guest or program was \
                           recorded, record one alone; the first seconds of a recording may have fewer pages";

/// What a workload wants: the region it asks for, or all that is not zero from its offset on.
fn claim(draft: &Draft, ram: &Ram, faults: &mut Faults) -> Option<Claim> {
    let memory = ram.memory.value;
    let offset = draft.offset.as_ref().map(|offset| offset.value);
    let from = offset.map_or(0, |offset| offset.0);
    let wanted = draft.wanted_region();
    let region = match wanted {
        Some(region) => region,
        None => Pages(ram.room().0.saturating_sub(from)),
    };
    let words = draft.region_words();
    let has = format!("the guest has {}", memory.bytes());
    let (title, label) = if region == Pages(0) && wanted.is_some() {
        (format!("{words} is zero"), "a workload writes to at least one page".to_owned())
    } else if region == Pages(0) {
        (format!("{words} is missing"), "nothing is left here that is not zero".to_owned())
    } else if region > memory {
        (format!("{words} is larger than RAM"), has)
    } else if from >= memory.0 {
        (format!("`{}` lies beyond RAM", draft.path("offset")), has)
    } else if from + region.0 > memory.0 {
        let left = Pages(memory.0 - from).bytes();
        (format!("{words} reaches beyond RAM"), format!("from {} on, {left} are left", Pages(from).bytes()))
    } else {
        return Some(Claim { offset, region });
    };
    let fault = faults.error(draft.region_place(), title, label).note(&ram.memory.place, "RAM");
    if draft.recording.is_some() {
        fault.help(OTHER_GUEST);
    }
    None
}

/// Says how much the workloads need, and how much there is.
fn complain(misfit: Misfit, writers: &[Writer], ram: &Ram, faults: &mut Faults) {
    let room = ram.room().bytes();
    let (need, help) = match misfit {
        Misfit::Queue(need) => (need, "make regions smaller, or give them an `offset` so that they may overlap"),
        Misfit::Cover(need) => (need, "make regions smaller, or let them overlap more"),
    };
    let counts = |claim: &Claim| claim.region > Pages(0) && (misfit == Misfit::Cover(need) || claim.offset.is_none());
    let involved: Vec<&Draft> =
        writers.iter().filter(|writer| counts(&writer.claim)).map(|writer| writer.draft).collect();
    let Some((last, others)) = involved.split_last() else { return };
    let (title, label, help) = if others.is_empty() {
        let title = format!("{} does not fit beside the zero pages", last.region_words());
        let help = match last.recording {
            Some(_) => "make `guest.zero` smaller: pages that were written are not zero",
            None => "make the region or `guest.zero` smaller",
        };
        (title, format!("there is room for {room}"), help)
    } else {
        let beside = if ram.zero == Pages(0) { "into RAM" } else { "beside the zero pages" };
        let label = format!("{} in all, and there is room for {room}", need.bytes());
        let whole = involved.iter().any(|draft| draft.wanted_region().is_none());
        let help =
            if whole { "without `region` a workload takes all that is not zero; give each its own" } else { help };
        (format!("the workloads do not fit {beside}"), label, help)
    };
    let fault = faults.error(last.region_place(), title, label).help(help);
    for other in others {
        fault.note(other.region_place(), "together with this");
    }
    fault.note(
        &ram.memory.place,
        match ram.zero {
            Pages(0) => "RAM".to_owned(),
            zero => format!("RAM, {} of it zero", zero.bytes()),
        },
    );
}
