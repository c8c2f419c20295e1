//! A new option of QEMU, which bounds every step of the throttle: what `docs/adding/qemu-option.md` shows. Its row would
//! be in `src/qemu/options.rs`, its use in `src/qemu/auto_converge.rs`.

use super::{MigrationOption, QemuForm, Slot};
use crate::qemu::Version;

/// Takes the row as the table takes it; a field that is there stands in for the one that the row brings.
macro_rules! row {
    ($(#[$means:meta])* $field:ident: $type:ty = $usual:expr, $form:ident($bounds:expr) =>
     $name:literal, $since:tt $(, $more:ident($($with:expr),*))*;) => {
        const USUAL: $type = $usual;
        const ROW: MigrationOption = option!(params.cpu_throttle_increment, $form($bounds) => $name, $since $(, $more($($with),*))*);
    };
}

row! {
    /// `cpu-throttle-max-step` (10.2+): no step of the throttle is larger [%, 1..=99].
    cpu_throttle_max_step: u8 = 99, Percent(1..=99)
        => "cpu-throttle-max-step", (10, 2), with("auto-converge"), lever();
}

/// Its use in a rule: the step that is taken [%].
fn bounded_step(step: i64, max_step: u8) -> i64 {
    step.min(i64::from(max_step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_says_who_has_it_and_who_tries_it() {
        assert!(ROW.is_parameter() && ROW.is_lever && ROW.needs == Some("auto-converge"));
        assert!(ROW.exists_in(Version::new(10, 2)) && !ROW.exists_in(Version::new(10, 1)));
    }

    #[test]
    fn a_step_is_bounded() {
        assert_eq!([bounded_step(10, 30), bounded_step(40, 30)], [10, 30]);
        assert_eq!(bounded_step(40, USUAL), 40, "no bound that matters where nobody says one");
    }
}
