//! Settings at a path of any YAML or JSON, such as Ansible's variables and Helm's values: `values.yaml#conf.nova.libvirt`.

use serde_json::Value;

use super::kubevirt::{Walk, walk};
use super::{Found, Settings, SettingsFile, documents, of_file};
use crate::orchestrator::Product;
use crate::scenario::faults::clip;
use crate::yaml;

/// What stands at `within`, keys with dots between: a text as a file has it, an object, or keys of the product `named`.
pub(super) fn understood(name: &str, text: &str, within: &str, named: Option<&str>) -> Result<Found, (String, String)> {
    let fault = |title: &str, help: &str| (format!("`{}`: {title}", clip(name)), help.to_owned());
    let path = format!("/{}", within.replace('.', "/"));
    let documents = documents(name, text)?;
    let found = documents.iter().enumerate().find_map(|(at, document)| Some((at, document.pointer(&path)?)));
    let (at, value) = found
        .ok_or_else(|| fault("there is nothing at that path", "write the keys that lead there, with dots between"))?;
    let (path, lines) = (format!("/{at}{path}"), yaml::lines(text));
    match value {
        Value::String(text) => {
            // In which line the text itself begins, also that of a block.
            let above = lines.get(&path).copied();
            let mut found = super::understood(name, text)?;
            let settings = &mut found.settings;
            for written in settings.options.iter_mut().chain(&mut settings.qemu) {
                written.line = written.line.zip(above).map(|(line, above)| above + line - 1);
            }
            Ok(found)
        }
        Value::Object(object) if object.contains_key("kind") && object.contains_key("spec") => {
            of_file(&SettingsFile { name, text, objects: vec![(path, value.clone())], lines })
        }
        Value::Object(keys) => {
            let product = named.and_then(Product::find).ok_or_else(|| {
                fault("keys by themselves do not say of which product they are", "name it by `orchestrator.kind`")
            })?;
            let options: Vec<&str> = (product.options)().into_iter().map(|(option, _)| option.key).collect();
            let (file, mut settings) = (SettingsFile { name, text, objects: Vec::new(), lines }, Settings::default());
            walk(keys, "", &Walk { at: path, file: &file, options: &options }, &mut settings);
            Ok(Found { name: name.to_owned(), product, settings })
        }
        _ => Err(fault("there are no keys at that path", "name the path that leads to the settings")),
    }
}
