//! The page that `precopy report` writes: what it says, and what it does in a browser.

mod browser;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use browser::Browser;
use serde_json::{Value, json};

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(folder).args(words).output().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The page that `words` make.
fn page(words: &[&str]) -> String {
    let output = precopy(root(), &[&["report"], words].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const SWEEP: &str = "tests/data/results/map.csv";
const ONE: &str = "scenarios/database-1g.toml";

#[test]
fn a_page_has_question_verdict_picture_figures_scenario_and_command() {
    let html = page(&[ONE]);
    for part in [
        "<h1>What does a move over 1 GbE cost a busy 8 GiB database?</h1>",
        "converged",
        " were left after a sync",
        "remaining RAM [GiB]",
        "<th scope=\"row\" title=\"Highest throttle",
        "# Workload catalogue, set `redis-write-large`",
        concat!("Made by precopy ", env!("CARGO_PKG_VERSION")),
        "precopy report scenarios/database-1g.toml",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let html = page(&[SWEEP, "--title", "a & b"]);
    for part in
        ["<h1>a &amp; b</h1>", "83 of 90 converged", "7 of 90 not-converged", "frontier of convergence", "'a &amp; b'"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<tr").count(), 91, "a heading and 90 runs");
}

#[test]
fn a_page_of_a_summary_has_verdicts_pictures_and_the_shares_first() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "point,runs,link.bandwidth,converged_pct,post-copy_pct,paused_pct,aborted_pct,not-converged_pct,refused_pct,\
                total_time_ms_runs,total_time_ms_median,downtime_ms_runs,downtime_ms_median,guest_slowdown_pct_median\n\
                0,60,125000000,0,0,0,0,100,0,60,,0,,60\n1,60,312000000,20,0,0,0,80,0,60,,12,280,40\n\
                2,60,625000000,80,0,0,0,20,0,60,20000,48,285,5\n3,60,1250000000,100,0,0,0,0,0,60,15000,60,286,4\n\
                4,0,2500000000,0,0,0,0,0,100,,,,,\n";
    std::fs::write(folder.path().join("summary.csv"), rows).unwrap();
    let made = |words: &[&str]| {
        let output = precopy(folder.path(), &[&["report", "summary.csv"], words].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let html = made(&[]);
    for part in [
        "downtime over the runs that ended, the others over all runs",
        "120 of 240 converged",
        "120 of 240 not-converged",
        "1 of 5 points refused",
        "total time, median",
        "<h2>Points</h2>",
        "Downtime, median against slowdown of the guest, median",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let heads: Vec<&str> = html.split("data-name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let shares = ["link.bandwidth", "converged_pct", "not-converged_pct", "refused_pct", "total_time_ms_median"];
    assert_eq!(heads[..5], shares, "{heads:?}");
    assert!(heads.contains(&"downtime_ms_runs"), "{heads:?}");
    // Whatever does not vary is said once, below.
    assert!(html.contains("<dt>paused</dt><dd>0 %</dd>"), "{html}");
    let one = made(&["--where", "point=1"]);
    assert!(one.contains("12 of 60 converged") && one.contains("280 ms"), "{one}");
    // No run ended: no picture needs a figure that none has.
    assert!(made(&["--where", "converged_pct=0"]).contains("60 of 60 not-converged"));
    assert!(page(&[SWEEP, "--where", "verdict=not-converged"]).contains("7 of 7 not-converged"));
}

#[test]
fn results_of_another_scenario_are_told() {
    const SCENARIO: &str = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n[orchestrator]\nkind = \"virsh\"\n\
                            [sweep]\n\"qemu.max-bandwidth\" = [\"0\", \"100 MiB/s\"]\n";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("s.toml", SCENARIO);
    assert!(precopy(folder.path(), &["sweep", "s.toml", "-o", "r.csv"]).status.success());
    let varied = precopy(folder.path(), &["sweep", "s.toml", "--vary", "guest.zero=0 %,50 %", "-o", "v.csv"]);
    assert!(varied.status.success());
    assert!(precopy(folder.path(), &["run", "s.toml", "--format", "csv", "-o", "one.csv"]).status.success());
    write("other.toml", SCENARIO);
    let note = std::fs::read_to_string(folder.path().join("r.csv.sweep.json")).unwrap();
    let rows = std::fs::read_to_string(folder.path().join("r.csv")).unwrap();
    write("damaged.csv", &rows);
    write("damaged.csv.sweep.json", &note.replace("\"points\": 2", "\"points\": 3"));
    let (keys, value) = ("keys of the scenario are others now", "a value that is varied is another now");
    let other_value = SCENARIO.replace("100 MiB/s", "120 MiB/s");
    let other_key = SCENARIO.replace("1 GiB", "2 GiB");
    for (text, words, why) in [
        (SCENARIO, &["s.toml", "r.csv"][..], None),
        (SCENARIO, &["s.toml", "v.csv"], None),
        (SCENARIO, &["s.toml", "one.csv"], None),
        (&other_value, &["s.toml", "r.csv"], Some(value)),
        (&other_key, &["s.toml", "r.csv"], Some(keys)),
        (&other_key, &["s.toml", "v.csv"], Some(keys)),
        (SCENARIO, &["s.toml", "r.csv", "--set", "guest.memory=2 GiB"], Some(keys)),
        (SCENARIO, &["other.toml", "r.csv"], Some("they are of `s`")),
        (SCENARIO, &["other.toml", "one.csv"], Some("some are of `s`")),
        (SCENARIO, &["s.toml", "damaged.csv"], Some("what they belong to cannot be read")),
    ] {
        write("s.toml", text);
        let output = precopy(folder.path(), &[&["report"], words].concat());
        let (html, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{words:?}: {said}");
        assert_eq!(said.matches("note: the rows of").count(), usize::from(why.is_some()), "{words:?}: {said}");
        let html = html.replace("<code>", "`").replace("</code>", "`");
        let told = |text: &str| text.matches(why.unwrap_or("are perhaps not those of")).count();
        assert_eq!((told(&said), told(&html)), if why.is_some() { (1, 1) } else { (0, 0) }, "{words:?}: {said}");
    }
}

#[test]
fn what_results_vary_is_not_assumed() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n";
    std::fs::write(folder.path().join("s.toml"), scenario).unwrap();
    let page = |words: &[&str]| {
        let output = precopy(folder.path(), &[&["report", "s.toml"], words].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let sweep =
        ["sweep", "s.toml", "--vary", "guest.zero=0 %,50 %", "--vary", "qemu.setup-time=1 ms,2 ms", "-o", "r.csv"];
    assert!(precopy(folder.path(), &sweep).status.success());
    let (alone, with) = (page(&[]), page(&["r.csv"]));
    for (words, varied) in [("zero pages 0 %", true), ("setup 5", true), ("switchover 25.1 ms", false)] {
        assert!(alone.contains(words), "{words}");
        assert_eq!(with.contains(words), !varied, "{words}");
    }
}

#[test]
fn results_are_read_from_standard_input_once() {
    let results = std::fs::File::open(root().join(SWEEP)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_precopy")).args(["report", "-"]).stdin(results).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().contains("83 of 90 converged"));
}

#[test]
fn a_page_loads_nothing_from_anywhere() {
    for html in [page(&[ONE]), page(&[SWEEP])] {
        assert!(
            html.contains("Content-Security-Policy\" content=\"default-src &#39;none&#39;")
                || html.contains("default-src 'none'")
        );
        let outside = html.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "");
        for word in ["http", "src=", "href=", "url(", "@import"] {
            assert!(!outside.contains(word), "{word}");
        }
    }
}

#[test]
fn results_and_a_timeline_that_were_kept_make_the_same_page() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = root().join(ONE);
    let scenario = scenario.to_str().unwrap();
    let kept =
        precopy(folder.path(), &["run", scenario, "--format", "json", "-o", "a.json", "--timeline", "database-1g.csv"]);
    assert!(kept.status.success());
    let html = |words: &[&str]| {
        let output = precopy(folder.path(), &[&["report"], words].concat());
        let html = String::from_utf8(output.stdout).unwrap();
        html.split("<footer>").next().unwrap().to_owned()
    };
    let (kept, fresh) = (html(&[scenario, "a.json", "database-1g.csv"]), html(&[scenario]));
    assert!(kept == fresh, "the pages differ");
}

#[test]
fn what_is_no_result_ends_with_2() {
    for (words, complaint) in [
        (&["none.csv"][..], "cannot read `none.csv`"),
        (&["none.toml"], "cannot read `none.toml`"),
        (&[ONE, "scenarios/database-10g.toml"], "give one `.toml` file"),
        (&["LICENSE-MIT"], "cannot read `LICENSE-MIT`"),
    ] {
        let output = precopy(root(), &[&["report"], words].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(complaint), "{words:?}: {said}");
    }
}

/// Opens the page in a browser of the given width; without one on this machine, says so.
fn opened(words: &[&str], width: u32) -> Option<(Browser, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::fs::write(&file, page(words)).unwrap();
    let Some(browser) = Browser::start(width, 900) else {
        // Past the harness, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no `chromium` with a `chromedriver` on this machine");
        return None;
    };
    browser.open(&file);
    assert_eq!(browser.js("return performance.getEntriesByType('resource').length"), json!(0), "nothing is loaded");
    Some((browser, folder))
}

/// Numbers of the column called `name` in the rows that are shown.
const SHOWN: &str =
    "const at = [...document.querySelectorAll('#runs th')].findIndex((th) => th.dataset.name === arguments[0]);
    return [...document.querySelectorAll('#runs tbody tr')].filter((tr) => !tr.hidden)
        .map((tr) => tr.cells[at].dataset.value ?? tr.cells[at].textContent)";

fn numbers(browser: &Browser, name: &str) -> Vec<f64> {
    let shown = browser.js_with(SHOWN, json!([name]));
    shown.as_array().unwrap().iter().map(|value| value.as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_table_sorts_and_filters() {
    let Some((browser, _folder)) = opened(&[SWEEP], 1200) else { return };
    let heading = browser.find("th[data-name=total_time_ms] button");
    browser.click(&heading);
    let up = numbers(&browser, "total_time_ms");
    assert!(up.len() == 90 && up.is_sorted(), "{up:?}");
    browser.type_into(&heading, "\u{e007}");
    let down = numbers(&browser, "total_time_ms");
    assert!(down.iter().rev().is_sorted() && down[0] == up[89], "{down:?}");
    assert_eq!(
        browser.js("return document.querySelector('th[data-name=total_time_ms]').ariaSort"),
        json!("descending")
    );

    let filter = browser.find("#filter");
    browser.type_into(&filter, "not-converged");
    assert_eq!(browser.js("return document.getElementById('count').textContent"), json!("7 of 90 rows"));
    browser.clear(&filter);
    browser.type_into(&filter, "verdict=converged downtime<100");
    let short = numbers(&browser, "downtime_ms");
    assert!(!short.is_empty() && short.len() < 83 && short.iter().all(|ms| *ms < 100.0), "{short:?}");
    browser.clear(&filter);
    assert_eq!(numbers(&browser, "total_time_ms").len(), 90);
}

#[test]
fn a_picture_says_what_is_pointed_at() {
    let Some((browser, _folder)) = opened(&[SWEEP], 1200) else { return };
    let tip = || browser.js("const tip = document.getElementById('tip'); return tip.hidden ? null : tip.textContent");
    assert_eq!(tip(), json!(null));
    browser.hover(&browser.find(".wide .spot"));
    let said = tip();
    let said = said.as_str().expect("something is said");
    for word in ["workload rate", "link bandwidth", "total time"] {
        assert!(said.contains(word), "{said}");
    }
    let picture = browser.find(".wide [role=img]");
    browser.type_into(&picture, "\u{e014}");
    let first = tip();
    browser.type_into(&picture, "\u{e014}");
    assert!(first.is_string() && tip().is_string() && first != tip(), "{first} {}", tip());
    browser.type_into(&picture, "\u{e00c}");
    assert_eq!(tip(), json!(null));
}

#[test]
fn a_page_fits_a_phone_and_a_print() {
    for words in [&[ONE][..], &[SWEEP]] {
        let Some((browser, _folder)) = opened(words, 390) else { return };
        assert_eq!(browser.js("return innerWidth"), json!(390));
        assert_eq!(browser.js("return document.documentElement.scrollWidth"), json!(390), "nothing sticks out");
        let letters = "return Math.min(...[...document.querySelectorAll('figure text')]
            .filter((text) => text.checkVisibility()).map((text) => text.getBoundingClientRect()).map((box) => Math.min(box.width, box.height))
            .filter((size) => size > 0))";
        let smallest = browser.js(letters).as_f64().unwrap();
        assert!(smallest > 5.0, "letters of {smallest} px");
        assert!(browser.screenshot().starts_with(b"\x89PNG"));
        assert!(browser.print().starts_with(b"%PDF"));
    }
}

/// A sweep of two keys, 3 by 4 points of 2 runs, with its results.
fn swept(folder: &Path, steps: (u32, u32), repeats: u32) {
    let (links, rates) = steps;
    let scenario = format!(
        "[guest]\nmemory = \"2 GiB\"\nrate-spread = {{ law = \"log-normal\", deviation = \"20 %\" }}\n\
         [[guest.workload]]\nkind = \"uniform\"\nregion = \"1 GiB\"\nrate = \"1000 pages/s\"\n\
         [link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\nmax-bandwidth = 0\n[limits]\ntime = \"2 min\"\n[sweep]\nrepeats = {repeats}\n\
         \"link.bandwidth\" = {{ from = \"1 Gbit/s\", to = \"25 Gbit/s\", steps = {links}, scale = \"log\" }}\n\
         \"guest.workload.0.rate\" = {{ from = 2000, to = 600000, steps = {rates}, scale = \"log\" }}\n"
    );
    std::fs::write(folder.join("s.toml"), scenario).unwrap();
    let output = precopy(folder, &["sweep", "s.toml", "-q", "-o", "r.csv"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn sliders_choose_points_whose_figures_and_timelines_follow() {
    let folder = tempfile::tempdir().unwrap();
    swept(folder.path(), (3, 4), 2);
    let made = precopy(folder.path(), &["report", "s.toml", "r.csv", "-o", "page.html"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let html = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    let data = html.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["picks"].as_array().unwrap().len(), 12);
    let sketches = data["sketches"].as_array().unwrap();
    assert!(sketches.len() == 12 && sketches.iter().all(Value::is_array), "every point is run again: {sketches:?}");
    // Ranges of a command line are told by the note beside the rows.
    let text = std::fs::read_to_string(folder.path().join("s.toml")).unwrap();
    std::fs::write(folder.path().join("plain.toml"), text.split("[sweep]").next().unwrap()).unwrap();
    let words = [
        "sweep",
        "plain.toml",
        "-q",
        "--vary",
        "link.bandwidth=1..25 Gbit/s/3",
        "--set",
        "guest.zero=10 %",
        "-o",
        "v.csv",
    ];
    assert!(
        precopy(
            folder.path(),
            &[
                &words[..],
                &["--memory", "exact", "--set", "guest.memory=64 MiB", "--set", "guest.workload.0.region=16 MiB"]
            ]
            .concat()
        )
        .status
        .success()
    );
    let varied = precopy(folder.path(), &["report", "plain.toml", "v.csv"]);
    assert_eq!(String::from_utf8(varied.stderr).unwrap(), "", "they are of this scenario");
    let varied = String::from_utf8(varied.stdout).unwrap();
    let varied = varied.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let varied: Value = serde_json::from_str(varied).unwrap();
    let sketches = varied["sketches"].as_array().unwrap();
    assert!(sketches.len() == 3 && sketches.iter().all(Value::is_array), "{sketches:?}");
    // Without the scenario there is nothing to run.
    let alone = String::from_utf8(precopy(folder.path(), &["report", "r.csv"]).stdout).unwrap();
    assert!(alone.contains("\"sketches\":[]") && alone.contains("Point by point"));

    let Some(browser) = Browser::start(1200, 900) else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no `chromium` with a `chromedriver` on this machine");
        return;
    };
    browser.open(&folder.path().join("page.html"));
    assert_eq!(browser.js("return performance.getEntriesByType('resource').length"), json!(0), "nothing is loaded");
    let choose = |side: &str, picks: [u32; 2]| {
        browser.js_with(
            "arguments[1].forEach((pick, key) => {
                const slider = document.querySelector(`[data-side=${arguments[0]}] [data-key='${key}']`);
                slider.value = pick;
                slider.dispatchEvent(new Event('input', { bubbles: true }));
            });
            const side = document.querySelector(`[data-side=${arguments[0]}]`);
            return [side.querySelector('.verdicts').textContent.trim(), side.querySelector('dd').firstChild.textContent,
                side.querySelector('output').textContent, side.querySelector('polygon').getAttribute('points')]",
            json!([side, picks]),
        )
    };
    let (fast, slow) = (choose("A", [2, 0]), choose("B", [0, 3]));
    assert_eq!((&fast[0], &fast[2]), (&json!("2 of 2 converged"), &json!("25 Gbit/s")), "{fast}");
    assert_eq!((&slow[0], &slow[2]), (&json!("2 of 2 not-converged"), &json!("1 Gbit/s")), "{slow}");
    assert!(fast[1] != slow[1] && fast[3] != slow[3], "{fast} {slow}");
    let change = browser.js("return document.querySelector('[data-side=A] .change').textContent");
    assert!(change.as_str().unwrap().contains("against B") || change == json!(""), "{change}");
    // The figure is that of the rows.
    let known = data["figures"][0]["middle"][8].as_f64().unwrap();
    let shown = fast[1].as_str().unwrap();
    assert!(shown.ends_with(" ms") || shown.ends_with(" s"), "{shown} for {known}");
    assert_eq!(browser.js("return document.getElementById('explore').hidden"), json!(false));
}

#[test]
fn a_page_of_ten_thousand_points_is_small() {
    let folder = tempfile::tempdir().unwrap();
    swept(folder.path(), (100, 100), 1);
    let made = precopy(folder.path(), &["report", "s.toml", "r.csv"]);
    assert!(made.status.success() && made.stdout.len() < 2_000_000, "{} bytes", made.stdout.len());
    let html = String::from_utf8(made.stdout).unwrap();
    assert!(html.contains("The first 500 of 10000 rows") && !html.contains("\"sketches\":[]"));
}

#[test]
fn the_timetable_of_a_drain_fits_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let guests: String =
        (0..6).map(|guest| format!("k8s-worker-production-{guest:02},4 GiB,uniform,1 MiB/s\n")).collect();
    std::fs::write(folder.path().join("guests.csv"), format!("name,memory,kind,rate\n{guests}")).unwrap();
    let made = precopy(folder.path(), &["drain", "guests.csv", "--link", "10G", "--report", "page.html"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let Some(browser) = Browser::start(390, 900) else { return };
    browser.open(&folder.path().join("page.html"));
    assert_eq!(browser.js("return document.documentElement.scrollWidth"), json!(390), "nothing sticks out");
    let wide = browser.js("const box = document.querySelector('.gantt'); return box.scrollWidth - box.clientWidth");
    assert_eq!(wide, json!(0), "the picture does not scroll sideways");
    let letters =
        "return Math.min(...[...document.querySelectorAll('.gantt text')].filter((text) => text.checkVisibility())
        .map((text) => text.getBoundingClientRect().height).filter((size) => size > 0))";
    assert!(browser.js(letters).as_f64().unwrap() > 8.0);
}
