//! The native half of the Python package `precopy`: what a call asks is put to the library, and what the library answers becomes
//! an object of Python.
//!
//! ```text
//! texts ── a scenario: file, dict or text, with keys set over it
//! attend ── work with the lock of the interpreter released, and Ctrl-C
//! outcome, sweep, command ── questions
//! rules, writes ── callables that decide in the place of QEMU, and say what a guest writes
//! frame ◄── columns ── answers with many rows, by way of Arrow
//! complaint ── what is refused, as exceptions with file, line and remedy
//! ```

mod attend;
mod columns;
mod command;
mod complaint;
mod frame;
mod outcome;
mod rules;
mod scenario;
mod sweep;
mod texts;
mod writes;

use pyo3::prelude::*;

/// The native half of the package.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::command::{ask, fitted, why};
    #[pymodule_export]
    use super::frame::Frame;
    #[pymodule_export]
    use super::outcome::Outcome;
    #[pymodule_export]
    use super::scenario::Scenario;
    #[pymodule_export]
    use super::sweep::swept;
    #[pymodule_export]
    use super::writes::WriteStep;

    /// Version of the simulator.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
