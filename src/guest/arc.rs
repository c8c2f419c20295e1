//! The pages that a sequential writer passes between two of its writes.

use super::zones::Sweep;

/// The stretch, or two where it wraps, that `sweep` wrote from write number `from` up to write number `to`; empty
/// stretches have equal ends.
fn stretches_of(sweep: &Sweep, from: u64, to: u64) -> [(u64, u64); 2] {
    let place = |write: u64| (sweep.start + write % sweep.region) % sweep.region;
    let (first, count) = (place(from), to - from);
    let at = |page: u64| sweep.offset + page;
    if count >= sweep.region {
        [(at(0), at(sweep.region)), (0, 0)]
    } else if first + count <= sweep.region {
        [(at(first), at(first + count)), (0, 0)]
    } else {
        [(at(first), at(sweep.region)), (at(0), at(first + count - sweep.region))]
    }
}

/// Puts the stretches that all of `sweeps` wrote between two counts of writes of each workload into `stretches`, in place of what stood
/// there; none is empty.
pub(super) fn passed(sweeps: &[Sweep], from: &[u64], to: &[u64], stretches: &mut Vec<(u64, u64)>) {
    stretches.clear();
    for sweep in sweeps {
        let both = stretches_of(sweep, from[sweep.workload], to[sweep.workload]);
        both.into_iter().filter(|(start, end)| start < end).for_each(|stretch| stretches.push(stretch));
    }
}

/// Whether `page` lies in one of the stretches.
pub(super) fn covers(stretches: &[(u64, u64)], page: u64) -> bool {
    stretches.iter().any(|(start, end)| (*start..*end).contains(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_the_end_of_the_region() {
        let sweep = Sweep { workload: 0, offset: 100, region: 10, start: 7 };
        let covered = |from, to| {
            let mut stretches = vec![(0, 1000)];
            passed(&[sweep], &[from], &[to], &mut stretches);
            (100..110).filter(|page| covers(&stretches, *page)).collect::<Vec<_>>()
        };
        assert_eq!(covered(0, 2), [107, 108]);
        assert_eq!(covered(0, 5), [100, 101, 107, 108, 109]);
        assert_eq!(covered(3, 4), [100]);
        assert_eq!(covered(0, 10).len(), 10);
        assert_eq!(covered(5, 5).len(), 0);
    }
}
