//! Capabilities and parameters of a migration, one row each: which releases have it, what it holds, and where that
//! stands in a [`QemuConfig`] (qemu-precopy 9).
//!
//! Readers of scenarios, flags, `[[at]]` and recordings, what is written back, units of columns, levers of `plan` and
//! gates by release are drawn from [`OPTIONS`]. An option that is added is one row here, a field of [`QemuConfig`], and
//! its use in a rule.

use std::fmt;
use std::ops::RangeInclusive;

use super::params::MAX_DOWNTIME_LIMIT;
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
    /// The value that is set, in its place.
    pub fn get(self, config: &QemuConfig) -> &T {
        (self.get)(config)
    }

    /// Sets the value.
    pub fn set(self, config: &mut QemuConfig, value: T) {
        *(self.place)(config) = value;
    }
}

macro_rules! slot {
    ($($field:ident).+) => {
        Slot { get: |config| &config.$($field).+, place: |config| &mut config.$($field).+ }
    };
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
    /// The option of that name, if any release has one.
    pub fn find(name: &str) -> Option<&'static MigrationOption> {
        OPTIONS.iter().find(|option| option.name == name)
    }

    /// The option of that name, if [`QemuConfig`] has a place for it.
    pub fn modelled(name: &str) -> Option<&'static MigrationOption> {
        MigrationOption::find(name).filter(|option| option.is_modelled())
    }

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

const fn option(name: &'static str, (major, minor): (u8, u8), form: QemuForm) -> MigrationOption {
    let since = Version::new(major, minor);
    MigrationOption { name, since, until: None, form, needs: None, libvirt: LibvirtSupport::AtStart, is_lever: false }
}

const fn capability(name: &'static str, since: (u8, u8), slot: Slot<bool>) -> MigrationOption {
    option(name, since, QemuForm::Capability(slot))
}

const fn unmodelled(name: &'static str, since: (u8, u8)) -> MigrationOption {
    option(name, since, QemuForm::Unmodelled)
}

impl MigrationOption {
    /// Removed after 9.0.
    const fn until(mut self, major: u8, minor: u8) -> MigrationOption {
        self.until = Some(Version::new(major, minor));
        self
    }

    /// Without effect unless that is on.
    const fn with(mut self, needs: &'static str) -> MigrationOption {
        self.needs = Some(needs);
        self
    }

    /// Tried by `plan`, value by value.
    const fn lever(mut self) -> MigrationOption {
        self.is_lever = true;
        self
    }

    /// Passed on by libvirt while a migration runs.
    const fn live_in_libvirt(mut self) -> MigrationOption {
        self.libvirt = LibvirtSupport::Live;
        self
    }

    /// Not to be had through libvirt.
    const fn unknown_to_libvirt(mut self) -> MigrationOption {
        self.libvirt = LibvirtSupport::Unknown;
        self
    }
}

/// Every capability and parameter, of all releases.
pub static OPTIONS: &[MigrationOption] = &[
    // Capabilities.
    capability("auto-converge", (1, 6), slot!(capabilities.auto_converge)),
    capability("xbzrle", (1, 6), slot!(capabilities.xbzrle)),
    capability("compress", (2, 4), slot!(capabilities.compress)).until(9, 0),
    capability("postcopy-ram", (2, 5), slot!(capabilities.postcopy_ram)),
    capability("return-path", (2, 10), slot!(capabilities.return_path)),
    capability("pause-before-switchover", (2, 11), slot!(capabilities.pause_before_switchover)),
    capability("multifd", (4, 0), slot!(capabilities.multifd)),
    capability("zero-copy-send", (7, 1), slot!(capabilities.zero_copy_send)),
    capability("postcopy-preempt", (7, 1), slot!(capabilities.postcopy_preempt)),
    capability("switchover-ack", (8, 1), slot!(capabilities.switchover_ack)),
    capability("dirty-limit", (8, 1), slot!(capabilities.dirty_limit)).unknown_to_libvirt(),
    capability("mapped-ram", (9, 0), slot!(capabilities.mapped_ram)).unknown_to_libvirt(),
    unmodelled("events", (2, 4)),
    unmodelled("block", (2, 10)).until(9, 0),
    unmodelled("background-snapshot", (6, 0)),
    unmodelled("zero-blocks", (1, 6)).until(10, 2),
    // Parameters. `max-bandwidth` and `downtime-limit` were commands of their own before 2.8.
    option("max-bandwidth", (1, 6), QemuForm::BandwidthLimit(slot!(params.max_bandwidth))).live_in_libvirt(),
    option("max-postcopy-bandwidth", (3, 0), QemuForm::BandwidthLimit(slot!(params.max_postcopy_bandwidth)))
        .with("postcopy-ram")
        .live_in_libvirt(),
    option(
        "avail-switchover-bandwidth",
        (8, 2),
        QemuForm::SwitchoverBandwidth(slot!(params.avail_switchover_bandwidth)),
    ),
    option("downtime-limit", (1, 6), QemuForm::Time(slot!(params.downtime_limit), Span::ZERO..=MAX_DOWNTIME_LIMIT))
        .live_in_libvirt(),
    option("cpu-throttle-initial", (2, 5), QemuForm::Percent(slot!(params.cpu_throttle_initial), 1..=99))
        .with("auto-converge")
        .lever(),
    option("cpu-throttle-increment", (2, 5), QemuForm::Percent(slot!(params.cpu_throttle_increment), 1..=99))
        .with("auto-converge")
        .lever(),
    option("max-cpu-throttle", (3, 1), QemuForm::Percent(slot!(params.max_cpu_throttle), 1..=99))
        .with("auto-converge")
        .lever()
        .unknown_to_libvirt(),
    option("throttle-trigger-threshold", (5, 0), QemuForm::Percent(slot!(params.throttle_trigger_threshold), 1..=100))
        .with("auto-converge")
        .lever()
        .unknown_to_libvirt(),
    option("cpu-throttle-tailslow", (5, 1), QemuForm::Switch(slot!(params.cpu_throttle_tailslow)))
        .with("auto-converge")
        .lever()
        .unknown_to_libvirt(),
    option("vcpu-dirty-limit", (8, 1), QemuForm::DirtyRate(slot!(params.vcpu_dirty_limit)))
        .with("dirty-limit")
        .unknown_to_libvirt(),
    option(
        "x-vcpu-dirty-limit-period",
        (8, 1),
        QemuForm::Time(slot!(params.x_vcpu_dirty_limit_period), Span::from_ms(1)..=Span::from_ms(1000)),
    )
    .with("dirty-limit")
    .unknown_to_libvirt(),
    option("xbzrle-cache-size", (1, 6), QemuForm::CacheSize(slot!(params.xbzrle_cache_size)))
        .with("xbzrle")
        .live_in_libvirt(),
    option("compress-level", (2, 4), QemuForm::Count(slot!(params.compress_level), 0..=9)).with("compress").until(9, 0),
    option("compress-threads", (2, 4), QemuForm::Count(slot!(params.compress_threads), 1..=255))
        .with("compress")
        .until(9, 0),
    option("compress-wait-thread", (3, 1), QemuForm::Switch(slot!(params.compress_wait_thread)))
        .with("compress")
        .until(9, 0),
    unmodelled("decompress-threads", (2, 4)).until(9, 0),
    option("multifd-channels", (4, 0), QemuForm::Count(slot!(params.multifd_channels), 1..=255)).with("multifd"),
    option("multifd-compression", (5, 0), QemuForm::Compression(slot!(params.multifd_compression))).with("multifd"),
    option("multifd-zlib-level", (5, 0), QemuForm::Count(slot!(params.multifd_zlib_level), 0..=9)).with("multifd"),
    option("multifd-zstd-level", (5, 0), QemuForm::Count(slot!(params.multifd_zstd_level), 0..=20)).with("multifd"),
    option("multifd-qatzip-level", (9, 2), QemuForm::Count(slot!(params.multifd_qatzip_level), 1..=9)).with("multifd"),
    option("zero-page-detection", (9, 0), QemuForm::Detection(slot!(params.zero_page_detection))),
    unmodelled("mode", (8, 2)),
    unmodelled("direct-io", (9, 1)),
    unmodelled("announce-initial", (4, 0)),
    unmodelled("announce-max", (4, 0)),
    unmodelled("announce-rounds", (4, 0)),
    unmodelled("announce-step", (4, 0)),
    option("tls-creds", (2, 7), QemuForm::Name(slot!(params.tls_creds))),
    unmodelled("tls-hostname", (2, 7)),
    unmodelled("tls-authz", (4, 0)),
    unmodelled("x-clear-bitmap-shift", (4, 1)),
    unmodelled("x-rdma-chunk-size", (11, 1)),
];

#[cfg(test)]
#[path = "../../docs/adding/qemu-option.rs"]
mod worked_option;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_has_what_it_had() {
        for (name, version, exists) in [
            ("max-cpu-throttle", Version::new(3, 0), false),
            ("max-cpu-throttle", Version::new(3, 1), true),
            ("compress", Version::new(9, 0), true),
            ("compress", Version::new(9, 1), false),
            ("zero-blocks", Version::new(10, 2), true),
            ("zero-blocks", Version::new(11, 0), false),
            ("x-rdma-chunk-size", Version::new(11, 0), false),
            ("return-path", Version::new(2, 9), false),
            ("return-path", Version::new(2, 10), true),
            ("auto-converge", Version::OLDEST, true),
        ] {
            let option = MigrationOption::find(name).expect(name);
            assert_eq!(option.exists_in(version), exists, "{name} in {version}");
        }
        assert!(MigrationOption::find("bandwidth").is_none());
    }

    #[test]
    fn no_option_stands_there_twice() {
        for option in OPTIONS {
            assert_eq!(OPTIONS.iter().filter(|other| other.name == option.name).count(), 1, "{}", option.name);
        }
    }
}
