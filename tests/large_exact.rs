//! The exact memory of a guest with a TiB of RAM: what it takes, beside what the migration takes.
#![cfg(target_os = "linux")]

use std::{env, fs, process::Command};

use precopy::scenario::Input;
use precopy::sim::{self, Memory, Options};

/// 268 million pages, 400,000 page writes a second, 100 Gbit/s.
const GUEST: &str = r#"
[guest]
memory = "1 TiB"
vcpus = 64
[[guest.workload]]
kind = "hot-cold"
region = "1 TiB"
hot = "1 %"
share = "90 %"
rate = "400000 pages/s"
[link]
bandwidth = "100 Gbit/s"
[qemu]
version = "8.2"
auto-converge = true
max-bandwidth = 0
[limits]
time = "30 s"
"#;

/// Set in the process that is measured.
const MEASURED: &str = "PRECOPY_MEASURED";

/// What `/proc/self/status` says of the most memory that was resident so far [bytes].
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    1024.0 * line.trim().trim_end_matches(" kB").parse::<f64>().unwrap()
}

/// Processor time of this process [s]; the kernel counts in hundredths.
fn processor_time() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // User and system time are the 14th and 15th field; the second, in parentheses, may hold blanks.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

#[test]
fn a_tib_takes_a_tenth_of_its_time_and_a_ten_thousandth_of_its_memory() {
    if env::var_os(MEASURED).is_none() {
        // A process of its own, so that nothing else is counted.
        let name = "a_tib_takes_a_tenth_of_its_time_and_a_ten_thousandth_of_its_memory";
        let child = Command::new(env::current_exe().unwrap()).args(["--exact", name]).env(MEASURED, "yes").output();
        let child = child.unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
        return;
    }
    let scenario = Input::new("guest.toml", GUEST, &[]).unwrap().load().expect("it is right").scenario;
    let before = processor_time();
    let (outcome, _) = sim::run(&scenario, &Options { memory: Memory::Exact, ..Options::default() }).unwrap();
    let taken = processor_time() - before;
    assert_eq!(outcome.total_time_ms, 30_000.0);
    assert!(10.0 * taken < outcome.total_time_ms / 1e3, "{taken} s for {} ms", outcome.total_time_ms);
    let bound = scenario.guest.memory.bytes().0 as f64 / 10_000.0 + 100e6;
    assert!(peak() < bound, "{} bytes, and no more than {bound} are allowed", peak());
}
