//! Lines of DAMON's tracepoint `damon_aggregated`.

use std::io::Read;

use super::Damage;
use super::intervals::Intervals;
use super::kernel::{lost_events, moment};
use super::lines::Lines;
use crate::guest::Recording;

/// A region at the end of an interval: `target_id=0 nr_regions=11 122509119488-135708762112: 0 864`.
pub(super) const EVENT: &str = "damon_aggregated:";

const LINE: &str = "give whole lines as `perf script`, `trace-cmd report` or `trace_pipe` print them; a last line that is cut off can go";
/// Targets that are told apart, at most.
const MOST_TARGETS: usize = 4096;
/// Pages of a target, at most.
const TARGET_BITS: u32 = 52;
/// log2 of the bytes of a page.
const PAGE_BITS: u32 = 12;

/// Reads the regions that were accessed, and how many events the log has lost.
pub(super) fn read<R: Read>(lines: &mut Lines<R>) -> Result<(Option<Recording>, u64), Damage> {
    let (mut intervals, mut lost) = (Intervals::default(), 0);
    let mut targets: Vec<u64> = Vec::new();
    // Of the region before, by target and address: an interval has each region once, in this order.
    let mut before: Option<(usize, u64)> = None;
    while let Some((number, line)) = lines.next()? {
        lost += lost_events(line);
        let Some((head, rest)) = line.split_once(EVENT) else { continue };
        let at = moment(number, line, head)?;
        let region = region(number, line, rest)?;
        let target = targets.iter().position(|known| *known == region.target).unwrap_or_else(|| {
            targets.push(region.target);
            targets.len() - 1
        });
        if targets.len() > MOST_TARGETS {
            let what = format!("has more than {MOST_TARGETS} targets");
            return Err(Damage::line(number, what, "record one guest at a time"));
        }
        if before.is_none_or(|before| (target, region.start) <= before)
            && let Err(earlier) = intervals.look(at)?
        {
            let what = format!("is earlier than the {:.6} s before it", earlier.0 as f64 / 1e9);
            return Err(Damage::line(number, what, "give the lines of one recording, in order of time"));
        }
        before = Some((target, region.start));
        if region.accesses > 0 {
            let first = region.start >> PAGE_BITS;
            let end = region.end.div_ceil(1 << PAGE_BITS);
            intervals.pages((target as u64) << TARGET_BITS | first, end.saturating_sub(first))?;
        }
    }
    if intervals.is_single() {
        return Err(Damage::whole(
            "has one look at the regions only",
            "record for some seconds: how long a look is, the next one tells",
        ));
    }
    Ok((intervals.recording(true)?, lost))
}

struct Region {
    target: u64,
    start: u64,
    end: u64,
    accesses: u64,
}

fn region(number: u64, line: &str, rest: &str) -> Result<Region, Damage> {
    let mut words = rest.split_whitespace();
    let (mut target, mut range) = (None, None);
    for word in words.by_ref() {
        match word.split_once('=') {
            Some(("target_id" | "target_idx", value)) => target = value.parse().ok(),
            Some(_) => {}
            None => {
                range = Some(word);
                break;
            }
        }
    }
    let Some(target) = target else { return Err(Damage::line(number, "has no `target_id=`", LINE)) };
    let Some(range) = range else { return Err(Damage::line(number, "ends before the region", LINE)) };
    let wrong = |what: &str| Damage::part(number, line, range, what, LINE);
    let ends = range.strip_suffix(':').and_then(|range| range.split_once('-'));
    let (start, end) = ends.ok_or_else(|| wrong("has no region such as `4194304-5476352:`"))?;
    let (start, end): (u64, u64) = match (start.parse(), end.parse()) {
        (Ok(start), Ok(end)) if start < end => (start, end),
        _ => return Err(wrong("has no region such as `4194304-5476352:`")),
    };
    let accesses = words.next().and_then(|word| word.parse().ok());
    // The age behind it is of no use here, but a line without one is cut off.
    match (accesses, words.next()) {
        (Some(accesses), Some(_)) => Ok(Region { target, start, end, accesses }),
        _ => Err(Damage::line(number, "ends before the accesses and the age of the region", LINE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn of(text: &str) -> Result<(Option<Recording>, u64), Damage> {
        read(&mut Lines::new(text.as_bytes()))
    }

    /// The form of Documentation/admin-guide/mm/damon/usage.rst, two looks at two regions each.
    const TEXT: &str = "\
    kdamond.0 46568 [027] 79357.842179: damon:damon_aggregated: target_id=0 nr_regions=2 4194304-4202496: 3 864
    kdamond.0 46568 [027] 79357.842180: damon:damon_aggregated: target_id=0 nr_regions=2 8388608-8392704: 0 864
    kdamond.0 46568 [027] 79357.942180: damon:damon_aggregated: target_id=0 nr_regions=2 4194304-4202496: 0 864
    kdamond.0 46568 [027] 79357.942181: damon:damon_aggregated: target_id=0 nr_regions=2 8388608-8392704: 1 864
";

    #[test]
    fn regions_that_were_accessed_are_whole() {
        let recording = of(TEXT).unwrap().0.unwrap();
        assert_eq!((recording.writes(), recording.region().0), (3, 3));
        assert!(recording.length().0.abs_diff(Span::from_ms(200).0) < 10_000, "{recording:?}");
    }

    #[test]
    fn damage_has_its_place() {
        let lines: Vec<&str> = TEXT.lines().collect();
        for (text, line, what) in [
            (lines[0].to_owned(), 0, "one look"),
            (lines[0].replace(": 3 864", ""), 1, "region"),
            (lines[0].replace(" 864", ""), 1, "accesses"),
            (lines[0].replace("target_id=0", ""), 1, "target_id"),
            (lines[0].replace("4202496", "1"), 1, "region"),
            (format!("{}\n{}", lines[2], lines[0]), 2, "earlier"),
        ] {
            let damage = of(&text).unwrap_err();
            assert!(damage.line == line && damage.what.contains(what), "{damage:?}");
        }
        let all = lines[0].replace("4194304-4202496", "0-18446744073709551615");
        assert!(of(&all).unwrap_err().what.contains("page writes"));
    }
}
