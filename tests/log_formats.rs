//! The logs that products write read to what they say, and what they do not say is named.

use std::fs;
use std::path::{Path, PathBuf};

use precopy::compare::{Fate, Trace};
use precopy::sim::Event;
use precopy::why::WhyAnswer;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs").join(name)
}

/// The files of a folder in order of their names.
fn files(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.is_file());
    all.sort();
    all
}

/// All that was understood of a migration, for a person to check against the file.
fn understood(trace: &Trace) -> String {
    let (measured, told) = (&trace.measured, &trace.told);
    let mut out = format!(
        "{}: {}{}, {} after {:.2} s, {} syncs, throttle {} %, sent {:?}, pages {:?} + {:?} zero, RAM {:?}, downtime {:?} ms, \
         setup {:?} ms\n",
        trace.name,
        if told.form.is_empty() { "report" } else { told.form },
        told.subject.as_ref().map_or(String::new(), |subject| format!(" ({subject})")),
        measured.verdict.as_str(),
        measured.seen_ms / 1e3,
        measured.dirty_sync_count,
        measured.throttle_max_pct,
        measured.transferred_bytes,
        measured.normal_pages,
        measured.duplicate_pages,
        trace.memory.map(|memory| memory.0),
        measured.downtime_ms,
        measured.setup_time_ms,
    );
    let end = told.end.as_ref().map(|end| format!("{end:?}"));
    let limit = told.downtime_limit_ms.map(|ms| format!("downtime limit {ms} ms"));
    let words: Vec<String> = end.into_iter().chain(limit).chain(trace.note.clone()).collect();
    out.extend(words.iter().map(|word| format!("  {word}\n")));
    let looks: Vec<_> = trace.timeline.rows.iter().filter(|row| row.event == Event::Sample).collect();
    for row in looks.iter().take(2).chain(looks.iter().skip(2).next_back()) {
        out += &format!(
            "  at {:.2} s: pass {}, {} sent, {} left, {} pages/s dirtied, {:.0} B/s, throttle {} %\n",
            row.t_ms / 1e3,
            row.pass,
            row.transferred_bytes,
            row.remaining_bytes,
            row.dirty_pages_rate,
            row.bandwidth,
            row.throttle_pct
        );
    }
    out
}

#[test]
fn every_form_of_log_is_read() {
    for path in files(&folder("")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let all = Trace::read_all(&path).unwrap_or_else(|problem| panic!("{problem}"));
        let text: String = all.iter().map(understood).collect();
        insta::assert_snapshot!(name.replace('.', "-"), text);
    }
}

#[test]
fn a_file_without_statistics_is_refused_by_its_name() {
    let complaint = |path: &Path| Trace::read_all(path).unwrap_err().problem.to_string();
    let all: String = files(&folder("refused"))
        .iter()
        .map(|path| format!("{}: {}\n", path.file_name().unwrap().to_str().unwrap(), complaint(path)))
        .collect();
    insta::assert_snapshot!("refused", all);
}

/// Whatever program saved it: the same migration, or one message.
#[test]
fn line_ends_and_encodings_do_not_matter() {
    for path in files(&folder("")) {
        let text = fs::read_to_string(&path).unwrap();
        let plain = format!("{:?}", Trace::parse_all("log", text.as_bytes()).unwrap());
        let wide =
            |order: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let crlf = text.replace('\n', "\r\n").into_bytes();
        for bytes in [crlf, wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
            assert_eq!(format!("{:?}", Trace::parse_all("log", &bytes).unwrap()), plain, "{path:?}");
        }
    }
}

#[test]
fn a_decimal_comma_is_a_decimal_point() {
    let text = fs::read_to_string(folder("domjobinfo-many.txt")).unwrap();
    let comma: String = text.lines().map(|line| line.replacen('.', ",", 1) + "\n").collect();
    let read = |text: &str| format!("{:?}", Trace::parse_all("log", text.as_bytes()).unwrap());
    assert_eq!(read(&comma), read(&text));
}

/// A log that is cut off anywhere reads to less of the same migration, or says in one line what is wrong.
#[test]
fn a_cut_log_never_makes_figures_up() {
    for path in files(&folder("")) {
        let bytes = fs::read(&path).unwrap();
        let whole = Trace::parse("log", &bytes).unwrap();
        for length in (0..bytes.len()).step_by(1 + bytes.len() / 60) {
            match Trace::parse("log", &bytes[..length]) {
                Ok(part) => {
                    assert!(part.measured.seen_ms.is_finite() && part.measured.seen_ms > 0.0, "{path:?} {length}");
                    assert!(part.measured.dirty_sync_count <= whole.measured.dirty_sync_count, "{path:?} {length}");
                }
                Err(problem) => assert_eq!(problem.to_string().lines().count(), 1, "{path:?} {length}"),
            }
        }
    }
}

#[test]
fn one_of_several_migrations_is_asked_for() {
    let path = folder("nova-twice.txt");
    let (one, two) = (Trace::read_nth(&path, 1).unwrap(), Trace::read_nth(&path, 2).unwrap());
    assert_eq!((one.measured.verdict, two.measured.verdict), (Fate::Converged, Fate::Cancelled));
    assert!(two.note.unwrap().ends_with("migration 2 of the 2 in this log; `--nth N` is another one"));
    let few = Trace::read_nth(&path, 3).unwrap_err().to_string();
    assert!(few.ends_with("nova-twice.txt: has 2 migrations, and `--nth` asks for number 3"), "{few}");
}

/// Logs have other lines between: before, after and among the statistics.
#[test]
fn other_lines_are_passed_over() {
    for name in ["nova.txt", "vdsm.txt", "proxmox-new.txt", "hmp-10.0-loop.txt", "domjobinfo-loop.txt"] {
        let text = fs::read_to_string(folder(name)).unwrap();
        let noisy: String = text.lines().map(|line| format!("{line}\nsomething else went on\n")).collect();
        let looks = |text: &str| {
            let trace = Trace::parse("log", text.as_bytes()).unwrap();
            format!("{:?} {:?}", trace.measured, trace.timeline.rows)
        };
        assert_eq!(looks(&noisy), looks(&text), "{name}");
    }
}

/// A log as logrotate leaves it.
#[test]
fn gzip_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("nova.txt.gz");
    let packing = std::process::Command::new("gzip").arg("-c").arg(self::folder("nova.txt")).output();
    let Ok(packing) = packing else { return println!("there is no gzip here") };
    fs::write(&packed, &packing.stdout).unwrap();
    let shown = |path: &Path| format!("{:?}", Trace::read(path).unwrap());
    assert_eq!(shown(&packed), shown(&self::folder("nova.txt")));
    fs::write(&packed, &packing.stdout[..packing.stdout.len() / 2]).unwrap();
    let damaged = Trace::read(&packed).unwrap_err().to_string();
    assert!(damaged.ends_with("it begins as gzip and is damaged or cut off; copy it again"), "{damaged}");
}

/// What may stand where it does harm.
const SIGNS: &[u8] = b"0123456789-.,:{}\"\n ";

/// Damage of any kind: every tenth byte or so is another one, a digit is a thousand digits, a line is gone.
#[test]
fn damaged_logs_are_read_or_refused() {
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for path in files(&folder("")) {
        let whole = fs::read(&path).unwrap();
        let whole = &whole[..whole.len().min(6000)];
        for round in 0..150 {
            let mut bytes = whole.to_vec();
            for _ in 0..1 + round % 12 {
                bytes.extend(bytes.is_empty().then_some(b'x'));
                let at = next(bytes.len());
                match next(5) {
                    0 => bytes[at] = next(256) as u8,
                    1 => bytes[at] = SIGNS[next(SIGNS.len())],
                    2 => drop(bytes.splice(at..at, b"99999999999999999999".iter().copied())),
                    3 => drop(bytes.drain(at..(at + next(80)).min(bytes.len()))),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            for trace in Trace::parse_all("log", &bytes).unwrap_or_default() {
                assert!(trace.measured.seen_ms.is_finite(), "{path:?} {round}");
                // Simulations take their time, and a few show what all would.
                if round % 25 == 0 {
                    let answer = WhyAnswer::of(&trace, None);
                    assert!(!precopy::report::why::text(&answer, &[], None).is_empty());
                }
            }
        }
    }
}

/// `fit` takes logs that count no syncs as looks, refuses those of which no guest follows, and asks a scenario of full ones.
#[test]
fn what_a_log_lacks_is_no_figure_of_a_fit() {
    let fit =
        |name: &str| precopy::fit::fit(vec![Trace::read(&folder(name)).unwrap()], 1, &|progress| progress.runs < 400);
    for name in ["proxmox-new.txt", "kubevirt-vmim.json"] {
        let unfit = fit(name).unwrap_err().to_string();
        assert!(unfit.contains(" does not tell ") && unfit.contains("`precopy why`"), "{unfit}");
    }
    assert!(fit("nova.txt").unwrap().is_some() && fit("kubevirt-launcher.txt").unwrap().is_some());
    assert!(fit("vdsm.txt").unwrap_err().to_string().contains("`--scenario FILE`"));
}
