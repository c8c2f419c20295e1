//! Every command of the gallery is run, and each picture held against the one that is shown.
//!
//! A picture says the values behind its marks where they are pointed at, so the data is compared with it.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_picture_is_what_its_commands_draw() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("scenarios"), folder.path().join("scenarios")).unwrap();
    fs::create_dir_all(folder.path().join("docs/gallery")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_precopy")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());

    let gallery = fs::read_to_string(root.join("docs/gallery.md")).unwrap();
    for command in gallery.lines().filter_map(|line| line.strip_prefix("$ ")) {
        assert!(command.starts_with("precopy "), "{command}");
        let ran =
            Command::new("sh").args(["-c", command]).current_dir(folder.path()).env("PATH", &path).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.is_empty(), "{command}: {said}");
    }

    let names = |folder: &Path| -> BTreeSet<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let drawn = names(&folder.path().join("docs/gallery"));
    assert!(drawn.len() >= 6, "{drawn:?}");
    for name in &drawn {
        assert!(gallery.contains(&format!("](gallery/{name})")), "{name} is drawn and not shown");
        let (kept, fresh) = (root.join("docs/gallery").join(name), folder.path().join("docs/gallery").join(name));
        let text = fs::read_to_string(&fresh).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&kept, &text).unwrap();
        }
        let old = fs::read_to_string(&kept).unwrap_or_default();
        if let Some((old, new)) = old.lines().chain([""]).zip(text.lines().chain([""])).find(|(old, new)| old != new) {
            panic!(
                "docs/gallery/{name} is out of date:\n  shown: {old}\n  drawn: {new}\n\
                 draw it anew with `UPDATE_DOCS=1 cargo test --test gallery`, and read what the page says of it"
            );
        }
    }
    assert_eq!(names(&root.join("docs/gallery")), drawn, "pictures that no command draws");
}
