//! What is above QEMU, named beside a scenario.

use std::path::Path;

use super::first::quoted;
use crate::orchestrator::Product;

/// The `--set` that puts an orchestrator in the place of a scenario's own: a product by its name, `none`, or the file that the
/// product reads its settings from.
///
/// Files of a scenario are looked for in its folder, and this one is named from the current folder.
pub fn orchestrator_set(scenario: &Path, named: &Path) -> String {
    let name = named.to_string_lossy();
    if name == "none" || Product::find(&name).is_some() {
        return format!("orchestrator={{ kind = {} }}", quoted(&name));
    }
    let folder = scenario.parent().unwrap_or(Path::new(""));
    let path = match folder == Path::new("") || scenario == Path::new("-") {
        true => named.to_owned(),
        false => std::path::absolute(named).unwrap_or_else(|_| named.to_owned()),
    };
    format!("orchestrator={{ file = {} }}", quoted(&path.to_string_lossy()))
}
