//! A scenario, read and checked once.

use std::path::PathBuf;

use precopy::scenario::{Draft, Input, Loaded, OwnRules};
use precopy::sim::{self, Memory, Options};
use precopy::uncertain;
use pyo3::prelude::*;

use crate::attend::attend;
use crate::frame::Frame;
use crate::outcome::Outcome;
use crate::rules::Callables;
use crate::{columns, complaint, texts};

/// A scenario, read and checked once.
#[pyclass(frozen, module = "precopy")]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) input: Input,
    loaded: Loaded,
}

/// The memory model of that name.
pub(crate) fn memory(name: &str) -> PyResult<Memory> {
    let models = [Memory::Expected, Memory::Exact];
    let found = models.into_iter().find(|model| model.as_str() == name);
    found.ok_or_else(|| complaint::input(format!("`memory` is `expected` or `exact`, not `{name}`")))
}

#[pymethods]
impl Scenario {
    #[new]
    #[pyo3(signature = (scenario, sets = Vec::new(), orchestrator = None))]
    fn new(scenario: &Bound<'_, PyAny>, sets: Vec<String>, orchestrator: Option<PathBuf>) -> PyResult<Scenario> {
        let input = texts::open(scenario, orchestrator, &sets)?;
        let loaded = input.load().map_err(|error| complaint::faults(&input, &error))?;
        complaint::warn(scenario.py(), &input, &loaded.warnings)?;
        Ok(Scenario { name: texts::name(scenario), input, loaded })
    }

    /// The name under which results speak of it.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// The scenario's text: TOML.
    #[getter]
    fn text(&self) -> &str {
        self.input.text()
    }

    /// The values that are set over the text, each as `--set` takes it.
    #[getter]
    fn sets(&self) -> Vec<String> {
        self.input.sets().to_vec()
    }

    /// One migration.
    #[pyo3(signature = (seed = 1, memory = "expected", throttle = None, switchover = None, writes = None))]
    fn run(
        slf: &Bound<'_, Self>,
        seed: u64,
        memory: &str,
        throttle: Option<Bound<'_, PyAny>>,
        switchover: Option<Bound<'_, PyAny>>,
        writes: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Outcome> {
        let memory = self::memory(memory)?;
        let callables = Callables::new(throttle, switchover, writes)?;
        let scenario = &slf.get().loaded.scenario;
        let outcome = attend(slf.py(), None, |stop| {
            let options = Options { memory, seed, watch: Some(stop.watch()), ..Options::default() };
            let asked = callables.asked(stop);
            let mut drawn = scenario.drawn(seed);
            asked.rules.put(&mut drawn);
            refuse(&asked.rules, &drawn)?;
            asked.unless_raised(sim::run(&drawn, &options))
        })?;
        let (outcome, timeline) = outcome.map_err(|error| complaint::input(error.to_string()))?;
        Ok(Outcome::new(
            slf.clone().unbind(),
            outcome,
            timeline.actions,
            Options { memory, seed, ..Options::default() },
            callables,
        ))
    }

    /// Many migrations, a row each.
    #[allow(clippy::too_many_arguments, reason = "each is a keyword of the Python function in front of it")]
    #[pyo3(signature = (repeats, seed = 1, memory = "expected", jobs = None, throttle = None, switchover = None, writes = None))]
    fn repeat(
        slf: &Bound<'_, Self>,
        repeats: u32,
        seed: u64,
        memory: &str,
        jobs: Option<usize>,
        throttle: Option<Bound<'_, PyAny>>,
        switchover: Option<Bound<'_, PyAny>>,
        writes: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Frame> {
        let memory = self::memory(memory)?;
        let callables = Callables::new(throttle, switchover, writes)?;
        let Scenario { input, loaded, .. } = slf.get();
        let draft: Draft = input.draft().map_err(|error| complaint::faults(input, &error))?;
        let runs = attend(slf.py(), jobs, |stop| {
            let options = Options { memory, seed, watch: Some(stop.watch()), ..Options::default() };
            let asked = callables.asked(stop);
            let mut scenario = loaded.scenario.clone();
            asked.rules.put(&mut scenario);
            refuse(&asked.rules, &scenario)?;
            let draft = draft.ruled_by(asked.rules.clone());
            asked.unless_raised(uncertain::repeat(&draft, &scenario, &options, repeats, &|| ()))
        })?;
        columns::runs(runs).map(Frame::new)
    }

    fn __repr__(&self) -> String {
        format!("<precopy.Scenario {}>", self.name)
    }
}

/// Refuses a scenario that does not go with the callables that are in it.
fn refuse(rules: &OwnRules, scenario: &precopy::scenario::Scenario) -> PyResult<()> {
    let faults: Vec<String> = rules.faults(scenario).iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(()) } else { Err(complaint::input(faults.join("; "))) }
}

impl Scenario {
    /// As it was read.
    pub(crate) fn loaded(&self) -> &precopy::scenario::Scenario {
        &self.loaded.scenario
    }
}
