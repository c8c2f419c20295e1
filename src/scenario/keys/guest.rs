//! Keys of a guest and its workloads.

use crate::guest::Workload;
use crate::scenario::Limits;
use crate::scenario::key::{ChoiceForm, Key, KeyRow, NumberForm, PartForm, SwitchForm, TextForm, WordedForm, keys};
use crate::scenario::workload_kind::{Order, WorkloadKind};
use crate::units::{Bytes, Operations, PageRate, Pages, Rate, Share, Span};

/// A speed without an upper bound.
const ANY: Rate = Rate(u64::MAX);
/// More virtual CPUs than any guest has.
const MOST_VCPUS: u32 = 4096;
/// Any size; a number without a unit counts bytes.
const SIZE: NumberForm<Pages> = NumberForm::new(Pages(0), Pages(u64::MAX)).bare("B");
/// Any share.
const SHARE: NumberForm<Share> = NumberForm::new(Share(0.0), Share::ALL);

keys! {
    /// RAM; whole pages of `page-size`
    MEMORY: NumberForm<Bytes> = "guest.memory", NumberForm::new(Bytes(1), Bytes(64 << 40)).bare("B")
        .too_small("a guest has some RAM", ""), default("required");
    /// the host's pages behind RAM; matters to post-copy, which places whole ones
    PAGE_SIZE: NumberForm<Bytes> = "guest.page-size", NumberForm::new(Bytes(0), Bytes(u64::MAX)).bare("B"),
        written("`\"4 KiB\"`, `\"2 MiB\"`, `\"1 GiB\"`"), default("4 KiB");
    /// virtual CPUs
    VCPUS: NumberForm<u32> = "guest.vcpus", NumberForm::new(1, MOST_VCPUS).usual(1);
    /// RAM that is all zero and stays so
    ZERO: PartForm = "guest.zero", PartForm, written("share of RAM, or size"), default("none");
    /// speed at which QEMU finds that a page of this RAM is all zero, such as 1 GB/s where it was never touched and each page is a page fault
    ZERO_SCAN: NumberForm<Rate> = "guest.zero-scan", NumberForm::new(Rate(1), ANY)
        .too_small("the first pass would never end", ""), default("`host.zero-scan`");
    /// vCPU time of the first write to a page after its log was armed: counted as lost work, and a busy writer makes fewer writes
    FAULT_COST: NumberForm<Span> = "guest.fault-cost", NumberForm::new(Span::ZERO, Span::from_ms(1000)),
        default("260 ns under KVM, cloud-hypervisor issue 8899; 2.3 µs under TCG");
    /// factor on the rates of all workloads, for a guest that writes faster or slower than they say
    RATE_FACTOR: NumberForm<f64> = "guest.rate-factor", NumberForm::new(0.001, 1000.0).usual(1.0);
    /// how well the rates are known: in two cases of three the guest writes at most so many times faster or slower than they say. [`run` answers with a range](workloads.md#what-is-not-known)
    RATE_UNCERTAINTY: NumberForm<f64> = "guest.rate-uncertainty", NumberForm::new(1.0, 100.0),
        default("1, they are known; 1.5 with `operations`");
    /// where it is not known how much of RAM is zero: as much at least. [`run` answers with a range](workloads.md#what-is-not-known)
    LEAST_ZERO: PartForm = "guest.least-zero", PartForm, written("share of RAM, or size"), default("as `zero`");
    /// as much at most
    MOST_ZERO: PartForm = "guest.most-zero", PartForm, written("share of RAM, or size"), default("as `zero`");
    /// factor on the regions of all workloads, with everything in them in proportion, for a larger or smaller working set
    REGION_FACTOR: NumberForm<f64> = "guest.region-factor", NumberForm::new(0.001, 1000.0).usual(1.0);

    /// what it does
    KIND: ChoiceForm<WorkloadKind> = "guest.workload.0.kind", ChoiceForm(&WorkloadKind::NAMES),
        written("a word of the table above"), default("required without `preset`");
    /// length of its region
    REGION: NumberForm<Pages> = "guest.workload.0.region", SIZE, written("size, at least a page"),
        default("all RAM that is not zero, from `offset` on");
    /// where the region begins
    OFFSET: NumberForm<Pages> = "guest.workload.0.offset", SIZE, default("[next in line](#where-workloads-lie)");
    /// page writes while nothing slows the guest; a page may be written many times
    RATE: NumberForm<PageRate> = "guest.workload.0.rate", NumberForm::new(PageRate(0.0), Workload::MOST_RATE).bare("pages/s"),
        default("required");
    /// where a measurement leaves the rate open upwards: the least that explains it. [`run` answers with a range](workloads.md#open-rates)
    LEAST_RATE: NumberForm<PageRate> = "guest.workload.0.least-rate", NumberForm::new(PageRate(0.0), Workload::MOST_RATE).bare("pages/s"),
        default("the rate is known");
    /// what the program does in a second, such as requests: the preset's rate in proportion to its own; presets that have it [say so](presets.md)
    OPERATIONS: NumberForm<Operations> = "guest.workload.0.operations", NumberForm::new(Operations(0.0), Operations(1e12)).bare("/s"),
        default("the preset's own");
    /// how many keys or rows the program holds: the preset's region in proportion to its own
    RECORDS: NumberForm<f64> = "guest.workload.0.keys", NumberForm::new(1.0, 1e15), default("the preset's own");
    /// how busy the writer is. 100 %: every lost CPU cycle costs writes; less: slack absorbs some first
    CPU: NumberForm<Share> = "guest.workload.0.cpu", SHARE, written("share, above 0"), default("100 %; 0 % for `idle`");
    /// share of a page's bytes that are different after a write; XBZRLE sends only these
    CHANGED: NumberForm<Share> = "guest.workload.0.changed", SHARE, default("100 %");
    /// how much held-back work is made up for later, as time at its own pace
    CATCH_UP: WordedForm<Option<Span>, Span> = "guest.workload.0.catch-up", WordedForm {
        // All is `None`, as in `Workload`.
        words: &[("all", None), ("none", Some(Span::ZERO))],
        amount: NumberForm::new(Span::ZERO, Span(u64::MAX)),
        of: Some,
        help: "write \"all\", \"none\", or a time such as \"10 s\"",
    };
    /// the hot part, at the head of the region
    HOT: PartForm = "guest.workload.0.hot", PartForm, written("share of the region, or size"), default("required");
    /// share of the writes that go to the hot part
    HOT_SHARE: NumberForm<Share> = "guest.workload.0.share", SHARE, default("required");
    /// page of the region that is written first
    START: NumberForm<Pages> = "guest.workload.0.start", SIZE, written("size from the head of the region"), default("0");
    /// how much the first ranks are preferred; 0 is `uniform`
    EXPONENT: NumberForm<f64> = "guest.workload.0.exponent", NumberForm::new(0.0, 10.0).usual(0.99);
    /// equal parts of the region, each written by a writer of its own
    SWEEPS: NumberForm<u32> = "guest.workload.0.sweeps", NumberForm::new(1, MOST_VCPUS).usual(1);
    /// [CSV file](workloads.md#csv-files), or a [recording](own-workloads.md#recordings), seen from the scenario file
    FILE: TextForm = "guest.workload.0.file", TextForm, written("path"), default("none");
    /// pages that each counted page represents
    SAMPLE_FACTOR: NumberForm<u32> = "guest.workload.0.sample-factor", NumberForm::new(1, 1 << 20).usual(1);
    /// how many times as fast as evenly the pages of a curve's first point are dirtied; an [open rate](workloads.md#open-rates)
    STEEPNESS: NumberForm<f64> = "guest.workload.0.steepness", NumberForm::new(1.0, 1e6),
        default("as the line through the first two points says");
    /// factor on what was measured
    SCALE: NumberForm<f64> = "guest.workload.0.scale", NumberForm::new(1e-6, 1e6).usual(1.0);
    /// order of the writes, with the keys of that kind
    TRACE_LAW: ChoiceForm<Order> = "guest.workload.0.law", ChoiceForm(&Order::NAMES);
    /// begin again at the end
    REPEAT: SwitchForm = "guest.workload.0.repeat", SwitchForm(false), default("`false`; `true` for `recording`");
    /// instructions a second of the program, where a [recording](own-workloads.md#recordings) counts them and has no other clock
    INSTRUCTIONS: NumberForm<Operations> = "guest.workload.0.instructions", NumberForm::new(Operations(1.0), Operations(1e15)).bare("/s"),
        default("the recording has a clock");
    PHASE_TIME: NumberForm<Span> = "guest.workload.0.phase.0.time", NumberForm::new(Span(1), Limits::MOST)
        .too_small("a phase takes some time", "");
}
