//! `qm set`, and lines for `datacenter.cfg` (orchestrators 5).

use super::{Change, Piece, Taker, of};

pub(super) const TAKER: Taker = Taker {
    name: "proxmox",
    title: "commands for the guest, and lines for `/etc/pve/datacenter.cfg`",
    whole: false,
    take,
    write,
};

const GUEST: &str = "guest";
const DATACENTER: &str = "datacenter";

fn take(change: &Change) -> Result<Vec<Piece>, String> {
    let guest = |key: &str, value: &dyn ToString| Ok(vec![Piece::new(GUEST, key, value.to_string())]);
    match change.path.as_str() {
        "orchestrator.migrate_downtime" | "orchestrator.migrate_speed" => {
            guest(change.own().unwrap_or_default(), &change.value)
        }
        "orchestrator.migration" => Ok(vec![Piece::new(DATACENTER, "migration", format!("type={}", change.value))]),
        "orchestrator.bwlimit" => Ok(vec![Piece::new(DATACENTER, "bwlimit", format!("migration={}", change.value))]),
        "qemu.downtime-limit" => guest("migrate_downtime", &(change.ms()? as f64 / 1000.0)),
        "qemu.max-bandwidth" => guest("migrate_speed", &change.mib_per_s()?),
        "qemu.auto-converge" | "qemu.xbzrle" | "qemu.xbzrle-cache-size" => {
            Err(format!("Proxmox sets `{}` itself, for every migration", change.qemu().unwrap_or_default()))
        }
        "link.migrations" => Ok(vec![Piece::new(DATACENTER, "max_workers", &change.value)]),
        _ if change.starts_post_copy() => Err("Proxmox has no post-copy".to_owned()),
        "qemu.postcopy-ram" => Err("Proxmox has no post-copy".to_owned()),
        _ => Err(change.unknown("Proxmox")),
    }
}

fn write(pieces: &[Piece]) -> Vec<String> {
    let options: String = of(pieces, GUEST).map(|piece| format!(" --{} {}", piece.key, piece.value)).collect();
    let guest = (!options.is_empty()).then(|| format!("qm set VMID{options}"));
    guest.into_iter().chain(of(pieces, DATACENTER).map(|piece| format!("{}: {}", piece.key, piece.value))).collect()
}
