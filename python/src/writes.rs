//! Callables of Python that say which page each write of a workload hits.

use std::sync::Arc;

use precopy::guest::{Draws, WriteOrder};
use precopy::units::Pages;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::rules::Raised;

/// A write, as an order of writes sees it.
#[pyclass(module = "precopy")]
pub(crate) struct WriteStep {
    /// Number of the write, from 0 on [count].
    #[pyo3(get)]
    write: u64,
    /// Pages of the region [pages].
    #[pyo3(get)]
    region: u64,
    /// Four numbers: 0 when a migration begins, then what the order left in them.
    #[pyo3(get, set)]
    registers: Py<PyList>,
    draws: Draws,
}

#[pymethods]
impl WriteStep {
    /// A whole number below `end`, each with the same chance, from the workload's own random stream.
    fn below(&mut self, end: u64) -> u64 {
        self.draws.below(end)
    }

    /// A number from 0 up to 1, without 1, from the workload's own random stream.
    fn share(&mut self) -> f64 {
        self.draws.share()
    }
}

/// One callable.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) callable: Arc<Py<PyAny>>,
    pub(crate) raised: Arc<Raised>,
}

impl Writer {
    fn ask(
        &self,
        py: Python<'_>,
        (write, region): (u64, u64),
        draws: &mut Draws,
        registers: &mut [f64; 4],
    ) -> PyResult<u64> {
        let kept = PyList::new(py, *registers)?.unbind();
        let step = Py::new(py, WriteStep { write, region, registers: kept, draws: draws.clone() })?;
        let returned = self.callable.bind(py).call1((&step,))?;
        let step = step.borrow(py);
        draws.clone_from(&step.draws);
        *registers = step.registers.extract(py)?;
        let page: u64 = returned.extract().map_err(|_| {
            let kind = returned.get_type().name().map_or_else(|_| String::new(), |name| format!(", not {name}"));
            PyTypeError::new_err(format!("an order of writes returns the number of a page{kind}"))
        })?;
        if page >= region {
            return Err(PyValueError::new_err(format!("page {page} lies beyond the region, which has {region} pages")));
        }
        Ok(page)
    }
}

impl WriteOrder for Writer {
    fn page(&self, write: u64, region: Pages, draws: &mut Draws, registers: &mut [f64; 4]) -> u64 {
        if self.raised.is_over() {
            return 0;
        }
        Python::attach(|py| self.ask(py, (write, region.0), draws, registers)).unwrap_or_else(|error| {
            self.raised.note(error);
            0
        })
    }
}
