//! What was asked for: a TOML file and `--set` flags become a typed [`Scenario`], or a list
//! of [`Diagnostic`](diagnostic::Diagnostic)s that point into the file. A scenario that is made or changed in Rust is held
//! against the same bounds by [`Scenario::check`], which [`sim::run`](crate::sim::run) asks first.
//!
//! ```
//! use precopy::scenario::Input;
//!
//! let file = r#"
//!     [guest]
//!     memory = "16 GiB"
//!
//!     [link]
//!     bandwidth = "10 Gbit/s"
//! "#;
//! let flags = ["qemu.auto-converge=true".to_owned()];
//! let loaded = Input::new("example.toml", file, &flags).unwrap().load().unwrap();
//! assert!(loaded.scenario.qemu.capabilities.auto_converge);
//!
//! let faults = Input::new("example.toml", "[guest]\nmemory = \"16 GiBs\"", &[]).unwrap().load().unwrap_err();
//! assert_eq!(faults[0].title, "`link.bandwidth` is missing");
//! assert_eq!(faults[1].help.as_deref(), Some("did you mean `GiB`?"));
//! ```
//!
//! The text goes through three steps: `syntax` makes a tree in which every value knows its place, `flags` puts
//! the values of `--set` into it, and one module a section reads typed values out of it.

mod above;
mod assumed;
mod at_section;
mod axis;
mod builder;
mod bundle;
mod check;
mod design;
pub mod diagnostic;
mod draft;
mod draw;
mod expand;
mod faults;
mod figure;
mod fingerprint;
mod first;
mod flags;
mod fleet;
mod fleet_column;
mod fleet_csv;
mod fleet_load;
mod heading;
mod input;
mod invalid_input;
mod key;
mod keys;
mod layout;
mod limits;
mod load;
mod loads;
mod measured;
mod node;
mod node_section;
mod number_file;
mod orchestrator_section;
mod order;
mod outline;
mod own_rules;
mod part;
mod parts;
mod policy_section;
pub mod presets;
mod product_section;
mod program_size;
mod reader;
mod recorded;
mod rules_hidden;
mod rules_section;
mod rules_when;
mod schedule_file;
mod scheduler_section;
pub mod schema;
mod setting;
mod settings;
mod shape;
mod sheet;
mod sheet_number;
mod short_recording;
mod sight;
mod spread;
mod syntax;
mod template;
mod tree;
mod vary_flag;
mod words;

mod guest_section;
mod host_section;
mod link_section;
mod qemu_host;
mod qemu_levers;
mod qemu_params;
mod qemu_section;
mod sweep_section;
mod workload_kind;
mod workload_section;

pub use above::orchestrator_set;
pub use assumed::{Assumption, condition};
pub use axis::{Axis, Item, Pick, Shown, Values};
pub use builder::{Builder, Kept};
pub use check::{CheckedScenario, Fault, InvalidScenario, Wrong};
pub use design::{Design, Extent};
pub use draft::Draft;
pub use figure::Figure;
pub use first::FirstGuest;
pub use fleet::{Fleet, Guest, GuestSla, LoadedFleet};
pub use input::{Input, Unreadable};
pub use invalid_input::{FaultPlace, InvalidInput};
pub use key::KeyRow;
pub use keys::key_rows;
pub use load::Loaded;
pub use loads::Loads;
pub use node::{FleetNode, Upgrade};
pub use own_rules::OwnRules;
pub use scheduler_section::{SCHEDULERS, slots_sets};
pub use setting::{Setting, SettingValue};
pub use settings::{SettingsFault, SettingsFlag, settings_flags};
pub use template::Template;

use serde::Serialize;

use crate::units::{Bytes, Rate, Span, Time};
use crate::{guest, link, orchestrator, qemu};

/// One migration to simulate. What a file or a flag says is checked when it is read, and what Rust says by
/// [`check`](Scenario::check), which [`sim::run`](crate::sim::run) asks first.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// The question that the file asks, in its own words.
    pub question: Option<String>,
    /// The guest.
    pub guest: guest::GuestConfig,
    /// The link between the hosts.
    pub link: link::Link,
    /// The source QEMU.
    pub qemu: qemu::QemuConfig,
    /// The layer above QEMU, if there is one.
    pub orchestrator: Option<orchestrator::Policy>,
    /// What an operator does by hand, in order of time.
    pub at: Vec<At>,
    /// Where to stop.
    pub limits: Limits,
    /// What no key says, and what it is taken for; empty where a scenario was not read from a text.
    #[serde(skip)]
    pub assumed: Vec<Assumption>,
}

impl Scenario {
    /// vCPU time of the first write to a page after its log was armed.
    pub fn fault_cost(&self) -> Span {
        self.guest.fault_cost.unwrap_or(self.qemu.accel.fault_cost())
    }

    /// An idle guest of so much RAM over a link of so much, under a QEMU with its release's own defaults; what is to be
    /// different is set in its fields.
    ///
    /// ```
    /// use precopy::guest::{Law, Workload};
    /// use precopy::qemu::Version;
    /// use precopy::scenario::Scenario;
    /// use precopy::sim::{self, Options, Verdict};
    /// use precopy::units::{Bytes, PageRate, Pages, Rate};
    ///
    /// let mut scenario = Scenario::new(Bytes(8 << 30), Rate(1_250_000_000), Version::new(8, 2));
    /// scenario.guest.workloads = vec![Workload::steady(Law::Uniform, Bytes(1 << 30).pages(), PageRate(200_000.0))];
    /// scenario.qemu.capabilities.auto_converge = true;
    /// let (outcome, _) = sim::run(&scenario, &Options::default())?;
    /// assert_eq!(outcome.verdict, Verdict::Converged);
    /// # Ok::<(), precopy::scenario::InvalidScenario>(())
    /// ```
    pub fn new(memory: Bytes, bandwidth: Rate, version: qemu::Version) -> Scenario {
        Scenario {
            question: None,
            guest: guest::GuestConfig::idle(memory.pages()),
            link: link::Link::constant(bandwidth),
            qemu: qemu::QemuConfig::defaults(version, qemu::Accel::Kvm, memory),
            orchestrator: None,
            at: Vec::new(),
            limits: Limits { time: Limits::TIME },
            assumed: Vec::new(),
        }
    }

    /// Speed at which QEMU finds that a page is all zero: the guest's own, or that of the host.
    pub fn zero_scan(&self) -> Rate {
        self.guest.zero_scan.unwrap_or(self.qemu.host.zero_scan)
    }
}

/// A command at a given moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct At {
    /// When it is given.
    pub when: When,
    /// What is to be done.
    pub command: qemu::MonitorCommand,
}

/// The moment of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// So long after the `migrate` command.
    Time(Time),
    /// As soon as this pass has begun.
    Pass(u64),
}

/// Where a run stops that has not ended by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Limits {
    /// Simulated time; a migration that is not over by then did not converge [ns].
    pub time: Span,
}

impl Limits {
    /// One hour: the default where no orchestrator has a timeout.
    pub const TIME: Span = Span::from_ms(3_600_000);
    /// The longest run: ten years.
    pub const MOST: Span = Span::from_ms(10 * 365 * 24 * 3_600_000);
}
