//! The terminal session that README shows, drawn from what the program prints now: a picture, and a recording to play.

use std::fmt::Write as _;

/// A command as typed, and what the terminal shows of it, with its colours.
pub struct Typed {
    pub command: String,
    pub output: String,
}

/// Seconds: a key, the pause before a command, and how long its output is looked at.
const KEY: f64 = 0.04;
const BEFORE: f64 = 1.0;
const AFTER: f64 = 2.5;

/// Lines of text: width of a letter, height of a line, margin [px].
const LETTER: f64 = 7.8;
const LINE: f64 = 17.0;
const MARGIN: f64 = 14.0;

/// When each command begins and when its output is there [s].
fn times(session: &[Typed]) -> Vec<(f64, f64)> {
    let mut now = 0.0;
    let one = |typed: &Typed| {
        let begin = now + BEFORE;
        let shown = begin + KEY * typed.command.chars().count() as f64;
        now = shown + AFTER;
        (begin, shown)
    };
    session.iter().map(one).collect()
}

/// The session as asciicast, version 2, which asciinema plays.
pub fn cast(session: &[Typed]) -> String {
    let height = session.iter().map(|typed| typed.output.lines().count() + 2).sum::<usize>();
    let mut out = format!("{{\"version\": 2, \"width\": {}, \"height\": {height}}}\n", width(session));
    for (typed, (begin, shown)) in session.iter().zip(times(session)) {
        let mut say = |at: f64, text: &str| {
            writeln!(out, "[{at:.2}, \"o\", {}]", serde_json::to_string(text).unwrap()).unwrap();
        };
        say(begin - BEFORE, "$ ");
        for (index, letter) in typed.command.chars().enumerate() {
            say(begin + KEY * index as f64, &letter.to_string());
        }
        say(shown, &format!("\n{}\n", typed.output).replace('\n', "\r\n"));
    }
    out
}

/// The session as a picture whose parts appear one after the other; a program that plays no animations shows all of it.
pub fn svg(session: &[Typed]) -> String {
    let lines: usize = session.iter().map(|typed| typed.output.lines().count() + 2).sum();
    let (width, height) = (width(session) as f64 * LETTER + 2.0 * MARGIN, lines as f64 * LINE + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\">\n\
         <title>precopy in a terminal</title>\n\
         <style>text {{ font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d8dee9; white-space: pre }}\n\
         .bold {{ font-weight: bold }} .dim {{ fill: #8a93a5 }} .red {{ fill: #ff7b72 }} .green {{ fill: #7ee787 }}\n\
         .yellow {{ fill: #e3b341 }} .cyan {{ fill: #76d9e6 }} .typed {{ fill: #ffffff; font-weight: bold }}\n\
         @keyframes later {{ from, to {{ visibility: hidden }} }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1b1f27\"/>\n"
    );
    let mut y = MARGIN + LINE * 0.75;
    let mut text = |out: &mut String, spans: &str, at: f64| {
        let later = if at > 0.0 { format!(" style=\"animation: later {at:.1}s\"") } else { String::new() };
        writeln!(out, "<text x=\"{MARGIN}\" y=\"{y:.1}\" xml:space=\"preserve\"{later}>{spans}</text>").unwrap();
        y += LINE;
    };
    // The first answer is there at once, so that the picture is never empty.
    let times = times(session);
    let first = times.first().map_or(0.0, |(_, shown)| *shown);
    for (typed, (begin, shown)) in session.iter().zip(times) {
        let (begin, shown) = (begin - first, shown - first);
        text(&mut out, &format!("$ <tspan class=\"typed\">{}</tspan>", escaped(&typed.command)), begin - BEFORE);
        for line in typed.output.lines() {
            text(&mut out, &spans(line), shown);
        }
        text(&mut out, "", shown);
    }
    out + "</svg>\n"
}

/// The widest line of a session [letters].
fn width(session: &[Typed]) -> usize {
    let lines = session.iter().flat_map(|typed| {
        let shown = typed.output.lines().map(|line| plain(line).chars().count());
        shown.chain([typed.command.chars().count() + 2])
    });
    lines.max().unwrap_or(80)
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// A line with a `tspan` for each stretch of a colour.
fn spans(line: &str) -> String {
    let mut classes: Vec<&str> = Vec::new();
    let mut out = String::new();
    for (index, part) in line.split("\u{1b}[").enumerate() {
        let (code, text) = if index == 0 { ("", part) } else { part.split_once('m').unwrap_or(("", part)) };
        match code {
            "0" => classes.clear(),
            "1" => classes.push("bold"),
            "2" => classes.push("dim"),
            "31" => classes.push("red"),
            "32" => classes.push("green"),
            "33" => classes.push("yellow"),
            "36" => classes.push("cyan"),
            other => assert!(other.is_empty(), "no colour for `{other}`"),
        }
        if !text.is_empty() && classes.is_empty() {
            out += &escaped(text);
        } else if !text.is_empty() {
            write!(out, "<tspan class=\"{}\">{}</tspan>", classes.join(" "), escaped(text)).unwrap();
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
