//! Rows as a Parquet file, for data frames.

use std::io::{self, Read, Write};
use std::str::FromStr;
use std::sync::Arc;

use ::parquet::basic::{ConvertedType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::Type;

use super::column::{ColumnKind, SweepColumn};

/// Rows of a group: what is in memory at a time.
const GROUP: usize = 1 << 16;

/// Turns rows of CSV into a Parquet file. An empty cell, and a number that is not finite, is null.
///
/// # Errors
/// The rows cannot be read, or the file not be written.
pub(super) fn write(rows: impl Read, to: impl Write + Send, columns: &[SweepColumn]) -> io::Result<()> {
    let properties =
        Arc::new(WriterProperties::builder().set_created_by(format!("precopy {}", env!("CARGO_PKG_VERSION"))).build());
    let mut file =
        SerializedFileWriter::new(to, Arc::new(schema(columns).map_err(failed)?), properties).map_err(failed)?;
    let mut rows = csv::Reader::from_reader(rows);
    let mut cells: Vec<Vec<String>> = vec![Vec::new(); columns.len()];
    let mut record = csv::StringRecord::new();
    loop {
        let more = rows.read_record(&mut record)?;
        if more {
            cells.iter_mut().zip(&record).for_each(|(cells, cell)| cells.push(cell.to_owned()));
        }
        if cells[0].len() == GROUP || (!more && !cells[0].is_empty()) {
            let mut group = file.next_row_group().map_err(failed)?;
            for (column, cells) in columns.iter().zip(&mut cells) {
                column_of(&mut group, column.kind, cells)?;
                cells.clear();
            }
            group.close().map_err(failed)?;
        }
        if !more {
            break;
        }
    }
    file.close().map_err(failed)?;
    Ok(())
}

fn schema(columns: &[SweepColumn]) -> Result<Type, ParquetError> {
    let fields = columns.iter().map(|column| {
        let (physical, converted) = match column.kind {
            ColumnKind::Words => (Physical::BYTE_ARRAY, ConvertedType::UTF8),
            ColumnKind::Whole => (Physical::INT64, ConvertedType::UINT_64),
            ColumnKind::Number => (Physical::DOUBLE, ConvertedType::NONE),
        };
        let field = Type::primitive_type_builder(&column.name, physical)
            .with_converted_type(converted)
            .with_repetition(Repetition::OPTIONAL);
        field.build().map(Arc::new)
    });
    Type::group_type_builder("precopy").with_fields(fields.collect::<Result<_, _>>()?).build()
}

fn column_of<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<W>,
    kind: ColumnKind,
    cells: &[String],
) -> io::Result<()> {
    match kind {
        ColumnKind::Words => values::<ByteArrayType, _>(group, cells, |cell| Some(ByteArray::from(cell))),
        // The bits of numbers above the middle of the range are those of negative ones; the schema says which is meant.
        ColumnKind::Whole => {
            values::<Int64Type, _>(group, cells, |cell| u64::from_str(cell).ok().map(u64::cast_signed))
        }
        ColumnKind::Number => {
            values::<DoubleType, _>(group, cells, |cell| f64::from_str(cell).ok().filter(|number| number.is_finite()))
        }
    }
}

fn values<D: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<W>,
    cells: &[String],
    read: impl Fn(&str) -> Option<D::T>,
) -> io::Result<()> {
    let read: Vec<Option<D::T>> = cells.iter().map(|cell| if cell.is_empty() { None } else { read(cell) }).collect();
    let there: Vec<i16> = read.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<D::T> = read.into_iter().flatten().collect();
    let Some(mut column) = group.next_column().map_err(failed)? else { return Ok(()) };
    column.typed::<D>().write_batch(&values, Some(&there), None).map_err(failed)?;
    column.close().map_err(failed)
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}
