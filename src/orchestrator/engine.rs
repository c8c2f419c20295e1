//! Runs a policy: what it does on each event.

use super::field::JobField;
use super::job::{JobCommand, JobStats};
use super::order::{PolicyOrder, Why};
use super::policy::Policy;
use super::poll::{Polls, Rhythm};
use super::registers::Registers;
use super::rule::{Act, Condition, DowntimeChange, Is, Rule, RuleEvent};
use super::stall::StallDetector;
use crate::units::Span;

/// A policy under way.
#[derive(Clone, Debug)]
pub struct Engine<'p> {
    policy: &'p Policy,
    registers: Registers,
    rhythm: Rhythm,
    /// By rule: it has fired.
    fired: Vec<bool>,
    /// By rule: since when its conditions have held.
    held: Vec<Option<Span>>,
    /// Timers up to here have rung.
    rung: Option<Span>,
    queued: bool,
    stall: Option<StallDetector>,
    polls: Polls,
    /// Polls were left out since progress was seen last.
    is_blind: bool,
    is_unsure: bool,
    orders: Vec<PolicyOrder>,
}

impl<'p> Engine<'p> {
    /// A policy at the start, with `downtime-limit` as QEMU has it.
    pub fn new(policy: &'p Policy, downtime_limit: Span, polls: Polls) -> Engine<'p> {
        Engine {
            policy,
            registers: Registers::new(policy.rises, downtime_limit),
            rhythm: Rhythm::new(policy.poll),
            fired: vec![false; policy.rules.len()],
            held: vec![None; policy.rules.len()],
            rung: None,
            queued: false,
            stall: policy.stall.map(StallDetector::new),
            polls,
            is_blind: false,
            is_unsure: false,
            orders: Vec::new(),
        }
    }

    /// The policy.
    pub fn policy(&self) -> &'p Policy {
        self.policy
    }

    /// What it remembers.
    pub fn registers(&self) -> &Registers {
        &self.registers
    }

    /// The stall detector, where there is one.
    pub fn stall(&self) -> Option<&StallDetector> {
        self.stall.as_ref()
    }

    /// When it wants to be woken next, since the start.
    pub fn next(&self) -> Option<Span> {
        let timers = self.live().filter_map(|(_, rule)| match rule.on {
            RuleEvent::Timer(at) => Some(at),
            _ => None,
        });
        timers.chain(self.polls().then(|| self.rhythm.next())).min()
    }

    /// The migration starts.
    pub fn start(&mut self, job: &JobStats) -> &[PolicyOrder] {
        self.orders.clear();
        if let Some(stall) = &mut self.stall {
            stall.start(&mut self.orders);
        }
        self.fire(|event| event == RuleEvent::Start, job);
        self.sleep();
        &self.orders
    }

    /// It is [`next`](Engine::next): a timer, a poll, or both.
    pub fn wake(&mut self, job: &JobStats) -> &[PolicyOrder] {
        self.orders.clear();
        self.fire(|event| matches!(event, RuleEvent::Timer(at) if at <= job.elapsed), job);
        self.rung = Some(job.elapsed);
        if self.polls() && self.rhythm.next() <= job.elapsed {
            self.poll(job);
        }
        self.sleep();
        &self.orders
    }

    /// A sync was taken: libvirt's iteration event.
    pub fn iteration(&mut self, job: &JobStats) -> &[PolicyOrder] {
        self.orders.clear();
        if let Some(stall) = &mut self.stall {
            stall.iteration(job, &mut self.orders);
        }
        self.fire(|event| event == RuleEvent::Iteration, job);
        &self.orders
    }

    /// An order was refused.
    pub fn refused(&mut self, job: &JobStats) -> &[PolicyOrder] {
        self.orders.clear();
        self.fire(|event| event == RuleEvent::Refused, job);
        &self.orders
    }

    /// Whether a rule fired for want of progress that a poll which was left out may have seen: what was ordered then may be
    /// wrong. It never is unless polls are [sparse](Polls::Sparse).
    pub fn is_unsure(&self) -> bool {
        self.is_unsure
    }

    /// Whether iterations are listened to.
    pub fn hears_iterations(&self) -> bool {
        self.stall.is_some() || self.live().any(|(_, rule)| rule.on == RuleEvent::Iteration)
    }

    /// The highest `downtime-limit` that it may still set, or has set; `None` where it may help a migration in any other way, or
    /// sets limits without an end.
    pub fn most_downtime(&self) -> Option<Span> {
        if self.queued || self.stall.is_some() || self.policy.decides_switchover {
            return None;
        }
        self.live().try_fold(self.registers.downtime_limit(), |most, (_, rule)| match rule.act {
            Act::Nothing | Act::Abort => Some(most),
            Act::Downtime { to: DowntimeChange::Set(limit), cap } => {
                Some(most.max(cap.map_or(limit, |cap| limit.min(cap))))
            }
            Act::Downtime { cap: Some(cap), .. } => Some(most.max(cap)),
            _ => None,
        })
    }

    fn poll(&mut self, job: &JobStats) {
        self.registers.poll(job);
        self.is_blind &= self.registers.progress_at() != Some(job.elapsed);
        if std::mem::take(&mut self.queued) && !job.post_copy {
            let command = if self.policy.forces_post_copy { JobCommand::PostCopy } else { JobCommand::Pause };
            self.orders.push(PolicyOrder { command, why: Why::Forced });
        }
        if let Some(stall) = &mut self.stall {
            stall.poll(job, &mut self.orders);
        }
        self.fire(|event| event == RuleEvent::Poll, job);
        self.rhythm.polled(job);
    }

    /// Rules that can still fire, one day.
    fn live(&self) -> impl Iterator<Item = (usize, &'p Rule)> {
        self.policy.rules.iter().enumerate().filter(|(index, rule)| !self.is_spent(*index, rule))
    }

    /// Whether a rule will never fire again. A timer rings once, whether its conditions hold then or not.
    fn is_spent(&self, index: usize, rule: &Rule) -> bool {
        let rung = matches!(rule.on, RuleEvent::Timer(at) if self.rung.is_some_and(|rung| at <= rung));
        rung || (rule.once && self.fired[index])
    }

    fn fire(&mut self, on: impl Fn(RuleEvent) -> bool, job: &JobStats) {
        for (index, rule) in self.policy.rules.iter().enumerate() {
            if !on(rule.on) || self.is_spent(index, rule) || rule.after.is_some_and(|before| !self.fired[before]) {
                continue;
            }
            let seen = &self.registers;
            // Whoever asked for post-copy goes by that at once; for the job's statistics it takes until the next poll.
            let asked = self.orders.iter().any(|order| order.command == JobCommand::PostCopy);
            let job = &JobStats { post_copy: job.post_copy || asked, ..*job };
            let holds =
                rule.when.iter().all(|condition| condition.is.holds(condition.field.of(job, seen), condition.value));
            if !self.has_held(index, rule, holds, job.elapsed) {
                continue;
            }
            self.fired[index] = true;
            self.is_unsure |= self.is_blind && rule.when.iter().any(Condition::awaits_progress);
            self.act(index, rule, job);
            if rule.last {
                break;
            }
        }
    }

    /// Whether the conditions, which `holds` says of now, have held for as long as the rule wants.
    fn has_held(&mut self, index: usize, rule: &Rule, holds: bool, now: Span) -> bool {
        let Some(hold) = rule.hold else { return holds };
        let held = &mut self.held[index];
        if !holds {
            *held = None;
            return false;
        }
        let since = *held.get_or_insert(now);
        let long = now.0.saturating_sub(since.0) >= hold.0;
        if long {
            *held = Some(now);
        }
        long
    }

    fn act(&mut self, index: usize, rule: &Rule, job: &JobStats) {
        if rule.resets_rises {
            self.registers.reset_rises();
        }
        let command = match rule.act {
            Act::Nothing => return,
            Act::Downtime { to, cap } => {
                let old = self.registers.downtime_limit();
                let new = to.of(old, cap);
                if new == old && self.registers.changed_at().is_some() {
                    return;
                }
                self.registers.set_downtime(new, job.elapsed);
                JobCommand::SetDowntime(new)
            }
            Act::Bandwidth(rate) => JobCommand::SetBandwidth(rate),
            Act::Pause => JobCommand::Pause,
            Act::PostCopy => JobCommand::PostCopy,
            Act::Abort => JobCommand::Abort,
            Act::SwitchOver => JobCommand::SwitchOver,
            Act::SwitchOverAfterPass => JobCommand::SwitchOverAfterPass,
            Act::QueueForceComplete => {
                self.queued = true;
                JobCommand::QueueForceComplete
            }
        };
        self.orders.push(PolicyOrder { command, why: Why::Rule(index) });
    }

    /// Whether any poll can still do something.
    fn polls(&self) -> bool {
        self.queued || self.stall.is_some() || self.live().any(|(_, rule)| rule.on == RuleEvent::Poll)
    }

    /// Leaves out polls at which nothing can happen.
    fn sleep(&mut self) {
        // What is queued between two polls waits for the next of them.
        let queues = |rule: &Rule| rule.on != RuleEvent::Poll && rule.act == Act::QueueForceComplete;
        let is_kept = |rule: &Rule| rule.hold.is_some() || queues(rule);
        if self.polls == Polls::All || self.queued || self.stall.is_some() || self.live().any(|(_, rule)| is_kept(rule))
        {
            return;
        }
        // Registers are kept at each poll as long as anything looks at them.
        let remembers = self.live().any(|(_, rule)| rule.when.iter().any(|condition| condition.field.is_remembered()));
        if remembers && !self.may_be_sparse() {
            return;
        }
        // A rule that waits for one that fires at polls is looked at again when that one has fired.
        let waits = |before: usize| !self.fired[before] && self.policy.rules[before].on == RuleEvent::Poll;
        let polled = self.live().filter(|(index, rule)| {
            rule.on == RuleEvent::Poll && !rule.after.is_some_and(waits) && !self.only_stops_others(*index, rule)
        });
        if let Some(until) = polled.map(|(_, rule)| self.earliest(rule)).min()
            && self.rhythm.skip_to(until)
            && remembers
        {
            self.registers.leave_out();
            self.is_blind = true;
        }
    }

    /// Whether a rule does no more than keep later ones from being looked at, at any poll: one that does so once is spent by the
    /// poll at which it did.
    fn only_stops_others(&self, index: usize, rule: &Rule) -> bool {
        let is_awaited = self.policy.rules.iter().any(|other| other.after == Some(index));
        rule.act == Act::Nothing && !rule.once && !rule.resets_rises && !is_awaited
    }

    /// Whether all that is remembered is when there was progress, and for too long none is all that counts.
    fn may_be_sparse(&self) -> bool {
        let awaits = |rule: &Rule, condition: &Condition| rule.on == RuleEvent::Poll && condition.awaits_progress();
        let is_fine = |rule: &Rule| rule.when.iter().all(|what| !what.field.is_remembered() || awaits(rule, what));
        self.polls == Polls::Sparse
            && self.registers.progress_at().is_some()
            && self.live().all(|(_, rule)| is_fine(rule))
    }

    /// Before this, since the start, the rule cannot fire.
    fn earliest(&self, rule: &Rule) -> Span {
        let bound = |condition: &Condition| match (condition.field, condition.is) {
            (JobField::TimeElapsed, Is::Above) => Span((condition.value as u64).saturating_add(1)),
            (JobField::TimeElapsed, Is::AtLeast | Is::Equal) => Span(condition.value as u64),
            (JobField::SinceProgress, Is::Above | Is::AtLeast) => {
                let before = self.rhythm.period().0.saturating_mul(LOOKS);
                let seen = self.registers.progress_at().unwrap_or(Span::ZERO);
                Span(seen.0.saturating_add(condition.value as u64).saturating_sub(before))
            }
            _ => Span::ZERO,
        };
        rule.when.iter().map(bound).max().unwrap_or(Span::ZERO)
    }
}

/// Polls before a rule that awaits progress could fire: with the second of them progress may be seen again.
const LOOKS: u64 = 4;
