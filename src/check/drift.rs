//! What `check.toml` sets otherwise than when the baseline was written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, FlagPlace, Settings};

/// One key that is set otherwise, and under which policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// `qemu.downtime-limit: 300 -> 500`.
    pub what: String,
    /// The policies, in the order of their names.
    pub policies: Vec<String>,
    /// What sets the key under each of them.
    pub places: Vec<FlagPlace>,
}

/// Every key that is set otherwise under a policy that both have; nothing where the baseline does not tell its settings.
pub fn drift(baseline: &Baseline, settings: &Settings) -> Vec<Drift> {
    let mut drifts: BTreeMap<String, Drift> = BTreeMap::new();
    for (policy, flags) in settings.flags() {
        let Some(before) = baseline.settings.get(&policy) else { continue };
        let (old, new) = (values(before), values(&flags));
        for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let shown = |values: &BTreeMap<&str, Vec<&str>>| values.get(key).map(|values| values.join(", "));
            let what = match (shown(&old), shown(&new)) {
                (one, other) if one == other => continue,
                (Some(old), Some(new)) => format!("{key}: {old} -> {new}"),
                (None, Some(new)) => format!("{key}: not set -> {new}"),
                (Some(old), None) => format!("{key}: {old} -> no longer set"),
                (None, None) => continue,
            };
            let empty = || Drift { what: what.clone(), policies: Vec::new(), places: Vec::new() };
            let drift = drifts.entry(what.clone()).or_insert_with(empty);
            drift.policies.push(policy.clone());
            drift.places.push(settings.place(&policy, key));
        }
    }
    drifts.into_values().collect()
}

/// The values by their keys: the last that is given, but all that are added to a list.
fn values(flags: &[String]) -> BTreeMap<&str, Vec<&str>> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for flag in flags {
        let (key, value) = flag.split_once('=').unwrap_or((flag, ""));
        let (key, value) = (key.trim(), value.trim());
        let known = values.entry(key).or_default();
        if !key.split('.').any(|part| part == "+") {
            known.clear();
        }
        known.push(value);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_set_otherwise_is_told_with_its_policies() {
        let parse = |text: &str| Settings::parse("check.toml", text).unwrap();
        let policy = |name: &str, set: &str| format!("[[policy]]\nname = \"{name}\"\nset = [{set}]\n");
        let old =
            "set = [\"a=1\", \"b=1\"]\n".to_owned() + &policy("x", "\"c=1\"") + &policy("y", "\"c=1\", \"at.+=1\"");
        let new = "set = [\"a=2\", \"b = 1\"]\n".to_owned()
            + &policy("x", "\"c=3\", \"c=1\"")
            + &policy("y", "\"at.+=1\", \"at.+=2\", \"d=4\"")
            + &policy("z", "\"c=9\"");
        let baseline = Baseline::of(&parse(&old), []);
        let found: Vec<_> =
            drift(&baseline, &parse(&new)).into_iter().map(|drift| (drift.what, drift.policies.join(" "))).collect();
        let expected =
            [("a: 1 -> 2", "x y"), ("at.+: 1 -> 1, 2", "y"), ("c: 1 -> no longer set", "y"), ("d: not set -> 4", "y")];
        assert_eq!(found, expected.map(|(what, policies)| (what.to_owned(), policies.to_owned())));
        assert_eq!(drift(&Baseline::default(), &parse(&new)), [], "an older baseline does not tell");
    }
}
