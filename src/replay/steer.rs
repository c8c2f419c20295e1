//! A migration under way: looks in a steady rhythm, and what is done in between.

use std::sync::atomic::{AtomicBool, Ordering};

use super::clock::ClientClock;
use super::host::{Ended, HostError, JobLook, JobSeen, MigrationHost};
use super::plan::ReplayPlan;
use super::recording::ReplayRecorder;
use crate::compare::recording::Deed;
use crate::orchestrator::{Engine, JobCommand, JobStats, PolicyOrder, Polls};
use crate::qemu;
use crate::scenario::{At, When};
use crate::sim::Event;
use crate::units::{Rate, Span, Time};

/// Who cancelled a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The scenario: its orchestrator, or a command by hand.
    Ordered,
    /// The scenario's `limits.time`.
    OutOfTime,
    /// A trial: the guest was stopped for the switchover.
    Arrived,
    /// Ctrl-C.
    Interrupted,
}

pub(super) struct Steer<'a> {
    host: &'a mut dyn MigrationHost,
    pub(super) recorder: ReplayRecorder,
    engine: Option<Engine<'a>>,
    by_hand: &'a [At],
    limit: Span,
    trial: Option<Span>,
    /// As set last.
    bandwidth: Rate,
    /// When QEMU was first seen at work.
    began: Option<Span>,
    /// When it was first seen after the first pass.
    passed: Option<Span>,
    pub(super) cancelled: Option<Cancelled>,
    pub(super) post_copy: bool,
    pub(super) paused: bool,
}

impl<'a> Steer<'a> {
    pub(super) fn new(host: &'a mut dyn MigrationHost, plan: &ReplayPlan<'a>) -> Steer<'a> {
        let (scenario, downtime) = (plan.scenario, plan.request.downtime);
        Steer {
            host,
            recorder: ReplayRecorder::new(downtime),
            engine: scenario.orchestrator.as_ref().map(|policy| Engine::new(policy, downtime, Polls::Useful)),
            by_hand: &scenario.at,
            limit: scenario.limits.time,
            trial: plan.trial,
            bandwidth: scenario.qemu.params.max_bandwidth,
            began: None,
            passed: None,
            cancelled: None,
            post_copy: false,
            paused: false,
        }
    }

    /// Until it is over.
    pub(super) fn run(
        &mut self,
        clock: &mut dyn ClientClock,
        sample: Span,
        stop: &AtomicBool,
        tell: &mut impl FnMut(Span, &JobSeen),
    ) -> Result<Ended, HostError> {
        // Once Ctrl-C was heard, waiting goes on without an ear for it: the host may need time to cancel.
        let (deaf, mut heard) = (AtomicBool::new(false), false);
        let mut next_sample = Span::ZERO;
        let orders = self.engine.as_mut().map(|engine| engine.start(&JobStats::default()).to_vec());
        self.carry_out(Span::ZERO, &orders.unwrap_or_default());
        loop {
            let next = next_sample.min(self.next_poll()).min(self.next_by_hand());
            clock.wait_until(next, if heard { &deaf } else { stop });
            let now = clock.now();
            heard = stop.load(Ordering::Relaxed);
            if heard {
                self.cancel(now, Cancelled::Interrupted, "interrupted by Ctrl-C");
            }
            if self.is_over(now) {
                let why = if self.trial.is_some() { "the trial is over" } else { "limits.time is over" };
                self.cancel(now, Cancelled::OutOfTime, why);
            }
            match self.host.look()? {
                JobLook::Preparing => {}
                JobLook::Running(seen) => {
                    let seen = self.knowing(seen);
                    self.hear(clock, &seen);
                    self.began.get_or_insert(now);
                    if seen.job.memory_iteration > 1 {
                        self.passed.get_or_insert(now);
                    }
                    self.recorder.see(now, Event::Sample, seen);
                    tell(now, &seen);
                    if self.trial.is_some() && self.host.stands_still()? {
                        self.cancel(now, Cancelled::Arrived, "the guest is stopped for the switchover");
                    }
                }
                JobLook::Ended(ended) => {
                    let last = self.recorder.last();
                    self.note_syncs(clock, &last);
                    return Ok(Ended { totals: ended.totals.map(|totals| self.knowing(totals)), ..ended });
                }
            }
            // A look that took long leaves looks out.
            next_sample = Span((clock.now().0 / sample.0.max(1) + 1).saturating_mul(sample.0.max(1)));
            if self.cancelled.is_none() {
                self.orchestrate(now);
                self.operate(now);
            }
        }
    }

    /// A trial's time begins with the second pass; any other is over after `limits.time`.
    fn is_over(&self, now: Span) -> bool {
        let lasts = |since: Option<Span>, limit: Span| now.0.saturating_sub(since.unwrap_or(Span::ZERO).0) >= limit.0;
        match self.trial {
            Some(trial) => self.passed.is_some() && lasts(self.passed, trial),
            None => lasts(self.began, self.limit),
        }
    }

    /// What libvirt does not tell, but the giver of the orders knows.
    fn knowing(&self, seen: JobSeen) -> JobSeen {
        let post_copy = seen.job.post_copy || self.post_copy;
        JobSeen { job: JobStats { post_copy, paused: self.paused, ..seen.job }, ..seen }
    }

    /// Syncs that the host has told of, and what the orchestrator makes of them.
    fn hear(&mut self, clock: &dyn ClientClock, seen: &JobSeen) {
        for (at, sync) in self.note_syncs(clock, seen) {
            let job = JobStats { elapsed: at, ..sync.job };
            if let Some(engine) = self.engine.as_mut().filter(|_| self.cancelled.is_none()) {
                let orders = engine.iteration(&job).to_vec();
                self.carry_out(clock.now(), &orders);
            }
        }
    }

    /// Writes down syncs that the host has told of.
    fn note_syncs(&mut self, clock: &dyn ClientClock, seen: &JobSeen) -> Vec<(Span, JobSeen)> {
        let heard = self.host.iterations();
        let now = clock.now();
        let syncs = heard.into_iter().map(|(ago, memory_iteration)| {
            let job = JobStats { memory_iteration, ..seen.job };
            (Span(now.0.saturating_sub(ago.0)), JobSeen { job, ..*seen })
        });
        let syncs: Vec<(Span, JobSeen)> = syncs.collect();
        for (at, sync) in &syncs {
            self.recorder.see(*at, Event::Sync, *sync);
        }
        syncs
    }

    fn next_poll(&self) -> Span {
        let engine = self.engine.as_ref().filter(|_| self.cancelled.is_none());
        engine.and_then(Engine::next).unwrap_or(Span(u64::MAX))
    }

    /// What the orchestrator sees now: the last look, and its own clock.
    fn job(&self, now: Span) -> JobStats {
        JobStats { elapsed: now, ..self.knowing(self.recorder.last()).job }
    }

    /// The orchestrator's turn, if it is; its clock began with the request.
    fn orchestrate(&mut self, now: Span) {
        let job = self.job(now);
        let Some(engine) = self.engine.as_mut().filter(|engine| engine.next().is_some_and(|next| next <= now)) else {
            return;
        };
        let orders = engine.wake(&job).to_vec();
        self.carry_out(now, &orders);
    }

    fn carry_out(&mut self, now: Span, orders: &[PolicyOrder]) {
        for order in orders {
            let Some(engine) = &self.engine else { return };
            let (name, why) = (engine.policy().name, engine.policy().explain(order.why).into_owned());
            if !self.command(now, name, order.command, &why) {
                self.tell_of_refusal(now, name);
            }
        }
    }

    /// The orchestrator hears that an order was refused; what it orders then is not told of again.
    fn tell_of_refusal(&mut self, now: Span, name: &'static str) {
        let job = self.job(now);
        let Some(engine) = &mut self.engine else { return };
        let policy = engine.policy();
        for order in engine.refused(&job).to_vec() {
            self.command(now, name, order.command, &policy.explain(order.why));
        }
    }

    /// Times of `[[at]]` count from QEMU's beginning.
    fn next_by_hand(&self) -> Span {
        let (Some(at), Some(began), None) = (self.by_hand.first(), self.began, self.cancelled) else {
            return Span(u64::MAX);
        };
        match at.when {
            When::Time(time) => Span(began.0.saturating_add((time - Time::ZERO).0)),
            When::Pass(pass) if pass <= self.recorder.last().job.memory_iteration => Span::ZERO,
            When::Pass(_) => Span(u64::MAX),
        }
    }

    /// What is due of the scenario's `[[at]]`.
    fn operate(&mut self, now: Span) {
        while self.next_by_hand() <= now
            && let Some((at, rest)) = self.by_hand.split_first()
        {
            self.by_hand = rest;
            match &at.command {
                qemu::MonitorCommand::Set(params) => {
                    if params.downtime_limit != self.recorder.downtime_limit {
                        self.command(now, "operator", JobCommand::SetDowntime(params.downtime_limit), "[[at]]");
                    }
                    if params.max_bandwidth != self.bandwidth {
                        self.command(now, "operator", JobCommand::SetBandwidth(params.max_bandwidth), "[[at]]");
                    }
                }
                qemu::MonitorCommand::Pause => {
                    self.command(now, "operator", JobCommand::Pause, "[[at]]");
                }
                qemu::MonitorCommand::StartPostcopy => {
                    self.command(now, "operator", JobCommand::PostCopy, "[[at]]");
                }
                qemu::MonitorCommand::Cancel => {
                    self.command(now, "operator", JobCommand::Abort, "[[at]]");
                }
                qemu::MonitorCommand::Continue => {
                    let told = self.host.resume();
                    self.paused &= told.is_err();
                    self.note(now, "operator", "continue", "[[at]]", &told);
                }
            }
        }
    }

    /// Cancels it, as often as it takes.
    fn cancel(&mut self, now: Span, who: Cancelled, why: &str) {
        if self.cancelled.is_none() {
            self.command(now, "precopy", JobCommand::Abort, why);
            self.cancelled = self.cancelled.map(|_| who);
        }
    }

    /// Whether the host did it.
    fn command(&mut self, now: Span, by: &'static str, command: JobCommand, why: &str) -> bool {
        let told = match command {
            JobCommand::Note | JobCommand::QueueForceComplete => Ok(()),
            command => self.host.tell(command),
        };
        if told.is_ok() {
            match command {
                JobCommand::SetDowntime(limit) => self.recorder.downtime_limit = limit,
                JobCommand::SetBandwidth(rate) => self.bandwidth = rate,
                JobCommand::Abort => self.cancelled = Some(Cancelled::Ordered),
                JobCommand::PostCopy => self.post_copy = true,
                JobCommand::Pause => self.paused = true,
                _ => {}
            }
        }
        self.note(now, by, &command.to_string(), why, &told);
        told.is_ok()
    }

    fn note(&mut self, now: Span, by: &str, what: &str, why: &str, told: &Result<(), HostError>) {
        let why = match told {
            Ok(()) => why.to_owned(),
            Err(error) => format!("{why}; refused: {error}"),
        };
        self.recorder.act(now, Deed { t_ms: 0.0, by: by.to_owned(), what: what.to_owned(), why });
    }
}
