//! The fleet that `precopy drain` is asked about, and where its page goes.

use std::path::Path;

use super::args::drain::DrainArgs;
use super::inventory::ListFlags;
use super::{Failure, inventory, scenario as files};
use crate::qemu::Version;
use crate::report::{self, Assumed, Output, Provenance};
use crate::scenario::{Fleet, Input};

/// The file of the page, if there is to be one.
pub(super) fn open_report(args: &DrainArgs) -> Result<Option<Output>, Failure> {
    if let Some(report) = args.report.as_deref().filter(|report| !is_html(report)) {
        let name = report.display();
        return Err(Failure::Input(format!("`--report {name}` is an HTML page; let its name end in `.html`")));
    }
    let path = args.common.output.as_path();
    if path != Path::new("-") && args.report.as_deref() == Some(path) {
        let name = path.display();
        return Err(Failure::Input(format!("`--report` and `--output` are both `{name}`; give each its own file")));
    }
    Ok(args.report.as_deref().map(Output::open).transpose()?)
}

/// Whether a file is a page by its name; standard output may be one.
fn is_html(path: &Path) -> bool {
    let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    path == Path::new("-") || ["html", "htm"].iter().any(|known| suffix.eq_ignore_ascii_case(known))
}

/// All that flags set.
pub(super) fn sets(args: &DrainArgs) -> Result<Vec<String>, Failure> {
    let link = args.link.iter().map(|link| format!("link.bandwidth={link}"));
    let sets: Vec<String> = link.chain(args.sets.iter().cloned()).collect();
    files::with_orchestrator(&args.fleet, args.orchestrator.as_ref(), &sets)
}

/// The texts of the fleet; once, as standard input has its text only once.
pub(super) fn open(args: &DrainArgs) -> Result<Input, Failure> {
    let sets = sets(args)?;
    let flags = ListFlags { flavors: args.flavors.as_deref(), host: args.host.as_deref(), quiet: args.common.quiet };
    let input = match args.common.desk.given() {
        Some(given) => given.with_sets(&sets),
        None => inventory::open(&args.fleet, &sets, flags)?,
    };
    // A table says nothing of the link.
    if input.is_table() && !sets.iter().any(|set| set.trim_start().starts_with("link")) {
        let name = args.fleet.display();
        return Err(Failure::Input(format!(
            "`{name}` does not say how fast the link is; give it by `--link`, such as `--link 25G`"
        )));
    }
    Ok(match &args.loads {
        Some(path) => input.with_loads(files::loads(path)?),
        None => input,
    })
}

/// The texts with the scheduler that `--scheduler` names, below what flags say of it. A scheduler that the file sets up keeps its
/// options.
pub(super) fn named(args: &DrainArgs, input: Input) -> Input {
    let other = args.scheduler.as_ref().filter(|name| input.value("scheduler.kind").as_ref() != Some(name));
    other.map_or(input.clone(), |name| input.led_by(format!("scheduler={{ kind = \"{name}\" }}")))
}

/// The fleet of the file and the flags, with another scheduler if one is named.
pub(super) fn read(args: &DrainArgs, input: &Input, scheduler: Option<&str>, quiet: bool) -> Result<Fleet, Failure> {
    // A scheduler that the file sets up keeps its options.
    let other = scheduler.filter(|name| input.value("scheduler.kind").as_deref() != Some(name));
    let sets: Vec<String> = other.iter().map(|name| format!("scheduler={{ kind = \"{name}\" }}")).collect();
    let mut fleet = files::fleet(&input.with_sets(&sets), quiet)?;
    fleet.scheduler.slots = args.slots.unwrap_or(fleet.scheduler.slots);
    fleet.scheduler.order = args.order.unwrap_or(fleet.scheduler.order);
    match &args.host {
        Some(host) => on(fleet, host, &args.fleet),
        None => Ok(fleet),
    }
}

/// A flag that is about one host, of a fleet with several.
pub(super) fn several(flag: &str, fleet: &Fleet) -> Failure {
    let first = fleet.guests.iter().find_map(|guest| fleet.nodes.get(guest.node?)).map_or("NAME", |node| &node.name);
    let hosts = fleet.nodes.len();
    Failure::Input(format!("`{flag}` is about one host, and the fleet has {hosts}; `--host {first}` takes one"))
}

/// The guests of one host.
fn on(fleet: Fleet, host: &str, path: &Path) -> Result<Fleet, Failure> {
    let has_guests = |node: &usize| fleet.guests.iter().any(|guest| guest.node == Some(*node));
    let names: Vec<String> =
        (0..fleet.nodes.len()).filter(has_guests).map(|node| fleet.nodes[node].name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    fleet.on(host).ok_or_else(|| {
        let why = match names.is_empty() {
            true => "its guests do not name their hosts; leave `--host` out".to_owned(),
            false => format!("no guest runs on `{host}`; there are {}", report::named(&names)),
        };
        Failure::Input(format!("`{}`: {why}", path.display()))
    })
}

/// Of one fleet, or of one under several schedulers: each row has its own rules, which are no assumption of all.
pub(super) fn provenance(args: &DrainArgs, fleets: &[Fleet]) -> Provenance {
    let all = || fleets.iter().flat_map(|fleet| &fleet.guests);
    // A fleet has a guest at least; where releases differ, the first one's stands for all.
    let version = all().next().map_or(Version::NEWEST, |guest| guest.scenario.qemu.version);
    let assumed = Assumed::of_all(all().map(|guest| (guest.name.as_str(), guest.scenario.assumed.as_slice())));
    let assumed = if fleets.len() > 1 { assumed.without_rules() } else { assumed };
    Provenance::new(files::name(&args.fleet), version, args.common.seed, args.common.memory.into())
        .assuming(assumed)
        .archived(&args.common.archive)
}
