//! The orchestrator's looks at the migration, and what comes of its orders.

use super::Event;
use super::event_queue::OutsideEvent;
use super::migration::{Interrupted, Migration};
use super::orders::{Orders, SwitchOver};
use super::timeline::Action;
use crate::guest::GuestMemory;
use crate::orchestrator::{Engine, JobCommand, JobStats, PolicyOrder, Why, memory_bps};
use crate::units::Bytes;

impl<M: GuestMemory> Migration<'_, M> {
    /// The migration has started.
    pub(super) fn start_orchestrator(&mut self) -> Result<(), Interrupted> {
        self.consult(|engine, job| engine.start(job).to_vec())
    }

    /// A sync was taken; the orchestrator hears of it before anything else happens.
    pub(super) fn announce_iteration(&mut self) {
        if let Some(orders) = &mut self.orders
            && orders.engine.hears_iterations()
        {
            orders.iteration = true;
            self.clock.set(OutsideEvent::Orchestrator, self.clock.now());
        }
    }

    /// The orchestrator's turn: what it hears and what it sees.
    pub(super) fn orchestrate(&mut self) -> Result<(), Interrupted> {
        let now = self.clock.now();
        let Some(orders) = &mut self.orders else { return Ok(()) };
        let due = orders.next() <= now;
        if std::mem::take(&mut orders.iteration) {
            self.consult(|engine, job| engine.iteration(job).to_vec())?;
        }
        if due {
            self.consult(|engine, job| engine.wake(job).to_vec())?;
        }
        Ok(())
    }

    fn consult(&mut self, ask: impl FnOnce(&mut Engine, &JobStats) -> Vec<PolicyOrder>) -> Result<(), Interrupted> {
        let job = self.job_stats();
        let Some(orders) = &mut self.orders else { return Ok(()) };
        let told = ask(&mut orders.engine, &job);
        let next = orders.next();
        if orders.engine.is_unsure() {
            return Err(Interrupted::Unsure);
        }
        self.clock.set(OutsideEvent::Orchestrator, next);
        told.into_iter().try_for_each(|order| self.carry_out(order))
    }

    /// What `virDomainGetJobStats` would say now.
    fn job_stats(&self) -> JobStats {
        JobStats {
            elapsed: self.clock.elapsed(),
            memory_iteration: self.throttler.sync_count(),
            memory_total: self.scenario.guest.memory.bytes(),
            memory_processed: Bytes(self.sender.transferred()),
            memory_remaining: self.sender.remaining(),
            memory_bps: memory_bps(self.sender.estimate().mbps),
            memory_dirty_rate: self.throttler.dirty_pages_rate(),
            auto_converge_throttle: self.throttler.felt().pct(),
            downtime: self.sender.shown_expected_downtime(self.throttler.sync_count()),
            post_copy: self.postcopy_requested,
            paused: self.throttler.halted().is_some(),
        }
    }

    fn carry_out(&mut self, order: PolicyOrder) -> Result<(), Interrupted> {
        let mut refused = None;
        let event = match order.command {
            JobCommand::SetDowntime(limit) => {
                let times = limit.0 as f64 / self.sender.params().downtime_limit.0 as f64;
                self.sender.set_params(|params| params.downtime_limit = limit);
                self.repeats.iter_mut().for_each(|repeats| repeats.scale_threshold(times));
                Event::Set
            }
            JobCommand::SetBandwidth(rate) => {
                self.sender.set_params(|params| params.max_bandwidth = rate);
                self.forget_repeats();
                Event::Set
            }
            JobCommand::Pause => {
                self.throttler.halt(self.clock.now());
                self.forget_repeats();
                Event::Pause
            }
            JobCommand::PostCopy if self.scenario.qemu.capabilities.postcopy_ram => {
                self.postcopy_requested = true;
                Event::StartPostcopy
            }
            JobCommand::PostCopy => {
                refused = Some("the capability `postcopy-ram` is off");
                Event::Note
            }
            JobCommand::SwitchOver | JobCommand::SwitchOverAfterPass => {
                let when =
                    if order.command == JobCommand::SwitchOver { SwitchOver::Now } else { SwitchOver::AfterPass };
                if let Some(orders) = &mut self.orders {
                    orders.switch_over = Some((when, order.why));
                }
                Event::Note
            }
            JobCommand::Abort => Event::Abort,
            JobCommand::QueueForceComplete | JobCommand::Note => Event::Note,
        };
        self.note(order, event, refused);
        if refused.is_some() {
            self.tell_of_refusal()?;
        }
        if order.command == JobCommand::Abort { Err(Interrupted::Aborted(order.why)) } else { Ok(()) }
    }

    /// The orchestrator hears that an order was refused, unless it gave that order for the same reason.
    fn tell_of_refusal(&mut self) -> Result<(), Interrupted> {
        let Some(orders) = self.orders.as_mut().filter(|orders| !orders.refusing) else { return Ok(()) };
        orders.refusing = true;
        let answer = self.consult(|engine, job| engine.refused(job).to_vec());
        if let Some(orders) = &mut self.orders {
            orders.refusing = false;
        }
        answer
    }

    /// Writes an action down: always into the list, and into the timeline where there is one.
    fn note(&mut self, order: PolicyOrder, event: Event, refused: Option<&'static str>) {
        let Some(orders) = &self.orders else { return };
        let policy = orders.engine.policy();
        let action = Action::new(self.clock.now(), policy.name, order.command, policy.explain(order.why), refused);
        if let Some(action) = self.recorder.act(action) {
            let detail = action.to_string();
            self.record_detailed(event, detail);
        }
    }

    /// Who gave an order, and why.
    pub(super) fn explain(&self, why: Why) -> (&'static str, String) {
        let explain = |orders: &Orders| (orders.engine.policy().name, orders.engine.policy().explain(why).into_owned());
        self.orders.as_ref().map_or(("", String::new()), explain)
    }

    /// Who ordered the guest to be stopped, and why, if anybody did.
    pub(super) fn ordered(&self) -> Option<(&'static str, String)> {
        let (_, why) = self.orders.as_ref()?.switch_over?;
        Some(self.explain(why))
    }

    /// Whether the orchestrator's order to stop the guest is due, with `pending` left.
    pub(super) fn switches_over(&self, pending: Bytes) -> bool {
        match self.orders.as_ref().and_then(|orders| orders.switch_over) {
            Some((SwitchOver::Now, _)) => true,
            Some((SwitchOver::AfterPass, _)) => pending.0 == 0,
            None => false,
        }
    }
}
