//! Pictures for papers, tickets and web pages.
//!
//! Everything is drawn as SVG. A PNG is that SVG rasterised with an embedded font, so it has the same bytes on every
//! machine, whatever fonts are installed there.

pub(crate) mod axis;
#[cfg(feature = "png")]
mod boxes;
mod canvas;
pub mod chart;
mod draw;
pub mod dumbbell;
pub mod figure;
mod font;
pub mod gantt;
mod layout;
#[cfg(feature = "png")]
mod png;
pub mod scale;
mod size;
mod style;
mod svg;
mod thin;
mod ticks;
pub mod timeline;

pub(crate) use draw::markup;
pub use draw::svg;
pub use size::Size;

use std::path::{Path, PathBuf};

use crate::results::{Filter, UnknownColumn, Unreadable};

/// File formats of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Vector graphics.
    Svg,
    /// Pixels.
    Png,
}

/// A picture as it stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters in it for which there is no glyph, so that each has a box with its number.
    pub lacking: Vec<char>,
}

/// A picture cannot be made in the form that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The file name does not say which format.
    #[error("a picture is written to a file that ends in `.svg` or `.png`, not to `{0}`")]
    Suffix(String),
    /// This binary was built without the feature.
    #[error(
        "this build of precopy writes no PNG; write a `.svg`, or build with `cargo install precopy --features png`"
    )]
    NoPng,
    /// A column that the results do not have.
    #[error(transparent)]
    Column(#[from] UnknownColumn),
    /// A result file that cannot be read.
    #[error(transparent)]
    Results(#[from] Unreadable),
    /// There is nothing to draw, or no way to draw it.
    #[error("{0}")]
    Nothing(String),
    /// The picture could not be drawn: a fault of this program.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
}

impl Format {
    /// The format that a file's suffix asks for.
    ///
    /// # Errors
    /// The suffix is another one, or this build has no such format.
    pub fn of(path: &Path) -> Result<Format, PlotError> {
        let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_ascii_lowercase());
        match suffix.as_deref() {
            Some("svg") => Ok(Format::Svg),
            Some("png") if cfg!(feature = "png") => Ok(Format::Png),
            Some("png") => Err(PlotError::NoPng),
            _ => Err(PlotError::Suffix(path.display().to_string())),
        }
    }

    /// A picture in this format.
    ///
    /// # Errors
    /// The SVG cannot be rasterised, or this build has no PNG.
    pub fn encode(self, svg: String) -> Result<Encoded, PlotError> {
        match self {
            Format::Svg => Ok(Encoded { bytes: svg.into_bytes(), lacking: Vec::new() }),
            #[cfg(feature = "png")]
            Format::Png => png::from_svg(&svg),
            #[cfg(not(feature = "png"))]
            Format::Png => Err(PlotError::NoPng),
        }
    }
}

/// Draws result files: those rows that pass all of `filters`.
///
/// # Errors
/// A file that cannot be read, a column that is not there, or nothing to draw.
pub fn picture(
    files: &[PathBuf],
    filters: &[Filter],
    request: &chart::Request,
    size: Option<Size>,
) -> Result<String, PlotError> {
    let results = chart::read(files, request, filters)?.selected(filters)?;
    let timeline = request.kind == Some(chart::Kind::Timeline) || request.kind.is_none() && results.is_timeline();
    if !(timeline && results.is_timeline()) {
        return Ok(svg(&chart::figure(&results, request)?, size.unwrap_or(Size::PAGE)));
    }
    request.suits(chart::Kind::Timeline)?;
    let names: Vec<String> = files.iter().map(|file| chart::name(file)).collect();
    let timelines = names.iter().map(|name| chart::timeline(&results, (files.len() > 1).then_some(name)));
    let timelines = timelines.collect::<Result<Vec<_>, _>>()?;
    let migrations = names.iter().zip(&timelines).map(|(name, timeline)| timeline::Migration { name, timeline });
    let title = request.title.clone().unwrap_or_else(|| names.join(", "));
    let title = crate::sink::shown(&title);
    Ok(svg(&timeline::figure(&title, "", &migrations.collect::<Vec<_>>())?, size.unwrap_or(timeline::SIZE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_picks_the_format() {
        assert_eq!(Format::of(Path::new("a.svg")).unwrap(), Format::Svg);
        assert_eq!(Format::of(Path::new("a/B.SVG")).unwrap(), Format::Svg);
        for path in ["a.jpg", "svg", "-", "a"] {
            assert!(Format::of(Path::new(path)).unwrap_err().to_string().contains(".svg"), "{path}");
        }
        match Format::of(Path::new("a.png")) {
            Ok(format) => assert_eq!((format, cfg!(feature = "png")), (Format::Png, true)),
            Err(error) => assert!(error.to_string().contains("--features png"), "{error}"),
        }
    }
}
