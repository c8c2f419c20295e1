//! The units of every quantity, and what people write instead of them.

use super::super::PAGE_SIZE;
use super::super::spelling::nearest;

/// A unit: how it is written, and its size in the quantity's base unit as a fraction.
pub type UnitFactor = (&'static str, (u128, u128));

const PAGE: u128 = PAGE_SIZE as u128;

/// Units of sizes; the base is the byte.
pub(super) const SIZE: &[UnitFactor] = &[
    ("B", (1, 1)),
    ("kB", (1_000, 1)),
    ("MB", (1_000_000, 1)),
    ("GB", (1_000_000_000, 1)),
    ("TB", (1_000_000_000_000, 1)),
    ("KiB", (1 << 10, 1)),
    ("MiB", (1 << 20, 1)),
    ("GiB", (1 << 30, 1)),
    ("TiB", (1 << 40, 1)),
    ("pages", (PAGE, 1)),
];

/// Units of rates; the base is the byte per second.
pub(super) const RATE: &[UnitFactor] = &[
    ("bit/s", (1, 8)),
    ("kbit/s", (1_000, 8)),
    ("Mbit/s", (1_000_000, 8)),
    ("Gbit/s", (1_000_000_000, 8)),
    ("Tbit/s", (1_000_000_000_000, 8)),
    ("B/s", (1, 1)),
    ("kB/s", (1_000, 1)),
    ("MB/s", (1_000_000, 1)),
    ("GB/s", (1_000_000_000, 1)),
    ("TB/s", (1_000_000_000_000, 1)),
    ("KiB/s", (1 << 10, 1)),
    ("MiB/s", (1 << 20, 1)),
    ("GiB/s", (1 << 30, 1)),
    ("TiB/s", (1 << 40, 1)),
];

/// Units of operations; the base is one per second.
pub(super) const OPERATIONS: &[UnitFactor] = &[("/s", (1, 1)), ("/min", (1, 60))];

/// Units of page rates; the base is the page per second.
pub(super) const PAGE_RATE: &[UnitFactor] = &[
    ("pages/s", (1, 1)),
    ("bit/s", (1, 8 * PAGE)),
    ("kbit/s", (1_000, 8 * PAGE)),
    ("Mbit/s", (1_000_000, 8 * PAGE)),
    ("Gbit/s", (1_000_000_000, 8 * PAGE)),
    ("Tbit/s", (1_000_000_000_000, 8 * PAGE)),
    ("B/s", (1, PAGE)),
    ("kB/s", (1_000, PAGE)),
    ("MB/s", (1_000_000, PAGE)),
    ("GB/s", (1_000_000_000, PAGE)),
    ("TB/s", (1_000_000_000_000, PAGE)),
    ("KiB/s", (1 << 10, PAGE)),
    ("MiB/s", (1 << 20, PAGE)),
    ("GiB/s", (1 << 30, PAGE)),
    ("TiB/s", (1 << 40, PAGE)),
];

/// Units of times; the base is the nanosecond. Both code points that look like µ are known.
pub(super) const TIME: &[UnitFactor] = &[
    ("ns", (1, 1)),
    ("us", (1_000, 1)),
    ("µs", (1_000, 1)),
    ("μs", (1_000, 1)),
    ("ms", (1_000_000, 1)),
    ("s", (1_000_000_000, 1)),
    ("min", (60_000_000_000, 1)),
    ("h", (3_600_000_000_000, 1)),
];

/// Units of shares; the base is the whole.
pub(super) const SHARE: &[UnitFactor] = &[("%", (1, 100))];

/// Other spellings of units, as tools and people have them, beside the unit that is meant.
pub type UnitAlias = (&'static str, &'static str);

/// Sizes as QEMU, libvirt and Proxmox write them (`-m 4096M`), and as Kubernetes does (`16Gi`). Its `M` is a million bytes, the
/// others' is 2^20; the one that the hypervisor is given rules.
pub(super) const SIZE_ALIASES: &[UnitAlias] = &[
    ("K", "KiB"),
    ("M", "MiB"),
    ("G", "GiB"),
    ("T", "TiB"),
    ("Ki", "KiB"),
    ("Mi", "MiB"),
    ("Gi", "GiB"),
    ("Ti", "TiB"),
];

/// Bits a second as network people write them.
pub(super) const RATE_ALIASES: &[UnitAlias] = &[
    ("bps", "bit/s"),
    ("kbps", "kbit/s"),
    ("Kbps", "kbit/s"),
    ("Mbps", "Mbit/s"),
    ("Gbps", "Gbit/s"),
    ("Tbps", "Tbit/s"),
    ("Mb/s", "Mbit/s"),
    ("Gb/s", "Gbit/s"),
    ("GbE", "Gbit/s"),
];

/// Times in words, and minutes as Go and Prometheus write them.
pub(super) const TIME_ALIASES: &[UnitAlias] =
    &[("sec", "s"), ("seconds", "s"), ("m", "min"), ("minutes", "min"), ("hours", "h")];

/// The unit of that name.
pub(super) fn find(units: &'static [UnitFactor], name: &str) -> Option<UnitFactor> {
    units.iter().copied().find(|unit| unit.0 == name)
}

/// The unit of that name, or of which it is another spelling.
pub(super) fn named(units: &'static [UnitFactor], aliases: &[UnitAlias], name: &str) -> Option<UnitFactor> {
    let alias = || aliases.iter().find(|alias| alias.0 == name).and_then(|alias| find(units, alias.1));
    find(units, name).or_else(alias)
}

/// The unit that is most likely meant by `name`.
pub(super) fn meant(units: &'static [UnitFactor], name: &str) -> Option<&'static str> {
    let known = |name: &str| find(units, name).map(|unit| unit.0);
    let names = || units.iter().map(|unit| unit.0);
    let habit = by_habit(name);
    if habit.ends_with("bit/s") {
        // Where bits are no unit, bytes are eight times off and no near miss.
        return known(&habit);
    }
    known(&habit)
        .or_else(|| known(name.strip_suffix("/s")?))
        .or_else(|| known(&format!("{name}/s")))
        .or_else(|| names().find(|known| known.eq_ignore_ascii_case(name)))
        .or_else(|| nearest(name, names()))
}

/// Spellings from other tools: `Gbps`, `Gb/s`, `MBps`, `16G`, `5 minutes`.
///
/// An edit distance would turn `Gbps` into `GB/s`, which is eight times as much.
fn by_habit(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "sec" | "secs" | "second" | "seconds" => return "s".into(),
        "msec" | "msecs" | "millisecond" | "milliseconds" => return "ms".into(),
        "usec" | "usecs" | "microsecond" | "microseconds" => return "us".into(),
        "m" | "mins" | "minute" | "minutes" => return "min".into(),
        "hr" | "hrs" | "hour" | "hours" => return "h".into(),
        "percent" | "per cent" | "pct" => return "%".into(),
        "byte" | "bytes" => return "B".into(),
        "page/s" | "pages/sec" | "pps" => return "pages/s".into(),
        _ => {}
    }
    let (amount, per_second) = match ["/sec", "/s", "ps"].iter().find_map(|end| name.strip_suffix(end)) {
        Some(amount) => (amount, "/s"),
        None => (name, ""),
    };
    let mut letters = amount.chars();
    let (prefix, rest) = match letters.next() {
        Some(c @ ('k' | 'K' | 'm' | 'M' | 'g' | 'G' | 't' | 'T')) => (Some(c.to_ascii_uppercase()), letters.as_str()),
        _ => (None, amount),
    };
    let decimal = match prefix {
        Some('K') => "k".to_owned(),
        Some(letter) => letter.to_string(),
        None => String::new(),
    };
    match (rest, prefix) {
        ("b" | "bit" | "bits" | "Bit", _) => format!("{decimal}bit/s"),
        ("B" | "byte" | "bytes" | "Byte", _) => format!("{decimal}B{per_second}"),
        ("i" | "ib" | "iB" | "", Some(letter)) => format!("{letter}iB{per_second}"),
        _ => String::new(),
    }
}
