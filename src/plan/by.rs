//! `--by KEY=RANGE`: levers that the user names.

use super::ladder::{Ladder, Rung, three_digits, three_digits_down};
use super::levers::names;
use super::option_lever;
use crate::scenario::Setting;
use crate::units::spelling::nearest;

/// A lever that the user names, with the values to try if they were given.
#[derive(Clone, Debug)]
pub struct By {
    /// The key.
    pub key: String,
    /// The values; `None`: those of the lever of that name.
    pub ladder: Option<Ladder>,
}

/// A text that is no lever.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ByError {
    /// A key without values that is no lever of its own.
    #[error("`{key}` is no lever of its own; write `{key}=FROM..TO` or `{key}=VALUE,VALUE`{near}")]
    Unknown {
        /// The key.
        key: String,
        /// A lever that may have been meant.
        near: String,
    },
    /// A range that has no two numbers of the same unit.
    #[error("`{0}` is no range; write two numbers, as in `link.bandwidth=1..40 Gbit/s`, or values with commas between")]
    Range(String),
    /// A value that is none.
    #[error("{0}")]
    Value(String),
}

/// Whole numbers of a range are tried one by one up to this many.
const WHOLE: f64 = 1000.0;
/// Steps of a range that begins at or below zero.
const STEPS: i32 = 200;

impl By {
    /// Reads `KEY`, `KEY=FROM..TO` or `KEY=VALUE,VALUE`.
    ///
    /// # Errors
    /// The key has no values of its own, or the range is none.
    pub fn parse(text: &str) -> Result<By, ByError> {
        let (key, values) = match text.split_once('=') {
            Some((key, values)) => (key.trim(), values.trim()),
            None => (text.trim(), ""),
        };
        if values.is_empty() {
            let known: Vec<String> = names().chain(option_lever::names()).collect();
            let near = nearest(key, known.iter().map(String::as_str))
                .map_or(String::new(), |near| format!(", or did you mean `{near}`?"));
            return match known.iter().any(|name| name == key) {
                true => Ok(By { key: key.to_owned(), ladder: None }),
                false => Err(ByError::Unknown { key: key.to_owned(), near }),
            };
        }
        let ladder = match values.split_once("..") {
            Some((from, to)) => range(key, from.trim(), to.trim()).ok_or_else(|| ByError::Range(values.to_owned()))?,
            None => {
                let rung = |value: &str| {
                    let setting = Setting::read(key.to_owned(), value).map_err(|fault| ByError::Value(fault.title))?;
                    Ok(Rung::word(value.trim(), vec![setting]))
                };
                Ladder { rungs: values.split(',').map(rung).collect::<Result<_, ByError>>()?, far: None }
            }
        };
        Ok(By { key: key.to_owned(), ladder: Some(ladder) })
    }
}

/// Both ends and what lies between: `1..40 Gbit/s`, `1 Gbit/s..40 Gbit/s`, `90..10`.
fn range(key: &str, from: &str, to: &str) -> Option<Ladder> {
    let (first, unit_of_first) = number(from)?;
    let (last, unit) = number(to)?;
    if !(unit_of_first.is_empty() || unit_of_first == unit) || first == last {
        return None;
    }
    let (low, high) = (first.min(last), first.max(last));
    let between: Vec<f64> = if low.fract() == 0.0 && high.fract() == 0.0 && high - low <= WHOLE {
        (0..=(high - low) as i32).map(|step| low + f64::from(step)).collect()
    } else if low > 0.0 {
        let mut values = three_digits(low, high);
        values.insert(0, low);
        values.extend((values.last() != Some(&high)).then_some(high));
        values
    } else {
        (0..=STEPS).map(|step| low + (high - low) * f64::from(step) / f64::from(STEPS)).collect()
    };
    let rung = |size: f64| Rung::of(key, size, unit);
    Some(Ladder::of_sizes(if first > last { between.into_iter().rev().collect() } else { between }, rung))
}

/// The number that a text begins with, and its unit.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))).unwrap_or(text.len());
    let number = text[..end].replace('_', "").parse().ok()?;
    Some((number, text[end..].trim()))
}

/// Factors around `now`, upwards and downwards.
pub(super) fn factors(key: &str, now: f64) -> [Ladder; 2] {
    let rung = |size: f64| Rung::of(key, size, "");
    let up = Ladder::of_sizes(three_digits(now, (now * 1000.0).min(1000.0)), rung);
    [up, Ladder::of_sizes(three_digits_down(now, 0.001), rung)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let by = By::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        by.ladder.unwrap().rungs.into_iter().map(|rung| rung.value).collect()
    }

    #[test]
    fn a_range_has_its_ends_and_what_lies_between() {
        assert_eq!(values("a.b=1..4"), ["1", "2", "3", "4"]);
        assert_eq!(values("a.b=4..2 GiB"), ["4 GiB", "3 GiB", "2 GiB"]);
        assert_eq!(values("a.b = 1 Gbit/s .. 3 Gbit/s"), ["1 Gbit/s", "2 Gbit/s", "3 Gbit/s"]);
        assert_eq!(values("a.b=10%,30%"), ["10%", "30%"]);
        let fine = values("a.b=0.995..1.02");
        assert_eq!((fine[0].as_str(), fine[5].as_str(), fine.last().unwrap().as_str()), ("0.995", "1", "1.02"));
    }

    #[test]
    fn a_lever_needs_no_range_and_other_keys_do() {
        assert!(By::parse("link.bandwidth").unwrap().ladder.is_none());
        for (text, complaint) in [
            ("link.bandwith", "did you mean `link.bandwidth`?"),
            ("guest.vcpus", "write `guest.vcpus=FROM..TO`"),
            ("a.b=1..", "no range"),
            ("a.b=1 GiB..3 MiB", "no range"),
            ("a.b=x..y", "no range"),
        ] {
            let error = By::parse(text).unwrap_err().to_string();
            assert!(error.contains(complaint), "{text}: {error}");
        }
    }
}
