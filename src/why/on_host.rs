//! Whether it depends on a constant of the host how the explained guest's migration ends, as it was and with a change.

use super::{Evidence, Explained, Remedy};
use crate::fit;
use crate::plan::HostHinge;
use crate::scenario::{Input, Scenario};
use crate::sim::{self, Options, Verdict};
use crate::units::Rate;
use crate::units::parse::parse;

/// A migration of the explained guest whose end depends on constants of the host.
#[derive(Clone, Debug)]
pub struct HingedAttempt {
    /// What is changed, as the product calls it; `None`: nothing.
    pub setting: Option<String>,
    /// The migration, as its file is read.
    pub scenario: Scenario,
    /// The constants, at least one.
    pub hinges: Vec<HostHinge>,
}

/// The attempt as it was, and each change that helps, where their ends depend on the host.
pub(super) fn hinged(explained: &Explained, remedies: &[Remedy], evidence: &Evidence) -> Vec<HingedAttempt> {
    let as_was = (None, &explained.scenario, explained.as_is.verdict);
    let changed = remedies.iter().filter(|remedy| remedy.helps);
    let changed = changed.map(|remedy| (Some(remedy.setting.clone()), &remedy.scenario, remedy.outcome));
    std::iter::once(as_was)
        .chain(changed)
        .filter_map(|(setting, scenario, verdict)| {
            let (scenario, mut hinges) = hinges(scenario, verdict)?;
            hinges.retain(|hinge| !is_refuted(hinge, &scenario, evidence));
            (!hinges.is_empty()).then_some(HingedAttempt { setting, scenario, hinges })
        })
        .collect()
}

/// Of a migration that ends so, and as a file of it is read; `None` where a file of it ends otherwise.
fn hinges(scenario: &Scenario, verdict: Verdict) -> Option<(Scenario, Vec<HostHinge>)> {
    let file = fit::scenario_file(scenario, &[]);
    let draft = Input::new("guest.toml", &file, &[]).ok()?.draft().ok()?;
    let scenario = draft.load(&[]).ok()?.scenario;
    let options = Options::default();
    let (outcome, _) = sim::run(&scenario, &options).ok()?;
    let hinges = (outcome.verdict == verdict).then(|| HostHinge::all(&draft, &scenario, &outcome, &options))?;
    Some((scenario, hinges))
}

/// A log that shows a faster stream than this has measured its host already.
fn is_refuted(hinge: &HostHinge, scenario: &Scenario, evidence: &Evidence) -> bool {
    let is_one_stream = hinge.constant.key == "host.stream" && !scenario.qemu.capabilities.multifd;
    let edge = parse::<Rate>(&hinge.edge, None).ok();
    let seen = evidence.bandwidth.zip(edge).is_some_and(|(seen, edge)| edge.0 as f64 <= seen);
    is_one_stream && !hinge.is_above && seen
}
