//! What 11.1 does that no release before did, on one guest: a sync in every step while post-copy is permitted
//! (qemu-precopy, section 14, H2).

use precopy::scenario::Input;
use precopy::sim::{self, Options, Outcome, Verdict};

/// The guest of the recorded trio is known by its RAM and limit alone. Its zero pages, region and rate are those for which
/// 11.1 without post-copy takes 8 passes in 6.4 s; the two other runs are predicted.
const GUEST: &str = "[guest]\nmemory = \"256 MiB\"\nzero = \"40 %\"\n[[guest.workload]]\nkind = \"uniform\"\nregion = \"32 MiB\"\n\
    rate = \"8000 pages/s\"\n[link]\nbandwidth = \"18 Gbit/s\"\n[qemu]\naccel = \"tcg\"\nmax-bandwidth = \"32 MiB/s\"\n";

fn run(version: &str, postcopy: bool) -> Outcome {
    let flags = [format!("qemu.version={version}"), format!("qemu.postcopy-ram={postcopy}")];
    let scenario = Input::new("trio.toml", GUEST, &flags).unwrap().load().unwrap().scenario;
    let outcome = sim::run(&scenario, &Options::default()).unwrap().0;
    assert_eq!(outcome.verdict, Verdict::Converged);
    outcome
}

#[test]
fn every_step_syncs_while_post_copy_is_permitted() {
    // Recorded: 8 passes in 6.5 s without, 52 in 5.0 s with it, and 9 in 6.4 s with it on 10.0.
    for (version, postcopy, passes, seconds) in
        [("11.1", false, 8, 6.5), ("11.1", true, 52, 5.0), ("10.0", true, 9, 6.4)]
    {
        let outcome = run(version, postcopy);
        let place =
            format!("{version}, post-copy {postcopy}: {} in {} ms", outcome.dirty_sync_count, outcome.total_time_ms);
        assert!(outcome.dirty_sync_count.abs_diff(passes) <= 1, "{place}");
        assert!((outcome.total_time_ms / 1e3 / seconds - 1.0).abs() < 0.02, "{place}");
    }
}
