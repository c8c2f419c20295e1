//! A scenario that is accepted, and its migration.

use precopy::scenario::Input;

use super::{load, migrate, outside, text};

/// Reads the bytes as a scenario, and runs it for a bounded time.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Ok(input) = Input::new("fuzz.toml", text, &[]) else { return };
    if let Some(scenario) = load(&outside::nowhere(input)) {
        migrate::bounded(scenario);
    }
}
