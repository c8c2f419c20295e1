//! The embedded font: how wide a text will be.

use std::borrow::Cow;
use std::sync::LazyLock;

use ttf_parser::Face;
use unicode_width::UnicodeWidthChar;

use crate::sink;

/// DejaVu Sans with the characters that a picture may need; licence and recipe in `font/LICENSE`.
pub(super) static BYTES: &[u8] = include_bytes!("font/DejaVuSans-subset.ttf");

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(BYTES, 0).ok());

/// The embedded font.
pub(super) fn face() -> Option<&'static Face<'static>> {
    FACE.as_ref()
}

/// Width of a text set in `size`, in the unit of `size`.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let em = |letter: char| {
        let face = face()?;
        let advance = face.glyph_hor_advance(face.glyph_index(letter)?)?;
        Some(f64::from(advance) / f64::from(face.units_per_em()))
    };
    text.chars().map(|letter| em(letter).unwrap_or_else(|| width_of_lacking(letter))).sum::<f64>() * size
}

/// Width of a character that the font lacks [em]: fonts of the reader draw it in an SVG, and a box stands for it in a PNG.
pub(super) fn width_of_lacking(letter: char) -> f64 {
    match letter.width() {
        // It chooses the form of the character before it.
        _ if ('\u{fe00}'..='\u{fe0f}').contains(&letter) => 0.0,
        // East Asian fonts have squares for it.
        Some(2) => 1.0,
        // A mark on the character before it, which needs room where that has no form with the mark.
        Some(0) => 0.5,
        // As wide as the wide letters of Cyrillic.
        _ => 0.84,
    }
}

/// A text in lines that are no wider than `room`; a word that is wider stands alone.
pub(super) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text that has only so much room, and its size: somewhat smaller letters first, then a shorter text.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> (String, f64) {
    const SMALLEST: f64 = 0.8;
    let size = size * (room / width(text, size).max(1e-9)).clamp(SMALLEST, 1.0);
    (cut(text, size, room), size)
}

/// A text cut off with an ellipsis where there is no room for all of it.
pub(super) fn cut(text: &str, size: f64, room: f64) -> String {
    sink::shortened(text, |text| width(text, size), room * HAIR, 0).into_owned()
}

/// Names cut off with an ellipsis where there is no room for all of one, so that those that differ still do.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>, size: f64, room: f64) -> Vec<String> {
    let names: Vec<&str> = names.collect();
    sink::distinct(&names, |name| width(name, size), room * HAIR).into_iter().map(Cow::into_owned).collect()
}

/// A hair more than measured, for what was rounded.
const HAIR: f64 = 1.001;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_pictures_say() {
        let face = FACE.as_ref().unwrap();
        for letter in ('!'..='~').chain("·–×≤≥µ…".chars()) {
            assert!(face.glyph_index(letter).is_some(), "{letter}");
        }
        assert!((width("mm", 10.0) - 19.5).abs() < 0.2, "{}", width("mm", 10.0));
        assert!(width("ill", 10.0) < width("mmm", 10.0) / 2.0);
    }

    #[test]
    fn what_does_not_fit_becomes_smaller_then_shorter() {
        let room = width("some words", 10.0);
        assert_eq!(fitted("some words", 10.0, room), ("some words".to_owned(), 10.0));
        let (text, size) = fitted("some words more", 10.0, room);
        assert!(size >= 8.0 && text.ends_with('…') && width(&text, size) <= room, "{text} {size}");
        let (text, size) = fitted("some words!", 10.0, room);
        assert!(text == "some words!" && (8.0..10.0).contains(&size), "{text} {size}");
    }

    #[test]
    fn long_texts_are_wrapped_between_words() {
        let lines = wrapped("one two three four", 10.0, width("one two x", 10.0));
        assert_eq!(lines, ["one two", "three", "four"]);
        assert_eq!(wrapped("incomprehensible", 10.0, 5.0), ["incomprehensible"]);
    }
}
