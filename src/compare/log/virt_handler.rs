//! Lines of KubeVirt's virt-handler: when it began a migration, with which limit of bandwidth, and how it says that this ended.
//!
//! It has no figures: these stand in the lines of the virt-launcher, which may be in the same log.

use serde_json::Value;

use super::amount::between;
use super::documents::ALL_BUT_TIME;
use super::job::{EndWords, LoggedJob, end_in};
use super::stamp;
use super::{LoggedLook, sighting_of};
use crate::compare::told::{Told, ToldEnd};
use crate::units::Rate;
use crate::units::parse::parse;

/// What such a log is called.
const NAME: &str = "log of KubeVirt's virt-handler";
/// The line that it begins with, which tells the settings.
const BEGUN: &str = "igration options matched for vmi ";
/// The words of an event, with the reason behind them.
const FAILED: &str = "failed. reason:";
/// Its clock and that of a virt-launcher are about the same [s].
const ABOUT: f64 = 5.0;

/// How a line says that it is over, beside [`FAILED`]; the first that fits.
const ENDS: [EndWords; 6] = [
    ("is aborting migration", ToldEnd::Cancelled),
    ("reason: Migrated", |_| ToldEnd::Completed),
    ("migrated to an unknown host", ToldEnd::Failed),
    ("never observed on the ta", ToldEnd::Failed),
    ("failed migration to clean up", ToldEnd::Failed),
    ("command Migrate failed", ToldEnd::Failed),
];

/// What the handler tells of one migration.
#[derive(Debug, Default)]
pub(super) struct HandlerTale {
    /// The VMI; `None` where the line does not name it.
    name: Option<String>,
    /// [s]
    begun: Option<f64>,
    /// The last that was told of it [s].
    until: Option<f64>,
    /// [bytes/s]
    max_bandwidth: Option<f64>,
    end: Option<ToldEnd>,
    /// When that was told [s].
    ended: Option<f64>,
}

/// An end that the reason of a failure tells.
pub(super) fn failed(reason: String) -> ToldEnd {
    let has = |words: &str| reason.contains(words);
    match () {
        () if has("stuck for") || has("implied downtime") => ToldEnd::Stuck(reason),
        () if has("not completed after") => ToldEnd::TimedOut(reason),
        () if has("canceled by client") || has("aborted by user") => ToldEnd::Cancelled(reason),
        () => ToldEnd::Failed(reason),
    }
}

/// Whether a line is the handler's, about a migration.
pub(super) fn is_line(line: &str) -> bool {
    let is_event = line.contains("VirtualMachineInstance migration uid") && line.contains(FAILED);
    is_event || (line.contains("virt-handler") && (line.contains(BEGUN) || end_in(&ENDS, line).is_some()))
}

/// Takes what a line of the handler tells to the tale that it goes on with, or begins one.
pub(super) fn hear(tales: &mut Vec<HandlerTale>, line: &str) {
    let entry: Option<Value> = serde_json::from_str(line.trim()).ok();
    let field = |name: &str| entry.as_ref().and_then(|entry| entry.get(name)).and_then(Value::as_str);
    let clock = field("timestamp").and_then(stamp::of).or_else(|| stamp::split(line).0);
    let (message, reason) = (field("msg").unwrap_or(line), field("reason"));
    let name = field("name").filter(|name| !name.is_empty()).or_else(|| between(message, BEGUN, &[':', ' ']));
    // `re-enqueuing VirtualMachineInstance default/web1`
    let name =
        name.or_else(|| between(message, "VirtualMachineInstance ", &[' '])?.rsplit_once('/').map(|(_, name)| name));
    let name = name.map(str::to_owned);
    let is_its = |tale: &&mut HandlerTale| name.is_none() || tale.name.is_none() || tale.name == name;
    if message.contains(BEGUN) {
        let options: Option<Value> = message.find('{').and_then(|at| serde_json::from_str(&message[at..]).ok());
        let limit =
            options.as_ref().and_then(|options| options.get("Bandwidth")).and_then(Value::as_str).and_then(bandwidth);
        // It says so again each time that it tries.
        match tales.iter_mut().rfind(is_its).filter(|tale| tale.end.is_none()) {
            Some(tale) => tale.until = clock.or(tale.until),
            None => {
                tales.push(HandlerTale {
                    name,
                    begun: clock,
                    until: clock,
                    max_bandwidth: limit,
                    ..HandlerTale::default()
                });
            }
        }
        return;
    }
    let told = match (between(message, FAILED, &[]), end_in(&ENDS, message).or_else(|| end_in(&ENDS, reason?))) {
        (Some(why), _) => failed(why.trim().to_owned()),
        (None, Some((_, end))) => {
            let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
            end(message.trim().to_owned() + &reason)
        }
        (None, None) => return,
    };
    let tale = match tales.iter().rposition(|tale| name.is_none() || tale.name.is_none() || tale.name == name) {
        Some(at) => &mut tales[at],
        None => {
            tales.push(HandlerTale { name, ..HandlerTale::default() });
            let last = tales.len() - 1;
            &mut tales[last]
        }
    };
    if tale.end.is_none() {
        (tale.until, tale.ended, tale.end) = (clock.or(tale.until), clock, Some(told));
    }
}

/// A quantity of Kubernetes as bytes a second; 0 is no limit.
fn bandwidth(text: &str) -> Option<f64> {
    let binary = ["Ki", "Mi", "Gi", "Ti"].iter().any(|suffix| text.ends_with(suffix));
    let text = if binary { format!("{text}B/s") } else { text.to_owned() };
    parse::<Rate>(&text, Some("B/s")).ok().map(|rate| rate.0 as f64)
}

/// Lays what the handler tells over the migrations whose figures the virt-launcher has, whose VMI `name_of` knows; of one
/// without figures the times are what there is.
pub(super) fn lay(tales: Vec<HandlerTale>, jobs: &mut Vec<LoggedJob>, name_of: impl Fn(&LoggedJob) -> Option<String>) {
    for tale in tales {
        let is_its = |job: &&mut LoggedJob| {
            let (first, last) =
                (job.looks.first().and_then(|look| look.clock), job.looks.last().and_then(|look| look.clock));
            let same = |name: String| tale.name.as_ref().is_none_or(|own| *own == name);
            let after = |begun: f64| last.is_none_or(|last| last >= begun - ABOUT);
            let before = |until: f64| first.is_none_or(|first| first <= until + ABOUT);
            name_of(job).is_none_or(same) && tale.begun.is_none_or(after) && tale.ended.is_none_or(before)
        };
        match jobs.iter_mut().find(is_its) {
            Some(job) => {
                job.told.max_bandwidth = job.told.max_bandwidth.or(tale.max_bandwidth);
                if let Some(end) = tale.end {
                    job.close(end, tale.ended, None);
                }
            }
            None => jobs.push(alone(tale)),
        }
    }
}

/// A migration of which the handler alone tells.
fn alone(tale: HandlerTale) -> LoggedJob {
    let mut told = Told::of(NAME, Some("kubevirt"), &ALL_BUT_TIME);
    told.rounding = Some("it has times alone; the log of the virt-launcher has the figures");
    (told.subject, told.max_bandwidth) = (tale.name, tale.max_bandwidth);
    let elapsed_ms = tale.begun.zip(tale.until).map(|(begun, until)| (until - begun).max(0.0) * 1e3);
    let look = LoggedLook { clock: tale.until, elapsed_ms, sighting: sighting_of(0, 0) };
    let mut job = LoggedJob { looks: vec![look], told, by_libvirt: false };
    if let Some(end) = tale.end {
        job.close(end, tale.until, None);
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tale_ends_once_and_the_next_begins() {
        let begun = |second: u32, name: &str| {
            format!(
                r#"{{"component":"virt-handler","msg":"migration options matched for vmi {name}: {{\"Bandwidth\":\"64Mi\"}}","name":"{name}","timestamp":"2026-01-10T10:00:{second:02}Z"}}"#
            )
        };
        let again = r#"{"component":"virt-handler","msg":"re-enqueuing VirtualMachineInstance default/a","reason":"server error. command Migrate failed: \"x\"","timestamp":"2026-01-10T10:00:09Z"}"#;
        let mut tales = Vec::new();
        for line in [&begun(0, "a"), &begun(1, "b"), &begun(2, "a"), again, again, &begun(20, "a")] {
            assert!(is_line(line), "{line}");
            hear(&mut tales, line);
        }
        let seen: Vec<_> = tales.iter().map(|tale| (tale.name.as_deref(), tale.end.is_some())).collect();
        assert_eq!(seen, [(Some("a"), true), (Some("b"), false), (Some("a"), false)]);
        assert_eq!(tales[0].max_bandwidth, Some(67_108_864.0));
        assert_eq!(tales[0].until.zip(tales[0].begun).map(|(until, begun)| until - begun), Some(9.0));
        assert!(!is_line(r#"{"component":"virt-handler","msg":"VMI is in phase: Running"}"#));
    }

    #[test]
    fn reasons_tell_who_ended_it() {
        assert!(matches!(failed("Live migration stuck for 150 seconds".to_owned()), ToldEnd::Stuck(_)));
        assert!(matches!(failed("Live migration is not completed after 9 seconds".to_owned()), ToldEnd::TimedOut(_)));
        assert!(matches!(failed("job 'migration out' canceled by client".to_owned()), ToldEnd::Cancelled(_)));
        assert!(matches!(failed("no route to host".to_owned()), ToldEnd::Failed(_)));
    }
}
