//! A `MigrationPolicy`, and what only the `KubeVirt` object has (orchestrators 4).

use super::{Change, Piece, Taker, of};
use crate::orchestrator::Product;

pub(super) const TAKER: Taker =
    Taker { name: "kubevirt", title: "objects for `kubectl apply` and `kubectl patch`", whole: false, take, write };

const POLICY: &str = "policy";
const CLUSTER: &str = "cluster";

fn take(change: &Change) -> Result<Vec<Piece>, String> {
    let put = |key: &str, value: &dyn ToString| {
        let is_of_policy = Product::find(TAKER.name).is_some_and(|kubevirt| kubevirt.is_per_guest(key));
        let part = if is_of_policy { POLICY } else { CLUSTER };
        Ok(vec![Piece::new(part, key, value.to_string())])
    };
    if let Some(key) = change.own() {
        let is_its = Product::find("kubevirt").is_some_and(|kubevirt| kubevirt.has_option(key));
        return if is_its { put(key, &change.value) } else { Err(change.unknown("KubeVirt")) };
    }
    match change.path.as_str() {
        // It starts post-copy at its completion timeout, and only there.
        _ if change.starts_post_copy() => put("allowPostCopy", &"true"),
        "qemu.auto-converge" => put("allowAutoConverge", &change.value),
        "qemu.postcopy-ram" => put("allowPostCopy", &change.value),
        "qemu.max-bandwidth" => match change.mib_per_s()? {
            0 => put("bandwidthPerMigration", &"\"0\""),
            mib => put("bandwidthPerMigration", &format!("{mib}Mi")),
        },
        "qemu.downtime-limit" => {
            Err("KubeVirt sets the downtime limit itself; `maxDowntimeMs` of its gates `MigrationDowntimeTuning` and \
                 `MigrationStallDetection` is the ceiling"
                .to_owned())
        }
        "qemu.multifd" | "qemu.multifd-channels" => {
            Err("KubeVirt chooses its multifd channels itself: 8, and none for a VM with a CPU limit".to_owned())
        }
        "link.migrations" => put("parallelOutboundMigrationsPerNode", &change.value),
        _ => Err(change.unknown("KubeVirt")),
    }
}

fn write(pieces: &[Piece]) -> Vec<String> {
    let keys = |part, indent: &str| -> Vec<String> {
        of(pieces, part).map(|piece| format!("{indent}{}: {}", piece.key, piece.value)).collect()
    };
    let (policy, cluster) = (keys(POLICY, "  "), keys(CLUSTER, "      "));
    let mut lines: Vec<String> = Vec::new();
    let mut add = |head: &[&str], keys: &[String], foot: &[&str]| {
        if !keys.is_empty() {
            lines.extend((!lines.is_empty()).then(|| "---".to_owned()));
            lines.extend(head.iter().map(|line| (*line).to_owned()));
            lines.extend_from_slice(keys);
            lines.extend(foot.iter().map(|line| (*line).to_owned()));
        }
    };
    let head =
        ["apiVersion: migrations.kubevirt.io/v1alpha1", "kind: MigrationPolicy", "metadata:", "  name: NAME", "spec:"];
    add(&head, &policy, &["  selectors:", "    virtualMachineInstanceSelector:", "      LABEL: VALUE"]);
    let head = [
        "apiVersion: kubevirt.io/v1",
        "kind: KubeVirt",
        "metadata:",
        "  name: kubevirt",
        "  namespace: kubevirt",
        "spec:",
        "  configuration:",
        "    migrations:",
    ];
    add(&head, &cluster, &[]);
    lines
}
