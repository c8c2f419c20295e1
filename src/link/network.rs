//! Who gets how much where migrations go over several links.

use crate::units::Rate;

/// Max-min fair shares of senders, each of which goes over all links of its path (indices into `links`), in the order of
/// `caps`: what each can use at most.
///
/// All shares grow alike; a share stops growing once its cap is reached or a link of its path is full. What all caps together
/// leave over is dealt out in the same way, as on [one link](super::shares). A link carries no more than it can, except that
/// every migration gets a byte a second.
pub fn path_shares(links: &[Rate], paths: &[&[usize]], caps: &[Rate]) -> Vec<Rate> {
    let mut rest: Vec<u64> = links.iter().map(|link| link.0).collect();
    let mut shares = vec![0; paths.len()];
    grow(&mut rest, paths, &mut shares, |sender| caps[sender].0);
    grow(&mut rest, paths, &mut shares, |_| u64::MAX);
    shares.into_iter().map(|share| Rate(share.max(1))).collect()
}

/// Lets all shares grow alike until each has reached its cap or a full link.
fn grow(rest: &mut [u64], paths: &[&[usize]], shares: &mut [u64], cap: impl Fn(usize) -> u64) {
    let mut open: Vec<usize> = (0..paths.len()).collect();
    loop {
        let mut senders = vec![0; rest.len()];
        open.iter().flat_map(|sender| paths[*sender]).for_each(|link| senders[*link] += 1);
        let has_room = |link: usize| rest[link] >= senders[link];
        open.retain(|sender| shares[*sender] < cap(*sender) && paths[*sender].iter().all(|link| has_room(*link)));
        let room = |sender: &usize| {
            let links = paths[*sender].iter().map(|link| rest[*link] / senders[*link]);
            links.fold(cap(*sender) - shares[*sender], u64::min)
        };
        let Some(more) = open.iter().map(room).min() else { return };
        for sender in &open {
            shares[*sender] += more;
            paths[*sender].iter().for_each(|link| rest[*link] -= more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shares;
    use super::*;
    use proptest::prelude::*;

    const NONE: Rate = Rate(u64::MAX);

    #[test]
    fn a_link_that_is_full_leaves_the_rest_of_others_to_those_beside_it() {
        for (links, paths, caps, expected) in [
            // Two to a slow host, and one to a fast one.
            (&[100, 20, 100][..], &[&[0, 1][..], &[0, 1], &[0, 2]][..], &[NONE; 3][..], &[10, 10, 80][..]),
            // Two sources to one destination.
            (&[100, 50, 60], &[&[0, 2], &[1, 2]], &[NONE; 2], &[30, 30]),
            // A cap on one of them.
            (&[100, 50, 60], &[&[0, 2], &[1, 2]], &[Rate(10), NONE], &[10, 50]),
            // Caps that leave something over.
            (&[100, 100], &[&[0, 1]], &[Rate(10)], &[100]),
            (&[1, 1], &[&[0], &[0]], &[NONE; 2], &[1, 1]),
        ] {
            let links: Vec<Rate> = links.iter().copied().map(Rate).collect();
            let expected: Vec<Rate> = expected.iter().copied().map(Rate).collect();
            assert_eq!(path_shares(&links, paths, caps), expected, "{links:?} {paths:?} {caps:?}");
        }
    }

    proptest! {
        #[test]
        fn on_one_link_shares_are_those_of_one_link(
            link in 1_000u64..1_000_000_000_000,
            caps in proptest::collection::vec(prop_oneof![1u64..2_000_000_000_000, Just(u64::MAX)], 1..20),
        ) {
            let caps: Vec<Rate> = caps.into_iter().map(Rate).collect();
            let found = path_shares(&[Rate(link)], &vec![&[0][..]; caps.len()], &caps);
            for (found, one) in found.iter().zip(shares(Rate(link), &caps)) {
                // Whole bytes are cut off in other places.
                prop_assert!(found.0.abs_diff(one.0) <= 2 * caps.len() as u64, "{found:?} {one:?}");
            }
        }

        #[test]
        fn no_link_carries_more_than_it_can(
            links in proptest::collection::vec(1_000u64..1_000_000, 3),
            ends in proptest::collection::vec((0usize..3, 0usize..3), 1..20),
        ) {
            let links: Vec<Rate> = links.into_iter().map(Rate).collect();
            let paths: Vec<Vec<usize>> =
                ends.into_iter().map(|(from, to)| if from == to { vec![from] } else { vec![from, to] }).collect();
            let paths: Vec<&[usize]> = paths.iter().map(Vec::as_slice).collect();
            let shares = path_shares(&links, &paths, &vec![NONE; paths.len()]);
            let load = |link: usize| -> u64 {
                paths.iter().zip(&shares).filter(|(path, _)| path.contains(&link)).map(|(_, share)| share.0).sum()
            };
            for (at, link) in links.iter().enumerate() {
                prop_assert!(load(at) <= link.0);
            }
            // A migration that could have more goes over a link that is full, but for what cannot be dealt out in whole bytes.
            for path in &paths {
                prop_assert!(path.iter().any(|link| load(*link) + paths.len() as u64 > links[*link].0));
            }
        }
    }
}
