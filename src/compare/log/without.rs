//! Files that have no statistics of a migration, and what to read in their place.

use super::first_line;

/// Words of a file, and what it is and what to do.
const KNOWN: [(&str, &str); 7] = [
    (
        "LibvirtMigrateCommandWrapper",
        "is a log of CloudStack's agent, which has no statistics of the migration; collect `virsh domjobinfo` on the host \
         while it runs",
    ),
    (
        "Dirty memory migration",
        "is a log of Cloud Hypervisor, whose migrations are no QEMU's; `precopy run` simulates them with \
         `orchestrator.kind = \"cloud-hypervisor\"`",
    ),
    (
        "kubevirt_vmi_migration_",
        "is one scrape of metrics, without times; give a range query's answer in JSON, or what Grafana saves of it as CSV",
    ),
    (
        "libvirt_domain_",
        "is one scrape of metrics, without times; give a range query's answer in JSON, or what Grafana saves of it as CSV",
    ),
    ("dirtyrate.calc_status", "has dirty rates and no migration; `precopy fit --dirtyrate` reads it"),
    ("Live migration not completed", "tells of an end without figures; also give the lines before it"),
    ("starting migration of VM", "is a Proxmox task log without a line of progress; was the guest running?"),
];

const UNKNOWN: &str = "is neither a recording in JSON, nor a log of any form that is known (`virsh domjobinfo`, \
                       `query-migrate`, `info migrate`, nova-compute, virt-launcher, Proxmox, vdsm, Prometheus); docs/logs.md \
                       shows all of them";

/// The line that tells what a text is, and what to say of it.
pub(super) fn refusal(text: &str) -> (&str, String) {
    let known = text.lines().find_map(|line| {
        let (_, what) = KNOWN.iter().find(|(words, _)| line.contains(words))?;
        Some((line.trim_start(), (*what).to_owned()))
    });
    known.unwrap_or_else(|| match first_line(text) {
        Some(line) => (line.trim_start(), UNKNOWN.to_owned()),
        None => (&text[text.len()..], super::NONE.to_owned()),
    })
}
