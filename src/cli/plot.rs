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
