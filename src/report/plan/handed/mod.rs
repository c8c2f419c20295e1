//! A change as a product takes it: a command line, lines of its settings, an object.
//!
//! A product that is added is a file with a [`Taker`] row, and a line in [`TAKERS`].

mod kubevirt;
mod nova;
mod proxmox;
mod qmp;
mod virsh;

use crate::orchestrator::Product;
use crate::scenario::Setting;
use crate::sink::terminal::wrapped;
use crate::units::parse::{Quantity, parse};
use crate::units::{Bytes, Rate, Span};

/// Who takes changes in a form of its own.
#[derive(Debug)]
pub struct Taker {
    /// Its name, as `--as` spells it.
    pub name: &'static str,
    /// What its lines are, for a heading.
    pub title: &'static str,
    /// Its lines are the whole of a call, so that what was on before stands in them, too.
    pub whole: bool,
    /// Pieces that one value is to it; or why it cannot have it.
    take: fn(&Change) -> Result<Vec<Piece>, String>,
    /// Lines of all pieces.
    write: fn(&[Piece]) -> Vec<String>,
}

/// Everybody who does.
pub const TAKERS: [&Taker; 5] = [&virsh::TAKER, &nova::TAKER, &kubevirt::TAKER, &proxmox::TAKER, &qmp::TAKER];

/// A key at another value.
#[derive(Debug)]
struct Change {
    /// Its path, such as `qemu.downtime-limit`.
    path: String,
    /// Its value, as `--set` takes it.
    value: String,
}

/// A piece of what a product is given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Which part of its settings, or what kind of command.
    part: &'static str,
    key: String,
    value: String,
}

/// Changes together, as a product takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct Handed {
    /// The lines to give to it.
    pub lines: Vec<String>,
    /// What it cannot be told, and why.
    pub cannot: Vec<String>,
}

impl Handed {
    /// A line each, set in; reasons are wrapped at so many columns.
    pub(in crate::report) fn text(&self, width: usize) -> String {
        let lines = self.lines.iter().map(|line| format!("    {line}\n"));
        let reasons = self.cannot.iter().flat_map(|why| {
            let heads = std::iter::once("no: ").chain(std::iter::repeat("    "));
            heads.zip(wrapped(why, width - 8)).map(|(head, line)| format!("    {head}{line}\n"))
        });
        lines.chain(reasons).collect()
    }
}

impl Taker {
    /// The one of that name.
    pub fn find(name: &str) -> Option<&'static Taker> {
        TAKERS.into_iter().find(|taker| taker.name == name)
    }

    /// The one of a product, or of what is shipped under another name; without a product QEMU itself is asked.
    pub fn of_product(kind: Option<&str>) -> Option<&'static Taker> {
        match kind {
            Some(kind) => Taker::find(Product::find(kind)?.base),
            None => Some(&qmp::TAKER),
        }
    }

    /// Changes as it takes them.
    pub(in crate::report) fn hand<'s>(&self, settings: impl IntoIterator<Item = &'s Setting>) -> Handed {
        let (mut pieces, mut cannot): (Vec<Piece>, Vec<String>) = (Vec::new(), Vec::new());
        for setting in settings {
            let flag = setting.to_string();
            let value = flag.strip_prefix(setting.path()).and_then(|rest| rest.strip_prefix('=')).unwrap_or_default();
            let change = Change { path: setting.path().to_owned(), value: value.to_owned() };
            let told = outside(&change).map_or_else(|| (self.take)(&change), Err);
            match told {
                Ok(told) => told.into_iter().for_each(|piece| {
                    if !pieces.contains(&piece) {
                        pieces.push(piece);
                    }
                }),
                Err(why) if cannot.contains(&why) => {}
                Err(why) => cannot.push(why),
            }
        }
        Handed { lines: if pieces.is_empty() { Vec::new() } else { (self.write)(&pieces) }, cannot }
    }
}

/// Why nobody above QEMU can have a change, if that is so.
fn outside(change: &Change) -> Option<String> {
    let value = &change.value;
    match change.path.as_str() {
        "link.bandwidth" => Some(format!("a link of {value} is none of its settings: it is between the hosts")),
        "guest.rate-factor" => {
            Some(format!("{value} times the write rate is the guest's own: its users can have it write less"))
        }
        path if path.starts_with("guest.") || path.starts_with("limits.") || path.starts_with("host.") => {
            Some(format!("`{path}` is none of its settings"))
        }
        _ => None,
    }
}

impl Change {
    /// The option of QEMU that it sets.
    fn qemu(&self) -> Option<&str> {
        self.path.strip_prefix("qemu.")
    }

    /// The option of the orchestrator that it sets.
    fn own(&self) -> Option<&str> {
        self.path.strip_prefix("orchestrator.")
    }

    fn is_on(&self) -> bool {
        self.value == "true"
    }

    /// Whether it starts post-copy once the second pass begins.
    fn starts_post_copy(&self) -> bool {
        self.path == "at.+" && self.value.contains("post-copy")
    }

    /// Its value as a quantity; a plain number is in the unit `bare`.
    fn quantity<Q: Quantity>(&self, bare: &str) -> Result<Q, String> {
        parse(&self.value, Some(bare)).map_err(|error| format!("`{}` cannot be written: {error}", self.path))
    }

    /// Whole MiB/s, not less than the value.
    fn mib_per_s(&self) -> Result<u64, String> {
        self.quantity::<Rate>("B/s").map(|rate| rate.0.div_ceil(1 << 20))
    }

    fn bytes(&self) -> Result<u64, String> {
        self.quantity::<Bytes>("B").map(|size| size.0)
    }

    fn ms(&self) -> Result<u64, String> {
        self.quantity::<Span>("ms").map(Span::whole_ms)
    }

    /// Says that a product has no such thing.
    fn unknown(&self, product: &str) -> String {
        format!("{product} has no setting for `{}`", self.path)
    }
}

impl Piece {
    fn new(part: &'static str, key: impl Into<String>, value: impl ToString) -> Piece {
        Piece { part, key: key.into(), value: value.to_string() }
    }
}

/// The pieces of one part.
fn of<'p>(pieces: &'p [Piece], part: &'p str) -> impl Iterator<Item = &'p Piece> {
    pieces.iter().filter(move |piece| piece.part == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SettingValue;

    /// What a product is given for these flags.
    fn handed(name: &str, sets: &[&str]) -> Handed {
        let setting = |set: &&str| {
            let (path, value) = set.split_once('=').unwrap();
            Setting::read(path.to_owned(), value).unwrap()
        };
        let settings: Vec<Setting> = sets.iter().map(setting).collect();
        Taker::find(name).unwrap().hand(&settings)
    }

    /// The changes that a plan makes.
    const SETS: [&[&str]; 12] = [
        &["qemu.auto-converge=true"],
        &["qemu.auto-converge=true", "qemu.cpu-throttle-initial=40", "qemu.downtime-limit=700 ms"],
        &["qemu.downtime-limit=0.7 s"],
        &["qemu.max-bandwidth=250 MiB/s"],
        &["qemu.max-bandwidth=0"],
        &["qemu.multifd=true", "qemu.multifd-channels=4"],
        &["qemu.xbzrle=true", "qemu.xbzrle-cache-size=128 MiB"],
        &["qemu.postcopy-ram=true", "at.+={ after-pass = 2, action = \"post-copy\" }"],
        &["link.bandwidth=25 Gbit/s"],
        &["link.migrations=2"],
        &["guest.rate-factor=0.5"],
        &["qemu.vcpu-dirty-limit=20 MiB/s", "qemu.dirty-limit=true"],
    ];

    #[test]
    fn every_change_of_a_plan_is_taken_or_refused_with_a_reason() {
        let mut all = String::new();
        for taker in TAKERS {
            all += &format!("== {}: {}\n", taker.name, taker.title);
            for sets in SETS {
                let Handed { lines, cannot } = handed(taker.name, sets);
                assert!(!(lines.is_empty() && cannot.is_empty()), "{} {sets:?}", taker.name);
                all += &format!("{}\n", sets.join(", "));
                lines.iter().for_each(|line| all += &format!("    {line}\n"));
                cannot.iter().for_each(|why| all += &format!("    cannot: {why}\n"));
            }
        }
        insta::assert_snapshot!("changes", all);
    }

    #[test]
    fn what_is_shipped_under_another_name_takes_the_same() {
        let name = |kind| Taker::of_product(kind).map(|taker| taker.name);
        assert_eq!(
            [name(Some("openshift")), name(Some("nova")), name(None)],
            [Some("kubevirt"), Some("nova"), Some("qmp")]
        );
        assert_eq!(name(Some("ovirt")), None);
    }

    #[test]
    fn options_of_the_product_itself_are_its_own_words() {
        for (name, set, line) in [
            ("nova", "orchestrator.live_migration_permit_post_copy=true", "live_migration_permit_post_copy = true"),
            ("kubevirt", "orchestrator.allowAutoConverge=true", "  allowAutoConverge: true"),
            (
                "virsh",
                "orchestrator.auto-converge=true",
                "virsh migrate --live --p2p --auto-converge GUEST qemu+ssh://DESTINATION/system",
            ),
            ("proxmox", "orchestrator.migrate_downtime=0.5", "qm set VMID --migrate_downtime 0.5"),
        ] {
            let Handed { lines, cannot } = handed(name, &[set]);
            assert!(lines.iter().any(|has| has == line) && cannot.is_empty(), "{name}: {lines:?} {cannot:?}");
        }
        let setting = Setting::new("qemu.downtime-limit", SettingValue::amount(1.0, "furlong"));
        assert_eq!(Taker::find("qmp").unwrap().hand([&setting]).cannot.len(), 1);
    }
}
