//! Words of which a key holds one, and what they stand for.

use crate::orchestrator::Act;

/// What an operator can do beside setting parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperatorAction {
    Pause,
    Continue,
    PostCopy,
    Abort,
}

impl OperatorAction {
    pub(super) const WORDS: [(&'static str, OperatorAction); 4] = [
        ("post-copy", OperatorAction::PostCopy),
        ("pause", OperatorAction::Pause),
        ("continue", OperatorAction::Continue),
        ("abort", OperatorAction::Abort),
    ];
}

/// When a rule of one's own is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleOccasion {
    Start,
    Poll,
    Iteration,
    Timer,
    Refused,
}

impl RuleOccasion {
    pub(super) const WORDS: [(&'static str, RuleOccasion); 5] = [
        ("poll", RuleOccasion::Poll),
        ("start", RuleOccasion::Start),
        ("iteration", RuleOccasion::Iteration),
        ("timer", RuleOccasion::Timer),
        ("refused", RuleOccasion::Refused),
    ];
}

/// What a rule of one's own does, if it sets nothing.
pub(super) const ACTS: [(&str, Act); 7] = [
    ("pause", Act::Pause),
    ("post-copy", Act::PostCopy),
    ("abort", Act::Abort),
    ("switch-over", Act::SwitchOver),
    ("switch-over-after-pass", Act::SwitchOverAfterPass),
    ("force-complete", Act::QueueForceComplete),
    ("nothing", Act::Nothing),
];

/// Whose scheduler: a product's, or the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SchedulerKind {
    Nova,
    Ovirt,
    KubeVirt,
    OpenShift,
    Harvester,
    Proxmox,
    Vsphere,
    Slots,
}

impl SchedulerKind {
    pub(super) const WORDS: [(&'static str, SchedulerKind); 8] = [
        ("nova", SchedulerKind::Nova),
        ("ovirt", SchedulerKind::Ovirt),
        ("kubevirt", SchedulerKind::KubeVirt),
        ("openshift", SchedulerKind::OpenShift),
        ("harvester", SchedulerKind::Harvester),
        ("proxmox", SchedulerKind::Proxmox),
        ("vsphere", SchedulerKind::Vsphere),
        ("slots", SchedulerKind::Slots),
    ];
}
