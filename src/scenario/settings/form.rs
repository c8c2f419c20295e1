//! What another program wrote for an option, as the option's own form takes it.

use crate::orchestrator::OptionForm;
use crate::scenario::tree::{Node, TextPlace, TomlValue};
use crate::units::parse::parse;
use crate::units::{Bytes, Rate, Span};

/// The value at `place`.
///
/// # Errors
/// What is wanted, in a few words.
pub(super) fn value(form: &OptionForm, text: &str, place: &TextPlace) -> Result<Node, String> {
    let text = text.trim();
    let whole = |least: u32, most: u32| {
        let is_one = text.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number));
        let range = if most == u32::MAX { format!("from {least} on") } else { format!("from {least} to {most}") };
        if is_one { Ok(TomlValue::Number(text.to_owned())) } else { Err(format!("a whole number {range}")) }
    };
    let some = |is_one: bool, wanted: &str| {
        if is_one { Ok(TomlValue::Text(text.to_owned())) } else { Err(wanted.to_owned()) }
    };
    let value = match form {
        OptionForm::Switch => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(TomlValue::Bool(true)),
            "false" | "no" | "off" | "0" => Ok(TomlValue::Bool(false)),
            _ => Err("`true` or `false`".to_owned()),
        },
        OptionForm::Count(_, range) | OptionForm::Whole(_, range) => whole(*range.start(), *range.end()),
        OptionForm::CountOrOff(_) if text == "-1" => Ok(TomlValue::Number(text.to_owned())),
        OptionForm::CountOrOff(_) => whole(0, u32::MAX),
        OptionForm::Percent(range) => whole((*range.start()).into(), (*range.end()).into()),
        OptionForm::Factor(range) => match text.parse::<f64>() {
            Ok(number) if range.contains(&number) => Ok(TomlValue::Number(text.to_owned())),
            _ => Err(format!("a number from {} to {}", range.start(), range.end())),
        },
        OptionForm::Time(bare) => some(parse::<Span>(text, Some(bare)).is_ok(), "a time"),
        OptionForm::Size => some(parse::<Bytes>(text, Some("B")).is_ok(), "a size"),
        OptionForm::Rate => {
            let suffixed = ["Ki", "Mi", "Gi", "Ti"].iter().any(|suffix| text.ends_with(suffix));
            // Decimal suffixes of Kubernetes are bytes, and those of a rate need a unit.
            let decimal = text.strip_suffix(['k', 'M', 'G', 'T']).filter(|number| number.parse::<f64>().is_ok());
            if let Some(number) = decimal {
                let unit = &text[number.len()..];
                return Ok(Node { place: place.clone(), value: TomlValue::Text(format!("{number} {unit}B/s")) });
            }
            let read = if suffixed { parse::<Rate>(&format!("{text}B/s"), None) } else { parse(text, Some("B/s")) };
            some(read.is_ok(), "a rate, such as `64Mi`")
        }
        OptionForm::Words(words) => some(words.contains(&text), &format!("one of `{}`", words.join("`, `"))),
        OptionForm::Release(_) | OptionForm::Schedule => some(true, ""),
    };
    value.map(|value| Node { place: place.clone(), value })
}
