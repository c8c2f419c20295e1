//! The machine that recorded the traces: facts about its guest and its loopback that no trace states.
//!
//! All figures come from two recordings of an idle guest with a 64 MiB buffer, one of 512 MiB and one of 1 GiB
//! (`tests/data/calibration`), which are not among the traces that predictions are judged by. The tests below
//! derive every constant from them again.

use crate::guest::GuestConfig;
use crate::qemu::{self, Accel, Version};
use crate::scenario::{At, Limits, Scenario};
use crate::units::{Bytes, Pages, Rate, Share, Span};

/// Small RAM blocks that QEMU's `pc` machine migrates after `pc.ram`: BIOS 256 KiB, option ROM 128 KiB, ACPI tables
/// 128 KiB, two pages for their loader [pages].
const ROM: u64 = 130;

/// Faults of its writer, which changes one word of a page and counts 300 to 500 ns for that before it spins until the next is
/// due: a fault fits into them. Unthrottled it writes as much per CPU time as before its log was armed, within 3 %.
pub(super) const FAULT_COST: Span = Span(260);

/// Speed of QEMU's zero scan over RAM that was never touched: 209 963 pages went by in one sample of 100 ms.
pub(super) const ZERO_SCAN: Rate = Rate(8_600_000_000);

/// Raw speed of the stream: the first window's 6.4 MB were sent within 2.8 ms of the end of setup. Both stop phases,
/// 6.8 MB in 5 and 6 ms with the device state, agree.
pub(super) const LOOPBACK: Rate = Rate(2_250_000_000);

/// CPU share set down for the guest's system beside its workload. A whole idle guest takes 1.3 %; as its pages are
/// never written here, the share only has to be small enough that no throttle takes anything from it.
pub(super) const SYSTEM_CPU: Share = Share(0.001);

/// What one write of the workload program changes in a page: a word of 8 bytes.
pub(super) const WORD: Share = Share(8.0 / 4096.0);

/// Where the guest's system keeps its non-zero pages.
///
/// RAM is, from the bottom: kernel and system, the dirtied buffer, zero pages, and at the top the kernel's page
/// descriptors and the ROM blocks. What lies at the top is sent last, so a part of it is left when the first pass
/// ends. Both ends grow with RAM (64 bytes of descriptor for every page, hash tables).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RigLayout {
    /// All pages that migrate.
    pub(super) memory: Pages,
    /// Non-zero pages below the buffer.
    pub(super) low: Pages,
    /// Non-zero pages above the zero pages.
    pub(super) top: Pages,
}

impl RigLayout {
    /// The layout of a guest with this much RAM.
    pub(super) fn of(memory: Bytes) -> RigLayout {
        let grown = |fixed: f64, per_gib: f64| Pages((fixed + per_gib * memory.gib()).round() as u64);
        RigLayout { memory: Pages(memory.pages().0 + ROM), low: grown(12_885.0, 3_576.0), top: grown(1_799.0, 4_046.0) }
    }

    /// Pages that a buffer and zero pages can share.
    pub(super) fn room(&self) -> Pages {
        Pages(self.memory.0.saturating_sub(self.low.0 + self.top.0))
    }
}

/// Time of setup for a guest with this much RAM.
///
/// QEMU 7.2 takes a fast path through the dirty log of a RAM block that is a multiple of 256 KiB (the rig's
/// `odd_kib` is there to avoid it, because it loses pages under TCG); then only the fixed part is left.
pub(super) fn setup_time(version: Version, accel: Accel, log: qemu::DirtyLog, memory: Bytes) -> Span {
    let fast = accel == Accel::Tcg && memory.0.is_multiple_of(256 << 10);
    qemu::HostModel::setup(version, accel, log).of(if fast { Bytes(0) } else { memory })
}

/// A migration over the rig's loopback, without an orchestrator.
pub(super) fn scenario(guest: GuestConfig, qemu: qemu::QemuConfig, at: Vec<At>, limit: Span) -> Scenario {
    let fresh = Scenario::new(guest.memory.bytes(), LOOPBACK, qemu.version);
    Scenario { guest, qemu, at, limits: Limits { time: limit }, ..fresh }
}

#[cfg(test)]
mod tests {
    use super::super::json::{JsonNode, JsonTable};
    use super::*;
    use serde_json::Value;

    const BUFFER: u64 = 16_384;

    struct RigRecording(Value);

    impl RigRecording {
        fn read(name: &str) -> RigRecording {
            let path = format!("{}/tests/data/calibration/{name}.json", env!("CARGO_MANIFEST_DIR"));
            RigRecording(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        }

        fn both() -> [(Bytes, RigRecording); 2] {
            let ram = |mib: u64| Bytes((mib << 20) + (8 << 10));
            [(ram(512), RigRecording::read("c0-idle512")), (ram(1024), RigRecording::read("c1-idle1024"))]
        }

        fn ram(&self, field: &str) -> u64 {
            self.0["final"]["src"]["ram"][field].as_u64().unwrap()
        }

        fn samples(&self, column: &str) -> Vec<f64> {
            let table = JsonTable::read(&JsonNode::root(&self.0), "samples", "sample_columns").unwrap();
            let active = table.column("transferred").unwrap().iter().take_while(|cell| cell.is_none()).count();
            table.column(column).unwrap()[active..].iter().map(|cell| cell.unwrap()).collect()
        }

        /// Non-zero pages sent after the great run of zero pages. The run spans two samples: the first one's
        /// normal pages came before it, the second one's after it.
        fn top(&self) -> f64 {
            let (zero, normal, remaining) =
                (self.samples("zero_pages"), self.samples("normal_pages"), self.samples("remaining"));
            let run = (2..zero.len()).max_by(|&a, &b| (zero[a] - zero[a - 2]).total_cmp(&(zero[b] - zero[b - 2])));
            let end = run.unwrap();
            let zeros_after = zero[zero.len() - 1] - zero[end];
            remaining[end] / 4096.0 - zeros_after + normal[end] - normal[end - 1]
        }
    }

    /// 64 pages: a quarter MiB, or 8 ms at the slowest link of the traces.
    const TOLERANCE: u64 = 64;

    #[test]
    fn the_layout_is_that_of_the_idle_recordings() {
        for (memory, recording) in RigRecording::both() {
            let layout = RigLayout::of(memory);
            assert_eq!(layout.memory.bytes().0, recording.ram("total"));
            let top = recording.top() as u64;
            let low = layout.memory.0 - recording.ram("duplicate") - BUFFER - top;
            assert!(layout.top.0.abs_diff(top) <= TOLERANCE, "top {top}, not {}", layout.top.0);
            assert!(layout.low.0.abs_diff(low) <= TOLERANCE, "low {low}, not {}", layout.low.0);
        }
    }

    #[test]
    fn the_zero_scan_is_as_fast_as_the_fastest_sample() {
        let (_, recording) = &RigRecording::both()[1];
        let (t, zero) = (recording.samples("t_ms"), recording.samples("zero_pages"));
        let speed = |i: usize| (zero[i] - zero[i - 1]) * 4096.0 / ((t[i] - t[i - 1]) / 1e3);
        let fastest = (1..t.len()).map(speed).fold(0.0, f64::max);
        assert!((ZERO_SCAN.0 as f64 / fastest - 1.0).abs() < 0.02, "{fastest} B/s");
    }

    #[test]
    fn loopback_is_as_fast_as_the_first_burst() {
        let (_, recording) = &RigRecording::both()[1];
        let setup_ends = recording.0["passes"][0]["t_ms"].as_f64().unwrap();
        let burst = recording.samples("transferred")[0] / ((recording.samples("t_ms")[0] - setup_ends) / 1e3);
        // A sample's time is rounded to 1 ms of about 3.
        assert!((LOOPBACK.0 as f64 / burst - 1.0).abs() < 0.2, "{burst} B/s");
    }

    #[test]
    fn only_a_ragged_ram_size_makes_setup_long_under_tcg() {
        let (log, whole) = (qemu::DirtyLog::Classic, Bytes(512 << 20));
        let on_7_2 = |memory| setup_time(Version::new(7, 2), Accel::Tcg, log, memory);
        assert_eq!(on_7_2(whole), Span::from_ms(5));
        assert!(on_7_2(Bytes(whole.0 + (8 << 10))) > Span::from_ms(100));
    }
}
