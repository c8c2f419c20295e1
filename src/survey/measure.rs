//! The loop of a survey.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Figures, SurveyPlan, SurveyRound, SurveyedGuest, SurveyedHost};
use crate::fit::CalcMode;
use crate::qemu::Accel;
use crate::replay::{ClientClock, HostError};
use crate::units::Span;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The release of the host's QEMU, where it is told.
    pub qemu: Option<String>,
    /// Its guests.
    pub guests: Vec<SurveyedGuest>,
    /// What they said, in order of time.
    pub looks: Vec<GuestLook>,
    /// What could not be measured, and why.
    pub left_out: Vec<String>,
    /// Everything that was planned was done.
    pub is_whole: bool,
    /// The host failed on the way.
    pub error: Option<HostError>,
}

/// A guest's figures at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestLook {
    /// Its place in the list of guests.
    pub guest: usize,
    /// When the measurement began, since the survey did.
    pub at: Span,
    /// How long it took; `None`: none was made.
    pub period: Option<Span>,
    /// What was said.
    pub figures: Figures,
}

/// Time between two looks at a measurement that should be over, and how long that is waited for.
const LOOK: Span = Span::from_ms(50);
const PATIENCE: Span = Span::from_ms(10_000);

impl Survey {
    /// All that was said of a guest, as `virsh domstats` would print it.
    pub fn text(&self, guest: usize) -> String {
        let name = &self.guests[guest].name;
        self.looks.iter().filter(|look| look.guest == guest).map(|look| look.figures.text(name)).collect()
    }

    /// All that was said, as `virsh` would print it: [`Answers`](super::Answers) reads it back.
    pub fn answers(&self) -> String {
        let qemu = self.qemu.iter().map(|qemu| format!("Running hypervisor: QEMU {qemu}\n\n"));
        let guests = self.guests.iter().map(SurveyedGuest::xml);
        let looks = self.looks.iter().map(|look| look.figures.text(&self.guests[look.guest].name));
        qemu.chain(guests).chain(std::iter::once("\n".to_owned())).chain(looks).collect()
    }
}

/// How pages of a guest are counted: under TCG only samples tell anything.
pub(super) fn counted(guest: &SurveyedGuest, wanted: CalcMode) -> CalcMode {
    if guest.accel == Accel::Tcg { CalcMode::PageSampling } else { wanted }
}

/// Measures guests of a host as planned, until `stop` or until the host is lost; what was found by then is kept.
///
/// `tell` hears of every round that is over.
pub fn measure(
    host: &mut dyn SurveyedHost,
    clock: &mut dyn ClientClock,
    guests: Vec<SurveyedGuest>,
    mut plan: SurveyPlan,
    mode: CalcMode,
    stop: &AtomicBool,
    mut tell: impl FnMut(),
) -> Survey {
    clock.restart();
    let gone = vec![false; guests.len()];
    let mut surveying = Surveying { host, clock, stop, mode, gone, found: Survey { guests, ..Survey::default() } };
    let ended = surveying.begin().and_then(|()| {
        while let Some(round) = plan.next(surveying.clock.now()) {
            if !surveying.round(&round)? {
                return Ok(false);
            }
            tell();
        }
        Ok(true)
    });
    let mut found = surveying.found;
    match ended {
        Ok(is_whole) => found.is_whole = is_whole,
        Err(error) => found.error = Some(error),
    }
    found
}

/// A survey under way.
struct Surveying<'a> {
    host: &'a mut dyn SurveyedHost,
    clock: &'a mut dyn ClientClock,
    stop: &'a AtomicBool,
    mode: CalcMode,
    gone: Vec<bool>,
    found: Survey,
}

impl Surveying<'_> {
    /// What is known without any measurement.
    fn begin(&mut self) -> Result<(), HostError> {
        self.found.qemu = self.host.qemu()?;
        for guest in 0..self.found.guests.len() {
            let figures = self.host.figures(&self.found.guests[guest].name);
            if let Some(figures) = self.kept(guest, figures)? {
                let at = self.clock.now();
                self.found.looks.push(GuestLook { guest, at, period: None, figures: figures.without_rate() });
            }
        }
        Ok(())
    }

    /// Measures; false if it was stopped.
    fn round(&mut self, round: &SurveyRound) -> Result<bool, HostError> {
        self.clock.wait_until(round.at, self.stop);
        if self.stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let at = self.clock.now();
        let mut pending = Vec::new();
        for guest in round.guests.iter().copied() {
            if !self.gone[guest] {
                let facts = &self.found.guests[guest];
                let mode = counted(facts, self.mode);
                let begun = self.host.begin(&facts.name, round.period, mode);
                pending.extend(self.kept(guest, begun)?.map(|()| guest));
            }
        }
        self.clock.wait_until(Span(at.0 + round.period.0), self.stop);
        let end = Span(at.0 + round.period.0 + PATIENCE.0);
        while !pending.is_empty() {
            // Measuring does not go on for a program that ends; what is over already is taken.
            let is_late = self.clock.now() >= end || self.stop.load(Ordering::Relaxed);
            let mut open = Vec::new();
            for guest in pending {
                let figures = self.host.figures(&self.found.guests[guest].name);
                match self.kept(guest, figures)? {
                    Some(figures) if figures.is_measured() => {
                        self.found.looks.push(GuestLook { guest, at, period: Some(round.period), figures });
                    }
                    Some(_) => open.push(guest),
                    None => {}
                }
            }
            if is_late && !self.stop.load(Ordering::Relaxed) {
                open.drain(..).for_each(|guest| {
                    let name = &self.found.guests[guest].name;
                    let why = format!("`{name}` was still being measured long after {} were over", round.period);
                    self.found.left_out.push(why);
                });
            } else if is_late {
                return Ok(false);
            }
            pending = open;
            if !pending.is_empty() {
                self.clock.wait_until(Span(self.clock.now().0 + LOOK.0), self.stop);
            }
        }
        Ok(!self.stop.load(Ordering::Relaxed))
    }

    /// What the host said of a guest; nothing, with a note, where it said no.
    fn kept<T>(&mut self, guest: usize, said: Result<T, HostError>) -> Result<Option<T>, HostError> {
        match said {
            Ok(said) => Ok(Some(said)),
            Err(error @ (HostError::NoConnection { .. } | HostError::Lost { .. })) => Err(error),
            Err(error) => {
                let name = &self.found.guests[guest].name;
                let is_gone = matches!(error, HostError::NoDomain { .. });
                self.gone[guest] |= is_gone;
                let why =
                    if is_gone { format!("`{name}` does not run any more") } else { format!("`{name}`: {error}") };
                if !self.found.left_out.contains(&why) {
                    self.found.left_out.push(why);
                }
                Ok(None)
            }
        }
    }
}
