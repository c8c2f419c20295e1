//! Callables of Python that decide in the place of QEMU, and say what a guest writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use precopy::guest::OpenOrder;
use precopy::qemu::{
    AutoConvergeStep, OwnSwitchoverRule, OwnThrottleRule, SWITCHOVER_QUANTITIES, SwitchoverRule, SwitchoverStep,
    THROTTLE_QUANTITIES, ThrottleRule,
};
use precopy::scenario::OwnRules;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use crate::attend::Stop;
use crate::complaint;
use crate::writes::Writer;

/// The callables of one question; none where the scenario's own rules decide.
#[derive(Clone, Default)]
pub(crate) struct Callables {
    throttle: Option<Arc<Py<PyAny>>>,
    switchover: Option<Arc<Py<PyAny>>>,
    /// Orders of writes, by the number of their workload.
    writes: Vec<(usize, Arc<Py<PyAny>>)>,
}

/// Callables as the simulation asks them, until one raises.
pub(crate) struct Asked {
    pub(crate) rules: OwnRules,
    raised: Arc<Raised>,
}

/// The first exception of a callable, which ends the work.
#[derive(Debug)]
pub(crate) struct Raised {
    first: Mutex<Option<PyErr>>,
    stop: Arc<AtomicBool>,
}

/// One callable, with the class of `precopy.rules` that its argument has.
#[derive(Debug)]
struct Rule {
    callable: Arc<Py<PyAny>>,
    class: &'static str,
    raised: Arc<Raised>,
}

impl Callables {
    /// What was given under these names.
    pub(crate) fn new(
        throttle: Option<Bound<'_, PyAny>>,
        switchover: Option<Bound<'_, PyAny>>,
        writes: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Callables> {
        let callable = |name: &str, given: Option<Bound<'_, PyAny>>| match given {
            Some(given) if !given.is_callable() => Err(complaint::input(format!(
                "`{name}` is a callable; a rule that is a text is set as `policy__{name}`"
            ))),
            given => Ok(given.map(|given| Arc::new(given.unbind()))),
        };
        Ok(Callables {
            throttle: callable("throttle", throttle)?,
            switchover: callable("switchover", switchover)?,
            writes: writes.map_or(Ok(Vec::new()), orders)?,
        })
    }

    /// Ready to be asked during work that ends when one raises.
    pub(crate) fn asked(&self, stop: &Stop) -> Asked {
        let raised = Arc::new(Raised { first: Mutex::new(None), stop: Arc::clone(stop.flag()) });
        let rule = |callable: &Arc<Py<PyAny>>, class: &'static str| Rule {
            callable: Arc::clone(callable),
            class,
            raised: Arc::clone(&raised),
        };
        let order = |(index, callable): &(usize, Arc<Py<PyAny>>)| {
            let writer = Writer { callable: Arc::clone(callable), raised: Arc::clone(&raised) };
            (*index, OpenOrder::new(writer))
        };
        let rules = OwnRules {
            orders: self.writes.iter().map(order).collect(),
            throttle: self.throttle.as_ref().map(|given| OwnThrottleRule::new(rule(given, "ThrottleStep"))),
            switchover: self.switchover.as_ref().map(|given| OwnSwitchoverRule::new(rule(given, "SwitchoverStep"))),
        };
        Asked { rules, raised }
    }
}

/// The callable of the first workload, or a dict of them by the number of the workload.
fn orders(given: Bound<'_, PyAny>) -> PyResult<Vec<(usize, Arc<Py<PyAny>>)>> {
    let refused = || {
        complaint::input("`writes` is a callable, or a dict of callables by the number of their workload, from 0 on")
    };
    let orders = match given.cast::<PyDict>() {
        Ok(dict) => dict
            .iter()
            .map(|(index, order)| Ok((index.extract().map_err(|_| refused())?, order)))
            .collect::<PyResult<_>>()?,
        Err(_) => vec![(0, given)],
    };
    if orders.iter().any(|(_, order)| !order.is_callable()) {
        return Err(refused());
    }
    Ok(orders.into_iter().map(|(index, order)| (index, Arc::new(order.unbind()))).collect())
}

impl Asked {
    /// What the work made, unless a callable has raised.
    pub(crate) fn unless_raised<T>(&self, made: T) -> PyResult<T> {
        let first = self.raised.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        first.map_or(Ok(made), Err)
    }
}

impl Raised {
    /// Notes an exception, and ends the work.
    pub(crate) fn note(&self, error: PyErr) {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the work is to end: nothing is asked any more.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Rule {
    /// What the callable returns; NaN for None, and once the work is to end.
    fn value(&self, quantities: &[(&'static str, f64)], registers: &mut [f64; 4]) -> f64 {
        if self.raised.is_over() {
            return f64::NAN;
        }
        Python::attach(|py| self.ask(py, quantities, registers)).unwrap_or_else(|error| {
            self.raised.note(error);
            f64::NAN
        })
    }

    fn ask(&self, py: Python<'_>, quantities: &[(&'static str, f64)], registers: &mut [f64; 4]) -> PyResult<f64> {
        let fields = PyDict::new(py);
        for (name, value) in quantities {
            fields.set_item(PyString::intern(py, name), *value)?;
        }
        fields.set_item(intern!(py, "registers"), PyList::new(py, *registers)?)?;
        let step = py.import("precopy.rules")?.getattr(self.class)?.call((), Some(&fields))?;
        let returned = self.callable.bind(py).call1((&step,))?;
        *registers = step.getattr(intern!(py, "registers"))?.extract()?;
        let value: Option<f64> = returned.extract().map_err(|_| {
            let kind = returned.get_type().name().map_or_else(|_| String::new(), |name| format!(", not {name}"));
            PyTypeError::new_err(format!("a rule returns a number or None{kind}"))
        })?;
        Ok(value.unwrap_or(f64::NAN))
    }
}

impl ThrottleRule for Rule {
    fn throttle_pct(&self, step: &AutoConvergeStep, registers: &mut [f64; 4]) -> u8 {
        let quantities = THROTTLE_QUANTITIES.each_ref().map(|quantity| (quantity.name, quantity.value(step)));
        step.percentage(self.value(&quantities, registers))
    }
}

impl SwitchoverRule for Rule {
    fn switches_over(&self, step: &SwitchoverStep, registers: &mut [f64; 4]) -> bool {
        let quantities = SWITCHOVER_QUANTITIES.each_ref().map(|quantity| (quantity.name, quantity.value(step)));
        SwitchoverStep::is_stop(self.value(&quantities, registers))
    }
}
