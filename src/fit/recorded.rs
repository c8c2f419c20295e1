//! A recording of writes, reduced to different pages by interval.

use super::dirtyrate::Unusable;
use super::{FirstScenario, FitQuantity, Parameter, file};
use crate::guest::Recording;
use crate::recordings::Recorded;
use crate::scenario::diagnostic::DiagnosticKind;
use crate::scenario::{Input, Scenario};
use crate::units::Span;

/// Tenths of a recording that differ by more than so many times make its mean a poor guide.
const CHANGES: f64 = 1.5;

/// Different pages within intervals of 1, 2, 5, 10 ms and so on, up to the whole recording, in the mean over all such intervals
/// in a row; none are shorter than those that were recorded [ns, pages].
pub fn curve(recording: &Recording, least: Span) -> Vec<(Span, f64)> {
    let decades = (0..).map_while(|power| 10u64.checked_pow(power)?.checked_mul(1_000_000));
    let steps = decades.flat_map(|decade| [1, 2, 5].map(|factor| factor * decade));
    let lengths = steps.skip_while(|ns| *ns < least.0).take_while(|ns| *ns <= recording.length().0);
    let mean = |pages: Vec<u64>| pages.iter().sum::<u64>() as f64 / pages.len() as f64;
    lengths.map(|ns| (Span(ns), mean(recording.distinct(Span(ns))))).collect()
}

/// A scenario with the guest, link and QEMU of `base` and one workload, the curve of a recording that `name` leads to from there.
///
/// # Errors
/// The recording is shorter than two of its intervals.
pub fn recorded_file(recorded: &Recorded, name: &str, base: &Scenario) -> Result<FirstScenario, Unusable> {
    let recording = &recorded.recording;
    let (origin, length) = (recording.origin(), recording.length());
    let least = if origin.has_intervals { recording.longest() } else { Span::from_ms(1) };
    let points = curve(recording, least);
    if points.len() < 2 {
        let what = format!("lasts {length}, which is no two intervals of different lengths; record a longer while");
        return Err(Unusable(what));
    }
    let mut remarks = vec![format!("Different pages by interval, from `{name}`: {recording:?}.")];
    if origin.has_intervals {
        remarks.push(format!("Pages are taken to be written evenly within each of its intervals of up to {least}."));
    }
    let mut warnings = Vec::new();
    if origin.counts_accesses {
        let what = "has accesses, and not all of them are writes: the rates are a bound from above";
        remarks.push(format!("`{name}` {what}."));
        warnings.push(format!("`{name}` {what}"));
    }
    if recorded.lost > 0 {
        warnings.push(format!(
            "`{name}` says that {} events were lost: it has fewer writes than the guest made",
            recorded.lost
        ));
    }
    let tenths = recording.distinct(Span((length.0 / 10).max(1)));
    let (fewest, most) = (tenths.iter().min().copied().unwrap_or(0), tenths.iter().max().copied().unwrap_or(0));
    let changes = most as f64 > CHANGES * fewest as f64;
    if changes {
        warnings.push(format!(
            "`{name}` changes: {fewest} to {most} different pages in a tenth of it, and the curve is the mean"
        ));
    }
    let words: Vec<String> =
        points.iter().map(|(span, pages)| format!("[\"{span}\", \"{:.0} pages\"]", pages.max(1.0))).collect();
    let workload = format!("[[guest.workload]]\nkind = \"curve\"\npoints = [{}]\n", words.join(", "));
    let mut file = file::text(base, &remarks, &workload);
    let missed = too_sharp(&file);
    if let Some(missed) = &missed {
        warnings.push(format!("`{name}` comes back to its pages in an order that no curve has: {missed}"));
    }
    if changes || missed.is_some() {
        remarks.push(format!("Kind `recording` follows `{name}` where this curve cannot, and is to be preferred."));
        file = file::text(base, &remarks, &workload);
    }
    let known = |quantity, value| Parameter { quantity, value, low: Some(value), high: Some(value), unseen: None };
    let parameters =
        vec![known(FitQuantity::Rate, recording.rate().0), known(FitQuantity::Region, recording.region().0 as f64)];
    Ok(FirstScenario { file, points, parameters, prefers_recording: changes || missed.is_some(), warnings })
}

/// By how much a scenario's curve bends more sharply than its guest can, as the loader says it.
fn too_sharp(file: &str) -> Option<String> {
    let warnings = Input::new("the measured curve", file, &[]).ok()?.load().ok()?.warnings;
    let odd = warnings.into_iter().find(|warning| warning.kind == DiagnosticKind::BendsTooSharply)?;
    Some(format!("{}, {}", odd.title, odd.label))
}
