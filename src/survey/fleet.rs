//! The guests of a survey as a fleet that `precopy drain` empties.

use std::fmt::Write as _;

use super::{Series, Survey, SurveyedGuest};
use crate::fit::{DirtyRates, known, whole_size};
use crate::guest::{GuestConfig, PageSize};
use crate::qemu::{Accel, Version};
use crate::scenario::{Assumption, Scenario};
use crate::sink::shown;
use crate::units::{Bytes, Rate};

/// A file, and what should be known about it.
#[derive(Clone, Debug, Default)]
pub struct FleetText {
    /// The file.
    pub text: String,
    /// Warnings, and the guests of which each holds.
    pub warnings: Vec<(String, Vec<String>)>,
}

/// Link of a fleet of which none is named.
pub const USUAL_LINK: &str = "10 Gbit/s";

/// A workload of a guest: its sections, below `vm.`; `None`: nothing is known of it.
type Workload = Option<String>;

/// The guests with the dirty rates that were measured of them, over such a link.
pub fn fleet(survey: &Survey, from: &str, link: Option<&str>) -> FleetText {
    written(survey, from, link, |_, workload| workload)
}

/// The same, where each guest's rates over time are in a file of that name.
pub fn traces(survey: &Survey, from: &str, link: Option<&str>, files: &[Option<(String, Series)>]) -> FleetText {
    written(survey, from, link, |at, workload| match &files[at] {
        Some((file, series)) => {
            let region = series.region(survey.guests[at].memory.pages());
            let region = region.map(|region| format!("region = \"{}\"\n", whole_size(region.bytes().0)));
            let region = region.unwrap_or_default();
            let file = toml_text(file);
            Some(format!("[[vm.guest.workload]]\nkind = \"trace\"\nfile = {file}\n{region}repeat = true\n"))
        }
        None => workload,
    })
}

fn written(
    survey: &Survey,
    from: &str,
    link: Option<&str>,
    workload: impl Fn(usize, Workload) -> Workload,
) -> FleetText {
    let mut found = FleetText::default();
    let mut text = format!("# Guests that ran at {}, measured by `precopy survey`.\n", shown(from));
    let assumed = if link.is_none() { " # assumed: `--link RATE` says yours" } else { "" };
    let version = survey.qemu.as_deref().and_then(release);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n[link]\nbandwidth = {}{assumed}\n\n[qemu]\nversion = \"{}\"{}\nmax-bandwidth = 0 # as libvirt starts migrations\n",
        toml_text(link.unwrap_or(USUAL_LINK)),
        version.unwrap_or(USUAL),
        if version.is_none() { " # assumed" } else { "" },
    );
    for (at, guest) in survey.guests.iter().enumerate() {
        let base = scenario(guest, version.unwrap_or(USUAL));
        let rates = DirtyRates::of_guest(&survey.text(at), Some(&guest.name));
        let measured = rates.ok().and_then(|rates| rates.found(Some(base.clone())).ok());
        let (config, own) = match &measured {
            Some(measured) => (&measured.scenario.guest, Some(measured.workload.text("vm."))),
            None => (&base.guest, None),
        };
        measured.iter().flat_map(|measured| &measured.warnings).for_each(|warning| found.warn(warning, &guest.name));
        let own = workload(at, own);
        if own.is_none() {
            found.warn("nothing was measured of it: `precopy drain` takes it for idle, and says so", &guest.name);
        }
        text += &entry(survey, at, config, own);
    }
    found.text = text;
    found
}

impl FleetText {
    fn warn(&mut self, warning: &str, guest: &str) {
        match self.warnings.iter_mut().find(|(known, _)| known == warning) {
            Some((_, guests)) => guests.push(guest.to_owned()),
            None => self.warnings.push((warning.to_owned(), vec![guest.to_owned()])),
        }
    }
}

/// Taken where the host does not say its QEMU.
const USUAL: Version = Version::new(8, 2);

/// The release of `7.2.22`, or the newest whose rules are known.
fn release(text: &str) -> Option<Version> {
    let numbers: Vec<&str> = text.split('.').take(2).collect();
    Version::nearest(&numbers.join(".")).map(|(version, _)| version)
}

/// What a guest is without its workload.
fn scenario(guest: &SurveyedGuest, version: Version) -> Scenario {
    // Its link is the fleet's.
    let mut scenario = Scenario::new(guest.memory, Rate(0), version);
    scenario.guest.vcpus = guest.vcpus;
    scenario.guest.page_size = guest.page_size;
    scenario.qemu.accel = guest.accel;
    // So that what the balloon tells is taken.
    scenario.assumed.push(Assumption::NoZeroPages);
    scenario
}

/// An entry of the fleet.
fn entry(survey: &Survey, at: usize, config: &GuestConfig, workload: Workload) -> String {
    let guest = &survey.guests[at];
    let mut text = format!("\n[[vm]]\nname = {}\n", toml_text(&guest.name));
    let last = survey.looks.iter().rfind(|look| look.guest == at).map(|look| &look.figures);
    let said = [("rss", "balloon.rss"), ("unused", "balloon.unused"), ("disk caches", "balloon.disk_caches")];
    let said = said.iter().filter_map(|(word, name)| Some(format!("{word} {}", last?.size(name)?)));
    let said = said.collect::<Vec<_>>().join(", ");
    if !said.is_empty() {
        let _ = writeln!(text, "# balloon: {said}");
    }
    let size = |Bytes(bytes): Bytes| format!("\"{}\"", whole_size(bytes));
    let _ = writeln!(text, "[vm.guest]\nmemory = {}\nvcpus = {}", size(guest.memory), guest.vcpus);
    if guest.page_size != PageSize::Small {
        let _ = writeln!(text, "page-size = {}", size(guest.page_size.bytes()));
    }
    known(config).iter().for_each(|line| text = std::mem::take(&mut text) + line + "\n");
    if let Some(workload) = workload {
        let _ = write!(text, "\n{workload}");
    }
    if guest.accel == Accel::Tcg {
        text += "\n[vm.qemu]\naccel = \"tcg\"\n";
    }
    text
}

/// A text of TOML.
fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
