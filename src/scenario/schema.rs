//! A JSON schema of scenario and fleet files, for editors.
//!
//! It is made by reading made-up files and noting what the readers of the sections ask for, so that it knows what they
//! know: keys, types, units, words and ranges. What keys say together (a region larger than RAM, a lever that the
//! release does not have) only reading can tell.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::faults::Faults;
use super::outline::Outline;
use super::{fleet, load, shape, syntax};

/// Sections that stand for themselves; the others are found below them.
const SECTIONS: [&str; 6] = ["guest", "link", "qemu", "policy", "at", "limits"];

/// A file in which every section is there that is only read where it is.
const EVERYTHING: &str = r#"
guest.rate-spread.law = "exponential"
link.spread.law = "exponential"
link.jitter.law = "exponential"
sweep.axis.from = 0
sweep.policy = [{}]
[[at]]
after-pass = 1
set = {}
"#;

/// Where the workloads of a guest are, and the phases of one.
const WORKLOAD: &str = "guest.workload.0.";
const PHASE: &str = "guest.workload.0.phase.0.";
const ORCHESTRATOR: &str = "orchestrator.";
const SCHEDULER: &str = "scheduler.";

/// What is asked for while `read` reads a file.
fn outline(text: &str, read: impl Fn(&super::tree::Table, &mut Faults)) -> Outline {
    let mut faults = Faults { outline: Some(Outline::default()), ..Faults::default() };
    let table = syntax::file(text, &mut faults).table;
    read(&table, &mut faults);
    faults.outline.unwrap_or_default()
}

fn scenario(text: &str) -> Outline {
    outline(text, |table, faults| {
        load::read(table, Path::new(""), faults);
    })
}

fn fleet(text: &str) -> Outline {
    outline(text, |table, faults| {
        fleet::read(table, false, Path::new(""), faults);
    })
}

/// What the readers of the sections ask for; of those that have kinds, by kind.
struct Asked {
    everything: Outline,
    phases: Vec<(String, Outline)>,
    workloads: Vec<(String, Outline)>,
    products: Vec<(String, Outline)>,
    schedulers: Vec<(String, Outline)>,
    host: Outline,
}

impl Asked {
    fn of_all() -> Asked {
        let phases = kinds(PHASE, |rest| scenario(&format!("guest.workload = [{{ phase = [{{ {rest} }}] }}]")));
        Asked {
            everything: scenario(EVERYTHING),
            phases: phases.into_iter().filter(|(kind, _)| kind != "phases").collect(),
            workloads: kinds(WORKLOAD, |rest| scenario(&format!("guest.workload = [{{ {rest} }}]"))),
            products: kinds(ORCHESTRATOR, |rest| scenario(&table("orchestrator", rest, "rule = [{}]"))),
            schedulers: kinds(SCHEDULER, |rest| fleet(&table("scheduler", rest, ""))),
            host: fleet("vm = [{}]\nsla = [{}]\nnode = [{}]"),
        }
    }

    /// The unit of every key.
    fn units(self) -> BTreeMap<String, &'static str> {
        let Asked { everything: mut all, phases, workloads, products, schedulers, host } = self;
        let by_kind = [phases, workloads, products, schedulers].into_iter().flatten().map(|(_, outline)| outline);
        by_kind.chain([host]).for_each(|outline| all.merge(outline));
        all.into_units()
    }
}

/// Every key of a scenario or fleet that holds a value, entries of a list by the first, and the unit in which results
/// show its number: one of [`Quantity::FIGURE`](crate::units::parse::Quantity::FIGURE), `B/s of RAM` for a dirty rate, `% or
/// B` for a part of something, `count` for a plain number, what an orchestrator's option counts, and `words`.
///
/// Kept as a table, `units.csv`: to find them, [`read_units`] reads hundreds of files.
pub fn units() -> &'static BTreeMap<&'static str, &'static str> {
    static UNITS: LazyLock<BTreeMap<&'static str, &'static str>> =
        LazyLock::new(|| UNITS_TABLE.lines().skip(1).filter_map(|row| row.split_once(',')).collect());
    &UNITS
}

/// A key and its unit in each line.
const UNITS_TABLE: &str = include_str!("units.csv");

/// What [`units`] has to hold: what the readers of the sections say.
pub fn read_units() -> BTreeMap<String, &'static str> {
    Asked::of_all().units()
}

/// The unit of the key at a path, as `--vary` takes it: see [`units`].
pub fn unit(path: &str) -> Option<&'static str> {
    let part = |part| if part_is_number(part) { "0" } else { part };
    units().get(path.split('.').map(part).collect::<Vec<_>>().join(".").as_str()).copied()
}

fn part_is_number(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_ascii_digit())
}

/// The schema; draft 7, which editors of TOML know best.
pub fn schema() -> Value {
    let Asked { mut everything, phases, workloads, products, schedulers, host } = Asked::of_all();
    let mut known = BTreeMap::new();
    let mut definitions = json!({});
    let mut define = |name: &str, definition: Value, known: &mut BTreeMap<String, Value>, path: &str| {
        definitions[name] = definition;
        known.insert(path.to_owned(), reference(name));
    };

    define("phase", preset_or(variants(PHASE, &phases, &known)), &mut known, "phase");
    known.insert(format!("{WORKLOAD}phase"), list(reference("phase")));
    define("workload", preset_or(variants(WORKLOAD, &workloads, &known)), &mut known, "workload");
    known.insert("guest.workload".to_owned(), list(reference("workload")));

    define("orchestrator", variants(ORCHESTRATOR, &products, &known), &mut known, "orchestrator");
    define("scheduler", requiring(variants(SCHEDULER, &schedulers, &known), &["kind"]), &mut known, "scheduler");

    let range = everything.object("sweep.axis.", &known);
    define("axis", axis(range), &mut known, "axis");
    everything.disown("sweep.", "axis");
    define("sweep", everything.object("sweep.", &known), &mut known, "sweep");
    for name in SECTIONS {
        let place = if name == "at" { "at.0." } else { &format!("{name}.") };
        let mut object = everything.object(place, &known);
        if name == "guest" {
            // A guest of a fleet may have them from the section that all share.
            object.as_object_mut().map(|object| object.remove("required"));
        }
        define(name, object, &mut known, name);
    }
    known.insert("at".to_owned(), list(reference("at")));

    let guest = requiring(json!({ "allOf": [reference("guest")] }), &everything.required("guest."));
    let orchestrator = requiring(json!({ "allOf": [reference("orchestrator")] }), &["kind"]);
    let mut alone = known.clone();
    alone.extend([("guest".to_owned(), guest), ("orchestrator".to_owned(), orchestrator)]);
    definitions["scenario"] = requiring(everything.object("", &alone), &["guest", "link"]);
    let vm = host.object("vm.0.", &below("vm.0.", &known));
    definitions["vm"] = vm;
    known.insert("vm".to_owned(), list(reference("vm")));
    definitions["sla"] = host.object("sla.0.", &known);
    known.insert("sla".to_owned(), list(reference("sla")));
    definitions["node"] = host.object("node.0.", &known);
    known.insert("node".to_owned(), list(reference("node")));
    definitions["fleet"] = requiring(host.object("", &known), &["link", "vm"]);

    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Scenario or fleet of precopy",
        "type": "object",
        "if": { "required": ["vm"] },
        "then": reference("fleet"),
        "else": reference("scenario"),
        "definitions": definitions,
    })
}

/// What stands at the same keys, one level deeper.
fn below(prefix: &str, known: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    known.iter().map(|(path, value)| (format!("{prefix}{path}"), value.clone())).collect()
}

/// A file with one section.
fn table(section: &str, keys: &str, more: &str) -> String {
    format!("[{section}]\n{}\n{more}", keys.replace(", ", "\n"))
}

/// What each kind of a section asks for, by its name. What else decides which keys there are (the law of a trace,
/// whether a curve has a file) is tried too.
fn kinds(section: &str, read: impl Fn(&str) -> Outline) -> Vec<(String, Outline)> {
    let bare = read("kind = \"\"");
    let laws = bare.words(section, "law");
    let one = |kind: String| {
        let mut all = read(&format!("kind = \"{kind}\""));
        let spread = "time-spread = { law = \"exponential\" }";
        for more in laws.iter().map(|law| format!("law = \"{law}\"")).chain(["file = \"\"".into(), spread.into()]) {
            if !laws.is_empty() {
                all.merge(read(&format!("kind = \"{kind}\", {more}")));
            }
        }
        (kind, all)
    };
    bare.words(section, "kind").into_iter().map(one).collect()
}

/// A section whose `kind` says which other keys there are.
fn variants(section: &str, kinds: &[(String, Outline)], known: &BTreeMap<String, Value>) -> Value {
    let mut any = Outline::default();
    kinds.iter().for_each(|(_, outline)| any.merge(outline.clone()));
    let mut all = any.properties(section, known);
    let one = |(kind, outline): &(String, Outline)| {
        let own = outline.properties(section, known);
        let mut then = json!({ "propertyNames": { "enum": own.keys().collect::<Vec<_>>() } });
        let narrower: Map<String, Value> =
            own.into_iter().filter(|(key, shape)| all[key] != *shape && key != "kind").collect();
        if !narrower.is_empty() {
            then["properties"] = Value::Object(narrower);
        }
        let required = outline.required(section);
        if !required.is_empty() {
            then["required"] = json!(required);
        }
        let named = json!({ "properties": { "kind": { "const": kind } }, "required": ["kind"] });
        json!({ "if": named, "then": then })
    };
    let cases: Vec<Value> = kinds.iter().map(one).collect();
    all["kind"] = shape::choice(kinds.iter().map(|(kind, _)| kind.as_str()));
    let mut object = shape::table(Value::Object(all));
    object["allOf"] = json!(cases);
    object
}

/// Workloads: a preset stands for all keys that are required.
fn preset_or(mut workload: Value) -> Value {
    for case in workload["allOf"].as_array_mut().into_iter().flatten() {
        let then = case["then"].as_object_mut();
        if let Some((then, required)) = then.and_then(|then| then.remove("required").map(|required| (then, required))) {
            then.insert("anyOf".to_owned(), json!([{ "required": required }, { "required": ["preset"] }]));
        }
    }
    workload["anyOf"] = json!([{ "required": ["kind"] }, { "required": ["preset"] }]);
    workload
}

/// Values of a key that is varied: a list, a range, or keys below it with values of theirs.
fn axis(range: Value) -> Value {
    let is_range = json!({ "anyOf": [{ "required": ["from"] }, { "required": ["to"] }] });
    let deeper = json!({ "type": "object", "minProperties": 1, "additionalProperties": reference("axis") });
    json!({ "if": { "type": "array" }, "then": { "minItems": 1 }, "else": { "if": is_range, "then": range, "else": deeper } })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn requiring<T: AsRef<str>>(mut object: Value, keys: &[T]) -> Value {
    object["required"] = keys.iter().map(AsRef::as_ref).collect();
    object
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::super::reader::WORDS;
    use super::super::tree::{Table, TomlValue};
    use super::*;

    /// Every scenario and fleet that users are given.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
        files.filter(|path| path.extension().is_some_and(|suffix| suffix == "toml")).collect()
    }

    /// The paths of all values below `prefix`.
    fn paths(prefix: &str, value: &TomlValue) -> Vec<String> {
        let below = |key: &str, value| paths(&format!("{prefix}.{key}"), value);
        match value {
            TomlValue::Table(table) => {
                table.entries.iter().flat_map(|entry| below(&entry.key, &entry.node.value)).collect()
            }
            TomlValue::List(list) => {
                list.iter().enumerate().flat_map(|(index, node)| below(&index.to_string(), &node.value)).collect()
            }
            _ => vec![prefix.trim_start_matches('.').to_owned()],
        }
    }

    #[test]
    fn what_a_key_takes_is_counted_in_its_unit() {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut seen = BTreeSet::new();
        for path in files(&scenarios) {
            let mut faults = Faults::default();
            let table: Table = syntax::file(&fs::read_to_string(&path).unwrap(), &mut faults).table;
            faults.watched = paths("", &TomlValue::Table(table.clone()));
            load::read(&table, path.parent().unwrap(), &mut faults);
            for (key, figure) in faults.taken.iter().filter(|(key, _)| !key.starts_with("sweep.")) {
                let named = unit(key).unwrap_or_else(|| panic!("{}: `{key}` has no unit", path.display()));
                let fits = match figure.unit {
                    "" => named != "words",
                    unit => named.split(" or ").any(|named| named.split(" of ").next() == Some(unit)),
                };
                assert!(fits, "{}: `{key}` is taken in {:?} and shown in {named}", path.display(), figure.unit);
                seen.insert(key.clone());
            }
        }
        assert!(seen.len() > 30, "{} keys: {seen:?}", seen.len());
    }

    /// Ends of a range hold what the key does that is varied.
    const BORROWED: [&str; 2] = ["sweep.axis.from", "sweep.axis.to"];

    #[test]
    fn every_key_that_takes_a_number_has_a_unit_or_is_a_count() {
        let Asked { everything, phases, workloads, products, schedulers, host } = Asked::of_all();
        let by_kind = [phases, workloads, products, schedulers].into_iter().flatten().map(|(_, outline)| outline);
        let mut numbers = BTreeSet::new();
        for (key, takes_number) in by_kind.chain([everything, host]).flat_map(|outline| outline.keys()) {
            // A guest's part of a section that all guests share.
            let shared = key.strip_prefix("vm.0.").unwrap_or(&key);
            let counts = |key: &str| unit(key).is_some_and(|unit| unit != WORDS && !unit.is_empty());
            let leads_deeper = || units().keys().any(|known| known.starts_with(&format!("{shared}.")));
            let is_known = match takes_number {
                Some(true) => counts(&key) || counts(&format!("{key}.0.1")),
                Some(false) => true,
                None => unit(&key).is_some() || leads_deeper() || BORROWED.contains(&key.as_str()),
            };
            assert!(is_known, "`{key}` holds a number that has no unit and is no count");
            numbers.extend((takes_number == Some(true)).then_some(key));
        }
        assert!(numbers.len() > 150, "{} keys", numbers.len());
    }

    #[test]
    fn every_key_that_has_a_row_is_read() {
        for row in super::super::key_rows() {
            assert!(unit(row.path).is_some(), "{}", row.path);
        }
    }

    #[test]
    fn every_option_has_its_unit_at_the_start_and_while_it_runs() {
        for option in crate::qemu::OPTIONS.iter().filter(|option| option.is_parameter()) {
            assert!(unit(&format!("qemu.{}", option.name)).is_some(), "{}", option.name);
            assert_eq!(unit(&format!("at.3.set.{}", option.name)), unit(&format!("qemu.{}", option.name)));
        }
        for product in crate::orchestrator::PRODUCTS {
            for (option, _) in (product.options)() {
                assert_eq!(unit(&format!("orchestrator.{}", option.key)), Some(option.form.unit()));
            }
        }
    }
}
