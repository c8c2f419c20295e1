//! Dirty rates as JSON: QEMU's `query-dirty-rate`, and Prometheus' answer about KubeVirt's metric.

use serde_json::{Deserializer, Value};

use super::domstats::{FASTEST, LONGEST};
use super::reading::{CalcMode, RateReading};
use super::{GuestRates, Unusable};
use crate::units::bounded;

/// KubeVirt measures for a second at each scrape [ms].
const SCRAPED: u64 = 1000;
const METRIC: &str = "kubevirt_vmi_dirty_rate_bytes_per_second";
const MIB: f64 = (1 << 20) as f64;
/// Most figures of one file.
const MOST: usize = 1_000_000;

/// Reads documents, one after the other.
///
/// # Errors
/// Text that is no JSON, or a document of another kind.
pub(super) fn read(text: &str) -> Result<Vec<GuestRates>, Unusable> {
    let mut guests: Vec<GuestRates> = Vec::new();
    let mut documents = Deserializer::from_str(text).into_iter::<Value>();
    loop {
        let begun = documents.byte_offset();
        let at = || {
            let blank = text[begun..].len() - text[begun..].trim_start().len();
            bounded::place(text.as_bytes(), begun + blank)
        };
        let complain = |what: &str| {
            let (line, column) = at();
            Unusable::line(line, column, what)
        };
        let value = match documents.next() {
            None => return Ok(guests),
            Some(Ok(value)) => value,
            Some(Err(error)) => return Err(complain(&format!("is not valid JSON: {error}"))),
        };
        if value["data"]["result"].is_array() {
            series(&value, &mut guests).map_err(|what| complain(&what))?;
        } else {
            let answer = value.get("return").unwrap_or(&value);
            let found = answered(answer).map_err(|what| complain(&what))?;
            if guests.is_empty() {
                guests.push(GuestRates::default());
            }
            guests[0].unfinished += usize::from(found.is_none());
            guests[0].measured.extend(found);
        }
        if guests.iter().map(|guest| guest.measured.len()).sum::<usize>() > MOST {
            return Err(complain(&format!("has more than {MOST} figures")));
        }
    }
}

/// An answer of `query-dirty-rate`; nothing while it is not measured.
fn answered(answer: &Value) -> Result<Option<RateReading>, String> {
    let Some(status) = answer["status"].as_str().filter(|_| answer.get("calc-time").is_some()) else {
        return Err("is no answer of `query-dirty-rate` and none of Prometheus; a migration's statistics go to \
                    `precopy fit LOG` without `--dirtyrate`"
            .to_owned());
    };
    if status != "measured" {
        return Ok(None);
    }
    let whole = |key: &str, most: u64| {
        let value = answer[key].as_u64().filter(|value| *value <= most);
        value.ok_or_else(|| format!("`{key}` must be a whole number up to {most}"))
    };
    let is_ms = answer["calc-time-unit"] == "millisecond";
    let period = whole("calc-time", LONGEST * 1000)?.saturating_mul(if is_ms { 1 } else { 1000 });
    let each = answer["vcpu-dirty-rate"].as_array().filter(|each| !each.is_empty());
    let rate = match each {
        None => whole("dirty-rate", FASTEST)?,
        Some(each) => {
            let rate = |vcpu: &Value| vcpu["dirty-rate"].as_u64().filter(|rate| *rate <= FASTEST);
            let sum = each.iter().map(rate).sum::<Option<u64>>();
            sum.ok_or_else(|| format!("`vcpu-dirty-rate` must have whole numbers up to {FASTEST}"))?
        }
    };
    let reading = RateReading::whole(period, rate, each.map_or(1, Vec::len));
    let mode = answer["mode"].as_str().and_then(CalcMode::of);
    Ok((period > 0).then_some(RateReading { mode, samples: answer["sample-pages"].as_u64(), ..reading }))
}

/// A rate that was scraped [bytes/s]: libvirt's, whose MiB/s are whole, unless it was processed since.
fn scraped(rate: f64) -> RateReading {
    let mib = rate / MIB;
    let cut = if mib.fract() == 0.0 { 1.0 } else { 0.0 };
    RateReading { rate: mib, cut, ..RateReading::whole(SCRAPED, 0, 1) }
}

/// An answer of Prometheus: each figure is one measurement.
fn series(value: &Value, guests: &mut Vec<GuestRates>) -> Result<(), String> {
    for series in value["data"]["result"].as_array().into_iter().flatten() {
        let metric = &series["metric"];
        if metric["__name__"].as_str().is_some_and(|name| name != METRIC) {
            continue;
        }
        let name = ["name", "vmi", "domain"].iter().find_map(|label| metric[label].as_str()).unwrap_or_default();
        let pairs = series["values"].as_array().map_or(std::slice::from_ref(&series["value"]), Vec::as_slice);
        let figure = |pair: &Value| {
            let text = pair.get(1).and_then(Value::as_str)?;
            text.parse().ok().filter(|rate: &f64| (0.0..=1e15).contains(rate))
        };
        let mut guest = GuestRates { name: name.to_owned(), ..GuestRates::default() };
        for pair in pairs {
            let rate = figure(pair).ok_or_else(|| format!("`{METRIC}` must have pairs of a time and a number"))?;
            guest.measured.push(scraped(rate));
        }
        match guests.iter_mut().find(|known| known.name == guest.name) {
            Some(known) => known.measured.extend(guest.measured),
            None => guests.push(guest),
        }
    }
    if guests.is_empty() { Err(format!("has no series of `{METRIC}`")) } else { Ok(()) }
}
