//! The parts of a scenario, each of which can be read again alone when a key in it has changed.

use std::path::Path;

use crate::link::Link;
use crate::units::{Bytes, Span};
use crate::{guest, qemu};

use super::faults::Faults;
use super::keys;
use super::orchestrator_section::Above;
use super::reader::Section;
use super::tree::TextPlace;
use super::{
    At, Limits, Scenario, at_section, guest_section, limits, link_section, orchestrator_section, policy_section,
    qemu_section,
};

/// What was read; `None`: wrong, or not read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct ScenarioParts {
    question: Option<String>,
    guest: Option<guest::GuestConfig>,
    link: Option<Link>,
    qemu: Option<qemu::QemuConfig>,
    /// The layer above, and QEMU as it sets it up.
    above: Option<Above>,
    at: Option<Vec<At>>,
    limits: Option<Limits>,
}

/// One of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScenarioPart {
    Question,
    Guest,
    Link,
    Qemu,
    Above,
    Limits,
    At,
}

/// Whether two paths of keys are the same, or one leads to the other.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    let leads = |above: &str, below: &str| {
        below.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    leads(one, other) || leads(other, one)
}

impl ScenarioPart {
    /// Each after those that it needs.
    pub(super) const ALL: [ScenarioPart; 7] = [
        ScenarioPart::Question,
        ScenarioPart::Guest,
        ScenarioPart::Link,
        ScenarioPart::Qemu,
        ScenarioPart::Above,
        ScenarioPart::Limits,
        ScenarioPart::At,
    ];

    /// Keys that it is made from, with all below them; without a layer above QEMU nobody looks at the link.
    fn keys(self, has_above: bool) -> &'static [&'static str] {
        match self {
            ScenarioPart::Question => &["question"],
            ScenarioPart::Guest => &["guest"],
            ScenarioPart::Link => &["link"],
            ScenarioPart::Qemu => &["qemu", "host", "guest.memory"],
            ScenarioPart::Above if !has_above => &["policy", "qemu", "host", "guest.memory"],
            ScenarioPart::At if !has_above => &["at", "qemu", "host", "guest.memory", "limits"],
            ScenarioPart::Above => &["policy", "orchestrator", "qemu", "host", "guest.memory", "link"],
            ScenarioPart::At => &["at", "orchestrator", "qemu", "host", "guest.memory", "link", "limits"],
            ScenarioPart::Limits => &["limits", "orchestrator", "guest.memory"],
        }
    }

    /// Whether it changes with the key at `path`; `has_above`: there may be a section `[orchestrator]`.
    pub(super) fn depends_on(self, path: &str, has_above: bool) -> bool {
        self.keys(has_above).iter().any(|key| overlap(key, path))
    }

    /// Reads it anew; the parts that it needs must have been read.
    pub(super) fn read(self, top: &mut Section, folder: &Path, parts: &mut ScenarioParts) {
        match self {
            ScenarioPart::Question => parts.question = keys::QUESTION.read(top).map(|found| found.value),
            ScenarioPart::Guest => parts.guest = guest_section::read(top, folder),
            ScenarioPart::Link => parts.link = link_section::read(top, folder),
            ScenarioPart::Qemu => parts.qemu = qemu_section::read(top, guest_section::memory_alone(top)),
            ScenarioPart::Above => {
                let memory = guest_section::memory_alone(top);
                let mut above =
                    orchestrator_section::read(top, memory, parts.link.as_ref(), parts.qemu.clone(), folder);
                let decides = above.policy.as_ref().is_some_and(|policy| policy.decides_switchover);
                policy_section::read(top, above.qemu.as_mut(), decides);
                parts.above = Some(above);
            }
            ScenarioPart::At => {
                let above = parts.above.as_ref();
                let layer = above.map(|above| above.layer).unwrap_or_default();
                let limit = parts.limits.as_ref().map_or(Limits::TIME, |limits| limits.time);
                parts.at = Some(at_section::read(top, above.and_then(|above| above.qemu.as_ref()), layer, limit));
            }
            ScenarioPart::Limits => {
                let policy = parts.above.as_ref().and_then(|above| above.policy.as_ref());
                let memory = guest_section::memory_alone(top).unwrap_or(Bytes(0));
                parts.limits = Some(limits::read(top, policy.map_or(Span::ZERO, |policy| policy.last_due(memory))));
            }
        }
    }

    /// Puts it in its place in a scenario; it must have been read.
    pub(super) fn put(self, parts: &ScenarioParts, scenario: &mut Scenario) {
        fn set<T: Clone>(to: &mut T, from: Option<&T>) {
            if let Some(from) = from {
                to.clone_from(from);
            }
        }
        match self {
            ScenarioPart::Question => scenario.question.clone_from(&parts.question),
            ScenarioPart::Guest => set(&mut scenario.guest, parts.guest.as_ref()),
            ScenarioPart::Link => set(&mut scenario.link, parts.link.as_ref()),
            ScenarioPart::Above => {
                let Some(above) = &parts.above else { return };
                set(&mut scenario.qemu, above.qemu.as_ref());
                scenario.orchestrator.clone_from(&above.policy);
            }
            ScenarioPart::At => set(&mut scenario.at, parts.at.as_ref()),
            ScenarioPart::Limits => set(&mut scenario.limits, parts.limits.as_ref()),
            // The layer above has taken it over.
            ScenarioPart::Qemu => {}
        }
    }

    /// The parts that it is made from, beside the keys.
    pub(super) fn needs(self) -> &'static [ScenarioPart] {
        match self {
            ScenarioPart::Above => &[ScenarioPart::Link, ScenarioPart::Qemu],
            ScenarioPart::Limits => &[ScenarioPart::Above],
            ScenarioPart::At => &[ScenarioPart::Above, ScenarioPart::Limits],
            _ => &[],
        }
    }

    /// Whether others are made from it.
    pub(super) fn is_needed(self) -> bool {
        ScenarioPart::ALL.iter().any(|part| part.needs().contains(&self))
    }

    /// Takes over what it needs from parts that were read before.
    pub(super) fn lend(self, from: &ScenarioParts, to: &mut ScenarioParts) {
        self.needs().iter().for_each(|part| part.copy(from, to));
    }

    /// Takes it over from other parts.
    pub(super) fn copy(self, from: &ScenarioParts, to: &mut ScenarioParts) {
        match self {
            ScenarioPart::Question => to.question.clone_from(&from.question),
            ScenarioPart::Guest => to.guest.clone_from(&from.guest),
            ScenarioPart::Link => to.link.clone_from(&from.link),
            ScenarioPart::Qemu => to.qemu.clone_from(&from.qemu),
            ScenarioPart::Above => to.above.clone_from(&from.above),
            ScenarioPart::At => to.at.clone_from(&from.at),
            ScenarioPart::Limits => to.limits.clone_from(&from.limits),
        }
    }
}

/// Draws of a link's bandwidth in one run.
const DRAWS: u64 = 1_000_000;

impl ScenarioParts {
    /// Whether it is known that pages sent again go whole.
    pub(super) fn is_without_xbzrle(&self) -> bool {
        let qemu = self.above.as_ref().and_then(|above| above.qemu.as_ref());
        qemu.is_some_and(|qemu| !qemu.capabilities.xbzrle)
    }

    /// Whether an orchestrator sets `max-bandwidth`.
    pub(super) fn orchestrator_sets_bandwidth(&self) -> bool {
        self.above.as_ref().is_some_and(|above| above.sets_bandwidth)
    }

    /// The whole, if all parts are there and go together.
    pub(super) fn scenario(&self, faults: &mut Faults) -> Option<Scenario> {
        if let (Some(link), Some(limits)) = (&self.link, &self.limits)
            && !go_together(link, limits, faults)
        {
            return None;
        }
        Some(Scenario {
            question: self.question.clone(),
            guest: self.guest.clone()?,
            link: self.link.clone()?,
            qemu: self.above.as_ref()?.qemu.clone()?,
            orchestrator: self.above.as_ref()?.policy.clone(),
            at: self.at.clone()?,
            limits: self.limits.clone()?,
            assumed: Vec::new(),
        })
    }
}

/// Whether a link's bandwidth is not drawn too often until the run's end.
pub(super) fn go_together(link: &Link, limits: &Limits, faults: &mut Faults) -> bool {
    let too_often = link.jitter.is_some_and(|jitter| limits.time.0 / jitter.every.0.max(1) > DRAWS);
    if too_often {
        let title = "`link.jitter.every` is too short for `limits.time`";
        let label = format!("more than {DRAWS} draws of the bandwidth in {}", limits.time);
        faults.error(&TextPlace::NOWHERE, title, label).help("draw less often, or lower the limit");
    }
    !too_often
}
