//! Looks in order of time: which belong to one migration, and when it began.

use super::LoggedLook;
use crate::compare::sighting::Sighting;

/// The looks at each job in order of time; those without a time of their own are placed by the clock.
pub(super) fn timed(looks: Vec<LoggedLook>) -> Vec<Vec<Sighting>> {
    let mut jobs = Vec::new();
    let mut rest = &looks[..];
    while !rest.is_empty() {
        let (seen, used) = next_job(rest);
        rest = &rest[used.max(1)..];
        jobs.extend((!seen.is_empty()).then_some(seen));
        // A client that goes on asking is told again how it ended.
        let again = rest.iter().take_while(|look| !look.sighting.state.is_under_way()).count();
        if again < rest.len() || jobs.last().is_some_and(|job: &Vec<Sighting>| ended(job)) {
            rest = &rest[again..];
        }
    }
    jobs
}

fn ended(job: &[Sighting]) -> bool {
    job.last().is_some_and(|last| !last.state.is_under_way())
}

/// The looks at the first job, and how many they were.
fn next_job(looks: &[LoggedLook]) -> (Vec<Sighting>, usize) {
    // The clock at the start of the job [ms].
    let start = looks.iter().find_map(|look| Some(look.clock? * 1e3 - look.elapsed_ms?));
    let mut seen: Vec<Sighting> = Vec::with_capacity(looks.len());
    for (at, look) in looks.iter().enumerate() {
        let by_clock = || Some((look.clock? * 1e3 - start?).max(0.0));
        let last = seen.last().map(|before| before.t_ms);
        let Some(t_ms) = look.elapsed_ms.or_else(by_clock).or(last) else { return (Vec::new(), looks.len()) };
        let ended = !look.sighting.state.is_under_way();
        // QEMU stops its own clock at the end, a little before the last look.
        let late = |before: &Sighting| before.t_ms > t_ms;
        if ended && seen.last().is_some_and(|before| before.pass <= look.sighting.pass) {
            seen.retain(|before| !late(before));
        } else if seen.last().is_some_and(late) {
            return (seen, at);
        } else if !ended && look.sighting.pass == 0 && seen.last().is_some_and(|before| before.pass > 0) {
            continue; // Cut off before its counters: these never go back.
        }
        seen.push(Sighting { t_ms, ..look.sighting.clone() });
        if ended {
            return (seen, at + 1);
        }
    }
    (seen, looks.len())
}

/// Syncs that no figure tells: each time that more remains than before, there was one or more.
pub(super) fn count_rises(looks: &mut [LoggedLook]) {
    let (mut pass, mut before) = (1, u64::MAX);
    for look in looks {
        pass += u64::from(look.sighting.remaining > before);
        before = look.sighting.remaining;
        look.sighting.pass = pass;
    }
}

/// libvirt prepares the destination before QEMU's migration begins: takes that off all times.
pub(super) fn begun(seen: Vec<Sighting>) -> (Vec<Sighting>, Option<String>) {
    let first = seen.iter().position(|sighting| sighting.pass > 0).unwrap_or(0);
    let begin = if first == 0 { 0.0 } else { 0.5 * (seen[first - 1].t_ms + seen[first].t_ms) };
    let note = (begin > 0.0).then(|| {
        let half = 0.5e-3 * (seen[first].t_ms - seen[first - 1].t_ms);
        format!("{:.2} s (give or take {half:.2} s) before QEMU's migration began are taken off all times", begin / 1e3)
    });
    let seen = seen.into_iter().skip(first).map(|sighting| Sighting { t_ms: sighting.t_ms - begin, ..sighting });
    (seen.collect(), note)
}
