//! What should be known of measurements before relying on them.

use super::points::RatePoints;
use super::reading::{CalcMode, RateReading};
use super::{DirtyRates, LINK};
use crate::fit::sketch::VERSION;
use crate::qemu::Accel;
use crate::units::Pages;

impl DirtyRates {
    /// One sentence each, of the measurements that count and the points that they make.
    pub(super) fn remarks(
        &self,
        counted: &[RateReading],
        found: &RatePoints,
        accel: Accel,
        is_named: bool,
    ) -> Vec<String> {
        let mut all = Vec::new();
        if !is_named {
            all.push(format!("QEMU {VERSION} and a link of {LINK} are assumed; `--scenario FILE` names yours"));
        }
        if self.unfinished > 0 {
            let (were, they) =
                if self.unfinished == 1 { ("measurement was", "it") } else { ("measurements were", "they") };
            all.push(format!(
                "{} {were} not over when {they} should have been (`dirtyrate.calc_status` 0 or 1, status `measuring`) and left \
                 out; wait for longer than it measures",
                self.unfinished
            ));
        }
        all.extend(modes(&self.readings, counted, accel));
        if counted.iter().any(RateReading::is_sampled) {
            all.push(format!(
                "page sampling compares contents: a page that is rewritten with the same bytes counts as clean, and a migration \
                 sends it; {}",
                match accel {
                    Accel::Kvm => "`virsh domdirtyrate-calc --mode dirty-bitmap` counts writes",
                    Accel::Tcg => "under TCG there is no other way",
                }
            ));
        }
        if counted.iter().all(|reading| reading.rate == 0.0) {
            let most = counted.iter().map(RateReading::most).fold(0.0, f64::max);
            all.push(format!(
                "no dirty page was seen: that is less than {}, which is cut off, and half of it is taken",
                Pages(most as u64).bytes()
            ));
        }
        if let [(period, _)] = found.points.as_slice() {
            all.push(format!(
                "one length of time does not tell how often pages are written again: within {period} s each counts \
                 once, so the guest may write faster than this; measure over several, such as 1, 2, 5 and 20 s"
            ));
        }
        if let Some((from, to)) = found.fell {
            all.push(format!(
                "fewer pages differ after {to} s than after {from} s: contents came back, or the guest has phases; what was dirtied \
                 once is taken for dirtied, and measuring again tells more"
            ));
        }
        if let Some((from, to)) = found.noisy {
            all.push(format!(
                "fewer pages differ after {to} s than after {from} s, by no more than chance explains with so few samples: their mean \
                 is taken"
            ));
        }
        all
    }
}

/// What is said of measurements that do not count.
fn modes(all: &[RateReading], counted: &[RateReading], accel: Accel) -> Option<String> {
    if all.len() == counted.len() {
        return None;
    }
    let bitmap = all.iter().any(|reading| reading.mode == Some(CalcMode::DirtyBitmap));
    Some(match accel {
        Accel::Tcg if bitmap => "mode dirty-bitmap is 0 under TCG whatever happens, and left out".to_owned(),
        _ => "page sampling is left out where writes were counted: it compares contents".to_owned(),
    })
}
