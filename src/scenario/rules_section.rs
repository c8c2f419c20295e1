//! `kind = "rules"`: a user's own policy.

use crate::orchestrator::{Act, Change, Condition, Event, Field, Is, Policy, Poll, Rule};
use crate::units::parse::Quantity;
use crate::units::{Bytes, PageRate, Rate, Share, Span};

use super::faults::clip;
use super::reader::{Found, Section, list, quantity};
use super::tree::{Entry, Node, Place, Value};

/// Shortest time between two polls.
const OFTEN: Span = Span::from_ms(10);
/// QEMU's own bound of `downtime-limit`.
const MOST_DOWNTIME: Span = Span::from_ms(2_000_000);
/// Most rules.
const MOST_RULES: usize = 1000;

const EVENTS: [(&str, On); 4] =
    [("poll", On::Poll), ("start", On::Start), ("iteration", On::Iteration), ("timer", On::Timer)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Start,
    Poll,
    Iteration,
    Timer,
}

const ACTIONS: [(&str, Act); 7] = [
    ("pause", Act::Pause),
    ("post-copy", Act::PostCopy),
    ("abort", Act::Abort),
    ("switch-over", Act::SwitchOver),
    ("switch-over-after-pass", Act::SwitchOverAfterPass),
    ("force-complete", Act::QueueForceComplete),
    ("nothing", Act::Nothing),
];

/// What a field is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    Count,
    Size,
    Rate,
    PageRate,
    Share,
    /// A share that is compared in whole per cent.
    Percent,
    Flag,
}

/// Fields by name: libvirt's where they are libvirt's.
const FIELDS: [(&str, Field, Kind); 23] = [
    ("time_elapsed", Field::TimeElapsed, Kind::Time),
    ("time-elapsed-per-gib", Field::TimeElapsedPerGib, Kind::Time),
    ("memory_iteration", Field::MemoryIteration, Kind::Count),
    ("iterations", Field::Iterations, Kind::Count),
    ("new-iteration", Field::NewIteration, Kind::Flag),
    ("memory_remaining", Field::MemoryRemaining, Kind::Size),
    ("dirty-pages", Field::DirtyPages, Kind::Count),
    ("memory_processed", Field::MemoryProcessed, Kind::Size),
    ("processed-share", Field::ProcessedShare, Kind::Share),
    ("memory_dirty_rate", Field::MemoryDirtyRate, Kind::PageRate),
    ("memory_bps", Field::MemoryBps, Kind::Rate),
    ("auto_converge_throttle", Field::AutoConvergeThrottle, Kind::Percent),
    ("expected-downtime", Field::ExpectedDowntime, Kind::Time),
    ("time-to-send", Field::TimeToSend, Kind::Time),
    ("downtime-limit", Field::DowntimeLimit, Kind::Time),
    ("drop", Field::Drop, Kind::Percent),
    ("rises", Field::Rises, Kind::Count),
    ("new-rise", Field::NewRise, Kind::Flag),
    ("since-low", Field::SinceLow, Kind::Time),
    ("since-progress", Field::SinceProgress, Kind::Time),
    ("since-change", Field::SinceChange, Kind::Time),
    ("post-copy", Field::PostCopy, Kind::Flag),
    ("paused", Field::Paused, Kind::Flag),
];

/// A rule, and where it stands.
struct Placed {
    rule: Rule,
    place: Place,
    name: Option<String>,
}

/// Reads the rules; `None` if one is wrong.
pub(super) fn read(section: &mut Section, downtime_limit: Option<Span>) -> Option<Policy> {
    let before = section.faults.errors.len();
    let poll = poll(section);
    let first_match = section.choice("match", &[("all", false), ("first", true)], &[]);
    let first_match = first_match.is_some_and(|found| found.value);
    section.require("rule", "[{ when = { time_elapsed = \"> 60 s\" }, action = \"abort\" }]");
    let mut rules: Vec<Option<Placed>> = Vec::new();
    section.sections("rule", |rule| {
        let read = one(rule, &rules, downtime_limit);
        rules.push(read);
    });
    if rules.len() > MOST_RULES {
        let place = section.place.clone();
        section.faults.error(&place, format!("`{}` is too long", section.path("rule")), "at most 1000 rules");
    }
    section.finish(|_| None);
    let rules: Vec<Placed> = rules.into_iter().flatten().collect();
    never_fires(section, &rules, first_match);
    if section.faults.errors.len() > before {
        return None;
    }
    let mut policy = Policy::new("rules", poll);
    policy.forces_post_copy = false;
    policy.rules =
        rules.into_iter().map(|placed| Rule { last: placed.rule.last || first_match, ..placed.rule }).collect();
    policy.decides_switchover =
        policy.rules.iter().any(|rule| matches!(rule.act, Act::SwitchOver | Act::SwitchOverAfterPass));
    Some(policy)
}

fn poll(section: &mut Section) -> Poll {
    let period = section.quantity::<Span>("poll", None);
    let first = section.quantity::<Span>("first-poll", None);
    if let Some(found) = period.as_ref().filter(|found| found.value < OFTEN) {
        let title = format!("`{}` is too short", section.path("poll"));
        section.faults.error(&found.place, title, "at least 10 ms");
    }
    let period = period.map_or(Span::from_ms(1000), |found| found.value.max(OFTEN));
    Poll { first: first.map_or(period, |found| found.value), ..Poll::every(period) }
}

fn one(section: &mut Section, before: &[Option<Placed>], downtime_limit: Option<Span>) -> Option<Placed> {
    let name = section.text("name").map(|found| found.value);
    let on = section.choice("on", &EVENTS, &[]).map_or(On::Poll, |found| found.value);
    let time = section.quantity::<Span>("time", None);
    let timer = match (on, &time) {
        (On::Timer, None) if !section.has("time") => {
            section.require("time", "\"60 s\"");
            None
        }
        (On::Timer, _) => time.as_ref().map(|time| Event::Timer(time.value)),
        (On::Start, None) => Some(Event::Start),
        (On::Poll, None) => Some(Event::Poll),
        (On::Iteration, None) => Some(Event::Iteration),
        (_, Some(time)) => {
            let title = format!("`{}` belongs to a timer", section.path("time"));
            let help = "write `on = \"timer\"`, or a condition such as `when = { time_elapsed = \"> 60 s\" }`";
            section.faults.error(&time.place, title, "this rule has none").help(help);
            None
        }
    };
    let when = conditions(section);
    let act = act(section, downtime_limit);
    let once = section.switch("once").is_some_and(|found| found.value);
    let hold = section.quantity::<Span>("hold", None).map(|found| found.value);
    let last = section.switch("last").is_some_and(|found| found.value);
    let resets_rises = section.switch("reset-rises").is_some_and(|found| found.value);
    let after = section.text("after");
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
    Some(Placed { rule, place: section.place.clone(), name })
}

/// The rule of that name, which must stand before this one.
fn after_rule(section: &mut Section, after: &Found<String>, before: &[Option<Placed>]) -> Option<usize> {
    let named = |placed: &Option<Placed>| placed.as_ref().is_some_and(|p| p.name.as_deref() == Some(&after.value));
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

/// `when = { field = "> value", ... }`: all must hold.
fn conditions(section: &mut Section) -> Option<Vec<Condition>> {
    let Some(node) = section.raw("when") else { return Some(Vec::new()) };
    let Value::Table(table) = &node.value else {
        let title = format!("`{}` must be a table of conditions", section.path("when"));
        let help = "write `when = { time_elapsed = \"> 60 s\", memory_iteration = \">= 3\" }`";
        section.faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(help);
        return None;
    };
    let path = section.path("when");
    let read: Vec<Option<Condition>> = table.entries.iter().map(|entry| condition(section, &path, entry)).collect();
    read.into_iter().collect()
}

fn condition(section: &mut Section, path: &str, entry: &Entry) -> Option<Condition> {
    let known = FIELDS.iter().find(|(name, ..)| *name == entry.key);
    let Some((_, field, kind)) = known else {
        let near = crate::units::spelling::nearest(&entry.key, FIELDS.iter().map(|(name, ..)| *name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", list(FIELDS.iter().map(|(name, ..)| *name))),
        };
        let title = format!("unknown field `{}` in a condition", clip(&entry.key));
        section.faults.error(&entry.place, title, "not known here").help(help);
        return None;
    };
    let path = format!("{path}.{}", entry.key);
    if *kind == Kind::Flag {
        let Value::Bool(on) = entry.node.value else {
            let title = format!("`{path}` must be `true` or `false`");
            section.faults.error(&entry.node.place, title, format!("this is {}", entry.node.value.noun()));
            return None;
        };
        return Some(Condition { field: *field, is: Is::Equal, value: f64::from(u8::from(on)) });
    }
    let (is, right) = comparison(section, &path, &entry.node)?;
    let value = right_side(section, &path, &right, *kind)?;
    Some(Condition { field: *field, is, value })
}

const SIGNS: [(&str, Is); 5] =
    [(">=", Is::AtLeast), ("<=", Is::AtMost), ("==", Is::Equal), (">", Is::Above), ("<", Is::Below)];

/// `"> 60 s"`: the sign, and what stands behind it.
fn comparison(section: &mut Section, path: &str, node: &Node) -> Option<(Is, Node)> {
    let help = "write it as \"> 60 s\"; the signs are >, >=, <, <= and ==";
    let Value::Text(text) = &node.value else {
        let title = format!("`{path}` must be a comparison");
        section.faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(help);
        return None;
    };
    let text = text.trim();
    let found = SIGNS.iter().find_map(|(sign, is)| Some((*is, text.strip_prefix(sign)?)));
    let Some((is, right)) = found else {
        section.faults.error(&node.place, format!("`{path}` has no sign"), "a comparison is wanted").help(help);
        return None;
    };
    Some((is, Node { place: node.place.clone(), value: Value::Text(right.trim().to_owned()) }))
}

fn right_side(section: &mut Section, path: &str, node: &Node, kind: Kind) -> Option<f64> {
    fn read<Q: Quantity>(section: &mut Section, path: &str, node: &Node, bare: Option<&str>) -> Option<Q> {
        quantity::<Q>(path, node, bare, section.faults).map(|found| found.value)
    }
    match kind {
        Kind::Time => read::<Span>(section, path, node, None).map(|span| span.0 as f64),
        Kind::Size => read::<Bytes>(section, path, node, None).map(|bytes| bytes.0 as f64),
        Kind::Rate => read::<Rate>(section, path, node, None).map(|rate| rate.0 as f64),
        Kind::PageRate => read::<PageRate>(section, path, node, None).map(|rate| rate.0),
        Kind::Share => read::<Share>(section, path, node, Some("%")).map(|share| share.0),
        Kind::Percent => read::<Share>(section, path, node, Some("%")).map(Share::percent),
        Kind::Count => {
            let Value::Text(text) = &node.value else { return None };
            let number = text.replace('_', "").parse::<u64>().ok();
            if number.is_none() {
                let title = format!("`{path}` is compared with a whole number");
                section.faults.error(&node.place, title, format!("`{}` is none", clip(text)));
            }
            number.map(|number| number as f64)
        }
        Kind::Flag => None,
    }
}

/// What the rule does: exactly one of `action`, `downtime-limit` and `max-bandwidth`.
fn act(section: &mut Section, downtime_limit: Option<Span>) -> Option<Act> {
    let keys = ["action", "downtime-limit", "max-bandwidth"];
    let given: Vec<&str> = keys.into_iter().filter(|key| section.has(key)).collect();
    let action = section.choice("action", &ACTIONS, &[]);
    let downtime = section.raw("downtime-limit").cloned();
    let cap = section.quantity::<Span>("cap", None);
    let bandwidth = section.quantity::<Rate>("max-bandwidth", Some("B/s"));
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
        if let Some(cap) = cap.as_ref().filter(|cap| !matches!(to, Change::Set(_)) && cap.value < start) {
            let title = format!("`{}` is below the limit that QEMU starts with", section.path("cap"));
            section.faults.warn(&cap.place, title, format!("that is {start}, so this would lower it"));
        }
        let cap = cap.map_or(MOST_DOWNTIME, |cap| cap.value.min(MOST_DOWNTIME));
        return Some(Act::Downtime { to, cap: Some(cap) });
    }
    match (action, bandwidth) {
        (Some(action), _) => Some(action.value),
        (None, Some(rate)) => Some(Act::Bandwidth(rate.value)),
        (None, None) => None,
    }
}

/// `"500 ms"`, `"+100 ms"` or `"*2"`.
fn change(section: &mut Section, node: &Node) -> Option<Change> {
    let path = section.path("downtime-limit");
    let text = match &node.value {
        Value::Text(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    let rest = |text: &str| Node { place: node.place.clone(), value: Value::Text(text.trim().to_owned()) };
    if let Some(step) = text.strip_prefix('+') {
        return quantity::<Span>(&path, &rest(step), Some("ms"), section.faults).map(|step| Change::Plus(step.value));
    }
    if let Some(factor) = text.strip_prefix(['*', '×']) {
        let factor = factor.trim().parse::<f64>().ok().filter(|factor| (1.0..=1000.0).contains(factor));
        if factor.is_none() {
            let title = format!("`{path}` has no factor");
            section.faults.error(&node.place, title, "from 1 to 1000").help("write \"*2\" or \"*1.1\"");
        }
        return factor.map(Change::Times);
    }
    let found = quantity::<Span>(&path, node, Some("ms"), section.faults)?;
    if found.value > MOST_DOWNTIME {
        section.faults.error(&found.place, format!("`{path}` is too large"), "at most 2000 s, as in QEMU");
        return None;
    }
    Some(Change::Set(found.value))
}

/// Complains about rules that an earlier one always keeps from being looked at.
fn never_fires(section: &mut Section, rules: &[Placed], first_match: bool) {
    for (index, later) in rules.iter().enumerate() {
        let Some(earlier) = rules[..index].iter().find(|earlier| hides(&earlier.rule, &later.rule, first_match)) else {
            continue;
        };
        let narrower = "put the narrower rule first";
        let (what, help) = match earlier.rule.act {
            Act::Abort => ("the migration is over by then", narrower.to_owned()),
            _ => (
                "whenever this rule could fire, an earlier one fires, and no later one is looked at",
                format!("{narrower}, or give the earlier one `once = true`"),
            ),
        };
        section
            .faults
            .error(&later.place, "this rule can never fire", what)
            .note(&earlier.place, "the earlier one")
            .help(help);
    }
}

/// Whether `earlier` fires, and keeps later rules from firing, whenever `later` could.
fn hides(earlier: &Rule, later: &Rule, first_match: bool) -> bool {
    let ends = earlier.act == Act::Abort;
    let stops = ends || ((earlier.last || first_match) && !earlier.once);
    let always = earlier.hold.is_none() && earlier.after.is_none();
    stops && always && earlier.on == later.on && earlier.when.iter().all(|condition| implied(condition, &later.when))
}

/// Whether a condition holds whenever all of `by` do.
fn implied(condition: &Condition, by: &[Condition]) -> bool {
    by.iter().filter(|other| other.field == condition.field).any(|other| {
        let (wide, narrow) = (condition.value, other.value);
        match (condition.is, other.is) {
            (Is::Above, Is::Above) | (Is::AtLeast, Is::AtLeast | Is::Above) => narrow >= wide,
            (Is::Above, Is::AtLeast | Is::Equal) => narrow > wide,
            (Is::AtLeast, Is::Equal) => narrow >= wide,
            (Is::Below, Is::Below) | (Is::AtMost, Is::AtMost | Is::Below) => narrow <= wide,
            (Is::Below, Is::AtMost | Is::Equal) => narrow < wide,
            (Is::AtMost, Is::Equal) => narrow <= wide,
            (Is::Equal, Is::Equal) => narrow == wide,
            _ => false,
        }
    })
}
