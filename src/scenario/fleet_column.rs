//! What the columns of a fleet's table are called.

/// Columns with a short name, and where their values go. Any other column is named by a whole path.
pub(super) const SHORT: [(&str, &str); 14] = [
    ("name", "name"),
    ("count", "count"),
    ("priority", "priority"),
    ("memory", "guest.memory"),
    ("vcpus", "guest.vcpus"),
    ("zero", "guest.zero"),
    ("preset", "guest.workload.preset"),
    ("kind", "guest.workload.kind"),
    ("rate", "guest.workload.rate"),
    ("region", "guest.workload.region"),
    ("hot", "guest.workload.hot"),
    ("share", "guest.workload.share"),
    ("cpu", "guest.workload.cpu"),
    ("exponent", "guest.workload.exponent"),
];

/// Where whole paths begin.
pub(super) const SECTIONS: [&str; 4] = ["guest.", "qemu.", "orchestrator.", "limits."];

/// What the column of a key is called.
pub(super) fn name(path: &str) -> String {
    let path = path.replacen("guest.workload.0.", "guest.workload.", 1);
    SHORT.iter().find(|(_, long)| *long == path).map_or(path, |(short, _)| (*short).to_owned())
}
