//! Who gets how much of a link that several migrations share.

use crate::units::Rate;

/// Max-min fair shares of a link of that bandwidth, in the order of `caps`: what each can use at most.
///
/// A migration that its cap holds below an equal share leaves the rest to the others. What all caps together leave over is
/// dealt out evenly: a sender's own limiter holds its mean down, but what it sends goes at the link's pace. The shares
/// add up to the link, and never to more; only on a link with less than a byte a second for each does every migration still
/// get that byte.
pub fn shares(link: Rate, caps: &[Rate]) -> Vec<Rate> {
    let mut by_cap: Vec<usize> = (0..caps.len()).collect();
    by_cap.sort_by_key(|index| caps[*index]);
    let mut shares = vec![Rate(0); caps.len()];
    let mut rest = link.0;
    for (done, index) in by_cap.iter().enumerate() {
        let equal = rest / (caps.len() - done) as u64;
        shares[*index] = Rate(equal.min(caps[*index].0));
        rest -= shares[*index].0;
    }
    for (done, index) in by_cap.iter().enumerate() {
        let more = rest / (caps.len() - done) as u64;
        shares[*index] = Rate((shares[*index].0 + more).max(1));
        rest -= more;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NONE: u64 = u64::MAX;

    #[test]
    fn a_cap_leaves_the_rest_to_the_others() {
        for (link, caps, expected) in [
            (100, &[][..], &[][..]),
            (100, &[NONE], &[100]),
            (100, &[NONE, NONE], &[50, 50]),
            (100, &[NONE, NONE, NONE], &[33, 33, 34]),
            (100, &[10, NONE, NONE], &[10, 45, 45]),
            (100, &[60, 20, NONE], &[40, 20, 40]),
            // Caps that leave something over: every migration sends at a higher pace, and its limiter sees to the mean.
            (100, &[10], &[100]),
            (100, &[10, 30], &[40, 60]),
            (3, &[NONE; 5], &[1, 1, 1, 1, 1]),
        ] {
            let caps: Vec<Rate> = caps.iter().copied().map(Rate).collect();
            let expected: Vec<Rate> = expected.iter().copied().map(Rate).collect();
            assert_eq!(shares(Rate(link), &caps), expected, "{link} {caps:?}");
        }
    }

    proptest! {
        #[test]
        fn shares_add_up_to_the_link_and_nobody_could_get_more_from_somebody_richer(
            link in 100u64..1_000_000_000_000,
            caps in proptest::collection::vec(prop_oneof![1u64..2_000_000_000_000, Just(NONE)], 1..50),
        ) {
            let caps: Vec<Rate> = caps.into_iter().map(Rate).collect();
            let shares = shares(Rate(link), &caps);
            prop_assert_eq!(shares.iter().map(|share| share.0).sum::<u64>(), link);
            for (share, cap) in shares.iter().zip(&caps) {
                // Below its cap, no migration has noticeably less than another.
                let most = shares.iter().max().unwrap().0;
                prop_assert!(share >= cap || share.0 + caps.len() as u64 >= most, "{share:?} of {shares:?}, {caps:?}");
            }
        }
    }
}
