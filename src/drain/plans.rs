//! Plans that are worth a look: every number of migrations at once with every order, and neighbours of a plan.

use rand::RngExt;
use rand_pcg::Pcg64;

use super::{DrainHost, DrainPlan};
use crate::orchestrator::scheduler::QueueOrder;

/// Numbers of migrations at once that are worth a look: all small ones, then in larger steps.
pub(super) fn numbers(host: &DrainHost, most: u32) -> impl Iterator<Item = u32> {
    let most = most.min(u32::try_from(host.guests().len()).unwrap_or(u32::MAX));
    (1..=8).chain([10, 12, 16, 24, 32, 48, 64, 96, 128]).filter(move |slots| *slots <= most)
}

/// Every number with every order; orders that are the same for this fleet once.
pub(super) fn grid(host: &DrainHost, most: u32) -> Vec<(DrainPlan, Option<QueueOrder>)> {
    let mut sequences: Vec<(QueueOrder, Vec<usize>)> = Vec::new();
    for (_, order) in QueueOrder::ALL {
        let sequence = host.sequence(order);
        if sequences.iter().all(|(_, known)| *known != sequence) {
            sequences.push((order, sequence));
        }
    }
    let plan = |slots, (order, sequence): &(QueueOrder, Vec<usize>)| {
        (DrainPlan { slots, sequence: sequence.clone() }, Some(*order))
    };
    numbers(host, most).flat_map(|slots| sequences.iter().map(move |known| plan(slots, known))).collect()
}

/// A neighbour of `plan`: two guests change places, or one moves and all between move up.
pub(super) fn exchanged(plan: &DrainPlan, rng: &mut Pcg64) -> DrainPlan {
    let mut sequence = plan.sequence.clone();
    let (one, other) = (rng.random_range(0..sequence.len()), rng.random_range(0..sequence.len()));
    if rng.random_bool(0.5) {
        sequence.swap(one, other);
    } else {
        let guest = sequence.remove(one);
        sequence.insert(other, guest);
    }
    DrainPlan { slots: plan.slots, sequence }
}
