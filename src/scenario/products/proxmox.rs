//! `kind = "proxmox"`: options of the guest and of the job.

use crate::orchestrator::proxmox::Proxmox;
use crate::orchestrator::{Policy, Stack};

use super::{Around, Section, set, whole};

pub(super) fn read(section: &mut Section, around: &Around) -> (Policy, Stack) {
    let mut proxmox = Proxmox::default();
    if let Some(downtime) = section.quantity("migrate_downtime", Some("s")) {
        proxmox.migrate_downtime = downtime.value;
    }
    set(&mut proxmox.migrate_speed, whole(section, "migrate_speed", 0));
    set(&mut proxmox.bwlimit, whole(section, "bwlimit", 0));
    (proxmox.policy(), proxmox.stack(around.memory))
}
