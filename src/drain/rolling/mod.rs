//! Several hosts, emptied one after another, as for a rolling upgrade or a rack.
//!
//! A guest leaves over the uplinks of both hosts, for a host with room. A host that is empty is upgraded, and takes guests again
//! once that is over. As many hosts as the scheduler's `hosts` are emptied or upgraded at a time, in the order of the fleet.

mod caps;
mod room;
mod timetable;

pub use room::Lack;
pub use timetable::{HostDrained, RollingDrain, RollingJudgement, Unplaced};

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use super::queue::Queue;
use super::{Attempt, DrainHost, Timetable};
use crate::link::Link;
use crate::scenario::Upgrade;
use crate::sim::shared::{Finished, Shared};
use crate::units::{Span, Time};
use caps::CappedScenarios;
use room::{Duty, Room};

/// Empties the hosts of the fleet; `done` hears of each.
pub fn roll(host: &DrainHost, done: &dyn Fn()) -> RollingDrain {
    let uplink = |rate| Link { latency: host.link().latency, ..Link::constant(rate) };
    let links = host.nodes().iter().map(|node| node.uplink.map_or_else(|| host.link().clone(), uplink));
    let links: Vec<Link> = links.collect();
    let scenarios = CappedScenarios::new(host, links.iter().map(|link| link.at(Time::ZERO).0));
    let mut shared = Shared::between(links.iter().collect(), &host.options);
    let mut roll = Roll::new(host);
    let mut told = 0;
    loop {
        roll.settle(shared.now());
        (told..roll.drained.len()).for_each(|_| done());
        told = roll.drained.len();
        while let Some((guest, from, to)) = roll.next(shared.now(), shared.len()) {
            let ends = [from, to].map(|end| links[end].at(Time::ZERO).0);
            if let Some(scenario) = scenarios.of(guest, ends) {
                shared.start_over(vec![from, to], guest, scenario.trusted(), host.seed_of(guest));
            }
        }
        let until = roll.wake_after(shared.now());
        if shared.is_empty() && until == Time::NEVER {
            if !roll.give_up(shared.now()) {
                return roll.over();
            }
            continue;
        }
        shared.advance(until).into_iter().for_each(|finished| roll.ended(finished));
    }
}

/// Hosts as they are emptied.
struct Roll<'a> {
    host: &'a DrainHost,
    /// All guests, first to last.
    sequence: Vec<usize>,
    /// Where each guest is.
    homes: Vec<usize>,
    /// Where those go that are on their way.
    on_their_way: BTreeMap<usize, usize>,
    rooms: Vec<Room>,
    /// Hosts that are still to be emptied.
    next: VecDeque<usize>,
    emptying: Vec<Emptying<'a>>,
    drained: Vec<HostDrained>,
}

/// A host that is being emptied.
struct Emptying<'a> {
    node: usize,
    start: Time,
    guests: Vec<usize>,
    queue: Queue<'a>,
    running: u32,
    attempts: Vec<Attempt>,
    to: Vec<usize>,
}

impl<'a> Roll<'a> {
    fn new(host: &'a DrainHost) -> Roll<'a> {
        let mut rooms: Vec<Room> = host.nodes().iter().map(Room::new).collect();
        let homes: Vec<usize> = host.guests().iter().map(|guest| guest.node.unwrap_or_default()).collect();
        for (guest, home) in host.guests().iter().zip(&homes) {
            rooms[*home].take(guest);
        }
        Roll {
            host,
            sequence: host.plan().sequence,
            homes,
            on_their_way: BTreeMap::new(),
            next: (0..rooms.len()).filter(|node| host.nodes()[*node].drains).collect(),
            rooms,
            emptying: Vec::new(),
            drained: Vec::new(),
        }
    }

    /// Brings hosts back whose upgrade is over, ends those that are empty, and begins others, as long as any can be.
    fn settle(&mut self, now: Time) {
        for room in &mut self.rooms {
            if matches!(room.duty, Duty::Upgrading(until) if until <= now) {
                room.duty = Duty::Destination;
            }
        }
        loop {
            while let Some(at) = self.emptying.iter().position(|host| host.queue.is_empty() && host.running == 0) {
                self.end(at, now);
            }
            let upgrading = self.rooms.iter().filter(|room| matches!(room.duty, Duty::Upgrading(_))).count();
            if self.emptying.len() + upgrading >= self.host.scheduler().hosts as usize {
                return;
            }
            let Some(node) = self.next.pop_front() else { return };
            self.begin(node, now);
        }
    }

    fn begin(&mut self, node: usize, now: Time) {
        self.rooms[node].duty = Duty::Emptying;
        let guests: Vec<usize> = self.sequence.iter().copied().filter(|guest| self.homes[*guest] == node).collect();
        let queue = Queue::new(self.host.scheduler(), guests.iter().copied(), now);
        let emptying = Emptying { node, start: now, guests, queue, running: 0, attempts: Vec::new(), to: Vec::new() };
        self.emptying.push(emptying);
    }

    /// Ends the emptying of a host; whoever still waits has no place.
    fn end(&mut self, at: usize, now: Time) {
        let Emptying { node, start, guests, queue, attempts, to, .. } = self.emptying.remove(at);
        let unplaced =
            queue.guests().map(|guest| Unplaced { guest, lack: room::lack(&self.rooms, &self.host.guests()[guest]) });
        let unplaced = unplaced.collect();
        let timetable = Timetable::new(attempts, guests);
        let empty = timetable.stay.is_empty().then_some(now);
        let upgrade = self.host.nodes()[node].upgrade.unwrap_or(Upgrade::Takes(Span::ZERO));
        let back = match upgrade {
            Upgrade::Takes(time) => empty.map(|empty| empty + time),
            Upgrade::Never => None,
        };
        self.rooms[node].duty = match back {
            Some(back) if back <= now => Duty::Destination,
            Some(back) => Duty::Upgrading(back),
            None => Duty::Gone,
        };
        self.drained.push(HostDrained { node, start, timetable, to, unplaced, empty, back });
    }

    /// Whoever is started now, with the hosts that it leaves and goes to: of each host one after the other.
    fn next(&mut self, now: Time, running: usize) -> Option<(usize, usize, usize)> {
        let scheduler = self.host.scheduler();
        if scheduler.per_cluster.is_some_and(|most| running >= most.max(scheduler.slots) as usize) {
            return None;
        }
        let mut free: Vec<usize> = (0..self.emptying.len()).collect();
        free.retain(|at| self.emptying[*at].running < scheduler.slots);
        free.sort_by_key(|at| self.emptying[*at].running);
        for at in free {
            let guests = self.host.guests();
            // Where one has no place, a larger one has none either.
            let smallest: Cell<Option<(u64, u64)>> = Cell::new(None);
            let place = |guest: usize| {
                let (memory, vcpus) = room::needs(&guests[guest]);
                if smallest.get().is_some_and(|least| memory >= least.0 && vcpus >= least.1) {
                    return None;
                }
                let place = room::place(&self.rooms, &guests[guest], scheduler.inbound);
                if place.is_none() {
                    smallest.set(Some((memory, vcpus)));
                }
                place
            };
            let Some((guest, to)) = self.emptying[at].queue.next(now, place) else { continue };
            self.emptying[at].running += 1;
            self.rooms[to].take(&guests[guest]);
            self.rooms[to].inbound += 1;
            self.on_their_way.insert(guest, to);
            return Some((guest, self.emptying[at].node, to));
        }
        None
    }

    /// When something is to be done next without a migration that ends.
    fn wake_after(&self, now: Time) -> Time {
        let slots = self.host.scheduler().slots;
        let queues = self.emptying.iter().filter(|host| host.running < slots).map(|host| host.queue.ready_after(now));
        let upgrades = self.rooms.iter().filter_map(|room| match room.duty {
            Duty::Upgrading(until) => Some(until),
            _ => None,
        });
        queues.chain(upgrades).min().unwrap_or(Time::NEVER)
    }

    /// A migration is over.
    fn ended(&mut self, finished: Finished) {
        let guest = finished.id;
        let (from, to) = (self.homes[guest], self.on_their_way.remove(&guest).unwrap_or_default());
        let Some(host) = self.emptying.iter_mut().find(|host| host.node == from) else { return };
        let number = host.attempts.iter().filter(|attempt| attempt.guest == guest).count() as u32 + 1;
        let attempt = Attempt::new(finished, number);
        host.running -= 1;
        host.queue.ended(attempt.tried());
        self.rooms[to].inbound -= 1;
        if attempt.is_gone() {
            self.homes[guest] = to;
        }
        self.rooms[if attempt.is_gone() { from } else { to }].leave(&self.host.guests()[guest]);
        host.attempts.push(attempt);
        host.to.push(to);
    }

    /// Gives up the first host whose guests wait for a place that never comes; whether there was one.
    fn give_up(&mut self, now: Time) -> bool {
        let stuck = !self.emptying.is_empty();
        if stuck {
            self.end(0, now);
        }
        stuck
    }

    fn over(self) -> RollingDrain {
        let end = self.drained.iter().map(HostDrained::end).max().unwrap_or(Time::ZERO);
        let mut hosts = self.drained;
        hosts.sort_by_key(|host| host.start);
        RollingDrain { hosts, end }
    }
}
