//! Rows and columns, given to data frames by way of Arrow.

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator};
use arrow_schema::ffi::FFI_ArrowSchema;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::complaint;

/// Name that the Arrow C stream interface gives its capsules.
const STREAM: &CStr = c"arrow_array_stream";
/// The like of a schema.
const SCHEMA: &CStr = c"arrow_schema";

/// Rows and columns; pandas, polars, pyarrow and others read them through `__arrow_c_stream__`, texts without a copy.
#[pyclass(frozen, module = "precopy")]
pub(crate) struct Frame {
    batch: RecordBatch,
}

impl Frame {
    /// Of these rows.
    pub(crate) fn new(batch: RecordBatch) -> Frame {
        Frame { batch }
    }
}

#[pymethods]
impl Frame {
    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<precopy.Frame: {} rows, {} columns>", self.batch.num_rows(), self.batch.num_columns())
    }

    /// The Arrow C stream interface. A schema that is asked for is not looked at, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let rows = RecordBatchIterator::new([Ok(self.batch.clone())], self.batch.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(rows)), STREAM)
    }

    /// The schema alone.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(Arc::as_ref(self.batch.schema_ref()));
        PyCapsule::new_with_value(py, schema.map_err(|error| complaint::outside(error.to_string()))?, SCHEMA)
    }

    /// As a table of pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// As a frame of pandas, by way of pyarrow. Words stay in Arrow's memory; a number that is not there is NaN.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let words = py.import("pandas")?.call_method1("StringDtype", ("pyarrow",))?;
        let arrow = py.import("pyarrow")?;
        let kinds = PyDict::new(py);
        kinds.set_item(arrow.call_method0("large_string")?, words)?;
        let options = PyDict::new(py);
        options.set_item("types_mapper", kinds.getattr("get")?)?;
        arrow.call_method1("table", (slf,))?.call_method("to_pandas", (), Some(&options))
    }

    /// As a frame of polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// Every row as a dict, for those without a library for data frames.
    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        crate::columns::dicts(py, &self.batch)
    }
}
