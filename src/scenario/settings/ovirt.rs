//! oVirt: a migration policy of the engine, which `[orchestrator]` takes as its `schedule`.

use super::{Settings, SettingsFormat, WrittenSetting};

pub(super) const FORMAT: SettingsFormat = SettingsFormat {
    name: "a migration policy of oVirt's engine",
    product: |_| "ovirt",
    is: |file| file.objects.iter().any(|(_, object)| object.pointer("/config/convergenceItems").is_some()),
    read: |file| {
        let schedule = WrittenSetting { key: "schedule".to_owned(), text: file.name.to_owned(), line: None };
        Ok(Settings { options: vec![schedule], ..Settings::default() })
    },
};
