//! The page that `precopy report` writes: what it says, and what it does in a browser.

mod browser;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use browser::Browser;
use serde_json::json;

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
        "31.5 MiB were left after a sync",
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
