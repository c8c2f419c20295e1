//! Who gets how much, as migrations come and go.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::binary_heap::{BinaryHeap, PeekMut};

use super::active::Active;
use crate::link::shares;
use crate::units::{Rate, Time};

/// So many at once have the shares of [`shares`] to the byte.
const FEW: usize = 32;

/// With more of them, shares count as equal that differ by less than one part in so many: what one leaves goes to those
/// that have the least, a step of one part each, so that it moves this many shares and not all of them.
const ALIKE: u64 = 16;

/// How near somebody is to getting more: those below their cap by what they have, then the others by what they have
/// above it.
type DealtPlace = (bool, u64);

/// Deals a link out.
#[derive(Default)]
pub(super) struct Dealing {
    /// Who is to get more next; an entry that is not somebody's place any more says nothing.
    poorest: BinaryHeap<Reverse<(DealtPlace, usize)>>,
    /// Bandwidth of the link when it was dealt out last.
    link: Rate,
    /// What nobody has of it; less than nothing where everybody's least byte a second is more than there is.
    loose: i64,
    /// Times since all shares were dealt out.
    times: usize,
}

impl Dealing {
    /// Somebody who had that share has gone.
    pub(super) fn free(&mut self, share: Rate) {
        self.loose += share.0 as i64;
    }

    /// Deals out what is there at `now`; those from the number `coming` on have nothing yet. Calls `moved` for everybody
    /// who has to be looked for elsewhere now.
    pub(super) fn deal(
        &mut self,
        link: Rate,
        now: Time,
        lanes: &mut BTreeMap<usize, Active>,
        coming: usize,
        mut moved: impl FnMut(usize, &Active),
    ) {
        self.times += 1;
        let comers = lanes.range(coming..).count() as u64;
        let each = self.loose.max(0) as u64 / comers.max(1);
        let few = lanes.len() <= FEW || self.times > lanes.len();
        if few || self.link != link || (comers > 0 && !self.suffices(each, lanes)) {
            return self.deal_all(link, now, lanes, moved);
        }
        for (&id, active) in lanes.range_mut(coming..) {
            let cap = active.cap(link).0;
            let share = each.min(cap);
            active.share_from(now, Rate(share));
            moved(id, active);
            self.loose -= share as i64;
            self.poorest.push(Reverse((place(share, cap), id)));
        }
        while self.loose > 0
            && let Some(mut first) = self.poorest.peek_mut()
        {
            let Reverse((was, id)) = *first;
            let active = lanes.get_mut(&id).filter(|active| !active.is_settled(now));
            let Some((active, share, cap)) = active
                .map(|active| (active.share().0, active.cap(link).0, active))
                .filter(|(share, cap, _)| place(*share, *cap) == was)
                .map(|(share, cap, active)| (active, share, cap))
            else {
                PeekMut::pop(first);
                continue;
            };
            let room = if share < cap { cap - share } else { u64::MAX };
            let more = (share / ALIKE).max(1).min(room).min(self.loose as u64);
            if active.share_from(now, Rate(share + more)) {
                moved(id, active);
            }
            self.loose -= more as i64;
            *first = Reverse((place(share + more, cap), id));
        }
    }

    /// Whether somebody who comes is hardly poorer with that share than the poorest.
    fn suffices(&mut self, share: u64, lanes: &BTreeMap<usize, Active>) -> bool {
        while let Some(Reverse((was, id))) = self.poorest.peek() {
            match lanes.get(id) {
                Some(active) if place(active.share().0, active.cap(self.link).0) == *was => {
                    return share + share / ALIKE >= active.share().0;
                }
                _ => self.poorest.pop(),
            };
        }
        false
    }

    /// Deals all of the link out, except for what those keep whose share is settled.
    fn deal_all(
        &mut self,
        link: Rate,
        now: Time,
        lanes: &mut BTreeMap<usize, Active>,
        mut moved: impl FnMut(usize, &Active),
    ) {
        let kept: u64 = lanes.values().filter(|active| active.is_settled(now)).map(|active| active.share().0).sum();
        let rest = Rate(link.0.saturating_sub(kept));
        let mut open: Vec<(usize, &mut Active)> =
            lanes.iter_mut().filter(|(_, active)| !active.is_settled(now)).map(|(id, active)| (*id, active)).collect();
        let caps: Vec<Rate> = open.iter().map(|(_, active)| active.cap(rest)).collect();
        self.poorest.clear();
        let mut loose = rest.0 as i64;
        for (((id, active), share), cap) in open.iter_mut().zip(shares(rest, &caps)).zip(&caps) {
            if active.share() != share && active.share_from(now, share) {
                moved(*id, active);
            }
            self.poorest.push(Reverse((place(share.0, cap.0), *id)));
            loose -= share.0 as i64;
        }
        (self.link, self.loose, self.times) = (link, loose, 0);
    }
}

fn place(share: u64, cap: u64) -> DealtPlace {
    if share < cap { (false, share) } else { (true, share - cap) }
}
