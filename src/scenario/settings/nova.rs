//! `nova.conf`, section `[libvirt]`.

use super::{Settings, SettingsFile, SettingsFormat, WrittenSetting};
use crate::orchestrator::Product;

pub(super) const FORMAT: SettingsFormat = SettingsFormat { name: "a `nova.conf`", product: |_| "nova", is, read };

/// Keys that a migration does not feel.
const PASSED: [&str; 3] = ["live_migration_uri", "live_migration_inbound_addr", "live_migration_scheme"];
/// That of the scheduler, in `[DEFAULT]`.
const AT_ONCE: &str = "max_concurrent_live_migrations";

fn is(file: &SettingsFile) -> bool {
    let has = |start: &str| file.text.lines().any(|line| line.trim_start().starts_with(start));
    file.objects.is_empty() && (has("[libvirt]") || has("[DEFAULT]") || has("live_migration_") || has(AT_ONCE))
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    let product = Product::find("nova").ok_or("Nova is not known")?;
    let options: Vec<&str> = (product.options)().into_iter().map(|(option, _)| option.key).collect();
    let mut settings = Settings::default();
    // Lines before the first section are taken as the section's own: people copy a few lines.
    let mut section = String::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let line = line.trim();
        if line.starts_with(['#', ';']) || line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim().to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once('=').or_else(|| line.split_once(':')) else { continue };
        let (key, text) = (key.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned());
        let written = WrittenSetting { key, text, line: Some(number) };
        let is_libvirt = section.is_empty() || section == "libvirt";
        if written.key == AT_ONCE {
            settings.scheduler.push(written);
        } else if is_libvirt && written.key != "release" && options.contains(&written.key.as_str()) {
            settings.options.push(written);
        } else if is_libvirt && written.key.starts_with("live_migration_") && !PASSED.contains(&written.key.as_str()) {
            settings.others.push(written.key);
        }
    }
    Ok(settings)
}
