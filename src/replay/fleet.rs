//! The guests of a drain on real hosts, each migrated in a thread of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::clock::{RealClock, span};
use super::drive::{Ending, drive};
use super::host::{HostError, JobSeen, MigrationHost};
use super::plan::ReplayPlan;
use crate::drain::{DrainPlan, GuestCarrier, GuestTried, dispatch};
use crate::orchestrator::scheduler::Scheduler;
use crate::units::{Span, Time};

/// Finds the domain of a guest, given by its index, at its source.
pub type FindDomain<'a> = dyn Fn(usize) -> Result<Box<dyn MigrationHost>, HostError> + Sync + 'a;

/// Hears of a look at a guest, given by its index, or that its migration is over.
pub type HearLook<'a> = dyn Fn(usize, Option<(Span, &JobSeen)>) + Sync + 'a;

/// A drain that is to be done for real.
pub struct FleetReplay<'a> {
    /// Who is started when.
    pub scheduler: &'a Scheduler,
    /// Migrations at once, and guests first to last.
    pub plan: &'a DrainPlan,
    /// Each guest's own migration.
    pub replays: &'a [ReplayPlan<'a>],
    /// Where the guests are.
    pub find: &'a FindDomain<'a>,
    /// Cancels what runs, and starts nothing any more.
    pub stop: &'a AtomicBool,
    /// Hears of every look at a guest, and of its end.
    pub tell: &'a HearLook<'a>,
}

/// One migration of a real drain.
pub struct RealAttempt {
    /// Index of the guest.
    pub guest: usize,
    /// How often this guest was tried, from 1.
    pub number: u32,
    /// When it was asked for, since the drain began.
    pub start: Time,
    /// When it was over.
    pub end: Time,
    /// How it ended, or why it did not begin.
    pub ending: Result<Ending, HostError>,
}

impl RealAttempt {
    /// Whether the guest has left the host.
    pub fn is_gone(&self) -> bool {
        self.ending.as_ref().is_ok_and(|ending| ending.fate().is_completed())
    }
}

impl FleetReplay<'_> {
    /// Migrates the guests as the scheduler says, until no guest is left to be tried; every migration by its end. A connection that
    /// is lost ends it as `stop` does, except that nothing can be cancelled.
    pub fn run(&self) -> Vec<RealAttempt> {
        thread::scope(|scope| {
            let (send, results) = mpsc::channel();
            let (began, attempts) = (Instant::now(), Vec::new());
            let mut guests =
                RealGuests { replay: self, scope, began, send, results, under_way: 0, is_lost: false, attempts };
            dispatch(self.scheduler, self.plan, &mut guests);
            guests.attempts
        })
    }
}

/// Guests on real hosts.
struct RealGuests<'s, 'e> {
    replay: &'e FleetReplay<'e>,
    scope: &'s Scope<'s, 'e>,
    began: Instant,
    send: Sender<RealAttempt>,
    results: Receiver<RealAttempt>,
    under_way: usize,
    is_lost: bool,
    attempts: Vec<RealAttempt>,
}

impl RealGuests<'_, '_> {
    fn ended(&mut self, attempt: RealAttempt) -> GuestTried {
        let RealAttempt { guest, number, end, .. } = attempt;
        let error = attempt.ending.as_ref().map_or_else(Some, |ending| ending.error.as_ref());
        self.is_lost |= matches!(error, Some(HostError::Lost { .. } | HostError::NoConnection { .. }));
        self.under_way -= 1;
        (self.replay.tell)(guest, None);
        let tried = GuestTried { guest, number, end, is_gone: attempt.is_gone() };
        self.attempts.push(attempt);
        tried
    }
}

fn since(began: Instant) -> Time {
    Time::ZERO + span(began.elapsed())
}

impl<'e> GuestCarrier for RealGuests<'_, 'e> {
    fn now(&self) -> Time {
        since(self.began)
    }

    fn under_way(&self) -> usize {
        self.under_way
    }

    fn is_open(&self) -> bool {
        !self.is_lost && !self.replay.stop.load(Ordering::Relaxed)
    }

    fn is_given_up(&self) -> bool {
        self.under_way == 0 && !self.is_open()
    }

    fn start(&mut self, guest: usize, number: u32) {
        let (replay, began, send): (&'e FleetReplay, _, _) = (self.replay, self.began, self.send.clone());
        self.under_way += 1;
        self.scope.spawn(move || {
            let start = since(began);
            let tell = |now, seen: &JobSeen| (replay.tell)(guest, Some((now, seen)));
            let ending = (replay.find)(guest).and_then(|mut host| {
                drive(host.as_mut(), &mut RealClock::default(), &replay.replays[guest], replay.stop, tell)
            });
            // The dispatcher waits for every guest under way.
            let _ = send.send(RealAttempt { guest, number, start, end: since(began), ending });
        });
    }

    fn advance(&mut self, until: Time) -> Vec<GuestTried> {
        // Short waits, so that Ctrl-C is heard while no guest is under way.
        const NAP: Duration = Duration::from_millis(20);
        while self.now() < until && !self.is_given_up() {
            let left = Duration::from_nanos((until - self.now()).0);
            match self.results.recv_timeout(NAP.min(left)) {
                Ok(attempt) => return vec![self.ended(attempt)],
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        Vec::new()
    }
}
