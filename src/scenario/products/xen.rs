//! `kind = "xen"`: Xen's stop rule.

use crate::orchestrator::xen::Xen;
use crate::orchestrator::{Policy, Stack};

use super::{Section, set, whole};

pub(super) fn read(section: &mut Section) -> (Policy, Stack) {
    let mut xen = Xen::default();
    set(&mut xen.max_iterations, whole(section, "max_iterations", 1));
    set(&mut xen.dirty_threshold, whole(section, "dirty_threshold", 0));
    (xen.policy(), xen.stack())
}
