//! What a guest writes by its dirty rates, as sections of a scenario.

use super::points::RatePoints;
use crate::fit::prior;
use crate::guest::DirtyCurve;
use crate::units::{Pages, Span};

/// A workload that was measured, as a scenario has it.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredWorkload {
    /// Lines of its section.
    keys: String,
    /// Different pages by interval [ns, pages].
    points: Vec<(Span, f64)>,
    /// How many times faster the guest writes than was seen.
    unseen: Option<f64>,
}

impl MeasuredWorkload {
    /// A guest with so many pages that are not zero, by samples of its pages or by its writes.
    pub(super) fn of(found: &RatePoints, room: Pages, is_sampled: bool) -> MeasuredWorkload {
        let within = |pages: f64| pages.clamp(1.0, (room.0 as f64).max(1.0));
        let spans: Vec<(Span, f64)> =
            found.points.iter().map(|(s, pages)| (Span::rounded_up(s * 1e9), within(*pages))).collect();
        let keys = match found.points.as_slice() {
            [(period, pages)] => format!("kind = \"uniform\"\nrate = \"{:.0} pages/s\"\n", pages / period),
            points => {
                let words = points.iter().map(|(s, pages)| format!("[\"{s} s\", \"{:.0} pages\"]", within(*pages)));
                let words = words.collect::<Vec<_>>().join(", ");
                let open = match DirtyCurve::new(&spans, room).is_open() {
                    true => format!("steepness = {}\n", DirtyCurve::LIKELY_STEEPNESS),
                    false => String::new(),
                };
                format!("kind = \"curve\"\npoints = [{words}]\n{open}")
            }
        };
        MeasuredWorkload { keys, points: spans, unseen: is_sampled.then_some(prior::CONTENTS) }
    }

    /// Different pages by interval, in the order of the intervals; one point is a rate alone [ns, pages].
    pub fn points(&self) -> &[(Span, f64)] {
        &self.points
    }

    /// Its section, below those of a scenario that are named so: `` or `vm.`. What comes before it belongs to section `guest`, which
    /// ends with it.
    pub fn text(&self, below: &str) -> String {
        let unseen = self.unseen.map_or(String::new(), |factor| {
            format!(
                "# Page sampling compares contents, and so sees less than is written: in the middle so many times less.\n\
                 rate-factor = {factor}\n\n"
            )
        });
        format!("{unseen}[[{below}guest.workload]]\n{}", self.keys)
    }
}
