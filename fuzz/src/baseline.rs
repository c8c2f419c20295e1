//! What `precopy check` reads: a baseline, and its settings.

use precopy::check::{Baseline, Settings, Tolerance, matches};

/// Reads the bytes as a baseline, as settings, and as a tolerance.
pub fn look(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match Baseline::parse("fuzz.json", text) {
        Ok(baseline) => {
            let written = baseline.text();
            assert_eq!(Baseline::parse("again.json", &written).expect("it was written"), baseline, "{written}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match Settings::parse("check.toml", text) {
        Ok(settings) => settings.expectations.iter().for_each(|(pattern, _)| {
            let _ = matches(pattern, "busy-memory/nova-2025.1");
        }),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(tolerance) = Tolerance::parse(text) {
        assert!(tolerance.relative >= 0.0 && tolerance.absolute >= 0.0);
        assert!(tolerance.allows(1.0, 1.0));
    }
}
