//! The products' own options, under their names.

mod cloud_hypervisor;
mod cloudstack;
mod ganeti;
mod kubevirt;
mod nova;
mod ovirt;
mod proxmox;
mod virsh;
mod xen;

use crate::orchestrator::{Policy, Stack};

use super::diagnostic::Source;
use super::faults::clip;
use super::orchestrator_section::Around;
use super::reader::{Foreign, Found, Section};
use crate::units::spelling::word_of;

/// What `kind` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    None,
    Nova,
    Virsh,
    Ovirt,
    KubeVirt,
    Proxmox,
    CloudStack,
    Ganeti,
    Xen,
    CloudHypervisor,
    Rules,
}

pub(super) const KINDS: [(&str, Product); 11] = [
    ("none", Product::None),
    ("nova", Product::Nova),
    ("virsh", Product::Virsh),
    ("ovirt", Product::Ovirt),
    ("kubevirt", Product::KubeVirt),
    ("proxmox", Product::Proxmox),
    ("cloudstack", Product::CloudStack),
    ("ganeti", Product::Ganeti),
    ("xen", Product::Xen),
    ("cloud-hypervisor", Product::CloudHypervisor),
    ("rules", Product::Rules),
];

/// Its name, as `kind` spells it.
pub(super) fn name(product: Product) -> &'static str {
    word_of(&KINDS, product)
}

/// Reads a product's options; `None` if one is wrong, or if it has none.
pub(super) fn read(kind: &Found<Product>, section: &mut Section, around: &Around) -> Option<(Policy, Stack)> {
    let before = section.faults.errors.len();
    let read = match kind.value {
        Product::Nova => nova::read(section, around),
        Product::Virsh => virsh::read(section),
        Product::Ovirt => ovirt::read(section, around)?,
        Product::KubeVirt => kubevirt::read(section, around),
        Product::Proxmox => proxmox::read(section, around),
        Product::CloudStack => cloudstack::read(section),
        Product::Ganeti => ganeti::read(section),
        Product::Xen => xen::read(section),
        Product::CloudHypervisor => cloud_hypervisor::read(section),
        Product::None | Product::Rules => return None,
    };
    let left = left_over(kind, section);
    section.finish(|key| left.iter().any(|left| left == key).then(|| foreign(key, name(kind.value))));
    (section.faults.errors.len() == before).then_some(read)
}

/// Keys of the file, where a flag names the product: they belong to the one that the file names.
fn left_over(kind: &Found<Product>, section: &Section) -> Vec<String> {
    let is_flag = matches!(kind.place.source, Source::Set(_));
    let of_file = section.entries().iter().filter(|entry| is_flag && entry.place.source == Source::File);
    of_file.map(|entry| entry.key.clone()).collect()
}

fn foreign(key: &str, name: &str) -> Foreign {
    Foreign {
        title: format!("`orchestrator.{}` is no option of {name}", clip(key)),
        label: format!("the file's, and `--set` names {name}"),
        help: format!(
            "`--set 'orchestrator={{ kind = \"{name}\" }}'` puts {name} with its defaults in place of the whole section"
        ),
    }
}

/// A whole number as the products count.
fn whole(section: &mut Section, key: &'static str, least: u32) -> Option<u64> {
    section.count(key, least..=u32::MAX).map(|found| u64::from(found.value))
}

/// Takes a number over, if there is one.
fn set(target: &mut u64, found: Option<u64>) {
    if let Some(value) = found {
        *target = value;
    }
}

/// A byte's worth of channels.
fn channels(section: &mut Section, key: &'static str, least: u32) -> Option<u8> {
    section.count(key, least..=255).map(|found| found.value as u8)
}

/// A switch, off where it is not there.
fn on(section: &mut Section, key: &'static str) -> bool {
    section.switch(key).is_some_and(|found| found.value)
}

/// Complains about an option that a release of the product does not have.
fn only(section: &mut Section, key: &'static str, has: bool, when: &str, release: &Found<u32>) {
    if has {
        return;
    }
    let Some(place) = section.peek(key).map(|entry| entry.place.clone()) else { return };
    let title = format!("`{}` is no option of release {}", section.path(key), release.value);
    let named = if section.has("release") { "the release" } else { "the newest release, where none is named" };
    let fault = section.faults.error(&place, title, when.to_owned());
    fault.note(&release.place, named).help("remove the key, or name another `release`");
}

/// Complains about an option that does nothing without another one.
fn needs(section: &mut Section, key: &'static str, has: bool, needed: &str, label: &str) {
    let Some(place) = section.peek(key).map(|entry| entry.place.clone()).filter(|_| !has) else { return };
    let title = format!("`{}` needs `{needed}`", section.path(key));
    section.faults.error(&place, title, label.to_owned()).help(format!("add `{needed}`, or remove this key"));
}

/// Says of options that they are not looked at.
fn idle(section: &mut Section, keys: &[&'static str], used: bool, label: &str) {
    for key in keys {
        let Some(place) = section.peek(key).map(|entry| entry.place.clone()).filter(|_| !used) else { continue };
        let title = format!("`{}` has no effect", section.path(key));
        section.faults.warn(&place, title, label.to_owned()).help("remove this key");
    }
}
