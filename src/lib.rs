//! Discrete-event simulator of QEMU live migration: will it converge, how long, and at what cost to the guest?
//!
//! A migration copies RAM while the guest goes on writing to it. Each pass sends what was dirtied during the one
//! before. Whether the passes become short enough to stop the guest for the rest depends on the guest, the link, and
//! what QEMU does about it:
//!
//! ```text
//!  RAM still to send
//!  █
//!  ██▆
//!  █████▃                                         the guest may be stopped
//!  ███████▆   ▃                                   once no more than this is left
//!  █████████▃ ██▃  ▂      ▂                         │
//!  ████████████████▆█▆▂ ▄ █▆▂ ▅▂ ▃▁ ▂ ▁ ▁ ─ ─ ─ ─ ──┘
//!  │ pass 1   │ 2   │ 3  │ 4  │  ...   │ stop-and-copy
//!                   ▲ the throttle begins: the guest writes less, and passes become shorter
//! ```
//!
//! # One migration
//!
//! ```
//! use precopy::scenario::Input;
//! use precopy::sim::{self, Options, Verdict};
//!
//! let file = r#"
//!     [guest]
//!     memory = "8 GiB"
//!     zero   = "50 %"
//!
//!     [[guest.workload]]
//!     kind   = "hot-cold"
//!     region = "1 GiB"
//!     hot    = "10 %"
//!     share  = "90 %"
//!     rate   = "60000 pages/s"
//!
//!     [link]
//!     bandwidth = "1 Gbit/s"
//!
//!     [qemu]
//!     version = "8.2"
//!     max-bandwidth = 0
//! "#;
//! let scenario = Input::new("example.toml", file, &[])?.load().expect("the file is right").scenario;
//! let (outcome, _) = sim::run(&scenario, &Options::default())?;
//!
//! assert_eq!(outcome.verdict, Verdict::NotConverged);
//! println!("{}", outcome.reason);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Passes settle where the guest dirties as much as is sent meanwhile, at 59 MiB here, and only 36 MiB fit into the
//! default `downtime-limit` of 300 ms. Changing the scenario in place asks the next question, and a
//! [`Timeline`](sim::Timeline) tells what happened on the way:
//!
//! ```
//! # use precopy::scenario::Input;
//! # use precopy::sim::{self, Event, Options, Verdict};
//! # let file = "[guest]\nmemory = \"8 GiB\"\nzero = \"50 %\"\n[[guest.workload]]\nkind = \"hot-cold\"\n\
//! #     region = \"1 GiB\"\nhot = \"10 %\"\nshare = \"90 %\"\nrate = \"60000 pages/s\"\n\
//! #     [link]\nbandwidth = \"1 Gbit/s\"\n[qemu]\nversion = \"8.2\"\nmax-bandwidth = 0";
//! # let mut scenario = Input::new("example.toml", file, &[])?.load().expect("the file is right").scenario;
//! scenario.qemu.capabilities.auto_converge = true;
//! let (outcome, timeline) = sim::run(&scenario, &Options { timeline: true, ..Options::default() })?;
//!
//! assert_eq!(outcome.verdict, Verdict::Converged);
//! assert!(outcome.downtime_ms.is_some_and(|ms| ms < 350.0));
//! for step in timeline.rows.iter().filter(|row| row.event == Event::Throttle) {
//!     println!("{:.0} s: {} %", step.t_ms / 1e3, step.throttle_pct);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A scenario made in Rust, a rule and a workload of one's own
//!
//! [`Scenario::new`](scenario::Scenario::new) makes one without a text, and its fields are public: what
//! [`sim::run`] is given it checks first. [`qemu::ThrottleRule`] decides in place of auto-converge,
//! [`qemu::SwitchoverRule`] when the guest is stopped, and [`guest::WorkloadModel`] says what a program writes. `tests/downstream` is a crate that does all of this.
//!
//! Without default features the library is the simulation alone, with fewer than 30 crates:
//!
//! ```toml
//! [dependencies]
//! precopy = { version = "0.1", default-features = false }
//! ```
//!
//! # Where things are
//!
//! Imports run downward only, so a reader can stop at any level.
//!
//! | module | holds |
//! |---|---|
//! | [`sim`] | one migration, or several on one link, through time |
//! | [`metrics`], [`goal`] | every figure of an outcome described; comparisons with what is wanted |
//! | [`scenario`] | what was asked for, checked |
//! | [`recordings`] | what was written page by page, as tools print it |
//! | [`guest`], [`link`], [`qemu`], [`orchestrator`] | the actors, which do not know each other |
//! | [`units`], [`statistic`], [`expression`] | bytes, pages, rates, time; a figure over many runs; rules of one line |
//!
//! The other modules are the program `precopy` (feature `program`, on by default) and serve it and its tests: they may
//! change in any release. From above: `cli` is the command line, `report` and `plot` make text, pages and pictures, `results`
//! reads results back, `compare`, `fit`, `replay`, `sweep`, `plan`, `drain`, `check`, `why`, `probe` and `survey` are the studies, `inventory`
//! reads lists of guests, `disk` writes files, and
//! `sink` makes text from outside fit for where it goes out.
//!
//! `docs/model.md` explains how the model works, `docs/accuracy.md` how close it comes to a real QEMU, and
//! `docs/spec/qemu-precopy.md` is the behaviour that comments cite as "qemu-precopy 4.2".

#![warn(unreachable_pub)]

#[cfg(feature = "program")]
#[doc(hidden)]
pub mod check;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod compare;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod disk;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod drain;
pub mod expression;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod fit;
pub mod goal;
pub mod guest;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod inventory;
pub mod link;
pub mod metrics;
pub mod orchestrator;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod plan;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod plot;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod probe;
pub mod qemu;
pub mod recordings;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod replay;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod report;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod results;
pub mod scenario;
pub mod sim;
#[doc(hidden)]
pub mod sink;
pub mod statistic;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod survey;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod sweep;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod uncertain;
pub mod units;
#[cfg(feature = "program")]
#[doc(hidden)]
pub mod why;
#[doc(hidden)]
pub mod yaml;
