//! A host with its guests: a scenario file with `[[vm]]` entries, or a table with a row for each.
//!
//! The sections `[guest]`, `[host]`, `[qemu]`, `[orchestrator]`, `[policy]`, `[limits]` and `[[at]]` hold for all guests. A guest is one
//! migration's scenario: these sections with its own keys laid over them.

use std::collections::HashSet;
use std::path::Path;

use super::diagnostic::Diagnostic;
use super::faults::Faults;
use super::load;
use super::node::FleetNode;
use super::node_section::{self, NodeEntry};
use super::reader::{Foreign, FoundValue, Section};
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};
use super::{
    Assumption, Input, InvalidInput, Scenario, flags, fleet_csv, keys, link_section, scheduler_section, settings,
    syntax,
};
use crate::link::Link;
use crate::orchestrator::Product;
use crate::orchestrator::scheduler::Scheduler;
use crate::qemu::Switchover;
use crate::units::Time;

/// A host that is to be emptied.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The question that the file asks, in its own words.
    pub question: Option<String>,
    /// Its guests; at least one.
    pub guests: Vec<Guest>,
    /// The link that they share.
    pub link: Link,
    /// Who is migrated when.
    pub scheduler: Scheduler,
    /// What guests are owed; none is, if it is empty.
    pub sla: Vec<GuestSla>,
    /// The hosts that are named, in the order in which they are emptied; none if no guest names its own.
    pub nodes: Vec<FleetNode>,
}

/// What some guests of a fleet are owed, as it was written.
#[derive(Clone, Debug)]
pub struct GuestSla {
    /// Whose it is: names, in which `*` stands for any letters; all if nothing is there.
    pub guests: String,
    /// Comparisons over the fields of an outcome.
    pub goal: String,
    /// Where the goal stands.
    place: TextPlace,
}

impl Fleet {
    /// Whether it has several hosts, which are emptied one after another.
    pub fn is_rolling(&self) -> bool {
        self.nodes.len() > 1
    }

    /// The guests of one host, which is emptied by itself; `None` if none is called so, or no guest is on it.
    pub fn on(mut self, host: &str) -> Option<Fleet> {
        let node = self.nodes.iter().position(|node| node.name == host)?;
        self.guests.retain(|guest| guest.node == Some(node));
        let own = self.nodes.swap_remove(node);
        if let Some(uplink) = own.uplink {
            self.link = Link { latency: self.link.latency, ..Link::constant(uplink) };
        }
        self.guests.iter_mut().for_each(|guest| guest.node = Some(0));
        self.nodes = vec![own];
        (!self.guests.is_empty()).then_some(self)
    }
}

impl Guest {
    /// Whether nothing is known of what it writes, so that it is taken for idle.
    pub fn is_unknown(&self) -> bool {
        self.scenario.assumed.contains(&Assumption::Idle)
    }
}

impl GuestSla {
    /// A fault of the goal, moved from its text to where that stands.
    pub fn fault(&self, fault: Diagnostic) -> Diagnostic {
        // The text stands between quotes.
        let from = self.place.span.start + 1;
        let end = self.place.span.end.saturating_sub(1);
        let span = (from + fault.span.start).min(end)..(from + fault.span.end).min(end);
        Diagnostic { source: self.place.source.clone(), span, ..fault }
    }
}

/// One guest of the host.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Unlike that of every other.
    pub name: String,
    /// Which entry of the file it comes from; those of one entry are alike.
    pub entry: usize,
    /// The higher, the sooner, where the scheduler looks at it.
    pub priority: i32,
    /// Index of the host that it runs on, where hosts are named.
    pub node: Option<usize>,
    /// Its migration; the link in it is the whole one.
    pub scenario: Scenario,
}

/// A fleet that can be run, and what is odd about it.
#[derive(Clone, Debug)]
pub struct LoadedFleet {
    /// The fleet.
    pub fleet: Fleet,
    /// What is most likely not what was meant, sorted by place.
    pub warnings: Vec<Diagnostic>,
}

/// More guests than any host has.
const MOST: usize = keys::VM_COUNT.form.most as usize;
/// Values of the common sections that are read, again with each guest.
const MOST_READ: usize = 5_000_000;
/// Sections that hold for all guests, and that a guest may have a part of.
const COMMON: [&str; 7] = ["guest", "host", "qemu", "orchestrator", "policy", "at", "limits"];

impl Input {
    /// Understands the texts as a fleet and checks every value. A file whose name ends in `.csv` has a row for each
    /// guest; all other sections then come from the `--set` flags.
    ///
    /// # Errors
    /// All faults at once, sorted by place: those of the file first, then those of the `--set` flags.
    pub fn load_fleet(&self) -> Result<LoadedFleet, InvalidInput> {
        let mut faults = Faults::default();
        let (mut parsed, without_memory) = self.parse_fleet(&mut faults);
        let table = std::mem::take(&mut parsed.table);
        if let Some(place) = without_memory.filter(|_| !says_memory(&table)) {
            faults
                .error(&place, "no column says how much RAM a guest has", "the first line")
                .help("add a column `memory (GiB)`; where all are alike, give `--set 'guest.memory=8 GiB'`");
            faults.incomplete = true;
        }
        let fleet = read(&table, self.is_table(), self.folder(), &mut faults);
        let errors = load::sorted(parsed.settle(faults.errors));
        match fleet {
            Some(fleet) if errors.is_empty() => Ok(LoadedFleet { fleet, warnings: load::sorted(faults.warnings) }),
            _ => Err(InvalidInput::new(self, errors)),
        }
    }

    /// The tree of a fleet, with the `--set` flags laid over it; and where a table says nothing of RAM.
    pub(super) fn parse_fleet(&self, faults: &mut Faults) -> (syntax::Parsed, Option<TextPlace>) {
        let mut without_memory = None;
        let mut parsed = if self.is_table() {
            let read = fleet_csv::read(self.text(), self.loads(), faults);
            without_memory = read.without_memory;
            syntax::Parsed::of(read.table, self.text())
        } else {
            syntax::file(self.text(), faults)
        };
        faults.incomplete |= parsed.is_incomplete();
        self.set(&mut parsed.table, faults);
        settings::expand(&mut parsed.table, self.folder(), faults);
        (parsed, without_memory)
    }
}

/// The scenario of one entry of a fleet, as a tree of its own; empty if there is no such entry.
pub(super) fn table_of(fleet: &Table, entry: usize, fills_link: bool, faults: &mut Faults) -> Table {
    let list = match fleet.get("vm").map(|entry| &entry.node.value) {
        Some(TomlValue::List(list)) => list.as_slice(),
        _ => &[],
    };
    match list.get(entry) {
        Some(Node { place, value: TomlValue::Table(own) }) => {
            CommonPart::of(fleet, fills_link, Path::new("")).laid_under(own, place, faults).0
        }
        _ => Table::default(),
    }
}

/// Whether RAM is given for all guests.
fn says_memory(table: &Table) -> bool {
    matches!(table.get("guest").map(|entry| &entry.node.value), Some(TomlValue::Table(guest)) if guest.get("memory").is_some())
}

/// What holds for all guests.
struct CommonPart<'a> {
    /// The sections that a guest's own keys are laid over.
    table: Table,
    /// Rules of the scheduler's product, where nobody names others.
    rules: Option<(&'a Entry, &'static Product)>,
    /// Nothing keeps a migration below the link unless somebody says so.
    fills_link: bool,
    folder: &'a Path,
}

/// Reads everything; `None` only if something was wrong. A list of guests says nothing of QEMU, and hosts with such a list are
/// run through libvirt: `fills_link` says that no `max-bandwidth` holds there as long as nobody names one.
pub(super) fn read(table: &Table, fills_link: bool, folder: &Path, faults: &mut Faults) -> Option<Fleet> {
    let mut top = Section::root(table, faults);
    let question = keys::QUESTION.read(&mut top).map(|found| found.value);
    let link = link_section::read(&mut top, folder);
    let speed = link.as_ref().map(|link| link.at(Time::ZERO).0).unwrap_or_default();
    let scheduler = scheduler_section::read(&mut top, speed);
    for key in COMMON {
        let _ = top.raw(key); // Asked for, and read with each guest.
    }
    top.require("vm", "[{ count = 10 }]");
    let vms = top.sections("vm", vm);
    let sla = top.sections("sla", sla).into_iter().flatten().collect();
    let entries: Vec<NodeEntry> = top.sections("node", node_section::entry).into_iter().flatten().collect();
    top.finish(|key| load::elsewhere(key).filter(|_| !load::OF_FLEETS.contains(&key)));
    let list = match table.get("vm").map(|entry| &entry.node.value) {
        Some(TomlValue::List(list)) => list.as_slice(),
        _ => return None,
    };
    if list.is_empty() {
        faults.error(&TextPlace::NOWHERE, "the fleet has no guests", "").help("write `[[vm]]` once for each");
    }

    if let Some(first) = list.get(MOST) {
        faults.error(&first.place, format!("more than {MOST} guests"), "from here on");
        return None;
    }

    let nodes = hosts(&entries, &vms, faults);
    let common = CommonPart::of(table, fills_link, folder);
    if list.len().saturating_mul(common.table.values()) > MOST_READ {
        let place = table.get("vm").map_or(&TextPlace::NOWHERE, |vm| &vm.place);
        let label =
            format!("{} entries, each with {} values of the common sections", list.len(), common.table.values());
        let help = "shorten the common sections, or write guests that are alike as one entry with `count`";
        faults.error(place, "too much is common to too many guests", label).help(help);
        return None;
    }
    let tables =
        list.iter().filter_map(|node| if let TomlValue::Table(table) = &node.value { Some(table) } else { None });
    let (mut guests, mut names, mut sound) = (Vec::new(), HashSet::new(), true);
    let mut said: HashSet<Diagnostic> = faults.errors.iter().chain(&faults.warnings).cloned().collect();
    let mut count = 0;
    for (index, (vm, table)) in vms.iter().zip(tables).enumerate() {
        let scenario = common.scenario(vm, table, &mut said, faults);
        sound &= scenario.is_some();
        count += vm.count as usize;
        if count > MOST {
            faults.error(&vm.place, format!("more than {MOST} guests"), "from here on");
            return None;
        }
        for name in vm.names(index + 1) {
            if !names.insert(name.clone()) {
                let place = vm.name.as_ref().map_or(&vm.place, |name| &name.place);
                let title = format!("two guests are called `{name}`");
                faults.error(place, title, "the second is here").help("give each its own name, or none");
                break;
            }
            guests.extend(scenario.clone().map(|scenario| Guest {
                name,
                entry: index,
                priority: vm.priority,
                node: vm.node.as_ref().and_then(|own| nodes.iter().position(|node| node.name == own.value)),
                scenario,
            }));
        }
    }
    Some(Fleet { question, guests, link: link?, scheduler, sla, nodes }).filter(|_| sound)
}

/// The hosts of all entries, which either all name their own or none does.
fn hosts(entries: &[NodeEntry], vms: &[Vm], faults: &mut Faults) -> Vec<FleetNode> {
    let named: Vec<FoundValue<String>> = vms.iter().filter_map(|vm| vm.node.clone()).collect();
    if named.is_empty() && entries.is_empty() {
        return Vec::new();
    }
    for vm in vms.iter().filter(|vm| vm.node.is_none()) {
        let (title, help) = match named.first() {
            Some(first) => {
                ("a guest without a host, and others have one", format!("name it, as in `node = \"{}\"`", first.value))
            }
            None => ("hosts are named, and no guest is on one", "say `node = \"NAME\"` in each `[[vm]]`".to_owned()),
        };
        faults.error(&vm.place, title, "where does it run?").help(help);
    }
    node_section::nodes(entries, &named, faults)
}

/// What some guests are owed.
fn sla(section: &mut Section) -> Option<GuestSla> {
    let guests = keys::SLA_GUESTS.read(section).map_or("*".to_owned(), |found| found.value);
    section.require("goal", "\"longest_stall_ms <= 500\"");
    let goal = keys::SLA_GOAL.read(section);
    section.finish(|_| None);
    goal.map(|goal| GuestSla { guests, goal: goal.value, place: goal.place })
}

/// A guest's own keys, which may stand for several guests that are alike.
struct Vm {
    place: TextPlace,
    name: Option<FoundValue<String>>,
    count: u32,
    priority: i32,
    node: Option<FoundValue<String>>,
}

fn vm(section: &mut Section) -> Vm {
    let name = keys::VM_NAME.read(section);
    let count = keys::VM_COUNT.value(section);
    let priority = keys::VM_PRIORITY.value(section) as i32;
    let node = keys::VM_NODE.read(section);
    for key in COMMON {
        let _ = section.raw(key);
    }
    let foreign = |key: &str| match key {
        "link" => Some(Foreign {
            title: "all guests share one link".to_owned(),
            label: "not a guest's own".to_owned(),
            help: "move it below a line `[link]`; `qemu.max-bandwidth` limits one guest".to_owned(),
        }),
        _ => load::home(key).map(|home| Foreign {
            title: format!("`{key}` is outside its section"),
            label: format!("belongs to `{home}`"),
            help: format!("write `{}.{key}`", home.trim_matches(['[', ']'])),
        }),
    };
    section.finish(foreign);
    Vm { place: section.place.clone(), name, count, priority, node }
}

impl Vm {
    /// What its guests are called, if it is the n-th entry.
    fn names(&self, number: usize) -> impl Iterator<Item = String> {
        let name = self.name.as_ref().map_or(format!("vm-{number}"), |found| found.value.clone());
        let several = self.count > 1;
        (1..=self.count).map(move |number| if several { format!("{name}-{number}") } else { name.clone() })
    }
}

impl<'a> CommonPart<'a> {
    fn of(fleet: &'a Table, fills_link: bool, folder: &'a Path) -> CommonPart<'a> {
        let table = only(fleet, |key| COMMON.contains(&key) || key == "link");
        CommonPart { table, rules: scheduler_section::names_product(fleet), fills_link, folder }
    }

    /// A guest's own keys over what is common, and what is taken for granted beside them.
    fn laid_under(&self, own: &Table, place: &TextPlace, faults: &mut Faults) -> (Table, Vec<Assumption>) {
        let mut table = self.table.clone();
        lay_over(&mut table, own.entries.iter().filter(|entry| COMMON.contains(&entry.key.as_str())));
        let rules = self.rules.filter(|(kind, _)| scheduler_section::name_rules(&mut table, kind));
        let rules = rules.map(|(_, product)| Assumption::Orchestrator(product.kind));
        let fills_link = self.fills_link && fill_link(&mut table, place, faults);
        (table, rules.into_iter().chain(fills_link.then_some(Assumption::NoMaxBandwidth)).collect())
    }

    /// The scenario of a guest: what is common, with its own keys laid over it, the rules of the scheduler's product where
    /// nobody names others, and a link that is filled. What was `said` of other guests is not said again.
    fn scenario(&self, vm: &Vm, own: &Table, said: &mut HashSet<Diagnostic>, faults: &mut Faults) -> Option<Scenario> {
        let (table, taken) = self.laid_under(own, &vm.place, faults);
        let mut found = Faults { incomplete: faults.incomplete, table: faults.table, ..Faults::default() };
        let mut scenario = load::read(&table, self.folder, &mut found);
        if let Some(scenario) = &mut scenario {
            for new in taken {
                let at = scenario.assumed.partition_point(|assumed| *assumed < new);
                scenario.assumed.insert(at, new);
            }
        }
        if scenario.as_ref().is_some_and(|scenario| matches!(scenario.qemu.switchover, Switchover::Oracle)) {
            let title = "`policy.switchover` cannot be `oracle` in a fleet";
            let help = "ask `precopy run` about one guest, by `--vm NAME`";
            found.error(&vm.place, title, "guests that share a link have no future of their own").help(help);
        }
        let sound = found.errors.is_empty();
        // What is common is said once, and what is not there at all is missing in this guest.
        for (new, all) in [(found.errors, &mut faults.errors), (found.warnings, &mut faults.warnings)] {
            for mut diagnostic in new {
                if all.contains(&diagnostic) {
                    continue;
                }
                if diagnostic.is_nowhere() {
                    (diagnostic.source, diagnostic.span) = (vm.place.source.clone(), vm.place.span.clone());
                }
                if said.insert(diagnostic.clone()) {
                    all.push(diagnostic);
                }
            }
        }
        scenario.filter(|_| sound)
    }
}

/// Lifts QEMU's own limit, unless a key or an orchestrator says what holds; whether neither did.
fn fill_link(table: &mut Table, place: &TextPlace, faults: &mut Faults) -> bool {
    let at = |section: &str, key: &str| match table.get(section).map(|entry| &entry.node.value) {
        Some(TomlValue::Table(section)) => section.get(key).is_some(),
        _ => false,
    };
    let is_open = !at("qemu", "max-bandwidth") && !at("orchestrator", "kind");
    if is_open {
        let node = Node { place: place.clone(), value: TomlValue::Text("0".to_owned()) };
        flags::put_at(table, "qemu.max-bandwidth", node, place, faults);
    }
    is_open
}

/// Puts entries over those of a table: sections into each other, anything else in the other's place. A section that
/// names another `kind` replaces the whole.
fn lay_over<'e>(table: &mut Table, entries: impl Iterator<Item = &'e Entry>) {
    for entry in entries {
        let below = table.entries.iter_mut().find(|below| below.key == entry.key);
        match (below.map(|below| &mut below.node.value), &entry.node.value) {
            (Some(TomlValue::Table(below)), TomlValue::Table(over)) if over.get("kind").is_none() => {
                lay_over(below, over.entries.iter());
            }
            _ => {
                table.put(entry.clone());
            }
        }
    }
}

fn only(table: &Table, keep: impl Fn(&str) -> bool) -> Table {
    Table { entries: table.entries.iter().filter(|entry| keep(&entry.key)).cloned().collect() }
}
