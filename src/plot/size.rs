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
}

impl Size {
    /// For a web page or a ticket.
    pub const PAGE: Size = Size { width: 900.0, height: 560.0, text: 13.0 };
    /// One column of a paper, 89 mm wide, with letters of 7 points.
    pub const PAPER: Size = Size { width: 336.0, height: 252.0, text: 9.3 };
    /// A slide of 16 : 9.
    pub const SLIDE: Size = Size { width: 1280.0, height: 720.0, text: 21.0 };
}

impl FromStr for Size {
    type Err = String;

    /// Reads `paper`, `slide`, `page` or `900x560`.
    fn from_str(text: &str) -> Result<Size, String> {
        match text {
            "page" => return Ok(Size::PAGE),
            "paper" => return Ok(Size::PAPER),
            "slide" => return Ok(Size::SLIDE),
            _ => {}
        }
        let side = |side: &str| side.trim().parse::<f64>().ok().filter(|side| (200.0..=4000.0).contains(side));
        match text.split_once('x').map(|(width, height)| (side(width), side(height))) {
            Some((Some(width), Some(height))) => {
                let smaller = width.min(1.6 * height);
                Ok(Size { width, height, text: (13.0 * (smaller / 900.0).sqrt()).clamp(9.0, 26.0) })
            }
            _ => Err("a size is `paper`, `slide`, `page` or, in px from 200 to 4000, `900x560`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_name_or_two_numbers() {
        assert_eq!("slide".parse(), Ok(Size::SLIDE));
        let size: Size = "1000x500".parse().unwrap();
        assert_eq!((size.width, size.height), (1000.0, 500.0));
        for text in ["", "big", "10x10", "900", "900x", "900x99999", "nanx300"] {
            assert!(text.parse::<Size>().unwrap_err().contains("`900x560`"), "{text}");
        }
    }
}
