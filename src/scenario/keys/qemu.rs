//! Keys of facts of QEMU and its host; its capabilities and parameters are [`qemu::OPTIONS`](crate::qemu::OPTIONS).

use crate::qemu::{Accel, DirtyLog, Transport};
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, SwitchForm, WordForm, keys};
use crate::units::{Rate, Span};

/// The longest step of a migration that is believed.
const STEP: NumberForm<Span> = NumberForm::new(Span::ZERO, Span::from_ms(3_600_000));
/// Any speed but none.
const SPEED: NumberForm<Rate> = NumberForm::new(Rate(1), Rate(u64::MAX))
    .too_small("nothing could ever be sent", "leave the key out for its default");

keys! {
    /// release, which picks rules and defaults
    VERSION: WordForm = "qemu.version", WordForm("8.2"), written("`\"1.6\"` to `\"11.1\"`, also `\"8.2.1\"`");
    /// release of the guest's machine type, no newer than `version`; picks how multifd flushes and who finds zero pages
    MACHINE_TYPE: WordForm = "qemu.machine-type", WordForm("8.2"), written("`\"8.0\"`, `\"pc-q35-8.0\"`"),
        default("`version`");
    /// who runs the guest's instructions
    ACCEL: ChoiceForm<Accel> = "qemu.accel", ChoiceForm(&Accel::WORDS);
    /// when a page found dirty can be noticed again
    DIRTY_LOG: ChoiceForm<DirtyLog> = "qemu.dirty-log", ChoiceForm(&DirtyLog::WORDS),
        written("`\"classic\"`; under KVM also `\"manual-protect\"` (4.1+), `\"initially-set\"` (5.1+), `\"ring\"` (6.1+)"),
        default("the newest of the first three that the release has; `\"classic\"` under TCG");
    /// entries of each vCPU's dirty ring; chooses `dirty-log = "ring"` (KVM, 6.1+)
    RING_SIZE: NumberForm<u32> = "qemu.dirty-ring-size", NumberForm::new(0, 65_536),
        written("0 (no ring), or power of two from 1024 to 65536"),
        default("no ring; 4096 with `dirty-log = \"ring\"`: QEMU's documentation");
    /// first of this QEMU process; 2.9 to 5.0 then count the whole RAM as dirtied
    FIRST_MIGRATION: SwitchForm = "qemu.first-migration", SwitchForm(true);
    /// what everything goes through
    TRANSPORT: ChoiceForm<Transport> = "qemu.transport", ChoiceForm(&Transport::WORDS),
        default("`\"tcp\"`, or as the orchestrator has it");
    /// from the connection to the first pass, for this guest
    SETUP_TIME: NumberForm<Span> = "qemu.setup-time", STEP, default("`host.setup` and `host.setup-per-gib` for its RAM");
    /// one synchronisation of the dirty bitmap, for this guest
    SYNC_TIME: NumberForm<Span> = "qemu.sync-time", STEP, default("`host.sync-per-gib` for its RAM");
    /// stopping the vCPUs and moving device state, within the downtime, for this guest
    SWITCHOVER_TIME: NumberForm<Span> = "qemu.switchover-time", STEP,
        default("`host.switchover` and `host.switchover-per-gib` for its RAM");
    /// what one multifd channel sends at most
    CHANNEL_BANDWIDTH: NumberForm<Rate> = "qemu.multifd-channel-bandwidth", SPEED, default("`host.stream`");
    /// what one channel sends at most with `tls-creds`
    TLS_BANDWIDTH: NumberForm<Rate> = "qemu.tls-bandwidth", SPEED, default("`host.tls`");
    // The worst and the best that is believed: pages that grow a little, and pages of one word.
    /// bytes of pages per byte sent, with `compress` or `multifd-compression`
    COMPRESSION_RATIO: NumberForm<f64> = "qemu.compression-ratio", NumberForm::new(0.9, 4096.0),
        default("zlib 2.743: zstd's README; zstd and qatzip 2.7: QEMU's documentation; qpl and uadk: required");
    /// bytes of pages that one thread or channel compresses in a second
    COMPRESSION_BANDWIDTH: NumberForm<Rate> = "qemu.compression-bandwidth", SPEED,
        default("zlib 105 MB/s, zstd 360 MB/s, qatzip 436 MB/s, each at level 1: as above; qpl and uadk: required");
}
