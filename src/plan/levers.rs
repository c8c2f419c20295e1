//! What can be changed about a migration: one function for each lever, and the list of them.
//!
//! A lever that is added is a function that lists its ladders, and a line in [`LEVERS`]; an option of QEMU whose values can be
//! tried one by one says so in its own row ([`MigrationOption::is_lever`]), and so does an orchestrator's
//! ([`option_lever`]).

use crate::qemu::{MigrationOption, MonitorCommand, OPTIONS, Params, QemuForm};
use crate::scenario::{Draft, Scenario, Setting, SettingValue};
use crate::units::{Bytes, Rate, Time};

use super::ladder::{bandwidths, halves, three_digits, three_digits_down, told};
use super::lever::{lever, percent, switch};
use super::{By, Ladder, PlanLever, Rung, option_lever};

type Make = fn(&Scenario, &Draft) -> PlanLever;

/// Levers that take more than another value of one option, by their names.
const LEVERS: [(&str, Make); 9] = [
    ("link.bandwidth", bandwidth),
    ("link.migrations", migrations),
    (MAX_BANDWIDTH, max_bandwidth),
    ("qemu.downtime-limit", downtime_limit),
    ("qemu.auto-converge", auto_converge),
    ("qemu.multifd", multifd),
    ("qemu.xbzrle", xbzrle),
    ("qemu.postcopy-ram", post_copy),
    ("guest.rate-factor", rate),
];

/// Where the options of QEMU stand among [`LEVERS`]: behind the capability that most of them need.
const BEHIND: &str = "qemu.auto-converge";

/// The name of every lever that any migration has, in the order in which they are tried.
pub(super) fn names() -> impl Iterator<Item = String> + Clone {
    let options = || OPTIONS.iter().filter(|option| option.is_lever).map(|option| format!("qemu.{}", option.name));
    LEVERS.iter().flat_map(move |(name, _)| {
        let behind = options().filter(move |_| *name == BEHIND);
        std::iter::once((*name).to_owned()).chain(behind)
    })
}

/// The lever of that name.
fn named(name: &str, scenario: &Scenario, draft: &Draft) -> Option<PlanLever> {
    if let Some((_, make)) = LEVERS.iter().find(|lever| lever.0 == name) {
        return Some(make(scenario, draft));
    }
    if let Some(lever) = option_lever::named(name, draft) {
        return Some(lever);
    }
    let option = MigrationOption::find(name.strip_prefix("qemu.")?).filter(|option| option.is_lever)?;
    match &option.form {
        QemuForm::Percent(slot, range) => Some(percent(name, slot.value(&scenario.qemu), range)),
        QemuForm::Switch(slot) => Some(switch(name, slot.value(&scenario.qemu))),
        _ => None,
    }
}

/// The levers that are to be tried.
pub(super) fn chosen(scenario: &Scenario, draft: &Draft, by: &[By]) -> Vec<PlanLever> {
    let known = |name: &str| named(name, scenario, draft);
    if by.is_empty() {
        let is_closed = option_lever::product(draft).is_some_and(|product| !product.leaves_qemu);
        let ours = names().filter_map(|name| known(&name)).map(|lever| match is_closed && lever.is_of_qemu() {
            true => PlanLever { ladders: Vec::new(), note: Some(CLOSED), ..lever },
            false => lever,
        });
        return ours.chain(option_lever::of_product(draft)).collect();
    }
    let lever = |by: &By| {
        let lever = known(&by.key);
        match &by.ladder {
            None => lever,
            Some(ladder) => {
                let written = || draft.value(&by.key).unwrap_or("default".to_owned());
                let now = lever.map_or_else(written, |lever| lever.now);
                Some(PlanLever { name: by.key.clone(), now, ladders: vec![ladder.clone()], note: None })
            }
        }
    };
    by.iter().filter_map(lever).collect()
}

/// Why an option of QEMU cannot be set.
const CLOSED: &str = "none of the product's own options: it sets QEMU up by itself";

/// A lever that a planner of a whole host may turn.
#[derive(Clone, Debug)]
pub(crate) struct HostLever {
    /// The lever.
    pub lever: PlanLever,
    /// Whether it may differ from guest to guest.
    pub per_guest: bool,
    /// Of a limit to the bandwidth, lower ones: they leave more of the link to others.
    pub caps: Option<Ladder>,
}

/// The levers that a planner of a whole host may turn: settings, and neither the link nor the guest.
pub(crate) fn of_host(scenario: &Scenario, draft: &Draft) -> Vec<HostLever> {
    let is_setting =
        |lever: &PlanLever| !lever.is_of_guest() && !lever.name.starts_with("link.") && lever.note != Some(CLOSED);
    let link = scenario.link.at(Time::ZERO).0;
    let with_caps = |lever: PlanLever| {
        let caps = match lever.name.as_str() {
            MAX_BANDWIDTH => Some(Ladder::of_sizes(halves(link.0 as f64 / MIB), mib_per_s)),
            name => option_lever::caps(name, link, draft),
        };
        let per_guest = option_lever::is_per_guest(&lever.name, draft);
        HostLever { lever, per_guest, caps }
    };
    chosen(scenario, draft, &[]).into_iter().filter(is_setting).map(with_caps).collect()
}

/// A factor of the scenario as it is.
pub(super) fn factor(draft: &Draft, key: &str) -> f64 {
    draft.value(key).and_then(|text| text.parse().ok()).unwrap_or(1.0)
}

/// Most steps of a link that are written out in a flag.
const STEPS: usize = 50;

/// How many migrations share the link: fewer at a time.
fn migrations(_: &Scenario, draft: &Draft) -> PlanLever {
    let name = "link.migrations";
    let now = sharing(draft);
    let rung = |size: f64| Rung::of(name, size, "");
    let down = Ladder::of_sizes((1..now).rev().map(|fewer| fewer as f64), rung);
    PlanLever { note: Some("this migration has the link for itself"), ..lever(name, now, [down]) }
}

fn sharing(draft: &Draft) -> u64 {
    draft.value("link.migrations").and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn bandwidth(scenario: &Scenario, draft: &Draft) -> PlanLever {
    let name = "link.bandwidth";
    // The key is that of the whole link.
    let sharing = sharing(draft);
    match scenario.link.steps.as_slice() {
        [(_, share)] => {
            let rate = &Rate(share.0.saturating_mul(sharing));
            lever(name, rate, [bandwidths(name, *rate)])
        }
        steps if steps.len() <= STEPS => {
            let scaled = |factor: f64| {
                let step = |(time, rate): &(Time, Rate)| {
                    let rate = (rate.0 as f64 * sharing as f64 * factor).round();
                    SettingValue::list([SettingValue::amount(time.0 as f64, "ns"), SettingValue::amount(rate, "B/s")])
                };
                let settings = vec![Setting::new(name, SettingValue::list(steps.iter().map(step)))];
                Rung { value: format!("{factor} times"), size: factor, settings }
            };
            lever(name, "1 times", [Ladder::of_sizes(three_digits(1.0, 1000.0), scaled).around(1.0, 1.0)])
        }
        _ => PlanLever {
            note: Some("the link follows a file of many steps; try another file"),
            ..lever(name, "a file", [])
        },
    }
}

/// The limit that QEMU itself keeps a migration to.
const MAX_BANDWIDTH: &str = "qemu.max-bandwidth";
const MIB: f64 = (1 << 20) as f64;

fn mib_per_s(size: f64) -> Rung {
    Rung::of(MAX_BANDWIDTH, size, "MiB/s")
}

fn max_bandwidth(scenario: &Scenario, _: &Draft) -> PlanLever {
    let (name, now) = (MAX_BANDWIDTH, scenario.qemu.params.max_bandwidth);
    if now == Rate(0) {
        return PlanLever { note: Some("there is no limit of QEMU's own"), ..lever(name, "no limit", []) };
    }
    let widest = scenario.link.steps.iter().map(|step| step.1).max().unwrap_or_default();
    let mut ladder = Ladder::of_sizes(three_digits(now.0 as f64 / MIB, widest.0 as f64 / MIB), mib_per_s);
    let settings = vec![Setting::new(name, 0.0)];
    ladder.rungs.push(Rung { value: "no limit".to_owned(), size: f64::INFINITY, settings });
    PlanLever { note: Some("the link is narrower"), ..lever(name, now, [ladder]) }
}

fn downtime_limit(scenario: &Scenario, _: &Draft) -> PlanLever {
    const MOST_MS: f64 = 2e6;
    let (name, now) = ("qemu.downtime-limit", scenario.qemu.params.downtime_limit);
    let ms = now.whole_ms() as f64;
    let whole = |values: Vec<f64>| values.into_iter().filter(|value| value.fract() == 0.0);
    let usual = Params::defaults(scenario.qemu.version).downtime_limit.whole_ms() as f64;
    let rung = |size: f64| Rung { value: told(size, "ms"), ..Rung::of(name, size, "ms") };
    let up = Ladder::of_sizes(whole(three_digits(ms.max(0.9), MOST_MS)), rung);
    let down = Ladder::of_sizes(whole(three_digits_down(ms.max(1.0), 0.9)), rung);
    lever(name, now, [up, down].map(|ladder| ladder.around(ms, usual)))
}

fn auto_converge(scenario: &Scenario, _: &Draft) -> PlanLever {
    switch("qemu.auto-converge", scenario.qemu.capabilities.auto_converge)
}

fn multifd(scenario: &Scenario, _: &Draft) -> PlanLever {
    const MOST: u8 = 64;
    let (on, channels) = (scenario.qemu.capabilities.multifd, scenario.qemu.params.multifd_channels);
    let rung = |size: f64| Rung {
        value: format!("{size} channels"),
        size,
        settings: vec![Setting::new("qemu.multifd", true), Setting::new("qemu.multifd-channels", size)],
    };
    let first = if on { channels + 1 } else { 2 };
    let now = if on { format!("{channels} channels") } else { "false".to_owned() };
    let note = "one stream is assumed to saturate the link, unless `qemu.multifd-channel-bandwidth` says what a channel pushes";
    let ladder = Ladder::of_sizes((first..=MOST.max(first)).map(f64::from), rung);
    PlanLever { note: Some(note), ..lever("qemu.multifd", now, [ladder]) }
}

fn xbzrle(scenario: &Scenario, _: &Draft) -> PlanLever {
    let (on, cache) = (scenario.qemu.capabilities.xbzrle, scenario.qemu.params.xbzrle_cache_size);
    let rung = |size: f64| {
        let cache = Bytes(size as u64);
        // The sizes are powers of two from 64 MiB on.
        let of_cache = match size / f64::from(1 << 30) {
            gib if gib >= 1024.0 => SettingValue::amount(gib / 1024.0, "TiB"),
            gib if gib >= 1.0 => SettingValue::amount(gib, "GiB"),
            gib => SettingValue::amount(gib * 1024.0, "MiB"),
        };
        let settings = vec![Setting::new("qemu.xbzrle", true), Setting::new("qemu.xbzrle-cache-size", of_cache)];
        Rung { value: format!("{cache} of cache"), size, settings }
    };
    let memory = scenario.guest.memory.bytes().0;
    let sizes = (26..46).map(|power| 1_u64 << power).filter(|size| !on || *size > cache.0);
    let useful = sizes.clone().position(|size| size >= memory).map_or(usize::MAX, |at| at + 1);
    let now = if on { format!("{cache} of cache") } else { "false".to_owned() };
    let note = "pages are sent in full, unless a workload's `changed` says that little of a page is new";
    let ladder = Ladder::of_sizes(sizes.take(useful).map(|size| size as f64), rung);
    PlanLever { note: Some(note), ..lever("qemu.xbzrle", now, [ladder]) }
}

fn post_copy(scenario: &Scenario, _: &Draft) -> PlanLever {
    let name = "qemu.postcopy-ram";
    if scenario.at.iter().any(|at| at.command == MonitorCommand::StartPostcopy) {
        return PlanLever { note: Some("it is asked for already"), ..lever(name, "true", []) };
    }
    let start = SettingValue::section([("after-pass", 2.0.into()), ("action", "post-copy".into())]);
    let settings = vec![Setting::new("qemu.postcopy-ram", true), Setting::new("at.+", start)];
    let now = if scenario.qemu.capabilities.postcopy_ram { "not started" } else { "false" };
    lever(name, now, [Ladder::switch(Rung::word("started as pass 2 begins", settings))])
}

fn rate(_: &Scenario, draft: &Draft) -> PlanLever {
    let name = "guest.rate-factor";
    let now = factor(draft, name);
    let rung = |size: f64| Rung::of(name, size, "");
    lever(name, now, [Ladder::of_sizes(three_digits_down(now, 0.001), rung).around(now, 1.0)])
}
