//! A real migration under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::host::{Ended, Host, HostError, Look, Seen};
use super::recording::{About, Recorder};
use super::request::Request;
use crate::compare::recording::{Deed, Recording};
use crate::orchestrator::{Command, Engine, JobStats, Order};
use crate::qemu;
use crate::scenario::{At, Scenario, When};
use crate::sim::{Event, Verdict};
use crate::units::{Span, Time};

/// What is to be done.
pub struct Plan<'a> {
    /// Guest, levers, orchestrator and what is done by hand.
    pub scenario: &'a Scenario,
    /// Flags and parameters.
    pub request: Request,
    /// Between two looks.
    pub sample: Span,
    /// The scenario's text, to be kept with the recording.
    pub text: String,
    /// What was set beside it.
    pub sets: Vec<String>,
}

/// The client's clock; it starts when the migration is asked for.
pub trait Clock {
    /// Now.
    fn now(&self) -> Span;
    /// Waits until then, or until `stop` is set.
    fn wait_until(&mut self, at: Span, stop: &AtomicBool);
}

/// The clock on the wall.
pub struct RealClock(Instant);

impl Default for RealClock {
    fn default() -> RealClock {
        RealClock(Instant::now())
    }
}

impl Clock for RealClock {
    fn now(&self) -> Span {
        Span(u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn wait_until(&mut self, at: Span, stop: &AtomicBool) {
        // Short sleeps, so that Ctrl-C is heard at once.
        const NAP: Duration = Duration::from_millis(20);
        while !stop.load(Ordering::Relaxed) {
            let left = at.0.saturating_sub(self.now().0);
            if left == 0 {
                return;
            }
            std::thread::sleep(NAP.min(Duration::from_nanos(left)));
        }
    }
}

/// How the drive ended.
pub struct Ending {
    /// What was seen, also where it ended badly.
    pub recording: Recording,
    /// The host failed on the way.
    pub error: Option<HostError>,
    /// It was cancelled by Ctrl-C.
    pub interrupted: bool,
    /// It was cancelled as the scenario says: by its orchestrator, by hand, or at its time limit.
    pub ordered_end: bool,
}

/// Starts a migration, steers it, and writes down what is seen until it is over.
///
/// `stop` cancels it; it is then waited for until the host says that it is over.
///
/// # Errors
/// It could not be started, and nothing was done.
pub fn drive(
    host: &mut dyn Host,
    clock: &mut dyn Clock,
    plan: &Plan,
    stop: &AtomicBool,
    mut tell: impl FnMut(Span, &Seen),
) -> Result<Ending, HostError> {
    let domain = host.domain()?;
    if domain.busy {
        return Err(HostError::Refused(format!(
            "a migration of `{}` is in progress already; watch it with `precopy watch`, or cancel it first",
            domain.name
        )));
    }
    if domain.state != "running" {
        return Err(HostError::Refused(format!(
            "domain `{}` is {}, not running; start or resume it first",
            domain.name, domain.state
        )));
    }
    host.start(&plan.request)?;
    let about = About {
        qemu: format!("{}.{}", domain.qemu.0, domain.qemu.1),
        domain: domain.name,
        scenario: plan.text.clone(),
        sets: plan.sets.clone(),
    };
    let mut drive = Drive {
        host,
        recorder: Recorder::new(plan.request.downtime),
        engine: plan.scenario.orchestrator.as_ref().map(|policy| Engine::new(policy, plan.request.downtime, true)),
        by_hand: &plan.scenario.at,
        aborted: false,
        out_of_time: false,
        post_copy: false,
        paused: false,
    };
    let outcome = drive.run(clock, plan, stop, &mut tell);
    let interrupted = stop.load(Ordering::Relaxed);
    let now = clock.now();
    let (ended, error) = match outcome {
        Ok(ended) => (ended, None),
        Err(error) => {
            let failure = Some(error.to_string());
            (Ended { failure, totals: None, source: "unknown".to_owned() }, Some(error))
        }
    };
    let verdict = match &ended.failure {
        Some(_) if drive.out_of_time => Verdict::NotConverged,
        Some(_) if drive.aborted => Verdict::Aborted,
        Some(_) => Verdict::Aborted,
        None if drive.post_copy => Verdict::PostCopy,
        None if drive.paused => Verdict::Paused,
        None => Verdict::Converged,
    };
    let ordered_end = drive.aborted && !interrupted;
    Ok(Ending { recording: drive.recorder.finish(now, ended, verdict, about), error, interrupted, ordered_end })
}

struct Drive<'a> {
    host: &'a mut dyn Host,
    recorder: Recorder,
    engine: Option<Engine<'a>>,
    by_hand: &'a [At],
    aborted: bool,
    out_of_time: bool,
    post_copy: bool,
    paused: bool,
}

impl Drive<'_> {
    fn run(
        &mut self,
        clock: &mut dyn Clock,
        plan: &Plan,
        stop: &AtomicBool,
        tell: &mut impl FnMut(Span, &Seen),
    ) -> Result<Ended, HostError> {
        let limit = plan.scenario.limits.time;
        let mut next_sample = Span::ZERO;
        let never = AtomicBool::new(false);
        let start = self.engine.as_mut().map(|engine| engine.start(&JobStats::default()).to_vec());
        self.carry_out(Span::ZERO, &start.unwrap_or_default());
        loop {
            let poll = self.engine.as_ref().and_then(Engine::next).unwrap_or(Span(u64::MAX));
            // Once it is being cancelled there is nothing to hurry for.
            let heeded = if self.aborted { &never } else { stop };
            clock.wait_until(next_sample.min(poll).min(self.next_by_hand()), heeded);
            let now = clock.now();
            if stop.load(Ordering::Relaxed) && !self.aborted {
                self.command(now, "precopy", Command::Abort, "interrupted by Ctrl-C");
            }
            if now > limit && !self.aborted {
                self.out_of_time = true;
                self.command(now, "precopy", Command::Abort, "limits.time is over");
            }
            match self.host.look()? {
                Look::Preparing => {}
                Look::Running(seen) => {
                    self.hear(&seen);
                    self.recorder.see(now, Event::Sample, seen);
                    tell(now, &seen);
                }
                Look::Ended(ended) => return Ok(ended),
            }
            next_sample = Span(now.0 - now.0 % plan.sample.0 + plan.sample.0);
            self.orchestrate(now);
            self.operate(now);
        }
    }

    /// Syncs that the host has told of.
    fn hear(&mut self, seen: &Seen) {
        for (at, iteration) in self.host.iterations() {
            let mut sync = *seen;
            sync.job.memory_iteration = iteration;
            self.recorder.see(at, Event::Sync, sync);
            let job = self.job(at, &sync);
            let orders = self.engine.as_mut().map(|engine| engine.iteration(&job).to_vec());
            self.carry_out(at, &orders.unwrap_or_default());
        }
    }

    /// The orchestrator's turn, if it is.
    fn orchestrate(&mut self, now: Span) {
        let job = self.job(now, self.recorder.last());
        let Some(engine) = &mut self.engine else { return };
        if engine.next().is_none_or(|next| next > now) {
            return;
        }
        let orders = engine.wake(&job).to_vec();
        self.carry_out(now, &orders);
    }

    /// An orchestrator's elapsed time is that of its own clock.
    fn job(&self, now: Span, seen: &Seen) -> JobStats {
        JobStats { elapsed: now, post_copy: self.post_copy, paused: self.paused, ..seen.job }
    }

    fn carry_out(&mut self, now: Span, orders: &[Order]) {
        for order in orders {
            let Some(engine) = &self.engine else { return };
            let (name, why) = (engine.policy().name, engine.policy().explain(order.why).into_owned());
            self.command(now, name, order.command, &why);
        }
    }

    fn next_by_hand(&self) -> Span {
        let pass = self.recorder.last().job.memory_iteration;
        match self.by_hand.first().map(|at| at.when) {
            Some(When::Time(time)) => time - Time::ZERO,
            Some(When::Pass(wanted)) if wanted <= pass => Span::ZERO,
            _ => Span(u64::MAX),
        }
    }

    /// What is due of the scenario's `[[at]]`.
    fn operate(&mut self, now: Span) {
        while self.next_by_hand() <= now
            && let Some((at, rest)) = self.by_hand.split_first()
        {
            self.by_hand = rest;
            let commands = match &at.command {
                qemu::Command::Set(params) => {
                    vec![Command::SetDowntime(params.downtime_limit), Command::SetBandwidth(params.max_bandwidth)]
                }
                qemu::Command::Pause => vec![Command::Pause],
                qemu::Command::StartPostcopy => vec![Command::PostCopy],
                qemu::Command::Cancel => vec![Command::Abort],
                // A guest that runs again was paused by hand before.
                qemu::Command::Continue => vec![],
            };
            for command in commands {
                self.command(now, "operator", command, "[[at]]");
            }
        }
    }

    fn command(&mut self, now: Span, by: &'static str, command: Command, why: &str) {
        let told = match command {
            Command::Note | Command::QueueForceComplete => Ok(()),
            command => self.host.tell(command),
        };
        if told.is_ok() {
            match command {
                Command::SetDowntime(limit) => self.recorder.set_downtime(limit),
                Command::Abort => self.aborted = true,
                Command::PostCopy => self.post_copy = true,
                Command::Pause => self.paused = true,
                _ => {}
            }
        }
        let why = match &told {
            Ok(()) => why.to_owned(),
            Err(error) => format!("{why}; refused: {error}"),
        };
        self.recorder.act(now, Deed { t_ms: 0.0, by: by.to_owned(), what: command.to_string(), why });
    }
}
