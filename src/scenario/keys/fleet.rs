//! Keys of a fleet: of an entry `[[vm]]`, and of its scheduler.

use crate::orchestrator::scheduler::{KubeVirtLimits, LinkDivision, QueueOrder, Vsphere};
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, SwitchForm, TextForm, WordedForm, keys};
use crate::scenario::node::Upgrade;
use crate::scenario::words::SchedulerKind;
use crate::units::{Bytes, Rate, Span};

/// More guests at once than any host has.
const MANY: u32 = 100_000;
/// A wait.
const WAIT: NumberForm<Span> = NumberForm::new(Span::ZERO, Span::from_ms(24 * 3_600_000)).usual(Span::ZERO);
/// Guests at a time.
const SLOTS_AT_ONCE: NumberForm<u32> = NumberForm::new(1, MANY);

keys! {
    /// what it is called
    VM_NAME: TextForm = "vm.0.name", TextForm, default("`vm-1`, `vm-2` and so on");
    /// so many guests that are alike; their names end in `-1`, `-2` and so on
    VM_COUNT: NumberForm<u32> = "vm.0.count", NumberForm::new(1, 10_000).usual(1);
    /// the higher, the sooner, for schedulers that look at it; a note says where one does not
    VM_PRIORITY: NumberForm<f64> = "vm.0.priority", NumberForm::new(-1e9, 1e9).usual(0.0), written("whole number");

    /// the host that it runs on; all guests say it, or none
    VM_NODE: TextForm = "vm.0.node", TextForm;

    /// which hosts: a name, in which `*` stands for any letters; one without a star is a host, also where no guest is on it
    NODE_NAME: TextForm = "node.0.name", TextForm, default("required");
    /// RAM that its guests may have
    NODE_MEMORY: NumberForm<Bytes> = "node.0.memory",
        NumberForm::new(Bytes(1), Bytes(u64::MAX)).too_small("no guest would fit", ""), default("enough");
    /// vCPUs that its guests may have, those that share a CPU counted each
    NODE_VCPUS: NumberForm<u32> = "node.0.vcpus", NumberForm::new(1, 10_000_000), default("enough");
    /// what its link carries, in either direction
    NODE_UPLINK: NumberForm<Rate> = "node.0.uplink",
        NumberForm::new(Rate(10), Rate(u64::MAX)).too_small("nothing would be sent", ""), default("`link.bandwidth`");
    /// whether it is to be emptied
    NODE_DRAIN: SwitchForm = "node.0.drain", SwitchForm(true), default("`true` where guests are on it");
    /// time from the moment that it is empty until it takes guests again
    NODE_UPGRADE: WordedForm<Upgrade, Span> = "node.0.upgrade", WordedForm {
        words: &[("never", Upgrade::Never)],
        amount: NumberForm::new(Span::ZERO, Span::from_ms(30 * 24 * 3_600_000)),
        of: Upgrade::Takes,
        help: "`never`, or a time",
    }, written("time, or `\"never\"`"), default("0");

    /// whose it is: names, in which `*` stands for any letters, with commas between
    SLA_GUESTS: TextForm = "sla.0.guests", TextForm, default("all");
    /// what each of their migrations is held to, as `--goal` writes it
    SLA_GOAL: TextForm = "sla.0.goal", TextForm, default("required");

    /// whose rules hold
    SCHEDULER_KIND: ChoiceForm<SchedulerKind> = "scheduler.kind", ChoiceForm(&SchedulerKind::WORDS), default("required");
    /// who goes first
    ORDER: ChoiceForm<QueueOrder> = "scheduler.order", ChoiceForm(&QueueOrder::ALL), default("that of the kind");
    /// how often a guest that stays is tried
    ATTEMPTS: NumberForm<u32> = "scheduler.attempts", NumberForm::new(1, 1000), default("as many as the kind's");
    /// hosts that are emptied or upgraded at a time, of a fleet with several
    HOSTS_AT_ONCE: NumberForm<u32> = "scheduler.hosts", SLOTS_AT_ONCE.usual(1);
    /// migrations at a time; 0 is no limit
    NOVA_SLOTS: NumberForm<u32> = "scheduler.max_concurrent_live_migrations", NumberForm::new(0, MANY).usual(1);
    /// migrations at a time, of the policy
    OVIRT_SLOTS: NumberForm<u32> = "scheduler.max_migrations", SLOTS_AT_ONCE.usual(2);
    /// migrations at a time in the whole cluster
    KUBEVIRT_CLUSTER: NumberForm<u32> = "scheduler.parallelMigrationsPerCluster", SLOTS_AT_ONCE.usual(KubeVirtLimits::KUBEVIRT.per_cluster);
    /// migrations at a time from one host
    KUBEVIRT_NODE: NumberForm<u32> = "scheduler.parallelOutboundMigrationsPerNode",
        SLOTS_AT_ONCE.usual(KubeVirtLimits::KUBEVIRT.outbound_per_node), default("2; 1 for `openshift`");
    /// migrations at a time
    PROXMOX_SLOTS: NumberForm<u32> = "scheduler.max_workers", SLOTS_AT_ONCE.usual(1);
    /// what the migrations of a host may cost
    VSPHERE_HOST: NumberForm<u32> = "scheduler.host-limit", SLOTS_AT_ONCE.usual(Vsphere::USUAL.host_limit);
    /// what each of them costs
    VSPHERE_COST: NumberForm<u32> = "scheduler.vmotion-cost", SLOTS_AT_ONCE.usual(Vsphere::USUAL.vmotion_cost);
    /// migrations at a time over the network
    VSPHERE_NETWORK: NumberForm<u32> = "scheduler.network-limit", SLOTS_AT_ONCE, default("8 from 10 Gbit/s on, else 4");
    /// migrations at a time
    SLOTS: NumberForm<u32> = "scheduler.slots", SLOTS_AT_ONCE.usual(1);
    /// how the link is dealt out
    SLOT_BANDWIDTH: WordedForm<LinkDivision, Rate> = "scheduler.bandwidth", WordedForm {
        words: &[("fair", LinkDivision::Fair), ("split", LinkDivision::Split)],
        amount: NumberForm::new(Rate(10), Rate(u64::MAX))
            .too_small("nothing would be sent", "\"fair\", \"split\" or a rate"),
        of: LinkDivision::Cap,
        help: "one of `fair`, `split` and a rate for each",
    }, written("`\"fair\"`, `\"split\"`, or a rate for each");
    /// time until a free slot is seen
    REQUEUE: NumberForm<Span> = "scheduler.requeue", WAIT, default("at once");
    /// how long a guest that stays waits, doubled each time
    BACK_OFF: NumberForm<Span> = "scheduler.back-off", WAIT, default("0");
}
