//! `kind = "virsh"`: options of `virsh migrate`.

use crate::orchestrator::virsh::Virsh;
use crate::orchestrator::{Policy, Stack};

use super::{Section, channels, needs, on, whole};

const METHODS: [(&str, (bool, bool)); 3] =
    [("xbzrle", (true, false)), ("mt", (false, true)), ("mt,xbzrle", (true, true))];

pub(super) fn read(section: &mut Section) -> (Policy, Stack) {
    let suspend = section.switch("timeout-suspend");
    let compressed = on(section, "compressed");
    let methods = section.choice("comp-methods", &METHODS, &[]).map(|found| found.value);
    let (xbzrle, mt) = if compressed { methods.unwrap_or((true, false)) } else { (false, false) };
    let parallel = on(section, "parallel");
    let connections = channels(section, "parallel-connections", 1);
    let virsh = Virsh {
        timeout: whole(section, "timeout", 1),
        timeout_postcopy: on(section, "timeout-postcopy"),
        postcopy: on(section, "postcopy"),
        postcopy_after_precopy: on(section, "postcopy-after-precopy"),
        postcopy_bandwidth: whole(section, "postcopy-bandwidth", 1),
        bandwidth: whole(section, "bandwidth", 1),
        auto_converge: on(section, "auto-converge"),
        auto_converge_initial: section.percent("auto-converge-initial", 1..=99).map(|found| found.value),
        auto_converge_increment: section.percent("auto-converge-increment", 1..=99).map(|found| found.value),
        xbzrle,
        mt,
        comp_xbzrle_cache: section.quantity("comp-xbzrle-cache", Some("B")).map(|found| found.value),
        // libvirt's own default is QEMU's: two.
        parallel_connections: parallel.then(|| connections.unwrap_or(2)),
        zerocopy: on(section, "zerocopy"),
    };
    for (key, has, needed) in [
        ("timeout-suspend", virsh.timeout.is_some(), "timeout = 30"),
        ("timeout-postcopy", virsh.timeout.is_some(), "timeout = 30"),
        ("timeout-postcopy", virsh.postcopy, "postcopy = true"),
        ("postcopy-after-precopy", virsh.postcopy, "postcopy = true"),
        ("auto-converge-initial", virsh.auto_converge, "auto-converge = true"),
        ("auto-converge-increment", virsh.auto_converge, "auto-converge = true"),
        ("comp-methods", compressed, "compressed = true"),
        ("comp-xbzrle-cache", xbzrle, "compressed = true"),
        ("parallel-connections", parallel, "parallel = true"),
        ("zerocopy", parallel, "parallel = true"),
    ] {
        needs(section, key, has, needed, "virsh refuses it alone");
    }
    if let Some(suspend) = suspend.filter(|suspend| suspend.value && virsh.timeout_postcopy) {
        let title = "`timeout-suspend` and `timeout-postcopy` exclude one another";
        section.faults.error(&suspend.place, title, "one of the two").help("remove one of them");
    }
    (virsh.policy(), virsh.stack())
}
