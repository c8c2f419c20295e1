//! What becomes of the rows once all are there.

use std::io::{self, Read, Write};
use std::path::Path;

use super::column::SweepColumn;
use super::row::RowForm;

/// What the file is in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepTarget {
    /// The rows as they are.
    Rows,
    /// A Parquet file of them.
    Parquet,
}

/// A file's suffix that says nothing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchForm {
    /// Parquet, in a build without it.
    #[error(
        "`.parquet` needs a precopy that was built with `cargo build --release --features parquet`; this one writes \
         `.csv` and `.jsonl`"
    )]
    Parquet,
    /// No form that is known.
    #[error("rows are written as `.csv`, `.jsonl` or `.parquet`, not as `.{0}`; `precopy plot` draws them")]
    Unknown(String),
}

impl SweepTarget {
    /// What the suffix of a file asks for: `.jsonl` or `.ndjson`, `.parquet`, `.csv` as without one; and how rows are written
    /// until they are all there.
    ///
    /// # Errors
    /// Another suffix, and Parquet in a build without it.
    pub fn of(path: &Path) -> Result<(SweepTarget, RowForm), NoSuchForm> {
        match path.extension().map(|suffix| suffix.to_ascii_lowercase()) {
            Some(suffix) if suffix == "jsonl" || suffix == "ndjson" => Ok((SweepTarget::Rows, RowForm::JsonLines)),
            // A Parquet file ends with its index and cannot be gone on with, so its rows are gathered as CSV.
            Some(suffix) if suffix == "parquet" && cfg!(feature = "parquet") => {
                Ok((SweepTarget::Parquet, RowForm::Csv))
            }
            Some(suffix) if suffix == "parquet" => Err(NoSuchForm::Parquet),
            Some(suffix) if suffix != "csv" => Err(NoSuchForm::Unknown(suffix.to_string_lossy().into_owned())),
            _ => Ok((SweepTarget::Rows, RowForm::Csv)),
        }
    }
}

#[cfg(feature = "parquet")]
pub(super) fn parquet(rows: impl Read, to: impl Write + Send, columns: &[SweepColumn]) -> io::Result<()> {
    super::parquet::write(rows, to, columns)
}

/// A build without Parquet has refused the suffix before.
#[cfg(not(feature = "parquet"))]
pub(super) fn parquet(_: impl Read, _: impl Write + Send, _: &[SweepColumn]) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, NoSuchForm::Parquet))
}
