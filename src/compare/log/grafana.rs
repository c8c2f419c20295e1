//! What Grafana saves of a panel, or of Explore, with Prometheus' metrics of a migration: CSV.
//!
//! ```text
//! "Time","{__name__=""libvirt_domain_job_..."", domain=""web1""}"    series joined by time: a column each
//! "Series";"Time";"Value"                                            series as rows
//! "Time","__name__","domain","Value"                                 a table: a column for each label
//! ```
//!
//! Times are milliseconds since 1970, or written out. Where the file is for a spreadsheet, `sep=` is its first line.

use std::borrow::Cow;

use super::amount::number;
use super::job::LoggedJob;
use super::scrapes::{ASK, GUESTS, ScrapedGuests, ScrapedMetric, WHOLE};
use super::{LogForm, at_line, stamp};
use crate::compare::parts::TraceProblem;

/// What Grafana saves.
pub(super) const FORM: LogForm = LogForm { name: "CSV that Grafana saved", is_line: is_head, read };

/// How the names of these metrics begin.
const FAMILIES: [&str; 2] = ["kubevirt_vmi_migration_", "libvirt_domain_job_"];
/// Headings of the column that names the series of a row.
const SERIES: [&str; 3] = ["series", "metric", "__name__"];

/// What stands in a column.
#[derive(Clone, Debug)]
enum ScrapedColumn {
    Time,
    /// Values of one series, for one guest where the heading names it.
    Values(ScrapedMetric, String),
    /// Values of the series that the row names.
    Value,
    /// The row's series.
    Series,
    /// The guest, by so good a label.
    Guest(usize),
    Other,
}

impl ScrapedColumn {
    fn read(heading: &str) -> ScrapedColumn {
        let words = heading.to_lowercase();
        if let Some(metric) = family(heading).and_then(ScrapedMetric::find) {
            return ScrapedColumn::Values(metric, guest(heading));
        }
        match words.as_str() {
            "time" => ScrapedColumn::Time,
            // Of several queries each has its letter.
            word if word == "value" || word.starts_with("value #") => ScrapedColumn::Value,
            word if SERIES.contains(&word) => ScrapedColumn::Series,
            word => {
                let rank = GUESTS.iter().position(|label| *label == word);
                rank.map_or(ScrapedColumn::Other, ScrapedColumn::Guest)
            }
        }
    }
}

/// Whether a line has the headings of such a table.
fn is_head(line: &str) -> bool {
    let lower = line.get(..400).unwrap_or(line).to_lowercase();
    if !lower.contains("time") || line.trim_start().starts_with('{') {
        return false;
    }
    let columns = columns(line, separator(line));
    let has = |is: fn(&ScrapedColumn) -> bool| columns.iter().any(is);
    let by_row =
        has(|column| matches!(column, ScrapedColumn::Value)) && has(|column| matches!(column, ScrapedColumn::Series));
    has(|column| matches!(column, ScrapedColumn::Time)) && (by_row || columns.len() > 1 && family(line).is_some())
}

fn columns(line: &str, separator: char) -> Vec<ScrapedColumn> {
    fields(line, separator).map(|field| ScrapedColumn::read(&unquoted(field))).collect()
}

fn read(text: &str) -> Result<Vec<LoggedJob>, TraceProblem> {
    let (mut columns, mut separator, mut head) = (Vec::new(), ',', text);
    let mut scraped = ScrapedGuests::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        // Each table of several has a line of headings.
        if is_head(line) {
            (separator, head) = (self::separator(line), line);
            columns = self::columns(line, separator);
            continue;
        }
        if columns.is_empty() {
            continue;
        }
        let row: Vec<&str> = fields(line, separator).collect();
        let cells = || columns.iter().zip(&row);
        let time = cells().find(|(column, _)| matches!(column, ScrapedColumn::Time)).map_or("", |(_, field)| field);
        let ms = time_ms(&unquoted(time)).ok_or_else(|| {
            let what = "is no time, as in 1767000000000 or 2026-01-10 10:00:00; switch `Formatted data` off, and save it again";
            at_line(text, if time.is_empty() { line } else { time }, format!("`{}` {what}", shown(time)))
        })?;
        let series =
            cells().find(|(column, _)| matches!(column, ScrapedColumn::Series)).map(|(_, field)| unquoted(field));
        let labels = cells().filter_map(|(column, field)| match column {
            ScrapedColumn::Guest(rank) if !unquoted(field).is_empty() => Some((rank, unquoted(field))),
            _ => None,
        });
        let named = labels.min_by_key(|(rank, _)| **rank).map(|(_, name)| name);
        for (column, field) in cells() {
            let (metric, of) = match column {
                ScrapedColumn::Values(metric, of) => (*metric, of.clone()),
                ScrapedColumn::Value => match series.as_deref().and_then(|series| Some((family(series)?, series))) {
                    Some((name, series)) => match ScrapedMetric::find(name) {
                        Some(metric) => (metric, guest(series)),
                        None => continue,
                    },
                    None => continue,
                },
                _ => continue,
            };
            let Some(value) = value(text, field, separator)? else { continue };
            let of = if of.is_empty() { named.as_deref().unwrap_or_default() } else { &of };
            scraped.put(of, metric, ms, value).map_err(|why| at_line(text, line, why))?;
        }
    }
    if scraped.is_empty() { Err(at_line(text, head, ASK)) } else { Ok(scraped.jobs(FORM.name)) }
}

/// A value; `None` where none was scraped.
fn value(text: &str, field: &str, separator: char) -> Result<Option<f64>, TraceProblem> {
    let plain = unquoted(field);
    if ["", "null", "undefined", "nan", "-"].contains(&plain.to_lowercase().as_str()) {
        return Ok(None);
    }
    let value = if separator == ',' { plain.parse().ok() } else { number(&plain) };
    value.filter(|value| (0.0..=WHOLE).contains(value)).map(Some).ok_or_else(|| {
        let what =
            format!("`{}` is no plain number; switch `Formatted data` off in Grafana, and save it again", shown(field));
        at_line(text, field, what)
    })
}

/// Since 1970, or where the zone is not told since some fixed moment [ms].
fn time_ms(text: &str) -> Option<f64> {
    let in_ms = (12..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if in_ms { text.parse().ok() } else { stamp::of(text).map(|seconds| seconds * 1e3).filter(|ms| *ms >= 0.0) }
}

/// The name of a metric in a heading such as `{__name__="NAME", domain="web1"}` or `NAME{domain="web1"}`.
fn family(heading: &str) -> Option<&str> {
    let from = FAMILIES.iter().filter_map(|family| heading.find(family)).min()?;
    let rest = &heading[from..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
    Some(&rest[..end])
}

/// The guest that the labels of a heading name; empty if there is none.
fn guest(heading: &str) -> String {
    let label = |name: &&str| {
        let begun = [format!("{{{name}=\""), format!(",{name}=\""), format!(" {name}=\"")];
        let from = begun.iter().find_map(|begun| Some(heading.find(begun)? + begun.len()))?;
        heading[from..].split('"').next()
    };
    GUESTS.iter().find_map(label).unwrap_or_default().to_owned()
}

/// What is between fields: a comma, or where there are more of them outside quotes a semicolon or a tab.
fn separator(head: &str) -> char {
    let outside: String = head.split('"').step_by(2).collect();
    let count = |separator: &char| outside.matches(*separator).count();
    // Of equal ones `max_by_key` takes the last.
    ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

/// Fields of a line, with their quotes.
fn fields(line: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let between = move |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    };
    line.split(between).map(str::trim)
}

/// A field without its quotes.
fn unquoted(field: &str) -> Cow<'_, str> {
    match field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(field),
    }
}

/// The beginning of a field, for a complaint.
fn shown(field: &str) -> String {
    unquoted(field).chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_metric_and_guest() {
        let name = "libvirt_domain_job_info_data_remaining_bytes";
        for heading in [
            format!("{{__name__=\"{name}\", instance=\"host1:9177\", domain=\"web1\"}}"),
            format!("{name}{{domain=\"web1\",instance=\"host1:9177\"}}"),
        ] {
            assert_eq!((family(&heading), guest(&heading).as_str()), (Some(name), "web1"), "{heading}");
        }
        assert_eq!(guest("{instance=\"host1:9177\"}"), "host1:9177");
        assert_eq!((family("{__name__=\"up\"}"), guest("up").as_str()), (None, ""));
        let line = "\"Time\",\"{a=\"\"1,2\"\"}\",";
        assert_eq!(fields(line, ',').map(unquoted).collect::<Vec<_>>(), ["Time", "{a=\"1,2\"}", ""]);
        assert!(!is_head("Time,Value") && is_head("Series;Time;Value") && is_head(&format!("Time\t{name}")));
        assert!(!is_head(&format!("{name}{{domain=\"a\"}} 12")));
    }
}
