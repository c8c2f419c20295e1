//! What is refused, as the exceptions of `precopy.errors`.

use precopy::cli::Failure;
use precopy::cli::diagnostics::{Severity, render};
use precopy::scenario::diagnostic::Diagnostic;
use precopy::scenario::{FaultPlace, Input};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// An exception of `precopy.errors`.
fn raised(class: &str, text: &str, faults: Option<Bound<'_, PyList>>, py: Python<'_>) -> PyErr {
    let made = py
        .import("precopy.errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| class.call1((text.trim_end(), faults)));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// A call or a file is wrong, in a sentence.
pub(crate) fn input(text: impl AsRef<str>) -> PyErr {
    Python::attach(|py| raised("InputError", text.as_ref(), None, py))
}

/// Something outside of the program failed.
pub(crate) fn outside(text: impl AsRef<str>) -> PyErr {
    Python::attach(|py| raised("OutsideError", text.as_ref(), None, py))
}

/// Keys or values of this text are wrong.
pub(crate) fn faults(input: &Input, diagnostics: &[Diagnostic]) -> PyErr {
    refused(&[(input.clone(), diagnostics.to_vec())])
}

/// The like of several texts.
fn refused(texts: &[(Input, Vec<Diagnostic>)]) -> PyErr {
    let drawn = texts.iter().map(|(input, faults)| render(input, Severity::Error, faults, false));
    let drawn: Vec<String> = drawn.collect();
    Python::attach(|py| match list(py, texts) {
        Ok(faults) => raised("InputError", &drawn.join("\n"), Some(faults), py),
        Err(error) => error,
    })
}

/// A command of the library ended without the answer that was wanted.
pub(crate) fn failure(failure: &Failure) -> PyErr {
    match failure {
        Failure::Scenario(found) => refused(&found.texts),
        _ if failure.exit_code() == Failure::INPUT => input(failure.to_string()),
        _ => outside(failure.to_string()),
    }
}

/// Warns of what is most likely not what was meant.
pub(crate) fn warn(py: Python<'_>, input: &Input, diagnostics: &[Diagnostic]) -> PyResult<()> {
    if diagnostics.is_empty() {
        return Ok(());
    }
    let class = py.import("precopy.errors")?.getattr("ScenarioWarning")?;
    let warn = py.import("warnings")?.getattr("warn")?;
    for diagnostic in diagnostics {
        let drawn = render(input, Severity::Warning, std::slice::from_ref(diagnostic), false);
        // The line of the caller of the package.
        warn.call1((drawn.trim_end(), &class, 3))?;
    }
    Ok(())
}

/// Each fault as a `Fault`.
fn list<'py>(py: Python<'py>, texts: &[(Input, Vec<Diagnostic>)]) -> PyResult<Bound<'py, PyList>> {
    let class = py.import("precopy.errors")?.getattr("Fault")?;
    let fault = |input: &Input, diagnostic: &Diagnostic| {
        let place = FaultPlace::of(input, diagnostic);
        let fields = PyDict::new(py);
        fields.set_item("message", &diagnostic.title)?;
        fields.set_item("label", &diagnostic.label)?;
        fields.set_item("file", place.name)?;
        fields.set_item("line", place.at.map(|(line, _)| line))?;
        fields.set_item("column", place.at.map(|(_, column)| column))?;
        fields.set_item("remedy", &diagnostic.help)?;
        class.call((), Some(&fields))
    };
    let each = texts.iter().flat_map(|(input, faults)| faults.iter().map(move |one| fault(input, one)));
    PyList::new(py, each.collect::<PyResult<Vec<_>>>()?)
}
