//! A figure before it is drawn: panels with marks on scales, and what is written around them.

use super::scale::Scale;
use super::style::{self, Colour};

/// Everything that is to be seen.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What the figure is about.
    pub title: String,
    /// Below the title: how to read it.
    pub subtitle: String,
    /// Names of what is drawn.
    pub legend: Legend,
    /// The axis below all panels.
    pub x: Scale,
    /// Panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in a row; 0 is as many as look good.
    pub columns: usize,
    /// What the colours of cells mean, from darkest to lightest.
    pub colours: Option<Scale>,
}

/// More marks than this are drawn without tips, in few words, where a file holds several pictures.
const DENSE: usize = 1500;

impl Figure {
    /// Whether it has so many marks that nobody points at one.
    pub(super) fn is_dense(&self) -> bool {
        let count = |mark: &Mark| match mark {
            Mark::Dots(dots, _) => dots.len(),
            Mark::Point { .. } | Mark::Box { .. } => 1,
            _ => 0,
        };
        self.panels.iter().flat_map(|panel| &panel.marks).map(count).sum::<usize>() > DENSE
    }
}

/// A legend, which stands outside of the panels.
#[derive(Clone, Debug, Default)]
pub struct Legend {
    /// What the entries are values of.
    pub heading: String,
    /// Entries.
    pub entries: Vec<(Key, String)>,
}

impl Legend {
    /// What the entries are called.
    pub(super) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.1.clone()).collect()
    }

    /// Heading and names, with the unit in the heading where all numbers among the names have the same: `link bandwidth
    /// [Gbit/s]`, `1`, `10`.
    pub(super) fn with_one_unit(&self) -> (String, Vec<String>) {
        let number = |name: &str| {
            let (number, unit) = name.rsplit_once(' ')?;
            let is_unit = !unit.starts_with(|letter: char| letter.is_ascii_digit());
            (is_unit && number.replace(' ', "").parse::<f64>().is_ok()).then(|| (number.to_owned(), unit.to_owned()))
        };
        let names = self.names();
        let mut units: Vec<String> = names.iter().filter_map(|name| Some(number(name)?.1)).collect();
        let count = units.len();
        units.dedup();
        match &units[..] {
            [unit] if count > 1 && !self.heading.is_empty() => {
                let short = names.iter().map(|name| number(name).map_or_else(|| name.clone(), |(number, _)| number));
                (format!("{} [{unit}]", self.heading), short.collect())
            }
            _ => (self.heading.clone(), names),
        }
    }
}

/// What stands before a legend's entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key {
    /// A piece of curve with a mark.
    Line(Look),
    /// A piece of curve without one.
    Curve(Look),
    /// A mark.
    Point(Look, Inside),
    /// A box.
    Box(Fill),
}

/// A pair of axes and what stands between them.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Above it, where there are several.
    pub title: String,
    /// Its axis below, where panels have not all the same.
    pub x: Option<Scale>,
    /// Its axis; panels of a row that have the same one share its labels.
    pub y: Scale,
    /// Its height, as a share of the heights of all rows.
    pub height: f64,
    /// Name of a strip above the scale, for marks at an infinite height.
    pub strip: Option<&'static str>,
    /// Numbers above the panel, at values of the x axis.
    pub above: Vec<(f64, String)>,
    /// What those numbers are.
    pub above_name: &'static str,
    /// What is drawn, in this order.
    pub marks: Vec<Mark>,
}

/// Something drawn in a panel. Places are values of the scales; an infinite height is the strip.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A curve.
    Line(Vec<(f64, f64)>, Look),
    /// An area between two curves: (x, lower, upper).
    Band(Vec<(f64, f64, f64)>, Colour),
    /// A point, with what it says when it is pointed at.
    Point {
        /// Where.
        at: (f64, f64),
        /// How.
        look: Look,
        /// What is within its outline.
        inside: Inside,
        /// What it says.
        says: String,
    },
    /// A box from corner to corner.
    Box {
        /// Left and right.
        x: (f64, f64),
        /// Bottom and top.
        y: (f64, f64),
        /// What fills it.
        fill: Fill,
        /// What it says.
        says: String,
    },
    /// Points along a curve: of those that would touch some are drawn, and all say something when they are pointed at.
    Dots(Vec<Dot>, Look),
    /// From low to high at one place, over a box of that height and colour, if there is one; up to the end of the scale where the
    /// high end is infinite.
    Whisker(f64, (f64, f64), Option<(f64, Colour)>),
    /// Borders between cells, each from end to end.
    Border(Vec<[(f64, f64); 2]>),
    /// Words at the right edge, at a height.
    Words {
        /// Where.
        y: f64,
        /// What is written.
        words: String,
        /// In which colour.
        colour: Colour,
    },
    /// A line across the panel from bottom to top.
    Upright(f64, Look),
    /// The whole height between two places.
    Shade(f64, f64),
}

/// A point along a curve.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Where.
    pub at: (f64, f64),
    /// What is within its outline.
    pub inside: Inside,
    /// What it says.
    pub says: String,
}

/// What is within the outline of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inside {
    /// Its colour.
    Full,
    /// Its colour in the lower half: only some of the runs have what it shows.
    Half,
    /// Nothing: not finished.
    Nothing,
}

/// What fills a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// A colour.
    Plain(Tone),
    /// Slanted stripes in a colour: not finished.
    Striped(Tone),
    /// A colour with slanted white stripes: some finished, some did not.
    Partly(Tone),
}

/// The colour of a series, as areas have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Colour.
    pub colour: Colour,
    /// With level lines, as a further series of the colour has.
    pub ruled: bool,
}

impl Tone {
    /// Nothing but a colour.
    pub const fn plain(colour: Colour) -> Tone {
        Tone { colour, ruled: false }
    }
}

/// How a series looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colour.
    pub colour: Colour,
    /// Shape of its points.
    pub shape: Shape,
    /// Whether a white line runs along in the middle of its line, as a further series of the colour has.
    pub hollow: bool,
    /// Lengths of dash and gap, in widths of the line. No series has them of its own: they say how sure a line is.
    pub dash: Option<(f64, f64)>,
    /// Width of its line and of its points, in the usual widths.
    pub weight: f64,
}

/// Shapes of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are what they are called")]
pub enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Wedge,
    Hexagon,
}

const SHAPES: [Shape; 6] =
    [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Wedge, Shape::Hexagon];

impl Look {
    /// Looks that differ: each colour and shape once, then again with hollow lines and ruled areas.
    pub const COUNT: usize = 2 * style::COLOURS.len();

    /// The n-th series.
    pub fn of(at: usize) -> Look {
        let colours = style::COLOURS.len();
        Look {
            colour: style::COLOURS[at % colours],
            // One step further each round, so that a colour has another shape where it is hollow.
            shape: SHAPES[(at + at / colours) % SHAPES.len()],
            hollow: at / colours % 2 == 1,
            dash: None,
            weight: 1.0,
        }
    }

    /// A plain line.
    pub fn plain(colour: Colour) -> Look {
        Look { colour, shape: Shape::Circle, hollow: false, dash: None, weight: 1.0 }
    }

    /// The look of areas.
    pub fn tone(self) -> Tone {
        Tone { colour: self.colour, ruled: self.hollow }
    }

    /// The same, dashed.
    pub fn dashed(self) -> Look {
        Look { dash: Some((3.5, 2.0)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_all_entries_have_is_said_once() {
        let legend = |names: &[&str]| Legend {
            heading: "link bandwidth".to_owned(),
            entries: names.iter().map(|name| (Key::Curve(Look::of(0)), (*name).to_owned())).collect(),
        };
        let (heading, names) = legend(&["1 Gbit/s", "10 Gbit/s", "not converged"]).with_one_unit();
        assert_eq!((heading.as_str(), names.join("; ").as_str()), ("link bandwidth [Gbit/s]", "1; 10; not converged"));
        for names in [&["500 ms", "1 s"][..], &["1 Gbit/s"], &["nova", "virsh"], &["10 000", "20 000"]] {
            assert_eq!(legend(names).with_one_unit(), ("link bandwidth".to_owned(), legend(names).names()));
        }
    }

    #[test]
    fn each_series_looks_different_as_line_point_and_area_and_none_as_what_did_not_end() {
        let looks: Vec<Look> = (0..Look::COUNT).map(Look::of).collect();
        for (at, look) in looks.iter().enumerate() {
            assert_eq!(look.dash, None, "dashes are of what did not converge");
            for other in &looks[..at] {
                let (line, other_line) = ((look.colour, look.hollow), (other.colour, other.hollow));
                assert!(line != other_line && look.tone() != other.tone(), "{look:?} and {other:?}");
                assert!((look.colour, look.shape) != (other.colour, other.shape), "{look:?} and {other:?}");
            }
        }
    }
}
