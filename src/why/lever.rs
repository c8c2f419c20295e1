//! What could have been set otherwise.

use crate::link::Link;
use crate::qemu::MonitorCommand;
use crate::scenario::{At, Scenario, Setting, SettingValue, When};
use crate::units::{Rate, Span};

/// Something that could have been set otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lever {
    /// The throttle.
    AutoConverge,
    /// No limit of bandwidth.
    NoCap,
    /// A longer downtime [ms].
    Downtime(u64),
    /// More time [s].
    Longer(u64),
    /// A switch to post-copy after the first pass.
    PostCopy,
    /// A faster link [bytes/s].
    Faster(f64),
    /// A throttle that bites sooner.
    ThrottleFaster,
    /// Syncs as passes end, and not at each step.
    NoSyncPerStep,
}

impl Lever {
    /// Its place among the words of a product.
    pub(super) fn index(self) -> usize {
        match self {
            Lever::AutoConverge => 0,
            Lever::NoCap => 1,
            Lever::Downtime(_) => 2,
            Lever::Longer(_) => 3,
            Lever::PostCopy => 4,
            Lever::Faster(_) => 5,
            Lever::ThrottleFaster => 6,
            Lever::NoSyncPerStep => 7,
        }
    }

    /// Its value as text; empty for a switch.
    pub(super) fn value(self) -> String {
        match self {
            Lever::Downtime(ms) => ms.to_string(),
            Lever::Longer(seconds) => format!("{seconds} s"),
            Lever::Faster(rate) => Rate(rate as u64).to_string(),
            _ => String::new(),
        }
    }

    /// The same as keys of a scenario; none where only a product has it.
    pub fn settings(self) -> Vec<Setting> {
        let switch = |path: &'static str, on: bool| Setting::new(path, on);
        match self {
            Lever::AutoConverge => vec![switch("qemu.auto-converge", true)],
            Lever::NoCap => vec![Setting::new("qemu.max-bandwidth", 0.0)],
            Lever::Downtime(ms) => vec![Setting::amount("qemu.downtime-limit", ms as f64, "ms")],
            Lever::Longer(_) => Vec::new(),
            Lever::PostCopy => {
                let start = SettingValue::section([("after-pass", 2.0.into()), ("action", "post-copy".into())]);
                vec![switch("qemu.postcopy-ram", true), Setting::new("at.+", start)]
            }
            Lever::Faster(rate) => vec![Setting::amount("link.bandwidth", rate * 8e-9, "Gbit/s")],
            Lever::ThrottleFaster => {
                vec![Setting::new("qemu.cpu-throttle-initial", 50.0), Setting::new("qemu.cpu-throttle-increment", 25.0)]
            }
            Lever::NoSyncPerStep => vec![switch("qemu.postcopy-ram", false)],
        }
    }

    /// Changes a scenario so.
    pub fn apply(self, scenario: &mut Scenario) {
        let params = &mut scenario.qemu.params;
        match self {
            Lever::AutoConverge => scenario.qemu.capabilities.auto_converge = true,
            Lever::NoCap => params.max_bandwidth = Rate(0),
            Lever::Downtime(ms) => params.downtime_limit = Span::from_ms(ms),
            Lever::Longer(seconds) => scenario.limits.time = Span(seconds.saturating_mul(1_000_000_000)).max(Span(1)),
            Lever::PostCopy => {
                scenario.qemu.capabilities.postcopy_ram = true;
                scenario.at.push(At { when: When::Pass(2), command: MonitorCommand::StartPostcopy });
            }
            Lever::Faster(rate) => {
                scenario.link = Link { latency: scenario.link.latency, ..Link::constant(Rate(rate as u64)) };
                params.max_bandwidth = Rate(0);
            }
            Lever::ThrottleFaster => (params.cpu_throttle_initial, params.cpu_throttle_increment) = (50, 25),
            Lever::NoSyncPerStep => scenario.qemu.capabilities.postcopy_ram = false,
        }
    }
}
