//! A scenario's texts, read once, for whoever asks about it again and again.

use super::faults::Faults;
use super::load::{self, Loaded};
use super::setting::Setting;
use super::syntax::{self, Parsed};
use super::tree::{Table, TomlValue};
use super::{Input, InvalidInput, OwnRules, fleet, settings};

/// A scenario's texts, read and not yet understood: what [`Setting`]s are laid over.
#[derive(Clone, Debug)]
pub struct Draft {
    input: Input,
    table: Table,
    rules: OwnRules,
}

impl Input {
    /// Reads the texts, without asking what they mean.
    ///
    /// # Errors
    /// A text that is no TOML, or a flag that has no place in it; what else is wrong is said by [`Input::load`].
    pub fn draft(&self) -> Result<Draft, InvalidInput> {
        let mut faults = Faults::default();
        let mut parsed = self.parse(&mut faults);
        let table = std::mem::take(&mut parsed.table);
        match parsed.settle(faults.errors) {
            errors if errors.is_empty() => Ok(Draft { input: self.clone(), table, rules: OwnRules::default() }),
            errors => Err(InvalidInput::new(self, load::sorted(errors))),
        }
    }

    /// Whether it is a fleet: a table, or a file with entries of guests, none of which is meant alone.
    pub fn is_fleet(&self) -> bool {
        let has_guests = || self.parse(&mut Faults::default()).table.get("vm").is_some();
        self.guest().is_none() && (self.is_table() || has_guests())
    }

    /// What stands at a path in as much of the texts as can be read, those of flags included; see [`Draft::value`].
    pub fn value(&self, path: &str) -> Option<String> {
        value(&self.parse(&mut Faults::default()).table, path)
    }

    /// The tree of the file, with the `--set` flags laid over it.
    pub(super) fn parse(&self, faults: &mut Faults) -> Parsed {
        let Some(entry) = self.guest() else {
            let mut parsed = syntax::file(self.text(), faults);
            faults.incomplete = parsed.is_incomplete();
            self.set(&mut parsed.table, faults);
            settings::expand(&mut parsed.table, self.folder(), faults);
            return parsed;
        };
        let (mut parsed, _) = self.parse_fleet(faults);
        parsed.table = fleet::table_of(&parsed.table, entry, self.is_table(), faults);
        parsed
    }
}

impl Draft {
    /// With rules in the place of those that the texts name.
    pub fn ruled_by(self, rules: OwnRules) -> Draft {
        Draft { rules, ..self }
    }

    /// Understands what was read with these settings over it, and checks every value.
    ///
    /// # Errors
    /// As [`Input::load`].
    pub fn load(&self, settings: &[Setting]) -> Result<Loaded, InvalidInput> {
        let mut faults = Faults::default();
        let mut table = self.table.clone();
        settings.iter().for_each(|setting| setting.lay(&mut table, &mut faults));
        let scenario = load::read(&table, self.input.folder(), &mut faults);
        let scenario = scenario.map(|scenario| self.rules.over(scenario, &mut faults));
        load::loaded(scenario, faults.warnings, faults.errors).map_err(|errors| InvalidInput::new(&self.input, errors))
    }

    /// The text, number or switch that stands at a path such as `guest.workload.0.rate`, as it was written; `None` if the
    /// key is not there and has its default.
    pub fn value(&self, path: &str) -> Option<String> {
        value(&self.table, path)
    }
}

/// The single value at a path, as it was written.
fn value(table: &Table, path: &str) -> Option<String> {
    let mut keys = path.split('.');
    let mut at = &table.get(keys.next()?)?.node.value;
    for key in keys {
        at = match at {
            TomlValue::Table(table) => &table.get(key)?.node.value,
            TomlValue::List(list) => &list.get(key.parse::<usize>().ok()?)?.value,
            _ => return None,
        };
    }
    (!matches!(at, TomlValue::List(_) | TomlValue::Table(_) | TomlValue::Date)).then(|| at.words())
}
