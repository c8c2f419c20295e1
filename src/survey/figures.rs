//! What is said of a guest, under libvirt's names.

use crate::units::Bytes;

/// Names and values, as `virsh domstats` prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures(pub Vec<(String, String)>);

/// What the name of each figure of a dirty rate begins with.
const RATE: &str = "dirtyrate.";

impl Figures {
    /// A figure.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A figure that libvirt counts in KiB.
    pub fn size(&self, name: &str) -> Option<Bytes> {
        self.get(name)?.parse::<u64>().ok()?.checked_mul(1024).map(Bytes)
    }

    /// Whether a count of dirty pages is over.
    pub fn is_measured(&self) -> bool {
        self.get("dirtyrate.calc_status") == Some("2")
    }

    /// The dirty rate that was counted, of all vCPUs where each was [MiB/s].
    pub fn rate_mib(&self) -> Option<u64> {
        let each = self.0.iter().filter(|(name, _)| name.starts_with("dirtyrate.vcpu."));
        let each: Vec<u64> = each.filter_map(|(_, rate)| rate.parse().ok()).collect();
        let whole = || self.get("dirtyrate.megabytes_per_second")?.parse().ok();
        if each.is_empty() { whole() } else { each.iter().try_fold(0_u64, |sum, rate| sum.checked_add(*rate)) }
    }

    /// Without a count that a user made before.
    #[must_use]
    pub fn without_rate(mut self) -> Figures {
        self.0.retain(|(name, _)| !name.starts_with(RATE));
        self
    }

    /// What `virsh domstats` would print of that guest.
    pub fn text(&self, guest: &str) -> String {
        let lines: String = self.0.iter().map(|(name, value)| format!("  {name}={value}\n")).collect();
        format!("Domain: '{guest}'\n{lines}\n")
    }
}
