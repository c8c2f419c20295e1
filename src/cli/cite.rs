//! `precopy cite`: how to name the program, and what made some results.

use super::Failure;
use super::args::cite::{CiteArgs, CiteForm};
use super::command_line::STDIN;
use crate::report::{Output, cite as report};
use crate::results::{Origin, RowsCheck};
use crate::units::spelling::count;

/// Writes the citation.
pub(super) fn cite(args: &CiteArgs) -> Result<(), Failure> {
    let mut origin = args.results.as_deref().map(Origin::read).transpose().map_err(Failure::Input)?;
    if let Some(Origin { scenario, archive: Some(archive), .. }) = &mut origin
        && scenario == "-"
        && archive.files.contains_key(STDIN)
    {
        STDIN.clone_into(scenario);
    }
    if let (Some(folder), Some(origin)) = (&args.unpack, &origin) {
        let Some(archive) = &origin.archive else {
            return Err(Failure::Input(
                "the results do not keep the files that they were made from; JSON of `run`, `plan` and `drain` does, and rows in the \
                 note beside them (`FILE.origin.json`, `FILE.sweep.json`), which goes where they go"
                    .to_owned(),
            ));
        };
        archive.unpack(folder).map_err(|error| Failure::System(format!("cannot unpack the files: {error}")))?;
        if !args.manners.quiet {
            super::note(&format!("{} in `{}`{}", unpacked(archive.count()), folder.display(), vouched(&origin.rows)));
        }
    }
    if let Some(Origin { rows: RowsCheck::Unvouched, .. }) = &origin
        && args.unpack.is_none()
        && !args.manners.quiet
    {
        super::note("no checksum vouches for the figures: whether they are as they were written is not known");
    }
    let text = match (args.format, &origin) {
        (CiteForm::Text, origin) => report::text(origin.as_ref()),
        (CiteForm::Bibtex, origin) => report::bibtex(origin.as_ref()),
        (CiteForm::Cff, None) => report::CFF.to_owned(),
        (CiteForm::Cff, Some(_)) => {
            let help = "leave the results out, or choose `--format bibtex`";
            return Err(Failure::Input(format!("a citation file is about the program and not about results; {help}")));
        }
    };
    Output::open(&args.output)?.write(text.as_bytes())?;
    match origin {
        Some(Origin { rows: RowsCheck::Changed(what), .. }) => Err(Failure::Rows(what)),
        _ => Ok(()),
    }
}

/// `1 file is`, `3 files are`.
fn unpacked(files: usize) -> String {
    format!("{} {}", count(files, "file"), if files == 1 { "is" } else { "are" })
}

/// Whether the files are those that the command read.
fn vouched(rows: &RowsCheck) -> &'static str {
    match rows {
        RowsCheck::Unvouched => ", as the results have them; no checksum vouches for them",
        _ => ", and the note's checksum says that they are those that the command read",
    }
}
