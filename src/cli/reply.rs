//! An answer in the form that was asked for.

use super::Failure;
use super::args::{Common, OutputFormat};
use crate::report::{Output, Provenance};

/// Writes an answer. JSON says itself what made it; rows have a note of that beside them.
pub(super) fn write(common: &Common, output: Output, bytes: &[u8], provenance: &Provenance) -> Result<(), Failure> {
    match common.format {
        OutputFormat::Csv => Ok(output.write_rows(bytes, provenance)?),
        OutputFormat::Text | OutputFormat::Json => Ok(output.write(bytes)?),
    }
}
