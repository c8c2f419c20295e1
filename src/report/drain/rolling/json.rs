//! As one JSON object: the answer, each host, each migration.

use std::io;

use serde::Serialize;

use super::super::json::{DrainHead, DrainedMigration, migrations, ms};
use super::Rolled;
use crate::scenario::Upgrade;
use crate::units::Span;

#[derive(Serialize)]
struct RollingDocument<'a> {
    #[serde(flatten)]
    head: DrainHead<'a>,
    /// When all hosts are done; `null` where somebody stays.
    done_ms: Option<f64>,
    end_ms: f64,
    /// A migration was cut off by `limits.time`: `end_ms` is a lower bound.
    cut_off: bool,
    stay: usize,
    hosts: Vec<DrainedHost<'a>>,
    migrations: Vec<DrainedMigration<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<JudgedRolling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_worst: Option<AtWorst<'a>>,
}

/// A host that was to be emptied. What is not given of it is `null`.
#[derive(Serialize)]
struct DrainedHost<'a> {
    host: &'a str,
    memory_bytes: Option<u64>,
    vcpus: Option<u32>,
    uplink_bytes_per_s: Option<u64>,
    /// `null` where it is not given, or takes no guests after it.
    upgrade_ms: Option<f64>,
    start_ms: f64,
    empty_ms: Option<f64>,
    /// When it takes guests again.
    back_ms: Option<f64>,
    moved: usize,
    stay: Vec<&'a str>,
}

#[derive(Serialize)]
struct JudgedRolling {
    met: bool,
    window_ms: Option<f64>,
    in_window: Option<bool>,
    missed: usize,
}

#[derive(Serialize)]
struct AtWorst<'a> {
    assumed: &'a str,
    done_ms: Option<f64>,
    end_ms: f64,
    stay: usize,
    met: bool,
}

impl Rolled<'_> {
    /// Writes the object, indented, and a newline.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn json(&self, mut to: impl io::Write) -> io::Result<()> {
        let Rolled { provenance, host, plan, rolling, goal, judgement, worst } = *self;
        let rows = self.rows();
        let hosts = rolling.hosts.iter().map(|of| {
            let node = &host.nodes()[of.node];
            DrainedHost {
                host: &node.name,
                memory_bytes: node.memory.map(|memory| memory.0),
                vcpus: node.vcpus,
                uplink_bytes_per_s: node.uplink.map(|uplink| uplink.0),
                upgrade_ms: match node.upgrade {
                    Some(Upgrade::Takes(time)) => Some(time.ms()),
                    Some(Upgrade::Never) | None => None,
                },
                start_ms: ms(of.start),
                empty_ms: of.empty.map(ms),
                back_ms: of.back.map(ms),
                moved: of.moved(),
                stay: of.timetable.stay.iter().map(|guest| host.guests()[*guest].name.as_str()).collect(),
            }
        });
        let document = RollingDocument {
            head: DrainHead::of(provenance, host, plan),
            done_ms: rolling.done().map(ms),
            end_ms: ms(rolling.end),
            cut_off: rolling.hosts.iter().any(|host| host.timetable.is_cut_off()),
            stay: rolling.stay(),
            hosts: hosts.collect(),
            migrations: migrations(host, &rows),
            goal: judgement.map(|judgement| JudgedRolling {
                met: judgement.is_met(),
                window_ms: goal.window.map(Span::ms),
                in_window: judgement.in_window,
                missed: judgement.hosts.iter().map(|host| host.missed.len()).sum(),
            }),
            at_worst: worst.map(|worst| AtWorst {
                assumed: &worst.words,
                done_ms: worst.rolling.done().map(ms),
                end_ms: ms(worst.rolling.end),
                stay: worst.rolling.stay(),
                met: worst.is_met,
            }),
        };
        serde_json::to_writer_pretty(&mut to, &document)?;
        writeln!(to)
    }
}
