//! What is assumed at worst of guests whose workload is unknown.

use std::fmt;

use super::budget::MOST_WRITTEN;
use crate::scenario::Fleet;
use crate::scenario::presets::PRESETS;
use crate::units::spelling::nearest;
use crate::units::{Bytes, Rate, parse};

/// A workload for guests of which nothing is known, at worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssumedLoad {
    /// The preset of that name.
    Preset(String),
    /// So much is written in a second, for each GiB of RAM [bytes/s], all over it.
    PerGib(Rate),
    /// More than any memory takes, all over the RAM.
    Anything,
}

impl AssumedLoad {
    /// Reads a preset's name, or a rate such as `20 MiB/s per GiB`.
    ///
    /// # Errors
    /// It is neither; says what it may be.
    pub fn parse(text: &str) -> Result<AssumedLoad, String> {
        let rate = ["per GiB", "/GiB"].iter().find_map(|ending| text.trim_end().strip_suffix(ending));
        if let Some(rate) = rate {
            let rate = parse::parse::<Rate>(rate.trim(), None).map_err(|error| error.reason)?;
            return Ok(AssumedLoad::PerGib(rate));
        }
        let names = || PRESETS.iter().map(|preset| preset.name.as_str());
        if names().any(|name| name == text) {
            return Ok(AssumedLoad::Preset(text.to_owned()));
        }
        let help = nearest(text, names()).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        Err(format!("`{text}` is neither a preset nor a rate such as `20 MiB/s per GiB`{help}"))
    }

    /// What sets the fleet's unknown guests to it, as `--set` takes it.
    pub fn sets(&self, fleet: &Fleet) -> Vec<String> {
        let unknown = fleet.guests.iter().filter(|guest| guest.is_unknown());
        let mut sets: Vec<String> = unknown
            .map(|guest| {
                let keys = match self {
                    AssumedLoad::Preset(name) => format!("preset = \"{name}\""),
                    AssumedLoad::Anything => format!("kind = \"uniform\", rate = \"{} B/s\"", MOST_WRITTEN.0),
                    AssumedLoad::PerGib(rate) => {
                        let memory = guest.scenario.guest.memory.bytes().0 as f64 / Bytes::GIB.0 as f64;
                        format!("kind = \"uniform\", rate = \"{} B/s\"", (rate.0 as f64 * memory) as u64)
                    }
                };
                format!("vm.{}.guest.workload=[{{ {keys} }}]", guest.entry)
            })
            .collect();
        // Guests of one entry are alike.
        sets.dedup();
        sets
    }
}

impl fmt::Display for AssumedLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AssumedLoad::Preset(name) => write!(f, "write like `{name}`"),
            AssumedLoad::Anything => f.write_str("write whatever they like"),
            AssumedLoad::PerGib(rate) => write!(f, "write {}/s for each GiB of RAM", Bytes(rate.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_or_a_rate_for_each_gib_is_read() {
        let rate = AssumedLoad::PerGib(Rate(20 << 20));
        for (text, load) in [
            ("20 MiB/s per GiB", Some(rate.clone())),
            ("20MiB/s/GiB", Some(rate)),
            ("redis-set-1m", Some(AssumedLoad::Preset("redis-set-1m".to_owned()))),
            ("redis-set-1n", None),
            ("20 MiB/s", None),
            ("fast per GiB", None),
        ] {
            assert_eq!(AssumedLoad::parse(text).ok(), load, "{text}");
        }
        assert!(AssumedLoad::parse("redis-set-1n").unwrap_err().contains("did you mean `redis-set-1m`?"));
    }
}
