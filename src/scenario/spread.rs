//! Reads how a quantity varies from run to run: `{ law = "log-normal", deviation = "20 %" }`.

use crate::units::{Share, Spread, SpreadLaw};

use super::keys::{DEVIATION, SPREAD_LAW};
use super::reader::Section;

/// Reads the section of that name, if it is there.
pub(super) fn read(section: &mut Section, key: &'static str) -> Option<Spread> {
    section.raw(key)?;
    section.section(key, |section| {
        let spread = keys(section);
        section.finish(|_| None);
        spread
    })
}

/// Reads the keys of a spread that stand among others.
pub(super) fn keys(section: &mut Section) -> Option<Spread> {
    section.require("law", "\"log-normal\"");
    let law = SPREAD_LAW.read(section);
    let deviation = DEVIATION.read(section);
    let law = law?;
    let exponential = law.value == SpreadLaw::Exponential;
    if !exponential {
        section.require("deviation", "\"20 %\"");
    }
    match deviation {
        Some(deviation) if exponential => {
            let title = format!("`{}` belongs to another law", section.path("deviation"));
            section
                .faults
                .error(&deviation.place, title, "the deviation of an exponential is its mean")
                .help("remove it, or choose `gamma`");
            None
        }
        Some(deviation) if deviation.value.0 <= 0.0 => {
            let title = format!("`{}` is zero", section.path("deviation"));
            section.faults.error(&deviation.place, title, "nothing would vary").help("remove the whole spread");
            None
        }
        Some(deviation) => Some(Spread { law: law.value, deviation: deviation.value }),
        None => exponential.then_some(Spread { law: law.value, deviation: Share::ALL }),
    }
}
