//! Manual pages, completions and schemas: what lies in the tree is what the program hands out.
//!
//! `UPDATE_DOCS=1 cargo test --test handout` writes them anew.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).output().unwrap()
}

fn said(words: &[&str]) -> String {
    let output = precopy(words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All files of a folder, by name.
fn all(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap())).collect()
}

/// Holds the files of a folder of the checkout against what they should be.
fn hold(folder: &str, fresh: &BTreeMap<String, String>) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        fresh.iter().for_each(|(name, text)| fs::write(place.join(name), text).unwrap());
    }
    let kept = all(&place);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let how = "write them anew with `UPDATE_DOCS=1 cargo test --test handout`";
    assert_eq!(names(&kept), names(fresh), "files of {folder}; {how}");
    for (name, text) in fresh {
        let differs = (1..).zip(kept[name].lines().zip(text.lines())).find(|(_, (old, new))| old != new);
        assert!(kept[name] == *text, "{folder}/{name} is out of date: {differs:?}; {how}");
    }
}

#[test]
fn the_manual_pages_are_those_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(said(&["man", "--all", folder.path().to_str().unwrap()]), "");
    let pages = all(folder.path());
    for name in ["precopy.1", "precopy-run.1", "precopy-drain.1", "precopy-schema.1"] {
        assert!(pages.contains_key(name), "{:?}", pages.keys());
    }
    assert_eq!(said(&["man"]), pages["precopy.1"]);
    assert_eq!(said(&["man", "run"]), pages["precopy-run.1"]);
    hold("man", &pages);
}

#[test]
fn the_completions_are_those_of_the_program() {
    let shells = [("bash", "precopy.bash"), ("zsh", "_precopy"), ("fish", "precopy.fish")];
    let files: BTreeMap<_, _> =
        shells.iter().map(|(shell, name)| ((*name).to_owned(), said(&["completions", shell]))).collect();
    hold("completions", &files);
}

#[test]
fn bash_completes_commands_flags_and_words() {
    let completed = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let last = words.len() - 1;
        let script = format!(
            "source <('{}' completions bash); COMP_WORDS=({}); COMP_CWORD={last}; _precopy precopy '{}' '{}'; echo \"${{COMPREPLY[@]}}\"",
            env!("CARGO_BIN_EXE_precopy"),
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
            words[last],
            words[last - 1],
        );
        let output =
            Command::new("bash").args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed("precopy dr"), "drain");
    assert_eq!(completed("precopy run --mem"), "--memory");
    assert_eq!(completed("precopy run --memory exa"), "exact");
}

#[test]
fn the_schemas_are_those_of_the_tree() {
    for (words, name) in [(&["schema"][..], "scenario"), (&["schema", "outcome"], "outcome")] {
        let file = format!("{}/docs/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(said(words), fs::read_to_string(file).unwrap());
    }
}

#[test]
fn a_page_of_no_command_is_refused_with_the_nearest_name() {
    for (name, help) in [("drian", "did you mean `drain`?"), ("paint", "there are run, compare")] {
        let output = precopy(&["man", name]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("there is no command `{name}`")) && said.contains(help), "{said}");
    }
}
