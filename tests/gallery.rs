//! Every command of the gallery and of the actors' pages is run, and each picture held against the one that is shown.
//!
//! A picture says the values behind its marks where they are pointed at, so the data is compared with it.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Types the commands of pages in a folder like the checkout, and holds the pictures that they draw into `pictures`.
fn hold(pages: &[&str], pictures: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("scenarios"), folder.path().join("scenarios")).unwrap();
    fs::create_dir_all(folder.path().join(pictures)).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_precopy")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());

    let text: String = pages.iter().map(|page| fs::read_to_string(root.join(page)).unwrap()).collect();
    for command in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
        assert!(command.starts_with("precopy "), "{command}");
        let ran =
            Command::new("sh").args(["-c", command]).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.is_empty(), "{command}: {said}");
    }

    let names = |folder: &Path| -> BTreeSet<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".svg")).collect()
    };
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    for left in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).filter(|left| left.path().is_file()) {
        let name = left.file_name().into_string().unwrap();
        let ignored = ignored.lines().filter_map(|line| line.strip_prefix("/*")).any(|end| name.ends_with(end));
        assert!(ignored, "`{name}` would be left in a checkout; name it in `.gitignore`");
    }
    let drawn = names(&folder.path().join(pictures));
    assert!(drawn.len() >= pages.len(), "{drawn:?}");
    for name in &drawn {
        let shown = [format!("]({name})"), format!("]({}/{name})", pictures.trim_start_matches("docs/"))];
        assert!(shown.iter().any(|shown| text.contains(shown)), "{name} is drawn and not shown");
        let (kept, fresh) = (root.join(pictures).join(name), folder.path().join(pictures).join(name));
        let svg = fs::read_to_string(&fresh).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&kept, &svg).unwrap();
        }
        let old = fs::read_to_string(&kept).unwrap_or_default();
        if let Some((old, new)) = old.lines().chain([""]).zip(svg.lines().chain([""])).find(|(old, new)| old != new) {
            panic!(
                "{pictures}/{name} is out of date:\n  shown: {old}\n  drawn: {new}\n\
                 draw it anew with `UPDATE_DOCS=1 cargo test --test gallery`, and read what the page says of it"
            );
        }
    }
    assert_eq!(names(&root.join(pictures)), drawn, "pictures that no command draws");
}

#[test]
fn every_picture_is_what_its_commands_draw() {
    hold(&["docs/gallery.md"], "docs/gallery");
}

#[test]
fn every_actor_is_shown_by_a_migration() {
    hold(
        &["guest", "link", "qemu", "orchestrator"]
            .map(|actor| format!("docs/model/{actor}.md"))
            .each_ref()
            .map(String::as_str),
        "docs/model",
    );
}
