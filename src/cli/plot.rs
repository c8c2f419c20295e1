//! `precopy plot`: show me.

use std::path::Path;

use super::Failure;
use super::args::PlotArgs;
use crate::plot::{self, Encoded, Format};
use crate::report::Output;
use crate::results::Origin;
use crate::sink::terminal;

/// Reads results, picks rows and draws them.
pub(super) fn plot(args: &PlotArgs, command: &str) -> Result<(), Failure> {
    if !args.manners.quiet {
        args.results.iter().filter_map(|path| Origin::fault_beside(path)).for_each(|why| super::warn(&why));
    }
    if args.script {
        let is_script = args.output.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("py"));
        if !is_script && args.output != Path::new("-") {
            let name = args.output.display();
            return Err(Failure::Input(format!("a script is written to a file that ends in `.py`, not to `{name}`")));
        }
        let place = Output::open(&args.output)?;
        let script = plot::script(&args.results, &args.filters, &args.request(), args.size, command)?;
        return Ok(place.write(script.as_bytes())?);
    }
    let to_stdout = args.output == Path::new("-");
    let format = if to_stdout { Format::Svg } else { Format::of(&args.output)? };
    let picture = PictureFile { place: Output::open(&args.output)?, format, quiet: args.manners.quiet };
    let drawn = plot::picture(&args.results, &args.filters, &args.request(), args.size)?;
    picture.write(drawn.svg)?;
    if !drawn.caption.is_empty() && !args.manners.quiet {
        super::note(&format!("caption: {}", drawn.caption));
    }
    Ok(())
}

/// Where a picture goes: opened before there is anything to draw.
pub(super) struct PictureFile {
    place: Output,
    format: Format,
    quiet: bool,
}

impl PictureFile {
    /// Opens the file that `--plot` names, if it is given.
    pub(super) fn open(path: Option<&Path>, quiet: bool) -> Result<Option<PictureFile>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let format = Format::of(path)?;
        Ok(Some(PictureFile { place: Output::open(path)?, format, quiet }))
    }

    /// Writes an SVG in the file's own format, and says what it does not show.
    pub(super) fn write(self, svg: String) -> Result<(), Failure> {
        let Encoded { bytes, lacking } = self.format.encode(svg)?;
        self.place.write(&bytes)?;
        if !lacking.is_empty() && !self.quiet {
            super::note(&format!(
                "the font of PNG and PDF pictures lacks {}, and a box with its number stands for each; in a picture that ends in \
                 `.svg` the reader's own fonts draw them",
                listed(&lacking)
            ));
        }
        Ok(())
    }
}

/// `虚 (U+865A) and 3 others`.
fn listed(letters: &[char]) -> String {
    const MOST: usize = 8;
    let name = |letter: &char| match terminal::columns(letter.encode_utf8(&mut [0; 4])) {
        // A mark would stand on what is before it.
        0 => format!("U+{:04X}", u32::from(*letter)),
        _ => format!("{letter} (U+{:04X})", u32::from(*letter)),
    };
    let names: Vec<String> = letters.iter().take(MOST).map(name).collect();
    match letters.len().saturating_sub(MOST) {
        0 => names.join(", "),
        1 => format!("{} and another", names.join(", ")),
        more => format!("{} and {more} others", names.join(", ")),
    }
}
