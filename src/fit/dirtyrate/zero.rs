//! How much of RAM is all zero, which decides how long the first pass is.

use crate::guest::PageSize;
use crate::qemu::Accel;
use crate::scenario::{Assumption, Scenario};
use crate::units::{Bytes, Pages};

/// Pages that are known to be zero, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZeroPages {
    /// Somebody says so.
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

/// What is taken, and what is to be said of it.
pub(super) struct ZeroTaken {
    pub(super) pages: Pages,
    pub(super) remark: Option<String>,
    pub(super) warning: Option<String>,
}

impl BalloonStats {
    /// What is taken for zero of a guest: what is known, what the `scenario` says if it is the user's, or the least that the
    /// balloon leaves possible. Where nothing is known that is said, and no page is taken for zero.
    pub(super) fn zero(self, known: Option<&ZeroPages>, scenario: &Scenario, is_named: bool) -> ZeroTaken {
        let all = scenario.guest.memory;
        let taken = |pages: Pages, remark: Option<String>, warning: Option<String>| {
            // Something must be left for what the guest writes.
            ZeroTaken { pages: pages.min(Pages(all.0.saturating_sub(1))), remark, warning }
        };
        match known {
            Some(ZeroPages::Told(pages)) => return taken(*pages, None, None),
            Some(ZeroPages::Sent(pages, log)) => {
                return taken(*pages, Some(format!("Zero pages are those that {log} sent.")), None);
            }
            None if is_named && !scenario.assumed.contains(&Assumption::NoZeroPages) => {
                return taken(scenario.guest.zero, None, None);
            }
            None => {}
        }
        let more = "`fit --dirtyrate` takes them from an earlier migration of this guest with `--log LOG`, and `--zero SHARE` \
                    or `guest.zero` says them";
        // TCG keeps the code that it makes there as well, as much as a small guest has; huge pages do not count there.
        let is_told = scenario.qemu.accel == Accel::Kvm && scenario.guest.page_size == PageSize::Small;
        let rss = self.rss.filter(|_| is_told);
        let held = self.held.map_or(Pages(0), Bytes::pages).min(all);
        let least = rss.map_or(Pages(0), |rss| Pages(all.0.saturating_sub(rss.pages().0))).max(held);
        let most = self.unused.map(|unused| unused.pages().min(all).max(least));
        if rss.is_none() && most.is_none() && held == Pages(0) {
            let what = "it is not known which pages of RAM are zero, and none is taken for that, which makes the first pass as long as \
                        it can be";
            return taken(Pages(0), None, Some(format!("{what}; {more}")));
        }
        let most = most.map_or(String::new(), |most| format!(", and no more than {} are likely", most.bytes()));
        let words = format!("by the balloon's figures at least {} of RAM are zero{most}", least.bytes());
        taken(least, None, Some(format!("{words}: the least is taken; {more}")))
    }
}
