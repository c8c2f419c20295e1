//! Lines of KVM's tracepoints, as `perf script`, `trace-cmd report` and `trace_pipe` print them.

use std::io::Read;

use super::lines::Lines;
use super::stamped::{Refused, Stamped};
use super::{Damage, RecordingForm};
use crate::guest::Recording;

/// A page went into a vCPU's dirty ring: `ring 1: dirty 0x37f reset 0x1c0 slot 1 offset 0x37e (used 447)`.
pub(super) const PUSH: &str = "kvm_dirty_ring_push:";
/// The guest met a page that it could not access: `vcpu 0 rip 0x1 address 0x7fc036d000 error_code 0x582`.
pub(super) const FAULT: &str = "kvm_page_fault:";

const LINE: &str = "give whole lines as `perf script`, `trace-cmd report` or `trace_pipe` print them; a last line that is cut off can go";
/// The part of a slot's number that says which; the rest is the address space, with the same memory in each.
const SLOT: u64 = 0xffff;
/// Pages of a slot, at most.
const SLOT_BITS: u32 = 40;
/// Bit of a fault's code that is set for writes.
const WRITE: u64 = 2;
/// log2 of the bytes of a page.
const PAGE_BITS: u32 = 12;

/// Reads the lines of `form`, and how many events the log has lost.
pub(super) fn read<R: Read>(lines: &mut Lines<R>, form: RecordingForm) -> Result<(Option<Recording>, u64), Damage> {
    let event = if form == RecordingForm::DirtyRing { PUSH } else { FAULT };
    let (mut stamped, mut lost) = (Stamped::default(), 0);
    while let Some((number, line)) = lines.next()? {
        lost += lost_events(line);
        let Some((head, rest)) = line.split_once(event) else { continue };
        let at = moment(number, line, head)?;
        stamped.begin(at);
        let page = match form {
            RecordingForm::DirtyRing => {
                if !rest.trim_end().ends_with(')') {
                    return Err(Damage::line(number, "is cut off: it does not say how much of the ring is used", LINE));
                }
                let slot = field(number, line, rest, "slot")? & SLOT;
                Some(slot << SLOT_BITS | (field(number, line, rest, "offset")? & ((1 << SLOT_BITS) - 1)))
            }
            _ => {
                let address = field(number, line, rest, "address")?;
                (field(number, line, rest, "error_code")? & WRITE > 0).then_some(address >> PAGE_BITS)
            }
        };
        if let Some(page) = page {
            stamped.write(at, page).map_err(|refused| match refused {
                Refused::TooLong => crate::guest::TooLong.into(),
                Refused::Behind => Damage::line(
                    number,
                    "is earlier than lines before it",
                    "give the lines of one recording, in order of time",
                ),
            })?;
        }
    }
    Ok((stamped.recording()?, lost))
}

/// What `[LOST 12 EVENTS]` of `trace_pipe` and `lost 12 events` of perf say.
pub(super) fn lost_events(line: &str) -> u64 {
    let mut words = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let is_lost = words.by_ref().any(|word| word.eq_ignore_ascii_case("lost"));
    let count = is_lost.then(|| words.next().and_then(|word| word.parse().ok())).flatten();
    count.filter(|_| words.next().is_some_and(|word| word.to_ascii_lowercase().starts_with("event"))).unwrap_or(0)
}

/// The moment of a line [ns]: the last word with a colon before the event's name, in seconds.
pub(super) fn moment(number: u64, line: &str, head: &str) -> Result<u64, Damage> {
    // The name may have that of its system before it, as in `kvm:kvm_page_fault:`.
    let before = head.trim_end_matches(|c: char| !c.is_whitespace());
    let word = before.split_whitespace().last().unwrap_or(before);
    let seconds = word.strip_suffix(':').and_then(|word| word.parse::<f64>().ok());
    match seconds.filter(|seconds| (0.0..1e10).contains(seconds)) {
        Some(seconds) => Ok((seconds * 1e9 + 0.5) as u64),
        None => Err(Damage::part(number, line, word, "has no time in seconds before the event's name", LINE)),
    }
}

/// The number behind a word: hexadecimal, unless it is that of a slot.
fn field(number: u64, line: &str, rest: &str, name: &str) -> Result<u64, Damage> {
    let mut words = rest.split_whitespace();
    if !words.by_ref().any(|word| word == name) {
        return Err(Damage::line(number, format!("has no `{name}`"), LINE));
    }
    let word = words.next().unwrap_or(&rest[rest.len()..]);
    let found = match name {
        "slot" => word.parse().ok(),
        _ => u64::from_str_radix(word.strip_prefix("0x").unwrap_or(word), 16).ok(),
    };
    found.ok_or_else(|| Damage::part(number, line, word, format!("has no number behind `{name}`"), LINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, form: RecordingForm) -> Result<(Option<Recording>, u64), Damage> {
        read(&mut Lines::new(text.as_bytes()), form)
    }

    #[test]
    fn lines_of_each_printer_are_read() {
        // As sent with the tracepoint's patches to kvm@vger.kernel.org, and as perf prints the same.
        let text = "\
# tracer: nop
  dirty_log_test-29003 [001] 184503.384328: kvm_entry:            vcpu 1
  dirty_log_test-29003 [001] 184503.384332: kvm_dirty_ring_push:  ring 1: dirty 0x37f reset 0x1c0 slot 1 offset 0x37e ret 0 (used 447)
  dirty_log_test-29003 [001] .... 184503.385432: kvm_dirty_ring_push: ring 1: dirty 0x380 reset 0x1c0 slot 65537 offset 0x37e (used 448)
CPU:3 [LOST 17 EVENTS]
CPU 0/KVM  2910 [003] 184503.390000:    kvm:kvm_dirty_ring_push: ring 0: dirty 0x1 reset 0x0 slot 0 offset 0xff (used 1)
";
        let (recording, lost) = of(text, RecordingForm::DirtyRing).unwrap();
        let recording = recording.unwrap();
        assert_eq!((recording.writes(), recording.region().0, lost), (3, 2, 17));
        assert_eq!(recording.length().0, 6_000_000);
        let faults = "\
  dirty_log_test-29003 [001] 184503.384329: kvm_page_fault:       address 7fc036d000 error_code 582
  dirty_log_test-29003 [001] 184503.384334: kvm_page_fault: vcpu 0 rip 0x40359f address 0x00007fc036e000 error_code 0x581
";
        assert_eq!(of(faults, RecordingForm::PageFaults).unwrap().0.unwrap().writes(), 1, "reads are no writes");
    }

    #[test]
    fn damage_has_its_place() {
        let line = |rest: &str| format!("q-1 [001] 5.5: kvm_dirty_ring_push: ring 1: dirty 0x1 reset 0x0 {rest}");
        for (text, line, column, what) in [
            (line("slot 1 offset 0x3"), 1, 0, "cut off"),
            (line("slot x offset 0x3 (used 1)"), 1, 70, "behind `slot`"),
            (line("slot 1 offset 0xg (used 1)"), 1, 79, "behind `offset`"),
            (line("slot 1 (used 1)"), 1, 0, "no `offset`"),
            ("q-1 [001] x: kvm_dirty_ring_push: (used 1)".to_owned(), 1, 11, "no time"),
            ("kvm_dirty_ring_push: (used 1)".to_owned(), 1, 1, "no time"),
            (
                line("slot 1 offset 0x3 (used 1)\n") + &line("slot 1 offset 0x3 (used 1)").replace("5.5", "5.3"),
                2,
                0,
                "earlier",
            ),
        ] {
            let damage = of(&text, RecordingForm::DirtyRing).err().unwrap();
            assert!(damage.what.contains(what), "{text}: {damage:?}");
            assert_eq!((damage.line, damage.column), (line, column), "{text}: {damage:?}");
        }
    }
}
