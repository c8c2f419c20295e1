//! Options of an orchestrator as levers: what can be tried of each follows from what stands at its key.

use std::ops::RangeInclusive;

use crate::orchestrator::{OptionForm, OptionValue, PRODUCTS, Product, ProductOption};
use crate::scenario::{Draft, Setting};
use crate::units::Rate;
use crate::units::parse::parse;

use super::ladder::{REACH, Rung, bandwidths, halves, three_digits, three_digits_down, told};
use super::lever::{lever, percent, switch};
use super::{Ladder, PlanLever};

/// Why a limit cannot be raised.
const NO_LIMIT: &str = "there is no limit of its own";

/// What the key of an option begins with.
const SECTION: &str = "orchestrator.";

/// The names of all options of all products that are levers.
pub(super) fn names() -> impl Iterator<Item = String> {
    let options = PRODUCTS.iter().flat_map(|product| (product.options)());
    options.filter(|(option, _)| option.is_lever).map(|(option, _)| format!("{SECTION}{}", option.key))
}

/// Those of the product that the draft names.
pub(super) fn of_product(draft: &Draft) -> Vec<PlanLever> {
    let options = options(draft).into_iter().filter(|(option, _)| option.is_lever);
    options.filter_map(|(option, default)| of(option, &default, draft)).collect()
}

/// The lever of that name, if the product that the draft names has it.
pub(super) fn named(name: &str, draft: &Draft) -> Option<PlanLever> {
    let key = name.strip_prefix(SECTION)?;
    let (option, default) = options(draft).into_iter().find(|(option, _)| option.key == key && option.is_lever)?;
    of(option, &default, draft)
}

/// The product that the draft names.
pub(super) fn product(draft: &Draft) -> Option<&'static Product> {
    draft.value("orchestrator.kind").and_then(|kind| Product::find(&kind))
}

/// Whether a key may differ from guest to guest: options of QEMU may, and those that the product says.
pub(super) fn is_per_guest(name: &str, draft: &Draft) -> bool {
    match (name.strip_prefix(SECTION), product(draft)) {
        (Some(key), Some(product)) => product.is_per_guest(key),
        _ => true,
    }
}

fn options(draft: &Draft) -> Vec<(&'static ProductOption, OptionValue)> {
    product(draft).map_or_else(Vec::new, |product| (product.options)())
}

fn of(option: &ProductOption, default: &OptionValue, draft: &Draft) -> Option<PlanLever> {
    let name = format!("{SECTION}{}", option.key);
    let written = draft.value(&name);
    match &option.form {
        OptionForm::Switch => {
            let now = written.map_or(*default == OptionValue::Switch(true), |written| written == "true");
            Some(switch(&name, now))
        }
        OptionForm::Words(words) => {
            let now = match (written, default) {
                (Some(written), _) => written,
                (None, OptionValue::Word(word)) => (*word).to_owned(),
                _ => "default".to_owned(),
            };
            let others = words.iter().filter(|word| **word != now);
            let rung = |word: &&str| Ladder::switch(Rung::word(word, vec![Setting::new(name.clone(), *word)]));
            Some(lever(&name, now.clone(), others.map(rung).collect::<Vec<_>>()))
        }
        OptionForm::Count(unit, _) | OptionForm::CountOrOff(unit) if per_unit(unit).is_some() => {
            Some(limit(&name, number(written, default, unit), unit))
        }
        OptionForm::Count(unit, range) | OptionForm::Whole(unit, range) => {
            Some(whole(&name, number(written, default, unit), number(None, default, unit), unit, range))
        }
        OptionForm::CountOrOff(unit) => {
            let (now, usual) = (number(written, default, unit), number(None, default, unit));
            Some(whole(&name, now, usual, unit, &(1..=u32::MAX)))
        }
        OptionForm::Percent(range) => {
            let now = number(written, default, "%").filter(|now| (0.0..=255.0).contains(now))?;
            Some(percent(&name, now as u8, range))
        }
        OptionForm::Time(unit) => {
            let now = number(written, default, unit)?;
            let rung = |size: f64| Rung { value: told(size, unit), ..Rung::of(&name, size, unit) };
            let up = Ladder::of_sizes(three_digits(now, now * REACH), rung);
            let down = Ladder::of_sizes(three_digits_down(now, now / REACH), rung);
            Some(lever(&name, told(now, unit), [up, down]))
        }
        OptionForm::Rate => {
            let of_default = if let OptionValue::Rate(rate) = default { Some(*rate) } else { None };
            let now = written.as_ref().map_or(of_default, |written| parse::<Rate>(written, Some("B/s")).ok());
            match now.filter(|rate| rate.0 > 0) {
                Some(rate) => Some(lever(&name, rate, [bandwidths(&name, rate)])),
                None => Some(PlanLever { note: Some(NO_LIMIT), ..lever(&name, "no limit", []) }),
            }
        }
        OptionForm::Factor(_) | OptionForm::Size | OptionForm::Release(_) | OptionForm::Schedule => None,
    }
}

/// Bytes a second of one unit of a rate; none of a unit of anything else.
fn per_unit(unit: &str) -> Option<f64> {
    parse::<Rate>(&format!("1 {unit}"), None).ok().map(|rate| rate.0 as f64)
}

/// More of a limit to the bandwidth. Less of it is nothing for a migration that is looked at alone.
fn limit(name: &str, now: Option<f64>, unit: &str) -> PlanLever {
    let rung = |size: f64| Rung::bare(name, size, unit);
    let Some(now) = now.filter(|now| *now > 0.0) else {
        return PlanLever { note: Some(NO_LIMIT), ..lever(name, "no limit", []) };
    };
    let up = three_digits(now, now * 1000.0).into_iter().filter(|size| size.fract() == 0.0);
    lever(name, rung(now).value, [Ladder::of_sizes(up, rung).around(now, now)])
}

/// Limits to the bandwidth of each migration, halved again and again from the link downwards; none where the key is no such limit.
pub(super) fn caps(name: &str, link: Rate, draft: &Draft) -> Option<Ladder> {
    let key = name.strip_prefix(SECTION)?;
    let (option, _) = options(draft).into_iter().find(|(option, _)| option.key == key)?;
    // A rate is written with its unit, a count without.
    let (unit, written) = match &option.form {
        OptionForm::Rate => ("MiB/s", "MiB/s"),
        OptionForm::Count(unit, _) | OptionForm::CountOrOff(unit) => (*unit, ""),
        _ => return None,
    };
    let most = link.0 as f64 / per_unit(unit)?;
    let rung = |size: f64| Rung { value: format!("{size} {unit}"), ..Rung::of(name, size, written) };
    Some(Ladder::of_sizes(halves(most), rung))
}

/// The number that stands at a key, in the option's unit; none where it is not set and the default is no number, or where it has
/// a unit of its own.
fn number(written: Option<String>, default: &OptionValue, unit: &str) -> Option<f64> {
    let per_second = if unit == "ms" { 1e3 } else { 1.0 };
    match (written, default) {
        (Some(written), _) => written.trim_end_matches(unit).trim().parse().ok(),
        (None, OptionValue::Number(number)) => Some(*number as f64),
        (None, OptionValue::Time(span)) => Some(span.seconds() * per_second),
        (None, _) => None,
    }
}

/// Whole numbers of three digits above what it is, and below; all of the range where it is not known. `usual` is its default, where
/// that is a number.
fn whole(name: &str, now: Option<f64>, usual: Option<f64>, unit: &str, range: &RangeInclusive<u32>) -> PlanLever {
    let (least, most) = (f64::from((*range.start()).max(1)), f64::from(*range.end()));
    let from = now.unwrap_or(0.0).max(least - 0.5);
    let rung = |size: f64| Rung::bare(name, size, unit);
    let is_whole = |size: &f64| size.fract() == 0.0;
    // Of a mere number, such as steps or channels, ten times as much is a lot already.
    let least_reach = if unit.is_empty() { 10.0 } else { 100.0 };
    let up = three_digits(from, most.min(from.max(least_reach) * REACH)).into_iter().filter(is_whole);
    let down = three_digits_down(from, least).into_iter().filter(|size| is_whole(size) && *size >= least);
    let ladders = [Ladder::of_sizes(up, rung), Ladder::of_sizes(down, rung)];
    // What is not known is near to nothing, and far from nothing.
    let ladders = ladders.map(|ladder| match now {
        Some(now) if now > 0.0 => ladder.around(now, usual.unwrap_or(now)),
        _ => ladder,
    });
    lever(name, now.map_or("default".to_owned(), |now| rung(now).value), ladders)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Input;

    fn draft(sets: &[&str]) -> Draft {
        let text = "guest.memory = \"8 GiB\"\nlink.bandwidth = \"10 Gbit/s\"\n";
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        Input::new("a.toml", text, &sets).unwrap().draft().unwrap()
    }

    fn rungs(name: &str, sets: &[&str]) -> (String, Vec<Vec<String>>) {
        let lever = named(name, &draft(sets)).unwrap();
        let values = |ladder: &Ladder| ladder.rungs.iter().map(|rung| rung.value.clone()).collect();
        (lever.now, lever.ladders.iter().map(values).collect())
    }

    #[test]
    fn what_can_be_tried_follows_from_the_form() {
        let nova = "orchestrator.kind=nova";
        let (now, ladders) = rungs("orchestrator.live_migration_downtime", &[nova]);
        assert_eq!((now.as_str(), ladders[0][0].as_str()), ("500 ms", "501 ms"));
        assert_eq!(ladders[1].last().unwrap(), "100 ms");
        let (now, ladders) = rungs("orchestrator.live_migration_timeout_action", &[nova]);
        assert_eq!((now.as_str(), ladders), ("abort", vec![vec!["force_complete".to_owned()]]));
        let (now, ladders) = rungs("orchestrator.live_migration_permit_post_copy", &[nova]);
        assert_eq!((now.as_str(), ladders), ("false", vec![vec!["true".to_owned()]]));
        let kubevirt = "orchestrator.kind=kubevirt";
        let (now, ladders) = rungs("orchestrator.completionTimeoutPerGiB", &[kubevirt]);
        assert_eq!((now.as_str(), ladders[0][0].as_str()), ("default", "1 s for each 10⁹ bytes"));
        let set = "orchestrator.completionTimeoutPerGiB=300";
        assert_eq!(
            rungs("orchestrator.completionTimeoutPerGiB", &[kubevirt, set]).1[0][0],
            "5 min 01 s for each 10⁹ bytes"
        );
        assert!(named("orchestrator.live_migration_downtime", &draft(&[kubevirt])).is_none());
        assert!(named("orchestrator.live_migration_downtime", &draft(&[])).is_none());
    }

    /// Every value that a lever tries is one that the option takes.
    #[test]
    fn whatever_is_tried_can_be_set() {
        for product in PRODUCTS {
            let draft = draft(&[&format!("orchestrator.kind={}", product.kind)]);
            for lever in of_product(&draft) {
                for ladder in &lever.ladders {
                    for rung in ladder.rungs.first().into_iter().chain(ladder.rungs.last()) {
                        if let Err(error) = draft.load(&rung.settings) {
                            // Two options that do not go together are told as such.
                            let said = error.to_string();
                            assert!(
                                !said.contains("unit") && !said.contains("must be"),
                                "{} {}: {said}",
                                lever.name,
                                rung.value
                            );
                        }
                    }
                }
            }
        }
    }
}
