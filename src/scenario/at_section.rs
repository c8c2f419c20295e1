//! Sections `[[at]]`: what an operator does while the migration runs.

use crate::orchestrator::Layer;
use crate::qemu::{Accel, LibvirtSupport, MigrationOption, MonitorCommand, QemuConfig, Version};
use crate::units::{Bytes, Span, Time};

use super::keys;
use super::orchestrator_section::changeable;
use super::reader::{Foreign, Section};
use super::words::OperatorAction;
use super::{At, When};
use super::{qemu_params, qemu_section, reader::FoundValue};

/// Reads all of them, in order of time, for a QEMU that starts as `config`, is told through `layer`, and a run that ends after
/// `limit`.
pub(super) fn read(top: &mut Section, config: Option<&QemuConfig>, layer: Layer, limit: Span) -> Vec<At> {
    let mut now = config.cloned().unwrap_or_else(|| QemuConfig::defaults(Version::NEWEST, Accel::Kvm, Bytes(0)));
    let version = config.map(|config| config.version);
    let mut last: Option<FoundValue<Span>> = None;
    let (mut paused, mut over) = (false, false);
    let list = top.sections("at", |at| {
        let pass = keys::AFTER_PASS.read(at);
        if !at.has("after-pass") {
            at.require("time", "\"60 s\"");
        }
        let time = keys::AT_TIME.read(at);
        if let (Some(pass), Some(time)) = (&pass, &time) {
            let title = format!("`{}` and `{}` stand in one section", at.path("time"), at.path("after-pass"));
            at.faults
                .error(&pass.place, title, "one of the two")
                .note(&time.place, "the other")
                .help("`time` counts from the migrate command, `after-pass` waits for a pass to begin");
        }
        let action = keys::AT_ACTION.read(at);
        let set = at.raw("set").is_some().then(|| {
            at.section("set", |set| {
                qemu_params::read(set, now.version, &mut now, MigrationOption::is_parameter);
                set.finish(fixed);
                if layer == Layer::Libvirt {
                    past_libvirt(set);
                }
                if let Some(value) = version {
                    qemu_section::ages(set, &FoundValue { value, place: set.place.clone(), bare: false });
                }
            })
        });
        at.finish(|_| None);
        let place = at.place.clone();
        match (&action, &set) {
            (Some(action), Some(())) => {
                let title = format!("`{}` and `{}` stand in one section", at.path("action"), at.path("set"));
                at.faults.error(&action.place, title, "one of the two").help("write a second `[[at]]` for the other");
            }
            (None, None) if !at.has("action") => {
                at.faults.error(&place, "this `[[at]]` does nothing", "neither `action` nor `set`").help(
                    "add `action = \"post-copy\"`, `\"pause\"`, `\"continue\"` or `\"abort\"`, or `set = { downtime-limit = \"1 s\" }`",
                );
            }
            _ => {}
        }
        if let (Some(time), Some(before)) = (&time, &last)
            && time.value < before.value
        {
            let title = format!("`{}` is earlier than the `[[at]]` before it", at.path("time"));
            at.faults
                .error(&time.place, title, "goes back in time")
                .note(&before.place, "after this".to_owned())
                .help("write the sections in order of time");
        }
        if let Some(time) = time.as_ref().filter(|time| time.value >= limit) {
            let title = format!("`{}` is never reached", at.path("time"));
            let label = format!("the run ends after {limit}");
            at.faults.warn(&time.place, title, label).help("do it earlier, or raise `limits.time`");
        }
        if let (Some(time), true) = (&time, over) {
            let title = "nothing can be done after `abort`";
            at.faults.error(&time.place, title, "the migration is over by then");
        }
        if let Some(action) = &action {
            match action.value {
                OperatorAction::Pause if paused => {
                    at.faults.error(&action.place, "the guest is paused already", "paused by then");
                }
                OperatorAction::Continue if !paused => {
                    let help = "QEMU lets a running guest run; remove it, or pause before";
                    at.faults.error(&action.place, "there is nothing to continue", "the guest runs").help(help);
                }
                OperatorAction::PostCopy if config.is_some_and(|config| !config.capabilities.postcopy_ram) => {
                    at.faults
                        .error(&action.place, "post-copy cannot be started", "the capability `postcopy-ram` is off")
                        .help("add `postcopy-ram = true` to `[qemu]`; QEMU wants it before the migration");
                }
                _ => {}
            }
            paused = action.value == OperatorAction::Pause || (paused && action.value != OperatorAction::Continue);
            over |= action.value == OperatorAction::Abort;
        }
        let command = match action {
            Some(action) => Some(match action.value {
                OperatorAction::Pause => MonitorCommand::Pause,
                OperatorAction::Continue => MonitorCommand::Continue,
                OperatorAction::PostCopy => MonitorCommand::StartPostcopy,
                OperatorAction::Abort => MonitorCommand::Cancel,
            }),
            None => set.map(|()| MonitorCommand::Set(now.params.clone())),
        };
        let when = match (&time, pass) {
            (Some(time), _) => Some(When::Time(Time::ZERO + time.value)),
            (None, pass) => pass.map(|pass| When::Pass(u64::from(pass.value))),
        };
        let at = when.zip(command).map(|(when, command)| At { when, command });
        last = time.or(last.take());
        at
    });
    list.into_iter().flatten().collect()
}

/// Complains about parameters that QEMU would change, but that libvirt does not pass on.
fn past_libvirt(set: &mut Section) {
    for entry in set.entries() {
        if MigrationOption::modelled(&entry.key).is_some_and(|option| option.libvirt != LibvirtSupport::Live) {
            let title = format!("`{}` cannot be changed after the start", set.path(&entry.key));
            let label = "QEMU would, but libvirt passes it on at the start only";
            set.faults.error(&entry.place, title, label).help(changeable());
        }
    }
}

/// Keys of `[qemu]` that cannot be set while a migration runs.
fn fixed(key: &str) -> Option<Foreign> {
    let what = match key {
        "version" | "accel" | "dirty-log" | "first-migration" | "setup-time" | "sync-time" | "switchover-time" => {
            "is fixed for the whole run"
        }
        name if MigrationOption::modelled(name).is_some() => {
            "is a capability, and QEMU lets no capability be changed while it migrates"
        }
        _ => return qemu_section::not_modelled(key),
    };
    Some(Foreign {
        title: format!("`{key}` cannot be set during the migration"),
        label: what.to_owned(),
        help: "set it in `[qemu]`".to_owned(),
    })
}
