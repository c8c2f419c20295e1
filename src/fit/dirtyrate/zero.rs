//! How much of RAM is all zero, which decides how long the first pass is.

use crate::guest::PageSize;
use crate::qemu::Accel;
use crate::scenario::{Assumption, Scenario};
use crate::units::{Bytes, Pages};

/// Pages that are known to be zero, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZeroPages {
    /// A user says so.
    Told(Pages),
    /// So many were sent by an earlier migration, which is named.
    Sent(Pages, String),
}

/// What `virsh domstats --balloon` says beside the size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BalloonStats {
    /// RAM of the QEMU process: all that the guest ever touched, and QEMU's own.
    pub(super) rss: Option<Bytes>,
    /// What the guest's kernel has no use for. It may hold what was there before.
    pub(super) unused: Option<Bytes>,
    /// What the balloon has taken from the guest, and given back to the host.
    pub(super) held: Option<Bytes>,
}

/// Where nothing tells how much of RAM is zero, no more than this share is, and none at least: guests of the recordings have 27
/// to 76 % soon after they booted, and one that has filled its page cache has next to none.
const MOST_UNTOLD: f64 = 0.6;
/// Pages of a MiB.
const MIB: u64 = 256;

/// What is taken, and what is to be said of it.
pub(super) struct ZeroTaken {
    pub(super) pages: Pages,
    /// At least and at most, where it is not known.
    pub(super) range: Option<(Pages, Pages)>,
    pub(super) remark: Option<String>,
    pub(super) warning: Option<String>,
}

impl BalloonStats {
    /// What is taken for zero of a guest: what is known, what the `scenario` says if it is the user's, or else the middle of what
    /// the balloon leaves possible, or of what guests have.
    pub(super) fn zero(self, known: Option<&ZeroPages>, scenario: &Scenario, is_named: bool) -> ZeroTaken {
        let all = scenario.guest.memory;
        // Something must be left for what the guest writes.
        let within = |pages: Pages| pages.min(Pages(all.0.saturating_sub(1)));
        let known = match known {
            Some(ZeroPages::Told(pages)) => Some((*pages, None)),
            Some(ZeroPages::Sent(pages, log)) => Some((*pages, Some(format!("Zero pages are those that {log} sent.")))),
            None if is_named && !scenario.assumed.contains(&Assumption::NoZeroPages) => {
                Some((scenario.guest.zero, None))
            }
            None => None,
        };
        if let Some((pages, remark)) = known {
            return ZeroTaken { pages: within(pages), range: None, remark, warning: None };
        }
        // TCG keeps the code that it makes there as well, as much as a small guest has; huge pages do not count there.
        let is_told = scenario.qemu.accel == Accel::Kvm && scenario.guest.page_size == PageSize::Small;
        let rss = self.rss.filter(|_| is_told);
        let held = self.held.map_or(Pages(0), Bytes::pages).min(all);
        let least = rss.map_or(Pages(0), |rss| Pages(all.0.saturating_sub(rss.pages().0))).max(held);
        let untold = Pages((MOST_UNTOLD * all.0 as f64) as u64 / MIB * MIB);
        let most = within(self.unused.map_or(untold, |unused| unused.pages().min(all)).max(least));
        let least = within(least);
        // The middle, in whole MiB where it can be, as people read it.
        let middle = least.0.midpoint(most.0);
        let pages = Pages((middle / MIB * MIB).max(least.0));
        let by = match (rss, self.unused, held) {
            (None, None, Pages(0)) => "nothing tells how much of RAM is zero, and guests have",
            _ => "by the balloon's figures this guest has",
        };
        let warning = format!(
            "{by} {} to {} that are: {} are taken; `fit --dirtyrate` takes them from an earlier migration of this guest with `--log LOG`, and \
             `--zero SHARE` or `guest.zero` says them",
            least.bytes(),
            most.bytes(),
            pages.bytes()
        );
        ZeroTaken {
            pages,
            range: Some((least, most)).filter(|(least, most)| least < most),
            remark: None,
            warning: Some(warning),
        }
    }
}
