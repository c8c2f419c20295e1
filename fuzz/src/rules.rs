//! An orchestrator's own rules, and what they do to a migration.

use precopy::scenario::Input;

use super::{SOUND, load, migrate, outside, text};

/// Reads the bytes as what follows in a section `[orchestrator]` of kind `rules`, and runs what is accepted.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let text = format!("{SOUND}\n[orchestrator]\nkind = \"rules\"\n{text}");
    let Ok(input) = Input::new("rules.toml", &text, &[]) else { return };
    if let Some(scenario) = load(&outside::nowhere(input)) {
        migrate::bounded(scenario);
    }
}
