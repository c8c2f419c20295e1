//! Workloads by name, for people who know what runs in a guest but have not measured it.

use std::path::Path;

use super::faults::Faults;
use super::reader::Section;
use super::tree::{Node, Place, Table, Value};
use super::{Input, measured, syntax};
use crate::guest::{Law, Workload};
use crate::units::{PageRate, Span};

/// Keys of a workload that somebody has measured.
#[derive(Debug)]
pub struct Preset {
    /// What `preset` says.
    pub name: &'static str,
    /// Another name for it.
    pub also: Option<&'static str>,
    /// What runs in the guest.
    pub what: &'static str,
    /// Section and row of the workload catalogue.
    pub source: &'static str,
    /// The keys that the name stands for, as TOML.
    pub keys: &'static str,
}

/// Every name that `preset` knows, and its preset.
pub(super) fn names() -> Vec<(&'static str, &'static Preset)> {
    let also = PRESETS.iter().filter_map(|preset| Some((preset.also?, preset)));
    PRESETS.iter().map(|preset| (preset.name, preset)).chain(also).collect()
}

/// The keys of a preset, all of them at the place where it is named.
pub(super) fn table(preset: &Preset, place: &Place) -> Table {
    let mut table = syntax::file(preset.keys, &mut Faults::default()).table;
    table.entries.iter_mut().for_each(|entry| {
        entry.place = place.clone();
        put_at(&mut entry.node, place);
    });
    table
}

fn put_at(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(list) => list.iter_mut().for_each(|node| put_at(node, place)),
        Value::Table(table) => table.entries.iter_mut().for_each(|entry| put_at(&mut entry.node, place)),
        Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date => {}
    }
}

/// A page of documentation, in Markdown: every preset, its source, what it dirties and the keys that it stands for.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for preset in PRESETS {
        let pages = |ms| (preset.workloads().iter().map(|w| dirtied(w, Span::from_ms(ms))).sum::<f64>() + 0.5) as u64;
        let also = preset.also.map_or(String::new(), |also| format!(", `{also}`"));
        let Preset { name, what, source, .. } = preset;
        let error = preset.errors().map_or("-".to_owned(), |Errors { rms, worst, interval }| {
            format!("{:.1} %, {:+.1} % at {interval}", 100.0 * rms, 100.0 * worst)
        });
        page += &format!(
            "| `{name}`{also} | {what} | {} | {} | {} | {} | {error} | {source} |\n",
            pages(100),
            pages(300),
            pages(1_000),
            pages(10_000)
        );
    }
    page += TAIL;
    for preset in PRESETS {
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
        let table = syntax::file(self.keys, &mut Faults::default()).table;
        let mut faults = Faults::default();
        let mut keys = Section::root(&table, &mut faults);
        keys.has("points").then_some(())?;
        let rows = measured::curve(&mut keys, Path::new(""))?;
        let scale = keys.number("scale", 1e-6..=1e6).map_or(1.0, |found| found.value);
        let factor = scale * keys.count("sample-factor", 1..=1 << 20).map_or(1.0, |found| f64::from(found.value));
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
        let loaded = Input::new(self.name, &text, &[]).map(|input| input.load());
        // A preset that does not load would be a fault in the table below; a test loads them all.
        loaded.ok().and_then(Result::ok).map_or(Vec::new(), |loaded| loaded.scenario.guest.workloads)
    }
}

const HEAD: &str = "\
# Presets

A workload need not be measured by you: `preset` names one that somebody has measured.

```toml
[[guest.workload]]
preset = \"redis-set-100k\"
cpu = \"60 %\"                  # a key of your own replaces the preset's
```

Your own keys win. With another `kind` than the preset's, keys that do not belong to that kind are left out. Most presets
are measured curves: give `scale` to have several of the same program, and `cpu` if yours has slack.

The figures are different pages of 4 KiB dirtied within 0.1, 0.3, 1 and 10 seconds, as they are simulated. The error is
how far the fit lies from the measured points: root of the mean square, and the worst point; a dash stands where a rate
is used and no curve. The source is a section and row of the workload catalogue, which says how each was measured or
where it was published.

| preset | guest | 0.1 s | 0.3 s | 1 s | 10 s | error of the fit | source |
|---|---|--:|--:|--:|--:|--:|---|
";

const TAIL: &str = "
What was measured but has no preset: node.js and rustc, whose phases differ by a factor of three from one repeat to the
next, and guests of which only the outage was published.

## What each stands for
";

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "redis-idle",
        also: None,
        what: "redis 7.0 without clients",
        source: "2, redis 7.0 idle",
        keys: r#"kind = "curve"
region = "12 MiB"
points = [
    ["20 ms", 14], ["50 ms", 81], ["100 ms", 81], ["200 ms", 86], ["500 ms", 81],
    ["1 s", 86], ["2 s", 86], ["5 s", 86], ["10 s", 86],
]
cpu = "1 %""#,
    },
    Preset {
        name: "redis-get-1m",
        also: Some("redis-cache"),
        what: "redis 7.0, reads only: a million keys of 512 B, 94,000 operations a second",
        source: "2, redis GET-only",
        keys: r#"kind = "curve"
region = "681 MiB"
points = [
    ["20 ms", 2207], ["50 ms", 3135], ["100 ms", 3648], ["200 ms", 3922], ["500 ms", 4250],
    ["1 s", 3938], ["2 s", 3938], ["5 s", 3954], ["10 s", 3952],
]"#,
    },
    Preset {
        name: "redis-set-100k",
        also: Some("redis-write-small"),
        what: "redis 7.0, writes only: 100,000 keys of 1 KiB, 144,000 operations a second",
        source: "2, redis SET 100k",
        keys: r#"kind = "curve"
region = "145 MiB"
points = [
    ["20 ms", 4703], ["50 ms", 9174], ["100 ms", 14812], ["200 ms", 22624], ["500 ms", 31624],
    ["1 s", 33311], ["2 s", 33390], ["5 s", 33390], ["10 s", 33391],
]"#,
    },
    Preset {
        name: "redis-set-1m",
        also: Some("redis-write-large"),
        what: "redis 7.0, writes only: a million keys of 512 B, 53,000 to 85,000 operations a second",
        source: "2, redis SET 1M",
        keys: r#"kind = "curve"
region = "714 MiB"
points = [
    ["20 ms", 6925], ["50 ms", 10256], ["100 ms", 19155], ["200 ms", 32466], ["500 ms", 50212],
    ["1 s", 81699], ["2 s", 97377], ["5 s", 171259], ["10 s", 176411],
]"#,
    },
    Preset {
        name: "memcached-10-set",
        also: None,
        what: "memcached 1.6, 10 % writes, keys alike: 400,000 values of 1 KiB, 164,000 operations a second",
        source: "2, memcached 10 % SET",
        keys: r#"kind = "curve"
region = "463 MiB"
points = [
    ["20 ms", 7390], ["50 ms", 17992], ["100 ms", 40984], ["200 ms", 53005], ["500 ms", 94647],
    ["1 s", 114382], ["2 s", 116785], ["5 s", 116805], ["10 s", 116808],
]"#,
    },
    Preset {
        name: "memcached-50-set",
        also: Some("memcached-uniform"),
        what: "memcached 1.6, half writes, keys alike: 156,000 operations a second",
        source: "2, memcached 50 % SET uniform",
        keys: r#"kind = "curve"
region = "463 MiB"
points = [
    ["20 ms", 5810], ["50 ms", 13925], ["100 ms", 26236], ["200 ms", 52173], ["500 ms", 90383],
    ["1 s", 110245], ["2 s", 116718], ["5 s", 116812], ["10 s", 116810],
]"#,
    },
    Preset {
        name: "memcached-50-set-zipf",
        also: Some("memcached-zipf"),
        what: "memcached 1.6, half writes, keys by a Zipf law of 0.99: 237,000 operations a second",
        source: "2, memcached 50 % SET zipf 0.99",
        keys: r#"kind = "curve"
region = "463 MiB"
points = [
    ["20 ms", 5501], ["50 ms", 11785], ["100 ms", 20257], ["200 ms", 33239], ["500 ms", 61976],
    ["1 s", 84786], ["2 s", 104928], ["5 s", 115061], ["10 s", 116693],
]"#,
    },
    Preset {
        name: "sqlite-update",
        also: Some("oltp-sqlite"),
        what: "sqlite in memory, random updates of 600,000 indexed rows, 107,000 a second",
        source: "2, sqlite update",
        keys: r#"kind = "curve"
region = "165 MiB"
points = [
    ["20 ms", 5582], ["50 ms", 8370], ["100 ms", 13237], ["200 ms", 19916], ["500 ms", 30733],
    ["1 s", 36316], ["2 s", 38198], ["5 s", 38240], ["10 s", 38241],
]"#,
    },
    Preset {
        name: "xz-9",
        also: None,
        what: "one thread of xz -9 on data that cannot be compressed",
        source: "2, xz -9",
        keys: r#"kind = "curve"
region = "505 MiB"
points = [
    ["20 ms", 18534], ["50 ms", 40220], ["100 ms", 63711], ["200 ms", 77831], ["500 ms", 79378],
    ["1 s", 81796], ["2 s", 86648], ["5 s", 98269], ["10 s", 118657],
]"#,
    },
    Preset {
        name: "cc1plus",
        also: None,
        what: "one C++ compiler, -O2",
        source: "2, C++ compiler",
        keys: r#"kind = "curve"
region = "255 MiB"
points = [
    ["20 ms", 1970], ["50 ms", 3597], ["100 ms", 6737], ["200 ms", 12263], ["500 ms", 26270],
]"#,
    },
    Preset {
        name: "python-cpu",
        also: None,
        what: "a Python program that only computes",
        source: "2, CPU-bound Python loop",
        keys: r#"kind = "curve"
region = "13 MiB"
points = [
    ["20 ms", 53], ["50 ms", 54], ["100 ms", 54], ["200 ms", 54], ["500 ms", 54],
    ["1 s", 54], ["2 s", 54], ["5 s", 54], ["10 s", 54],
]"#,
    },
    Preset {
        name: "jvm-17-young",
        also: Some("jvm-service"),
        what: "JVM 17 with a heap of 1 GiB: allocation goes through the young generation in order",
        source: "2, JVM 17; use sweep",
        keys: r#"kind = "sequential"
region = "58900 pages"
rate = "293000 pages/s""#,
    },
    Preset {
        name: "build-farm",
        also: None,
        what: "16 C++ compilers at once",
        source: "8, build-farm",
        keys: r#"kind = "curve"
region = "4080 MiB"
points = [
    ["20 ms", 1970], ["50 ms", 3597], ["100 ms", 6737], ["200 ms", 12263], ["500 ms", 26270],
]
scale = 16"#,
    },
    Preset {
        name: "compress-batch",
        also: None,
        what: "four threads of xz -9",
        source: "8, compress-batch",
        keys: r#"kind = "curve"
region = "2020 MiB"
points = [
    ["20 ms", 18534], ["50 ms", 40220], ["100 ms", 63711], ["200 ms", 77831], ["500 ms", 79378],
    ["1 s", 81796], ["2 s", 86648], ["5 s", 98269], ["10 s", 118657],
]
scale = 4"#,
    },
    Preset {
        name: "ycsb-32g",
        also: None,
        what: "memcached under YCSB in a guest of 32 GiB; one page of 512 sampled",
        source: "3, qemu-devel, 28 Feb 2023",
        keys: r#"kind = "curve"
region = "3241984 pages"
sample-factor = 512
points = [
    ["125 ms", 33], ["250 ms", 78], ["375 ms", 119], ["500 ms", 151],
    ["750 ms", 217], ["1000 ms", 236], ["1500 ms", 293], ["2000 ms", 336],
    ["3000 ms", 425], ["4001 ms", 505], ["6000 ms", 620], ["8000 ms", 756],
    ["10000 ms", 898], ["15000 ms", 1204], ["20000 ms", 1457], ["25000 ms", 1723],
    ["30000 ms", 1934], ["35000 ms", 2141], ["40000 ms", 2328], ["45000 ms", 2522],
    ["50000 ms", 2675], ["60000 ms", 2958],
]"#,
    },
    Preset {
        name: "idle-linux",
        also: None,
        what: "a Linux without load: 1,000 pages again and again, and 4 MB/s of others",
        source: "4 and 8, idle-linux",
        keys: r#"kind = "curve"
region = "512 MiB"
points = [
    ["50 ms", 1049], ["200 ms", 1195], ["1 s", 1977], ["5 s", 5883], ["20 s", 20531], ["100 s", 98656],
]
cpu = "2 %""#,
    },
    Preset {
        name: "idle-fedora",
        also: None,
        what: "a Fedora without load, 4 to 8 MiB/s",
        source: "4, Fedora guest",
        keys: r#"kind = "uniform"
region = "512 MiB"
rate = "6 MiB/s"
cpu = "2 %""#,
    },
    Preset {
        name: "idle-openshift",
        also: None,
        what: "an OpenShift node without load",
        source: "4 and 8, idle-openshift",
        keys: r#"kind = "uniform"
rate = "77 MiB/s"
cpu = "10 %""#,
    },
    Preset {
        name: "mempress-1g",
        also: None,
        what: "mempress over 1 GiB",
        source: "4, mempress 4096 1024",
        keys: r#"kind = "sequential"
region = "1 GiB"
rate = "1.06 GB/s""#,
    },
    Preset {
        name: "mempress-4g",
        also: None,
        what: "mempress over 4 GiB",
        source: "4, mempress 4096 4096",
        keys: r#"kind = "sequential"
region = "4 GiB"
rate = "4.114 GB/s""#,
    },
    Preset {
        name: "java-warehouse",
        also: None,
        what: "a Java warehouse on 20 vCPUs, 80 % busy; of 256 GiB hardly any hold data",
        source: "4, QEMU commit 7ca1dfad",
        keys: r#"kind = "uniform"
region = "1649524 pages"
rate = "67551 pages/s"
cpu = "80 %""#,
    },
    Preset {
        name: "hugepage-16m",
        also: None,
        what: "an idle guest on host pages of 16 MiB, which are dirty as a whole",
        source: "4 and 8, idle POWER8 guest",
        keys: r#"kind = "uniform"
region = "6 GiB"
rate = "39044 pages/s"
cpu = "5 %""#,
    },
    Preset {
        name: "guestperf",
        also: None,
        what: "one vCPU of QEMU's own stress tool; set `sweeps`, `region` and `rate` for more. The rate is not published: docs/accuracy-published.md",
        source: "1 and 5, guestperf stress",
        keys: r#"kind = "sequential"
region = "1000 MiB"
rate = "4 GB/s""#,
    },
];

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
