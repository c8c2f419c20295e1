//! How many instructions a migration takes, and a row of a sweep with all that belongs to it, held against `benches/instructions.toml`.
//!
//! `cargo bench --bench instructions` runs each case under callgrind. Counts repeat to four digits where times do not,
//! but only for one compiler: another one is held to a wider margin, and where valgrind is missing the bench says so.
//! `UPDATE_BUDGET=1` writes the file anew. A name as argument runs the cases that contain it.

mod cases;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use cases::ShippedSweep;
use precopy::scenario::{CheckedScenario, Scenario};
use precopy::sim::{self, Memory, Options};
use toml::Table;

const BUDGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.toml");

/// How far above its budget a case may come.
const SLIDE: f64 = 0.02;
/// The same where another compiler wrote the budget: wide enough for other machine code of the same program; chosen, not measured.
const SLIDE_ELSEWHERE: f64 = 0.15;

/// Tells the program that it runs under callgrind, and which case to run.
const COUNTED: &str = "PRECOPY_COUNTED_CASE";

/// Cases by name; scenarios and memory of each.
fn cases() -> Vec<(&'static str, Memory, Vec<Scenario>)> {
    let shipped = |name| vec![cases::shipped(name)];
    vec![
        ("4-gib", Memory::Expected, cases::loads(4, false)),
        ("64-gib", Memory::Expected, cases::loads(64, false)),
        ("16-tib", Memory::Expected, cases::loads(16_384, false)),
        ("4-gib-auto-converge", Memory::Expected, cases::loads(4, true)),
        ("64-gib-auto-converge", Memory::Expected, cases::loads(64, true)),
        ("16-tib-auto-converge", Memory::Expected, cases::loads(16_384, true)),
        ("peers", Memory::Expected, cases::peers()),
        ("curves", Memory::Expected, cases::curves()),
        ("never-converges", Memory::Expected, cases::never_converges()),
        ("database", Memory::Expected, shipped("database-1g")),
        ("build-server", Memory::Expected, shipped("build-server")),
        ("post-copy", Memory::Expected, shipped("needs-post-copy")),
        ("xbzrle", Memory::Expected, shipped("xbzrle-saves")),
        ("multifd", Memory::Expected, shipped("multifd-channels")),
        ("exact-1-gib", Memory::Exact, vec![cases::writing(1)]),
        ("exact-curve", Memory::Exact, vec![cases::writing_by_curve(1)]),
    ]
}

/// The function that callgrind looks into, and nothing around it.
#[inline(never)]
fn counted_migrations(scenarios: &[CheckedScenario], options: &Options) {
    for scenario in scenarios {
        black_box(sim::run_checked(black_box(*scenario), options));
    }
}

/// Runs one case, once unseen and once to be counted.
///
/// Reading the scenarios leaves the allocator's lists in a state that depends on the length of this program's path. A thread of
/// its own has lists of its own, which the unseen run of all migrations brings to where they stay.
fn run(name: &str) {
    let (_, memory, scenarios) = cases().into_iter().find(|case| case.0 == name).expect("our own name");
    let options = Options { memory, ..Options::default() };
    let checked: Vec<CheckedScenario> = scenarios.iter().map(|scenario| scenario.check().unwrap()).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            for scenario in &checked {
                black_box(sim::run_checked(*scenario, &options));
            }
            counted_migrations(&checked, &options);
        });
    });
}

/// Instructions of one case, of all its migrations.
fn count(name: &str, folder: &Path) -> u64 {
    let exe = env::current_exe().expect("this program has a path");
    let flags = ["--collect-atstart=no", "--toggle-collect=*counted_migrations*"];
    summed_up(name, folder, Command::new("valgrind").env(COUNTED, name), &flags, exe.as_os_str(), &[])
}

/// Instructions of a whole sweep, from the beginning of its process to the end.
fn count_sweep(sweep: &ShippedSweep, folder: &Path) -> u64 {
    let words: Vec<String> = sweep.words().into_iter().chain(["--jobs".to_owned(), "1".to_owned()]).collect();
    let exe = OsStr::new(env!("CARGO_BIN_EXE_precopy"));
    summed_up(sweep.name, folder, &mut Command::new("valgrind"), &[], exe, &words)
}

/// Instructions that callgrind counts of a program.
fn summed_up(
    name: &str,
    folder: &Path,
    valgrind: &mut Command,
    flags: &[&str],
    program: &OsStr,
    words: &[String],
) -> u64 {
    let out = folder.join(format!("{name}.callgrind"));
    let status = valgrind
        .args(["--tool=callgrind", "-q"])
        .args(flags)
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(program)
        .args(words)
        .stdout(Stdio::null())
        .status()
        .expect("valgrind starts");
    assert!(status.success(), "{name} ended with {status}");
    let text = fs::read_to_string(&out).expect("callgrind writes its file");
    let total = text.lines().find_map(|line| line.strip_prefix("summary:").or(line.strip_prefix("totals:")));
    total.and_then(|total| total.trim().parse().ok()).expect("callgrind sums up")
}

/// Compiler and machine, as `rustc` names them.
fn compiler() -> String {
    let output = Command::new("rustc").arg("-vV").output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output).into_owned();
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("unknown").trim().to_owned();
    format!("{} {}", line("release:"), line("host:"))
}

fn has_valgrind() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn main() -> ExitCode {
    if let Ok(name) = env::var(COUNTED) {
        run(&name);
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("SKIPPED: counts hold for `cargo bench --bench instructions` only, not for this build");
        return ExitCode::SUCCESS;
    }
    if !has_valgrind() {
        println!("SKIPPED: no instructions were counted, for want of `valgrind`");
        return ExitCode::SUCCESS;
    }
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-'));
    let budget: Table = fs::read_to_string(BUDGET).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    let compiler = compiler();
    let recorded = budget.get("compiler").and_then(|value| value.as_str()).unwrap_or("none");
    let slide = if recorded == compiler { SLIDE } else { SLIDE_ELSEWHERE };
    if recorded != compiler {
        println!("the budget is that of {recorded}, and this is {compiler}: held to {:.0} %", 100.0 * slide);
        println!("`UPDATE_BUDGET=1 cargo bench --bench instructions` writes it for this one");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (mut fresh, mut slid) = (format!("compiler = \"{compiler}\"\n\n[instructions]\n"), 0);
    println!("{:24}{:>16}{:>12}{:>10}", "case", "each", "budget", "change");
    let migrations = cases().into_iter().map(|(name, _, scenarios)| (name, scenarios.len() as u64, None));
    let rows = cases::SWEEPS.iter().map(|sweep| (sweep.name, sweep.rows, Some(sweep)));
    for (name, times, sweep) in migrations.chain(rows) {
        if wanted.is_some_and(|wanted| !name.contains(wanted.as_str())) {
            continue;
        }
        let counted = sweep.map_or_else(|| count(name, &folder), |sweep| count_sweep(sweep, &folder));
        let each = counted / times;
        fresh += &format!("{name} = {each}\n");
        let allowed = budget.get("instructions").and_then(|all| all.get(name)).and_then(|value| value.as_integer());
        let change = allowed.map(|allowed| each as f64 / allowed as f64 - 1.0);
        let verdict = if change.is_none_or(|change| change > slide) { "  SLID" } else { "" };
        slid += u32::from(!verdict.is_empty());
        let (allowed, change) = match (allowed, change) {
            (Some(allowed), Some(change)) => (allowed.to_string(), format!("{:+.1} %", 100.0 * change)),
            _ => ("-".to_owned(), "-".to_owned()),
        };
        println!("{name:24}{each:>16}{allowed:>12}{change:>10}{verdict}");
    }
    if env::var_os("UPDATE_BUDGET").is_some() && wanted.is_none() {
        fs::write(BUDGET, fresh).expect("the checkout can be written");
        println!("written to {BUDGET}");
        return ExitCode::SUCCESS;
    }
    if slid > 0 {
        println!("{slid} above the budget by more than {:.0} %", 100.0 * slide);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
