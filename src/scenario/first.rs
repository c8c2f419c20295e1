//! A first scenario: from a few figures, or from none, with what else may be said beside it.

use super::Loads;
use super::faults::clip;
use crate::units::PageRate;
use crate::units::parse::{self, QuantityProblem};
use crate::units::spelling::nearest;

/// What somebody knows of a guest, as they would write it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FirstGuest {
    /// RAM.
    pub memory: Option<String>,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// The dirty rate that was measured.
    pub rate: Option<String>,
    /// A preset, or words for what runs in it.
    pub load: Option<String>,
    /// Speed of the link.
    pub link: Option<String>,
    /// It comes from a list of a host that is run through libvirt: nothing keeps a migration below the link.
    pub fills_link: bool,
}

/// Written where nothing is known.
const MEMORY: &str = "8 GiB";
const LINK: &str = "10 Gbit/s";

impl FirstGuest {
    /// The keys of the workload as lines of TOML; `None` if nothing is known of it.
    ///
    /// # Errors
    /// Neither a preset nor words that are known, or a rate without a unit.
    pub fn workload(&self) -> Result<Option<String>, String> {
        match (&self.rate, &self.load) {
            (Some(rate), _) if lacks_unit(rate) => {
                let rate = clip(rate.trim());
                Err(format!("`--dirty-rate {rate}` has no unit; write `{rate}MiB/s`, or `{rate}pages/s` of 4 KiB"))
            }
            (Some(rate), _) => Ok(Some(format!("kind = \"uniform\"\nrate = {}", quoted(rate)))),
            (None, Some(load)) => {
                let names = || super::presets::names().into_iter().map(|(name, _)| name);
                let slip = nearest(load, names()).filter(|name| name != load);
                let keys = match (names().find(|name| name == load), slip) {
                    (Some(name), _) => Some(format!("preset = {}", quoted(name))),
                    // Words of a load are none of a name that was only misspelt.
                    (None, Some(_)) => None,
                    (None, None) => Loads::default().toml(load),
                };
                keys.map(Some).ok_or_else(|| {
                    let near = slip.map_or(String::new(), |name| format!(" did you mean `{name}`?"));
                    format!("`{}` is no preset and no word for one;{near} `precopy presets` lists both", clip(load))
                })
            }
            (None, None) => Ok(None),
        }
    }

    /// The flags that lay it over a scenario.
    ///
    /// # Errors
    /// As [`FirstGuest::workload`].
    pub fn sets(&self) -> Result<Vec<String>, String> {
        let workload = self.workload()?.map(|keys| format!("guest.workload=[{{ {} }}]", keys.replace('\n', ", ")));
        let text = |path: &str, value: &Option<String>| value.as_ref().map(|value| format!("{path}={value}"));
        let vcpus = self.vcpus.map(|vcpus| format!("guest.vcpus={vcpus}"));
        let all = [text("guest.memory", &self.memory), vcpus, workload, text("link.bandwidth", &self.link)];
        Ok(all.into_iter().flatten().collect())
    }

    /// A whole scenario, which explains itself.
    ///
    /// # Errors
    /// As [`FirstGuest::workload`].
    pub fn text(&self) -> Result<String, String> {
        let memory = quoted(self.memory.as_deref().unwrap_or(MEMORY));
        let link = quoted(self.link.as_deref().unwrap_or(LINK));
        let vcpus = self.vcpus.map_or("# vcpus = 4".to_owned(), |vcpus| format!("vcpus = {vcpus}"));
        let limit = match self.fills_link {
            true => "max-bandwidth = 0              # as libvirt starts migrations; QEMU's own limit is 128 MiB/s",
            false => "# max-bandwidth = 0            # lifts QEMU's own limit of 128 MiB/s; libvirt sets none",
        };
        let workload = match self.workload()? {
            Some(keys) => format!("[[guest.workload]]\n{keys}\n"),
            None => "# [[guest.workload]]\n# preset = \"redis-set-1m\"\n#\n# [[guest.workload]]\n# kind = \"uniform\"\n# rate = \"100 MiB/s\"\n"
                .to_owned(),
        };
        Ok(format!(
            "\
# How will this guest migrate?     precopy run FILE
# What would make it work?         precopy plan FILE
# Lines that begin with `#` are examples of what else can be said: docs/scenario.md

[guest]
memory = {memory}
{vcpus}
# zero = \"20 %\"                # RAM that was never written to

# What writes to its RAM: a rate that was measured (`virsh domdirtyrate-calc`), or a preset (`precopy presets`). Without
# either the guest is taken for idle, and the answer says so. `uniform` writes to all of `region` alike, by default all of RAM:
# the most that a migration can be asked for.
{workload}
[link]
bandwidth = {link}
# migrations = 2               # at a time, this one among them

[qemu]
# version = \"10.2\"
{limit}
# auto-converge = true
# downtime-limit = \"300 ms\"

# [orchestrator]               # who starts it, with that product's rules
# kind = \"nova\"
"
        ))
    }
}

/// Whether it is a number alone. Scenario files take one as pages a second, and other flags none.
fn lacks_unit(rate: &str) -> bool {
    parse::parse::<PageRate>(rate, None).is_err_and(|error| error.problem == QuantityProblem::NoUnit)
}

/// A text of TOML, which is written as in JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Input;

    #[test]
    fn whatever_is_known_the_text_loads_and_says_the_same_as_the_flags() {
        let text = |text: &str| Some(text.to_owned());
        for first in [
            FirstGuest::default(),
            FirstGuest { memory: text("32GiB"), rate: text("1480MiB/s"), link: text("25G"), ..FirstGuest::default() },
            FirstGuest { vcpus: Some(8), load: text("build-farm"), link: text("25GbE"), ..FirstGuest::default() },
            FirstGuest { load: text("nginx/php"), ..FirstGuest::default() },
        ] {
            let written = Input::new("first.toml", &first.text().unwrap(), &[]).unwrap().load().unwrap();
            let bare = FirstGuest::default().text().unwrap();
            let laid = Input::new("first.toml", &bare, &first.sets().unwrap()).unwrap().load().unwrap();
            assert_eq!(format!("{:?}", written.scenario.guest), format!("{:?}", laid.scenario.guest), "{first:?}");
            assert_eq!(format!("{:?}", written.scenario.link), format!("{:?}", laid.scenario.link), "{first:?}");
            assert_eq!(written.warnings, [], "{first:?}");
        }
        let slip = FirstGuest { load: text("redis-set-1n"), ..FirstGuest::default() };
        assert!(slip.text().unwrap_err().contains("did you mean `redis-set-1m`?"));
        let bare = FirstGuest { rate: text("1480"), ..FirstGuest::default() };
        assert!(bare.sets().unwrap_err().contains("`1480MiB/s`, or `1480pages/s`"));
    }
}
