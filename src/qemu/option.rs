//! A capability or parameter of a migration: which releases have it, what it holds, and where that stands in a
//! [`QemuConfig`] (qemu-precopy 9).

use std::fmt;
use std::ops::RangeInclusive;

use super::{MultifdCompression, QemuConfig, Version, ZeroPageDetection};
use crate::units::{Bytes, Rate, Span};

/// Where a value stands in a [`QemuConfig`].
pub struct Slot<T: 'static> {
    get: fn(&QemuConfig) -> &T,
    place: fn(&mut QemuConfig) -> &mut T,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Slot<T> {
        *self
    }
}

impl<T> Copy for Slot<T> {}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

impl<T: Copy> Slot<T> {
    /// The value that is set.
    pub fn value(self, config: &QemuConfig) -> T {
        *(self.get)(config)
    }
}

impl<T> Slot<T> {
    pub(super) const fn new(get: fn(&QemuConfig) -> &T, place: fn(&mut QemuConfig) -> &mut T) -> Slot<T> {
        Slot { get, place }
    }

    /// The value that is set, in its place.
    pub fn get(self, config: &QemuConfig) -> &T {
        (self.get)(config)
    }

    /// Sets the value.
    pub fn set(self, config: &mut QemuConfig, value: T) {
        *(self.place)(config) = value;
    }
}

/// What an option holds, within QEMU's own bounds, and where that stands.
#[derive(Clone, Debug)]
pub enum QemuForm {
    /// Nothing that is simulated.
    Unmodelled,
    /// A capability, which QEMU lets nobody change while it migrates.
    Capability(Slot<bool>),
    /// A parameter that is on or off.
    Switch(Slot<bool>),
    /// Whole per cent.
    Percent(Slot<u8>, RangeInclusive<u8>),
    /// A whole number.
    Count(Slot<u8>, RangeInclusive<u8>),
    /// An upper limit of the bandwidth; zero: no limit.
    BandwidthLimit(Slot<Rate>),
    /// The bandwidth that a switchover is reckoned with; zero: what was measured.
    SwitchoverBandwidth(Slot<Rate>),
    /// A dirty rate, in whole MiB/s, at least one.
    DirtyRate(Slot<Rate>),
    /// A time, in whole milliseconds.
    Time(Slot<Span>, RangeInclusive<Span>),
    /// The size of XBZRLE's cache.
    CacheSize(Slot<Bytes>),
    /// A method of compression.
    Compression(Slot<MultifdCompression>),
    /// Who finds zero pages.
    Detection(Slot<ZeroPageDetection>),
    /// The name of an object of QEMU; empty: none.
    Name(Slot<String>),
}

/// What libvirt does with an option (orchestrators 2.1 and 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LibvirtSupport {
    /// It has no word for it.
    Unknown,
    /// It passes it on when a migration starts.
    AtStart,
    /// It passes a change on while a migration runs, too.
    Live,
}

/// A capability or parameter of `migrate-set-capabilities` or `migrate-set-parameters`.
#[derive(Clone, Debug)]
pub struct MigrationOption {
    /// QEMU's own spelling.
    pub name: &'static str,
    /// First release that has it, under an `x-` name or as a command of its own at first in some cases.
    pub since: Version,
    /// Last release that has it; `None`: the newest still does.
    pub until: Option<Version>,
    /// What it holds. Whether a run heeds it, see [`QemuConfig::not_simulated`](super::QemuConfig::not_simulated).
    pub form: QemuForm,
    /// The capability or parameter without which it has no effect.
    pub needs: Option<&'static str>,
    /// What libvirt does with it.
    pub libvirt: LibvirtSupport,
    /// Whether its other values, alone, are answers to "what should I change?".
    pub is_lever: bool,
}

impl MigrationOption {
    /// Whether that release has it.
    pub fn exists_in(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version <= until)
    }

    /// Whether [`QemuConfig`] has a place for it.
    pub fn is_modelled(&self) -> bool {
        !matches!(self.form, QemuForm::Unmodelled)
    }

    /// Whether it is a parameter that is modelled, which QEMU takes at any time.
    pub fn is_parameter(&self) -> bool {
        self.is_modelled() && !matches!(self.form, QemuForm::Capability(_))
    }

    /// Whether both have the same value.
    pub fn is_equal(&self, one: &QemuConfig, other: &QemuConfig) -> bool {
        match &self.form {
            QemuForm::Unmodelled => true,
            QemuForm::Capability(slot) | QemuForm::Switch(slot) => slot.get(one) == slot.get(other),
            QemuForm::Percent(slot, _) | QemuForm::Count(slot, _) => slot.get(one) == slot.get(other),
            QemuForm::BandwidthLimit(slot) | QemuForm::SwitchoverBandwidth(slot) | QemuForm::DirtyRate(slot) => {
                slot.get(one) == slot.get(other)
            }
            QemuForm::Time(slot, _) => slot.get(one) == slot.get(other),
            QemuForm::CacheSize(slot) => slot.get(one) == slot.get(other),
            QemuForm::Compression(slot) => slot.get(one) == slot.get(other),
            QemuForm::Detection(slot) => slot.get(one) == slot.get(other),
            QemuForm::Name(slot) => slot.get(one) == slot.get(other),
        }
    }
}

/// How the rows of [`OPTIONS`](super::OPTIONS) say what is not usual.
impl MigrationOption {
    /// That nothing simulates, and that libvirt passes on when a migration starts.
    pub(super) const fn new(name: &'static str, since: Version) -> MigrationOption {
        let (form, libvirt) = (QemuForm::Unmodelled, LibvirtSupport::AtStart);
        MigrationOption { name, since, until: None, form, needs: None, libvirt, is_lever: false }
    }

    /// With a last release that has it.
    pub(super) const fn until(mut self, last: Version) -> MigrationOption {
        self.until = Some(last);
        self
    }

    /// With a value, and a place for it.
    pub(super) const fn holds(mut self, form: QemuForm) -> MigrationOption {
        self.form = form;
        self
    }

    /// Without effect unless that is on.
    pub(super) const fn with(mut self, needs: &'static str) -> MigrationOption {
        self.needs = Some(needs);
        self
    }

    /// Tried by `plan`, value by value.
    pub(super) const fn lever(mut self) -> MigrationOption {
        self.is_lever = true;
        self
    }

    /// Passed on by libvirt while a migration runs.
    pub(super) const fn live_in_libvirt(mut self) -> MigrationOption {
        self.libvirt = LibvirtSupport::Live;
        self
    }

    /// Not to be had through libvirt.
    pub(super) const fn unknown_to_libvirt(mut self) -> MigrationOption {
        self.libvirt = LibvirtSupport::Unknown;
        self
    }
}
