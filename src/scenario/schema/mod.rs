//! A JSON schema of scenario and fleet files, for editors.
//!
//! It is made by reading made-up files and noting what the readers of the sections ask for, so that it knows what they
//! know: keys, types, units, words and ranges. What keys say together (a region larger than RAM, a lever that the
//! release does not have) only reading can tell.

mod outline;
pub(super) mod shape;

pub(super) use outline::Outline;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::faults::Faults;
use super::{fleet, load, syntax};

/// Sections that stand for themselves; the others are found below them.
const SECTIONS: [&str; 5] = ["guest", "link", "qemu", "at", "limits"];

/// A file in which every section is there that is only read where it is.
const EVERYTHING: &str = r#"
guest.rate-spread.law = "exponential"
link.spread.law = "exponential"
link.jitter.law = "exponential"
sweep.axis.from = 0
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
        fleet::read(table, Path::new(""), faults);
    })
}

/// The schema; draft 7, which editors of TOML know best.
pub fn schema() -> Value {
    let mut everything = scenario(EVERYTHING);
    let mut known = BTreeMap::new();
    let mut definitions = json!({});
    let mut define = |name: &str, definition: Value, known: &mut BTreeMap<String, Value>, path: &str| {
        definitions[name] = definition;
        known.insert(path.to_owned(), reference(name));
    };

    let phases = kinds(PHASE, |rest| scenario(&format!("guest.workload = [{{ phase = [{{ {rest} }}] }}]")));
    let phases: Vec<_> = phases.into_iter().filter(|(kind, _)| kind != "phases").collect();
    define("phase", preset_or(variants(PHASE, &phases, &known)), &mut known, "phase");
    known.insert(format!("{WORKLOAD}phase"), list(reference("phase")));
    let workloads = kinds(WORKLOAD, |rest| scenario(&format!("guest.workload = [{{ {rest} }}]")));
    define("workload", preset_or(variants(WORKLOAD, &workloads, &known)), &mut known, "workload");
    known.insert("guest.workload".to_owned(), list(reference("workload")));

    let products = kinds(ORCHESTRATOR, |rest| scenario(&table("orchestrator", rest, "rule = [{}]")));
    define("orchestrator", variants(ORCHESTRATOR, &products, &known), &mut known, "orchestrator");
    let schedulers = kinds(SCHEDULER, |rest| fleet(&table("scheduler", rest, "")));
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
    let host = fleet("vm = [{}]");
    let vm = host.object("vm.0.", &below("vm.0.", &known));
    definitions["vm"] = vm;
    known.insert("vm".to_owned(), list(reference("vm")));
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
