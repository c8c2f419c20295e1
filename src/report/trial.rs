//! What is said of a trial migration.

use std::fmt::Write as _;

use super::replay::whereabouts;
use crate::compare::recording::Recording;
use crate::metrics;
use crate::probe::GuestTrial;
use crate::replay::Domain;
use crate::sim::Verdict;
use crate::sink::terminal;
use crate::units::{Bytes, Span};

/// What a trial does to the guest, and what it cannot do.
pub fn disturbance(trial: &GuestTrial, time: Span) -> Vec<String> {
    vec![
        format!(
            "the trial takes {time} after its first pass, which takes {} at most; auto-converge slows the guest down meanwhile, by up to \
             99 %, and its dirty log makes the first write to each page a fault",
            metrics::ms(trial.first_pass().ms())
        ),
        "the stream ends here and is thrown away: nothing arrives at the destination, and the guest cannot move. Where it would arrive \
         within that time, it stands still for some tenths of a second and runs on at the source"
            .to_owned(),
    ]
}

/// The question before anything is done.
pub fn question(domain: &Domain, source: &str, time: Span) -> String {
    let asked = format!(
        "Try `{}` ({} of memory, {} vCPUs, {}) at {source} for {time}?",
        domain.name, domain.memory, domain.vcpus, domain.state
    );
    terminal::word(&asked).into_owned()
}

/// How it went, where the guest is, and what to do with the recording, whose name is a word of a shell.
pub fn text(recording: &Recording, place: &str) -> String {
    let came_to = match recording.verdict {
        Verdict::Converged => "it would have arrived by then",
        _ => "it would have gone on",
    };
    let mut text = format!(
        "tried for {}: {}, {} passes, {} sent, throttle up to {} %; {came_to}\n",
        metrics::ms(recording.total_time_ms),
        whereabouts(recording),
        recording.dirty_sync_count,
        Bytes(recording.transferred_bytes),
        recording.throttle_max_pct,
    );
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\nNext: precopy fit {place} -o fitted.toml\n      precopy run fitted.toml --set qemu.max-bandwidth=0 --set link.bandwidth=RATE\n"
    );
    text
}
