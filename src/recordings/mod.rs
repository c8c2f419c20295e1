//! Recordings of what a guest or a program wrote, in the forms that tools give them, each recognised by its content.
//!
//! | form | from | clock | says of a page |
//! |---|---|---|---|
//! | `seconds,first_page,pages` | a table of one's own | seconds | written since the time before |
//! | `seconds,bitmap` | bitmaps of `KVM_GET_DIRTY_LOG` and a table of their times | seconds | the same |
//! | `kvm_dirty_ring_push` | tracepoint of KVM's dirty ring | the host's | first write since the ring was reset |
//! | `kvm_page_fault` | tracepoint of KVM | the host's | first write since it was protected |
//! | ` S 1ffeffe7e8,8` | Valgrind's lackey | instructions | every write |
//! | `damon_aggregated` | tracepoint of DAMON | the host's | accessed since the time before |
//! | `monitoring_start:` | `damo report raw` | the host's | the same |
//!
//! Sources: Linux `Documentation/virt/kvm/api.rst` 4.8 and `include/trace/events/kvm.h`, `arch/x86/kvm/trace.h`,
//! `Documentation/admin-guide/mm/damon/usage.rst`; `damo` `USAGE.md`; Valgrind `lackey/lk_main.c`.

mod bitmap;
mod damage;
mod damo;
mod damon;
mod intervals;
mod kernel;
mod lackey;
mod lines;
mod shelf;
mod stamped;
mod table;
mod unknown;

pub use damage::Damage;
pub use shelf::{SharedRecording, shared};

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::guest::Recording;
use crate::units::{Operations, bounded};
use lines::Lines;

/// Largest file that is read [bytes]: an hour of a program under lackey.
const MOST_BYTES: u64 = 1 << 40;

/// A recording, and what is known of how it was made.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The writes.
    pub recording: Recording,
    /// Form of the file.
    pub form: RecordingForm,
    /// Events that were lost while it was made, where the file says so.
    pub lost: u64,
}

/// A form in which writes are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingForm {
    /// A table of pages over time.
    Pages,
    /// A table of bitmaps over time.
    Bitmaps,
    /// Lines of the tracepoint `kvm_dirty_ring_push`.
    DirtyRing,
    /// Lines of the tracepoint `kvm_page_fault`.
    PageFaults,
    /// Output of Valgrind's lackey.
    Lackey,
    /// Lines of the tracepoint `damon_aggregated`.
    Damon,
    /// Output of `damo report raw`.
    DamoReport,
}

/// What tells a form by a line.
fn form(line: &str) -> Option<RecordingForm> {
    let columns = || line.trim_start_matches('\u{feff}').split(',').map(|name| name.trim().trim_matches('"'));
    let has = |name: &str| columns().any(|column| column.eq_ignore_ascii_case(name));
    match () {
        () if has("seconds") && has("bitmap") => Some(RecordingForm::Bitmaps),
        () if has("seconds") && has("first_page") => Some(RecordingForm::Pages),
        () if line.contains(kernel::PUSH) => Some(RecordingForm::DirtyRing),
        () if line.contains(kernel::FAULT) => Some(RecordingForm::PageFaults),
        () if line.contains(damon::EVENT) => Some(RecordingForm::Damon),
        () if line.starts_with(damo::START) => Some(RecordingForm::DamoReport),
        () if lackey::is_access(line) => Some(RecordingForm::Lackey),
        () => None,
    }
}

/// Reads a recording. `instructions` are those of a second, for a form whose clock counts them.
///
/// # Errors
/// The file cannot be read, is of no known form, damaged or cut off, goes back in time or has too many page writes; or the
/// instructions of a second are missing, or given where the form has a clock of its own.
pub fn read(path: &Path, instructions: Option<Operations>) -> Result<Recorded, Damage> {
    read_from(path, instructions, "paths of flags start from the working folder")
}

/// As [`read`]; `start` says where paths start from.
fn read_from(path: &Path, instructions: Option<Operations>, start: &str) -> Result<Recorded, Damage> {
    let cannot = |error: std::io::Error| Damage::whole(format!("cannot be read: {error}"), start);
    let file = File::open(path).map_err(cannot)?;
    let (head, text) = bounded::stream(file, MOST_BYTES).map_err(|(error, _)| cannot(error))?;
    parse(&head, text, path.parent().unwrap_or(Path::new("")), instructions)
}

/// Reads a recording from its text, of which `head` is the beginning; bitmaps are looked for in `folder`.
///
/// # Errors
/// As [`read`].
pub fn parse(
    head: &[u8],
    text: impl Read,
    folder: &Path,
    instructions: Option<Operations>,
) -> Result<Recorded, Damage> {
    let head = String::from_utf8_lossy(head);
    let Some(form) = head.lines().find_map(form) else {
        return Err(unknown::reason(&head));
    };
    if let Some(instructions) = instructions.filter(|_| form != RecordingForm::Lackey) {
        let what = format!("has a clock of its own, and does not count instructions, {instructions} or other");
        return Err(Damage::whole(what, "leave `instructions` out"));
    }
    let (recording, lost) = match form {
        RecordingForm::Pages | RecordingForm::Bitmaps => (table::read(text, form, folder)?, 0),
        RecordingForm::DirtyRing | RecordingForm::PageFaults => kernel::read(&mut Lines::new(text), form)?,
        RecordingForm::Lackey => (lackey::read(&mut Lines::new(text), instructions)?, 0),
        RecordingForm::Damon => damon::read(&mut Lines::new(text))?,
        RecordingForm::DamoReport => (damo::read(&mut Lines::new(text))?, 0),
    };
    let recording = recording.ok_or_else(|| {
        Damage::whole("has no writes within any time", "record for some seconds while the guest works")
    })?;
    Ok(Recorded { recording, form, lost })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Recorded, Damage> {
        parse(text.as_bytes(), text.as_bytes(), Path::new("."), None)
    }

    #[test]
    fn a_form_is_known_by_its_content() {
        for (line, known) in [
            ("Seconds, first_page ,pages", Some(RecordingForm::Pages)),
            ("\"seconds\",\"first_page\",\"pages\"", Some(RecordingForm::Pages)),
            ("seconds,first_page,bitmap", Some(RecordingForm::Bitmaps)),
            ("  q-1 [001] 1.5: kvm_dirty_ring_push: ring 1: dirty 0x1", Some(RecordingForm::DirtyRing)),
            ("q 1 [001] 1.5: kvm:kvm_page_fault: vcpu 0 rip 0x1", Some(RecordingForm::PageFaults)),
            (" S 7ff0005c8,8", Some(RecordingForm::Lackey)),
            ("I  0400d7d4,8", Some(RecordingForm::Lackey)),
            ("==12== Lackey, an example Valgrind tool", None),
            ("monitoring_start:   0 ns", Some(RecordingForm::DamoReport)),
            ("seconds,pages", None),
            ("", None),
        ] {
            assert_eq!(form(line), known, "{line}");
        }
    }

    #[test]
    fn what_is_no_recording_says_what_would_be() {
        assert!(parsed("a\nb\n").unwrap_err().help.contains("kvm_dirty_ring_push"));
        let pml = parsed("qemu 1 [001] 1.5: kvm:kvm_pml_full: vcpu 0: PML full\n").unwrap_err();
        assert!(pml.what.contains("not of which pages") && pml.help.contains("dirty-ring-size"));
        let clock = parse(b"seconds,first_page,pages\n", &b""[..], Path::new("."), Some(Operations(1e9))).unwrap_err();
        assert!(clock.what.contains("a clock of its own"), "{clock:?}");
        assert!(parsed("seconds,first_page,pages\n1,5,0\n2,5,0\n").unwrap_err().what.contains("no writes"));
        assert!(parsed("").unwrap_err().what.contains("is empty"));
    }
}
