//! Sections `[[guest.workload]]`.

use crate::guest::{Law, Schedule, Workload};
use crate::units::{PageRate, Pages, Share, Span};

use super::faults::{Faults, clip};
use super::part::{self, Part};
use super::reader::{Found, Section, list};
use super::tree::{Place, Value};

/// The fastest writer: a thousand million pages a second, 4 TB/s, beyond the memory of any host.
const FASTEST: PageRate = PageRate(1e9);

/// What `kind` may say.
const KINDS: [(&str, Kind); 4] =
    [("idle", Kind::Idle), ("uniform", Kind::Uniform), ("hot-cold", Kind::HotCold), ("sequential", Kind::Sequential)];
/// Kinds that are planned.
const LATER: [&str; 4] = ["zipf", "phases", "curve", "trace"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Idle,
    Uniform,
    HotCold,
    Sequential,
}

impl Kind {
    /// The kinds that a key belongs to; `None`: to all.
    fn having(key: &str) -> Option<&'static [&'static str]> {
        match key {
            "region" | "offset" | "rate" | "changed" | "catch-up" => Some(&["uniform", "hot-cold", "sequential"]),
            "hot" | "share" => Some(&["hot-cold"]),
            "start" => Some(&["sequential"]),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A workload as it was written, before RAM is known.
#[derive(Debug)]
pub(super) struct Draft {
    path: String,
    place: Place,
    kind: Option<Kind>,
    /// Length of the region, where given.
    pub region: Option<Found<Pages>>,
    /// Where the region begins, where given.
    pub offset: Option<Found<Pages>>,
    rate: Option<Found<PageRate>>,
    cpu: Option<Found<Share>>,
    changed: Option<Found<Share>>,
    catch_up: Option<Span>,
    hot: Option<Found<Part>>,
    share: Option<Found<Share>>,
    start: Option<Found<Pages>>,
}

/// Reads one workload and checks what can be checked without knowing the guest.
pub(super) fn read(workload: &mut Section) -> Draft {
    let kind = workload.choice("kind", &KINDS, &LATER).map(|found| found.value);
    workload.require("kind", "\"uniform\"");
    let draft = Draft {
        path: workload.path(""),
        place: workload.place.clone(),
        kind,
        region: workload.quantity("region", Some("B")),
        offset: workload.quantity("offset", Some("B")),
        rate: workload.at_most("rate", Some("pages/s"), FASTEST),
        cpu: workload.share("cpu"),
        changed: workload.share("changed"),
        catch_up: catch_up(workload),
        hot: part::read(workload, "hot"),
        share: workload.share("share"),
        start: workload.quantity("start", Some("B")),
    };
    if let Some(kind) = kind {
        belong(workload, kind);
        let needed: &[(&'static str, &'static str)] = match kind {
            Kind::Idle => &[],
            Kind::Uniform | Kind::Sequential => &[("rate", "\"10000 pages/s\"")],
            Kind::HotCold => &[("rate", "\"10000 pages/s\""), ("hot", "\"10 %\""), ("share", "\"90 %\"")],
        };
        for (key, example) in needed {
            workload.require(key, example);
        }
        if let Some(cpu) = draft.cpu.as_ref().filter(|cpu| kind != Kind::Idle && cpu.value == Share(0.0)) {
            let title = format!("`{}` is zero", workload.path("cpu"));
            workload
                .faults
                .error(&cpu.place, title, "a writer needs some CPU time")
                .help("how busy the writer is: 100 % if every lost CPU cycle costs writes, less if it has slack");
        }
    }
    workload.finish(|_| None);
    draft
}

/// Complains about keys that belong to another kind.
fn belong(workload: &mut Section, kind: Kind) {
    for entry in workload.entries() {
        if let Some(kinds) = Kind::having(&entry.key).filter(|kinds| !kinds.contains(&kind.name())) {
            let path = workload.path(&entry.key);
            let title = format!("`{path}` does not belong to kind `{}`", kind.name());
            let label = format!("only for {}", list(kinds.iter().copied()));
            workload.faults.error(&entry.place, title, label).help("remove it, or choose another `kind`");
        }
    }
}

/// How much held-back work is made up for: `all`, `none`, or so much of it. All is [`None`], as in [`Workload`].
fn catch_up(workload: &mut Section) -> Option<Span> {
    const KEY: &str = "catch-up";
    match workload.raw(KEY).map(|node| (&node.value, &node.place)) {
        Some((Value::Text(word), _)) if word == "all" => None,
        Some((Value::Text(word), _)) if word == "none" => Some(Span::ZERO),
        Some((Value::Text(word), place)) if word.starts_with(char::is_alphabetic) => {
            let title = format!("`{}` cannot be `{}`", workload.path(KEY), clip(word));
            workload
                .faults
                .error(place, title, "no such choice")
                .help("write \"all\", \"none\", or a time such as \"10 s\"");
            None
        }
        _ => workload.quantity(KEY, None).map(|found| found.value),
    }
}

impl Draft {
    /// Whether it needs a place in RAM.
    pub fn writes(&self) -> bool {
        self.kind != Some(Kind::Idle)
    }

    /// The path of one of its keys.
    pub fn path(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// Where to complain about its region: there, or at the head of the section.
    pub fn region_place(&self) -> &Place {
        self.region.as_ref().map_or(&self.place, |region| &region.place)
    }

    /// The order of its writes in a region of that length; `None` if a key is missing or wrong.
    pub fn law(&self, region: Pages, faults: &mut Faults) -> Option<Law> {
        match self.kind? {
            Kind::Idle => Some(Law::Idle),
            Kind::Uniform => Some(Law::Uniform),
            Kind::HotCold => self.hot_cold(region, faults),
            Kind::Sequential => {
                let start = self.start.as_ref().map_or(Pages(0), |start| start.value);
                let outside = self.start.as_ref().filter(|_| start >= region);
                if let Some(found) = outside {
                    let title = format!("`{}` lies outside the region", self.path("start"));
                    faults.error(&found.place, title, format!("the region has {}", region.bytes()));
                }
                outside.is_none().then_some(Law::Sequential { start })
            }
        }
    }

    fn hot_cold(&self, region: Pages, faults: &mut Faults) -> Option<Law> {
        let (hot, share) = (self.hot.as_ref()?, self.share.as_ref()?);
        let (place, hot) = (&hot.place, hot.value.of(region));
        let path = self.path("hot");
        if hot > region {
            let label = format!("the region has {}", region.bytes());
            faults.error(place, format!("`{path}` is larger than the region"), label);
        } else if hot == Pages(0) && share.value > Share(0.0) {
            let label = format!("{} of the writes have nowhere to go", share.value);
            faults.error(place, format!("`{path}` is smaller than a page"), label).note(&share.place, "these");
        } else if hot == region && share.value < Share::ALL {
            let label = format!("{} of the writes have nowhere to go", Share(1.0 - share.value.0));
            faults.error(place, format!("`{path}` leaves no cold pages"), label).note(&share.place, "all but these");
        } else {
            return Some(Law::HotCold { hot, share: share.value });
        }
        None
    }

    /// The typed workload; `None` if its rate is missing or wrong.
    pub fn workload(&self, law: Law, offset: Pages, region: Pages) -> Option<Workload> {
        let (rate, cpu) = match law {
            Law::Idle => (PageRate(0.0), Share(0.0)),
            _ => (self.rate.as_ref()?.value, Share::ALL),
        };
        let cpu = self.cpu.as_ref().map_or(cpu, |cpu| cpu.value);
        let changed = self.changed.as_ref().map_or(Share::ALL, |changed| changed.value);
        Some(Workload {
            law,
            offset,
            region,
            rate,
            cpu,
            changed,
            schedule: Schedule::default(),
            catch_up: self.catch_up,
        })
    }
}
