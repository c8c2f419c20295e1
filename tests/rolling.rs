//! Hosts that are emptied one after another: each guest into a host with room, within the scheduler's limits.

mod page;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use page::flat;
use precopy::drain::{Attempt, DrainHost, Lack, RollingDrain, drain, roll};
use precopy::scenario::{Fleet, Input};
use precopy::sim::Options;
use precopy::units::Time;
use proptest::prelude::*;

fn fleet(text: &str, sets: &[&str]) -> Fleet {
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let loaded = Input::new("fleet.toml", text, &sets).unwrap().load_fleet();
    loaded.unwrap_or_else(|faults| panic!("{sets:?}: {faults:?}")).fleet
}

fn rolled(fleet: &Fleet) -> (DrainHost, RollingDrain) {
    let host = DrainHost::new(fleet, &Options::default()).unwrap();
    let found = roll(&host, &|| {});
    (host, found)
}

/// What is wrong with a text, in words.
fn faults(text: &str) -> String {
    let loaded = Input::new("fleet.toml", text, &[]).unwrap().load_fleet();
    format!("{:?}", loaded.expect_err("it is wrong"))
}

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).env_remove("COLUMNS").current_dir(folder).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    flat(&String::from_utf8_lossy(bytes))
}

/// Guests of 1 GiB on 1 Gbit/s: each takes 8.8 s alone.
const COMMON: &str = r#"
[guest]
memory = "1 GiB"
workload = [{ kind = "idle" }]
[link]
bandwidth = "1 Gbit/s"
[qemu]
max-bandwidth = 0
[limits]
time = "1 min"
"#;

/// Two guests on each of two hosts, and a spare.
fn two_and_a_spare() -> String {
    format!(
        r#"{COMMON}
[[node]]
name = "host-*"
memory = "4 GiB"
upgrade = "10 min"
[[node]]
name = "spare"
memory = "2 GiB"
[[vm]]
name = "a"
node = "host-1"
count = 2
[[vm]]
name = "b"
node = "host-2"
count = 2
"#
    )
}

/// Host, guest and destination of each migration, by its end.
fn moves(host: &DrainHost, found: &RollingDrain) -> Vec<(String, String, String)> {
    let node = |node: usize| host.nodes()[node].name.clone();
    let mut all: Vec<_> = Vec::new();
    for of in &found.hosts {
        for (attempt, to) in of.timetable.attempts.iter().zip(&of.to) {
            all.push((attempt.end, node(of.node), host.guests()[attempt.guest].name.clone(), node(*to)));
        }
    }
    all.sort_by_key(|row| row.0);
    all.into_iter().map(|(_, from, guest, to)| (from, guest, to)).collect()
}

#[test]
fn a_host_that_was_upgraded_takes_the_guests_of_the_next() {
    let (host, found) = rolled(&fleet(&two_and_a_spare(), &[]));
    let row = |from: &str, guest: &str, to: &str| (from.to_owned(), guest.to_owned(), to.to_owned());
    let expected = [
        row("host-1", "a-1", "spare"),
        row("host-1", "a-2", "spare"),
        row("host-2", "b-1", "host-1"),
        row("host-2", "b-2", "host-1"),
    ];
    assert_eq!(moves(&host, &found), expected);
    let [first, second] = &found.hosts[..] else { panic!("{found:?}") };
    let seconds = |time: Time| (time - Time::ZERO).seconds();
    // Two guests of 8.8 s, then ten minutes; the second host waits for the first to be back.
    assert!((17.0..18.0).contains(&seconds(first.empty.unwrap())), "{first:?}");
    assert_eq!(seconds(first.back.unwrap()) - seconds(first.empty.unwrap()), 600.0);
    assert_eq!(Some(second.start), first.back);
    assert_eq!((found.done(), second.back), (Some(found.end), Some(found.end)));
}

#[test]
fn a_rack_that_goes_away_takes_nobody_back_and_a_guest_without_room_says_what_is_missing() {
    let sets = ["node.0.upgrade=never"];
    let (host, found) = rolled(&fleet(&two_and_a_spare(), &sets));
    // Host 1 leaves into the spare; host 2 has nowhere to go.
    assert_eq!((found.done(), found.emptied(), found.stay()), (None, 1, 2));
    let lack = &found.hosts[1].unplaced[0].lack;
    let spare = host.nodes().iter().position(|node| node.name == "spare").unwrap();
    assert!(
        matches!(lack, Lack::Memory { needs, most, node } if (needs.0, most.0, *node) == (1 << 30, 0, spare)),
        "{lack:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.toml"), two_and_a_spare()).unwrap();
    let output = precopy(folder.path(), &["drain", "f.toml", "--set", sets[0], "--window", "1h"]);
    let page = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(page.starts_with("no: hosts not empty: 1 of 2 hosts emptied after"), "{page}");
    let named =
        "b-1, b-2 fit nowhere on host-2 it needs 1 GiB of RAM, and the most that is free on a host is 0 B, on spare.";
    assert!(page.contains(named), "{page}");
}

#[test]
fn vcpus_count_as_well_as_ram() {
    let text = format!("{COMMON}\nguest.vcpus = 4\n").replace("guest.vcpus = 4\n", "");
    let text = text.replace("memory = \"1 GiB\"", "memory = \"1 GiB\"\nvcpus = 4")
        + "[[node]]\nname = 'one'\n[[node]]\nname = 'two'\nvcpus = 6\n[[vm]]\nnode = 'one'\ncount = 2\n";
    let (_, found) = rolled(&fleet(&text, &[]));
    let lack = &found.hosts[0].unplaced[0].lack;
    assert!(matches!(lack, Lack::Vcpus { needs: 4, most: 2, .. }), "{lack:?}");
    assert_eq!(found.hosts[0].moved(), 1);
}

#[test]
fn one_host_that_leaves_into_another_takes_as_long_as_one_host() {
    for kind in ["nova", "kubevirt", "ovirt", "proxmox", "vsphere"] {
        let guests = "[[vm]]\nname = 'a'\ncount = 5\nguest.workload = [{ kind = 'uniform', region = '512 MiB', rate = '2000 pages/s' }]\n";
        let scheduler = format!("[scheduler]\nkind = '{kind}'\n");
        let alone = fleet(&format!("{COMMON}{scheduler}{guests}"), &[]);
        let named = format!("{COMMON}{scheduler}[[node]]\nname = 'other'\n{guests}node = 'one'\n");
        let (host, found) = rolled(&fleet(&named, &[]));
        let one = DrainHost::new(&alone, &Options::default()).unwrap();
        let expected = drain(&one, &one.plan());
        let times = |attempts: &[Attempt]| -> Vec<(usize, u64, u64)> {
            attempts.iter().map(|a| (a.guest, a.start.whole_ms(), a.end.whole_ms())).collect()
        };
        assert_eq!(times(&found.hosts[0].timetable.attempts), times(&expected.attempts), "{kind}");
        assert_eq!(host.guests().len(), 5);
    }
}

#[test]
fn the_slower_uplink_of_a_destination_holds_its_guests_back() {
    let text = |uplink: &str| {
        let node = format!("[[node]]\nname = 'other'\nuplink = '{uplink}'\n");
        format!("{COMMON}[scheduler]\nkind = 'slots'\nslots = 2\n{node}[[vm]]\nnode = 'one'\ncount = 2\n")
    };
    let seconds = |uplink: &str| (rolled(&fleet(&text(uplink), &[])).1.end - Time::ZERO).seconds();
    let (fast, slow) = (seconds("10 Gbit/s"), seconds("500 Mbit/s"));
    assert!((slow / fast - 2.0).abs() < 0.05, "{fast} s and {slow} s");
}

#[test]
fn hosts_that_are_emptied_at_once_share_the_limit_of_the_cluster() {
    let text = |cluster: u32| {
        let hosts: String =
            (1..=3).map(|host| format!("[[vm]]\nname = 'h{host}'\nnode = 'h{host}'\ncount = 4\n")).collect();
        let limits =
            format!("hosts = 3\nparallelMigrationsPerCluster = {cluster}\nparallelOutboundMigrationsPerNode = 2\n");
        format!(
            "{COMMON}[scheduler]\nkind = 'kubevirt'\n{limits}[[node]]\nname = 'spare'\nuplink = '100 Gbit/s'\n{hosts}"
        )
    };
    for (cluster, most) in [(3, 3), (5, 5), (100, 6)] {
        let (_, found) = rolled(&fleet(&text(cluster), &[]));
        assert_eq!(found.done(), Some(found.end));
        assert_eq!(at_once(found.hosts.iter().flat_map(|of| &of.timetable.attempts)), most, "{cluster}");
    }
}

/// The most migrations at a time.
fn at_once<'a>(attempts: impl Iterator<Item = &'a Attempt> + Clone) -> usize {
    let running = |at: Time| attempts.clone().filter(|other| other.start <= at && at < other.end).count();
    attempts.clone().map(|attempt| running(attempt.start)).max().unwrap_or(0)
}

#[test]
fn what_is_asked_of_one_host_names_the_flag_that_takes_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.toml"), two_and_a_spare()).unwrap();
    for flags in [&["--search"][..], &["--within", "1h"], &["--repeats", "3"], &["--scheduler", "all"]] {
        let output = precopy(folder.path(), &[&["drain", "f.toml"], flags].concat());
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("`--host host-1` takes one"), "{flags:?}: {said}");
    }
    let one = precopy(folder.path(), &["drain", "f.toml", "--host", "host-2"]);
    assert!(text(&one.stdout).starts_with("host empty after 17"), "{one:?}");
    let nobody = precopy(folder.path(), &["drain", "f.toml", "--host", "host-9"]);
    assert!(text(&nobody.stderr).contains("no guest runs on `host-9`; there are host-1, host-2"), "{nobody:?}");
}

#[test]
fn hosts_that_cannot_be_are_refused() {
    for (more, why) in [
        ("[[vm]]\nnode = 'one'\n[[vm]]\n", "a guest without a host, and others have one"),
        ("[[node]]\nname = 'one'\n[[vm]]\n", "hosts are named, and no guest is on one"),
        ("[[node]]\nname = 'one'\n[[node]]\nname = 'one'\n[[vm]]\nnode = 'one'\n", "two hosts are called `one`"),
        ("[[node]]\nname = 'one'\nmemory = 0\n[[vm]]\nnode = 'one'\n", "no guest would fit"),
        ("[[node]]\nname = 'one'\nupgrade = 'soon'\n[[vm]]\nnode = 'one'\n", "no such choice"),
        ("[[node]]\nmemory = '1 GiB'\n[[vm]]\nnode = 'one'\n", "name"),
    ] {
        let said = faults(&format!("{COMMON}{more}"));
        assert!(said.contains(why), "{more}: {said}");
    }
}

#[test]
fn a_table_with_a_column_of_hosts_is_emptied_host_by_host() {
    let folder = tempfile::tempdir().unwrap();
    let table = "name,host,memory (GiB),rate (MiB/s)\na,h1,1,0.1\nb,h2,1,0.1\nc,h2,1,0.1\n";
    std::fs::write(folder.path().join("g.csv"), table).unwrap();
    let output = precopy(folder.path(), &["drain", "g.csv", "--link", "1G"]);
    let page = text(&output.stdout);
    assert!(page.starts_with("all hosts done after 34.6 s, 2 hosts emptied by 4 migrations"), "{page}");
    assert!(page.contains("1 guest moves more than once"), "{page}");
    let assumed =
        "assumed of hosts: RAM is enough, vCPUs are enough, the uplink is that of `[link]`, an upgrade takes no time";
    assert!(page.contains(assumed), "{page}");
}

#[test]
fn rows_that_were_kept_make_the_page_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f.toml"), two_and_a_spare()).unwrap();
    let sets = ["--set", "node.0.upgrade=never", "-q"];
    for (format, flag) in [("csv", "roll.csv"), ("json", "roll.json")] {
        let words = [&["drain", "f.toml", "--format", format, "-o", flag], &sets[..]].concat();
        assert!(precopy(folder.path(), &words).status.success());
        let output = precopy(folder.path(), &["report", flag]);
        assert!(output.status.success(), "{output:?}");
        let page = text(&output.stdout);
        for words in [
            "hosts not empty",
            "1 of 2 hosts emptied after 17.3 s, 2 guests stay",
            "fits nowhere: it needs 1 GiB of RAM, and the most that is free on a host is 0 B, on spare",
            "Which host is emptied when",
            "When were the hosts of f empty?",
        ] {
            assert!(page.contains(words), "{format}: {words}: {page}");
        }
    }
    // One host, and the file of two drains.
    assert!(
        precopy(folder.path(), &["drain", "f.toml", "--host", "host-1", "--format", "csv", "-o", "one.csv"])
            .status
            .success()
    );
    let one = text(&precopy(folder.path(), &["report", "one.csv"]).stdout);
    assert!(one.contains("host empty") && one.contains("after 17.3 s, 2 guests moved"), "{one}");
    let rows = std::fs::read_to_string(folder.path().join("one.csv")).unwrap();
    let other: String =
        rows.lines().skip(1).map(|row| format!("{}\n", row.replacen(",1,expected", ",2,expected", 1))).collect();
    std::fs::write(folder.path().join("two.csv"), rows + &other).unwrap();
    let two = precopy(folder.path(), &["report", "two.csv"]);
    assert!(
        two.status.code() == Some(2) && text(&two.stderr).contains("rows of several drains, whose `seed` differs"),
        "{two:?}"
    );
    let filtered = precopy(folder.path(), &["report", "one.csv", "--where", "moved=true"]);
    assert_eq!(filtered.status.code(), Some(2), "{filtered:?}");
}

/// Fleets of a few hosts with guests of some sizes.
fn fleets() -> impl Strategy<Value = String> {
    let guests = proptest::collection::vec((0usize..4, 1u32..4), 1..10);
    let hosts = proptest::collection::vec((3u32..12, prop_oneof![Just("never"), Just("0"), Just("7 s")]), 4);
    let scheduler = prop_oneof![Just("nova"), Just("kubevirt"), Just("ovirt")];
    (guests, hosts, scheduler, 1u32..4).prop_map(|(guests, hosts, scheduler, at_once)| {
        let mut text = format!("{COMMON}[scheduler]\nkind = '{scheduler}'\nhosts = {at_once}\n");
        for (at, (memory, upgrade)) in hosts.into_iter().enumerate() {
            text += &format!("[[node]]\nname = 'h{at}'\nmemory = '{memory} GiB'\nupgrade = '{upgrade}'\n");
        }
        for (node, memory) in guests {
            text += &format!("[[vm]]\nnode = 'h{node}'\nguest.memory = '{memory} GiB'\n");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_host_ever_has_more_than_its_room_and_no_limit_is_broken(text in fleets()) {
        let (host, found) = rolled(&fleet(&text, &[]));
        let scheduler = host.scheduler();
        let memory = |guest: usize| host.guests()[guest].scenario.guest.memory.bytes().0;
        let mut all: Vec<(usize, usize, &Attempt)> = Vec::new();
        for of in &found.hosts {
            all.extend(of.timetable.attempts.iter().zip(&of.to).map(|(attempt, to)| (of.node, *to, attempt)));
            prop_assert!(at_once(of.timetable.attempts.iter()) <= scheduler.slots as usize);
            prop_assert_eq!(of.empty.is_some(), of.timetable.stay.is_empty());
            // Whoever stays has been tried in vain, or has no room.
            for guest in &of.timetable.stay {
                let failed = of.timetable.attempts.iter().any(|attempt| attempt.guest == *guest);
                prop_assert!(failed || of.unplaced.iter().any(|unplaced| unplaced.guest == *guest));
            }
            // Nobody comes from the moment that it is begun until it is back.
            let closed = |at: Time| of.start <= at && of.back.is_none_or(|back| at < back);
            let comes = found.hosts.iter().flat_map(|other| other.timetable.attempts.iter().zip(&other.to));
            prop_assert!(!comes.filter(|(_, to)| **to == of.node).any(|(attempt, _)| closed(attempt.start)));
        }
        all.sort_by_key(|(_, _, attempt)| attempt.start);
        let moments: Vec<Time> = all.iter().map(|(_, _, attempt)| attempt.start).collect();
        for now in moments {
            // A guest counts where it is and where it is on its way.
            let mut used: BTreeMap<usize, u64> = BTreeMap::new();
            for (guest, known) in host.guests().iter().enumerate() {
                let mut home = known.node.unwrap();
                let own = all.iter().filter(|(_, _, attempt)| attempt.guest == guest);
                for (_, to, attempt) in own.clone() {
                    if attempt.is_gone() && attempt.end <= now {
                        home = *to;
                    }
                }
                *used.entry(home).or_default() += memory(guest);
                for (_, to, _) in own.filter(|(_, _, attempt)| attempt.start <= now && now < attempt.end) {
                    *used.entry(*to).or_default() += memory(guest);
                }
            }
            for (node, used) in used {
                let own: u64 = host.guests().iter().enumerate().filter(|(_, g)| g.node == Some(node)).map(|(at, _)| memory(at)).sum();
                // Guests may have been too many from the start.
                prop_assert!(used <= host.nodes()[node].memory.unwrap().0.max(own), "{node}: {used}");
            }
            let running = all.iter().filter(|(_, _, attempt)| attempt.start <= now && now < attempt.end);
            prop_assert!(scheduler.per_cluster.is_none_or(|most| running.clone().count() <= most as usize));
            for node in 0..host.nodes().len() {
                let inbound = running.clone().filter(|(_, to, _)| *to == node).count();
                prop_assert!(scheduler.inbound.is_none_or(|most| inbound <= most as usize));
            }
        }
        // The same again is the same.
        prop_assert_eq!(roll(&host, &|| {}), found);
    }
}
