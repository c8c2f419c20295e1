//! Questions that are asked in the words of the command line, or about logs.

use std::path::PathBuf;

use precopy::cli::{self, Desk};
use precopy::compare::Trace;
use precopy::fit;
use precopy::orchestrator::Product;
use precopy::report;
use precopy::scenario::Input;
use precopy::why::WhyAnswer;
use pyo3::prelude::*;

use crate::attend::attend;
use crate::scenario::Scenario;
use crate::{complaint, texts};

/// Answers `plan` or `drain` in the words of the command line; the texts of `given` stand for the file `-`.
#[pyfunction]
#[pyo3(signature = (words, given = None, jobs = None))]
pub(crate) fn ask(
    py: Python<'_>,
    words: Vec<String>,
    given: Option<Bound<'_, PyAny>>,
    jobs: Option<usize>,
) -> PyResult<String> {
    let given: Option<Input> = match given {
        None => None,
        Some(given) => Some(match given.cast::<Scenario>() {
            Ok(scenario) => scenario.get().input.clone(),
            Err(_) => texts::open(&given, None, &[])?,
        }),
    };
    attend(py, jobs, |stop| {
        let desk = Desk::inside(given, stop.flag().clone());
        let answer = cli::ask(&words, &desk).map_err(|failure| complaint::failure(&failure))?;
        String::from_utf8(answer).map_err(|error| complaint::outside(error.to_string()))
    })
}

/// Finds the guest behind recorded migrations: the scenario's text, and the report as JSON.
#[pyfunction]
#[pyo3(name = "fit", signature = (traces, scenario, nth, seed, jobs))]
pub(crate) fn fitted(
    py: Python<'_>,
    traces: Vec<PathBuf>,
    scenario: Option<Bound<'_, Scenario>>,
    nth: usize,
    seed: u64,
    jobs: Option<usize>,
) -> PyResult<(String, String)> {
    let read = |path: &PathBuf| Trace::read_nth(path, nth).map_err(|error| complaint::input(error.to_string()));
    let mut traces = traces.iter().map(read).collect::<PyResult<Vec<Trace>>>()?;
    if let Some(scenario) = scenario {
        let scenario = scenario.get().loaded();
        traces = traces.into_iter().map(|trace| trace.with_scenario(scenario.clone())).collect();
    }
    attend(py, jobs, |stop| {
        let watch = |_: fit::FitProgress| !stop.is_set();
        let found = fit::fit(traces, seed, &watch).map_err(|error| complaint::input(error.to_string()))?;
        let found = found.ok_or_else(|| complaint::outside("nothing was found"))?;
        let report = report::fit::json(&found).map_err(|error| complaint::outside(error.to_string()))?;
        Ok((found.file(), report))
    })
}

/// Explains each migration of a log, as JSON.
#[pyfunction]
#[pyo3(signature = (log, orchestrator, nth, jobs))]
pub(crate) fn why(
    py: Python<'_>,
    log: PathBuf,
    orchestrator: Option<&str>,
    nth: Option<usize>,
    jobs: Option<usize>,
) -> PyResult<Vec<(String, String)>> {
    let product = orchestrator.map(product).transpose()?;
    let traces = match nth {
        Some(nth) => Trace::read_nth(&log, nth).map(|trace| vec![trace]),
        None => Trace::read_all(&log),
    };
    let traces = traces.map_err(|error| complaint::input(error.to_string()))?;
    attend(py, jobs, |_| {
        let one = |trace: &Trace| {
            let answer = WhyAnswer::of(trace, product);
            let json = report::why::json(&answer, &[], None).map_err(|error| complaint::outside(error.to_string()))?;
            Ok((json, report::why::text(&answer, &[], None)))
        };
        traces.iter().map(one).collect()
    })
}

fn product(name: &str) -> PyResult<&'static str> {
    let unknown =
        || complaint::input(format!("`{name}` is no product that is known; docs/orchestrators.md lists them"));
    Product::find(name).map(|product| product.kind).ok_or_else(unknown)
}
