//! `kind = "nova"`: options of `nova.conf`.

use crate::orchestrator::nova::{Nova, TimeoutAction};
use crate::orchestrator::{Policy, Stack};

use super::{Around, Found, Section, channels, on, only, set, whole};

const ACTIONS: [(&str, TimeoutAction); 2] =
    [("abort", TimeoutAction::Abort), ("force_complete", TimeoutAction::ForceComplete)];

pub(super) fn read(section: &mut Section, around: &Around) -> (Policy, Stack) {
    let place = section.place.clone();
    let release = section.count("release", 12..=Nova::NEWEST);
    let release = release.unwrap_or(Found { value: Nova::NEWEST, place, bare: false });
    let mut nova = Nova::defaults(release.value);
    set(&mut nova.bandwidth, whole(section, "live_migration_bandwidth", 0));
    set(&mut nova.downtime, whole(section, "live_migration_downtime", 100));
    set(&mut nova.downtime_steps, whole(section, "live_migration_downtime_steps", 3));
    set(&mut nova.downtime_delay, whole(section, "live_migration_downtime_delay", 3));
    set(&mut nova.completion_timeout, whole(section, "live_migration_completion_timeout", 0));
    if let Some(action) = section.choice("live_migration_timeout_action", &ACTIONS, &[]) {
        nova.timeout_action = action.value;
    }
    nova.permit_post_copy = on(section, "live_migration_permit_post_copy");
    nova.permit_auto_converge = on(section, "live_migration_permit_auto_converge");
    if let Some(connections) = channels(section, "live_migration_parallel_connections", 1) {
        nova.parallel_connections = connections;
    }
    set(&mut nova.progress_timeout, whole(section, "live_migration_progress_timeout", 0));

    let newer = |key, since: u32| (key, release.value >= since, format!("exists since release {since}"));
    for (key, has, when) in [
        newer("live_migration_permit_post_copy", 14),
        newer("live_migration_permit_auto_converge", 14),
        newer("live_migration_timeout_action", 19),
        newer("live_migration_parallel_connections", 33),
        ("live_migration_progress_timeout", release.value < 19, "was removed in release 19".to_owned()),
    ] {
        only(section, key, has, &when, &release);
    }
    if nova.permit_auto_converge
        && nova.permit_post_copy
        && let (Some(place), Some(other)) = (
            section.peek("live_migration_permit_auto_converge").map(|entry| entry.place.clone()),
            section.peek("live_migration_permit_post_copy").map(|entry| entry.place.clone()),
        )
    {
        let title = "`orchestrator.live_migration_permit_auto_converge` has no effect";
        let label = "Nova leaves auto-converge off where post-copy is permitted";
        section.faults.warn(&place, title, label).note(&other, "permitted here").help("remove one of the two");
    }
    (nova.policy(around.memory), nova.stack())
}
