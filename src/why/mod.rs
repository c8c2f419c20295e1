//! Why did this migration end as it did, and what would have helped?
//!
//! [`WhyAnswer::of`] needs nothing but a log. It gathers what the log says ([`Evidence`]), names what ended the migration
//! ([`Cause`]) and what kept it from arriving by then ([`Hindrance`]), each with how sure that is, finds a guest that explains
//! it, and migrates that guest again with one thing changed ([`Remedy`]). What no log tells is assumed, and listed.
//!
//! ```text
//!  Trace ── Evidence ── Cause, Hindrance, StreamBound ─┐
//!    └───── fit::quick ── Explained ── sim::run ───────┴─ Remedies
//! ```

mod cause;
mod evidence;
mod explain;
mod lever;
mod names;
mod on_host;
mod remedy;
mod stream;

pub use cause::{Cause, Hindrance, Sureness};
pub use evidence::Evidence;
pub use explain::Explained;
pub use lever::Lever;
pub use on_host::HingedAttempt;
pub use remedy::Remedy;
pub use stream::StreamBound;

use serde::Serialize;

use crate::compare::{Fate, LogGap, Told, Trace};
use crate::units::Rate;

/// What a log tells of why its migration ended as it did.
#[derive(Clone, Debug, Serialize)]
pub struct WhyAnswer {
    /// Name of the log, and of the migration in it where there are several.
    pub trace: String,
    /// What the log says in words.
    pub told: Told,
    /// The product whose names are used, as `orchestrator.kind` spells it; `None`: QEMU's own.
    pub product: Option<&'static str>,
    /// What ended it.
    pub cause: Cause,
    /// How sure that is.
    pub cause_sureness: Sureness,
    /// What kept it from arriving by then; of one that arrived, nothing.
    pub hindrance: Option<Hindrance>,
    /// How sure that is.
    pub hindrance_sureness: Sureness,
    /// What held the stream back, if its bandwidth is known.
    pub stream: Option<StreamBound>,
    /// The figures of the log.
    pub evidence: Evidence,
    /// What was tried on the explained guest, what helps first.
    pub remedies: Vec<Remedy>,
    /// Where it depends on a constant of the host how the attempt ends, or one with a change that helps.
    #[serde(skip)]
    pub hinged: Vec<HingedAttempt>,
    /// What was taken for granted.
    pub assumed: Vec<String>,
    /// What would make it surer.
    pub measure: Vec<String>,
    /// The guest that explains it.
    #[serde(skip)]
    pub explained: Option<Explained>,
}

impl WhyAnswer {
    /// Of one migration; `product` is the one that is known to have steered it.
    pub fn of(trace: &Trace, product: Option<&'static str>) -> WhyAnswer {
        WhyAnswer::explaining(trace, product, false)
    }

    /// As [`WhyAnswer::of`], and the guest also of a migration that arrived.
    pub fn with_guest(trace: &Trace) -> WhyAnswer {
        WhyAnswer::explaining(trace, None, true)
    }

    fn explaining(trace: &Trace, product: Option<&'static str>, arrived: bool) -> WhyAnswer {
        let told = trace.told.clone();
        let by_virsh = told.form.contains("virsh").then_some("virsh");
        let product = product.or(told.product).or(by_virsh);
        let evidence = Evidence::of(trace);
        let (cause, cause_sureness) = cause::cause(evidence.fate, &told);
        let stream = evidence
            .bandwidth
            .map(|bandwidth| stream::bound(bandwidth, evidence.bandwidth_told, evidence.max_bandwidth));
        let cap = stream.filter(|(bound, _)| matches!(bound, StreamBound::Cap(_))).map(|(_, sure)| sure);
        let (hindrance, hindrance_sureness) = cause::hindrance(&evidence, &told, cap);
        let bound = stream.map_or(StreamBound::Other, |(bound, _)| bound);
        // Where the guest runs at the destination, nothing keeps it from arriving.
        let hindered = cause != Cause::Arrived && evidence.fate != Fate::PostCopyRunning;
        let is_explained = (hindered || arrived) && !told.lacks(LogGap::Sent);
        let both = (cause, hindrance);
        let explained = is_explained.then(|| explain::explain(trace, &evidence, both, bound)).flatten();
        let remedies = explained
            .as_ref()
            .filter(|_| hindered)
            .map_or(Vec::new(), |explained| remedy::remedies(explained, product, &evidence, both, bound));
        let hinged =
            explained.as_ref().map_or(Vec::new(), |explained| on_host::hinged(explained, &remedies, &evidence));
        WhyAnswer {
            trace: trace.name.clone(),
            product,
            cause,
            cause_sureness,
            hindrance: hindered.then_some(hindrance),
            hindrance_sureness,
            stream: stream.map(|(bound, _)| bound),
            assumed: explained.as_ref().map_or(Vec::new(), |explained| assumed(trace, &evidence, explained, product)),
            measure: measure(&told, &evidence, cause),
            told,
            evidence,
            remedies,
            hinged,
            explained,
        }
    }
}

/// What no log tells, and what it was taken for.
fn assumed(trace: &Trace, evidence: &Evidence, explained: &Explained, product: Option<&str>) -> Vec<String> {
    let Explained { scenario, fitted, .. } = explained;
    let mut all = Vec::new();
    if trace.scenario.is_err() {
        all.push(format!("QEMU {}, one vCPU", scenario.qemu.version));
    }
    if !evidence.downtime_limit_told {
        all.push(format!("a downtime limit of {:.0} ms, QEMU's own", evidence.downtime_limit_ms));
    }
    if !evidence.bandwidth_told {
        all.push("a bandwidth by what was sent over time".to_owned());
    }
    let cap = scenario.qemu.params.max_bandwidth;
    if cap > Rate(0) && evidence.max_bandwidth.is_none() {
        let link = scenario.link.steps.first().map_or(Rate(0), |(_, rate)| *rate);
        all.push(format!("a limit of {cap} on a link of {link}"));
    }
    if let Some(writer) = scenario.guest.workloads.first() {
        let how = if *fitted { "found by trying" } else { "by its dirty rate alone" };
        all.push(format!("a guest that writes {} over {} in any order, {how}", writer.rate, writer.region.bytes()));
    }
    let limit = scenario.limits.time;
    if let Some(product) = product.filter(|product| *product != "virsh") {
        all.push(format!(
            "that {product} leaves QEMU alone meanwhile: its own steps and limits come on top, `--orchestrator {product}` of `run` and \
             `plan` has them"
        ));
    }
    all.push(format!("that what has not arrived after {limit} never does"));
    all
}

/// What would make the answer surer.
fn measure(told: &Told, evidence: &Evidence, cause: Cause) -> Vec<String> {
    let mut all = Vec::new();
    if cause == Cause::Arrived {
        return all;
    }
    let lacks = [LogGap::Syncs, LogGap::DirtyRate, LogGap::Remaining].iter().any(|gap| told.lacks(*gap));
    if lacks || evidence.late_looks < 3 {
        all.push("`virsh domjobinfo DOMAIN --rawstats` every second while the next one runs (docs/logs.md)".to_owned());
    }
    if !evidence.dirtied_told {
        all.push(
            "the guest's dirty rate: `virsh domdirtyrate-calc DOMAIN --seconds 1`, then `virsh domstats DOMAIN \
                  --dirtyrate`"
                .to_owned(),
        );
    }
    if told.lacks(LogGap::Throttle) {
        all.push("whether the throttle was on: `auto_converge_throttle` of the same statistics".to_owned());
    }
    all
}
