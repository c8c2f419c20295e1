//! One thing that is not known of a guest.

use std::fmt;

use serde::Serialize;

use crate::scenario::Setting;
use crate::units::parse::Quantity;
use crate::units::{Pages, Share};

/// One thing that is not known of a guest, with how likely each value of it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unknown {
    /// The key that says so.
    pub key: String,
    /// What it is taken for where one answer is asked for.
    pub taken_for: String,
    #[serde(skip)]
    pub(super) law: UnknownLaw,
}

/// How likely each value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum UnknownLaw {
    /// A factor on all rates whose logarithm is normal, with this standard deviation.
    Rates(f64),
    /// Any size between two, none likelier than another.
    Zero(Pages, Pages),
    /// So much or more: one case of two is above [`OpenKey::middle`] times that, one of four above the middle's square.
    Open(OpenKey),
}

/// A key whose value is open upwards.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OpenKey {
    pub(super) path: String,
    /// The least that it may be, and its unit.
    pub(super) least: f64,
    /// How many times the least it is in the middle; every further half of the cases is as many times higher again.
    pub(super) middle: f64,
    /// The most that it may be.
    pub(super) most: f64,
    pub(super) unit: &'static str,
    /// The share of the hot part, and how fast the cold one is written [pages/s]: that is known, however fast the hot part is.
    pub(super) cold: Option<(String, f64)>,
}

/// What one value of an [`Unknown`] makes of a scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Possible {
    pub(super) settings: Vec<Setting>,
    /// Logarithm of a factor on all rates; 0: none.
    pub(super) ln_rates: f64,
}

impl Unknown {
    /// Rates that are within a factor of what they are said to be, in two cases of three.
    pub(super) fn of_rates(factor: f64) -> Unknown {
        let words = format!("{factor:.2}");
        Unknown {
            key: "guest.rate-uncertainty".to_owned(),
            taken_for: format!("within a factor of {}", words.trim_end_matches('0').trim_end_matches('.')),
            law: UnknownLaw::Rates(libm::log(factor)),
        }
    }

    /// Its value below which it lies with a chance of `chance`, above 0 and below 1.
    pub(super) fn at(&self, chance: f64) -> Possible {
        match &self.law {
            UnknownLaw::Rates(deviation) => {
                Possible { ln_rates: deviation * normal_quantile(chance), ..Possible::default() }
            }
            UnknownLaw::Zero(least, most) => {
                let pages = least.0 as f64 + chance * (most.0 - least.0) as f64;
                let bytes = Pages(pages as u64).bytes().0 as f64;
                Possible { settings: vec![Setting::amount(self.key.clone(), bytes, "B")], ..Possible::default() }
            }
            UnknownLaw::Open(open) => Possible { settings: open.at(chance), ..Possible::default() },
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unknown { key, taken_for, law } = self;
        match law {
            UnknownLaw::Rates(_) => write!(f, "how fast the guest writes (`{key}`, {taken_for})"),
            UnknownLaw::Zero(least, most) => {
                write!(
                    f,
                    "how much of RAM is zero, {} to {} (`{key}`, taken for {taken_for})",
                    least.bytes(),
                    most.bytes()
                )
            }
            UnknownLaw::Open(_) => write!(f, "a rate that is open upwards (`{key}`, taken for {taken_for})"),
        }
    }
}

impl OpenKey {
    /// The value below which it lies with a chance of `chance`.
    fn at(&self, chance: f64) -> Vec<Setting> {
        let factor = libm::pow(self.middle, -libm::log2(1.0 - chance));
        let value = (self.least * factor).min(self.most);
        let share = self.cold.as_ref().map(|(path, cold)| {
            Setting::amount(path.clone(), Share((1.0 - cold / value).max(0.0)).percent(), Share::FIGURE)
        });
        share.into_iter().chain([Setting::amount(self.path.clone(), value, self.unit)]).collect()
    }
}

/// The standard normal number below which one lies with that chance.
fn normal_quantile(chance: f64) -> f64 {
    let below = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
    let (mut low, mut high) = (-9.0, 9.0);
    while high - low > 1e-9 {
        let middle = 0.5 * (low + high);
        if below(middle) < chance { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        for (chance, table) in
            [(0.5, 0.0), (0.9, 1.281_552), (0.1, -1.281_552), (0.975, 1.959_964), (0.001, -3.090_232)]
        {
            assert!((normal_quantile(chance) - table).abs() < 1e-6, "{chance}");
        }
    }

    fn from_1000_on(middle: f64, most: f64) -> OpenKey {
        let path = "guest.workload.0.rate".to_owned();
        OpenKey { path, least: 1000.0, middle, most, unit: "pages/s", cold: None }
    }

    #[test]
    fn an_open_value_is_in_the_middle_a_known_factor_above_the_least_and_never_above_the_most() {
        let key = from_1000_on(2.0, 5000.0);
        let open = Unknown { key: key.path.clone(), taken_for: String::new(), law: UnknownLaw::Open(key) };
        let words = |chance| open.at(chance).settings[0].to_string();
        assert_eq!(words(0.5), "guest.workload.0.rate=2000 pages/s");
        assert_eq!(words(0.75), "guest.workload.0.rate=4000 pages/s");
        assert_eq!(words(0.99), "guest.workload.0.rate=5000 pages/s");
    }

    #[test]
    fn a_hot_part_that_is_faster_leaves_the_cold_one_as_it_is() {
        let cold = Some(("guest.workload.0.share".to_owned(), 100.0));
        let key = OpenKey { cold, ..from_1000_on(2.0, f64::INFINITY) };
        let words: Vec<String> = key.at(0.5).iter().map(Setting::to_string).collect();
        assert_eq!(words, ["guest.workload.0.share=95 %", "guest.workload.0.rate=2000 pages/s"]);
    }
}
