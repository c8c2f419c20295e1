//! What a guest writes by its dirty rates, as sections of a scenario.

use super::points::RatePoints;
use crate::guest::DirtyCurve;
use crate::units::{Pages, Span};

/// A workload that was measured, as a scenario has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredWorkload {
    /// Lines of its section.
    keys: String,
    /// How its rate scatters: lines of a section of their own.
    spread: Option<String>,
}

impl MeasuredWorkload {
    /// A guest with so many pages that are not zero, whose rate scatters by that share of its mean.
    pub(super) fn of(found: &RatePoints, room: Pages, scatter: Option<f64>) -> MeasuredWorkload {
        let within = |pages: f64| pages.clamp(1.0, (room.0 as f64).max(1.0));
        let keys = match found.points.as_slice() {
            [(period, pages)] => format!("kind = \"uniform\"\nrate = \"{:.0} pages/s\"\n", pages / period),
            points => {
                let spans: Vec<(Span, f64)> =
                    points.iter().map(|(s, pages)| (Span::rounded_up(s * 1e9), within(*pages))).collect();
                let words = points.iter().map(|(s, pages)| format!("[\"{s} s\", \"{:.0} pages\"]", within(*pages)));
                let words = words.collect::<Vec<_>>().join(", ");
                let open = match DirtyCurve::new(&spans, room).is_open() {
                    true => format!("steepness = {}\n", DirtyCurve::LIKELY_STEEPNESS),
                    false => String::new(),
                };
                format!("kind = \"curve\"\npoints = [{words}]\n{open}")
            }
        };
        let spread = scatter.map(|scatter| {
            let deviation = format!("{:.3}", 100.0 * scatter);
            let deviation = deviation.trim_end_matches('0').trim_end_matches('.');
            format!("law = \"log-normal\"\ndeviation = \"{deviation} %\"\n")
        });
        MeasuredWorkload { keys, spread }
    }

    /// Its sections, below those of a scenario that are named so: `` or `vm.`.
    pub fn text(&self, below: &str) -> String {
        let spread = self.spread.as_ref().map(|keys| format!("\n[{below}guest.rate-spread]\n{keys}"));
        format!("[[{below}guest.workload]]\n{}{}", self.keys, spread.unwrap_or_default())
    }
}
