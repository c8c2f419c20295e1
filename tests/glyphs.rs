//! A PNG says what its font lacks, and shows a box for it; an SVG leaves it to the reader's fonts.

#![cfg(feature = "png")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Names in scripts that the embedded font lacks, of which some are wide and the last has a mark.
const NAME: &str = "虚拟 Пр 🐧 fi x\u{302}";

const GUEST: &str = "guest.memory = '1 GiB'\nlink.bandwidth = '1 Gbit/s'\n";

fn precopy(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).args(words).current_dir(folder).output().unwrap()
}

/// Every kind of picture, as the command that draws it into a file, which it names last.
fn pictures(folder: &Path) -> Vec<Vec<String>> {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write("guest.toml", GUEST);
    fs::create_dir(folder.join("cases")).unwrap();
    write(&format!("cases/{NAME}.toml"), GUEST);
    write("fleet.toml", &format!("link.bandwidth = '1 Gbit/s'\n[[vm]]\nname = '{NAME}'\nguest.memory = '1 GiB'\n"));
    let mut rows =
        "guest.name,link.bandwidth,guest.memory,verdict,total_time_ms,downtime_ms,guest_slowdown_pct\n".to_owned();
    for at in 0..48 {
        let (name, link, memory) = (["plain", NAME][at % 2], 1 + at / 2 % 6, 1 + at / 12);
        rows += &format!("{name},{link}00000000,{memory}073741824,converged,{},{},{}\n", 900 + at, 100 + at, at % 7);
    }
    write("rows.csv", &rows);
    assert!(precopy(folder, &["run", "guest.toml", "--timeline", &format!("{NAME}.csv"), "-q"]).status.success());
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let kinds = ["line", "bars", "heatmap", "cdf", "frontier"].map(|kind| {
        let x = if kind == "bars" { " --x guest.name" } else { "" };
        let facet = if kind == "heatmap" { " --facet guest.name" } else { "" };
        let group = if matches!(kind, "line" | "cdf" | "frontier") { " --group guest.name" } else { "" };
        words(&format!("plot rows.csv --kind {kind}{x}{facet}{group} -o"))
    });
    let mut pictures = kinds.to_vec();
    pictures.push(vec!["plot".to_owned(), format!("{NAME}.csv"), "-o".to_owned()]);
    let case = "--a qemu.version=5.0 --b qemu.version=9.2 --plot";
    pictures.push(words(&format!("check cases {case}")));
    pictures.push(words("drain fleet.toml --plot"));
    pictures
}

#[test]
fn what_the_font_of_a_png_lacks_is_said_and_shown_as_a_box() {
    let folder = tempfile::tempdir().unwrap();
    for (at, command) in pictures(folder.path()).into_iter().enumerate() {
        let draw = |name: &str, more: &[&str]| {
            let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
            words.push(name);
            words.extend(more);
            let output = precopy(folder.path(), &words);
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{command:?}: {said}");
            (fs::read(folder.path().join(name)).unwrap(), said)
        };
        let (svg, said) = draw(&format!("{at}.svg"), &[]);
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("虚拟") && !said.contains("U+"), "{command:?}: {said}");
        let (png, said) = draw(&format!("{at}.png"), &[]);
        let notes: Vec<&str> = said.lines().filter(|line| line.contains("U+865A")).collect();
        assert_eq!(notes.len(), 1, "{command:?}: {said}");
        assert!(notes[0].contains("`.svg`") && notes[0].contains("П (U+041F)"), "{said}");
        let (quiet, said) = draw(&format!("{at}-quiet.png"), &["-q"]);
        assert!(quiet == png && !said.contains("U+"), "{command:?}: {said}");
        // Other characters, other boxes: were they left out, the pixels would be alike.
        let other = svg.replace("虚", "拟").replace('П', "р");
        let drawn = |svg: String| precopy::plot::Format::Png.encode(svg).unwrap();
        assert!(drawn(svg.clone()).bytes == png, "{command:?}");
        assert!(drawn(other).bytes != png, "{command:?}: a box shows its number");
    }
}

#[test]
fn what_the_font_has_is_never_said_to_be_missing() {
    use precopy::plot::Format;
    let svg = |text: &str| {
        let text = format!("<text x='5' y='30' font-family='DejaVu Sans' font-size='20'>{text}</text>");
        format!("<svg xmlns='http://www.w3.org/2000/svg' width='90' height='40'>{text}</svg>")
    };
    for (text, lacking) in [
        ("web fi µ × ≥", ""),
        ("e\u{301}", ""),
        ("x\u{302}", "\u{302}"),
        ("❤\u{fe0f}", "❤"),
        ("fi 虚 ffi 🐧虚", "虚🐧"),
        ("שלום", "ולםש"),
    ] {
        let encoded = Format::Png.encode(svg(text)).unwrap();
        assert_eq!(encoded.lacking.iter().collect::<String>(), lacking, "{text}");
        let blank = Format::Png.encode(svg("")).unwrap();
        assert!(encoded.bytes != blank.bytes, "{text}");
    }
}
