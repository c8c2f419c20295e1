//! KubeVirt: the `KubeVirt` object, OpenShift's `HyperConverged`, a `MigrationPolicy`, or the status of a migration, as JSON or YAML.

use serde_json::{Map, Value};

use super::{Settings, SettingsFile, SettingsFormat, WrittenSetting};
use crate::orchestrator::Product;

pub(super) const FORMAT: SettingsFormat = SettingsFormat {
    name: "a `KubeVirt`, `HyperConverged` or `MigrationPolicy` object",
    product: |file| {
        if objects(file).iter().any(|(_, object)| kind(object) == "HyperConverged") { "openshift" } else { "kubevirt" }
    },
    is: |file| objects(file).iter().any(|(_, object)| place(object).is_some()),
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

/// The objects of a file with their paths in it, those of lists included.
fn objects<'f>(file: &'f SettingsFile) -> Vec<(String, &'f Value)> {
    let each = |(path, object): &'f (String, Value)| match object.get("items").and_then(Value::as_array) {
        None => vec![(path.clone(), object)],
        Some(items) => items.iter().enumerate().map(|(at, item)| (format!("{path}/items/{at}"), item)).collect(),
    };
    file.objects.iter().flat_map(each).collect()
}

fn kind(object: &Value) -> &str {
    object.get("kind").and_then(Value::as_str).unwrap_or_default()
}

/// Where an object has its settings, and these.
fn place(object: &Value) -> Option<(&'static [&'static str], &Map<String, Value>)> {
    let path: &'static [&'static str] = match kind(object) {
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
    Some((path, found.and_then(Value::as_object).unwrap_or(&NONE)))
}

fn read(file: &SettingsFile) -> Result<Settings, String> {
    let product = Product::find("kubevirt").ok_or("KubeVirt is not known")?;
    let options: Vec<&str> = (product.options)().into_iter().map(|(option, _)| option.key).collect();
    let mut objects = objects(file);
    // A policy counts before the cluster's own settings, and what a migration had before both.
    objects.sort_by_key(|(_, object)| match kind(object) {
        "KubeVirt" | "HyperConverged" => 0,
        "MigrationPolicy" => 1,
        _ => 2,
    });
    let policies = objects.iter().filter(|(_, object)| kind(object) == "MigrationPolicy").count();
    if policies > 1 {
        return Err(format!("has {policies} migration policies; leave the one that the guest falls under"));
    }
    let mut settings = Settings::default();
    for (at, object) in objects {
        gates(&at, object, file, &mut settings);
        if let Some((path, keys)) = place(object) {
            walk(keys, "", &Walk { at: format!("{at}/{}", path.join("/")), file, options: &options }, &mut settings);
        }
    }
    Ok(settings)
}

/// Where keys of a product stand, and which it has.
pub(super) struct Walk<'w> {
    /// The path in the file.
    pub at: String,
    pub file: &'w SettingsFile<'w>,
    pub options: &'w [&'w str],
}

/// Options at their keys, and those of sections within.
pub(super) fn walk(keys: &Map<String, Value>, path: &str, from: &Walk, settings: &mut Settings) {
    let options = from.options;
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
                    walk(inner, &key, from, settings);
                }
                continue;
            }
            Value::Null => continue,
            value => value.to_string(),
        };
        let line = from.file.lines.get(&format!("{}/{}", from.at, key.replace('.', "/"))).copied();
        let written = |key: &str| WrittenSetting { key: key.to_owned(), text: text.clone(), line };
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
fn gates(at: &str, object: &Value, file: &SettingsFile, settings: &mut Settings) {
    const PATH: &str = "/spec/configuration/developerConfiguration/featureGates";
    let gates = object.pointer(PATH).and_then(Value::as_array);
    for (number, gate) in gates.into_iter().flatten().enumerate() {
        if let Some((_, option)) = GATES.iter().find(|(name, _)| gate == name) {
            let line = file.lines.get(&format!("{at}{PATH}/{number}")).copied();
            settings.options.push(WrittenSetting { key: (*option).to_owned(), text: "true".to_owned(), line });
        }
    }
}
