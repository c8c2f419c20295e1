//! KubeVirt: the `KubeVirt` object, OpenShift's `HyperConverged`, a `MigrationPolicy`, or the status of a migration, as JSON or YAML.

use serde_json::{Map, Value};

use super::{Settings, SettingsFile, SettingsFormat, WrittenSetting};
use crate::orchestrator::Product;

pub(super) const FORMAT: SettingsFormat = SettingsFormat {
    name: "a `KubeVirt`, `HyperConverged` or `MigrationPolicy` object",
    product: |file| {
        if objects(file).iter().any(|object| kind(object) == "HyperConverged") { "openshift" } else { "kubevirt" }
    },
    is: |file| objects(file).iter().any(|object| place(object).is_some()),
    read,
};

/// Keys that a migration does not feel.
const PASSED: [&str; 6] = [
    "nodeDrainTaintKey",
    "network",
    "unsafeMigrationOverride",
    "matchSELinuxLevelOnMigration",
    "selectors",
    "utilityVolumesTimeout",
];
/// Those of the scheduler.
const AT_ONCE: [&str; 2] = ["parallelMigrationsPerCluster", "parallelOutboundMigrationsPerNode"];
/// Gates, and the options that they switch on.
const GATES: [(&str, &str); 2] =
    [("MigrationStallDetection", "migrationStallDetection"), ("MigrationDowntimeTuning", "downtimeTuning")];

/// The objects of a file, those of lists included.
fn objects<'f>(file: &'f SettingsFile) -> Vec<&'f Value> {
    let each = |object: &'f Value| {
        let items = object.get("items").and_then(Value::as_array);
        items.map_or_else(|| vec![object], |items| items.iter().collect())
    };
    file.objects.iter().flat_map(each).collect()
}

fn kind(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or_default()
}

/// Where an object has its settings.
fn place(object: &Value) -> Option<&Map<String, Value>> {
    let path: &[&str] = match kind(object) {
        "KubeVirt" => &["spec", "configuration", "migrations"],
        "HyperConverged" => &["spec", "liveMigrationConfig"],
        "MigrationPolicy" => &["spec"],
        "VirtualMachineInstance" | "VirtualMachineInstanceMigration" => {
            &["status", "migrationState", "migrationConfiguration"]
        }
        _ => return None,
    };
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let found = path.iter().try_fold(object, |value, key| value.get(key));
    Some(found.and_then(Value::as_object).unwrap_or(&NONE))
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    let product = Product::find("kubevirt").ok_or("KubeVirt is not known")?;
    let options: Vec<&str> = (product.options)().into_iter().map(|(option, _)| option.key).collect();
    let mut objects = objects(file);
    // A policy counts before the cluster's own settings, and what a migration had before both.
    objects.sort_by_key(|object| match kind(object) {
        "KubeVirt" | "HyperConverged" => 0,
        "MigrationPolicy" => 1,
        _ => 2,
    });
    let policies = objects.iter().filter(|object| kind(object) == "MigrationPolicy").count();
    if policies > 1 {
        return Err(format!("has {policies} migration policies; leave the one that the guest falls under"));
    }
    let mut settings = Settings::default();
    for object in objects {
        gates(object, &mut settings);
        if let Some(keys) = place(object) {
            walk(keys, "", &options, &mut settings);
        }
    }
    Ok(settings)
}

/// Options at their keys, and those of sections within.
fn walk(keys: &Map<String, Value>, path: &str, options: &[&str], settings: &mut Settings) {
    for (key, value) in keys {
        let key = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        // Some options are known by the last word of their path.
        let last = key.rsplit('.').next().unwrap_or(&key);
        let known =
            options.iter().find(|option| **option == key).or_else(|| options.iter().find(|option| **option == last));
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Object(inner) => {
                if !PASSED.contains(&key.as_str()) {
                    walk(inner, &key, options, settings);
                }
                continue;
            }
            Value::Null => continue,
            value => value.to_string(),
        };
        let written = |key: &str| WrittenSetting { key: key.to_owned(), text: text.clone(), line: None };
        match known {
            _ if AT_ONCE.contains(&key.as_str()) => settings.scheduler.push(written(&key)),
            Some(option) => {
                // An object that counts before another one comes later.
                settings.options.retain(|earlier| earlier.key != *option);
                settings.options.push(written(option));
            }
            None if PASSED.contains(&key.as_str()) => {}
            None => settings.others.push(key),
        }
    }
}

/// Options that are feature gates.
fn gates(object: &Value, settings: &mut Settings) {
    let gates = object.pointer("/spec/configuration/developerConfiguration/featureGates").and_then(Value::as_array);
    for gate in gates.into_iter().flatten().filter_map(Value::as_str) {
        if let Some((_, option)) = GATES.iter().find(|(name, _)| *name == gate) {
            settings.options.push(WrittenSetting { key: (*option).to_owned(), text: "true".to_owned(), line: None });
        }
    }
}
