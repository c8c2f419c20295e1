//! What the columns of a fleet's table are called.

/// Keys whose columns may go by their last word. Any other column is named by a whole path.
pub(super) const SHORT: [&str; 15] = [
    "name",
    "count",
    "priority",
    "node",
    "guest.memory",
    "guest.vcpus",
    "guest.zero",
    "guest.workload.preset",
    "guest.workload.kind",
    "guest.workload.rate",
    "guest.workload.region",
    "guest.workload.hot",
    "guest.workload.share",
    "guest.workload.cpu",
    "guest.workload.exponent",
];

/// Where whole paths begin.
pub(super) const SECTIONS: [&str; 4] = ["guest.", "qemu.", "orchestrator.", "limits."];

/// The last word of a path.
pub(super) fn short(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// What the column of a key is called.
pub(super) fn name(path: &str) -> String {
    let path = path.replacen("guest.workload.0.", "guest.workload.", 1);
    if SHORT.contains(&path.as_str()) { short(&path).to_owned() } else { path }
}
