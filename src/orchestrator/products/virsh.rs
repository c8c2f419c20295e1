//! `virsh migrate` (orchestrators 2.1).

use crate::orchestrator::option::{Check, OptionForm, OptionMisfit, at_least, needs, options, words};
use crate::orchestrator::stack::mib_per_s;
use crate::orchestrator::{Act, Around, Is, JobField, Orchestrator, Policy, Poll, Rule, RuleEvent, Stack, Tunnel};
use crate::units::{Bytes, Span};

options! {
    /// Options of the command, under its names.
    pub struct Virsh {
        /// When it runs out, the guest is suspended.
        timeout: Option<u64> = None, "timeout" at_least(1, "s"), lever();
        /// Says so in as many words; needs `timeout`.
        timeout_suspend: bool = false, "timeout-suspend" OptionForm::Switch, lever();
        /// Post-copy instead; needs `timeout` and `postcopy`.
        timeout_postcopy: bool = false, "timeout-postcopy" OptionForm::Switch, lever();
        /// Permits post-copy.
        postcopy: bool = false, "postcopy" OptionForm::Switch, lever();
        /// Post-copy once the second iteration is reported; needs `postcopy`.
        postcopy_after_precopy: bool = false, "postcopy-after-precopy" OptionForm::Switch, lever();
        /// Limit in post-copy.
        postcopy_bandwidth: Option<u64> = None, "postcopy-bandwidth" at_least(1, "MiB/s");
        /// What QEMU takes the switchover to have, instead of what it measured (libvirt 11.1.0).
        available_switchover_bandwidth: Option<u64> = None,
            "available-switchover-bandwidth" at_least(1, "MiB/s"), default("measured");
        /// Through libvirt's own connection (`--p2p --tunnelled`).
        tunnelled: bool = false, "tunnelled" OptionForm::Switch;
        /// Limit.
        bandwidth: Option<u64> = None, "bandwidth" at_least(1, "MiB/s"), lever();
        /// Throttling.
        auto_converge: bool = false, "auto-converge" OptionForm::Switch, lever();
        /// First throttle; needs `auto-converge`.
        auto_converge_initial: Option<u8> = None,
            "auto-converge-initial" OptionForm::Percent(1..=99), default("QEMU's");
        /// Further steps; needs `auto-converge`.
        auto_converge_increment: Option<u8> = None,
            "auto-converge-increment" OptionForm::Percent(1..=99), default("QEMU's");
        /// Compression.
        compressed: bool = false, "compressed" OptionForm::Switch;
        /// Which; needs `compressed`, and the last two `parallel` (libvirt 9.4.0).
        comp_methods: Methods = Methods::Xbzrle, "comp-methods" OptionForm::Words(Methods::WORDS);
        /// Level of `zlib`; needs it.
        comp_zlib_level: Option<u8> = None, "comp-zlib-level" OptionForm::Count("", 0..=9), default("QEMU's");
        /// Level of `zstd`; needs it.
        comp_zstd_level: Option<u8> = None, "comp-zstd-level" OptionForm::Count("", 0..=20), default("QEMU's");
        /// Its cache; needs `compressed`.
        comp_xbzrle_cache: Option<Bytes> = None, "comp-xbzrle-cache" OptionForm::Size, default("QEMU's");
        /// Multifd.
        parallel: bool = false, "parallel" OptionForm::Switch;
        /// Channels; needs `parallel`.
        parallel_connections: u8 = 2, "parallel-connections" OptionForm::Count("", 1..=255);
        /// `zero-copy-send`; needs `parallel`.
        zerocopy: bool = false, "zerocopy" OptionForm::Switch;
    }
}

/// Methods of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// `xbzrle`.
    Xbzrle,
    /// `mt`: threads.
    Threads,
    /// Both.
    Both,
    /// `zlib`, of multifd.
    Zlib,
    /// `zstd`, of multifd.
    Zstd,
}
words!(Methods: "xbzrle" => Xbzrle, "mt" => Threads, "mt,xbzrle" => Both, "zlib" => Zlib, "zstd" => Zstd);

impl Virsh {
    fn xbzrle(&self) -> bool {
        self.compressed && matches!(self.comp_methods, Methods::Xbzrle | Methods::Both)
    }

    fn threads(&self) -> bool {
        self.compressed && matches!(self.comp_methods, Methods::Threads | Methods::Both)
    }

    /// The method that multifd's channels use.
    fn of_multifd(&self) -> Option<Methods> {
        Some(self.comp_methods).filter(|method| self.compressed && matches!(method, Methods::Zlib | Methods::Zstd))
    }
}

const ALONE: &str = "virsh refuses it alone";

impl Orchestrator for Virsh {
    const KIND: &'static str = "virsh";
    const PER_GUEST: Option<&'static [&'static str]> = None;
    const LEAVES_QEMU: bool = true;
    const CHECKS: &'static [Check<Virsh>] = &[
        needs("timeout-suspend", |virsh| virsh.timeout.is_some(), "timeout = 30", ALONE),
        needs("timeout-postcopy", |virsh| virsh.timeout.is_some(), "timeout = 30", ALONE),
        needs("timeout-postcopy", |virsh| virsh.postcopy, "postcopy = true", ALONE),
        needs("postcopy-after-precopy", |virsh| virsh.postcopy, "postcopy = true", ALONE),
        needs("auto-converge-initial", |virsh| virsh.auto_converge, "auto-converge = true", ALONE),
        needs("auto-converge-increment", |virsh| virsh.auto_converge, "auto-converge = true", ALONE),
        needs("comp-methods", |virsh| virsh.compressed, "compressed = true", ALONE),
        needs(
            "comp-methods",
            |virsh| virsh.of_multifd().is_none() || virsh.parallel,
            "parallel = true",
            "zlib and zstd are methods of multifd",
        ),
        needs("comp-zlib-level", |virsh| virsh.of_multifd() == Some(Methods::Zlib), "comp-methods = \"zlib\"", ALONE),
        needs("comp-zstd-level", |virsh| virsh.of_multifd() == Some(Methods::Zstd), "comp-methods = \"zstd\"", ALONE),
        needs("comp-xbzrle-cache", Virsh::xbzrle, "compressed = true", ALONE),
        needs("parallel-connections", |virsh| virsh.parallel, "parallel = true", ALONE),
        needs("tunnelled", |virsh| !virsh.parallel, "parallel = false", "libvirt refuses multifd through its tunnel"),
        needs("zerocopy", |virsh| virsh.parallel, "parallel = true", ALONE),
        Check {
            key: "timeout-suspend",
            holds: |virsh| !(virsh.timeout_suspend && virsh.timeout_postcopy),
            misfit: OptionMisfit::Refused {
                title: "`timeout-suspend` and `timeout-postcopy` exclude one another",
                why: "one of the two",
                beside: None,
                help: Some("remove one of them"),
            },
        },
    ];

    fn stack(&self, _: &Around) -> Stack {
        let channels = if self.parallel { self.parallel_connections } else { 0 };
        Stack::libvirt()
            .set("auto-converge", self.auto_converge)
            .set("cpu-throttle-initial", self.auto_converge_initial)
            .set("cpu-throttle-increment", self.auto_converge_increment)
            .set("postcopy-ram", self.postcopy)
            .set("xbzrle", self.xbzrle())
            .set("xbzrle-cache-size", self.comp_xbzrle_cache)
            .set("compress", self.threads())
            .multifd(channels)
            .set("multifd-compression", self.of_multifd())
            .set("multifd-zlib-level", self.comp_zlib_level)
            .set("multifd-zstd-level", self.comp_zstd_level)
            .set("avail-switchover-bandwidth", self.available_switchover_bandwidth.map(mib_per_s))
            .set("zero-copy-send", self.zerocopy)
            .set("max-bandwidth", mib_per_s(self.bandwidth.unwrap_or(0)))
            .set("max-postcopy-bandwidth", self.postcopy_bandwidth.map(mib_per_s))
            .through(if self.tunnelled { Tunnel::Libvirt } else { Tunnel::Direct })
    }

    /// What the client does while it waits: it polls for its progress line only, so that timer and event are all.
    fn policy(&self, _: &Around) -> Policy {
        let mut policy = Policy::new(Self::KIND, Poll::every(Span::from_ms(500)));
        if let Some(timeout) = self.timeout {
            let act = if self.timeout_postcopy { Act::PostCopy } else { Act::Pause };
            let on = RuleEvent::Timer(Span::from_ms(timeout.saturating_mul(1000)));
            policy.rules.push(Rule::new(on, act, format!("--timeout of {timeout} s is over")));
        }
        if self.postcopy_after_precopy {
            let why = "--postcopy-after-precopy: the second iteration was reported";
            let rule = Rule::new(RuleEvent::Iteration, Act::PostCopy, why).once();
            policy.rules.push(rule.when(JobField::MemoryIteration, Is::Equal, 2.0));
        }
        policy
    }
}
