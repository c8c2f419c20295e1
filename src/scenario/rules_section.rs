//! `kind = "rules"`: a user's own policy.

use crate::orchestrator::{Act, DowntimeChange, Policy, Poll, Rule, RuleEvent};
use crate::qemu::MAX_DOWNTIME_LIMIT;
use crate::units::Span;
use crate::units::parse::Quantity;

use super::faults::clip;
use super::keys;
use super::reader::{FoundValue, Section, list, quantity};
use super::rules_hidden::PlacedRule;
use super::shape;
use super::tree::{Node, TomlValue};
use super::words::RuleOccasion;
use super::{rules_hidden, rules_when};

/// Most rules.
const MOST_RULES: usize = 1000;

/// Reads the rules; `None` if one is wrong.
pub(super) fn read(section: &mut Section, downtime_limit: Option<Span>) -> Option<Policy> {
    let before = section.faults.errors.len();
    let poll = poll(section);
    let first_match = keys::MATCH.value(section);
    section.require("rule", "[{ when = { time_elapsed = \"> 60 s\" }, action = \"abort\" }]");
    let mut rules: Vec<Option<PlacedRule>> = Vec::new();
    section.sections("rule", |rule| {
        let read = one(rule, &rules, downtime_limit);
        rules.push(read);
    });
    if rules.len() > MOST_RULES {
        let place = section.place.clone();
        section.faults.error(&place, format!("`{}` is too long", section.path("rule")), "at most 1000 rules");
    }
    section.finish(|_| None);
    let rules: Vec<PlacedRule> = rules.into_iter().flatten().collect();
    rules_hidden::complain(section, &rules, first_match);
    if section.faults.errors.len() > before {
        return None;
    }
    let mut policy = Policy::new("rules", poll);
    policy.rules =
        rules.into_iter().map(|placed| Rule { last: placed.rule.last || first_match, ..placed.rule }).collect();
    policy.decides_switchover =
        policy.rules.iter().any(|rule| matches!(rule.act, Act::SwitchOver | Act::SwitchOverAfterPass));
    Some(policy)
}

fn poll(section: &mut Section) -> Poll {
    let period = keys::POLL.value(section);
    let first = keys::FIRST_POLL.read(section);
    Poll { first: first.map_or(period, |found| found.value), ..Poll::every(period) }
}

fn one(section: &mut Section, before: &[Option<PlacedRule>], downtime_limit: Option<Span>) -> Option<PlacedRule> {
    let name = keys::RULE_NAME.read(section).map(|found| found.value);
    let on = keys::RULE_ON.value(section);
    let time = keys::RULE_TIME.read(section);
    let timer = match (on, &time) {
        (RuleOccasion::Timer, None) if !section.has("time") => {
            section.require("time", "\"60 s\"");
            None
        }
        (RuleOccasion::Timer, _) => time.as_ref().map(|time| RuleEvent::Timer(time.value)),
        (RuleOccasion::Start, None) => Some(RuleEvent::Start),
        (RuleOccasion::Poll, None) => Some(RuleEvent::Poll),
        (RuleOccasion::Iteration, None) => Some(RuleEvent::Iteration),
        (RuleOccasion::Refused, None) => Some(RuleEvent::Refused),
        (_, Some(time)) => {
            let title = format!("`{}` belongs to a timer", section.path("time"));
            let help = "write `on = \"timer\"`, or a condition such as `when = { time_elapsed = \"> 60 s\" }`";
            section.faults.error(&time.place, title, "this rule has none").help(help);
            None
        }
    };
    let when = rules_when::conditions(section);
    let act = act(section, downtime_limit);
    let once = keys::ONCE.value(section);
    let hold = keys::HOLD.read(section).map(|found| found.value);
    let last = keys::LAST.value(section);
    let resets_rises = keys::RESET_RISES.value(section);
    let after = keys::AFTER.read(section);
    let after = after.map(|after| after_rule(section, &after, before));
    section.finish(|_| None);
    let rule = Rule {
        on: timer?,
        when: when?,
        act: act?,
        why: name.clone().unwrap_or_else(|| format!("rule {}", before.len() + 1)),
        once,
        after: match after {
            Some(found) => Some(found?),
            None => None,
        },
        hold,
        last,
        resets_rises,
    };
    Some(PlacedRule { rule, place: section.place.clone(), name })
}

/// The rule of that name, which must stand before this one.
fn after_rule(section: &mut Section, after: &FoundValue<String>, before: &[Option<PlacedRule>]) -> Option<usize> {
    let named = |placed: &Option<PlacedRule>| placed.as_ref().is_some_and(|p| p.name.as_deref() == Some(&after.value));
    let found = before.iter().position(named);
    if found.is_none() {
        let title = format!("no rule before this one is named `{}`", clip(&after.value));
        let names: Vec<&str> = before.iter().flatten().filter_map(|placed| placed.name.as_deref()).collect();
        let help = match names.is_empty() {
            true => "give the earlier rule a `name`".to_owned(),
            false => format!("there are {}", list(names)),
        };
        section.faults.error(&after.place, title, "not there").help(help);
    }
    found
}

/// What the rule does: exactly one of `action`, `downtime-limit` and `max-bandwidth`.
fn act(section: &mut Section, downtime_limit: Option<Span>) -> Option<Act> {
    let keys = ["action", "downtime-limit", "max-bandwidth"];
    let given: Vec<&str> = keys.into_iter().filter(|key| section.has(key)).collect();
    let action = keys::RULE_ACTION.read(section);
    section.expect("downtime-limit", Span::FIGURE, || {
        shape::one_of([shape::quantity::<Span>(true), shape::pattern(r"^\s*[+*×]")])
    });
    let downtime = section.raw("downtime-limit").cloned();
    let cap = keys::CAP.read(section);
    let bandwidth = keys::RULE_BANDWIDTH.read(section);
    let place = section.place.clone();
    match given.as_slice() {
        [_] => {}
        [] => {
            section
                .faults
                .error(&place, "this rule does nothing", "no action")
                .help("add `action = \"abort\"`, `downtime-limit = \"+100 ms\"` or `max-bandwidth = \"1 Gbit/s\"`");
            return None;
        }
        several => {
            let title = format!("this rule does several things: {}", list(several.iter().copied()));
            section.faults.error(&place, title, "one is enough").help("write a rule for each");
            return None;
        }
    }
    if let Some(cap) = cap.as_ref().filter(|_| downtime.is_none()) {
        let title = format!("`{}` has no effect", section.path("cap"));
        section.faults.error(&cap.place, title, "there is no `downtime-limit` to hold down").help("remove it");
        return None;
    }
    if let Some(node) = downtime {
        let to = change(section, &node)?;
        let start = downtime_limit.unwrap_or(Span::ZERO);
        if let Some(cap) = cap.as_ref().filter(|cap| !matches!(to, DowntimeChange::Set(_)) && cap.value < start) {
            let title = format!("`{}` is below the limit that QEMU starts with", section.path("cap"));
            section.faults.warn(&cap.place, title, format!("that is {start}, so this would lower it"));
        }
        let cap = cap.map_or(MAX_DOWNTIME_LIMIT, |cap| cap.value.min(MAX_DOWNTIME_LIMIT));
        return Some(Act::Downtime { to, cap: Some(cap) });
    }
    match (action, bandwidth) {
        (Some(action), _) => Some(action.value),
        (None, Some(rate)) => Some(Act::Bandwidth(rate.value)),
        (None, None) => None,
    }
}

/// `"500 ms"`, `"+100 ms"` or `"*2"`.
fn change(section: &mut Section, node: &Node) -> Option<DowntimeChange> {
    let path = section.path("downtime-limit");
    let text = match &node.value {
        TomlValue::Text(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    let rest = |text: &str| Node { place: node.place.clone(), value: TomlValue::Text(text.trim().to_owned()) };
    if let Some(step) = text.strip_prefix('+') {
        return quantity::<Span>(&path, &rest(step), Some("ms"), section.faults)
            .map(|step| DowntimeChange::Plus(step.value));
    }
    if let Some(factor) = text.strip_prefix(['*', '×']) {
        let factor = factor.trim().parse::<f64>().ok().filter(|factor| (1.0..=1000.0).contains(factor));
        if factor.is_none() {
            let title = format!("`{path}` has no factor");
            section.faults.error(&node.place, title, "from 1 to 1000").help("write \"*2\" or \"*1.1\"");
        }
        return factor.map(DowntimeChange::Times);
    }
    let found = quantity::<Span>(&path, node, Some("ms"), section.faults)?;
    if found.value > MAX_DOWNTIME_LIMIT {
        section.faults.error(&found.place, format!("`{path}` is too large"), "at most 2000 s, as in QEMU");
        return None;
    }
    Some(DowntimeChange::Set(found.value))
}
