//! Section `[policy]`: rules of one's own in the place of QEMU's.

use crate::expression::ExpressionError;
use crate::qemu::{
    OwnSwitchoverRule, OwnThrottleRule, Profile, QemuConfig, SHIPPED_SWITCHOVERS, SHIPPED_THROTTLES, ShippedRule,
    Switchover, SwitchoverExpression, Throttle, ThrottleExpression,
};
use crate::units::Span;
use crate::units::spelling::nearest;

use super::faults::{Faults, clip};
use super::keys;
use super::reader::{FoundValue, Section, list};
use super::tree::TextPlace;

/// QEMU's own rule.
const QEMU: &str = "qemu";
/// The best moment in hindsight.
const ORACLE: &str = "oracle";

/// Reads the section, and puts the rules into `config`. `above_decides`: an orchestrator stops the guest itself.
pub(super) fn read(top: &mut Section, config: Option<&mut QemuConfig>, above_decides: bool) {
    top.section("policy", |policy| {
        let deadline = keys::POLICY_DEADLINE.read(policy).map(|found| found.value);
        let throttle = keys::POLICY_THROTTLE.read(policy);
        let switchover = keys::POLICY_SWITCHOVER.read(policy);
        let throttle = throttle.and_then(|written| throttle_rule(policy, &written, deadline));
        let switchover = switchover.and_then(|written| switchover_rule(policy, &written, deadline));
        policy.finish(|_| None);
        let Some(config) = config else { return };
        config.deadline = deadline;
        if let Some(FoundValue { value, place, .. }) = throttle
            && can_throttle(policy, &place, config)
        {
            config.throttle_rule = Some(value);
        }
        if let Some(FoundValue { value, place, .. }) = switchover {
            if above_decides {
                let title = format!("`{}` is never asked", policy.path("switchover"));
                let help = "remove it, or the orchestrator's own rules for that";
                policy.faults.error(&place, title, "the orchestrator stops the guest itself").help(help);
            }
            config.switchover = value;
        }
    });
}

/// The rule for the throttle; none where that is QEMU's.
fn throttle_rule(
    policy: &mut Section,
    written: &FoundValue<String>,
    deadline: Option<Span>,
) -> Option<FoundValue<OwnThrottleRule>> {
    let path = policy.path("throttle");
    let name = written.value.trim();
    let is_own = ShippedRule::named(&SHIPPED_THROTTLES, name).is_some();
    if !is_own && (name == ORACLE || ShippedRule::named(&SHIPPED_SWITCHOVERS, name).is_some()) {
        return of_other(policy, written, "throttle", "switchover");
    }
    let text = rule(&path, written, &SHIPPED_THROTTLES, &[QEMU], policy.faults)?;
    let expression = understood(&path, written, ThrottleExpression::parse(text), policy.faults)?;
    if deadline.is_none() && expression.reads_deadline() {
        return without_deadline(policy, &written.place);
    }
    Some(FoundValue { value: OwnThrottleRule::new(expression), place: written.place.clone(), bare: false })
}

/// The rule for the switchover; none where that is QEMU's.
fn switchover_rule(
    policy: &mut Section,
    written: &FoundValue<String>,
    deadline: Option<Span>,
) -> Option<FoundValue<Switchover>> {
    let found = |value| Some(FoundValue { value, place: written.place.clone(), bare: false });
    if written.value.trim() == ORACLE {
        return found(Switchover::Oracle);
    }
    let path = policy.path("switchover");
    let name = written.value.trim();
    let is_own = ShippedRule::named(&SHIPPED_SWITCHOVERS, name).is_some();
    if !is_own && ShippedRule::named(&SHIPPED_THROTTLES, name).is_some() {
        return of_other(policy, written, "switchover", "throttle");
    }
    let text = rule(&path, written, &SHIPPED_SWITCHOVERS, &[QEMU, ORACLE], policy.faults)?;
    let expression = understood(&path, written, SwitchoverExpression::parse(text), policy.faults)?;
    if deadline.is_none() && expression.reads_deadline() {
        return without_deadline(policy, &written.place);
    }
    found(Switchover::Own(OwnSwitchoverRule::new(expression)))
}

/// Complains of the name of a rule that belongs to the other key.
fn of_other<T>(policy: &mut Section, written: &FoundValue<String>, key: &str, other: &str) -> Option<T> {
    let (path, name) = (policy.path(key), clip(written.value.trim()));
    let fault =
        policy.faults.error(&written.place, format!("`{path}` cannot be `{name}`"), format!("a rule for the {other}"));
    fault.help(format!("write `{other} = \"{name}\"`"));
    None
}

/// The expression that is written, or that a name stands for; none for QEMU's own rule, and for a slip in a name.
fn rule<'t>(
    path: &str,
    written: &'t FoundValue<String>,
    shipped: &'static [ShippedRule],
    own: &[&'static str],
    faults: &mut Faults,
) -> Option<&'t str> {
    let text = written.value.trim();
    if text == QEMU {
        return None;
    }
    if let Some(rule) = ShippedRule::named(shipped, text) {
        return Some(rule.rule);
    }
    let known = || own.iter().copied().chain(shipped.iter().map(|rule| rule.name));
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    // Quantities that stand alone are rules.
    if let Some(near) = nearest(text, known()).filter(|_| is_word && ThrottleExpression::parse(text).is_err()) {
        faults
            .error(&written.place, format!("`{path}` cannot be `{}`", clip(text)), "no rule has that name")
            .help(format!("did you mean `{near}`? There are {}; anything else is an expression", list(known())));
        return None;
    }
    Some(&written.value)
}

/// What was read, or a complaint at the place within the text.
fn understood<T>(
    path: &str,
    written: &FoundValue<String>,
    read: Result<T, ExpressionError>,
    faults: &mut Faults,
) -> Option<T> {
    read.map_err(|error| {
        let place = within(&written.place, &written.value, &error);
        let fault = faults.error(&place, format!("`{path}`: {}", error.title), "in this rule");
        fault.help = error.help;
    })
    .ok()
}

/// The place of a fault in a text that stands at `whole`; the whole where the text is not written as it is read.
fn within(whole: &TextPlace, text: &str, error: &ExpressionError) -> TextPlace {
    // A flag's value as it is; a text in quotes; one in three quotes, at once or on the next line.
    let before = match (whole.span.end - whole.span.start).checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        Some(6) => 3,
        Some(7) => 4,
        _ => return whole.clone(),
    };
    let at = whole.span.start + before;
    let end = at + error.span.end.max(error.span.start + 1).min(text.len().max(error.span.start + 1));
    TextPlace { source: whole.source.clone(), span: at + error.span.start..end }
}

/// Complains about a rule that reads `deadline` where none is given.
fn without_deadline<T>(policy: &mut Section, place: &TextPlace) -> Option<T> {
    if !policy.has("deadline") {
        let title = format!("`{}` is missing", policy.path("deadline"));
        let fault = policy.faults.error(place, title, "this rule reads `deadline`");
        fault.help("add `deadline = \"5 min\"`: how long the migration may take");
    }
    None
}

/// Whether there is a throttle in percent that a rule can set.
fn can_throttle(policy: &mut Section, place: &TextPlace, config: &QemuConfig) -> bool {
    let path = policy.path("throttle");
    if !config.capabilities.auto_converge {
        let title = format!("`{path}` needs `qemu.auto-converge`");
        policy
            .faults
            .error(place, title, "it is off, so that no rule is asked")
            .help(
                "add `auto-converge = true` to `[qemu]`, or switch it on by the orchestrator's own key where there is one \
                 (`live_migration_permit_auto_converge`, `allowAutoConverge`: docs/orchestrators.md); without a throttle, leave the \
                 rule out",
            );
        return false;
    }
    let has_percentage = matches!(Profile::of(config.version).throttle, Throttle::Ramp(_));
    if !has_percentage {
        let title = format!("`{path}` needs QEMU 2.5");
        let label = format!("QEMU {} has no throttle in percent", config.version);
        policy.faults.error(place, title, label).help("write `version = \"2.5\"` or later, or leave the rule out");
    }
    has_percentage
}
