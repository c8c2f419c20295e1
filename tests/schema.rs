//! The JSON schemas are what the readers of scenarios and the writers of outcomes know, and judge as they do.
//!
//! `UPDATE_DOCS=1 cargo test --test schema` writes them anew; explanations come from the tables of docs/scenario.md,
//! docs/orchestrators.md and docs/drain.md.

mod files;
mod page;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use page::Page;
use precopy::disk::Archive;
use precopy::metrics::{METRICS, Unit};
use precopy::report::{Assumed, Provenance, Report, json};
use precopy::scenario::diagnostic::Diagnostic;
use precopy::scenario::{Builder, Extent, Input, Pick, Scenario, Values, schema};
use precopy::sim::{self, Options};
use rand::RngExt;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

const SCENARIO: &str = "docs/schema/scenario.schema.json";
const OUTCOME: &str = "docs/schema/outcome.schema.json";

/// Definitions of the schema, and the headings below which their keys are explained.
const EXPLAINED: [(&str, &[&str]); 12] = [
    ("scenario", &["Top"]),
    ("fleet", &["Top"]),
    ("vm", &["Top"]),
    ("guest", &["`[guest]`"]),
    ("workload", &["`[[guest.workload]]`"]),
    ("phase", &["`[[guest.workload]]`"]),
    ("link", &["`[link]`"]),
    ("qemu", &["Facts of QEMU and its host", "Capabilities", "Parameters"]),
    ("at", &["`[[at]]`", "Parameters"]),
    ("policy", &["`[policy]`"]),
    ("limits", &["`[limits]`"]),
    ("sweep", &["`[sweep]`"]),
];

/// Keys and their explanations, from the tables below a heading of a page; the releases are somebody's.
fn explained(page: &str, heading: &str, whose: &str) -> BTreeMap<String, String> {
    let is_heading = |line: &&str| line.trim_start_matches('#').strip_prefix(' ') == Some(heading);
    let below = page.lines().skip_while(|line| !(line.starts_with('#') && is_heading(line))).skip(1);
    let lines: Vec<&str> = below.take_while(|line| !line.starts_with('#')).collect();
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut found = BTreeMap::new();
    for table in lines.split(|line| !line.starts_with('|')).filter(|table| table.len() > 2) {
        let head = cells(table[0]);
        if head[0] != "key" {
            continue;
        }
        for row in &table[2..] {
            let row = cells(row);
            let column = |name: &str| head.iter().position(|head| *head == name).map(|at| plain(&row[at]));
            let mut text = column("means").unwrap_or_default();
            for (name, lead) in [("default", "; default: "), ("releases", &format!("; {whose} "))] {
                let cell = column(name).filter(|cell| !cell.is_empty() && cell != "all");
                text += &cell.map_or(String::new(), |cell| lead.to_owned() + &cell);
                text = text.replace("; default: required", "; required");
            }
            for key in row[0].split('`').skip(1).step_by(2) {
                found.insert(key.to_owned(), text.clone());
            }
        }
    }
    found
}

/// A cell of a table without the addresses of its links.
fn plain(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    while let Some((head, tail)) = rest.split_once("](") {
        let (before, label) = head.rsplit_once('[').unwrap();
        text += &format!("{before}{label}");
        rest = tail.split_once(')').unwrap().1;
    }
    text + rest
}

/// Writes explanations to every key of that name in a definition.
fn explain(value: &mut Value, texts: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                for (key, property) in properties.iter_mut() {
                    if let (Some(text), Value::Object(property)) = (texts.get(key), property) {
                        property.entry("description").or_insert_with(|| json!(text));
                    }
                }
            }
            object.iter_mut().filter(|(key, _)| *key != "if").for_each(|(_, value)| explain(value, texts));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| explain(value, texts)),
        _ => {}
    }
}

/// The kinds of a section.
fn kinds(definition: &Value) -> Vec<&str> {
    let cases = definition["allOf"].as_array().unwrap();
    cases.iter().map(|case| case["if"]["properties"]["kind"]["const"].as_str().unwrap()).collect()
}

/// The schema of scenarios with its explanations.
fn of_scenarios() -> Value {
    let mut schema = schema::schema();
    let (keys, products) = (Page::read("docs/scenario.md").text, Page::read("docs/orchestrators.md").text);
    for (name, headings) in EXPLAINED {
        let mut texts = BTreeMap::new();
        headings.iter().for_each(|heading| texts.extend(explained(&keys, heading, "QEMU")));
        assert!(!texts.is_empty(), "{headings:?}");
        explain(&mut schema["definitions"][name], &texts);
    }
    let fleets = Page::read("docs/drain.md").text;
    for (name, heading) in [("vm", "The fleet"), ("scheduler", "Schedulers"), ("node", "Several hosts")] {
        let texts = explained(&fleets, heading, "releases");
        assert!(!texts.is_empty(), "{heading}");
        explain(&mut schema["definitions"][name], &texts);
    }
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in kinds(&schema["definitions"]["orchestrator"]) {
        let mut own = explained(&products, &format!("`{kind}`"), "release");
        if kind == "rules" {
            own.extend(explained(&products, "A rule", "release"));
        }
        own.into_iter().for_each(|(key, text)| texts.entry(key).or_default().push(format!("{kind}: {text}")));
    }
    let texts = texts.into_iter().map(|(key, texts)| (key, texts.join("\n"))).collect();
    explain(&mut schema["definitions"]["orchestrator"], &texts);
    schema
}

/// The schema of `run --format json`.
fn of_outcomes() -> Value {
    let mut properties = Map::new();
    let words = json!({ "type": "string" });
    let origin = [
        ("precopy", words.clone(), "version of the program"),
        ("scenario", words.clone(), "the file's name without its suffix"),
        ("qemu", words.clone(), "release of QEMU whose rules were followed"),
        ("seed", json!({ "type": "integer", "minimum": 0 }), "root of every random stream"),
        ("memory", json!({ "enum": ["expected", "exact"] }), "memory model"),
        ("command", words.clone(), "what makes the same result again, in a folder that holds the files"),
        (
            "files",
            json!({ "type": "object", "additionalProperties": words }),
            "texts of the files that the command reads, by their names",
        ),
        (
            "files_hex",
            json!({ "type": "object", "additionalProperties": words }),
            "bytes of those that are no texts, by their names, two hexadecimal digits each",
        ),
        (
            "files_left_out",
            json!({ "type": "array", "items": words, "minItems": 1 }),
            "what the command reads and is not kept; `-` is standard input",
        ),
    ];
    for (key, mut shape, meaning) in origin {
        shape["description"] = json!(meaning);
        properties.insert(key.to_owned(), shape);
    }
    let hinge = json!({
        "type": "object", "required": ["key", "direction", "from", "verdict"], "additionalProperties": false,
        "properties": { "key": words, "direction": { "enum": ["above", "below"] }, "from": words, "verdict": words },
    });
    let open = json!({
        "type": "object", "required": ["key", "taken_for"], "additionalProperties": false,
        "properties": {
            "key": words, "taken_for": words,
            "published": { "type": "array", "items": words, "minItems": 2, "maxItems": 2 },
            "hangs_on_it": { "type": "array", "items": hinge },
            // A rate that is open; null does not arrive.
            "total_time_ms": { "type": "array", "items": { "type": ["number", "null"] }, "minItems": 3, "maxItems": 3 },
            "arrives_pct": { "type": "number" },
        },
    });
    properties.insert(
        "assumed".to_owned(),
        json!({
            "type": "array", "items": open, "description": "keys that were not given, and what each is taken for"
        }),
    );
    for metric in &METRICS {
        let mut shape = match metric.unit {
            Unit::Words => words.clone(),
            // A number that is not known or has no end is `null`.
            _ => json!({ "type": ["number", "null"] }),
        };
        shape["description"] = json!(metric.meaning);
        properties.insert(metric.key.to_owned(), shape);
    }
    let nullable = |of: &str| json!({ "type": [of, "null"] });
    let action = json!({
        "t_ms": { "type": "number" }, "by": words, "action": words, "value": nullable("number"), "why": words,
        "refused": nullable("string"), "times": { "type": "integer", "minimum": 1 },
    });
    let all = |properties: &Value| properties.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut action = json!({ "required": all(&action), "type": "object", "properties": action });
    action["additionalProperties"] = json!(false);
    properties.insert(
        "actions".to_owned(),
        json!({
            "type": "array", "items": action, "description": "what the orchestrator did, in order of time"
        }),
    );
    let properties = Value::Object(properties);
    // What the library alone made has no command.
    let always: Vec<String> = all(&properties)
        .into_iter()
        .filter(|key| !["command", "files", "files_hex", "files_left_out"].contains(&key.as_str()))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Outcome of `precopy run --format json`",
        "type": "object",
        "required": always,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).unwrap() + "\n"
}

#[test]
fn the_schemas_are_what_the_program_knows() {
    Page::read(SCENARIO).hold(&pretty(&of_scenarios()));
    Page::read(OUTCOME).hold(&pretty(&of_outcomes()));
}

#[test]
fn the_table_of_units_is_what_the_readers_say() {
    let rows: String = schema::read_units().iter().map(|(key, unit)| format!("{key},{unit}\n")).collect();
    Page::read("src/scenario/units.csv").hold(&format!("key,unit\n{rows}"));
}

fn judge(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

/// A file of TOML as an editor hands it to a schema.
fn as_json(text: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap()
}

/// Every scenario and fleet that is shipped.
fn shipped() -> Vec<PathBuf> {
    let folders = ["", "/defaults", "/fleets", "/gallery", "/orchestrators", "/published", "/sweeps"];
    let all = folders.iter().flat_map(|folder| files::files(&format!("scenarios{folder}"), "toml"));
    all.filter(|path| path.file_name().unwrap() != "check.toml").collect()
}

#[test]
fn every_shipped_file_is_right() {
    let judge = judge(&schema::schema());
    let all = shipped();
    assert!(all.len() > 50, "{}", all.len());
    for path in all {
        let value = as_json(&std::fs::read_to_string(&path).unwrap());
        let faults: Vec<String> =
            judge.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
    }
}

#[test]
fn every_outcome_is_as_the_schema_says() {
    let judge = judge(&of_outcomes());
    for name in
        ["web-server", "never-converges", "needs-post-copy", "orchestrators/nova-64g", "orchestrators/virsh-timeout"]
    {
        let input = Input::from_file(Path::new(&format!("scenarios/{name}.toml")), &[]).unwrap();
        let scenario = input.load().unwrap().scenario;
        let options = Options { timeline: true, ..Options::default() };
        let (outcome, timeline) = sim::run(&scenario, &options).unwrap();
        let provenance = Provenance::new(name, scenario.qemu.version, options.seed, options.memory)
            .assuming(Assumed::of_one(&scenario))
            .archived(&Archive {
                command: "precopy run".to_owned(),
                files: [(name.to_owned(), String::new())].into(),
                hex: [("a.bin".to_owned(), "00ff".to_owned())].into(),
                left_out: vec!["-".to_owned()],
            });
        let mut bytes = Vec::new();
        json::write(&mut bytes, &Report { provenance: &provenance, outcome: &outcome, timeline: &timeline }).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(judge.is_valid(&value), "{name}: {:?}", judge.iter_errors(&value).next());
    }
}

/// What may be wrong with a key or a value by itself, in the words of the loader's complaints.
const BY_ITSELF: [&str; 10] = [
    "unknown key",
    "unknown section",
    "unknown field",
    " must be a",
    " must be `true`",
    " has no unit",
    " the wrong unit",
    " an unknown unit",
    "is not a number with a unit",
    " does not belong to kind",
];

/// Whether a fault is one that a schema can see. That a number in quotes is within a range, or a power of two, it cannot.
fn is_wrong_by_itself(fault: &Diagnostic) -> bool {
    let more = fault.label == "out of range" || fault.title.contains("power of two");
    !more && BY_ITSELF.iter().any(|words| fault.title.contains(words))
}

#[test]
fn broken_files_are_refused_for_their_keys_and_types() {
    let judge = judge(&schema::schema());
    let mut refused = 0;
    for path in files::files("tests/data/broken", "toml") {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Ok(table) = toml::from_str::<toml::Table>(&text) else { continue };
        let faults = Input::from_file(&path, &[]).unwrap().load().unwrap_err();
        if faults.iter().any(is_wrong_by_itself) {
            let valid = judge.is_valid(&serde_json::to_value(table).unwrap());
            assert!(!valid, "the schema takes {}, and the loader says: {faults:#?}", path.display());
            refused += 1;
        }
    }
    assert!(refused >= 15, "{refused}");
}

/// Sections of which a kind must be chosen, and the paths at which values are then tried.
fn probes() -> Vec<(String, String)> {
    let schema = schema::schema();
    let definitions = &schema["definitions"];
    let keys = |object: &Value| object["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut probes = Vec::new();
    for name in ["guest", "link", "qemu", "limits"] {
        let paths = keys(&definitions[name]).into_iter().map(|key| (String::new(), format!("{name}.{key}")));
        probes.extend(paths.filter(|(_, path)| path != "guest.workload"));
    }
    for (name, path) in [("workload", "guest.workload.0"), ("orchestrator", "orchestrator")] {
        for kind in kinds(&definitions[name]) {
            let section = match name {
                "workload" => format!(", workload = [{{ kind = \"{kind}\" }}]"),
                _ => format!("orchestrator = {{ kind = \"{kind}\" }}\n"),
            };
            // Those of all kinds, so that those of another kind are among them.
            let all = keys(&definitions[name]).into_iter().chain(["qqq".to_owned()]);
            probes.extend(all.map(|key| (section.clone(), format!("{path}.{key}"))));
        }
    }
    probes
}

/// A file that is sound but for the kind of its sections, with a value at a path.
fn with(sections: &str, path: &str, value: &toml::Value) -> String {
    let workload = if path.starts_with("guest.workload") { sections } else { "" };
    let orchestrator = if path.starts_with("orchestrator") { sections } else { "" };
    let text =
        format!("{orchestrator}guest = {{ memory = \"8 GiB\"{workload} }}\nlink = {{ bandwidth = \"1 Gbit/s\" }}\n");
    let mut file: toml::Value = toml::Value::Table(toml::from_str(&text).unwrap());
    let (above, key) = path.rsplit_once('.').unwrap();
    let mut at = &mut file;
    for key in above.split('.') {
        at = match key.parse::<usize>() {
            Ok(index) => at.get_mut(index).unwrap(),
            Err(_) => at.as_table_mut().unwrap().entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new())),
        };
    }
    at.as_table_mut().unwrap().insert(key.to_owned(), value.clone());
    toml::to_string(&file).unwrap()
}

#[test]
fn a_wrong_key_or_type_is_wrong_for_the_loader_and_the_schema_alike() {
    let judge = judge(&schema::schema());
    let values: toml::Table = toml::from_str(
        "v = [true, 3, 2.5, \"\", \"words\", \"8\", \"10 %\", \"50 ms\", \"1 GiB\", \"1 Gbit/s\", \"100 pages/s\", \"10 miles\", [], [1], {}, \
         { q = 1 }, \"8.2\", \"> 1 s\"]",
    )
    .unwrap();
    let (mut refused, mut taken) = (0, 0);
    for (sections, path) in probes() {
        for value in values["v"].as_array().unwrap() {
            let text = with(&sections, &path, value);
            let faults = Input::new("probe.toml", &text, &[]).unwrap().load().map_or_else(Into::into, |_| Vec::new());
            let key = path.rsplit('.').next().unwrap();
            let here = faults.iter().filter(|fault| fault.title.contains(key));
            let here: Vec<&Diagnostic> = here.filter(|fault| is_wrong_by_itself(fault)).collect();
            let valid = judge.is_valid(&as_json(&text));
            if !here.is_empty() {
                assert!(!valid, "the schema takes {path} = {value}, and the loader says: {here:?}\n{text}");
                refused += 1;
            } else if faults.is_empty() {
                let fault = judge.iter_errors(&as_json(&text)).next().map(|fault| fault.to_string());
                assert!(valid, "the loader takes {path} = {value}, and the schema says: {fault:?}\n{text}");
                taken += 1;
            }
        }
    }
    assert!(refused > 1000 && taken > 200, "{refused} refused, {taken} taken");
}

/// Values of every type, their numbers drawn.
fn drawn(rng: &mut Pcg64) -> Vec<toml::Value> {
    let mut all: Vec<toml::Value> = [true, false].map(toml::Value::from).into();
    all.extend(["8.2", "5.0", "10.0"].map(toml::Value::from));
    for _ in 0..2 {
        all.push(i64::from(rng.random_range(1..99u32)).into());
        all.push((f64::from(rng.random_range(1..999u32)) / 100.0).into());
        for unit in ["%", "ms", "s", "KiB", "MiB", "GiB", "MB/s", "MiB/s", "Gbit/s", "pages/s", "/s"] {
            all.push(format!("{} {unit}", rng.random_range(1..99u32)).into());
        }
    }
    all
}

/// The words of a choice, where a key is one.
fn choices(path: &str) -> Vec<toml::Value> {
    let schema = schema::schema();
    let keys: Vec<&str> = path.split('.').filter(|key| key.parse::<usize>().is_err()).collect();
    let [.., section, key] = keys[..] else { return Vec::new() };
    let words = schema["definitions"][section]["properties"][key]["enum"].as_array().cloned().unwrap_or_default();
    words.iter().filter_map(|word| Some(word.as_str()?.into())).collect()
}

/// A value as it is written in a list of values.
fn written(words: &str) -> toml::Value {
    let whole = words.parse::<i64>().map(toml::Value::from);
    whole.or_else(|_| words.parse::<f64>().map(toml::Value::from)).unwrap_or_else(|_| words.into())
}

/// A file with a sweep over a key, and over the latency of the link.
fn sweep(sections: &str, path: &str, values: toml::Value) -> String {
    let first = values.get(0).or(values.get("from")).unwrap().clone();
    let latency: toml::Table = toml::from_str("from = \"1 ms\"\nto = \"9 ms\"\nsteps = 2").unwrap();
    let axes: toml::Table =
        [(path.to_owned(), values), ("link.latency".to_owned(), latency.into())].into_iter().collect();
    let mut file: toml::Table = toml::from_str(&with(sections, path, &first)).unwrap();
    file.insert("sweep".to_owned(), axes.into());
    toml::to_string(&file).unwrap()
}

/// Holds the scenario of every point of a sweep against that of a file with the same values; how many are right, and how many
/// are refused.
fn hold(sections: &str, path: &str, text: &str) -> Option<(usize, usize)> {
    let template = Input::new("sweep.toml", text, &[]).unwrap().template(Extent::default()).ok()?;
    let kept = template.kept();
    let mut builder = Builder::new(&kept);
    let counts: Vec<u32> = template.axes.iter().map(|axis| axis.len().unwrap()).collect();
    let points = counts.iter().product::<u32>();
    let (mut right, mut refused) = (0, 0);
    // There and back: a point must not remember the one before.
    for point in (0..points).chain((0..points).rev().step_by(3)) {
        let picks = [Pick::Item(point / counts[1]), Pick::Item(point % counts[1])];
        let value = |at: usize| match (&template.axes[at].values, picks[at]) {
            (Values::List(items), Pick::Item(item)) => items[item as usize].words.clone(),
            _ => unreachable!("few steps are a list"),
        };
        let (mut own, mut latency) = (value(0), value(1));
        if template.axes[0].path == "link.latency" {
            (own, latency) = (latency, own);
        }
        let own = match own.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            words if template.axes.iter().any(|axis| axis.path == path && axis.is_numeric()) => written(words),
            words => words.into(),
        };
        let sets = [format!("link.latency={latency}")];
        let whole = Input::new("point.toml", &with(sections, path, &own), &sets).unwrap().load();
        let json = |scenario: &Scenario| serde_json::to_string(scenario).unwrap();
        match (builder.scenario(&picks), whole) {
            (Ok(scenario), Ok(whole)) => {
                right += 1;
                assert_eq!(json(scenario), json(&whole.scenario), "{path} = {own}, {latency}");
            }
            (Err(title), Err(faults)) => {
                refused += 1;
                assert!(faults.iter().any(|fault| fault.title == title), "{path} = {own}: {title}");
            }
            (built, whole) => panic!("{path} = {own}: {built:?} is not {whole:?}"),
        }
    }
    Some((right, refused))
}

/// Values of a key that are held; every one is a file to be read.
const MOST: usize = 6;

#[test]
fn a_point_of_a_sweep_is_the_file_with_its_values() {
    // Most keys of products are another product's, and of those that are taken every eighth will do.
    let is_wanted = |(at, (_, path)): &(usize, (String, String))| {
        path != "link.latency" && (at % 8 == 0 || !path.starts_with("orchestrator."))
    };
    let wanted: Vec<_> = probes().into_iter().enumerate().filter(is_wanted).collect();
    let held: Vec<usize> = wanted.par_iter().map(|(at, (sections, path))| held_points(*at, sections, path)).collect();
    let (keys, right) = (held.iter().filter(|points| **points > 0).count(), held.iter().sum::<usize>());
    assert!(keys > 80 && right > 1000, "{keys} keys, {right} points");
}

/// Points of a sweep over a key, along a list and along a range, that are as the file with their values; `seed` draws these.
fn held_points(seed: usize, sections: &str, path: &str) -> usize {
    let is_taken =
        |value: &toml::Value| Input::new("probe.toml", &with(sections, path, value), &[]).unwrap().load().is_ok();
    let all = choices(path).into_iter().chain(drawn(&mut Pcg64::new(11, seed as u128)));
    let taken: Vec<toml::Value> = all.filter(is_taken).take(MOST).collect();
    let unit = |value: &toml::Value| {
        value.as_str().map(|text| text.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned())
    };
    let ends = taken.iter().enumerate().find_map(|(at, from)| {
        let to = taken[at + 1..].iter().find(|to| !to.is_bool() && unit(to) == unit(from) && to.same_type(from))?;
        Some(toml::Table::from_iter([
            ("from".to_owned(), from.clone()),
            ("to".to_owned(), to.clone()),
            ("steps".to_owned(), 5.into()),
        ]))
    });
    let lists = (!taken.is_empty()).then(|| toml::Value::from(taken.clone()));
    let sweeps = lists.into_iter().chain(ends.map(toml::Value::from));
    sweeps.filter_map(|values| hold(sections, path, &sweep(sections, path, values))).map(|(right, _)| right).sum()
}
