//! Who gets how much of several links, as migrations come and go.

use std::collections::BTreeMap;

use super::active::Active;
use crate::link::{Link, path_shares};
use crate::units::{Rate, Time};

/// Deals all links out at `now`, except for what those keep whose share is settled. Calls `moved` for everybody who has to be
/// looked for elsewhere now.
pub(super) fn deal(
    links: &[&Link],
    now: Time,
    lanes: &mut BTreeMap<usize, Active>,
    mut moved: impl FnMut(usize, &Active),
) {
    let mut rest: Vec<Rate> = links.iter().map(|link| link.at(now).0).collect();
    for active in lanes.values().filter(|active| active.is_settled(now)) {
        for link in active.path() {
            rest[*link] = Rate(rest[*link].0.saturating_sub(active.share().0));
        }
    }
    let open = || lanes.iter().filter(|(_, active)| !active.is_settled(now));
    let narrowest = |active: &Active| active.path().iter().map(|link| rest[*link]).min().unwrap_or_default();
    let caps: Vec<Rate> = open().map(|(_, active)| active.cap(narrowest(active))).collect();
    let paths: Vec<&[usize]> = open().map(|(_, active)| active.path()).collect();
    let shares: Vec<(usize, Rate)> = open().map(|(id, _)| *id).zip(path_shares(&rest, &paths, &caps)).collect();
    for (id, share) in shares {
        let Some(active) = lanes.get_mut(&id) else { continue };
        if active.share() != share && active.share_from(now, share) {
            moved(id, active);
        }
    }
}
