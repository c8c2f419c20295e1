//! A scenario that is made of measurements without a search.

use super::Parameter;
use crate::units::Span;

/// A scenario as a file, and what is to be known of it.
#[derive(Clone, Debug)]
pub struct FirstScenario {
    /// Its text.
    pub file: String,
    /// Different pages by interval, in the order of the intervals; one point is a rate alone [ns, pages].
    pub points: Vec<(Span, f64)>,
    /// Quantities that were measured.
    pub parameters: Vec<Parameter>,
    /// Whether a workload of kind `recording` tells more than the curve that the file has.
    pub prefers_recording: bool,
    /// What should be known before relying on it.
    pub warnings: Vec<String>,
}
