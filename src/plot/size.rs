//! How large a picture is, and its letters.

use std::str::FromStr;

/// Size of a picture on the page [px of 1/96 inch].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Size of its letters.
    pub text: f64,
    /// Whether it is for a paper, where a caption says what the picture is about.
    pub paper: bool,
}

impl Size {
    /// For a web page or a ticket.
    pub const PAGE: Size = Size { width: 900.0, height: 560.0, text: 13.0, paper: false };
    /// One column of a paper, 89 mm wide, with letters of 7 points.
    pub const PAPER: Size = Size { width: 336.0, height: 252.0, text: 9.3, paper: true };
    /// A slide of 16 : 9.
    pub const SLIDE: Size = Size { width: 1280.0, height: 720.0, text: 21.0, paper: false };

    /// A picture of that width [mm] and letters [pt] on paper, so high as a share of the width.
    fn printed(width: f64, height: f64, letters: f64) -> Size {
        let width = (width * 96.0 / 25.4).round();
        Size { width, height: (height * width).round(), text: letters * 96.0 / 72.0, paper: true }
    }
}

/// Columns and pages of what publishers print, as their instructions for authors have them: name, width [mm], height as a
/// share of it, and letters [pt].
const JOURNALS: [(&str, f64, f64, f64); 11] = [
    ("acm", 84.7, 0.75, 8.0),
    ("acm-wide", 177.9, 0.45, 8.0),
    ("elsevier", 90.0, 0.75, 7.0),
    ("elsevier-wide", 190.0, 0.45, 7.0),
    ("ieee", 88.9, 0.75, 8.0),
    ("ieee-wide", 181.9, 0.45, 8.0),
    ("lncs", 122.0, 0.6, 8.0),
    ("nature", 89.0, 0.75, 7.0),
    ("nature-wide", 183.0, 0.45, 7.0),
    ("springer", 84.0, 0.75, 8.0),
    ("springer-wide", 174.0, 0.45, 8.0),
];

/// Units of a size: px in one of them, and whether they are of paper.
const UNITS: [(&str, f64, bool); 4] =
    [("px", 1.0, false), ("mm", 96.0 / 25.4, true), ("cm", 960.0 / 25.4, true), ("in", 96.0, true)];
/// Least and most of a side [px].
const SIDE: std::ops::RangeInclusive<f64> = 200.0..=4000.0;

impl FromStr for Size {
    type Err = String;

    /// Reads `paper`, `slide`, `page`, a journal's `ieee-wide`, `900x560`, `89mm` or `3.5x2.5in`.
    fn from_str(text: &str) -> Result<Size, String> {
        match text {
            "page" => return Ok(Size::PAGE),
            "paper" => return Ok(Size::PAPER),
            "slide" => return Ok(Size::SLIDE),
            _ => {}
        }
        if let Some((_, width, height, letters)) = JOURNALS.iter().find(|journal| journal.0 == text) {
            return Ok(Size::printed(*width, *height, *letters));
        }
        let no_size = || {
            format!(
                "a size is `paper`, `slide`, `page`, that of a journal ({}), a width such as `89mm`, `3.5in` or `900px`, or \
                 width and height such as `183x120mm` or `900x560`",
                JOURNALS.map(|journal| journal.0).join(", ")
            )
        };
        let (number, (_, px, paper)) =
            UNITS.iter().find_map(|unit| Some((text.strip_suffix(unit.0)?, *unit))).unwrap_or((text, UNITS[0]));
        let side = |side: &str| side.trim().parse::<f64>().ok().map(|side| (side * px).round());
        let (width, height) = match number.split_once('x') {
            Some((width, height)) => (side(width), side(height)),
            None => (side(number), side(number).map(|width| (0.75 * width).round())),
        };
        let (Some(width), Some(height)) = (width, height) else { return Err(no_size()) };
        if !SIDE.contains(&width) || !SIDE.contains(&height) {
            return Err(format!(
                "a side is from {} to {} px (53 to 1058 mm, 2.1 to 41 in), and this picture would have {width} x {height}",
                SIDE.start(),
                SIDE.end()
            ));
        }
        let smaller = width.min(1.6 * height);
        let text = if paper { Size::PAPER.text } else { (13.0 * (smaller / 900.0).sqrt()).clamp(9.0, 26.0) };
        Ok(Size { width, height, text, paper })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_name_or_a_width_or_two_numbers() {
        assert_eq!("slide".parse(), Ok(Size::SLIDE));
        assert_eq!("89mm".parse(), Ok(Size::PAPER));
        for (text, sides) in [
            ("1000x500", (1000.0, 500.0)),
            ("900px", (900.0, 675.0)),
            ("900", (900.0, 675.0)),
            ("3.5in", (336.0, 252.0)),
            ("183 mm", (692.0, 519.0)),
            ("18.3x12cm", (692.0, 454.0)),
            ("183 x 120 mm", (692.0, 454.0)),
        ] {
            let size: Size = text.parse().unwrap();
            assert_eq!((size.width, size.height), sides, "{text}");
        }
        for text in ["", "big", "900x", "x", "mm", "89pt"] {
            assert!(text.parse::<Size>().unwrap_err().contains("`900x560`"), "{text}");
        }
        for text in ["10x10", "900x99999", "89", "20mm", "-5in", "infx300", "nanx300"] {
            assert!(text.parse::<Size>().unwrap_err().contains("53 to 1058 mm"), "{text}");
        }
    }
}
