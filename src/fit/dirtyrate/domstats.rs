//! `virsh domstats --dirtyrate`, of one domain or of all, and what `virsh domdirtyrate-calc` says between.

use std::collections::HashMap;

use super::reading::{CalcMode, RateReading};
use super::{GuestRates, Unusable};
use crate::units::Bytes;

/// Longest measurement that libvirt makes [s], and the highest rate that is believed [MiB/s].
pub(super) const LONGEST: u64 = 60;
pub(super) const FASTEST: u64 = 1 << 30;

/// How lines between may begin: what `virsh domdirtyrate-calc` says once it has begun to measure, `virsh version`, a
/// domain XML, and complaints.
const BETWEEN: [&str; 7] =
    ["Start to calculate domain's memory dirty rate", "error:", "Compiled against", "Using ", "Running ", "<", "# "];

/// Keys of one measurement, with line and value.
type Block<'a> = HashMap<&'a str, (usize, &'a str)>;

/// Reads all measurements; each begins with a line `Domain:`.
///
/// # Errors
/// A line that is none of virsh's.
pub(super) fn read(text: &str) -> Result<Vec<GuestRates>, Unusable> {
    let mut blocks: Vec<(&str, Block)> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let column = text.len() - text.trim_start().len() + 1;
        let text = text.trim();
        if text.is_empty() || BETWEEN.iter().any(|start| text.starts_with(start)) {
            continue;
        }
        if let Some(name) = text.strip_prefix("Domain:") {
            blocks.push((name.trim().trim_matches('\''), HashMap::new()));
        } else if let Some((key, value)) = text.split_once('=') {
            let Some((_, block)) = blocks.last_mut() else {
                let what = "comes before any `Domain:`; give the output of `virsh domstats --dirtyrate` as it is";
                return Err(Unusable::line(line, column, what));
            };
            block.insert(key, (line, value.trim()));
        } else {
            let what = "is no output of `virsh domstats --dirtyrate`, `query-dirty-rate` or Prometheus (docs/logs.md)";
            return Err(Unusable::line(line, column, what));
        }
    }
    let mut guests: Vec<GuestRates> = Vec::new();
    for (name, block) in &blocks {
        let at = guests.iter().position(|guest| guest.name == *name).unwrap_or_else(|| {
            guests.push(GuestRates { name: (*name).to_owned(), ..GuestRates::default() });
            guests.len() - 1
        });
        add(&mut guests[at], block)?;
    }
    Ok(guests)
}

fn add(guest: &mut GuestRates, block: &Block) -> Result<(), Unusable> {
    let whole = |key: &str, most: u64| match block.get(key) {
        None => Ok(None),
        Some((line, value)) => match value.parse::<u64>() {
            Ok(value) if value <= most => Ok(Some(value)),
            _ => Err(Unusable::line(*line, 1, format!("`{key}` must be a whole number up to {most}"))),
        },
    };
    let size = |key: &str| Ok::<_, Unusable>(whole(key, 1 << 36)?.map(|kib| Bytes(kib << 10)));
    // A migration sends all that the guest may have; what the balloon holds of it is zero.
    let (now, most) = (size("balloon.current")?, size("balloon.maximum")?);
    guest.memory = most.max(now).or(guest.memory);
    guest.balloon.held = now.zip(most).map(|(now, most)| Bytes(most.0.saturating_sub(now.0))).or(guest.balloon.held);
    guest.balloon.rss = size("balloon.rss")?.or(guest.balloon.rss);
    guest.balloon.unused = size("balloon.unused")?.or(guest.balloon.unused);
    guest.vcpus = whole("vcpu.current", 4096)?.and_then(|count| u32::try_from(count).ok()).or(guest.vcpus);
    // 2 is "measured"; 0 has not begun and 1 is not over.
    match whole("dirtyrate.calc_status", 100)? {
        Some(2) => {}
        Some(_) => {
            guest.unfinished += 1;
            return Ok(());
        }
        None => return Ok(()),
    }
    let period = whole("dirtyrate.calc_period", LONGEST)?.filter(|period| *period > 0);
    let each: Vec<u64> =
        vcpus(block).map(|key| whole(key, FASTEST)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let rate = whole("dirtyrate.megabytes_per_second", FASTEST)?;
    // Only the ring counts each vCPU, and then the whole is not counted.
    let rate = if each.is_empty() { rate.map(|rate| (rate, 1)) } else { Some((each.iter().sum(), each.len())) };
    if let Some((period, (rate, counters))) = period.zip(rate) {
        let mode = block.get("dirtyrate.calc_mode").and_then(|(_, word)| CalcMode::of(word));
        guest.measured.push(RateReading { mode, ..RateReading::whole(period * 1000, rate, counters) });
    }
    Ok(())
}

/// Keys of the rate of each vCPU.
fn vcpus<'a>(block: &'a Block) -> impl Iterator<Item = &'a str> {
    let is_rate = |key: &&str| key.starts_with("dirtyrate.vcpu.") && key.ends_with(".megabytes_per_second");
    block.keys().copied().filter(is_rate)
}
