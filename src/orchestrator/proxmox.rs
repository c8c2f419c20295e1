//! Proxmox VE (orchestrators 5).

use super::field::Field;
use super::job::MAX_DOWNTIME_LIMIT;
use super::policy::Policy;
use super::poll::Poll;
use super::registers::Rises;
use super::rule::{Act, Change, Event, Is, Rule};
use super::stack::{Layer, Stack, mib_per_s};
use crate::units::{Bytes, Rate, Span};

/// Without any limit, this many bytes a second are asked for.
const UNLIMITED: Rate = Rate(16 << 30);

/// Options of a guest, and of the job.
#[derive(Clone, Debug, PartialEq)]
pub struct Proxmox {
    /// `migrate_downtime`.
    pub migrate_downtime: Span,
    /// `migrate_speed` [MiB/s]; 0: no limit.
    pub migrate_speed: u64,
    /// `bwlimit` [KiB/s]; 0: no limit.
    pub bwlimit: u64,
}

impl Default for Proxmox {
    fn default() -> Proxmox {
        Proxmox { migrate_downtime: Span::from_ms(100), migrate_speed: 0, bwlimit: 0 }
    }
}

impl Proxmox {
    /// The smaller of the two limits, or the only one.
    pub fn max_bandwidth(&self) -> Rate {
        let limits = [mib_per_s(self.migrate_speed), Rate(self.bwlimit.saturating_mul(1 << 10))];
        limits.into_iter().filter(|limit| limit.0 > 0).min().unwrap_or(UNLIMITED)
    }

    /// What it switches on, for a guest of that size.
    pub fn stack(&self, memory: Bytes) -> Stack {
        Stack {
            layer: Layer::Qemu,
            auto_converge: Some(true),
            xbzrle: Some(true),
            xbzrle_cache_size: Some(xbzrle_cache(memory)),
            postcopy_ram: Some(false),
            max_bandwidth: Some(self.max_bandwidth()),
            ..Stack::default()
        }
    }

    /// Its loop: the limit doubles at every sixth rise of what remains.
    pub fn policy(&self) -> Policy {
        let second = Span::from_ms(1000);
        let mut policy = Policy::new("proxmox", Poll { fast: Some(Span::from_ms(100)), ..Poll::every(second) });
        policy.rises = Rises::Proxmox;
        let start = Change::Set(self.migrate_downtime);
        let why = "migrate_downtime of the guest";
        policy.rules.push(Rule::new(Event::Start, Act::Downtime { to: start, cap: Some(MAX_DOWNTIME_LIMIT) }, why));
        let why = "what remains rose for the sixth time: the limit doubles";
        let double = Act::Downtime { to: Change::Times(2.0), cap: Some(MAX_DOWNTIME_LIMIT) };
        let rule = Rule::new(Event::Poll, double, why).when(Field::Rises, Is::Above, 5.0);
        policy.rules.push(Rule { resets_rises: true, ..rule });
        policy
    }
}

/// A tenth of the guest's memory, rounded up to a power of two.
pub fn xbzrle_cache(memory: Bytes) -> Bytes {
    Bytes((memory.0 / 10).next_power_of_two())
}
