//! A rule of a release, in which each step of the throttle is twice the one before: what `docs/adding/throttle-rule.md`
//! shows. It would be in `src/qemu/auto_converge.rs`.

use crate::qemu::Params;

/// The step above `pct` from 11.0 on [%].
fn doubled_step(pct: u8, params: &Params) -> i64 {
    // After steps of 1, 2, 4, ... increments the throttle is as many above the first as the next step, less one.
    let above = i64::from(pct) - i64::from(params.cpu_throttle_initial);
    i64::from(params.cpu_throttle_increment) + above.max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::Version;

    #[test]
    fn each_step_is_twice_the_one_before() {
        let params = Params::defaults(Version::NEWEST);
        let next = |pct: &u8| u8::try_from(i64::from(*pct) + doubled_step(*pct, &params)).ok().filter(|pct| *pct <= 99);
        let steps: Vec<u8> = std::iter::successors(Some(params.cpu_throttle_initial), next).collect();
        assert_eq!(steps, [20, 30, 50, 90]);
    }
}
