//! Range queries of Prometheus, as its API answers them, over the metrics of a migration.

use std::collections::BTreeMap;

use super::job::{LoggedJob, LoggedJobs};
use super::{LoggedLook, MOST, sighting_of};
use crate::compare::json::{FieldError, JsonNode};
use crate::compare::told::{LogGap, Told};
use crate::units::PAGE_SIZE;

/// What a metric tells, by a part of its name; the first that fits.
const METRICS: [(&str, ScrapedFigure); 14] = [
    ("disk", ScrapedFigure::None),
    ("time_elapsed", ScrapedFigure::Elapsed),
    ("memory_processed", ScrapedFigure::Sent),
    ("data_processed", ScrapedFigure::Sent),
    ("memory_remaining", ScrapedFigure::Remaining),
    ("data_remaining", ScrapedFigure::Remaining),
    ("memory_total", ScrapedFigure::Total),
    ("data_total", ScrapedFigure::Total),
    ("dirty_memory_rate", ScrapedFigure::DirtyRate),
    ("dirty_rate", ScrapedFigure::DirtyRate),
    ("transfer_rate", ScrapedFigure::Bandwidth),
    ("memory_bps", ScrapedFigure::Bandwidth),
    ("iteration", ScrapedFigure::Syncs),
    ("throttle", ScrapedFigure::Throttle),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ScrapedFigure {
    None,
    Elapsed,
    Sent,
    Remaining,
    Total,
    DirtyRate,
    Bandwidth,
    Syncs,
    Throttle,
}

/// Labels that name a guest; the first that is there.
const GUESTS: [&str; 5] = ["name", "vmi", "domain", "domain_name", "instance"];
/// A gap of so many usual steps is between two migrations.
const GAP: f64 = 3.0;
/// Most steps of any rate, which may be in bytes or pages a second.
const WHOLE: f64 = 1e18;

/// What was scraped of a guest, by time [ms].
type Scrapes = BTreeMap<u64, BTreeMap<ScrapedFigure, f64>>;

/// The migrations in an answer.
pub(super) fn read(root: &JsonNode) -> Result<Vec<LoggedJob>, FieldError> {
    let data = root.get("data")?;
    let kind = data.get("resultType")?;
    if kind.text()? != "matrix" {
        return Err(kind.fault("is one moment; ask `query_range`, with a step of the scrape interval or less"));
    }
    let (mut guests, mut kubevirt): (BTreeMap<String, Scrapes>, bool) = (BTreeMap::new(), false);
    let result = data.get("result")?;
    for series in result.items()? {
        let metric = series.get("metric")?;
        let name = metric.get("__name__")?.text()?;
        let Some((_, figure)) = METRICS.iter().find(|(part, _)| name.contains(part)) else { continue };
        if *figure == ScrapedFigure::None {
            continue;
        }
        kubevirt |= name.starts_with("kubevirt");
        let in_bytes = *figure != ScrapedFigure::DirtyRate || name.contains("bytes") || name.starts_with("kubevirt");
        let guest = GUESTS.iter().find_map(|label| metric.find(label)).map_or(Ok(""), |node| node.text())?;
        let scrapes = guests.entry(guest.to_owned()).or_default();
        for pair in series.get("values")?.items()? {
            let [time, value] = &pair.items()?[..] else { return Err(pair.expected("a time and a value")) };
            let ms = time.number_in(0.0..=1e12)? * 1e3;
            let value = value.number_in(0.0..=WHOLE)? * if in_bytes { 1.0 } else { PAGE_SIZE as f64 };
            scrapes.entry(ms as u64).or_default().insert(*figure, value);
        }
        if scrapes.len() > MOST {
            return Err(result.fault(format!("has more than {MOST} moments of one guest")));
        }
    }
    if guests.is_empty() {
        return Err(result.fault(
            "has no metric of a migration: ask for `{__name__=~\"kubevirt_vmi_migration_.*|libvirt_domain_job_.*\"}`",
        ));
    }
    let product = kubevirt.then_some("kubevirt");
    Ok(guests.into_iter().flat_map(|(guest, scrapes)| jobs(&guest, product, &scrapes)).collect())
}

/// The migrations of one guest.
fn jobs(guest: &str, product: Option<&'static str>, scrapes: &Scrapes) -> Vec<LoggedJob> {
    let known = |figure| scrapes.values().any(|scrape| scrape.contains_key(&figure));
    let gaps = [
        (ScrapedFigure::Syncs, LogGap::Syncs),
        (ScrapedFigure::Sent, LogGap::Sent),
        (ScrapedFigure::Remaining, LogGap::Remaining),
        (ScrapedFigure::DirtyRate, LogGap::DirtyRate),
        (ScrapedFigure::Throttle, LogGap::Throttle),
    ];
    let gaps: Vec<LogGap> = gaps.into_iter().filter(|(figure, _)| !known(*figure)).map(|(_, gap)| gap).collect();
    let mut told = Told::of("range query of Prometheus", product, &gaps);
    told.rounding = Some("begin and end are known to the interval between two scrapes");
    let times: Vec<u64> = scrapes.keys().copied().collect();
    let mut steps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let far = GAP * steps.get(steps.len() / 2).copied().unwrap_or(0) as f64;
    let mut jobs = LoggedJobs::new(told, false);
    let (mut start, mut before) = (None, None::<u64>);
    for (ms, scrape) in scrapes {
        if start.is_none() || before.is_some_and(|before| (ms - before) as f64 > far) {
            start = Some(*ms);
            jobs.begin(guest);
        }
        before = Some(*ms);
        let of = |figure| scrape.get(&figure).copied();
        let whole = |figure| of(figure).map(|value| value as u64);
        let mut sighting =
            sighting_of(whole(ScrapedFigure::Sent).unwrap_or(0), whole(ScrapedFigure::Remaining).unwrap_or(0));
        sighting.total = whole(ScrapedFigure::Total);
        sighting.pass = whole(ScrapedFigure::Syncs).unwrap_or(1);
        sighting.dirty_pages_rate = of(ScrapedFigure::DirtyRate).map_or(0, |rate| (rate / PAGE_SIZE as f64) as u64);
        sighting.bandwidth = of(ScrapedFigure::Bandwidth).unwrap_or(0.0);
        sighting.throttle_pct = of(ScrapedFigure::Throttle).unwrap_or(0.0).min(100.0);
        let since = (ms - start.unwrap_or(*ms)) as f64;
        let elapsed_ms = Some(of(ScrapedFigure::Elapsed).map_or(since, |seconds| seconds * 1e3));
        jobs.look(guest, LoggedLook { clock: Some(*ms as f64 / 1e3), elapsed_ms, sighting });
    }
    jobs.all()
}
