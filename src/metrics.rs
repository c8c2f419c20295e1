//! The one list of figures: what each field of an [`Outcome`] is called, counts and means.
//!
//! Text, CSV and the reference page are drawn from [`METRICS`]; a new field of the outcome is one more entry.

use std::fmt;

use crate::sim::{Outcome, Reason, Verdict};
use crate::statistic::{Known, Seen};
use crate::units::{Bytes, DIGITS, Rate, Share, Span, apart_by};

/// One field of an [`Outcome`], described.
#[derive(Debug)]
pub struct Metric {
    /// Name in JSON, CSV and everywhere else that a program reads.
    pub key: &'static str,
    /// Name for people, below the heading of its group.
    pub title: &'static str,
    /// Name for people where no heading stands above it: at an axis, over a column.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Where the text report shows it.
    pub group: Group,
    /// What it is, in a sentence or two.
    pub meaning: &'static str,
    /// How it goes through the migration's time.
    pub course: Course,
    /// Which migrations have none, in a clause; empty: every migration has one.
    pub none: &'static str,
    /// Takes it from an outcome.
    pub get: fn(&Outcome) -> Value<'_>,
}

/// How a figure goes through the migration's time, which decides what is known of it where the end was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// It never becomes less: in a run that `limits.time` cut off it is a lower bound.
    Grows,
    /// It belongs to the end: a migration that did not end has none.
    AtEnd,
    /// What it is, it is at any moment.
    Stands,
}

/// Base unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Words, no figure.
    Words,
    /// Milliseconds.
    Ms,
    /// Bytes.
    Bytes,
    /// Pages of 4 KiB.
    Pages,
    /// Per cent.
    Percent,
    /// A plain number.
    Count,
    /// Bytes per second.
    Rate,
    /// Page writes per second.
    PageRate,
    /// Bytes per second of memory, which QEMU counts in MiB/s.
    DirtyRate,
    /// A part of something: up to 100 a share in per cent, above that bytes, of which no part has fewer than a page.
    Part,
    /// A plain number of something, as an orchestrator's options count.
    Of(&'static str),
}

/// Part of the text report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The answer itself, above all figures.
    Verdict,
    /// How long it took.
    Time,
    /// What the guest felt.
    Guest,
    /// What went over the link.
    Transfer,
    /// How the guest was slowed down.
    Throttle,
    /// What XBZRLE's cache did; shown only where it is on.
    Xbzrle,
    /// The part after a switch to post-copy; shown only where there was one.
    PostCopy,
}

/// A figure as it stands in an outcome; `Display` is the plain number in its base unit, with full precision, and nothing
/// where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A word.
    Word(&'static str),
    /// What decided the end.
    Reason(&'a Reason),
    /// A whole number.
    Whole(u64),
    /// A number with a fraction.
    Real(f64),
    /// There is none.
    Missing,
}

impl From<Option<f64>> for Value<'_> {
    fn from(figure: Option<f64>) -> Self {
        figure.map_or(Value::Missing, Value::Real)
    }
}

impl From<Option<u64>> for Value<'_> {
    fn from(figure: Option<u64>) -> Self {
        figure.map_or(Value::Missing, Value::Whole)
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Word(word) => f.write_str(word),
            Value::Reason(reason) => reason.fmt(f),
            Value::Whole(number) => write!(f, "{number}"),
            Value::Real(number) => write!(f, "{number}"),
            Value::Missing => Ok(()),
        }
    }
}

impl Value<'_> {
    /// The value as a number, if it is one.
    pub fn number(self) -> Option<f64> {
        match self {
            Value::Word(_) | Value::Reason(_) | Value::Missing => None,
            Value::Whole(number) => Some(number as f64),
            Value::Real(number) => Some(number),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Words => "words",
            Unit::Ms => "ms",
            Unit::Bytes => "bytes",
            Unit::Pages => "pages",
            Unit::Percent => "%",
            Unit::Count => "count",
            Unit::Rate | Unit::DirtyRate => "bytes/s",
            Unit::PageRate => "pages/s",
            Unit::Part => "% or bytes",
            Unit::Of(what) => what,
        })
    }
}

impl Unit {
    /// The unit of a key of the scenario, as [`schema::unit`](crate::scenario::schema::unit) names it.
    pub fn of_key(name: &'static str) -> Unit {
        match name {
            "words" => Unit::Words,
            "count" => Unit::Count,
            "ms" => Unit::Ms,
            "B" => Unit::Bytes,
            "B/s" => Unit::Rate,
            "B/s of RAM" => Unit::DirtyRate,
            "pages/s" => Unit::PageRate,
            "%" => Unit::Percent,
            "pages" => Unit::Pages,
            "% or B" => Unit::Part,
            what => Unit::Of(what),
        }
    }

    /// The unit of a number so large, where that decides it.
    pub fn at(self, value: f64) -> Unit {
        match self {
            Unit::Part if value > 100.0 => Unit::Bytes,
            Unit::Part => Unit::Percent,
            unit => unit,
        }
    }

    /// A number of this unit, as it reads best.
    pub fn show(self, value: f64) -> String {
        self.show_to(value, DIGITS)
    }

    /// Two numbers of this unit that a sentence compares: with the digits that it takes to see which is more.
    pub fn apart(self, one: f64, other: f64) -> (String, String) {
        apart_by(|digits| (self.show_to(one, digits), self.show_to(other, digits)))
    }

    fn show_to(self, value: f64, digits: usize) -> String {
        match self.at(value) {
            Unit::Ms => ms_to(value, digits),
            Unit::Bytes => format!("{:.digits$}", Bytes(value as u64)),
            Unit::Percent => format!("{:.digits$}", Share(value / 100.0)),
            Unit::Rate => format!("{:.digits$}", Rate(value as u64)),
            Unit::DirtyRate => format!("{:.digits$}/s", Bytes(value as u64)),
            Unit::PageRate => format!("{} pages/s", grouped(value as u64)),
            Unit::Of(what) => format!("{} {what}", grouped(value as u64)),
            Unit::Words | Unit::Pages | Unit::Count | Unit::Part => grouped(value as u64),
        }
    }

    /// The number, `≥` before it where it is a lower bound, and a dash where there is none.
    pub fn show_known(self, known: Option<Known>) -> String {
        match known {
            Some(Known { value, at_least: false }) => self.show(value),
            Some(Known { value, at_least: true }) => format!("≥ {}", self.show(value)),
            None => NONE.to_owned(),
        }
    }

    /// The number, and a dash where there is none.
    pub fn show_any(self, value: Option<f64>) -> String {
        value.map_or_else(|| NONE.to_owned(), |value| self.show(value))
    }
}

/// Stands where there is no figure.
pub const NONE: &str = "–";

impl Group {
    /// The groups of figures, in the order in which they are read.
    pub const FIGURES: [Group; 6] =
        [Group::Time, Group::Guest, Group::Transfer, Group::Throttle, Group::Xbzrle, Group::PostCopy];

    /// Heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::Verdict => "Verdict",
            Group::Time => "Time",
            Group::Guest => "Guest",
            Group::Transfer => "Transfer",
            Group::Throttle => "Throttle",
            Group::Xbzrle => "XBZRLE",
            Group::PostCopy => "Post-copy",
        }
    }

    /// Whether it is left out where none of its figures says anything: what belongs to something that was not used.
    pub fn is_optional(self) -> bool {
        matches!(self, Group::Xbzrle | Group::PostCopy)
    }

    /// Its figures.
    pub fn metrics(self) -> impl Iterator<Item = &'static Metric> {
        METRICS.iter().filter(move |metric| metric.group == self)
    }
}

/// Every metric that is a number.
pub fn figures() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| metric.is_figure())
}

impl Metric {
    /// The field of that name.
    pub fn of(key: &str) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.key == key)
    }

    /// The title without what stands in brackets.
    pub fn short_title(&self) -> &'static str {
        self.title.split(" (").next().unwrap_or(self.title)
    }

    /// Whether it is a number.
    pub fn is_figure(&self) -> bool {
        self.unit != Unit::Words
    }

    /// What a run tells of the figure: its value, a lower bound of it, or nothing.
    pub fn seen(&self, outcome: &Outcome) -> Seen {
        let cut_off = outcome.verdict == Verdict::NotConverged && self.course == Course::Grows;
        match (self.get)(outcome).number() {
            Some(value) if cut_off => Seen::AtLeast(value),
            Some(value) => Seen::Exactly(value),
            None => Seen::Nothing,
        }
    }

    /// The figure in the unit that reads best: `39.1 s`, `1.5 GiB`, `131 328`; a dash where there is none.
    pub fn display(&self, outcome: &Outcome) -> String {
        match (self.get)(outcome) {
            value if self.is_figure() => self.unit.show_any(value.number()),
            words => words.to_string(),
        }
    }
}

/// A time for people [ms]; a time that is not known or has no end is a dash.
pub fn ms(ms: f64) -> String {
    ms_to(ms, DIGITS)
}

fn ms_to(ms: f64, digits: usize) -> String {
    match ms {
        0.0 => "0 s".to_owned(),
        ms if ms.is_finite() => format!("{:.digits$}", Span((ms * 1e6).round() as u64)),
        _ => NONE.to_owned(),
    }
}

/// A share for people [%].
pub fn percent(percent: f64) -> String {
    Share(percent / 100.0).to_string()
}

/// A count with its digits in groups of three.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Every field of an [`Outcome`], in its order.
pub static METRICS: [Metric; 28] = [
    Metric {
        key: "verdict",
        title: "verdict",
        name: "verdict",
        unit: Unit::Words,
        group: Group::Verdict,
        meaning: "How it ended: `converged`, `post-copy`, `paused` (finished with the guest stopped on purpose), \
                  `aborted` (the guest runs on at the source) or `not-converged` (not over within `limits.time`).",
        course: Course::Stands,
        none: "",
        get: |o| Value::Word(o.verdict.as_str()),
    },
    Metric {
        key: "reason",
        title: "reason",
        name: "reason",
        unit: Unit::Words,
        group: Group::Verdict,
        meaning: "One sentence: what decided it.",
        course: Course::Stands,
        none: "",
        get: |o| Value::Reason(&o.reason),
    },
    Metric {
        key: "total_time_ms",
        title: "total",
        name: "total time",
        unit: Unit::Ms,
        group: Group::Time,
        meaning: "From the `migrate` command to the end, as `query-migrate` defines it for the version.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.total_time_ms),
    },
    Metric {
        key: "setup_time_ms",
        title: "setup",
        name: "setup time",
        unit: Unit::Ms,
        group: Group::Time,
        meaning: "The part before the first page is sent.",
        course: Course::Stands,
        none: "a migration that was over before its setup was has none",
        get: |o| o.setup_time_ms.into(),
    },
    Metric {
        key: "downtime_ms",
        title: "downtime (blackout)",
        name: "downtime",
        unit: Unit::Ms,
        group: Group::Time,
        meaning: "From the decision to stop the guest to completion, on the source's clock. QEMU decides by an \
                  estimate, so it may lie above or below `downtime-limit`.",
        course: Course::AtEnd,
        none: "a migration that did not end has none",
        get: |o| o.downtime_ms.into(),
    },
    Metric {
        key: "longest_stall_ms",
        title: "longest stall",
        name: "longest stall",
        unit: Unit::Ms,
        group: Group::Guest,
        meaning: "Longest time in which no vCPU ran: the blackout, or one sleep of the throttle.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.longest_stall_ms),
    },
    Metric {
        key: "dirty_sync_count",
        title: "dirty syncs",
        name: "dirty syncs",
        unit: Unit::Count,
        group: Group::Transfer,
        meaning: "Times that QEMU fetched the dirty log, the first and the final one included; a pass begins after each.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Whole(o.dirty_sync_count),
    },
    Metric {
        key: "transferred_bytes",
        title: "transferred",
        name: "transferred RAM",
        unit: Unit::Bytes,
        group: Group::Transfer,
        meaning: "`ram.transferred`: the RAM counter up to 8.1, all bytes on the wire from 8.2.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Whole(o.transferred_bytes),
    },
    Metric {
        key: "mean_rate_bytes_per_s",
        title: "mean rate",
        name: "mean rate",
        unit: Unit::Rate,
        group: Group::Transfer,
        meaning: "`transferred_bytes` by the time behind the setup, as `mbps` has it once a migration is completed (2.5 to 2.12 \
                  leave the setup in). Idle windows, zero scan and blackout count.",
        course: Course::Stands,
        none: "a migration that was over before its setup was has none",
        get: |o| o.mean_rate_bytes_per_s.into(),
    },
    Metric {
        key: "normal_pages",
        title: "full pages",
        name: "full pages",
        unit: Unit::Pages,
        group: Group::Transfer,
        meaning: "Full pages sent; a page that was sent twice counts twice.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Whole(o.normal_pages),
    },
    Metric {
        key: "duplicate_pages",
        title: "zero pages",
        name: "zero pages",
        unit: Unit::Pages,
        group: Group::Transfer,
        meaning: "Pages that were all zero and cost a few bytes each.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Whole(o.duplicate_pages),
    },
    Metric {
        key: "xbzrle_pages",
        title: "found pages",
        name: "found pages (XBZRLE)",
        unit: Unit::Pages,
        group: Group::Xbzrle,
        meaning: "`xbzrle-cache.pages`: up to 5.0 pages sent as differences, from 5.1 on all that were in the cache.",
        course: Course::Grows,
        none: "a migration without XBZRLE has none",
        get: |o| o.xbzrle_pages.into(),
    },
    Metric {
        key: "xbzrle_bytes",
        title: "bytes for them",
        name: "bytes for them (XBZRLE)",
        unit: Unit::Bytes,
        group: Group::Xbzrle,
        meaning: "`xbzrle-cache.bytes`: what those pages took; 4096 bytes by `xbzrle_pages` to this is the encoding rate.",
        course: Course::Grows,
        none: "a migration without XBZRLE has none",
        get: |o| o.xbzrle_bytes.into(),
    },
    Metric {
        key: "xbzrle_cache_miss",
        title: "misses",
        name: "misses (XBZRLE)",
        unit: Unit::Pages,
        group: Group::Xbzrle,
        meaning: "`xbzrle-cache.cache-miss`: pages sent whole, because the cache had no copy.",
        course: Course::Grows,
        none: "a migration without XBZRLE has none",
        get: |o| o.xbzrle_cache_miss.into(),
    },
    Metric {
        key: "xbzrle_overflow",
        title: "overflows",
        name: "overflows (XBZRLE)",
        unit: Unit::Pages,
        group: Group::Xbzrle,
        meaning: "`xbzrle-cache.overflow`: pages sent whole, because the difference was longer.",
        course: Course::Grows,
        none: "a migration without XBZRLE has none",
        get: |o| o.xbzrle_overflow.into(),
    },
    Metric {
        key: "remaining_bytes",
        title: "remaining",
        name: "remaining RAM",
        unit: Unit::Bytes,
        group: Group::Transfer,
        meaning: "RAM still to send at the end; 0 after completion.",
        course: Course::Stands,
        none: "",
        get: |o| Value::Whole(o.remaining_bytes),
    },
    Metric {
        key: "throttle_max_pct",
        title: "highest",
        name: "highest throttle",
        unit: Unit::Percent,
        group: Group::Throttle,
        meaning: "Highest throttle: the share of its CPU time that the guest had to sleep. 1.6 to 2.4 know no \
                  percentage; there it is the share of sleep at full speed.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.throttle_max_pct),
    },
    Metric {
        key: "throttle_final_pct",
        title: "at the end",
        name: "throttle at the end",
        unit: Unit::Percent,
        group: Group::Throttle,
        meaning: "Throttle when the guest was stopped.",
        course: Course::AtEnd,
        none: "a migration that did not end has none",
        get: |o| o.throttle_final_pct.into(),
    },
    Metric {
        key: "throttled_time_ms",
        title: "throttled for",
        name: "throttled time",
        unit: Unit::Ms,
        group: Group::Throttle,
        meaning: "Time with any throttle (the brownout).",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.throttled_time_ms),
    },
    Metric {
        key: "throttled_over_90_ms",
        title: "at 90 % or more for",
        name: "time throttled by 90 % or more",
        unit: Unit::Ms,
        group: Group::Throttle,
        meaning: "Time with a throttle of 90 % or more, in which most services count as down.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.throttled_over_90_ms),
    },
    Metric {
        key: "guest_work_lost_ms",
        title: "work lost",
        name: "guest work lost",
        unit: Unit::Ms,
        group: Group::Guest,
        meaning: "Work that the guest was asked for and did not get done, as time at its own pace.",
        course: Course::Grows,
        none: "",
        get: |o| Value::Real(o.guest_work_lost_ms),
    },
    Metric {
        key: "guest_slowdown_pct",
        title: "slowdown",
        name: "slowdown of the guest",
        unit: Unit::Percent,
        group: Group::Guest,
        meaning: "Work not done as a share of the migration's time.",
        course: Course::Stands,
        none: "a migration that took no time has none",
        get: |o| o.guest_slowdown_pct.into(),
    },
    Metric {
        key: "running_slowdown_pct",
        title: "while it ran",
        name: "slowdown of the guest while it ran",
        unit: Unit::Percent,
        group: Group::Guest,
        meaning: "Work not done while the guest ran, as a share of that time: the slowdown without the blackout.",
        course: Course::Stands,
        none: "a guest that did not run has none",
        get: |o| o.running_slowdown_pct.into(),
    },
    Metric {
        key: "expected_downtime_ms",
        title: "expected downtime",
        name: "expected downtime",
        unit: Unit::Ms,
        group: Group::Time,
        meaning: "Last `expected-downtime` that `query-migrate` would have shown.",
        course: Course::Stands,
        none: "none is computed before the first bandwidth window is over, nor by Xen and Cloud Hypervisor",
        get: |o| o.expected_downtime_ms.into(),
    },
    Metric {
        key: "threshold_bytes",
        title: "threshold to stop",
        name: "threshold to stop",
        unit: Unit::Bytes,
        group: Group::Transfer,
        meaning: "`threshold_size` at the end: QEMU stops the guest once no more than this remains.",
        course: Course::AtEnd,
        none: "a migration that did not end has none, nor have the rules of Xen and Cloud Hypervisor",
        get: |o| o.threshold_bytes.into(),
    },
    Metric {
        key: "postcopy_time_ms",
        title: "post-copy",
        name: "time in post-copy",
        unit: Unit::Ms,
        group: Group::PostCopy,
        meaning: "Time in post-copy; 0 without one.",
        course: Course::Stands,
        none: "",
        get: |o| Value::Real(o.postcopy_time_ms),
    },
    Metric {
        key: "postcopy_faults",
        title: "page requests",
        name: "pages requested in post-copy",
        unit: Unit::Pages,
        group: Group::PostCopy,
        meaning: "Pages that the destination had to ask for; 0 without post-copy.",
        course: Course::Stands,
        none: "",
        get: |o| Value::Whole(o.postcopy_faults),
    },
    Metric {
        key: "postcopy_stall_ms",
        title: "waited for pages",
        name: "wait for pages in post-copy",
        unit: Unit::Ms,
        group: Group::PostCopy,
        meaning: "vCPU time spent waiting for those pages; 0 without post-copy.",
        course: Course::Stands,
        none: "",
        get: |o| Value::Real(o.postcopy_stall_ms),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1 000"), (131_328, "131 328"), (1_234_567, "1 234 567")] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn a_bound_is_told_from_a_number() {
        let known = |at_least| Some(Known { value: 3.6e6, at_least });
        let shown = [known(false), known(true), None].map(|known| Unit::Ms.show_known(known));
        assert_eq!(shown, ["1 h 00 min", "≥ 1 h 00 min", "–"]);
    }

    #[test]
    fn a_time_without_an_end_is_a_dash() {
        assert_eq!(ms(f64::INFINITY), "–");
        assert_eq!(ms(0.0), "0 s");
        assert_eq!(ms(14.25), "14.2 ms");
    }
}
