//! `precopy cite`: how to name the program, and what made some results.

use super::Failure;
use super::args::cite::{CiteArgs, CiteForm};
use crate::report::{Output, cite as report};
use crate::results::Origin;

/// Writes the citation.
pub(super) fn cite(args: &CiteArgs) -> Result<(), Failure> {
    let origin = args.results.as_deref().map(Origin::read).transpose().map_err(Failure::Input)?;
    let text = match (args.format, &origin) {
        (CiteForm::Text, origin) => report::text(origin.as_ref()),
        (CiteForm::Bibtex, origin) => report::bibtex(origin.as_ref()),
        (CiteForm::Cff, None) => report::CFF.to_owned(),
        (CiteForm::Cff, Some(_)) => {
            let help = "leave the results out, or choose `--format bibtex`";
            return Err(Failure::Input(format!("a citation file is about the program and not about results; {help}")));
        }
    };
    Ok(Output::open(&args.output)?.write(text.as_bytes())?)
}
