//! Output of `damo report raw`.

use std::io::Read;

use super::Damage;
use super::intervals::Intervals;
use super::lines::Lines;
use crate::guest::{Recording, TooLong};

/// How each look begins.
pub(super) const START: &str = "monitoring_start:";
const END: &str = "monitoring_end:";
const TARGET: &str = "target_id:";

const LINE: &str = "give the whole output of `damo report raw`; a last look that is cut off can go";
/// Pages of a target, at most.
const TARGET_BITS: u32 = 52;
/// log2 of the bytes of a page.
const PAGE_BITS: u32 = 12;

/// Reads the regions that were accessed.
pub(super) fn read<R: Read>(lines: &mut Lines<R>) -> Result<Option<Recording>, Damage> {
    let mut intervals = Intervals::default();
    let mut targets: Vec<String> = Vec::new();
    let (mut target, mut ended, mut looks) = (0, false, 0u64);
    while let Some((number, line)) = lines.next()? {
        let line = line.trim_end();
        let time = |rest: &str| {
            span(rest)
                .ok_or_else(|| Damage::part(number, line, rest.trim_start(), "has no time such as `104.599 ms`", LINE))
        };
        if let Some(rest) = line.strip_prefix(START) {
            let at = time(rest)?;
            // The first look says when it began.
            if looks == 0 && intervals.look(at)?.is_err() {
                return Err(TooLong.into());
            }
            (looks, ended) = (looks + 1, false);
        } else if let Some(rest) = line.strip_prefix(END) {
            let at = time(rest)?;
            if intervals.look(at)?.is_err() {
                return Err(Damage::line(
                    number,
                    "is earlier than the look before it",
                    "give the looks of one recording, in order of time",
                ));
            }
            ended = true;
        } else if let Some(rest) = line.strip_prefix(TARGET) {
            let name = rest.trim();
            target = targets.iter().position(|known| known == name).unwrap_or_else(|| {
                targets.push(name.to_owned());
                targets.len() - 1
            });
            if targets.len() > 4096 {
                return Err(Damage::line(number, "has more than 4096 targets", "record one guest at a time"));
            }
        } else if let Some((range, rest)) = line.split_once('(').filter(|(range, _)| is_range(range)) {
            let (start, end) = range.split_once('-').unwrap_or_default();
            let address = |part: &str| {
                let found = u64::from_str_radix(part.trim(), 16);
                found.map_err(|_| Damage::part(number, line, part, "has no hexadecimal address", LINE))
            };
            let (start, end) = (address(start)?, address(end)?);
            let accesses = rest.rsplit_once("):").and_then(|(_, accesses)| accesses.split_whitespace().next());
            let Some(accesses) = accesses.and_then(|word| word.parse::<u64>().ok()) else {
                return Err(Damage::line(number, "ends before the accesses of the region", LINE));
            };
            if !ended {
                return Err(Damage::line(number, format!("comes before any `{END}`"), LINE));
            }
            if accesses > 0 {
                let first = start >> PAGE_BITS;
                let count = end.div_ceil(1 << PAGE_BITS).saturating_sub(first);
                intervals.pages((target as u64) << TARGET_BITS | first, count)?;
            }
        }
    }
    Ok(intervals.recording(true)?)
}

/// Whether a text may be two addresses.
fn is_range(text: &str) -> bool {
    text.contains('-') && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-' || c == ' ')
}

/// A time such as `104.599 ms` or `8 m 59.809 s` [ns].
fn span(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let part = |pair: &[&str]| {
        let [number, unit] = pair else { return None };
        let unit = match *unit {
            "ns" => 1.0,
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "d" => 86_400e9,
            _ => return None,
        };
        number.replace(',', "").parse::<f64>().ok().map(|number| number * unit).filter(|ns| (0.0..1e18).contains(ns))
    };
    let parts: Option<Vec<f64>> = words.chunks(2).map(part).collect();
    parts.filter(|parts| !parts.is_empty()).map(|parts| (parts.iter().sum::<f64>() + 0.5) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn of(text: &str) -> Result<Option<Recording>, Damage> {
        read(&mut Lines::new(text.as_bytes()))
    }

    /// The form of damo's USAGE.md, with smaller regions.
    const TEXT: &str = "\
base_time_absolute: 8 m 59.809 s

monitoring_start:                0 ns
monitoring_end:            104.599 ms
monitoring_duration:       104.599 ms
target_id: 18446623438842320000
nr_regions: 2
563ebaa00000-563ebaa02000(   8.000 KiB):        1
7f938d7e1000-7f938ddfc000(   6.105 MiB):        0

monitoring_start:          104.599 ms
monitoring_end:            208.590 ms
monitoring_duration:       103.991 ms
target_id: 18446623438842320000
nr_regions: 2
563ebaa00000-563ebaa01000(   4.000 KiB):        1
7fff66b0a000-7fff66b0c000(   8.000 KiB):        5
";

    #[test]
    fn looks_and_their_times_are_read() {
        let recording = of(TEXT).unwrap().unwrap();
        assert_eq!((recording.writes(), recording.region().0), (5, 4));
        assert_eq!(recording.length(), Span(208_590_000));
        assert_eq!(span(" 8 m 59.809 s"), Some(539_809_000_000));
        assert_eq!(span("2 parsec"), None);
    }

    #[test]
    fn damage_has_its_place() {
        for (from, to, line, what) in [
            ("104.599 ms", "104.599", 4, "no time"),
            ("):        1", "):", 8, "accesses"),
            ("563ebaa02000(", "563ebaa02000000000000(", 8, "hexadecimal"),
            ("208.590 ms", "100 ms", 12, "earlier"),
            ("monitoring_end:            104.599 ms\n", "", 7, "comes before"),
        ] {
            let damage = of(&TEXT.replacen(from, to, 1)).unwrap_err();
            assert!(damage.line == line && damage.what.contains(what), "{damage:?}");
        }
    }
}
