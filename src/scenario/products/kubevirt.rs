//! `kind = "kubevirt"`: settings of `spec.configuration.migrations`.

use crate::orchestrator::kubevirt::{KubeVirt, Tuning};
use crate::orchestrator::{Policy, Stack};
use crate::units::Span;

use super::{Around, Section, channels, on, set, whole};

/// QEMU's own bound [ms].
const MOST_DOWNTIME: u32 = 2_000_000;

pub(super) fn read(section: &mut Section, around: &Around) -> (Policy, Stack) {
    let mut kubevirt = KubeVirt::default();
    if let Some(rate) = section.quantity("bandwidthPerMigration", Some("B/s")) {
        kubevirt.bandwidth_per_migration = rate.value;
    }
    set(&mut kubevirt.completion_timeout_per_gib, whole(section, "completionTimeoutPerGiB", 0));
    set(&mut kubevirt.progress_timeout, whole(section, "progressTimeout", 0));
    kubevirt.allow_auto_converge = on(section, "allowAutoConverge");
    kubevirt.allow_post_copy = on(section, "allowPostCopy");
    kubevirt.allow_workload_disruption =
        section.switch("allowWorkloadDisruption").map_or(kubevirt.allow_post_copy, |found| found.value);
    if let Some(ms) = section.count("maxDowntimeMs", 1..=MOST_DOWNTIME) {
        kubevirt.max_downtime = Span::from_ms(u64::from(ms.value));
    }
    kubevirt.vfio = on(section, "vfio");
    if let Some(threads) = channels(section, "parallelMigrationThreads", 0) {
        kubevirt.parallel_migration_threads = threads;
    } else if kubevirt.allow_post_copy {
        // Not together before QEMU 10.1; whoever has it says so.
        kubevirt.parallel_migration_threads = 0;
    }
    let tuned = on(section, "downtimeTuning");
    kubevirt.downtime_tuning = tuned.then(|| tuning(section));
    kubevirt.stall_detection = on(section, "migrationStallDetection");
    if kubevirt.stall_detection
        && tuned
        && let Some(entry) = section.entries().iter().find(|entry| entry.key == "downtimeTuning")
    {
        let place = entry.place.clone();
        section
            .faults
            .warn(&place, "`orchestrator.downtimeTuning` has no effect", "the stall detector replaces it")
            .help("remove one of the two");
    }
    (kubevirt.policy(around.memory), kubevirt.stack())
}

/// Keys of the downtime tuning, which stand beside the others.
fn tuning(section: &mut Section) -> Tuning {
    let mut tuning = Tuning::default();
    if let Some(ms) = section.count("initialMs", 1..=MOST_DOWNTIME) {
        tuning.initial = Span::from_ms(u64::from(ms.value));
    }
    set(&mut tuning.steps, whole(section, "steps", 1));
    set(&mut tuning.start_after_iteration, whole(section, "startAfterIteration", 0));
    if let Some(s) = whole(section, "cooldownSeconds", 0) {
        tuning.cooldown = Span::from_ms(s * 1000);
    }
    tuning
}
