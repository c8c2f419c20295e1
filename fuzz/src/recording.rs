//! A recording of writes, of any form.

use std::path::Path;

use precopy::recordings;
use precopy::units::Operations;

use super::outside;

/// Reads the bytes as a recording, with a clock and without one, and makes an order of a small one.
pub fn look(data: &[u8]) {
    // A table of bitmaps names files.
    if outside::may_be_named(&String::from_utf8_lossy(data)) {
        return;
    }
    for instructions in [None, Some(Operations(1e6))] {
        match recordings::parse(data, data, Path::new("no such folder"), instructions) {
            Ok(found) => {
                let recording = found.recording;
                assert!(recording.writes() >= recording.region().0 && recording.region().0 > 0, "{recording:?}");
                assert!(recording.rate().0.is_finite() && recording.rate().0 > 0.0, "{recording:?}");
                if recording.writes() < 100_000 {
                    let order = recording.order(true);
                    assert!(order.curve().iter().all(|(writes, pages)| *pages <= *writes as f64), "{order:?}");
                }
            }
            Err(damage) => assert!(!damage.what.is_empty() && !damage.help.is_empty(), "{damage:?}"),
        }
    }
}
