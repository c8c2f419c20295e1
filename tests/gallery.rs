//! Every command of the gallery and of the actors' pages is run, and each picture held against the one that is shown.
//!
//! Pictures are held against each other by what they show: marks, their places and colours, and words. A picture says the values
//! behind its marks where they are pointed at, so the data is compared with it.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a reader sees of one element: what it is, its colours, its words; and where it is [px].
#[derive(Debug, Default)]
struct Seen {
    what: String,
    places: Vec<f64>,
}

/// Attributes that are numbers or lists of them.
const PLACES: [&str; 9] = ["x", "y", "width", "height", "points", "font-size", "stroke-width", "transform", "viewBox"];

/// Everything that a picture shows, in the order in which it is drawn; nothing of a file that is no picture.
fn seen(svg: &str) -> Vec<Seen> {
    let Ok(document) = roxmltree::Document::parse(svg) else { return Vec::new() };
    let of = |node: roxmltree::Node| {
        let mut seen = Seen { what: node.tag_name().name().to_owned(), places: Vec::new() };
        for attribute in node.attributes() {
            if PLACES.contains(&attribute.name()) {
                let numbers =
                    attribute.value().split(|letter: char| !letter.is_ascii_digit() && !".-".contains(letter));
                seen.places.extend(numbers.filter_map(|number| number.parse::<f64>().ok()));
            } else {
                seen.what += &format!(" {}={}", attribute.name(), attribute.value());
            }
        }
        seen.what += &format!(": {}", node.text().unwrap_or_default().trim());
        seen
    };
    document.descendants().filter(roxmltree::Node::is_element).map(of).collect()
}

/// The first mark in which two pictures differ; half a px is no difference, and there are four units in one.
fn difference(old: &str, new: &str) -> Option<(String, String)> {
    const NEAR: f64 = 2.0;
    let (old, new) = (seen(old), seen(new));
    let same = |old: &Seen, new: &Seen| {
        old.what == new.what
            && old.places.len() == new.places.len()
            && old.places.iter().zip(&new.places).all(|(old, new)| (old - new).abs() <= NEAR)
    };
    let at = (0..old.len().max(new.len())).find(|at| match (old.get(*at), new.get(*at)) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    })?;
    let said =
        |seen: Option<&Seen>| seen.map_or("nothing".to_owned(), |Seen { what, places }| format!("{what} {places:?}"));
    Some((said(old.get(at)), said(new.get(at))))
}

#[test]
fn a_picture_that_shows_something_else_is_caught() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gallery");
    let mut tried = 0;
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.extension().is_none_or(|end| end != "svg") {
            continue;
        }
        let svg = fs::read_to_string(entry).unwrap();
        assert!(seen(&svg).len() > 20 && difference(&svg, &svg).is_none());
        // The same picture, written otherwise.
        let other = svg.replace("/>\n", " />\n\n").replace(" \" />", "\" />");
        assert!(other != svg && difference(&svg, &other).is_none(), "{:?}", difference(&svg, &other));
        let cut = |from: &str, to: &str| {
            let at = svg.rfind(from).unwrap();
            let end = at + svg[at..].find(to).unwrap() + to.len();
            format!("{}{}", &svg[..at], &svg[end..])
        };
        let numbers: Vec<&str> =
            svg.split(['"', ',', ' ']).filter(|word| word.len() == 4 && word.parse::<u32>().is_ok()).collect();
        let number = numbers[numbers.len() / 2];
        let moved = format!("{}", number.parse::<u32>().unwrap() + 4);
        let colours: Vec<&str> = svg.match_indices("\"#").map(|(at, _)| &svg[at + 1..at + 8]).collect();
        let (one, other) = ("#0064AA", "#E09A00");
        let swapped = svg.replace(one, "#").replace(other, one).replace("\"#\"", &format!("\"{other}\""));
        for (what, changed) in [
            ("a mark moved", svg.replacen(number, &moved, 1)),
            ("a label lost", cut("<text", "</text>")),
            ("a mark lost", cut("<polyline", "/>")),
            ("colours swapped", swapped),
        ] {
            if what != "colours swapped" || colours.contains(&one) || colours.contains(&other) {
                assert!(difference(&svg, &changed).is_some(), "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

/// Types the commands of pages in a folder like the checkout, and holds the pictures that they draw into `pictures`.
fn hold(pages: &[&str], pictures: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.join("scenarios"), folder.path().join("scenarios")).unwrap();
    fs::create_dir_all(folder.path().join(pictures)).unwrap();
    // What was published, to be drawn beside what is simulated.
    let published = Path::new(pictures).join("published");
    if root.join(&published).is_dir() {
        std::os::unix::fs::symlink(root.join(&published), folder.path().join(&published)).unwrap();
    }
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
        if let Some((old, new)) = difference(&old, &svg) {
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
fn every_published_figure_is_done_again() {
    hold(&["docs/reproduced.md"], "docs/reproduced");
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
