//! The words of `precopy cite`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Manners;

/// `precopy cite`
#[derive(Debug, Args)]
#[command(
    long_about = "How do I cite this?\n\n\
                  Prints how to cite the program. Of results it names the version that made them, scenario, QEMU, memory model and \
                  seeds as well, and the command where they keep it: results as JSON do, and the note beside rows. They keep the files, \
                  too, that the command read; `--unpack` writes these into a folder, in which the command makes the same bytes again. \
                  Rows are held against the checksums of their note.",
    after_help = "Examples:\n  precopy cite\n  precopy cite --format bibtex >> paper.bib\n  precopy cite results.csv --unpack again"
)]
pub struct CiteArgs {
    /// Results of `run`, `plan` or `drain` as JSON or CSV, or those of `sweep`, with their note beside them; or the note
    #[arg(value_name = "RESULTS")]
    pub results: Option<PathBuf>,

    /// Write the files that the results were made from into a folder, in which the command can be run again
    #[arg(long, value_name = "FOLDER", requires = "results")]
    pub unpack: Option<PathBuf>,

    /// Form of the citation
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: CiteForm,

    /// Where it goes; a file appears when it is complete
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Of all commands.
    #[command(flatten)]
    pub manners: Manners,
}

/// `--format` of `cite`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CiteForm {
    /// A sentence for a list of references
    #[default]
    Text,
    /// An entry for BibTeX and BibLaTeX
    Bibtex,
    /// A file CITATION.cff
    Cff,
}
