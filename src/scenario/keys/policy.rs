//! Keys of rules in the place of QEMU's own.

use crate::scenario::Limits;
use crate::scenario::key::{Key, KeyRow, NumberForm, TextForm, WordForm, keys};
use crate::units::Span;

keys! {
    /// how much the guest is throttled, decided as often as QEMU decides it; needs `auto-converge`
    POLICY_THROTTLE: WordForm = "policy.throttle", WordForm("qemu"),
        written("`\"qemu\"`, a [name](policies.md#rules-with-a-name) or an [expression](policies.md#expressions)");
    /// when the guest is stopped, decided after each sync that ends a pass
    POLICY_SWITCHOVER: WordForm = "policy.switchover", WordForm("qemu"),
        written("`\"qemu\"`, `\"oracle\"`, a name or an expression");
    /// how long the migration may take, for rules that read it
    POLICY_DEADLINE: NumberForm<Span> = "policy.deadline", NumberForm::new(Span(1), Limits::MOST), default("none");

    /// what its rows have in the column `policy`
    BUNDLE_NAME: TextForm = "sweep.policy.0.name", TextForm, default("required");
}
