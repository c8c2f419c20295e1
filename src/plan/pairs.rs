//! Two changes of which neither is enough alone.

use rayon::prelude::*;

use crate::scenario::Setting;

use super::search::RungState;
use super::{Climbed, Ladder, Question, Solution, search};

/// One ladder of one lever, as far as it may be climbed in a pair: below the rung that is enough alone, and to none that is far.
struct Half<'c, 'l> {
    climbed: &'c Climbed<'l>,
    ladder: Ladder,
    /// The lever's place in the list; a pair has two levers.
    lever: usize,
}

/// The cheapest pair of every two levers: one of the two half-way up, and the first rung of the other that then is
/// enough.
pub(super) fn find(question: &Question, climbed: &[Climbed]) -> Vec<Solution> {
    let levers = climbed.iter().enumerate().filter(|(_, climbed)| !climbed.lever.is_of_guest());
    let halves: Vec<Half> = levers.flat_map(|(at, climbed)| Half::of(at, climbed)).collect();
    let twos: Vec<(&Half, &Half)> = halves
        .iter()
        .flat_map(|one| halves.iter().map(move |other| (one, other)))
        .filter(|(one, other)| one.lever != other.lever)
        .collect();
    let found: Vec<((usize, usize), Solution)> = twos
        .par_iter()
        .filter_map(|(fixed, climbing)| {
            let levers = (fixed.lever.min(climbing.lever), fixed.lever.max(climbing.lever));
            Some((levers, pair(question, fixed, climbing)?))
        })
        .collect();
    let mut cheapest: Vec<((usize, usize), Solution)> = Vec::new();
    for (levers, solution) in found {
        match cheapest.iter_mut().find(|(known, _)| *known == levers) {
            Some((_, best)) if solution.cost() < best.cost() => *best = solution,
            Some(_) => {}
            None => cheapest.push((levers, solution)),
        }
    }
    cheapest.into_iter().map(|(_, solution)| solution).collect()
}

impl<'c, 'l> Half<'c, 'l> {
    /// Every ladder of a lever that has a near rung which is not enough alone.
    fn of(lever: usize, climbed: &'c Climbed<'l>) -> impl Iterator<Item = Half<'c, 'l>> {
        climbed.lever.ladders.iter().zip(&climbed.found).filter_map(move |(ladder, found)| {
            let end = found.as_ref().map_or(ladder.rungs.len(), |found| found.short.map_or(0, |short| short + 1));
            let end = end.min(ladder.near());
            (end > 0).then(|| Half {
                climbed,
                ladder: Ladder { rungs: ladder.rungs[..end].to_vec(), far: None },
                lever,
            })
        })
    }
}

fn pair(question: &Question, fixed: &Half, climbing: &Half) -> Option<Solution> {
    let first = &fixed.ladder.rungs[fixed.ladder.rungs.len() / 2];
    let both = |settings: &[Setting]| [first.settings.as_slice(), settings].concat();
    // Most pairs are told apart by their ends alone.
    let found = search::bisect(&climbing.ladder, |rung| question.state(&both(&rung.settings)))?;
    let second = &climbing.ladder.rungs[found];
    if question.state(&first.settings) == RungState::Met || question.state(&second.settings) == RungState::Met {
        return None;
    }
    let change = |half: &Half, rung| half.climbed.lever.change(rung);
    Some(Solution {
        changes: vec![change(fixed, first), change(climbing, second)],
        is_far: false,
        answer: question.ask(&both(&second.settings)).ok()?,
        short: climbing.ladder.shy_of(found).map(|short| change(climbing, &climbing.ladder.rungs[short])),
        gaps: Vec::new(),
    })
}
