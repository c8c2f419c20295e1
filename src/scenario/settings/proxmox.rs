//! Proxmox: `/etc/pve/datacenter.cfg`, a guest's own `/etc/pve/qemu-server/VMID.conf`, or both one after the other.

use super::{Settings, SettingsFile, SettingsFormat, WrittenSetting};

pub(super) const FORMAT: SettingsFormat = SettingsFormat {
    name: "Proxmox's `datacenter.cfg` or the configuration of a guest",
    product: |_| "proxmox",
    is,
    read,
};

/// Keys of both files by which they are known.
const KNOWN: [&str; 12] = [
    "migration",
    "bwlimit",
    "migrate_downtime",
    "migrate_speed",
    "migration_unsecure",
    "keyboard",
    "console",
    "mac_prefix",
    "crs",
    "scsihw",
    "bootdisk",
    "ostype",
];

/// `key: value` of a line; sections of snapshots are not the guest as it is.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let lines = (1..).zip(text.lines()).take_while(|(_, line)| !line.trim_start().starts_with('['));
    lines.filter_map(|(number, line)| {
        let line = line.trim();
        let (key, value) = line.split_once(':').filter(|_| !line.starts_with('#'))?;
        Some((number, key.trim(), value.trim()))
    })
}

fn is(file: &SettingsFile) -> bool {
    file.objects.is_empty() && lines(file.text).any(|(_, key, _)| KNOWN.contains(&key))
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    let mut settings = Settings::default();
    for (line, key, value) in lines(file.text) {
        let written =
            |key: &str, text: &str| WrittenSetting { key: key.to_owned(), text: text.to_owned(), line: Some(line) };
        let parts = || value.split(',').map(|part| part.trim().split_once('=').unwrap_or(("", part.trim())));
        match key {
            "migrate_downtime" | "migrate_speed" => settings.options.push(written(key, value)),
            "migration_unsecure" if value == "1" => settings.options.push(written("migration", "insecure")),
            // The first word may go without its key.
            "migration" => {
                settings
                    .options
                    .extend(parts().filter(|part| ["", "type"].contains(&part.0)).map(|(_, kind)| written(key, kind)));
            }
            // A limit of migrations counts before the one of everything.
            "bwlimit" => {
                let of = |name: &str| parts().find(|part| part.0 == name).map(|part| part.1);
                settings.options.extend(of("migration").or_else(|| of("default")).map(|limit| written(key, limit)));
            }
            _ => {}
        }
    }
    Ok(settings)
}
