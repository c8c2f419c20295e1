//! How pictures look: font and colours.

use std::fmt;

/// Red, green and blue, each up to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

/// A colour as it is laid on: opaque at 1, not to be seen at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paint {
    /// Colour.
    pub colour: Colour,
    /// How much of it covers what lies below.
    pub opacity: f64,
}

impl Colour {
    /// Paper.
    pub const WHITE: Colour = Colour(255, 255, 255);

    /// The colour laid on so that what lies below can be seen.
    pub const fn thin(self, opacity: f64) -> Paint {
        Paint { colour: self, opacity }
    }
}

impl From<Colour> for Paint {
    fn from(colour: Colour) -> Paint {
        colour.thin(1.0)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Colour(red, green, blue) = self;
        write!(f, "#{red:02X}{green:02X}{blue:02X}")
    }
}

/// The embedded font first, so that a browser that has it shows the same as the PNG.
pub(super) const FONT: &str = "DejaVu Sans, sans-serif";

/// Text.
pub(super) const INK: Colour = Colour(34, 34, 34);
/// Text that stands back.
pub(super) const SOFT_INK: Colour = Colour(96, 96, 96);
/// Grid lines.
pub(super) const GRID: Colour = Colour(226, 226, 226);
/// Axes.
pub(super) const AXIS: Colour = Colour(150, 150, 150);

/// Colours that stay apart for colour-blind readers and in grey: each is lighter than the next darker one by a tenth
/// of the way from black to white and more. The first two are furthest from each other among those easy on the eye.
pub(super) const COLOURS: [Colour; 6] = [BLUE, ORANGE, INK, VERMILLION, Colour(140, 205, 245), Colour(96, 32, 130)];
/// The first colour.
pub(super) const BLUE: Colour = Colour(0, 100, 170);
/// The second colour.
pub(super) const ORANGE: Colour = Colour(224, 154, 0);
/// Of curves that share a panel with orange ones.
pub(super) const GREEN: Colour = Colour(0, 158, 115);
/// The fourth colour; also marks the guest's stop.
pub(super) const VERMILLION: Colour = Colour(213, 94, 0);
/// What has no value: a migration that did not come to an end.
pub(super) const BLANK: Colour = Colour(236, 236, 236);

/// Colours of amounts, from little to much: dark to light, evenly for the eye, and without red against green.
///
/// Points of the cividis map (Nuñez, Anderton and Renslow, PLOS ONE 13(7), 2018).
const AMOUNTS: [Colour; 6] = [
    Colour(0, 34, 78),
    Colour(53, 69, 108),
    Colour(102, 105, 112),
    Colour(148, 142, 119),
    Colour(200, 184, 102),
    Colour(254, 232, 56),
];

/// The colour of thin lines on a ground: dark on light, and white on dark.
pub(super) fn on(Colour(red, green, blue): Colour) -> Colour {
    let light = 0.2126 * f64::from(red) + 0.7152 * f64::from(green) + 0.0722 * f64::from(blue);
    if light > 110.0 { INK } else { Colour::WHITE }
}

/// The colour of an amount between 0 and 1.
pub(super) fn amount(share: f64) -> Colour {
    let place = share.clamp(0.0, 1.0) * (AMOUNTS.len() - 1) as f64;
    let (at, rest) = ((place as usize).min(AMOUNTS.len() - 2), place);
    let (low, high, rest) = (AMOUNTS[at], AMOUNTS[at + 1], rest - at as f64);
    let mix = |low: u8, high: u8| (f64::from(low) + (f64::from(high) - f64::from(low)) * rest).round() as u8;
    Colour(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lightness as the eye sees it, from 0 to 100 (CIE 1976 L*), which is also what a grey print keeps.
    fn lightness(Colour(red, green, blue): Colour) -> f64 {
        let linear = |channel: u8| match f64::from(channel) / 255.0 {
            dark if dark <= 0.04045 => dark / 12.92,
            light => libm::pow((light + 0.055) / 1.055, 2.4),
        };
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        if luminance > 0.008_856 { 116.0 * libm::cbrt(luminance) - 16.0 } else { 903.3 * luminance }
    }

    #[test]
    fn colours_stay_apart_in_grey() {
        let mut greys = COLOURS.map(lightness);
        greys.sort_by(f64::total_cmp);
        for pair in greys.windows(2) {
            assert!(pair[1] - pair[0] >= 10.0, "{greys:?}");
        }
        assert!(greys[5] < 85.0, "the lightest must stand out from white paper: {greys:?}");
        assert!((lightness(COLOURS[0]) - lightness(COLOURS[1])).abs() > 25.0, "{greys:?}");
    }

    #[test]
    fn amounts_become_lighter_all_the_way() {
        let greys: Vec<f64> = (0..=20).map(|step| lightness(amount(f64::from(step) / 20.0))).collect();
        for pair in greys.windows(2) {
            assert!(pair[1] - pair[0] > 2.0, "{greys:?}");
        }
    }
}
