//! `virsh migrate` (orchestrators 2.1).

use super::field::Field;
use super::policy::Policy;
use super::poll::Poll;
use super::rule::{Act, Event, Is, Rule};
use super::stack::{Stack, mib_per_s};
use crate::units::{Bytes, Span};

/// Options of the command, under its names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Virsh {
    /// `--timeout` [s].
    pub timeout: Option<u64>,
    /// `--timeout-postcopy`; without it the guest is suspended.
    pub timeout_postcopy: bool,
    /// `--postcopy`.
    pub postcopy: bool,
    /// `--postcopy-after-precopy`.
    pub postcopy_after_precopy: bool,
    /// `--postcopy-bandwidth` [MiB/s].
    pub postcopy_bandwidth: Option<u64>,
    /// `--bandwidth` [MiB/s].
    pub bandwidth: Option<u64>,
    /// `--auto-converge`.
    pub auto_converge: bool,
    /// `--auto-converge-initial` [%].
    pub auto_converge_initial: Option<u8>,
    /// `--auto-converge-increment` [%].
    pub auto_converge_increment: Option<u8>,
    /// `--compressed`, with method `xbzrle`.
    pub xbzrle: bool,
    /// `--compressed`, with method `mt`.
    pub mt: bool,
    /// `--comp-xbzrle-cache`.
    pub comp_xbzrle_cache: Option<Bytes>,
    /// `--parallel`, with `--parallel-connections`.
    pub parallel_connections: Option<u8>,
    /// `--zerocopy`.
    pub zerocopy: bool,
}

impl Virsh {
    /// What it switches on.
    pub fn stack(&self) -> Stack {
        Stack {
            auto_converge: Some(self.auto_converge),
            cpu_throttle_initial: self.auto_converge_initial,
            cpu_throttle_increment: self.auto_converge_increment,
            postcopy_ram: Some(self.postcopy),
            xbzrle: Some(self.xbzrle),
            xbzrle_cache_size: self.comp_xbzrle_cache,
            compress: Some(self.mt),
            multifd_channels: Some(self.parallel_connections.unwrap_or(0)),
            zero_copy_send: Some(self.zerocopy),
            max_bandwidth: Some(mib_per_s(self.bandwidth.unwrap_or(0))),
            max_postcopy_bandwidth: self.postcopy_bandwidth.map(mib_per_s),
            ..Stack::libvirt()
        }
    }

    /// What the client does while it waits: it polls for its progress line only, so that timer and event are all.
    pub fn policy(&self) -> Policy {
        let mut policy = Policy::new("virsh", Poll::every(Span::from_ms(500)));
        if let Some(timeout) = self.timeout {
            let act = if self.timeout_postcopy { Act::PostCopy } else { Act::Pause };
            let on = Event::Timer(Span::from_ms(timeout.saturating_mul(1000)));
            policy.rules.push(Rule::new(on, act, format!("--timeout of {timeout} s is over")));
        }
        if self.postcopy_after_precopy {
            let why = "--postcopy-after-precopy: the first pass is over";
            let rule = Rule::new(Event::Iteration, Act::PostCopy, why).once();
            policy.rules.push(rule.when(Field::MemoryIteration, Is::Equal, 2.0));
        }
        policy
    }
}
