//! `kind = "cloudstack"`: settings of the agent, with their dots.

use crate::orchestrator::cloudstack::CloudStack;
use crate::orchestrator::{Policy, Stack};

use super::super::schema::shape;
use super::{Section, on, whole};

pub(super) fn read(section: &mut Section) -> (Policy, Stack) {
    let mut cloudstack = CloudStack::default();
    section.section("vm", |vm| {
        vm.section("migrate", |migrate| {
            cloudstack.downtime = off(migrate, "downtime");
            cloudstack.pauseafter = off(migrate, "pauseafter");
            cloudstack.wait = off(migrate, "wait");
            cloudstack.speed = off(migrate, "speed");
            migrate.finish(|_| None);
        });
        vm.finish(|_| None);
    });
    section.section("kvm", |kvm| {
        kvm.section("auto", |auto| {
            cloudstack.auto_convergence = on(auto, "convergence");
            auto.finish(|_| None);
        });
        kvm.finish(|_| None);
    });
    (cloudstack.policy(), cloudstack.stack())
}

/// A number, or `-1` for off.
fn off(section: &mut Section, key: &'static str) -> Option<u64> {
    section.expect(key, || shape::number(&(-1.0..=f64::from(u32::MAX))));
    let minus_one = section.raw(key).is_some_and(|node| node.value.is_number("-1"));
    if minus_one { None } else { whole(section, key, 0) }
}
