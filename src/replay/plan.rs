//! A real migration as it is to be driven.

use super::request::MigrationRequest;
use crate::compare::recording::OfFleet;
use crate::scenario::Scenario;
use crate::units::Span;

/// What is to be done.
pub struct ReplayPlan<'a> {
    /// Guest, levers, orchestrator and what is done by hand.
    pub scenario: &'a Scenario,
    /// Flags and parameters.
    pub request: MigrationRequest,
    /// Between two looks.
    pub sample: Span,
    /// The scenario's text, to be kept with the recording.
    pub text: String,
    /// What was set beside it.
    pub sets: Vec<String>,
    /// Which guest it is, where the text is a fleet's.
    pub of_fleet: Option<OfFleet>,
    /// A trial, which is cancelled so long after its first pass, or once the guest is stopped for the switchover.
    pub trial: Option<Span>,
}
