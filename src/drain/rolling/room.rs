//! What room hosts have, and where a guest goes.

use crate::scenario::{FleetNode, Guest};
use crate::units::{Bytes, Time};

/// What a host is there for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// It is not to be emptied, or has been and takes guests again.
    Destination,
    /// It takes guests, and is to be emptied later.
    Waiting,
    /// It is being emptied.
    Emptying,
    /// It is empty, and takes guests again from then on.
    Upgrading(Time),
    /// It takes none any more.
    Gone,
}

/// A host and what is on it.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub duty: Duty,
    /// None: as much as is needed.
    memory: Option<u64>,
    vcpus: Option<u64>,
    used_memory: u64,
    used_vcpus: u64,
    /// Migrations that are on their way to it.
    pub inbound: u32,
}

/// What is missing for a guest that fits nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No host takes guests any more.
    Hosts,
    /// RAM: how much the guest needs, and the host that has most of it free.
    Memory { needs: Bytes, most: Bytes, node: usize },
    /// vCPUs, likewise.
    Vcpus { needs: u64, most: u64, node: usize },
    /// Hosts with enough RAM have too few vCPUs.
    Both { needs: Bytes, vcpus: u64 },
}

impl Room {
    pub(super) fn new(node: &FleetNode) -> Room {
        Room {
            duty: if node.drains { Duty::Waiting } else { Duty::Destination },
            memory: node.memory.map(|memory| memory.0),
            vcpus: node.vcpus.map(u64::from),
            used_memory: 0,
            used_vcpus: 0,
            inbound: 0,
        }
    }

    /// Gives a guest its place, or one on its way.
    pub(super) fn take(&mut self, guest: &Guest) {
        let (memory, vcpus) = needs(guest);
        self.used_memory += memory;
        self.used_vcpus += vcpus;
    }

    /// Takes it away.
    pub(super) fn leave(&mut self, guest: &Guest) {
        let (memory, vcpus) = needs(guest);
        self.used_memory -= memory;
        self.used_vcpus -= vcpus;
    }

    fn takes_guests(&self) -> bool {
        matches!(self.duty, Duty::Destination | Duty::Waiting)
    }

    fn free_memory(&self) -> u64 {
        self.memory.map_or(u64::MAX, |memory| memory.saturating_sub(self.used_memory))
    }

    fn free_vcpus(&self) -> u64 {
        self.vcpus.map_or(u64::MAX, |vcpus| vcpus.saturating_sub(self.used_vcpus))
    }
}

/// RAM and vCPUs that a guest needs.
pub(super) fn needs(guest: &Guest) -> (u64, u64) {
    let guest = &guest.scenario.guest;
    (guest.memory.bytes().0, u64::from(guest.vcpus))
}

/// Where a guest goes with no more than `inbound` on their way to any host: to a host that is not emptied any more before one
/// that still is, then to the one with the most RAM free, then to the one with the least in use, then to the first.
pub(super) fn place(rooms: &[Room], guest: &Guest, inbound: Option<u32>) -> Option<usize> {
    let (memory, vcpus) = needs(guest);
    let fits = |room: &Room| {
        room.takes_guests()
            && room.free_memory() >= memory
            && room.free_vcpus() >= vcpus
            && inbound.is_none_or(|most| room.inbound < most)
    };
    let rank = |room: &Room| (room.duty == Duty::Waiting, std::cmp::Reverse(room.free_memory()), room.used_memory);
    let fitting = rooms.iter().enumerate().filter(|(_, room)| fits(room));
    fitting.min_by_key(|(at, room)| (rank(room), *at)).map(|(at, _)| at)
}

/// What is missing for a guest that has no place, however few are on their way.
pub(super) fn lack(rooms: &[Room], guest: &Guest) -> Lack {
    let (memory, vcpus) = needs(guest);
    let open = || rooms.iter().enumerate().filter(|(_, room)| room.takes_guests());
    let most = |free: fn(&Room) -> u64| {
        open().map(|(at, room)| (free(room), std::cmp::Reverse(at))).max().map(|(free, at)| (free, at.0))
    };
    match (most(Room::free_memory), most(Room::free_vcpus)) {
        (Some((most, node)), _) if most < memory => Lack::Memory { needs: Bytes(memory), most: Bytes(most), node },
        (_, Some((most, node))) if most < vcpus => Lack::Vcpus { needs: vcpus, most, node },
        (Some(_), Some(_)) => Lack::Both { needs: Bytes(memory), vcpus },
        _ => Lack::Hosts,
    }
}
