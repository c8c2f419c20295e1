//! Rows of the library as columns of Arrow; texts are handed over as they are, and not copied.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch, UInt64Array};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema};
use precopy::metrics::METRICS;
use precopy::sim::{self, Row, Timeline};
use precopy::sweep::column::{self, ColumnKind, SweepColumn};
use precopy::sweep::{ColumnValues, Columns, Present, RowCell};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::complaint;

/// Rows of a sweep with these columns.
pub(crate) fn batch(names: Vec<SweepColumn>, rows: Columns) -> PyResult<RecordBatch> {
    let rows = if rows.columns.is_empty() { Columns::new(&names) } else { rows };
    let fields: Vec<Field> = names.iter().map(field).collect();
    let arrays = rows.columns.into_iter().map(array).collect::<PyResult<Vec<ArrayRef>>>()?;
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| complaint::outside(error.to_string()))
}

/// Many runs of one scenario: the seed of each, and every field of its outcome.
pub(crate) fn runs(runs: Vec<(u64, sim::Outcome)>) -> PyResult<RecordBatch> {
    let names: Vec<SweepColumn> = [whole("seed")].into_iter().chain(column::of_outcome()).collect();
    let mut columns = Columns::new(&names);
    for (seed, outcome) in &runs {
        let figures = METRICS.iter().map(|metric| RowCell::Outcome((metric.get)(outcome)));
        columns
            .columns
            .iter_mut()
            .zip([RowCell::Whole(*seed)].into_iter().chain(figures))
            .for_each(|(own, cell)| own.push(cell));
    }
    batch(names, columns)
}

/// What happened when, with the columns of `precopy run --timeline`.
pub(crate) fn timeline(timeline: Timeline) -> PyResult<RecordBatch> {
    type Get = fn(&Row) -> RowCell<'_>;
    let columns: [(&str, ColumnKind, Get); 11] = [
        ("t_ms", ColumnKind::Number, |row| RowCell::Number(row.t_ms)),
        ("pass", ColumnKind::Whole, |row| RowCell::Whole(row.pass)),
        ("event", ColumnKind::Words, |row| RowCell::Words(row.event.as_str())),
        ("transferred_bytes", ColumnKind::Whole, |row| RowCell::Whole(row.transferred_bytes)),
        ("remaining_bytes", ColumnKind::Whole, |row| RowCell::Whole(row.remaining_bytes)),
        ("dirty_pages_rate", ColumnKind::Whole, |row| RowCell::Whole(row.dirty_pages_rate)),
        ("bandwidth", ColumnKind::Number, |row| RowCell::Number(row.bandwidth)),
        ("throttle_pct", ColumnKind::Number, |row| RowCell::Number(row.throttle_pct)),
        ("downtime_limit_ms", ColumnKind::Whole, |row| RowCell::Whole(row.downtime_limit_ms)),
        ("guest_cpu_share_pct", ColumnKind::Number, |row| RowCell::Number(row.guest_cpu_share_pct)),
        ("detail", ColumnKind::Words, |row| match row.detail.is_empty() {
            true => RowCell::Empty,
            false => RowCell::Words(&row.detail),
        }),
    ];
    let names = columns.iter().map(|(name, kind, _)| SweepColumn { name: (*name).to_owned(), kind: *kind, unit: None });
    let names: Vec<SweepColumn> = names.collect();
    let mut made = Columns::new(&names);
    for (values, (_, _, get)) in made.columns.iter_mut().zip(&columns) {
        timeline.rows.iter().for_each(|row| values.push(get(row)));
    }
    batch(names, made)
}

fn whole(name: &str) -> SweepColumn {
    SweepColumn { name: name.to_owned(), kind: ColumnKind::Whole, unit: None }
}

fn field(column: &SweepColumn) -> Field {
    let kind = match column.kind {
        ColumnKind::Words => DataType::LargeUtf8,
        ColumnKind::Whole => DataType::UInt64,
        ColumnKind::Number => DataType::Float64,
    };
    let field = Field::new(&column.name, kind, true);
    match &column.unit {
        Some(unit) => field.with_metadata([("unit".to_owned(), unit.clone())]),
        None => field,
    }
}

fn array(values: ColumnValues) -> PyResult<ArrayRef> {
    Ok(match values {
        ColumnValues::Words { text, ends, present } => {
            let offsets: Vec<i64> = std::iter::once(0).chain(ends).collect();
            let words = LargeStringArray::try_new(
                OffsetBuffer::new(ScalarBuffer::from(offsets)),
                Buffer::from_vec(text.into_bytes()),
                nulls(present),
            );
            Arc::new(words.map_err(|error| complaint::outside(error.to_string()))?)
        }
        ColumnValues::Whole(values, present) => Arc::new(UInt64Array::new(ScalarBuffer::from(values), nulls(present))),
        ColumnValues::Number(values, present) => {
            Arc::new(Float64Array::new(ScalarBuffer::from(values), nulls(present)))
        }
    })
}

fn nulls(present: Present) -> Option<NullBuffer> {
    present.each().map(NullBuffer::from)
}

/// Every row as a dict.
pub(crate) fn dicts<'py>(py: Python<'py>, batch: &RecordBatch) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let names: Vec<Bound<'py, PyString>> =
        batch.schema_ref().fields().iter().map(|field| PyString::intern(py, field.name())).collect();
    let row = |row: usize| {
        let dict = PyDict::new(py);
        for (name, column) in names.iter().zip(batch.columns()) {
            dict.set_item(name, cell(py, column, row)?)?;
        }
        Ok(dict)
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A value of a column; None where there is none.
fn cell<'py>(py: Python<'py>, column: &ArrayRef, row: usize) -> PyResult<Bound<'py, PyAny>> {
    if column.is_null(row) {
        return Ok(py.None().into_bound(py));
    }
    Ok(match column.data_type() {
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into_pyobject(py)?.into_any(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).into_pyobject(py)?.into_any(),
        _ => PyString::new(py, column.as_string::<i64>().value(row)).into_any(),
    })
}
