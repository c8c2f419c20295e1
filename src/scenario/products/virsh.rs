//! `kind = "virsh"`: options of `virsh migrate`.

use crate::orchestrator::virsh::Virsh;
use crate::orchestrator::{Policy, Stack};

use super::{Section, channels, on, whole};

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
    let needs = |has: bool, key: &'static str, needed: &'static str, section: &mut Section| {
        if has || !section.has(key) {
            return;
        }
        let Some(entry) = section.entries().iter().find(|entry| entry.key == key) else { return };
        let (place, title) = (entry.place.clone(), format!("`{}` needs `{needed}`", section.path(key)));
        section
            .faults
            .error(&place, title, "virsh refuses it alone")
            .help(format!("add `{needed}`, or remove this key"));
    };
    needs(virsh.timeout.is_some(), "timeout-suspend", "timeout = 30", section);
    needs(virsh.timeout.is_some(), "timeout-postcopy", "timeout = 30", section);
    needs(virsh.postcopy, "timeout-postcopy", "postcopy = true", section);
    needs(virsh.postcopy, "postcopy-after-precopy", "postcopy = true", section);
    needs(virsh.auto_converge, "auto-converge-initial", "auto-converge = true", section);
    needs(virsh.auto_converge, "auto-converge-increment", "auto-converge = true", section);
    needs(compressed, "comp-methods", "compressed = true", section);
    needs(parallel, "parallel-connections", "parallel = true", section);
    needs(parallel, "zerocopy", "parallel = true", section);
    if let Some(suspend) = suspend.filter(|suspend| suspend.value && virsh.timeout_postcopy) {
        let title = "`timeout-suspend` and `timeout-postcopy` exclude one another";
        section.faults.error(&suspend.place, title, "one of the two").help("remove one of them");
    }
    (virsh.policy(), virsh.stack())
}
