//! Pictures for papers, tickets and web pages.
//!
//! Everything is drawn as SVG. A PNG is that SVG rasterised with an embedded font, and a PDF is that SVG with the font in it,
//! so they have the same bytes on every machine, whatever fonts are installed there.

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
mod pdf;
#[cfg(feature = "png")]
mod png;
pub mod scale;
mod script;
mod size;
mod style;
mod svg;
mod thin;
mod ticks;
pub mod timeline;
#[cfg(feature = "png")]
mod typeset;

pub(crate) use draw::part;
pub use draw::svg;
pub use size::Size;

use self::figure::Figure;

use std::path::{Path, PathBuf};

use crate::results::{Filter, UnknownColumn, Unreadable};

/// File formats of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Vector graphics.
    Svg,
    /// Pixels.
    Png,
    /// A page to include in a paper: vector graphics with their font.
    Pdf,
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
    #[error("a picture is written to a file that ends in `.svg`, `.pdf` or `.png`, not to `{0}`")]
    Suffix(String),
    /// This binary was built without the feature.
    #[error(
        "this build of precopy writes no PNG and no PDF; write a `.svg`, or build with `cargo install precopy --features png`"
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
            Some("pdf") if cfg!(feature = "png") => Ok(Format::Pdf),
            Some("png" | "pdf") => Err(PlotError::NoPng),
            _ => Err(PlotError::Suffix(path.display().to_string())),
        }
    }

    /// A picture in this format.
    ///
    /// # Errors
    /// The SVG cannot be rasterised, or this build has neither PNG nor PDF.
    pub fn encode(self, svg: String) -> Result<Encoded, PlotError> {
        match self {
            Format::Svg => Ok(Encoded { bytes: svg.into_bytes(), lacking: Vec::new() }),
            #[cfg(feature = "png")]
            Format::Png => png::from_svg(&svg),
            #[cfg(feature = "png")]
            Format::Pdf => pdf::from_svg(&svg),
            #[cfg(not(feature = "png"))]
            Format::Png | Format::Pdf => Err(PlotError::NoPng),
        }
    }
}

/// A picture of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// As SVG.
    pub svg: String,
    /// What is to be said below it, as a size for a paper leaves it to the caption; else empty.
    pub caption: String,
}

impl Picture {
    /// What is drawn, and what is said below it.
    fn parts(figure: Figure, size: Size, title: Option<&String>) -> (Figure, String) {
        let caption = match (size.paper, title) {
            (false, _) => String::new(),
            (true, None) => sentences([&figure.title, &figure.subtitle]),
            (true, Some(_)) => sentences([&figure.subtitle, ""]),
        };
        let figure = match size.paper {
            false => figure,
            true => {
                let title = if title.is_some() { figure.title } else { String::new() };
                Figure { title, subtitle: String::new(), ..figure }
            }
        };
        (figure, caption)
    }
}

/// Parts of a caption.
fn sentences(parts: [&str; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// The figure of result files, those rows that pass all of `filters`, and the size that suits it.
///
/// # Errors
/// A file that cannot be read, a column that is not there, or nothing to draw.
pub fn figure_of(files: &[PathBuf], filters: &[Filter], request: &chart::Request) -> Result<(Figure, Size), PlotError> {
    let results = chart::read(files, request, filters)?.selected(filters)?;
    let timeline = request.kind == Some(chart::Kind::Timeline) || request.kind.is_none() && results.is_timeline();
    if !(timeline && results.is_timeline()) {
        return Ok((chart::figure(&results, request)?, Size::PAGE));
    }
    request.suits(chart::Kind::Timeline)?;
    let names: Vec<String> = files.iter().map(|file| chart::name(file)).collect();
    let timelines = names.iter().map(|name| chart::timeline(&results, (files.len() > 1).then_some(name)));
    let timelines = timelines.collect::<Result<Vec<_>, _>>()?;
    let migrations = names.iter().zip(&timelines).map(|(name, timeline)| timeline::Migration { name, timeline });
    let title = request.title.clone().unwrap_or_else(|| names.join(", "));
    let title = crate::sink::shown(&title);
    Ok((timeline::figure(&title, "", &migrations.collect::<Vec<_>>())?, timeline::SIZE))
}

/// Draws result files: those rows that pass all of `filters`.
///
/// # Errors
/// As of [`figure_of`].
pub fn picture(
    files: &[PathBuf],
    filters: &[Filter],
    request: &chart::Request,
    size: Option<Size>,
) -> Result<Picture, PlotError> {
    let (figure, usual) = figure_of(files, filters, request)?;
    let size = size.unwrap_or(usual);
    let (figure, caption) = Picture::parts(figure, size, request.title.as_ref());
    Ok(Picture { svg: svg(&figure, size), caption })
}

/// The same picture as a script for matplotlib, which `command` prints.
///
/// # Errors
/// As of [`figure_of`].
pub fn script(
    files: &[PathBuf],
    filters: &[Filter],
    request: &chart::Request,
    size: Option<Size>,
    command: &str,
) -> Result<String, PlotError> {
    let (figure, usual) = figure_of(files, filters, request)?;
    let size = size.unwrap_or(usual);
    let (figure, _) = Picture::parts(figure, size, request.title.as_ref());
    Ok(script::python(&figure, size, command))
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
        for (path, known) in [("a.png", Format::Png), ("a.pdf", Format::Pdf)] {
            match Format::of(Path::new(path)) {
                Ok(format) => assert_eq!((format, cfg!(feature = "png")), (known, true)),
                Err(error) => assert!(error.to_string().contains("--features png"), "{error}"),
            }
        }
    }
}
