//! `precopy plot`: show me.

use std::path::Path;

use super::Failure;
use super::args::PlotArgs;
use crate::plot::{self, Format};
use crate::report::Output;

/// Reads results, picks rows and draws them.
pub(super) fn plot(args: &PlotArgs) -> Result<(), Failure> {
    let to_stdout = args.output == Path::new("-");
    let format = if to_stdout { Format::Svg } else { Format::of(&args.output)? };
    let output = Output::open(&args.output)?;
    let svg = plot::picture(&args.results, &args.filters, &args.request(), args.size)?;
    Ok(output.write(&format.encode(svg)?)?)
}

/// Where a picture goes: opened before there is anything to draw.
pub(super) struct Picture {
    place: Output,
    format: Format,
}

impl Picture {
    /// Opens the file that `--plot` names, if it is given.
    pub(super) fn open(path: Option<&Path>) -> Result<Option<Picture>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let format = Format::of(path)?;
        Ok(Some(Picture { place: Output::open(path)?, format }))
    }

    /// Writes an SVG in the file's own format.
    pub(super) fn write(self, svg: String) -> Result<(), Failure> {
        Ok(self.place.write(&self.format.encode(svg)?)?)
    }
}
