//! The keys that hold one number, a row each, beside those of [`qemu::OPTIONS`](crate::qemu::OPTIONS) and of an
//! orchestrator's products.

use crate::guest;
use crate::orchestrator::scheduler::{KubeVirtLimits, Vsphere};
use crate::units::{Bytes, PageRate, Rate, Span};

use super::Limits;
use super::key::NumberKey;

/// Names the keys, and lists them for the reference pages.
macro_rules! keys {
    ($(
        $(#[doc = $means:literal])*
        $name:ident: $type:ty = $path:literal, $least:expr, $most:expr $(, $more:ident($($with:expr),*))*;
    )+) => {
        $(
            $(#[doc = $means])*
            pub(super) const $name: NumberKey<$type> =
                NumberKey::new($path, concat!($($means),*), $least, $most)$(.$more($($with),*))*;
        )+

        /// Each key by its path, with the cells of its row on a reference page: what it means, how it is written, and its
        /// default.
        pub fn number_keys() -> Vec<(&'static str, [String; 3])> {
            vec![$(($path, $name.cells())),+]
        }
    };
}

/// More guests at once than any host has.
const MANY: u32 = 100_000;
/// A speed without an upper bound.
const ANY: Rate = Rate(u64::MAX);
/// The longest step of a migration that is believed.
const HOUR: Span = Span::from_ms(3_600_000);
const DAY: Span = Span::from_ms(24 * 3_600_000);

keys! {
    /// simulated time; a migration that is not over by then did not converge
    LIMITS_TIME: Span = "limits.time", Span(1), Limits::MOST,
        too_small("nothing can happen in no time", ""),
        default("1 h; with an orchestrator an hour from its last timeout on");

    // Beyond any that exists: a petabit per second.
    BANDWIDTH: Rate = "link.bandwidth", Rate(1), Rate(125_000_000_000_000),
        too_small("nothing could ever be sent",
            "for a link that is down for a while, give a very small rate such as \"1 kbit/s\"");
    /// how many migrations share the link, this one among them; each gets an equal part ([`precopy drain`](drain.md) has
    /// them for real)
    MIGRATIONS: u32 = "link.migrations", 1, 10_000, usual(1);
    /// time from one host to the other; counts twice to connect, twice for an answer
    LATENCY: Span = "link.latency", Span::ZERO, Span::from_ms(10_000), usual(Span::ZERO), default("0");
    JITTER_EVERY: Span = "link.jitter.every", Span::from_ms(10), Limits::MOST,
        too_small("", "faster changes average out in a window");

    /// RAM; whole pages of `page-size`
    MEMORY: Bytes = "guest.memory", Bytes(1), Bytes(64 << 40), bare("B"), too_small("a guest has some RAM", ""),
        default("required");
    /// virtual CPUs
    VCPUS: u32 = "guest.vcpus", 1, 4096, usual(1);
    /// speed at which QEMU finds that a page is all zero
    ZERO_SCAN: Rate = "guest.zero-scan", Rate(1), ANY, usual(guest::GuestConfig::ZERO_SCAN),
        too_small("the first pass would never end", ""),
        default("1 GB/s: runs of 100 GB guests, [workload catalogue](spec/workload-catalogue.md) 5 B");
    /// vCPU time of the first write to a page after its log was armed; counted as lost work
    FAULT_COST: Span = "guest.fault-cost", Span::ZERO, Span::from_ms(1000), usual(guest::GuestConfig::FAULT_COST),
        default("260 ns: measured under KVM, cloud-hypervisor issue 8899");
    /// factor on the rates of all workloads, for a guest that writes faster or slower than they say
    RATE_FACTOR: f64 = "guest.rate-factor", 0.001, 1000.0, usual(1.0);
    /// factor on the regions of all workloads, with everything in them in proportion, for a larger or smaller working set
    REGION_FACTOR: f64 = "guest.region-factor", 0.001, 1000.0, usual(1.0);

    /// page writes while nothing slows the guest; a page may be written many times
    RATE: PageRate = "guest.workload.0.rate", PageRate(0.0), PageRate(1e9), bare("pages/s"), default("required");
    /// how much the first ranks are preferred; 0 is `uniform`
    EXPONENT: f64 = "guest.workload.0.exponent", 0.0, 10.0, usual(0.99);
    /// equal parts of the region, each written by a writer of its own
    SWEEPS: u32 = "guest.workload.0.sweeps", 1, VCPUS.most, usual(1);
    /// pages that stand behind one that was counted
    SAMPLE_FACTOR: u32 = "guest.workload.0.sample-factor", 1, 1 << 20, usual(1);
    /// factor on what was measured
    SCALE: f64 = "guest.workload.0.scale", 1e-6, 1e6, usual(1.0);
    PHASE_TIME: Span = "guest.workload.0.phase.0.time", Span(1), Limits::MOST, too_small("a phase takes some time", "");

    SETUP_TIME: Span = "qemu.setup-time", Span::ZERO, HOUR;
    SYNC_TIME: Span = "qemu.sync-time", Span::ZERO, HOUR;
    SWITCHOVER_TIME: Span = "qemu.switchover-time", Span::ZERO, HOUR;
    CHANNEL_BANDWIDTH: Rate = "qemu.multifd-channel-bandwidth", Rate(1), ANY,
        too_small("nothing could ever be sent", "leave the key out for its default");
    TLS_BANDWIDTH: Rate = "qemu.tls-bandwidth", Rate(1), ANY,
        too_small("nothing could ever be sent", "leave the key out for its default");
    // The worst and the best that is believed: pages that grow a little, and pages of one word.
    COMPRESSION_RATIO: f64 = "qemu.compression-ratio", 0.9, 4096.0;
    COMPRESSION_BANDWIDTH: Rate = "qemu.compression-bandwidth", Rate(1), ANY,
        too_small("nothing could ever be sent", "leave the key out for its default");

    POLL: Span = "orchestrator.poll", Span::from_ms(10), Limits::MOST, usual(Span::from_ms(1000));

    // 0 is a large pool.
    NOVA_SLOTS: u32 = "scheduler.max_concurrent_live_migrations", 0, MANY, usual(1);
    OVIRT_SLOTS: u32 = "scheduler.max_migrations", 1, MANY, usual(2);
    KUBEVIRT_CLUSTER: u32 = "scheduler.parallelMigrationsPerCluster", 1, MANY, usual(KubeVirtLimits::KUBEVIRT.per_cluster);
    KUBEVIRT_NODE: u32 = "scheduler.parallelOutboundMigrationsPerNode", 1, MANY,
        usual(KubeVirtLimits::KUBEVIRT.outbound_per_node);
    PROXMOX_SLOTS: u32 = "scheduler.max_workers", 1, MANY, usual(1);
    VSPHERE_HOST: u32 = "scheduler.host-limit", 1, MANY, usual(Vsphere::USUAL.host_limit);
    VSPHERE_COST: u32 = "scheduler.vmotion-cost", 1, MANY, usual(Vsphere::USUAL.vmotion_cost);
    VSPHERE_NETWORK: u32 = "scheduler.network-limit", 1, MANY;
    SLOTS: u32 = "scheduler.slots", 1, MANY, usual(1);
    SLOT_BANDWIDTH: Rate = "scheduler.bandwidth", Rate(10), ANY,
        too_small("nothing would be sent", "\"fair\", \"split\" or a rate");
    REQUEUE: Span = "scheduler.requeue", Span::ZERO, DAY, usual(Span::ZERO);
    BACK_OFF: Span = "scheduler.back-off", Span::ZERO, DAY, usual(Span::ZERO);
    ATTEMPTS: u32 = "scheduler.attempts", 1, 1000;
}
