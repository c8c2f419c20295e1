//! Proxmox VE (orchestrators 5).

use crate::orchestrator::job::MAX_DOWNTIME_LIMIT;
use crate::orchestrator::option::{OptionForm, count, options, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, JobField, Orchestrator, Policy, Poll, Rises, Rule, RuleEvent, Stack, Tunnel,
};
use crate::units::{Bytes, Rate, Span};

/// Without any limit, this many bytes a second are asked for.
const UNLIMITED: Rate = Rate(16 << 30);

options! {
    /// Options of a guest, and of the job.
    pub struct Proxmox {
        /// First limit.
        migrate_downtime: Span = Span::from_ms(100), "migrate_downtime" OptionForm::Time("s");
        /// Limit of the guest.
        migrate_speed: u64 = 0, "migrate_speed" count("MiB/s"), remark("; 0: none");
        /// Limit of the job.
        bwlimit: u64 = 0, "bwlimit" count("KiB/s"), remark("; 0: none; the smaller one counts");
        /// Through ssh, or as it is (`datacenter.cfg`, and the job).
        migration: MigrationType = MigrationType::Secure, "migration" OptionForm::Words(MigrationType::WORDS);
    }
}

/// What a migration goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationType {
    /// A socket that ssh forwards.
    Secure,
    /// A connection of QEMU's own.
    Insecure,
}
words!(MigrationType: "secure" => Secure, "insecure" => Insecure);

impl Proxmox {
    /// The smaller of the two limits, or the only one.
    pub fn max_bandwidth(&self) -> Rate {
        let limits = [mib_per_s(self.migrate_speed), Rate(self.bwlimit.saturating_mul(1 << 10))];
        limits.into_iter().filter(|limit| limit.0 > 0).min().unwrap_or(UNLIMITED)
    }
}

impl Orchestrator for Proxmox {
    const KIND: &'static str = "proxmox";

    fn stack(&self, around: &Around) -> Stack {
        let stack = Stack::default().set("auto-converge", true).set("postcopy-ram", false);
        let stack = stack.set("xbzrle", true).set("xbzrle-cache-size", xbzrle_cache(around.memory));
        let stack = stack.set("max-bandwidth", self.max_bandwidth());
        stack.through(match self.migration {
            MigrationType::Secure => Tunnel::Ssh,
            MigrationType::Insecure => Tunnel::Direct,
        })
    }

    /// Its loop: the limit doubles at every sixth rise of what remains.
    fn policy(&self, _: &Around) -> Policy {
        let second = Span::from_ms(1000);
        let mut policy = Policy::new(Self::KIND, Poll { fast: Some(Span::from_ms(100)), ..Poll::every(second) });
        policy.rises = Rises::Proxmox;
        let start = DowntimeChange::Set(self.migrate_downtime);
        let why = "migrate_downtime of the guest";
        policy.rules.push(Rule::new(RuleEvent::Start, Act::Downtime { to: start, cap: Some(MAX_DOWNTIME_LIMIT) }, why));
        let why = "what remains rose for the sixth time: the limit doubles";
        let double = Act::Downtime { to: DowntimeChange::Times(2.0), cap: Some(MAX_DOWNTIME_LIMIT) };
        let rule = Rule::new(RuleEvent::Poll, double, why).when(JobField::Rises, Is::Above, 5.0);
        policy.rules.push(Rule { resets_rises: true, ..rule });
        policy
    }
}

/// A tenth of the guest's memory, rounded up to a power of two.
pub fn xbzrle_cache(memory: Bytes) -> Bytes {
    Bytes((memory.0 / 10).next_power_of_two())
}
