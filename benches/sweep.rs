//! Rows a second of `precopy sweep`, whole process, on shipped sweeps: what somebody who runs one waits for.
//!
//! `cargo bench --bench sweep` runs each by turns with one thread and with two. Of each the fastest turn counts, which other work
//! on the machine disturbs least. A word as argument runs the sweeps that have it in their names.

mod cases;

use std::process::{Command, Stdio};
use std::time::Instant;

use cases::ShippedSweep;

const TURNS: usize = 7;

/// Rows a second with so many threads.
fn turn(sweep: &ShippedSweep, jobs: usize) -> f64 {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_precopy"));
    let status = command.args(sweep.words()).args(["--jobs", &jobs.to_string()]).stdout(Stdio::null()).status();
    assert!(status.expect("it is built").success(), "{} ends well", sweep.name);
    sweep.rows as f64 / start.elapsed().as_secs_f64()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("SKIPPED: times hold for `cargo bench --bench sweep` only, not for this build");
        return;
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    println!("{:20}{:>10}{:>14}{:>14}{:>8}", "sweep", "rows", "1 thread", "2 threads", "ratio");
    for sweep in cases::SWEEPS.iter().filter(|sweep| wanted.is_none_or(|wanted| sweep.name.contains(wanted.as_str()))) {
        let mut best = [0.0_f64; 2];
        for _ in 0..TURNS {
            for (best, jobs) in best.iter_mut().zip([1, 2]) {
                *best = best.max(turn(sweep, jobs));
            }
        }
        let [one, two] = best;
        println!("{:20}{:>10}{one:>12.0}/s{two:>12.0}/s{:>8.2}", sweep.name, sweep.rows, two / one);
    }
}
