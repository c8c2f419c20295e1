//! What happened when: a row per sync, per throttle step and per sampled instant.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::orchestrator::JobCommand;
use crate::units::Time;

/// One instant of a migration; all counters as `query-migrate` would show them then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Since the `migrate` command [ms].
    pub t_ms: f64,
    /// `dirty-sync-count`.
    pub pass: u64,
    /// What happened.
    pub event: Event,
    /// `ram.transferred` [bytes].
    pub transferred_bytes: u64,
    /// `ram.remaining` [bytes].
    pub remaining_bytes: u64,
    /// `ram.dirty-pages-rate` of the last closed period [pages/s].
    pub dirty_pages_rate: u64,
    /// Bandwidth of the last closed window [bytes/s].
    pub bandwidth: f64,
    /// Throttle [%].
    pub throttle_pct: f64,
    /// `downtime-limit` [ms].
    pub downtime_limit_ms: u64,
    /// Share of its CPU time that the guest gets [%].
    pub guest_cpu_share_pct: f64,
    /// What the orchestrator did, and why; empty in other rows.
    #[serde(default)]
    pub detail: String,
}

/// Why a row stands in the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The `migrate` command.
    Start,
    /// End of a sync; a pass begins.
    Sync,
    /// The throttle was set or raised.
    Throttle,
    /// A regular sample.
    Sample,
    /// The link's bandwidth changed.
    Link,
    /// Parameters were set, by hand or by the orchestrator.
    Set,
    /// The guest was paused, by hand or by the orchestrator.
    Pause,
    /// The guest was let run again by hand.
    Continue,
    /// The switch to post-copy was asked for.
    StartPostcopy,
    /// An orchestrator cancelled the migration.
    Abort,
    /// An orchestrator took note of something, or was refused.
    Note,
    /// Passes like those before were counted and not written down.
    Repeat,
    /// The guest was stopped.
    Stop,
    /// The guest runs on at the destination, and the rest of RAM follows.
    PostCopy,
    /// The end.
    End,
}

impl Event {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Event::Start => "start",
            Event::Sync => "sync",
            Event::Throttle => "throttle",
            Event::Sample => "sample",
            Event::Link => "link",
            Event::Set => "set",
            Event::Pause => "pause",
            Event::Continue => "continue",
            Event::StartPostcopy => "start-postcopy",
            Event::Abort => "abort",
            Event::Note => "note",
            Event::Repeat => "repeat",
            Event::Stop => "stop",
            Event::PostCopy => "post-copy",
            Event::End => "end",
        }
    }
}

/// A migration through time; empty unless it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Timeline {
    /// Rows in order of time.
    pub rows: Vec<Row>,
    /// What the orchestrator did, in order of time; here even where no rows were asked for.
    pub actions: Vec<Action>,
}

/// Something that an orchestrator did; serialises with the action's word and its number side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// Since the `migrate` command [ms].
    pub t_ms: f64,
    /// The orchestrator.
    pub by: &'static str,
    /// What.
    pub command: JobCommand,
    /// Why, as its log would say.
    pub why: String,
    /// Why it was refused, where it was.
    pub refused: Option<&'static str>,
    /// How many times; an action that is repeated poll after poll is one.
    pub times: u64,
}

impl Action {
    pub(super) fn new(
        now: Time,
        by: &'static str,
        command: JobCommand,
        why: impl Into<String>,
        refused: Option<&'static str>,
    ) -> Action {
        Action { t_ms: (now - Time::ZERO).ms(), by, command, why: why.into(), refused, times: 1 }
    }

    /// Whether it is the same again.
    pub(super) fn repeats(&self, other: &Action) -> bool {
        self.command == other.command && self.why == other.why && self.refused == other.refused
    }

    /// What was done, in words; whether it was refused is not among them.
    pub fn what(&self) -> String {
        self.command.to_string()
    }

    /// The word for programs.
    fn word(&self) -> &'static str {
        match self.command {
            JobCommand::SetDowntime(_) => "downtime-limit",
            JobCommand::SetBandwidth(_) => "max-bandwidth",
            JobCommand::Pause => "pause",
            JobCommand::PostCopy => "post-copy",
            JobCommand::Abort => "abort",
            JobCommand::SwitchOver => "switch-over",
            JobCommand::SwitchOverAfterPass => "switch-over-after-pass",
            JobCommand::QueueForceComplete => "force-complete",
            JobCommand::Note => "note",
        }
    }

    /// What was set: `downtime-limit` [ms], `max-bandwidth` [bytes/s; 0: no limit].
    fn value(&self) -> Option<f64> {
        match self.command {
            JobCommand::SetDowntime(limit) => Some(limit.ms()),
            JobCommand::SetBandwidth(rate) => Some(rate.0 as f64),
            _ => None,
        }
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Action", 7)?;
        object.serialize_field("t_ms", &self.t_ms)?;
        object.serialize_field("by", self.by)?;
        object.serialize_field("action", self.word())?;
        object.serialize_field("value", &self.value())?;
        object.serialize_field("why", &self.why)?;
        object.serialize_field("refused", &self.refused)?;
        object.serialize_field("times", &self.times)?;
        object.end()
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refused {
            Some(reason) => write!(f, "{}: {}, refused: {reason} ({})", self.by, self.what(), self.why),
            None => write!(f, "{}: {} ({})", self.by, self.what(), self.why),
        }
    }
}
