//! Where the workloads lie in RAM.
//!
//! Without offsets: `[untouched][workload 0][workload 1]...[zero pages]`. A workload with an offset lies where it
//! says, over others too; the zero pages then take the highest places that no workload covers.

use crate::units::Pages;

/// A workload that wants a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    /// Where it must lie, if that was given.
    pub offset: Option<Pages>,
    /// How much it covers.
    pub region: Pages,
}

/// Why the claims cannot all be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// The workloads without an offset need this much, one after the other.
    Queue(Pages),
    /// Workloads with and without offsets cover this much together.
    Cover(Pages),
}

/// Gives every claim its offset.
///
/// Claims with an offset must end within `memory`; `zero` is at most `memory`.
pub(super) fn lay(memory: Pages, zero: Pages, claims: &[Claim]) -> Result<Vec<Pages>, Misfit> {
    let room = memory.0.saturating_sub(zero.0);
    let queue =
        claims.iter().filter(|claim| claim.offset.is_none()).fold(0u64, |sum, c| sum.saturating_add(c.region.0));
    let Some(mut next) = room.checked_sub(queue) else { return Err(Misfit::Queue(Pages(queue))) };
    let mut offsets = Vec::with_capacity(claims.len());
    for claim in claims {
        offsets.push(claim.offset.unwrap_or(Pages(next)));
        if claim.offset.is_none() {
            next += claim.region.0;
        }
    }
    let covered = covered(claims, &offsets);
    if covered > room { Err(Misfit::Cover(Pages(covered))) } else { Ok(offsets) }
}

/// Pages that at least one workload covers.
fn covered(claims: &[Claim], offsets: &[Pages]) -> u64 {
    let mut ranges: Vec<(u64, u64)> =
        claims.iter().zip(offsets).map(|(claim, offset)| (offset.0, offset.0.saturating_add(claim.region.0))).collect();
    ranges.sort_unstable();
    let (mut sum, mut end) = (0, 0);
    for (from, to) in ranges {
        sum += to.saturating_sub(from.max(end));
        end = end.max(to);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_lie_below_the_zero_pages_or_where_they_say() {
        let at = |offset: u64, region: u64| Claim { offset: Some(Pages(offset)), region: Pages(region) };
        let any = |region: u64| Claim { offset: None, region: Pages(region) };
        type Laid<'a> = Result<&'a [u64], Misfit>;
        let cases: &[(&str, &[Claim], Laid)] = &[
            ("nobody", &[], Ok(&[])),
            ("one", &[any(30)], Ok(&[50])),
            ("one after the other", &[any(30), any(20)], Ok(&[30, 60])),
            ("full", &[any(50), any(30)], Ok(&[0, 50])),
            ("too much", &[any(50), any(31)], Err(Misfit::Queue(Pages(81)))),
            ("over each other", &[at(0, 60), at(10, 60)], Ok(&[0, 10])),
            ("at the top, zero pages below", &[at(90, 10), any(10)], Ok(&[90, 70])),
            ("covers too much", &[at(0, 60), at(70, 30)], Err(Misfit::Cover(Pages(90)))),
            ("same place", &[at(0, 80), any(80)], Ok(&[0, 0])),
        ];
        for (name, claims, expected) in cases {
            let laid = lay(Pages(100), Pages(20), claims);
            let laid = laid.map(|offsets| offsets.iter().map(|offset| offset.0).collect::<Vec<_>>());
            assert_eq!(laid, expected.map(<[u64]>::to_vec), "{name}");
        }
    }
}
