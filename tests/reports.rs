//! What people and programs see of one migration.

mod fixture;
mod page;

use fixture::Case;
use precopy::metrics::METRICS;
use precopy::orchestrator::JobCommand;
use precopy::plot::Format;
use precopy::plot::timeline::{Migration, svg};
use precopy::report::{csv, json, text};
use precopy::sim::{Action, Event, Row, Timeline};
use precopy::units::Span;

fn page(case: &Case, width: usize) -> String {
    anstream::adapter::strip_str(&text::page(&case.report(), width)).to_string()
}

fn as_json(case: &Case) -> String {
    let mut bytes = Vec::new();
    json::write(&mut bytes, &case.report()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn as_csv(case: &Case) -> String {
    let mut bytes = Vec::new();
    csv::write(&mut bytes, &case.report()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn picture(case: &Case) -> String {
    svg("a title", "a <subtitle>", &[Migration { name: "a", timeline: &case.timeline }]).unwrap()
}

fn cases() -> [(&'static str, Case); 4] {
    [
        ("converged", fixture::converged()),
        ("throttled", fixture::throttled()),
        ("never_converged", fixture::never_converged()),
        ("post_copy", fixture::post_copy()),
    ]
}

#[test]
fn every_field_of_the_outcome_is_described_once_and_in_order() {
    let case = fixture::throttled();
    let mut serialised = ::csv::Writer::from_writer(Vec::new());
    serialised.serialize(&case.outcome).unwrap();
    let serialised = String::from_utf8(serialised.into_inner().unwrap()).unwrap();
    let keys: Vec<&str> = serialised.lines().next().unwrap().split(',').collect();
    assert_eq!(METRICS.each_ref().map(|metric| metric.key).to_vec(), keys);

    let object = serde_json::to_value(&case.outcome).unwrap();
    for metric in &METRICS {
        let value = (metric.get)(&case.outcome);
        match &object[metric.key] {
            serde_json::Value::String(words) => assert_eq!(&value.to_string(), words, "{}", metric.key),
            number => assert_eq!(value.number(), number.as_f64(), "{}", metric.key),
        }
    }
}

#[test]
fn the_reference_page_is_current() {
    let text = include_str!("../docs/output.md");
    let mut table = String::from("| field | unit | meaning |\n|---|---|---|\n");
    for metric in &METRICS {
        table += &format!("| `{}` | {} | {} |\n", metric.key, metric.unit, metric.meaning);
    }
    page::hold_parts("docs/output.md", &[("outcome", &table)]);

    let header = timeline_csv(&fixture::converged().timeline).lines().next().unwrap().to_owned();
    let documented: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let columns: Vec<&str> = header.split(',').collect();
    assert_eq!(documented[METRICS.len()..][..columns.len()], columns);
}

fn timeline_csv(timeline: &Timeline) -> String {
    let mut bytes = Vec::new();
    csv::write_timeline(&mut bytes, timeline).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_person_reads_verdict_and_reason_first() {
    for (name, case) in cases() {
        insta::assert_snapshot!(format!("text_{name}"), page(&case, 80));
    }
}

/// A migration with an orchestrator that does `count` things.
fn ordered(count: u64) -> Case {
    let mut case = fixture::throttled();
    let action = |at: u64| {
        let refused = (at + 2 == count).then_some("the capability `postcopy-ram` is off");
        let (command, why) = match at + 1 {
            end if end == count => (JobCommand::Abort, "the time for all of it is over".to_owned()),
            _ if refused.is_some() => (JobCommand::PostCopy, "it does not converge".to_owned()),
            _ => (JobCommand::SetDowntime(Span::from_ms(100 * at + 50)), format!("step {at}")),
        };
        Action { t_ms: 900.0 * at as f64, by: "somebody", command, why, refused, times: 1 + at % 3 }
    };
    case.timeline.actions = (0..count).map(action).collect();
    case
}

#[test]
fn an_orchestrator_s_actions_are_listed_and_marked() {
    insta::assert_snapshot!("text_actions", page(&ordered(6), 80));
    insta::assert_snapshot!("text_many_actions_narrow", page(&ordered(30), 60));
    let object: serde_json::Value = serde_json::from_str(&as_json(&ordered(30))).unwrap();
    let actions = object["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 30, "a program gets all of them");
    assert_eq!(actions[1]["action"], "downtime-limit");
    assert_eq!(actions[1]["value"], 150.0);
    assert_eq!(actions[28]["refused"], "the capability `postcopy-ram` is off");
    // As the simulator writes them: a row for each action.
    let mut marked = ordered(3);
    let row = marked.timeline.rows.iter().find(|row| row.event == Event::Sync).unwrap().clone();
    let detail = "somebody: downtime-limit 150 ms (step 1)".to_owned();
    marked.timeline.rows.insert(2, Row { event: Event::Set, detail, ..row });
    let drawn = picture(&marked);
    assert!(drawn.contains("parameters set") && drawn.contains("somebody: downtime-limit 150 ms (step 1)"));
}

#[test]
fn a_page_keeps_to_the_width_it_is_given() {
    let ordered = [("ordered", ordered(6)), ("ordered often", ordered(30))];
    for (name, case) in cases().into_iter().chain(ordered) {
        for (asked, widest) in [(0, 60), (60, 60), (76, 76), (80, 80), (100, 100), (120, 120), (300, 120)] {
            for line in page(&case, asked).lines() {
                let width = line.chars().count();
                assert!(width <= widest, "{name} at {asked}: {width} columns in {line:?}");
                assert_eq!(line, line.trim_end(), "{name} at {asked}");
            }
        }
    }
}

#[test]
fn a_page_without_a_timeline_still_has_its_figures() {
    let mut case = fixture::throttled();
    case.timeline = Timeline::default();
    let page = page(&case, 80);
    assert!(!page.contains('█'));
    assert!(page.contains("dirty syncs"), "{page}");
}

#[test]
fn post_copy_is_shown_only_where_there_was_one() {
    for (name, case) in cases() {
        assert_eq!(page(&case, 80).contains("Post-copy\n"), name == "post_copy", "{name}");
    }
}

#[test]
fn a_program_reads_base_units_under_stable_names() {
    let case = fixture::throttled();
    insta::assert_snapshot!("json_throttled", as_json(&case));
    insta::assert_snapshot!("csv_throttled", as_csv(&case));
}

#[test]
fn json_and_csv_say_the_same() {
    for (name, case) in cases() {
        let mut object: serde_json::Value = serde_json::from_str(&as_json(&case)).unwrap();
        for list in ["actions", "assumed"] {
            let list = object.as_object_mut().unwrap().remove(list);
            assert_eq!(list, Some(serde_json::json!([])), "a list has no column");
        }
        let table = as_csv(&case);
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        let header = reader.headers().unwrap().clone();
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(header.len(), object.as_object().unwrap().len(), "{name}");
        for (key, cell) in header.iter().zip(&row) {
            match &object[key] {
                serde_json::Value::String(words) => assert_eq!(cell, words, "{name} {key}"),
                serde_json::Value::Null => assert_eq!(cell, "", "{name} {key}"),
                number => assert_eq!(cell.parse::<f64>().ok(), number.as_f64(), "{name} {key}"),
            }
        }
    }
}

#[test]
fn a_figure_that_does_not_exist_is_null() {
    let mut case = fixture::never_converged();
    case.outcome.expected_downtime_ms = None;
    assert!(as_json(&case).contains("\"expected_downtime_ms\": null"));
    assert!(page(&case, 80).contains("–"));
}

#[test]
fn a_timeline_has_a_line_per_row() {
    let case = fixture::converged();
    let text = timeline_csv(&case.timeline);
    assert_eq!(text.lines().count(), case.timeline.rows.len() + 1);
    insta::assert_snapshot!("timeline_converged", text.lines().take(4).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_picture_names_its_curves_and_units() {
    let svg = picture(&fixture::throttled());
    for words in [
        "a title",
        "a &lt;subtitle&gt;",
        "remaining RAM [MiB]",
        "throttle [%]",
        "rate [Mbit/s]",
        "time since the migrate command [s]",
        "bandwidth",
        "dirty rate",
        "pass",
        "guest stopped",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    let svg = picture(&fixture::never_converged());
    for words in ["remaining RAM [GiB]", "time since the migrate command [min]"] {
        assert!(svg.contains(words), "{words}");
    }
    assert!(!svg.contains("guest stopped"));
}

#[test]
fn several_migrations_share_a_picture_and_have_a_legend() {
    let (one, two) = (fixture::converged(), fixture::throttled());
    let migrations = [
        Migration { name: "web server", timeline: &one.timeline },
        Migration { name: "database", timeline: &two.timeline },
    ];
    let svg = svg("both", "", &migrations).unwrap();
    assert!(svg.contains("web server") && svg.contains("database"));
    let spots: Vec<&str> = svg.split("<title>").filter(|spot| spot.contains("\nguest stopped after")).collect();
    assert_eq!(spots.len(), 2, "each stop says whose it is");
    assert!(spots[0].starts_with("web server\n") && spots[1].starts_with("database\n"), "{spots:?}");
}

#[test]
fn nothing_can_be_drawn_of_no_time() {
    for migrations in [&[][..], &[Migration { name: "a", timeline: &Timeline::default() }]] {
        assert!(svg("", "", migrations).is_err());
    }
}

#[test]
fn a_long_timeline_stays_a_small_picture() {
    let mut case = fixture::throttled();
    let rows = case.timeline.rows.clone();
    let end = rows.last().unwrap().t_ms;
    for copy in 1..200 {
        let later = rows.iter().cloned().map(|mut row| {
            row.t_ms += end * f64::from(copy);
            row
        });
        case.timeline.rows.extend(later);
    }
    let (rows, size) = (case.timeline.rows.len(), picture(&case).len());
    assert!(size < 1_000_000, "{rows} rows became {size} bytes");
}

#[cfg(feature = "png")]
#[test]
fn a_png_is_the_large_canvas_and_the_same_every_time() {
    let svg = picture(&fixture::throttled());
    let png = Format::Png.encode(svg.clone()).unwrap().bytes;
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1800, 1300));
    assert!(png == Format::Png.encode(svg).unwrap().bytes);
}

#[cfg(not(feature = "png"))]
#[test]
fn a_build_without_png_says_how_to_get_it() {
    let error = Format::of(std::path::Path::new("a.png")).unwrap_err().to_string();
    assert!(error.contains("--features png"), "{error}");
}
