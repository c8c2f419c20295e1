//! Which points of the varied keys' ranges are run.

use super::diagnostic::{Diagnostic, DiagnosticKind};
use crate::units::spelling::word_of;

/// A way to choose points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Design {
    /// Every combination of the values.
    #[default]
    Grid,
    /// Points drawn independently of each other.
    Random,
    /// As many layers of each range as points, each hit once.
    LatinHypercube,
    /// A scrambled Sobol sequence: every part of the space is hit as often as its size asks for.
    Sobol,
}

impl Design {
    /// Every design with its word.
    pub const NAMES: [(&'static str, Design); 4] = [
        ("grid", Design::Grid),
        ("random", Design::Random),
        ("latin-hypercube", Design::LatinHypercube),
        ("sobol", Design::Sobol),
    ];

    /// The word used in every input and output.
    pub fn as_str(self) -> &'static str {
        word_of(&Design::NAMES, self)
    }
}

/// What a `[sweep]` section or the command line says beside the axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How points are chosen.
    pub design: Option<Design>,
    /// How many points; not for a grid.
    pub points: Option<u64>,
    /// Runs at each point.
    pub repeats: Option<u32>,
}

impl Extent {
    /// Most points and most runs at a point.
    pub const MOST: u32 = 1_000_000_000;

    /// What is said here, and where nothing is said, what `other` says. A grid has no use for the points of another
    /// design.
    pub fn or(self, other: Extent) -> Extent {
        Extent {
            design: self.design.or(other.design),
            points: self.points.or(other.points.filter(|_| self.design != Some(Design::Grid))),
            repeats: self.repeats.or(other.repeats),
        }
    }

    /// The design, and the number of points that it wants.
    ///
    /// # Errors
    /// A grid with a number of points, or another design without.
    pub(super) fn settled(self) -> Result<(Design, Option<u64>), Box<Diagnostic>> {
        let nowhere = |title: &str, help: &str| {
            Err(Box::new(Diagnostic {
                kind: DiagnosticKind::Other,
                source: super::diagnostic::Source::File,
                span: 0..0,
                title: title.to_owned(),
                label: String::new(),
                notes: Vec::new(),
                help: Some(help.to_owned()),
            }))
        };
        match (self.design, self.points) {
            (None, None) => Ok((Design::Grid, None)),
            (None, Some(points)) => Ok((Design::Sobol, Some(points))),
            (Some(Design::Grid), Some(_)) => nowhere(
                "a grid with a number of points",
                "the steps of the ranges say how many; for so many points choose the design `sobol`, `latin-hypercube` or `random`",
            ),
            (Some(Design::Grid), None) => Ok((Design::Grid, None)),
            (Some(design), Some(points)) => Ok((design, Some(points))),
            (Some(design), None) => nowhere(
                &format!("the design `{}` without a number of points", design.as_str()),
                "say how many with `--points N`, or `points = N` in `[sweep]`",
            ),
        }
    }
}
