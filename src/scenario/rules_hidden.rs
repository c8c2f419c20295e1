//! Rules that can never fire, because an earlier one always keeps them from it.

use crate::orchestrator::{Act, Condition, Is, Rule};

use super::reader::Section;
use super::tree::TextPlace;

/// A rule, and where it stands.
pub(super) struct PlacedRule {
    pub(super) rule: Rule,
    pub(super) place: TextPlace,
    pub(super) name: Option<String>,
}

/// Complains about rules that an earlier one always keeps from being looked at.
pub(super) fn complain(section: &mut Section, rules: &[PlacedRule], first_match: bool) {
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
