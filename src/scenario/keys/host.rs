//! Keys of the hosts at both ends: the constants around QEMU's rules, see docs/hosts.md.

use crate::qemu::HostKind;
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, keys};
use crate::units::{Rate, Span};

/// The longest step of a migration that is believed.
const STEP: NumberForm<Span> = NumberForm::new(Span::ZERO, Span::from_ms(3_600_000));
/// Any speed but none.
const SPEED: NumberForm<Rate> = NumberForm::new(Rate(1), Rate(u64::MAX)).too_small("nothing could ever be sent", "");

keys! {
    /// the named host that both are like
    HOST_KIND: ChoiceForm<HostKind> = "host.kind", ChoiceForm(&HostKind::WORDS),
        default("`\"2019-xeon\"`; `\"tcg-rig\"` under TCG");
    /// the named host that the destination is like, where it is another one; the slower of the two sets the pace
    HOST_DESTINATION: ChoiceForm<HostKind> = "host.destination", ChoiceForm(&HostKind::WORDS), default("`kind`");
    /// what one connection carries, because a thread on each side copies its bytes
    HOST_STREAM: NumberForm<Rate> = "host.stream", SPEED, default("of `kind`");
    /// what an ssh tunnel carries
    HOST_SSH: NumberForm<Rate> = "host.ssh", SPEED, default("of `kind`");
    /// what libvirt's own tunnel carries
    HOST_TUNNEL: NumberForm<Rate> = "host.libvirt-tunnel", SPEED, default("of `kind`");
    /// what RDMA carries where RAM is registered as its first page goes
    HOST_RDMA: NumberForm<Rate> = "host.rdma", SPEED, default("9.5 Gbit/s");
    /// what RDMA carries with `rdma-pin-all`
    HOST_RDMA_PINNED: NumberForm<Rate> = "host.rdma-pinned", SPEED, default("26 Gbit/s");
    /// what pinning adds to setup, for each GiB of RAM
    HOST_RDMA_PIN: NumberForm<Span> = "host.rdma-pin-per-gib", STEP, default("170 ms");
    /// what one connection carries with TLS
    HOST_TLS: NumberForm<Rate> = "host.tls", SPEED, default("of `kind`");
    /// speed at which one thread finds that pages are all zero
    HOST_ZERO_SCAN: NumberForm<Rate> = "host.zero-scan",
        NumberForm::new(Rate(1), Rate(u64::MAX)).too_small("the first pass would never end", ""),
        default("of `kind`; before QEMU 2.6 with SSE2");
    /// setup of the smallest guest
    HOST_SETUP: NumberForm<Span> = "host.setup", STEP, default("5 ms");
    /// what each GiB of RAM adds to setup
    HOST_SETUP_PER_GIB: NumberForm<Span> = "host.setup-per-gib", STEP,
        default("by accelerator, release and way of logging");
    /// one synchronisation of the dirty bitmap, for each GiB of RAM
    HOST_SYNC_PER_GIB: NumberForm<Span> = "host.sync-per-gib", STEP, default("by accelerator and way of logging");
    /// stopping the vCPUs and moving the state of devices, within the downtime
    HOST_SWITCHOVER: NumberForm<Span> = "host.switchover", STEP, default("of `kind`");
    /// what each GiB of RAM adds to that
    HOST_SWITCHOVER_PER_GIB: NumberForm<Span> = "host.switchover-per-gib", STEP, default("of `kind`");
}
