//! Named bundles of settings that a sweep varies as one: `[[sweep.policy]]`, the entries of a `check.toml` by another name.

use std::sync::Arc;

use super::faults::{Faults, clip};
use super::flags;
use super::keys;
use super::reader::{Section, WORDS, list};
use super::shape;
use super::syntax;
use super::tree::{Node, Table, TextPlace, TomlValue};
use crate::units::spelling::nearest;

/// Path of the axis, and name of its column.
pub(super) const POLICY: &str = "policy";

/// What to write.
const HELP: &str = "write `set = [\"policy.throttle=aimd\", \"qemu.max-cpu-throttle=80\"]`, each as for `--set`";

/// A bundle.
#[derive(Clone, Debug)]
struct Bundle {
    name: Node,
    settings: Vec<BundleSetting>,
}

/// One of its settings.
#[derive(Clone, Debug)]
struct BundleSetting {
    keys: Vec<(String, TextPlace)>,
    node: Node,
}

/// All bundles, and what the scenario says where one of them says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Bundles {
    list: Arc<Vec<Bundle>>,
    base: Arc<Table>,
}

impl BundleSetting {
    fn path(&self) -> String {
        self.keys.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(".")
    }
}

impl Bundles {
    /// Reads the entries; none if there are none.
    pub(super) fn read(sweep: &mut Section) -> Option<Bundles> {
        let mut bundles: Vec<Bundle> = Vec::new();
        sweep.sections(POLICY, |entry| {
            let name = keys::BUNDLE_NAME.read(entry);
            entry.require("name", "\"gentle\"");
            let settings = settings(entry);
            entry.finish(|_| None);
            let (Some(name), Some(settings)) = (name, settings) else { return };
            if bundles.iter().any(|other| other.name.value.words() == name.value) {
                let title = format!("two bundles are called `{}`", clip(&name.value));
                entry.faults.error(&name.place, title, "the second one").help("give each a name of its own");
            }
            bundles.push(Bundle { name: Node { place: name.place, value: TomlValue::Text(name.value) }, settings });
        });
        (!bundles.is_empty()).then(|| Bundles { list: Arc::new(bundles), ..Bundles::default() })
    }

    /// With what the scenario says, over which they are laid, and without what `fixed` says of keys for all of them.
    pub(super) fn over(self, base: &Table, fixed: impl Fn(&str) -> bool) -> Bundles {
        let open = |bundle: &Bundle| {
            let settings = bundle.settings.iter().filter(|setting| !fixed(&setting.path()));
            Bundle { name: bundle.name.clone(), settings: settings.cloned().collect() }
        };
        Bundles { list: Arc::new(self.list.iter().map(open).collect()), base: Arc::new(base.clone()) }
    }

    /// Their names.
    pub(super) fn names(&self) -> Vec<Node> {
        self.list.iter().map(|bundle| bundle.name.clone()).collect()
    }

    /// What they set, for whoever tells two sweeps apart.
    pub(super) fn values(&self) -> impl Iterator<Item = TomlValue> {
        self.list
            .iter()
            .flat_map(|bundle| &bundle.settings)
            .flat_map(|setting| [TomlValue::Text(setting.path()), setting.node.value.clone()])
    }

    /// The paths of all keys that one of them sets.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        self.list.iter().flat_map(|bundle| bundle.settings.iter().map(BundleSetting::path))
    }

    /// Complains about names that no bundle has.
    pub(super) fn know(&self, names: &[Node], faults: &mut Faults) {
        let known: Vec<String> = self.list.iter().map(|bundle| bundle.name.value.words()).collect();
        let known = || known.iter().map(String::as_str);
        for node in names.iter().filter(|node| !known().any(|name| name == node.value.words())) {
            let word = node.value.words();
            let help = match nearest(&word, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", list(known())),
            };
            faults.error(&node.place, format!("no bundle is called `{}`", clip(&word)), "not there").help(help);
        }
    }

    /// Puts the bundle of that name over the scenario, and takes back what another one has put there.
    pub(super) fn lay(&self, name: &Node, table: &mut Table, faults: &mut Faults) {
        let settings = || self.list.iter().flat_map(|bundle| &bundle.settings);
        settings().for_each(|setting| flags::restore(table, &self.base, &setting.keys));
        let name = name.value.words();
        for setting in self.list.iter().filter(|bundle| bundle.name.value.words() == name).flat_map(|b| &b.settings) {
            flags::put(table, &setting.keys, setting.node.clone(), faults);
        }
    }
}

/// `set = ["key=value", ...]`
fn settings(entry: &mut Section) -> Option<Vec<BundleSetting>> {
    entry.require("set", "[\"qemu.auto-converge=true\"]");
    entry.expect("set", WORDS, shape::texts);
    let node = entry.raw("set")?;
    let path = entry.path("set");
    let TomlValue::List(list) = &node.value else {
        let title = format!("`{path}` must be a list of texts");
        entry.faults.error(&node.place, title, format!("this is {}", node.value.noun())).help(HELP);
        return None;
    };
    list.iter().map(|node| setting(&path, node, entry.faults)).collect()
}

/// `"key=value"`
fn setting(path: &str, node: &Node, faults: &mut Faults) -> Option<BundleSetting> {
    let pair = match &node.value {
        TomlValue::Text(text) => text.split_once('='),
        _ => None,
    };
    let Some((key, value)) = pair.filter(|(key, _)| key.split('.').all(|key| !key.trim().is_empty())) else {
        faults.error(&node.place, format!("a text of `{path}` sets nothing"), "no `key=value`").help(HELP);
        return None;
    };
    let keys: Vec<_> = key.split('.').map(|key| (key.trim().to_owned(), node.place.clone())).collect();
    if flags::is_too_deep(keys.len(), &node.place, faults) {
        return None;
    }
    if keys[0].0 == "sweep" {
        faults.error(&node.place, "a sweep cannot vary itself", "this is how far to go, not where");
        return None;
    }
    let mut found = syntax::flag(value.trim(), 0, node.place.source.clone(), faults)?;
    found.put_at(&node.place);
    Some(BundleSetting { keys, node: found })
}
