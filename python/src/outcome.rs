//! How a migration ended.

use anstream::adapter::strip_str;
use precopy::metrics::{METRICS, Metric, Value};
use precopy::plan::HostHinge;
use precopy::report::{Assumed, Provenance, Report, json, text};
use precopy::sim::{self, Action, Options, Timeline};
use precopy::uncertain::{LikelyRange, Unknowns};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::attend::attend;
use crate::columns;
use crate::complaint;
use crate::frame::Frame;
use crate::rules::Callables;
use crate::scenario::Scenario;

/// What an outcome has beside its fields.
const OWN: [&str; 6] = ["actions", "scenario", "seed", "timeline", "to_dict", "to_json"];

/// Width of the text that `str()` gives [columns].
const WIDTH: usize = 80;

/// How a migration ended: every field that docs/output.md lists is an attribute.
#[pyclass(frozen, module = "precopy")]
pub(crate) struct Outcome {
    scenario: Py<Scenario>,
    outcome: sim::Outcome,
    actions: Vec<Action>,
    options: Options,
    callables: Callables,
}

impl Outcome {
    /// Of a scenario that was run with these options, under these rules.
    pub(crate) fn new(
        scenario: Py<Scenario>,
        outcome: sim::Outcome,
        actions: Vec<Action>,
        options: Options,
        callables: Callables,
    ) -> Outcome {
        Outcome { scenario, outcome, actions, options, callables }
    }

    /// The same migration once more, with what happened when. Same scenario, seed and program: same migration.
    fn told(&self, py: Python<'_>) -> PyResult<Timeline> {
        let scenario = self.scenario.get().loaded();
        let run = attend(py, None, |stop| {
            let options = Options { timeline: true, watch: Some(stop.watch()), ..self.options.clone() };
            let asked = self.callables.asked(stop);
            let mut drawn = scenario.drawn(options.seed);
            asked.rules.put(&mut drawn);
            asked.unless_raised(sim::run(&drawn, &options))
        })?;
        run.map(|(_, timeline)| timeline).map_err(|error| complaint::input(error.to_string()))
    }

    /// Where it came from, with what was not given and what hangs on that.
    fn provenance(&self, py: Python<'_>) -> PyResult<Provenance> {
        let Scenario { name, input, .. } = self.scenario.get();
        let mut scenario = self.scenario.get().loaded().clone();
        let draft = input.draft().map_err(|error| complaint::faults(input, &error))?;
        attend(py, None, |stop| {
            let options = Options { watch: Some(stop.watch()), ..self.options.clone() };
            let asked = self.callables.asked(stop);
            asked.rules.put(&mut scenario);
            let draft = draft.ruled_by(asked.rules.clone());
            let unknowns = Unknowns::of(&draft, &scenario.guest.uncertainty);
            let assumed = Assumed::of_one(&scenario)
                .hanging_on(HostHinge::all(&draft, &scenario, &self.outcome, &options))
                .likely(LikelyRange::of(&unknowns, &draft, &self.outcome, &options));
            let Options { seed, memory, .. } = self.options;
            let provenance =
                Provenance::new(name.as_str(), scenario.qemu.version, seed, memory).due(scenario.qemu.deadline);
            asked.unless_raised(provenance.assuming(assumed))
        })
    }
}

/// A field as an object of Python; None where there is none.
fn object<'py>(py: Python<'py>, value: Value<'_>) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Word(word) => Ok(PyString::intern(py, word).into_any()),
        Value::Reason(reason) => Ok(PyString::new(py, &reason.to_string()).into_any()),
        Value::Whole(number) => Ok(number.into_pyobject(py)?.into_any()),
        Value::Real(number) => Ok(number.into_pyobject(py)?.into_any()),
        Value::Missing => Ok(py.None().into_bound(py)),
    }
}

#[pymethods]
impl Outcome {
    fn __getattr__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        match Metric::of(name) {
            Some(metric) => object(py, (metric.get)(&self.outcome)),
            None => Err(PyAttributeError::new_err(format!("an outcome has no `{name}`; `dir()` lists its fields"))),
        }
    }

    fn __dir__(&self) -> Vec<&'static str> {
        METRICS.iter().map(|metric| metric.key).chain(OWN).collect()
    }

    /// The scenario that was run.
    #[getter]
    fn scenario(&self, py: Python<'_>) -> Py<Scenario> {
        self.scenario.clone_ref(py)
    }

    /// The root of every random stream.
    #[getter]
    fn seed(&self) -> u64 {
        self.options.seed
    }

    /// What the orchestrator did, when and why: a dict each, as in the JSON of the command.
    #[getter]
    fn actions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let text = serde_json::to_string(&self.actions).map_err(|error| complaint::outside(error.to_string()))?;
        py.import("json")?.getattr("loads")?.call1((text,))
    }

    /// Every field.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for metric in &METRICS {
            dict.set_item(PyString::intern(py, metric.key), object(py, (metric.get)(&self.outcome))?)?;
        }
        Ok(dict)
    }

    /// The document that `precopy run --format json` writes.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        let timeline = Timeline { rows: Vec::new(), actions: self.actions.clone() };
        let provenance = self.provenance(py)?;
        let mut bytes = Vec::new();
        json::write(&mut bytes, &Report { provenance: &provenance, outcome: &self.outcome, timeline: &timeline })
            .map_err(|error| complaint::outside(error.to_string()))?;
        String::from_utf8(bytes).map_err(|error| complaint::outside(error.to_string()))
    }

    /// What happened when: a row per sync, per throttle step and per sample.
    fn timeline(&self, py: Python<'_>) -> PyResult<Frame> {
        columns::timeline(self.told(py)?).map(Frame::new)
    }

    /// The page that `precopy run` prints.
    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        let (provenance, timeline) = (self.provenance(py)?, self.told(py)?);
        let report = Report { provenance: &provenance, outcome: &self.outcome, timeline: &timeline };
        Ok(strip_str(&text::page(&report, WIDTH)).to_string())
    }

    fn __repr__(&self) -> String {
        let name = &self.scenario.get().name;
        format!("<precopy.Outcome {name}: {}, {} ms>", self.outcome.verdict.as_str(), self.outcome.total_time_ms)
    }

    fn __eq__(&self, other: &Outcome) -> bool {
        self.outcome == other.outcome
    }
}
