//! Workloads of kind `recording`: a file of writes, page by page.

use std::path::Path;

use crate::guest::OwnOrder;
use crate::recordings;

use super::faults::clip;
use super::keys;
use super::reader::{FoundValue, Section};

/// A recording as an order, and the file that has it.
#[derive(Debug)]
pub(super) struct RecordedOrder {
    /// The file, as it is named.
    pub name: FoundValue<String>,
    /// Its writes.
    pub order: OwnOrder,
}

/// What was recorded; `None`, mostly with a fault, if there is nothing.
pub(super) fn read(workload: &mut Section, folder: &Path) -> Option<RecordedOrder> {
    let repeat = repeats(workload);
    let instructions = keys::INSTRUCTIONS.read(workload);
    let name = keys::FILE.read(workload)?;
    // A number that is wrong is not missing as well.
    if instructions.is_none() && workload.has("instructions") {
        return None;
    }
    let shown = clip(&name.value);
    match recordings::shared(&folder.join(&name.value), instructions.as_ref().map(|found| found.value), repeat) {
        Ok(found) => {
            let lost = found.recorded.lost;
            if lost > 0 {
                let title = format!("`{shown}` says that {lost} events were lost");
                let help = "record with a larger buffer, as `perf record -m 64M` or `trace-cmd record -b 65536` have";
                workload.faults.warn(&name.place, title, "it has fewer writes than the guest made").help(help);
            }
            Some(RecordedOrder { order: found.order, name })
        }
        Err(damage) => {
            let title = format!("`{shown}`{} {}", damage.place(), damage.what);
            workload.faults.error(&name.place, title, "this recording").help(damage.help);
            None
        }
    }
}

/// Whether it begins again at its end, which it does unless it is said that it does not.
fn repeats(workload: &mut Section) -> bool {
    keys::REPEAT.value(workload) || !workload.has("repeat")
}
