//! Sequences of downtimes [ms].

/// Nova's steps since 15.0: linear, each cut to whole ms (orchestrators 1.2).
pub fn linear(downtime: u64, steps: u64) -> Vec<u64> {
    let base = downtime as f64 / steps as f64;
    let increment = (downtime as f64 - base) / steps as f64;
    (0..=steps).map(|step| (base + increment * step as f64) as u64).collect()
}

/// Nova's ladder under Python 2, 15 to 19: both divisions give whole numbers, so that the ceiling may be missed.
pub fn linear_python2(downtime: u64, steps: u64) -> Vec<u64> {
    let base = downtime / steps;
    let increment = (downtime - base) / steps;
    (0..=steps).map(|step| base + increment * step).collect()
}

/// Nova's steps from 12 to 14: exponential (orchestrators 1.2).
pub fn exponential(downtime: u64, steps: u64) -> Vec<u64> {
    let offset = downtime as f64 / (steps + 1) as f64;
    let base = libm::pow(downtime as f64 - offset, 1.0 / steps as f64);
    (0..=steps).map(|step| (offset + libm::pow(base, step as f64)) as u64).collect()
}

/// VDSM's steps (orchestrators 3.4).
pub fn vdsm(downtime: u64, steps: u64) -> Vec<u64> {
    if steps <= 1 {
        return vec![downtime];
    }
    let offset = downtime as f64 / steps as f64;
    let base = libm::pow(downtime as f64 - offset, 1.0 / (steps - 1) as f64);
    (0..steps).map(|step| (offset + libm::pow(base, step as f64)) as u64).collect()
}
