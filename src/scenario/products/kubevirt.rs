//! `kind = "kubevirt"`: settings of `spec.configuration.migrations`.

use crate::orchestrator::kubevirt::{KubeVirt, Tuning};
use crate::orchestrator::{Policy, Stack};
use crate::qemu::MAX_DOWNTIME_LIMIT;
use crate::units::{Rate, Span};

use super::super::reader::quantity;
use super::super::schema::shape;
use super::super::tree::Value;
use super::{Around, Section, channels, idle, needs, on, set, whole};

/// QEMU's own bound [ms].
const MOST_DOWNTIME: u32 = MAX_DOWNTIME_LIMIT.whole_ms() as u32;

pub(super) fn read(section: &mut Section, around: &Around) -> (Policy, Stack) {
    let mut kubevirt = KubeVirt::default();
    set_rate(&mut kubevirt.bandwidth_per_migration, section);
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
    let tuning = tuning(section);
    for key in ["initialMs", "steps", "startAfterIteration", "cooldownSeconds"] {
        needs(section, key, tuned, "downtimeTuning = true", "belongs to the downtime tuning, which is off");
    }
    kubevirt.downtime_tuning = tuned.then_some(tuning);
    kubevirt.stall_detection = on(section, "migrationStallDetection");
    let replaced = ["downtimeTuning", "progressTimeout"];
    idle(section, &replaced, !kubevirt.stall_detection, "the stall detector takes its place");
    (kubevirt.policy(around.memory), kubevirt.stack())
}

/// `bandwidthPerMigration`: a rate, or bytes a second as Kubernetes writes quantities, such as `64Mi`.
fn set_rate(target: &mut Rate, section: &mut Section) {
    const KEY: &str = "bandwidthPerMigration";
    section.expect(KEY, || shape::one_of([shape::quantity::<Rate>(true), shape::pattern("[KMGT]i$")]));
    let Some(mut node) = section.raw(KEY).cloned() else { return };
    if let Value::Text(text) = &mut node.value
        && ["Ki", "Mi", "Gi", "Ti"].iter().any(|suffix| text.ends_with(suffix))
    {
        text.push_str("B/s");
    }
    let path = section.path(KEY);
    if let Some(rate) = quantity::<Rate>(&path, &node, Some("B/s"), section.faults) {
        *target = rate.value;
    }
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
