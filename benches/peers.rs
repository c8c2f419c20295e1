//! Migrations a second on one core, beside a bare loop over the geometric model in C and in Python, and beside SimGrid.
//!
//! `cargo bench --bench peers` runs them by turns on one grid (`benches/peers/`): guests of 4 to 16 GiB, links of 1 to 10
//! Gbit/s, 0 to 90 % of the link dirtied, a fixed downtime limit. Of each the fastest turn counts, which other work on the
//! machine disturbs least. A peer that cannot be built here is skipped and said so.

mod cases;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use precopy::scenario::Scenario;
use precopy::sim::{self, Options};

const TURNS: usize = 7;

/// Something that migrates the grid a number of times, and says how many migrations a second that was.
struct Peer {
    name: &'static str,
    turn: Box<dyn Fn() -> f64>,
}

/// This simulator on one thread.
fn ours(name: &'static str, scenarios: Vec<Scenario>, rounds: usize) -> Peer {
    let turn = move || {
        let options = Options::default();
        let checked: Vec<_> = scenarios.iter().map(|scenario| scenario.check().unwrap()).collect();
        let start = Instant::now();
        for scenario in checked.iter().cycle().take(rounds * scenarios.len()) {
            black_box(sim::run_checked(black_box(*scenario), &options));
        }
        (rounds * scenarios.len()) as f64 / start.elapsed().as_secs_f64()
    };
    Peer { name, turn: Box::new(turn) }
}

/// A program that prints how many migrations it did and in how many seconds.
fn theirs(name: &'static str, program: &Path, arguments: &[&str]) -> Peer {
    let (program, arguments) = (program.to_owned(), arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
    let turn = move || {
        let output = Command::new(&program).args(&arguments).output().expect("it has just been built or found");
        let text = String::from_utf8_lossy(&output.stdout);
        let words: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [count, seconds, _] = words[..] else { panic!("{name} printed {text:?}") };
        count / seconds
    };
    Peer { name, turn: Box::new(turn) }
}

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches/peers", name].iter().collect()
}

/// Compiles a source of `benches/peers`; `None` where there is no such compiler or library.
fn compiled(compiler: &str, source: &str, libraries: &[&str]) -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.replace('.', "-"));
    let output = Command::new(compiler).args(["-O2", "-o"]).arg(&program).arg(file(source)).args(libraries).output();
    output.is_ok_and(|output| output.status.success()).then_some(program)
}

/// Python 3, as the loop needs it.
fn python() -> Option<PathBuf> {
    let found = Command::new("python3").arg("--version").output();
    found.is_ok_and(|output| output.status.success()).then(|| PathBuf::from("python3"))
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("SKIPPED: times hold for `cargo bench --bench peers` only, not for this build");
        return;
    }
    let script = file("geometric.py");
    let script = script.to_str().expect("the checkout's path is text");
    let peers = [
        compiled("cc", "geometric.c", &[]).map(|program| theirs("geometric model, C", &program, &["20000"])),
        Some(ours("precopy, uniform writer", cases::grid(), 10)),
        Some(ours("precopy, dirty curve and auto-converge", cases::peers(), 4)),
        python().map(|program| theirs("geometric model, Python", &program, &[script, "50"])),
        compiled("c++", "simgrid.cpp", &["-lsimgrid"])
            .map(|program| theirs("SimGrid, live migration", &program, &["5"])),
    ];
    let missing = peers.iter().filter(|peer| peer.is_none()).count();
    let peers: Vec<Peer> = peers.into_iter().flatten().collect();
    let mut best = vec![0.0_f64; peers.len()];
    for _ in 0..TURNS {
        for (peer, best) in peers.iter().zip(&mut best) {
            *best = best.max((peer.turn)());
        }
    }
    println!("{:40}{:>16}{:>16}", "", "migrations/s", "of the first");
    for (peer, rate) in peers.iter().zip(&best) {
        println!("{:40}{:>16.0}{:>15.1}x", peer.name, rate, best[0] / rate);
    }
    if missing > 0 {
        println!("SKIPPED: {missing} peers, for want of cc, python3, or c++ with SimGrid's library (libsimgrid-dev)");
    }
}
