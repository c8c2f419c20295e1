//! What people write above a column, and the unit that it gives to the column's numbers.

use crate::units::parse::Quantity;
use crate::units::spelling::{nearest, one_slip};
use crate::units::{Bytes, PageRate};

use super::fleet_column::{SECTIONS, SHORT, short};

/// The name of the column that says in words what runs in a guest.
pub(super) const LOAD: &str = "load";

/// Headings in people's and products' words, in lower case with blanks, beside the key.
const WORDS: [(&str, &[&str]); 7] = [
    (
        "name",
        &[
            "name",
            "vm",
            "vm name",
            "instance",
            "instance name",
            "guest",
            "guest name",
            "domain",
            "domain name",
            "server",
            "server name",
            "host name",
            "hostname",
            "display name",
            "virtual machine",
            "machine",
        ],
    ),
    ("count", &["count", "number", "quantity", "qty"]),
    ("priority", &["priority", "prio"]),
    (
        "node",
        &[
            "node",
            "node name",
            "host",
            "compute host",
            "compute node",
            "physical host",
            "hypervisor",
            "hypervisor host",
            "hypervisor hostname",
            "esxi host",
            "runs on",
            "current host",
        ],
    ),
    (
        "guest.memory",
        &[
            "memory",
            "ram",
            "mem",
            "flavor ram",
            "flavor memory",
            "flavour ram",
            "memory size",
            "ram size",
            "vm memory",
            "provisioned memory",
            "allocated memory",
            "assigned memory",
            "configured memory",
            "max memory",
            "maximum memory",
            "maxmem",
            "memory capacity",
        ],
    ),
    (
        "guest.vcpus",
        &[
            "vcpus",
            "vcpu",
            "cpus",
            "flavor vcpus",
            "flavor cpus",
            "cores",
            "cpu count",
            "num cpus",
            "virtual cpus",
            "vcpu count",
        ],
    ),
    (
        "guest.workload.rate",
        &[
            "rate",
            "dirty rate",
            "dirtyrate",
            "dirtying rate",
            "write rate",
            "page dirty rate",
            "memory dirty rate",
            "dirty page rate",
            "dirty",
        ],
    ),
];

/// What people call the column [`LOAD`].
const LOADS: [&str; 7] = ["load", "workload", "application", "app", "service", "role", "what runs"];

/// Letters of a word that is known with a slip in it, too; shorter ones have neighbours that mean something else.
const LONG: usize = 7;

/// What a heading says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heading {
    /// The path of the column's key, or [`LOAD`].
    pub path: String,
    /// The unit of its numbers.
    pub unit: Option<&'static str>,
    /// It says MB or GB of RAM, which hypervisors count in powers of two, and so is the unit.
    pub binary: bool,
}

/// What is not known above a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unknown {
    /// Most likely a slip; the known name is this.
    Slip(&'static str),
    /// Something that no migration needs.
    Other,
}

/// The key's quantity, as far as a heading can have its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Amount {
    Size,
    Rate,
    /// No quantity, or one whose unit each field has.
    Plain,
}

impl Amount {
    pub(super) fn of(path: &str) -> Amount {
        match path {
            "guest.memory" | "guest.workload.region" => Amount::Size,
            "guest.workload.rate" => Amount::Rate,
            _ => Amount::Plain,
        }
    }

    /// The unit that people mean by a word, and whether that is more than it says.
    fn unit(self, word: &str) -> Option<(&'static str, bool)> {
        let known = |unit: &&'static str| unit.eq_ignore_ascii_case(word);
        match self {
            Amount::Size => {
                let binary = [("mb", "MiB"), ("gb", "GiB"), ("tb", "TiB"), ("kb", "KiB")];
                let as_said = binary.into_iter().find(|(said, _)| said.eq_ignore_ascii_case(word));
                let aliases =
                    || Bytes::ALIASES.iter().find(|alias| alias.0.eq_ignore_ascii_case(word)).map(|alias| alias.1);
                let exact = || Bytes::UNITS.iter().map(|unit| unit.0).find(known).or_else(aliases);
                as_said.map(|(_, unit)| (unit, true)).or_else(|| exact().map(|unit| (unit, false)))
            }
            Amount::Rate => {
                let units = || PageRate::UNITS.iter().map(|unit| unit.0);
                // Bits and bytes differ by their case alone.
                let exact = units().find(|unit| *unit == word);
                let spelled = word.replace("ps", "/s").replace("/sec", "/s").replace(" per second", "/s");
                let alias = PageRate::ALIASES.iter().find(|alias| alias.0 == word).map(|alias| alias.1);
                let loose = || {
                    let is_binary = spelled.to_ascii_lowercase().contains("ib/") || spelled.contains("pages");
                    units().find(|unit| if is_binary { unit.eq_ignore_ascii_case(&spelled) } else { *unit == spelled })
                };
                exact.or(alias).or_else(loose).map(|unit| (unit, false))
            }
            Amount::Plain => None,
        }
    }
}

impl Heading {
    /// Reads what stands above a column.
    pub(super) fn read(name: &str) -> Result<Heading, Unknown> {
        let plain = |path: String| Ok(Heading { path, unit: None, binary: false });
        if let Some(path) = SHORT.iter().find(|path| short(path) == name) {
            return plain((*path).to_owned());
        }
        if SECTIONS.iter().any(|section| name.starts_with(section)) {
            return plain(name.replacen("guest.workload.0.", "guest.workload.", 1));
        }
        if let Some(path) = key(&words(name)) {
            return plain(path.to_owned());
        }
        for (words_of_it, unit) in splits(name) {
            let Some(path) = key(&words(words_of_it)) else { continue };
            if let Some((unit, binary)) = Amount::of(path).unit(unit) {
                return Ok(Heading {
                    path: path.to_owned(),
                    unit: Some(unit),
                    binary: binary && path == "guest.memory",
                });
            }
            // A remark in brackets, or the unit of something that has none.
            if Amount::of(path) == Amount::Plain && name.trim_end().ends_with([')', ']']) {
                return plain(path.to_owned());
            }
        }
        let known = SHORT.iter().map(|path| short(path)).chain([LOAD]);
        Err(slip(name).or_else(|| nearest(name, known)).map_or(Unknown::Other, Unknown::Slip))
    }
}

/// What people's words for a column were most likely meant, if a slip of the fingers is between. A short word is one only where the
/// unit behind it is that of what was meant: `rat (MiB/s)`, but not `Date`.
fn slip(name: &str) -> Option<&'static str> {
    let phrases = || WORDS.iter().flat_map(|(path, of_it)| of_it.iter().map(|word| (*path, *word)));
    let loads = LOADS.iter().map(|word| (LOAD, *word));
    let long: Vec<&'static str> =
        phrases().chain(loads).map(|(_, word)| word).filter(|word| word.len() >= LONG).collect();
    let heads = || splits(name).map(|(head, unit)| (words(head), unit)).chain([(words(name), "")]);
    heads().find_map(|(head, unit)| {
        let of_unit = phrases().filter(|(path, _)| Amount::of(path).unit(unit).is_some()).map(|(_, word)| word);
        one_slip(&head, long.iter().copied().chain(of_unit))
    })
}

/// The key that goes by these words.
fn key(words: &str) -> Option<&'static str> {
    let load = || LOADS.contains(&words).then_some(LOAD);
    WORDS.iter().find(|(_, of_it)| of_it.contains(&words)).map(|(path, _)| *path).or_else(load)
}

/// Lower case, and single blanks between words.
fn words(text: &str) -> String {
    let spaced = text.to_lowercase().replace(['_', '-', '.', ':', '#'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A heading in two: its words, and what may be the unit.
fn splits(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let trimmed = name.trim();
    let bracket = [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let (head, unit) = trimmed.strip_suffix(close)?.rsplit_once(open)?;
        Some((head, unit.trim()))
    });
    let marks = [", ", " in ", " / ", ",", " ", "_"];
    let by_mark = marks.into_iter().filter_map(move |mark| trimmed.rsplit_once(mark));
    bracket.into_iter().chain(by_mark).map(|(head, unit)| (head.trim(), unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_in_peoples_words_are_read() {
        for (name, path, unit) in [
            ("name", "name", None),
            ("Instance", "name", None),
            ("VM Name", "name", None),
            ("RAM (GiB)", "guest.memory", Some("GiB")),
            ("Flavor RAM (GiB)", "guest.memory", Some("GiB")),
            ("flavor_ram", "guest.memory", None),
            ("Memory MB", "guest.memory", Some("MiB")),
            ("memory_mb", "guest.memory", Some("MiB")),
            ("Memory [GB]", "guest.memory", Some("GiB")),
            ("RAM in GiB", "guest.memory", Some("GiB")),
            ("vCPUs", "guest.vcpus", None),
            ("Host", "node", None),
            ("Host name", "name", None),
            ("cpu", "guest.workload.cpu", None),
            ("Dirty rate (MiB/s)", "guest.workload.rate", Some("MiB/s")),
            ("Dirty rate, MB/s", "guest.workload.rate", Some("MB/s")),
            ("dirty rate mib/s", "guest.workload.rate", Some("MiB/s")),
            ("Dirty rate (MiBps)", "guest.workload.rate", Some("MiB/s")),
            ("Dirty rate (pages/s)", "guest.workload.rate", Some("pages/s")),
            ("Workload", "load", None),
            ("Load (main)", "load", None),
            ("qemu.downtime-limit", "qemu.downtime-limit", None),
        ] {
            let heading = Heading::read(name).unwrap_or_else(|unknown| panic!("{name}: {unknown:?}"));
            assert_eq!((heading.path.as_str(), heading.unit), (path, unit), "{name}");
        }
        assert_eq!(Heading::read("memry"), Err(Unknown::Slip("memory")));
        for (name, known) in [
            ("Drity rate (MiB/s)", "dirty rate"),
            ("Dirty rte (MiB/s)", "dirty rate"),
            ("rat (MiB/s)", "rate"),
            ("Write rates (MiB/s)", "write rate"),
            ("Workloda", "workload"),
            ("Flavor RMA (GiB)", "flavor ram"),
        ] {
            assert_eq!(Heading::read(name), Err(Unknown::Slip(known)), "{name}");
        }
        for other in
            ["Availability zone", "Zone name", "Disk rate (MB/s)", "Power state", "Network", "User name", "Image"]
        {
            assert_eq!(Heading::read(other), Err(Unknown::Other), "{other}");
        }
        assert_eq!(Heading::read("RAM (furlongs)"), Err(Unknown::Other));
        assert!(Heading::read("Memory MB").unwrap().binary);
    }
}
