//! A scenario file: what `precopy run` and `precopy sweep` make of it.

use precopy::scenario::{Extent, Input};

use super::{load, outside, settle};

/// Reads the bytes as a scenario and as a template.
pub fn look(data: &[u8]) {
    if str::from_utf8(data).is_ok_and(outside::may_be_named) {
        return;
    }
    let input = match Input::from_reader("fuzz.toml", data, &[]) {
        Ok(input) => outside::nowhere(input),
        Err(unreadable) => return assert!(!unreadable.to_string().is_empty()),
    };
    load(&input);
    let template = input.template(Extent::default());
    settle(&input, template.map(|template| (template.axes.len(), template.warnings)));
    let _ = input.draft().map(|draft| draft.value("guest.workload.0.rate"));
}
