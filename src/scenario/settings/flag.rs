//! A file of settings as `--set` flags, for those who hold settings beside each other.

use std::path::Path;

use super::{Found, WrittenSetting, form, opened};
use crate::scenario::tree::{TextPlace, TomlValue};

/// One key that a file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFlag {
    /// As `--set` takes it.
    pub flag: String,
    /// Its line in the file, from 1, as far as that is known.
    pub line: Option<usize>,
}

/// A file of settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{title}; {help}")]
pub struct SettingsFault {
    /// What is wrong, and in which line.
    pub title: String,
    /// What to do.
    pub help: String,
}

/// Every key that a file of a product sets, as `orchestrator.file` reads it, in the order of the product's options. `kind`
/// is the product where that is known; `file` may end in `#` and a path into YAML or JSON.
///
/// # Errors
/// It cannot be read, is of no product that is known, or has a value that its key cannot have.
pub fn settings_flags(file: &str, kind: Option<&str>, folder: &Path) -> Result<Vec<SettingsFlag>, SettingsFault> {
    let fault = |(title, help)| SettingsFault { title, help };
    let Found { product, settings, .. } = opened(file, kind, folder).map_err(fault)?;
    let kind = kind.unwrap_or(product.kind);
    let mut flags = vec![SettingsFlag { flag: format!("orchestrator.kind={kind}"), line: None }];
    for (option, _) in (product.options)() {
        let Some(written) = settings.options.iter().rev().find(|written| written.key == option.key) else { continue };
        let value = form::value(&option.form, &written.text, &TextPlace::NOWHERE).map_err(|wanted| {
            let line = written.line.map_or(String::new(), |line| format!(", line {line}"));
            let title = format!("`{file}`{line}: `{}` cannot be `{}`", option.key, written.text);
            SettingsFault { title, help: format!("{wanted} is wanted there") }
        })?;
        flags.push(SettingsFlag {
            flag: format!("orchestrator.{}={}", option.key, value.value.literal()),
            line: written.line,
        });
    }
    flags.extend(settings.qemu.into_iter().map(|WrittenSetting { key, text, line }| SettingsFlag {
        flag: format!("qemu.{key}={}", TomlValue::Text(text).literal()),
        line,
    }));
    Ok(flags)
}
