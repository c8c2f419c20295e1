//! A new option of QEMU, which bounds every step of the throttle: what `docs/adding/qemu-option.md` shows. Its row would
//! be in `src/qemu/options.rs`, its use in `src/qemu/auto_converge.rs`.

use super::{MigrationOption, QemuForm, Slot, option};

/// The row, with the place of the value.
const fn row(slot: Slot<u8>) -> MigrationOption {
    option("cpu-throttle-max-step", (10, 2), QemuForm::Percent(slot, 1..=99)).with("auto-converge").lever()
}

/// Its use in a rule: the step that is taken [%].
fn bounded_step(step: i64, max_step: u8) -> i64 {
    step.min(i64::from(max_step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::Version;

    /// Stands in for the field that the option would bring.
    const SLOT: Slot<u8> = Slot {
        get: |config| &config.params.cpu_throttle_increment,
        place: |config| &mut config.params.cpu_throttle_increment,
    };

    #[test]
    fn the_row_says_who_has_it_and_who_tries_it() {
        let row = row(SLOT);
        assert!(row.is_parameter() && row.is_lever && row.needs == Some("auto-converge"));
        assert!(row.exists_in(Version::new(10, 2)) && !row.exists_in(Version::new(10, 1)));
    }

    #[test]
    fn a_step_is_bounded() {
        assert_eq!([bounded_step(10, 30), bounded_step(40, 30)], [10, 30]);
    }
}
