//! Imports run downward through the layers only, so that each layer can be read without those above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules, lowest layer first.
const LAYERS: [&[&str]; 12] = [
    &["sink", "disk", "units", "statistic", "yaml", "expression"],
    &["inventory"],
    ACTORS,
    &["recordings"],
    &["scenario"],
    &["sim"],
    &["metrics", "goal", "uncertain"],
    &["compare", "sweep", "plan", "drain", "check", "replay", "fit", "why", "probe", "survey"],
    &["results"],
    &["plot"],
    &["report"],
    &["cli"],
];

/// The one layer whose modules do not know each other either; `sim` introduces them.
const ACTORS: &[&str] = &["guest", "link", "qemu", "orchestrator"];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// What is wrong with the imports of a file at `path` (below `src`, without its suffix) with the contents `text`.
fn faults(path: &str, text: &str) -> Vec<String> {
    let module = path.split('/').next().unwrap_or(path);
    let Some(own) = layer(module) else {
        return vec![format!("`{module}` is in no layer")];
    };
    let fault = |name: &str| match layer(name) {
        _ if name == module => None,
        None => Some(format!("`{path}` imports `{name}`, which is in no layer")),
        Some(other) if other > own => Some(format!("`{path}` imports `{name}` from a layer above its own")),
        Some(_) if ACTORS.contains(&module) && ACTORS.contains(&name) => {
            Some(format!("`{path}` imports `{name}`, but actors do not know each other"))
        }
        Some(_) => None,
    };
    imports(path, text).iter().filter_map(|name| fault(name)).collect()
}

/// Every top-level module that the code of a file names, wherever it stands.
fn imports(path: &str, text: &str) -> Vec<String> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let mut names: Vec<String> = rests(&code, "crate::").flat_map(heads).collect();
    // As many steps up as the file lies deep lead to the crate's root, or, from a module inside the file, to the
    // file's own top-level module; there only names of other layers count.
    let depth = path.trim_end_matches("/mod").split('/').count();
    let up = "super::".repeat(depth);
    names.extend(rests(&code, &up).flat_map(heads).filter(|name| layer(name).is_some()));
    names
}

/// What follows each occurrence of `start`.
fn rests<'a>(code: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    code.match_indices(start).map(|(at, found)| &code[at + found.len()..])
}

/// The first words of a path, or of each path in a group: `guest`, and `link` of `{guest::Law, link}`.
fn heads(path: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || "_*".contains(*c)).collect();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut starts) = (0, vec![0]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                starts.retain(|start| !group[*start..at].trim().is_empty());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(at + 1),
            _ => {}
        }
    }
    starts.iter().map(|start| word(&group[*start..])).collect()
}

/// All Rust files below `folder`.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|suffix| suffix == "rs")).collect()
}

/// Files of `src` below the root, without their suffix, and what is in them.
fn files() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = |file: PathBuf| {
        let path = file.strip_prefix(&src).unwrap().with_extension("");
        let path = path.components().map(|part| part.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/");
        (path, fs::read_to_string(&file).unwrap())
    };
    sources(&src).into_iter().map(file).filter(|(path, _)| path != "lib" && path != "main").collect()
}

/// Who imports whom.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Whoever leads back to itself.
fn in_circles(imports: &Imports) -> BTreeSet<&str> {
    let leads_back = |start: &&String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start.as_str()]);
        while let Some(at) = next.pop() {
            for to in imports.get(at).into_iter().flatten().filter(|to| to.as_str() != at) {
                if to == *start {
                    return true;
                }
                if seen.insert(to) {
                    next.push(to);
                }
            }
        }
        false
    };
    imports.keys().filter(leads_back).map(String::as_str).collect()
}

/// Top-level modules and what each imports of the others.
fn between_folders(files: &BTreeMap<String, String>) -> Imports {
    let mut all = Imports::new();
    for (path, text) in files {
        let own = path.split('/').next().unwrap_or(path);
        all.entry(own.to_owned()).or_default().extend(imports(path, text));
    }
    all
}

/// Files and folders of one folder, and what each imports of the others, tests of theirs apart.
fn inside(folder: &str, files: &BTreeMap<String, String>) -> Imports {
    let child = |path: &str| path.strip_prefix(folder)?.strip_prefix('/')?.split('/').next().map(str::to_owned);
    let mut all = Imports::new();
    for (path, text) in files {
        let Some(own) = child(path).filter(|own| own != "mod") else { continue };
        let text = text.split("#[cfg(test)]").next().unwrap_or(text);
        let code: String =
            text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n");
        // As many steps up as the file lies deep below the folder.
        let up = "super::".repeat(path.trim_end_matches("/mod").split('/').count() - 1);
        let down = format!("crate::{folder}::");
        let siblings = rests(&code, &up).chain(rests(&code, &down)).flat_map(heads);
        all.entry(own).or_default().extend(siblings);
    }
    let known: BTreeSet<String> = all.keys().cloned().collect();
    all.values_mut().for_each(|imports| imports.retain(|name| known.contains(name)));
    all
}

#[test]
fn folders_import_each_other_in_no_circle() {
    let between = between_folders(&files());
    assert!(between.len() > 15, "{between:?}");
    assert_eq!(in_circles(&between), BTreeSet::new());
}

#[test]
fn files_of_a_folder_import_each_other_in_no_circle() {
    let files = files();
    let folders: BTreeSet<&str> = files.keys().filter_map(|path| path.split_once('/').map(|(top, _)| top)).collect();
    for folder in folders {
        assert_eq!(in_circles(&inside(folder, &files)), BTreeSet::new(), "in src/{folder}");
    }
}

#[test]
fn a_circle_is_seen() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let files: BTreeMap<String, String> = [
        file("guest/a", "use super::b::B;"),
        file("guest/b/mod", "use super::{c, d::D};"),
        file("guest/b/deep", "use super::super::a::A;"),
        file("guest/c", "use crate::guest::d;\n#[cfg(test)]\nmod tests { use crate::guest::a; }"),
        file("guest/d", "// use super::a"),
        file("plot/a", "use crate::report;"),
        file("report/a", "use crate::{units, plot::Size};"),
    ]
    .into();
    assert_eq!(in_circles(&inside("guest", &files)), BTreeSet::from(["a", "b"]));
    assert_eq!(in_circles(&between_folders(&files)), BTreeSet::from(["plot", "report"]));
}

#[test]
fn no_file_imports_from_a_layer_above_its_own() {
    let (mut checked, mut found) = (0, Vec::new());
    for (path, text) in files() {
        checked += 1;
        found.extend(faults(&path, &text));
    }
    assert!(checked > 50, "only {checked} files were found");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_import_that_breaks_the_order_is_caught() {
    for (path, text, fault) in [
        ("units/size", "use crate::sim::Outcome;", "from a layer above its own"),
        ("scenario/load", "use crate::{\n    guest::{Config, Law},\n    sim,\n};", "`sim` from a layer above"),
        ("plot/gantt", "use crate::report::Assumed;", "`report` from a layer above"),
        ("sim/finish", "fn f() -> crate::report::Report {}", "`report` from a layer above"),
        ("guest/mod", "use crate::link::Link;", "actors do not know each other"),
        ("qemu", "use super::guest::Law;", "actors do not know each other"),
        ("qemu/window", "use super::super::cli::main;", "`cli` from a layer above"),
        ("report/text", "use crate::*;", "`*`, which is in no layer"),
        ("news/daily", "", "`news` is in no layer"),
        ("sim/mod", "pub(in crate::plot) fn f() {}", "`plot` from a layer above"),
    ] {
        let found = faults(path, text);
        assert!(found.len() == 1 && found[0].contains(fault), "{path}, `{text}`: {found:?}");
    }
}

#[test]
fn an_import_from_the_same_or_a_lower_layer_is_fine() {
    for (path, text) in [
        ("report/compare", "use crate::compare::{Comparison, Record};\nuse crate::units::Bytes;"),
        ("plot/timeline", "use crate::metrics;\nuse crate::results::curve;"),
        ("report/page/figures", "use crate::plot::Size;"),
        ("goal/comparison", "use crate::metrics::Metric;\nuse crate::sim::Outcome;"),
        ("sim/mod", "use crate::{guest, link::Link, qemu, scenario::{Limits, Scenario}};"),
        ("guest/exact", "use super::{Config, Law};\nuse crate::guest::Zone;"),
        ("units/size", "/// Used by [`crate::cli`].\nuse super::Span; // not crate::sim"),
        ("compare/rig", "mod tests {\n    use super::super::json::Node;\n}"),
    ] {
        assert_eq!(faults(path, text), Vec::<String>::new(), "{path}");
    }
}
