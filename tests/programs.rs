//! How close predictions come to real migrations of guests that run real programs, from what a planner can measure of them.
//!
//! Recordings with the dirty rates before them are in `tests/data/programs`; nobody knows what these guests write. The table
//! in docs/accuracy.md is made from them, and held.

mod files;
mod page;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use files::files;
use flate2::read::GzDecoder;
use page::hold_parts;
use precopy::compare::Trace;
use precopy::fit::{DirtyRates, ZeroPages, fit};
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Options};
use precopy::uncertain::{LikelyRange, Unknowns};
use precopy::units::Pages;
use rayon::prelude::*;
use serde_json::Value;

/// One recorded migration.
struct Attempt {
    program: String,
    setting: String,
    repeat: u32,
    trace: Trace,
    document: Value,
}

impl Attempt {
    fn read(path: &Path) -> Attempt {
        let document = document(path);
        let (program, label) = document["label"].as_str().unwrap().split_once(", ").unwrap();
        let (setting, repeat) = label.rsplit_once('-').unwrap();
        let (program, setting, repeat) = (program.to_owned(), setting.to_owned(), repeat.parse().unwrap());
        Attempt { program, setting, repeat, trace: Trace::read(path).unwrap(), document }
    }

    fn config(&self, key: &str) -> &Value {
        &self.document["config"][key]
    }

    fn throttles(&self) -> bool {
        self.config("capabilities")["auto-converge"] == true
    }

    /// Whether it arrived, and after how long [s].
    fn arrived(&self) -> Option<f64> {
        let measured = &self.trace.measured;
        measured.verdict.is_completed().then(|| measured.total_time_ms.unwrap() / 1e3)
    }

    /// Zero pages of the first pass.
    fn zero(&self) -> u64 {
        let columns = self.document["sample_columns"].as_array().unwrap();
        let column = |name: &str| columns.iter().position(|column| column == name).unwrap();
        let (pass, zero) = (column("pass"), column("zero_pages"));
        let first = self.document["samples"].as_array().unwrap().iter().filter(|sample| sample[pass] == 1);
        first.filter_map(|sample| sample[zero].as_u64()).next_back().unwrap()
    }

    /// Operations a second that the program did just before, where it counts them.
    fn operations(&self) -> Option<f64> {
        let lines = self.document["program"].as_array()?;
        let counted = lines.iter().filter_map(|line| {
            let count = line[2].as_str()?.strip_prefix("total_commands_processed:")?.parse::<f64>().ok()?;
            line[1].as_f64().filter(|ms| *ms < 0.0).map(|ms| (ms, count))
        });
        let counted: Vec<(f64, f64)> = counted.collect();
        let (first, last) = counted.first().zip(counted.last()).filter(|(first, last)| last.0 > first.0)?;
        Some((last.1 - first.1) / (last.0 - first.0) * 1e3)
    }

    /// Flags that give another scenario this one's settings.
    fn flags(&self) -> Vec<String> {
        let mib = self.config("max_bandwidth").as_u64().unwrap() >> 20;
        vec![
            format!("qemu.max-bandwidth={mib} MiB/s"),
            format!("qemu.downtime-limit={} ms", self.config("downtime_limit_ms")),
            format!("qemu.auto-converge={}", self.throttles()),
            format!("limits.time={} s", self.config("timeout_s")),
        ]
    }

    /// Guest, link and QEMU as a planner would write them down, with `more` keys of the guest.
    fn base(&self, more: &str) -> String {
        format!(
            "[guest]\nmemory = \"{} MiB\"\n{more}\n[link]\nbandwidth = \"18 Gbit/s\"\n[qemu]\nversion = \"10.0\"\n\
             accel = \"tcg\"\nfirst-migration = false\n",
            self.config("memory_mib")
        )
    }

    fn scenario(&self, text: &str) -> Option<Scenario> {
        Some(Input::new("base.toml", text, &self.flags()).unwrap().load().ok()?.scenario)
    }

    fn name(&self) -> String {
        let mib = self.config("max_bandwidth").as_u64().unwrap() >> 20;
        let limit = match self.config("downtime_limit_ms").as_u64() {
            Some(300) => String::new(),
            limit => format!(", {} ms", limit.unwrap()),
        };
        format!("{mib} MiB/s{limit}{}", if self.throttles() { ", auto-converge" } else { "" })
    }
}

/// A packed document.
fn document(path: &Path) -> Value {
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Dirty rates of a program, as they are measured before.
struct Measured(Vec<Value>);

impl Measured {
    fn of(program: &str) -> Measured {
        let path = format!("{}/tests/data/programs/{program}-dirtyrates.json.gz", env!("CARGO_MANIFEST_DIR"));
        Measured(document(Path::new(&path))["rows"].as_array().unwrap().clone())
    }

    fn rows(&self, samples: u64) -> impl Iterator<Item = (u64, u64)> {
        let rows = self.0.iter().filter(move |row| row["mode"] == "page-sampling" && row["sample_pages"] == samples);
        rows.map(|row| (row["calc_time_ms"].as_u64().unwrap(), row["dirty_rate_mib_s"].as_u64().unwrap()))
    }

    /// What `virsh domstats --dirtyrate` prints of whole seconds, at libvirt's 512 samples a GiB.
    fn virsh(&self) -> String {
        let block = |(ms, rate): (u64, u64)| {
            format!(
                "Domain: 'web1'\n  dirtyrate.calc_status=2\n  dirtyrate.calc_period={}\n  \
                 dirtyrate.megabytes_per_second={rate}\n  dirtyrate.calc_mode=page-sampling\n",
                ms / 1000
            )
        };
        self.rows(512).map(block).collect()
    }

    /// What `query-dirty-rate` answers of 16384 samples a GiB over 0.1 to 2 s.
    fn answers(&self) -> String {
        let answer = |(ms, rate): (u64, u64)| {
            format!(
                "{{\"return\": {{\"status\": \"measured\", \"mode\": \"page-sampling\", \"sample-pages\": 16384, \
                 \"dirty-rate\": {rate}, \"calc-time\": {ms}, \"calc-time-unit\": \"millisecond\"}}}}\n"
            )
        };
        self.rows(16384).map(answer).collect()
    }
}

/// What was predicted of a migration.
struct Prediction {
    /// In the middle of what may be.
    arrived: Option<f64>,
    throttle: f64,
    /// In 8 cases of 10 from one to the other, or not at all [s].
    range: [Option<f64>; 2],
    /// How likely it arrives [%].
    chance: f64,
    /// Made from this very setting.
    is_own: bool,
}

/// Chances to arrive that are looked at together [%].
const CHANCES: [(f64, f64); 3] = [(0.0, 20.0), (20.0, 80.0), (80.0, 100.0)];

/// How often an input was right.
#[derive(Default)]
struct Score {
    right: usize,
    verdicts: usize,
    errors: Vec<f64>,
    /// Migrations that were predicted, and those of them that lie in the range.
    ranges: usize,
    held: usize,
    /// For each of [`CHANCES`] the migrations that were given one like that, and those of them that arrived.
    chances: [(usize, usize); 3],
}

impl Score {
    fn add(&mut self, other: &Score) {
        self.right += other.right;
        self.verdicts += other.verdicts;
        self.errors.extend(&other.errors);
        self.ranges += other.ranges;
        self.held += other.held;
    }

    fn row(&self, input: &str) -> String {
        let mut off: Vec<f64> = self.errors.iter().map(|error| error.abs()).collect();
        off.sort_by(f64::total_cmp);
        let count = off.len();
        let percent = |share: Option<f64>| share.map_or(String::new(), |share| format!("{:.0} %", 100.0 * share));
        let median = (count > 0).then(|| (off[(count - 1) / 2] + off[count / 2]) / 2.0);
        let bias = (count > 0).then(|| self.errors.iter().sum::<f64>() / count as f64);
        format!(
            "| {input} | {} of {} | {count} | {} | {} | {} | {} |\n",
            self.right,
            self.verdicts,
            percent(median),
            percent(off.last().copied()),
            bias.map_or(String::new(), |bias| format!("{:+.0} %", 100.0 * bias)),
            if self.ranges > 0 { format!("{} of {}", self.held, self.ranges) } else { String::new() }
        )
    }
}

/// A setting's repeats, and a prediction beside them.
fn cell(repeats: &[&Attempt], predicted: Option<&Prediction>, score: &mut Score) -> String {
    let Some(predicted) = predicted else { return "-".to_owned() };
    let measured: Vec<Option<f64>> = repeats.iter().map(|repeat| repeat.arrived()).collect();
    let totals: Vec<f64> = measured.iter().flatten().copied().collect();
    let mean = totals.iter().sum::<f64>() / totals.len() as f64;
    let mut words = match (predicted.arrived, totals.len()) {
        (Some(total), some) if some == measured.len() => format!("{total:.1} ({:+.0} %)", 100.0 * (total / mean - 1.0)),
        (Some(total), 0) => format!("**{total:.1}**"),
        (Some(total), _) => format!("{total:.1}"),
        (None, some) if some == measured.len() => "**not**".to_owned(),
        (None, _) => "not".to_owned(),
    };
    if predicted.throttle > 0.0 {
        let _ = write!(words, ", {:.0} %", predicted.throttle);
    }
    let [low, high] = predicted.range;
    if low != high {
        let [low, high] = predicted.range.map(|end| end.map_or("not".to_owned(), |total| format!("{total:.1}")));
        let _ = write!(words, " [{low} to {high}]");
    }
    if predicted.is_own {
        return words + " (itself)";
    }
    let order = |total: Option<f64>| total.unwrap_or(f64::INFINITY);
    let is_held = |total: &&Option<f64>| (order(low)..=order(high)).contains(&order(**total));
    score.ranges += measured.len();
    score.held += measured.iter().filter(is_held).count();
    let class = CHANCES.iter().position(|(least, most)| (*least..=*most).contains(&predicted.chance)).unwrap();
    score.chances[class].0 += measured.len();
    score.chances[class].1 += totals.len();
    // Repeats that ended differently hold no verdict.
    if totals.is_empty() || totals.len() == measured.len() {
        score.verdicts += 1;
        score.right += usize::from(predicted.arrived.is_some() != totals.is_empty());
        let compared = predicted.arrived.filter(|_| !totals.is_empty());
        score.errors.extend(compared.map(|total| total / mean - 1.0));
    }
    words
}

fn predict(text: &str, attempt: &Attempt, more: &[String], is_own: bool) -> Option<Prediction> {
    let flags = [attempt.flags(), more.to_vec()].concat();
    let draft = Input::new("predicted.toml", text, &flags).unwrap().draft().unwrap();
    let scenario = draft.load(&[]).ok()?.scenario;
    let (outcome, _) = sim::run(&scenario, &Options::default()).unwrap();
    let seconds = |total: Option<f64>| total.map(|ms| ms / 1e3);
    let likely = LikelyRange::of(&Unknowns::read(&draft), &draft, &outcome, &Options::default());
    let alone = seconds(outcome.verdict.is_completed().then_some(outcome.total_time_ms));
    Some(match likely {
        Some(likely) => Prediction {
            arrived: seconds(likely.total_time_ms[1]),
            throttle: likely.throttle_max_pct[1],
            range: [0, 2].map(|at| seconds(likely.total_time_ms[at])),
            chance: likely.arrives_pct,
            is_own,
        },
        None => Prediction {
            arrived: alone,
            throttle: outcome.throttle_max_pct,
            range: [alone; 2],
            chance: if alone.is_some() { 100.0 } else { 0.0 },
            is_own,
        },
    })
}

/// From dirty rates, as docs/fit.md says, and perhaps the zero pages of an earlier migration.
fn from_rates(rates: &str, attempt: &Attempt, zero: Option<u64>) -> Option<Prediction> {
    let base = attempt.scenario(&attempt.base(""))?;
    let mut rates = DirtyRates::parse(rates).unwrap();
    if let Some(zero) = zero {
        rates = rates.with_zero(ZeroPages::Sent(Pages(zero), "an earlier migration".to_owned()));
    }
    let (file, _) = rates.file(Some(base)).unwrap();
    predict(&file, attempt, &[], false)
}

/// From a preset and the operations a second that the program counts of itself.
fn from_operations(attempt: &Attempt, zero: u64) -> Option<Prediction> {
    let operations = attempt.operations()?;
    let guest = format!(
        "zero = \"{} KiB\"\n[[guest.workload]]\npreset = \"redis-set-100k\"\noperations = \"{operations:.0}/s\"\nkeys = 80000\n",
        4 * zero
    );
    predict(&attempt.base(&guest), attempt, &[], false)
}

/// The guest that explains one attempt, as a file.
fn fitted(attempt: &Attempt) -> String {
    let base = attempt.scenario(&attempt.base("")).unwrap();
    fit(vec![attempt.trace.clone().with_scenario(base)], 1, &|_| true).unwrap().unwrap().file()
}

const INPUTS: [&str; 6] = [
    "A: dirty rates over 1, 2, 5 and 20 s",
    "B: the same, zero pages known",
    "C: 16384 samples a GiB over 0.1 to 2 s, zero pages known",
    "D: fit of a run without auto-converge",
    "E: fit of a run with auto-converge",
    "P: preset by operations, zero pages known",
];

/// The page's tables: each migration, how right each input was, and how right its chances were.
fn tables() -> [String; 3] {
    let paths =
        files("tests/data/programs", "gz").into_iter().filter(|path| !path.to_string_lossy().contains("dirtyrates"));
    let attempts: Vec<Attempt> = paths.map(|path| Attempt::read(&path)).collect();
    let first: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.repeat == 1).collect();
    let fits: Vec<(&Attempt, String)> = first.par_iter().map(|attempt| (*attempt, fitted(attempt))).collect();
    let mut scores: BTreeMap<(usize, bool), Score> = BTreeMap::new();
    let mut rows = String::new();
    for attempt in &first {
        let same = |other: &&Attempt| other.program == attempt.program && other.setting == attempt.setting;
        let repeats: Vec<&Attempt> = attempts.iter().filter(same).collect();
        let mut zero: Vec<u64> =
            attempts.iter().filter(|other| other.program == attempt.program).map(Attempt::zero).collect();
        zero.sort_unstable();
        let zero = zero[zero.len() / 2];
        let measured = Measured::of(&attempt.program);
        let singles = [
            from_rates(&measured.virsh(), attempt, None),
            from_rates(&measured.virsh(), attempt, Some(zero)),
            from_rates(&measured.answers(), attempt, Some(zero)),
        ];
        let throttles = attempt.throttles();
        let mut cells: Vec<String> = Vec::new();
        for (input, prediction) in singles.iter().enumerate() {
            cells.push(cell(&repeats, prediction.as_ref(), scores.entry((input, throttles)).or_default()));
        }
        for (input, with) in [(3, false), (4, true)] {
            let of = fits.iter().filter(|(other, _)| other.program == attempt.program && other.throttles() == with);
            let words = of.map(|(other, file)| {
                let predicted = predict(file, attempt, &[], other.setting == attempt.setting);
                let words = cell(&repeats, predicted.as_ref(), scores.entry((input, throttles)).or_default());
                format!("{}: {words}", other.setting)
            });
            cells.push(words.collect::<Vec<_>>().join("; "));
        }
        let prediction = from_operations(attempt, zero);
        cells.push(cell(&repeats, prediction.as_ref(), scores.entry((5, throttles)).or_default()));
        let measured: Vec<String> = repeats.iter().map(|repeat| measured_words(repeat)).collect();
        let _ = writeln!(
            rows,
            "| {} {} | {} | {} |",
            attempt.program,
            attempt.name(),
            measured.join(" "),
            cells.join(" | ")
        );
    }
    let summary = scores.iter().map(|((input, throttles), score)| {
        let with = if *throttles { "with" } else { "without" };
        score.row(&format!("{}: {with} auto-converge", INPUTS[*input]))
    });
    let mut all = Score::default();
    scores.values().for_each(|score| all.add(score));
    let summary = summary.chain([all.row("all")]).collect();
    let chances = CHANCES.iter().enumerate().map(|(class, (least, most))| {
        let of = |pick: fn(&(usize, usize)) -> usize| scores.values().map(|score| pick(&score.chances[class])).sum();
        let (all, arrived): (usize, usize) = (of(|(all, _)| *all), of(|(_, arrived)| *arrived));
        format!("| {least:.0} to {most:.0} % | {all} | {:.0} % |\n", 100.0 * arrived as f64 / all.max(1) as f64)
    });
    [rows, summary, chances.collect()]
}

fn measured_words(attempt: &Attempt) -> String {
    let total = match attempt.arrived() {
        Some(total) => format!("{total:.1}"),
        None => format!("not in {}", attempt.config("timeout_s")),
    };
    match attempt.trace.measured.throttle_max_pct {
        0.0 => total,
        throttle => format!("{total} ({throttle:.0} %)"),
    }
}

#[test]
fn the_page_shows_how_programs_are_predicted() {
    let [rows, summary, chances] = tables();
    let table = format!(
        "| program | measured [s] | A | B | C | D | E | P |\n|---|---|---|---|---|---|---|---|\n{rows}\n\
         | input | verdict right | totals | median error | worst | bias | in the range |\n|---|--:|--:|--:|--:|--:|--:|\n{summary}\n\
         | chance to arrive, as predicted | migrations | arrived |\n|---|--:|--:|\n{chances}"
    );
    hold_parts("docs/accuracy.md", &[("programs", &table)]);
}

fn precopy(words: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_precopy"));
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn what_cannot_be_predicted_is_no_end_for_the_others() {
    let (known, program) = ("tests/data/traces/01-converge-random.json", "tests/data/programs/cc-probe-1.json.gz");
    let (code, said) = precopy(&["compare", known, program]);
    assert!(code == Some(0) && said.contains("verdict right on 1/1"), "{said}");
    assert!(page::flat(&said).contains("what its guest's program writes is not known"), "{said}");
    let (code, said) = precopy(&["compare", known, "tests/data/logs/query-migrate.log"]);
    assert!(code == Some(0) && said.contains("--scenario FILE"), "{said}");
    assert_eq!(precopy(&["compare", "tests/data/logs/query-migrate.log"]).0, Some(2));
}

#[test]
fn zero_pages_come_from_a_log_or_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let rates = folder.path().join("rates.txt");
    let text = Measured::of("cc").virsh().replacen("  dirtyrate", "  balloon.current=524288\n  dirtyrate", 1);
    std::fs::write(&rates, text).unwrap();
    let rates = rates.to_str().unwrap();
    let (code, said) = precopy(&["fit", "--dirtyrate", rates, "--log", "tests/data/programs/cc-probe-1.json.gz"]);
    assert!(code == Some(0) && said.contains("zero = \"204848 KiB\""), "{said}");
    let (code, said) = precopy(&["fit", "--dirtyrate", rates, "--zero", "25 %"]);
    assert!(code == Some(0) && said.contains("zero = \"128 MiB\"") && !said.contains("not known which"), "{said}");
    for (words, complaint) in [
        (&["--zero", "125 %"][..], "guest.zero"),
        (&["--zero", "1 s"], "guest.zero"),
        (&["--log", "none.log"], "none.log: cannot be read"),
        (&["--log", rates], "is output about dirty rates"),
    ] {
        let (code, said) = precopy(&[&["fit", "--dirtyrate", rates][..], words].concat());
        assert!(code == Some(2) && said.contains(complaint), "{words:?}: {said}");
    }
}
