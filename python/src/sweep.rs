//! Many migrations over ranges of values.

use std::path::PathBuf;

use precopy::scenario::{Design, Extent};
use precopy::sweep::{self, Columns, InColumns, Made, NoThreads, Shard, Study, Workshop};
use pyo3::prelude::*;

use crate::attend::attend;
use crate::frame::Frame;
use crate::rules::Callables;
use crate::scenario::{Scenario, memory};
use crate::{columns, complaint, texts};

/// What a sweep fails with on its way.
struct SweepFailed(PyErr);

impl From<NoThreads> for SweepFailed {
    fn from(error: NoThreads) -> SweepFailed {
        SweepFailed(complaint::outside(error.to_string()))
    }
}

/// Runs a scenario at many points of the keys that are varied, a row for each run, or for each point with `summary`.
#[pyfunction]
#[pyo3(name = "sweep", signature = (scenario, sets, orchestrator, varies, design, points, repeats, summary, seed, memory, jobs, throttle = None, switchover = None, writes = None))]
#[expect(clippy::too_many_arguments, reason = "each is a keyword of the Python function in front of it")]
pub(crate) fn swept(
    scenario: &Bound<'_, PyAny>,
    sets: Vec<String>,
    orchestrator: Option<PathBuf>,
    varies: Vec<String>,
    design: Option<&str>,
    points: Option<u64>,
    repeats: Option<u32>,
    summary: bool,
    seed: u64,
    memory: &str,
    jobs: Option<usize>,
    throttle: Option<Bound<'_, PyAny>>,
    switchover: Option<Bound<'_, PyAny>>,
    writes: Option<Bound<'_, PyAny>>,
) -> PyResult<Frame> {
    let py = scenario.py();
    let callables = Callables::new(throttle, switchover, writes)?;
    let (input, name) = match scenario.cast::<Scenario>() {
        Ok(read) => (read.get().input.with_sets(&sets), read.get().name.clone()),
        Err(_) => (texts::open(scenario, orchestrator, &sets)?, texts::name(scenario)),
    };
    let input = input.varying(&varies);
    let extent = Extent { design: design.map(self::design).transpose()?, points, repeats };
    let template = input.template(extent).map_err(|error| complaint::faults(&input, &error))?;
    complaint::warn(py, &input, &template.warnings)?;
    let memory = self::memory(memory)?;
    let made = attend(py, None, |stop| {
        let watch = Some(stop.watch());
        let asked = callables.asked(stop);
        let template = template.ruled_by(asked.rules.clone());
        let study = Study { template, name, seed, memory, watch, shard: Shard::WHOLE, summary };
        study.check().map_err(|error| complaint::input(error.to_string()))?;
        let workshop = Workshop::new(&study, InColumns);
        let mut all = Columns::default();
        let take = |made: Made<Columns>| {
            all.append(made.block);
            Ok::<(), SweepFailed>(())
        };
        sweep::run(&workshop, 0..study.rows(), jobs.unwrap_or(0), stop.flag(), take).map_err(|failed| failed.0)?;
        asked.unless_raised((workshop.columns, all))
    })?;
    columns::batch(made.0, made.1).map(Frame::new)
}

fn design(name: &str) -> PyResult<Design> {
    let found = Design::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, design)| *design).ok_or_else(|| {
        let known: Vec<String> = Design::NAMES.iter().map(|(known, _)| format!("`{known}`")).collect();
        complaint::input(format!("`{name}` is no design; these are: {}", known.join(", ")))
    })
}
