//! Lists of guests as products write them, and YAML: what `precopy drain` reads beside fleets.

use precopy::inventory;
use precopy::scenario::{FirstGuest, Input, Loads};
use precopy::yaml;

use super::{settle, text};

/// Reads the bytes as any list, as YAML, as a table of loads and as words for a load.
pub fn look(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Some(Ok(found)) = inventory::read("list", text, Some(text)) {
        assert!(!found.guests.is_empty());
        // What was understood is a table that is right, or says why it is not.
        let sets = ["link.bandwidth=25G".to_owned()];
        let input = Input::new("list (as a table)", &found.table(), &sets).unwrap().as_table();
        let loaded = input.load_fleet().map(|loaded| (loaded.fleet, loaded.warnings));
        if let Some(fleet) = settle(&input, loaded) {
            assert_eq!(fleet.guests.len(), found.guests.len());
        }
    }
    let _ = yaml::documents(text);
    let _ = Loads::read(text);
    let _ = FirstGuest { load: Some(text.to_owned()), ..FirstGuest::default() }.text();
}
