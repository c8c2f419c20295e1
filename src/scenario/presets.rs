//! Workloads by name, for people who know what runs in a guest but have not measured it.

use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;

use super::faults::Faults;
use super::reader::Section;
use super::tree::{Table, TextPlace};
use super::{Input, Loads, keys, measured, syntax};
use crate::guest::{Law, Workload};
use crate::units::{PageRate, Span};

/// Keys of a workload that was measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What `preset` says.
    pub name: String,
    /// Another name for it.
    pub also: Option<String>,
    /// What runs in the guest.
    pub what: String,
    /// Where its figures come from, such as a section and row of the workload catalogue.
    pub source: String,
    /// What the program did in a second, where that was counted [1/s].
    pub operations: Option<f64>,
    /// Keys or rows that it held.
    pub records: Option<f64>,
    /// The keys that the name stands for, as TOML.
    pub keys: String,
}

/// Every name that `preset` knows, and its preset.
pub(super) fn names() -> Vec<(&'static str, &'static Preset)> {
    let also = PRESETS.iter().filter_map(|preset| Some((preset.also.as_deref()?, preset)));
    PRESETS.iter().map(|preset| (preset.name.as_str(), preset)).chain(also).collect()
}

/// The keys of a preset, all of them at the place where it is named.
pub(super) fn table(preset: &Preset, place: &TextPlace) -> Table {
    let mut table = syntax::file(&preset.keys, &mut Faults::default()).table;
    table.entries.iter_mut().for_each(|entry| {
        entry.place = place.clone();
        entry.node.put_at(place);
    });
    table
}

/// A page of documentation, in Markdown: every preset, its source, what it dirties and the keys that it stands for.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for preset in PRESETS.iter() {
        let pages = |ms| (preset.workloads().iter().map(|w| dirtied(w, Span::from_ms(ms))).sum::<f64>() + 0.5) as u64;
        let also = preset.also.as_ref().map_or(String::new(), |also| format!(", `{also}`"));
        let Preset { name, what, source, .. } = preset;
        let figure = |figure: Option<f64>| figure.map_or("-".to_owned(), |figure| figure.to_string());
        let (operations, records) = (figure(preset.operations), figure(preset.records));
        let error = preset.errors().map_or("-".to_owned(), |Errors { rms, worst, interval }| {
            format!("{:.1} %, {:+.1} % at {interval}", 100.0 * rms, 100.0 * worst)
        });
        page += &format!(
            "| `{name}`{also} | {what} | {operations} | {records} | {} | {} | {} | {} | {error} | {source} |\n",
            pages(100),
            pages(300),
            pages(1_000),
            pages(10_000)
        );
    }
    page += EACH;
    page += WORDS;
    for (words, taken) in Loads::known() {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        page += &format!("| {} | `{taken}` |\n", words.join(", "));
    }
    page += TAIL;
    for preset in PRESETS.iter() {
        page += &format!("\n### {}\n\n```toml\n{}\n```\n", preset.name, preset.keys);
    }
    page
}

/// Distinct pages that a workload dirties in `time` at its full rate [pages].
fn dirtied(workload: &Workload, time: Span) -> f64 {
    let Workload { law, region, rate: PageRate(rate), .. } = workload;
    match law {
        Law::Idle => 0.0,
        law => law.distinct(*region, rate * time.seconds()),
    }
}

/// How far a fitted curve lies from what was measured, relative to it.
struct Errors {
    /// Root of the mean square over all points.
    rms: f64,
    /// The largest, with its sign, and where it is.
    worst: f64,
    interval: Span,
}

impl Preset {
    /// Errors of the fit to its points; `None` if it is no measured curve.
    fn errors(&self) -> Option<Errors> {
        let table = syntax::file(&self.keys, &mut Faults::default()).table;
        let mut faults = Faults::default();
        let mut points = Section::root(&table, &mut faults);
        points.has("points").then_some(())?;
        let rows = measured::curve(&mut points, Path::new(""))?;
        let scale = keys::SCALE.value(&mut points);
        let factor = scale * f64::from(keys::SAMPLE_FACTOR.value(&mut points));
        let workloads = self.workloads();
        let fitted = |time| workloads.iter().map(|w| dirtied(w, time)).sum::<f64>();
        let errors: Vec<_> = rows.iter().map(|row| (fitted(row.time) / (factor * row.value) - 1.0, row.time)).collect();
        let squares: f64 = errors.iter().map(|(error, _)| error * error).sum();
        let (worst, interval) = errors.iter().copied().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))?;
        Some(Errors { rms: (squares / errors.len() as f64).sqrt(), worst, interval })
    }

    /// The writers that it stands for, in a guest that has room for it.
    pub fn workloads(&self) -> Vec<Workload> {
        let text = format!(
            "[guest]\nmemory = \"16 GiB\"\n[[guest.workload]]\npreset = \"{}\"\n[link]\nbandwidth = \"1 Gbit/s\"",
            self.name
        );
        let loaded = Input::new(&self.name, &text, &[]).map(|input| input.load());
        // A preset that does not load would be a fault in the table below; a test loads them all.
        loaded.ok().and_then(Result::ok).map_or(Vec::new(), |loaded| loaded.scenario.guest.workloads)
    }
}

const HEAD: &str = "\
# Presets

`preset` names a workload that was measured:

```console
$ precopy presets | head -3
redis-idle             redis 7.0 without clients
redis-get-1m           redis 7.0, reads only: a million keys of 512 B, 94,000 operations a second
redis-set-100k         redis 7.0, writes only: 100,000 keys of 1 KiB, 144,000 operations a second
```

In the file:

```toml
[[guest.workload]]
preset = \"redis-set-100k\"
cpu = \"60 %\"                  # a key of your own replaces the preset's
```

Your own keys win. With another `kind` than the preset's, keys that do not belong to that kind are left out. Most presets
are measured curves: give `scale` to have several of the same program, and `cpu` if yours has slack.

The figures are different pages of 4 KiB dirtied within 0.1, 0.3, 1 and 10 seconds, as they are simulated. The error is
how far the fit lies from the measured points: root of the mean square, and the worst point; a dash is shown where a rate
is used and no curve. A section and row of the workload catalogue says how each was measured or where it was published;
[accuracy.md](accuracy.md#guests-that-run-real-programs) has the migrations to which another was fitted.

A preset whose program was counted takes `operations`, what yours does in a second (`redis-cli info stats` of redis: two looks at
`total_commands_processed` over the time between), and `keys`, how many it holds. The rate and the region are those of the
preset in proportion:

```toml
[[guest.workload]]
preset = \"redis-set-100k\"
operations = \"6400/s\"
keys = 80000
```

| preset | guest | operations/s | keys | 0.1 s | 0.3 s | 1 s | 10 s | error of the fit | source |
|---|---|--:|--:|--:|--:|--:|--:|--:|---|
";

const WORDS: &str = "
## Words

`--load` of `run` and `init` takes a preset, or words for what runs in the guest, as does a column `load` of a
[table of guests](inventories.md#what-runs-in-a-guest). Case does not count, and `nginx/php` has two of the words. A word is a guess
without a look at the guest.

| words | taken for |
|---|---|
";

const TAIL: &str = "
What was measured but has no preset: node.js and rustc, whose phases differ by a factor of three from one repeat to the
next, and guests of which only the outage was published.
";

const EACH: &str = "
## What each stands for
";

/// All presets, in the order of their file.
pub static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("presets.toml")).expect("the file is ours, and a test reads it");
    file.preset
});

/// The file of presets.
#[derive(Deserialize)]
struct File {
    preset: Vec<Preset>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_loads_and_names_differ() {
        let names = names();
        for (index, (name, preset)) in names.iter().enumerate() {
            assert!(names[..index].iter().all(|(other, _)| other != name), "{name} stands there twice");
            assert!(!preset.workloads().is_empty(), "{name}");
        }
    }

    #[test]
    fn curves_stay_near_what_was_measured() {
        for (name, seconds, pages, tolerance) in [
            ("redis-set-100k", 0.1, 14_812.0, 0.05),
            ("redis-set-100k", 1.0, 33_311.0, 0.02),
            ("memcached-zipf", 0.5, 61_976.0, 0.05),
            ("oltp-sqlite", 0.2, 19_916.0, 0.05),
            ("python-cpu", 10.0, 54.0, 0.02),
            ("build-farm", 0.5, 16.0 * 26_270.0, 0.08),
            ("jvm-17-young", 0.2, 58_590.0, 0.01),
        ] {
            let (_, preset) = super::names().into_iter().find(|known| known.0 == name).unwrap();
            let found = dirtied(&preset.workloads()[0], Span((seconds * 1e9) as u64));
            assert!((found / pages - 1.0).abs() < tolerance, "{name} in {seconds} s: {found}, not {pages}");
        }
    }
}
