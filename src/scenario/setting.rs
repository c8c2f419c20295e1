//! A value at a key, as a study sets it.

use std::borrow::Cow;
use std::fmt;

use super::diagnostic::{Diagnostic, Source};
use super::faults::Faults;
use super::flags;
use super::syntax;
use super::tree::{Entry, Node, Table, TextPlace, TomlValue};

/// A value at a key: what a `--set` flag says, without its text. [`Draft::load`](super::Draft::load) lays it over what the
/// user wrote; its [`Display`](fmt::Display) is that flag.
///
/// ```
/// use precopy::scenario::{Input, Setting};
///
/// let file = "[guest]\nmemory = \"16 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"";
/// let draft = Input::new("example.toml", file, &[])?.draft()?;
/// let wider = Setting::amount("link.bandwidth", 25.0, "Gbit/s");
/// assert_eq!(draft.load(&[wider.clone()])?.scenario.link.steps[0].1.to_string(), "25 Gbit/s");
/// assert_eq!(wider.to_string(), "link.bandwidth=25 Gbit/s");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setting {
    path: Cow<'static, str>,
    value: SettingValue,
}

/// What a [`Setting`] sets.
#[derive(Clone, Debug)]
pub struct SettingValue(TomlValue);

/// Where a value stands that no text has.
const PLACE: TextPlace = TextPlace { source: Source::Study, span: 0..0 };

impl Setting {
    /// Any value at a key, whose path is written as `--set` takes it.
    pub fn new(path: impl Into<Cow<'static, str>>, value: impl Into<SettingValue>) -> Setting {
        Setting { path: path.into(), value: value.into() }
    }

    /// So many of a unit, such as `GiB`, `ms` or `%`; a plain number, if the unit is empty.
    pub fn amount(path: impl Into<Cow<'static, str>>, amount: f64, unit: impl Into<Cow<'static, str>>) -> Setting {
        Setting::new(path, SettingValue::amount(amount, unit))
    }

    /// Reads what stands behind the `=` of a flag.
    ///
    /// # Errors
    /// A text with quotes or brackets that is not TOML.
    pub fn read(path: impl Into<Cow<'static, str>>, text: &str) -> Result<Setting, Box<Diagnostic>> {
        let mut faults = Faults::default();
        match syntax::flag(text.trim(), 0, Source::Study, &mut faults) {
            Some(node) if faults.errors.is_empty() => Ok(Setting::new(path, SettingValue(node.value))),
            _ => Err(Box::new(faults.errors.remove(0))),
        }
    }

    /// The key's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Puts the value in its place.
    pub(super) fn lay(&self, table: &mut Table, faults: &mut Faults) {
        let node = Node { place: PLACE, value: self.value.0.clone() };
        flags::put_at(table, &self.path, node, &PLACE, faults);
    }
}

impl SettingValue {
    /// A list of values.
    pub fn list(values: impl IntoIterator<Item = SettingValue>) -> SettingValue {
        let node = |value: SettingValue| Node { place: PLACE, value: value.0 };
        SettingValue(TomlValue::List(values.into_iter().map(node).collect()))
    }

    /// So many of a unit; a plain number, if the unit is empty.
    pub fn amount(amount: f64, unit: impl Into<Cow<'static, str>>) -> SettingValue {
        SettingValue(TomlValue::Amount(amount, unit.into()))
    }

    /// A section of keys.
    pub fn section<const N: usize>(entries: [(&str, SettingValue); N]) -> SettingValue {
        let entry = |(key, value): (&str, SettingValue)| Entry {
            key: key.to_owned(),
            place: PLACE,
            node: Node { place: PLACE, value: value.0 },
        };
        SettingValue(TomlValue::Table(Table { entries: entries.into_iter().map(entry).collect() }))
    }
}

impl From<bool> for SettingValue {
    fn from(on: bool) -> SettingValue {
        SettingValue(TomlValue::Bool(on))
    }
}

impl From<&str> for SettingValue {
    fn from(word: &str) -> SettingValue {
        SettingValue(TomlValue::Text(word.to_owned()))
    }
}

impl From<f64> for SettingValue {
    fn from(number: f64) -> SettingValue {
        SettingValue::amount(number, "")
    }
}

/// The flag's value: `link.bandwidth=25 Gbit/s`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match &self.value.0 {
            // Alone it needs no quotes.
            value @ (TomlValue::Text(_) | TomlValue::Amount(..)) => value.words(),
            value => value.literal(),
        };
        write!(f, "{}={value}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Input;

    const FILE: &str = "[guest]\nmemory = \"4 GiB\"\nzero = \"20 %\"\n\
        [[guest.workload]]\nkind = \"uniform\"\nregion = \"1 GiB\"\nrate = \"1000 pages/s\"\n\
        [link]\nbandwidth = \"10 Gbit/s\"\n[qemu]\nversion = \"10.0\"\n";

    #[test]
    fn a_path_without_end_is_a_fault() {
        let draft = Input::new("a.toml", FILE, &[]).unwrap().draft().unwrap();
        let path = "a.".repeat(100_000) + "b";
        assert!(draft.load(&[Setting::amount(path, 1.0, "")]).is_err());
    }

    #[test]
    fn a_setting_is_what_its_flag_is() {
        let step = |at: f64, rate: f64| {
            SettingValue::list([SettingValue::amount(at, "ms"), SettingValue::amount(rate, "Mbit/s")])
        };
        let start = SettingValue::section([("after-pass", 2.0.into()), ("action", "post-copy".into())]);
        let settings = [
            Setting::amount("guest.memory", 3_234_567_890.0, "B"),
            Setting::amount("guest.zero", 20.1, "%"),
            Setting::amount("guest.zero", 0.3, "GiB"),
            Setting::amount("guest.workload.0.rate", 1234.5678, "MB/s"),
            Setting::amount("guest.rate-factor", 0.1, ""),
            Setting::amount("qemu.downtime-limit", 0.3, "s"),
            Setting::amount("qemu.cpu-throttle-initial", 35.0, ""),
            Setting::new("qemu.auto-converge", true),
            Setting::new("qemu.version", "8.2"),
            Setting::new("qemu.postcopy-ram", true),
            Setting::new("link.bandwidth", SettingValue::list([step(0.0, 100.0), step(1.5, 33.3)])),
        ];
        let input = Input::new("a.toml", FILE, &[]).unwrap();
        let draft = input.draft().unwrap();
        for setting in &settings {
            let flag = setting.to_string();
            let by_flag =
                input.with_sets(&[flag]).load().unwrap_or_else(|faults| panic!("{setting}: {faults}")).scenario;
            let typed = draft.load(std::slice::from_ref(setting)).unwrap().scenario;
            assert_eq!(format!("{typed:?}"), format!("{by_flag:?}"), "{setting}");
        }
        let both = [Setting::new("qemu.postcopy-ram", true), Setting::new("at.+", start)];
        assert_eq!(both[1].to_string(), "at.+={ after-pass = 2, action = \"post-copy\" }");
        assert_eq!(draft.load(&both).unwrap().scenario.at.len(), 1);
    }

    #[test]
    fn a_setting_is_refused_as_its_flag_is() {
        let input = Input::new("a.toml", FILE, &[]).unwrap();
        let draft = input.draft().unwrap();
        for setting in [
            Setting::amount("guest.memory", -1.0, "GiB"),
            Setting::amount("guest.memory", 1.0, "ms"),
            Setting::amount("guest.vcpus", 1.5, ""),
            Setting::amount("link.bandwidth", 10.0, ""),
            Setting::amount("qemu.auto-converge", 1.0, ""),
            Setting::new("qemu.nothing", true),
        ] {
            let titles = |faults: crate::scenario::InvalidInput| -> Vec<String> {
                faults.iter().map(|fault| fault.title.clone()).collect()
            };
            let by_flag = titles(input.with_sets(&[setting.to_string()]).load().unwrap_err());
            assert_eq!(titles(draft.load(std::slice::from_ref(&setting)).unwrap_err()), by_flag, "{setting}");
        }
    }
}
