//! libvirt's `qemu.conf`: of a host, whatever product is above it.

use super::{Settings, SettingsFile, SettingsFormat, WrittenSetting};

pub(super) const FORMAT: SettingsFormat =
    SettingsFormat { name: "libvirt's `qemu.conf`", product: |_| "virsh", is, read };

/// Every migration goes by TLS, whatever it is asked for.
const FORCE: &str = "migrate_tls_force";
/// How keys begin that have to do with migrations and change nothing of how one goes: addresses, ports, certificates, and how
/// long a silent connection is kept.
const IDLE: [&str; 4] = ["migration_", "migrate_tls_", "default_tls_", "keepalive_"];
/// Keys by which the file is known.
const KNOWN: [&str; 8] = [
    "migration_address",
    "migration_host",
    "migration_port_",
    "migrate_tls_",
    "default_tls_x509_",
    "keepalive_interval",
    "keepalive_count",
    "vnc_listen",
];

/// Key and value of a line.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), value.split('#').next().unwrap_or_default().trim().trim_matches('"')))
}

fn is(file: &SettingsFile) -> bool {
    // As it is shipped every line of it is a remark.
    let key = |line: &'_ str| entry(line.trim().trim_start_matches('#').trim_start()).map(|(key, _)| key.to_owned());
    let is_known = |key: String| KNOWN.iter().any(|known| key.starts_with(known));
    file.objects.is_empty() && file.text.lines().filter_map(key).any(is_known)
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    let mut settings = Settings { of_host: true, ..Settings::default() };
    let lines = (1..).zip(file.text.lines()).filter(|(_, line)| !line.trim_start().starts_with('#'));
    for (number, key, value) in lines.filter_map(|(number, line)| entry(line).map(|(key, value)| (number, key, value)))
    {
        match (key, value) {
            (FORCE, "1") => {
                settings.qemu.push(WrittenSetting {
                    key: "tls-creds".to_owned(),
                    text: "tls0".to_owned(),
                    line: Some(number),
                });
            }
            // The last line of a key counts.
            (FORCE, "0") => settings.qemu.clear(),
            (FORCE, _) => return Err(format!("line {number}: `{FORCE}` is 0 or 1, not `{}`", super::clip(value))),
            _ if IDLE.iter().any(|start| key.starts_with(start)) => settings.idle.push(key.to_owned()),
            _ => {}
        }
    }
    Ok(settings)
}
