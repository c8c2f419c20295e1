//! Documents of JSON about a migration that are no answers of QEMU's.

use serde_json::Value;

use super::job::LoggedJob;
use super::prometheus;
use super::stamp;
use super::virt_handler;
use super::{LoggedLook, sighting_of};
use crate::compare::json::{FieldError, JsonNode};
use crate::compare::sighting::MigrationState;
use crate::compare::told::{LogGap, Told, ToldEnd};

/// A form of documents.
pub(super) struct DocumentForm {
    /// What it is called.
    pub(super) name: &'static str,
    /// Whether a document is one of these.
    pub(super) is_one: fn(&Value) -> bool,
    /// The migrations in it.
    pub(super) read: fn(&JsonNode) -> Result<Vec<LoggedJob>, FieldError>,
}

/// All forms; the first that fits.
pub(super) const DOCUMENTS: [DocumentForm; 4] = [
    DocumentForm {
        name: prometheus::NAME,
        is_one: |value| value["data"]["resultType"].is_string(),
        read: prometheus::read,
    },
    DocumentForm {
        name: "Nova migration record",
        is_one: |value| value.get("memory_total_bytes").is_some(),
        read: openstack,
    },
    DocumentForm { name: KUBEVIRT, is_one: is_kubevirt, read: kubevirt },
    DocumentForm {
        name: KUBEVIRT,
        is_one: |value| value["items"].as_array().is_some_and(|all| all.iter().any(is_kubevirt)),
        read: list,
    },
];

const KUBEVIRT: &str = "status of a KubeVirt migration";

/// The first form that a document is of.
pub(super) fn form(value: &Value) -> Option<&'static DocumentForm> {
    DOCUMENTS.iter().find(|form| (form.is_one)(value))
}

/// Where times are all there is.
pub(super) const ALL_BUT_TIME: [LogGap; 5] =
    [LogGap::Sent, LogGap::Remaining, LogGap::Syncs, LogGap::DirtyRate, LogGap::Throttle];

fn is_kubevirt(value: &Value) -> bool {
    let kind = value["kind"].as_str().unwrap_or_default();
    ["VirtualMachineInstanceMigration", "VirtualMachineInstance"].contains(&kind)
}

/// `openstack server migration show -f json`.
fn openstack(root: &JsonNode) -> Result<Vec<LoggedJob>, FieldError> {
    let size = |key: &str| root.find(key).map_or(Ok(0), |node| node.whole());
    let mut sighting = sighting_of(size("memory_processed_bytes")?, size("memory_remaining_bytes")?);
    sighting.total = Some(size("memory_total_bytes")?).filter(|total| *total > 0);
    let status = root.get("status")?;
    let words = status.text()?;
    let gaps = [LogGap::Syncs, LogGap::DirtyRate, LogGap::Throttle];
    let mut told = Told::of("Nova migration record", Some("nova"), &gaps);
    told.rounding =
        Some("its times are those of the record, which begins before QEMU does and is renewed every few seconds");
    told.subject = root.find("server_uuid").map(|node| node.text().map(str::to_owned)).transpose()?;
    let end = match words.to_ascii_lowercase().as_str() {
        "completed" | "done" | "confirmed" | "finished" => Some(ToldEnd::Completed),
        "cancelled" => Some(ToldEnd::Cancelled(format!("status `{words}`"))),
        "error" | "failed" => Some(ToldEnd::Failed(format!("status `{words}`"))),
        _ => None,
    };
    let elapsed_ms = between(root, "created_at", "updated_at")?;
    Ok(vec![job(told, sighting, elapsed_ms, end)])
}

/// A `VirtualMachineInstanceMigration`, or an instance with its `migrationState`.
fn kubevirt(root: &JsonNode) -> Result<Vec<LoggedJob>, FieldError> {
    let status = root.get("status")?;
    let state = status.find("migrationState").ok_or_else(|| {
        status.fault("has no `migrationState`: no migration was begun; read the log of its virt-launcher")
    })?;
    let mut told = Told::of(KUBEVIRT, Some("kubevirt"), &ALL_BUT_TIME);
    told.rounding = Some("it has times alone, in whole seconds; the log of the virt-launcher has the figures");
    let name = root.find("metadata").and_then(|of| of.find("name"));
    told.subject = name.map(|node| node.text().map(str::to_owned)).transpose()?;
    let flag = |key: &str| state.find(key).map_or(Ok(false), |node| node.flag());
    let word = |key: &str| state.find(key).map(|node| node.text().map(str::to_owned)).transpose();
    let reason = word("failureReason")?.unwrap_or_default();
    let end = match (flag("completed")?, flag("failed")?, flag("abortRequested")?) {
        (_, _, true) => Some(ToldEnd::Cancelled("`abortRequested`".to_owned())),
        (_, true, _) => Some(virt_handler::failed(reason)),
        (true, ..) => Some(ToldEnd::Completed),
        _ => None,
    };
    let mut sighting = sighting_of(0, 0);
    sighting.post_copied = word("mode")?.is_some_and(|mode| mode == "PostCopy");
    let elapsed_ms = between(&state, "startTimestamp", "endTimestamp")?;
    Ok(vec![job(told, sighting, elapsed_ms, end)])
}

/// What `kubectl get` prints of several.
fn list(root: &JsonNode) -> Result<Vec<LoggedJob>, FieldError> {
    let mut all = Vec::new();
    for item in root.get("items")?.items()? {
        let begun = item.find("status").is_some_and(|status| status.find("migrationState").is_some());
        if begun {
            all.extend(kubevirt(&item)?);
        }
    }
    Ok(all)
}

/// Time between two stamps [ms]; `None` while one of them is missing.
fn between(node: &JsonNode, from: &str, to: &str) -> Result<Option<f64>, FieldError> {
    let time = |key: &str| {
        let Some(node) = node.find(key) else { return Ok(None) };
        stamp::of(node.text()?).map(Some).ok_or_else(|| node.expected("a time such as 2026-01-10T10:00:00Z"))
    };
    Ok(time(from)?.zip(time(to)?).map(|(from, to)| (to - from).max(0.0) * 1e3))
}

fn job(
    told: Told,
    mut sighting: crate::compare::sighting::Sighting,
    elapsed_ms: Option<f64>,
    end: Option<ToldEnd>,
) -> LoggedJob {
    sighting.state = if sighting.post_copied { MigrationState::PostCopy } else { MigrationState::Active };
    let mut job = LoggedJob { looks: vec![LoggedLook { clock: None, elapsed_ms, sighting }], told, by_libvirt: false };
    if let Some(end) = end {
        job.close(end, None, None);
    }
    job
}
