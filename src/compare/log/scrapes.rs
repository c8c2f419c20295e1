//! What Prometheus scraped of guests while they migrated, in whatever form its answer was saved.

use std::collections::BTreeMap;

use super::job::{LoggedJob, LoggedJobs};
use super::{LoggedLook, MOST, sighting_of};
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
pub(super) const GUESTS: [&str; 5] = ["name", "vmi", "domain", "domain_name", "instance"];
/// What to ask Prometheus for.
pub(super) const ASK: &str =
    "has no metric of a migration: ask for `{__name__=~\"kubevirt_vmi_migration_.*|libvirt_domain_job_.*\"}`";
/// Most steps of any rate, which may be in bytes or pages a second.
pub(super) const WHOLE: f64 = 1e18;
/// A gap of so many usual steps is between two migrations.
const GAP: f64 = 3.0;

/// A metric that tells something of a migration.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScrapedMetric {
    figure: ScrapedFigure,
    /// Bytes in one of its values.
    factor: f64,
    by_kubevirt: bool,
}

impl ScrapedMetric {
    /// The one of that name.
    pub(super) fn find(name: &str) -> Option<ScrapedMetric> {
        let (_, figure) = METRICS.iter().find(|(part, _)| name.contains(part))?;
        let by_kubevirt = name.starts_with("kubevirt");
        let in_bytes = *figure != ScrapedFigure::DirtyRate || name.contains("bytes") || by_kubevirt;
        let factor = if in_bytes { 1.0 } else { PAGE_SIZE as f64 };
        (*figure != ScrapedFigure::None).then_some(ScrapedMetric { figure: *figure, factor, by_kubevirt })
    }
}

/// What was scraped of a guest, by time [ms].
type Scrapes = BTreeMap<u64, BTreeMap<ScrapedFigure, f64>>;

/// What was scraped of all guests.
#[derive(Debug, Default)]
pub(super) struct ScrapedGuests {
    guests: BTreeMap<String, Scrapes>,
    by_kubevirt: bool,
}

impl ScrapedGuests {
    /// Adds a value of a guest at a time since 1970 [ms].
    ///
    /// # Errors
    /// There are more moments than a scraper makes.
    pub(super) fn put(&mut self, guest: &str, metric: ScrapedMetric, ms: f64, value: f64) -> Result<(), String> {
        self.by_kubevirt |= metric.by_kubevirt;
        let scrapes = match self.guests.get_mut(guest) {
            Some(scrapes) => scrapes,
            None => self.guests.entry(guest.to_owned()).or_default(),
        };
        scrapes.entry(ms as u64).or_default().insert(metric.figure, value * metric.factor);
        match scrapes.len() > MOST {
            true => Err(format!("has more than {MOST} moments of one guest")),
            false => Ok(()),
        }
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.guests.is_empty()
    }

    /// The migrations, in a log of that form.
    pub(super) fn jobs(mut self, form: &'static str) -> Vec<LoggedJob> {
        // The other family is libvirt's, whatever is above it.
        let product = Some(if self.by_kubevirt { "kubevirt" } else { "virsh" });
        // Some exporters say 0 of everything while there is no job.
        self.guests
            .values_mut()
            .for_each(|scrapes| scrapes.retain(|_, scrape| scrape.values().any(|value| *value > 0.0)));
        self.guests.iter().flat_map(|(guest, scrapes)| jobs(form, guest, product, scrapes)).collect()
    }
}

/// The migrations of one guest.
fn jobs(form: &'static str, guest: &str, product: Option<&'static str>, scrapes: &Scrapes) -> Vec<LoggedJob> {
    let known = |figure| scrapes.values().any(|scrape| scrape.contains_key(&figure));
    let gaps = [
        (ScrapedFigure::Syncs, LogGap::Syncs),
        (ScrapedFigure::Sent, LogGap::Sent),
        (ScrapedFigure::Remaining, LogGap::Remaining),
        (ScrapedFigure::DirtyRate, LogGap::DirtyRate),
        (ScrapedFigure::Throttle, LogGap::Throttle),
    ];
    let gaps: Vec<LogGap> = gaps.into_iter().filter(|(figure, _)| !known(*figure)).map(|(_, gap)| gap).collect();
    let mut told = Told::of(form, product, &gaps);
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
