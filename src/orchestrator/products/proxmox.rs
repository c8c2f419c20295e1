//! Proxmox VE (orchestrators 5).

use crate::orchestrator::job::MAX_DOWNTIME_LIMIT;
use crate::orchestrator::option::{OptionForm, count, options, release_number, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{
    Act, Around, DowntimeChange, Is, JobField, Orchestrator, Policy, Poll, Rises, Rule, RuleEvent, Stack, Tunnel,
};
use crate::units::{Bytes, Rate, Span};

options! {
    /// Options of a guest, and of the job.
    pub struct Proxmox {
        /// Release of Proxmox VE, from 5.0 on.
        release: u32 = Proxmox::NEWEST, "release" OptionForm::Release(release_number(5, 0)), default("9.2");
        /// First limit.
        migrate_downtime: Span = Span::from_ms(100), "migrate_downtime" OptionForm::Time("s"), lever();
        /// Limit of the guest.
        migrate_speed: u64 = 0, "migrate_speed" count("MiB/s"), remark("; 0: none"), lever();
        /// Limit of the job.
        bwlimit: u64 = 0, "bwlimit" count("KiB/s"), remark("; 0: none; the smaller one counts"),
            releases(Proxmox::JOB_LIMIT..=u32::MAX), lever();
        /// Through ssh, or as it is (`datacenter.cfg`, and the job).
        migration: MigrationType = MigrationType::Secure, "migration" OptionForm::Words(MigrationType::WORDS), lever();
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
    /// The newest release that was read.
    pub const NEWEST: u32 = release_number(9, 2);
    /// The first release whose code looks every second and rounds the cache up (qemu-server 5.0-23).
    const EACH_SECOND: u32 = release_number(5, 2);
    /// The first release that heeds the limit of a job for RAM (qemu-server 5.0-50).
    const JOB_LIMIT: u32 = release_number(5, 4);
    /// The first release that asks for 16 GiB/s where there is no limit (qemu-server 6.4-2); 8 GiB/s until then.
    const FASTER: u32 = release_number(6, 4);

    /// The smaller of the two limits, or the only one.
    pub fn max_bandwidth(&self) -> Rate {
        let limits = [mib_per_s(self.migrate_speed), Rate(self.bwlimit.saturating_mul(1 << 10))];
        let unlimited = Rate(if self.release < Proxmox::FASTER { 8 } else { 16 } << 30);
        limits.into_iter().filter(|limit| limit.0 > 0).min().unwrap_or(unlimited)
    }

    /// A tenth of the guest's memory as a power of two: rounded up, before 5.2 as QEMU before 2.11 rounds, down.
    pub fn xbzrle_cache(&self, memory: Bytes) -> Bytes {
        let tenth = memory.0 / 10;
        let is_down = self.release < Proxmox::EACH_SECOND;
        Bytes(if is_down { 1 << tenth.max(1).ilog2() } else { tenth.next_power_of_two() })
    }
}

impl Orchestrator for Proxmox {
    const KIND: &'static str = "proxmox";
    const PER_GUEST: Option<&'static [&'static str]> =
        Some(&["migrate_downtime", "migrate_speed", "bwlimit", "migration"]);

    fn release(&self) -> Option<u32> {
        Some(self.release)
    }

    fn stack(&self, around: &Around) -> Stack {
        let stack = Stack::default().set("auto-converge", true).set("postcopy-ram", false);
        let stack = stack.set("xbzrle", true).set("xbzrle-cache-size", self.xbzrle_cache(around.memory));
        let stack = stack.set("max-bandwidth", self.max_bandwidth());
        stack.through(match self.migration {
            MigrationType::Secure => Tunnel::Ssh,
            MigrationType::Insecure => Tunnel::Direct,
        })
    }

    /// Its loop: the limit doubles at every sixth rise of what remains.
    fn policy(&self, _: &Around) -> Policy {
        let (usual, fast) = if self.release < Proxmox::EACH_SECOND { (2000, 300) } else { (1000, 100) };
        let poll = Poll { fast: Some(Span::from_ms(fast)), ..Poll::every(Span::from_ms(usual)) };
        let mut policy = Policy::new(Self::KIND, poll);
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
