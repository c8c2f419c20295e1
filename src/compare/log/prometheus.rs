//! Range queries of Prometheus, as its API answers them, over the metrics of a migration.

use super::job::LoggedJob;
use super::scrapes::{ASK, GUESTS, ScrapedGuests, ScrapedMetric, WHOLE};
use crate::compare::json::{FieldError, JsonNode};

/// What such an answer is called.
pub(super) const NAME: &str = "range query of Prometheus";

/// The migrations in an answer.
pub(super) fn read(root: &JsonNode) -> Result<Vec<LoggedJob>, FieldError> {
    let data = root.get("data")?;
    let kind = data.get("resultType")?;
    if kind.text()? != "matrix" {
        return Err(kind.fault("is one moment; ask `query_range`, with a step of the scrape interval or less"));
    }
    let mut scraped = ScrapedGuests::default();
    let result = data.get("result")?;
    for series in result.items()? {
        let labels = series.get("metric")?;
        let Some(metric) = ScrapedMetric::find(labels.get("__name__")?.text()?) else { continue };
        let guest = GUESTS.iter().find_map(|label| labels.find(label)).map_or(Ok(""), |node| node.text())?;
        for pair in series.get("values")?.items()? {
            let [time, value] = &pair.items()?[..] else { return Err(pair.expected("a time and a value")) };
            let (ms, value) = (time.number_in(0.0..=1e12)? * 1e3, value.number_in(0.0..=WHOLE)?);
            scraped.put(guest, metric, ms, value).map_err(|why| result.fault(&why))?;
        }
    }
    if scraped.is_empty() { Err(result.fault(ASK)) } else { Ok(scraped.jobs(NAME)) }
}
