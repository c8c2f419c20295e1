//! The options of a product in section `[orchestrator]`, read as the rows of the product say.

use std::path::Path;

use crate::orchestrator::{
    Around, OptionForm, OptionMisfit, OptionValue, Policy, Product, ProductOption, SetUp, Stack, release_number,
    release_words,
};
use crate::units::parse::Quantity;
use crate::units::{Bytes, Rate, Span};

use super::diagnostic::Source;
use super::faults::clip;
use super::reader::{Foreign, FoundValue, Section, quantity};
use super::schedule_file;
use super::shape;
use super::tree;

/// Reads a product's options; `None` if one is wrong.
pub(super) fn read(
    kind: &FoundValue<&'static Product>,
    section: &mut Section,
    around: &Around,
    folder: &Path,
) -> Option<(Policy, Stack)> {
    let before = section.faults.errors.len();
    let product = kind.value;
    let options: Vec<_> = (product.options)().into_iter().map(|(option, _)| option).collect();
    let keys: Vec<_> = options.iter().map(|option| (option.key, *option)).collect();
    let mut values = values(section, &keys, folder);
    // A release that cannot be read is one fault, and no other option is held against the newest in its place.
    let is_misread = |(option, value): &(&ProductOption, Option<_>)| option.key == "release" && value.is_none();
    let is_release_unknown = section.peek("release").is_some() && values.iter().any(is_misread);
    let value = |option: &&ProductOption| values.iter_mut().find(|(of, _)| std::ptr::eq(*of, *option))?.1.take();
    let SetUp { policy, stack, misfits } = (product.set_up)(options.iter().map(value).collect(), around);
    for (key, misfit) in misfits {
        if !(is_release_unknown && matches!(misfit, OptionMisfit::OtherRelease { .. })) {
            complain(section, key, &misfit);
        }
    }
    let left = left_over(kind, section);
    section.finish(|key| left.iter().any(|left| left == key).then(|| foreign(key, product.kind)));
    (section.faults.errors.len() == before).then_some((policy, stack))
}

/// The options below one section, each with the rest of its key; dots lead to sections within.
fn values(
    section: &mut Section,
    keys: &[(&'static str, &'static ProductOption)],
    folder: &Path,
) -> Vec<(&'static ProductOption, Option<OptionValue>)> {
    let mut found = Vec::new();
    let mut rest = keys;
    while let Some((&(key, option), after)) = rest.split_first() {
        let Some((head, _)) = key.split_once('.') else {
            found.push((option, value(section, key, &option.form, folder)));
            rest = after;
            continue;
        };
        let inside = |(key, option): &(&'static str, _)| Some((key.strip_prefix(head)?.strip_prefix('.')?, *option));
        let within: Vec<_> = rest.iter().map_while(inside).collect();
        rest = &rest[within.len()..];
        found.extend(section.section(head, |inner| {
            let found = values(inner, &within, folder);
            inner.finish(|_| None);
            found
        }));
    }
    found
}

/// What stands at a key.
fn value(section: &mut Section, key: &'static str, form: &OptionForm, folder: &Path) -> Option<OptionValue> {
    let whole = |section: &mut Section, range| section.count(key, range).map(|found| u64::from(found.value));
    section.counts(key, form.unit());
    match form {
        OptionForm::Switch => section.switch(key).map(|found| OptionValue::Switch(found.value)),
        OptionForm::Count(_, range) => whole(section, range.clone()).map(OptionValue::Number),
        OptionForm::CountOrOff(_) => {
            section.expect(key, form.unit(), || shape::number(&(-1.0..=f64::from(u32::MAX))));
            let is_off = section.raw(key).is_some_and(|node| node.value.is_number("-1"));
            if is_off { Some(OptionValue::Unset) } else { whole(section, 0..=u32::MAX).map(OptionValue::Number) }
        }
        OptionForm::Whole(unit, range) => {
            let ms = if *unit == "s" { 1000 } else { 1 };
            whole(section, range.clone()).map(|number| OptionValue::Time(Span::from_ms(number * ms)))
        }
        OptionForm::Time(bare) => section.quantity(key, Some(bare)).map(|found| OptionValue::Time(found.value)),
        OptionForm::Percent(range) => {
            section.percent(key, range.clone()).map(|found| OptionValue::Number(found.value.into()))
        }
        OptionForm::Factor(range) => section.number(key, range.clone()).map(|found| OptionValue::Factor(found.value)),
        OptionForm::Size => section.quantity::<Bytes>(key, Some("B")).map(|found| OptionValue::Size(found.value)),
        OptionForm::Rate => rate(section, key).map(OptionValue::Rate),
        OptionForm::Words(words) => {
            let words: Vec<_> = words.iter().map(|word| (*word, *word)).collect();
            section.choice(key, &words, &[]).map(|found| OptionValue::Word(found.value))
        }
        OptionForm::Release(first) => release(section, key, *first).map(|number| OptionValue::Number(number.into())),
        OptionForm::Schedule => {
            let file = section.text(key)?;
            schedule_file::read(section, &file, folder).map(OptionValue::Schedule)
        }
    }
}

/// A release such as `v1.4`, as a number; `first` is the oldest one that is known.
fn release(section: &mut Section, key: &'static str, first: u32) -> Option<u32> {
    let found = section.word(key, "1.4")?;
    let text = found.value.trim();
    let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) if major < 1000 && minor < 1000 => {
            let number = release_number(major, minor);
            if number < first {
                let title = format!("`{}` is older than any release that is known", section.path(key));
                let oldest = format!("{}.{}", first / 1000, first % 1000);
                let help = format!("the rules are known from {oldest} on; name that one for the nearest");
                section.faults.error(&found.place, title, "no rules are known of it").help(help);
                return None;
            }
            Some(number)
        }
        _ => {
            let title = format!("`{}` is no release", section.path(key));
            let label = "two numbers with a dot between are wanted";
            section.faults.error(&found.place, title, label).help("write it as in \"0.53\" or \"v1.4\"");
            None
        }
    }
}

/// A rate, or bytes a second as Kubernetes writes quantities, such as `64Mi`.
fn rate(section: &mut Section, key: &'static str) -> Option<Rate> {
    section.expect(key, Rate::FIGURE, || shape::one_of([shape::quantity::<Rate>(true), shape::pattern("[KMGT]i$")]));
    let mut node = section.raw(key)?.clone();
    if let tree::TomlValue::Text(text) = &mut node.value
        && ["Ki", "Mi", "Gi", "Ti"].iter().any(|suffix| text.ends_with(suffix))
    {
        text.push_str("B/s");
    }
    quantity::<Rate>(&section.path(key), &node, Some("B/s"), section.faults).map(|rate| rate.value)
}

/// Says what is wrong with an option, if it is set.
fn complain(section: &mut Section, key: &str, misfit: &OptionMisfit) {
    let Some(place) = entry(section, key).map(|entry| entry.place.clone()) else { return };
    let path = section.path(key);
    let of = |key: &str| entry(section, key).map(|entry| entry.node.place.clone());
    let (fault, beside) = match misfit {
        OptionMisfit::OtherRelease { release, has } => {
            let when = match has.start() {
                0 => format!("was removed in release {}", release_words(has.end() + 1)),
                since => format!("exists since release {}", release_words(*since)),
            };
            let named = match of("release") {
                Some(place) => (place, "the release"),
                None => (section.place.clone(), "the newest release, where none is named"),
            };
            let title = format!("`{path}` is no option of release {}", release_words(*release));
            (section.faults.error(&place, title, when).help("remove the key, or name another `release`"), Some(named))
        }
        OptionMisfit::Needs { needed, why } => {
            let help = format!("add `{needed}`, or remove this key");
            (section.faults.error(&place, format!("`{path}` needs `{needed}`"), *why).help(help), None)
        }
        OptionMisfit::Idle { why, beside } => {
            let other = beside.and_then(|(key, what)| Some((entry(section, key)?.place.clone(), what)));
            let help = if other.is_some() { "remove one of the two" } else { "remove this key" };
            (section.faults.warn(&place, format!("`{path}` has no effect"), *why).help(help), other)
        }
        OptionMisfit::Refused { title, why, beside, help } => {
            let (value, other) = (of(key), beside.and_then(|(key, what)| Some((of(key)?, what))));
            let fault = section.faults.error(&value.unwrap_or(place), *title, *why);
            fault.help = help.map(str::to_owned);
            (fault, other)
        }
    };
    beside.map(|(place, what)| fault.note(&place, what));
}

/// What stands at a key, whose dots lead to sections within.
fn entry<'a>(section: &Section<'a>, key: &str) -> Option<&'a tree::Entry> {
    let (head, rest) = key.split_once('.').map_or((key, None), |(head, rest)| (head, Some(rest)));
    rest.into_iter().flat_map(|rest| rest.split('.')).try_fold(section.peek(head)?, |entry, part| {
        if let tree::TomlValue::Table(table) = &entry.node.value { table.get(part) } else { None }
    })
}

/// Keys of the file, where a flag names the product: they belong to the one that the file names.
fn left_over(kind: &FoundValue<&'static Product>, section: &Section) -> Vec<String> {
    let is_flag = kind.place.source != Source::File;
    let of_file = section.entries().iter().filter(|entry| is_flag && entry.place.source == Source::File);
    of_file.map(|entry| entry.key.clone()).collect()
}

fn foreign(key: &str, name: &str) -> Foreign {
    Foreign {
        title: format!("`orchestrator.{}` is no option of {name}", clip(key)),
        label: format!("the file's, and `--set` names {name}"),
        help: format!(
            "`--set 'orchestrator={{ kind = \"{name}\" }}'` puts {name} with its defaults in place of the whole section"
        ),
    }
}
