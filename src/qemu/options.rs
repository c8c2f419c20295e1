//! All capabilities and parameters of a migration, one row each (qemu-precopy 9).
//!
//! Fields of [`Capabilities`] and [`Params`] with their defaults, readers of scenarios, flags, `[[at]]` and recordings,
//! what is written back, units of columns, levers of `plan` and gates by release are drawn from the rows. An option that
//! is added is one row here, and its use in a rule.

use serde::Serialize;

use super::option::{MigrationOption, QemuForm, Slot};
use super::{MultifdCompression, Version, ZeroPageDetection};
use crate::units::{Bytes, Rate, Span};

/// QEMU's own bound of `downtime-limit`.
pub const MAX_DOWNTIME_LIMIT: Span = Span::from_ms(2_000_000);

/// Makes an entry of [`OPTIONS`]: its place in a [`QemuConfig`] and its form if something simulates it, its name, the
/// releases that have it, and what is not usual about it.
macro_rules! option {
    (
        $($place:ident.$field:ident, $form:ident $(($bounds:expr))? =>)?
        $name:literal, ($($since:literal),*) $(to ($($until:literal),*))? $(, $more:ident($($with:expr),*))*
    ) => {
        MigrationOption::new($name, Version::new($($since),*))
            $(.holds(QemuForm::$form(
                Slot::new(|config| &config.$place.$field, |config| &mut config.$place.$field) $(, $bounds)?
            )))?
            $(.until(Version::new($($until),*)))?
            $(.$more($($with),*))*
    };
}

/// Makes the fields, their defaults, and [`OPTIONS`] from rows. A row of what nothing simulates begins at its name.
macro_rules! options {
    (
        capabilities {$(
            $($(#[$enables:meta])* $switch:ident =>)?
            $capability:literal, ($($from:literal),*) $(to ($($upto:literal),*))? $(, $also:ident($($word:expr),*))*;
        )*}
        params of $version:ident {$(
            $($(#[$means:meta])* $field:ident: $type:ty = $usual:expr, $form:ident $(($bounds:expr))? =>)?
            $name:literal, ($($since:literal),*) $(to ($($until:literal),*))? $(, $more:ident($($with:expr),*))*;
        )*}
    ) => {
        /// What `migrate-set-capabilities` switches on; all are off by default.
        ///
        /// [`OPTIONS`] knows which release has which, and [`QemuConfig::conflicts`](super::QemuConfig::conflicts)
        /// which of them go together.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Capabilities {
            $($($(#[$enables])* #[serde(rename = $capability)] pub $switch: bool,)?)*
        }

        /// What `migrate-set-parameters` sets (qemu-precopy 9).
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub struct Params {
            $($($(#[$means])* #[serde(rename = $name)] pub $field: $type,)?)*
        }

        impl Params {
            /// The defaults of a release with its own newest machine type (qemu-precopy 9).
            pub fn defaults($version: Version) -> Params {
                Params { $($($field: $usual,)?)* }
            }
        }

        /// Every capability and parameter, of all releases.
        pub static OPTIONS: &[MigrationOption] = &[
            $(option!(
                $(capabilities.$switch, Capability =>)?
                $capability, ($($from),*) $(to ($($upto),*))? $(, $also($($word),*))*
            ),)*
            $(option!(
                $(params.$field, $form $(($bounds))? =>)?
                $name, ($($since),*) $(to ($($until),*))? $(, $more($($with),*))*
            ),)*
        ];
    };
}

options! {
    capabilities {
        /// `auto-converge`: the guest is slowed down (1.6+).
        auto_converge => "auto-converge", (1, 6);
        /// `xbzrle`: pages sent again go as differences (1.6+).
        xbzrle => "xbzrle", (1, 6);
        /// `compress`: threads compress pages (2.4 to 9.0).
        compress => "compress", (2, 4) to (9, 0);
        /// `postcopy-ram`: the switch to post-copy may be asked for (2.5+).
        postcopy_ram => "postcopy-ram", (2, 5);
        /// `rdma-pin-all`: all RAM is pinned and registered before the first page goes over RDMA (2.0+).
        rdma_pin_all => "rdma-pin-all", (2, 0);
        /// `return-path`: completion waits for the destination (2.10+).
        return_path => "return-path", (2, 10);
        /// `pause-before-switchover`: the stopped guest waits for `migrate-continue` (2.11+).
        pause_before_switchover => "pause-before-switchover", (2, 11);
        /// `multifd`: pages go over several channels (4.0+).
        multifd => "multifd", (4, 0);
        /// `zero-copy-send`: the kernel sends pages from where they lie (7.1+).
        zero_copy_send => "zero-copy-send", (7, 1);
        /// `postcopy-preempt`: requested pages have a channel of their own (7.1+).
        postcopy_preempt => "postcopy-preempt", (7, 1);
        /// `switchover-ack`: the guest is stopped only when the destination agrees (8.1+).
        switchover_ack => "switchover-ack", (8, 1);
        /// `dirty-limit`: vCPUs that dirty too fast are slowed down, each by itself (8.1+).
        dirty_limit => "dirty-limit", (8, 1), unknown_to_libvirt();
        /// `mapped-ram`: each page has its place in a file (9.0+).
        mapped_ram => "mapped-ram", (9, 0), unknown_to_libvirt();
        "events", (2, 4);
        "block", (2, 10) to (9, 0);
        "background-snapshot", (6, 0);
        "zero-blocks", (1, 6) to (10, 2);
    }

    // `max-bandwidth` and `downtime-limit` were commands of their own before 2.8.
    params of version {
        /// `max-bandwidth`; zero: no limit.
        max_bandwidth: Rate = Rate(if version < Version::new(5, 2) { 32 << 20 } else { 128 << 20 }), BandwidthLimit
            => "max-bandwidth", (1, 6), live_in_libvirt();
        /// `max-postcopy-bandwidth` (3.0+); zero: no limit.
        max_postcopy_bandwidth: Rate = Rate(0), BandwidthLimit
            => "max-postcopy-bandwidth", (3, 0), with("postcopy-ram"), live_in_libvirt();
        /// `avail-switchover-bandwidth` (8.2+); zero: measure.
        avail_switchover_bandwidth: Rate = Rate(0), SwitchoverBandwidth
            => "avail-switchover-bandwidth", (8, 2);
        /// `downtime-limit`, whole ms.
        downtime_limit: Span = Span::from_ms(if version < Version::new(2, 1) { 30 } else { 300 }),
            Time(Span::ZERO..=MAX_DOWNTIME_LIMIT)
            => "downtime-limit", (1, 6), live_in_libvirt();
        /// First step of the throttle [%, 1..=99].
        cpu_throttle_initial: u8 = 20, Percent(1..=99)
            => "cpu-throttle-initial", (2, 5), with("auto-converge"), lever();
        /// Every further step of the throttle [%, 1..=99].
        cpu_throttle_increment: u8 = 10, Percent(1..=99)
            => "cpu-throttle-increment", (2, 5), with("auto-converge"), lever();
        /// `max-cpu-throttle` (3.1+) [%, initial..=99].
        max_cpu_throttle: u8 = 99, Percent(1..=99)
            => "max-cpu-throttle", (3, 1), with("auto-converge"), lever(), unknown_to_libvirt();
        /// `throttle-trigger-threshold` (5.0+) [%, 1..=100].
        throttle_trigger_threshold: u8 = 50, Percent(1..=100)
            => "throttle-trigger-threshold", (5, 0), with("auto-converge"), lever(), unknown_to_libvirt();
        /// `cpu-throttle-tailslow` (5.1+).
        cpu_throttle_tailslow: bool = false, Switch
            => "cpu-throttle-tailslow", (5, 1), with("auto-converge"), lever(), unknown_to_libvirt();
        /// `vcpu-dirty-limit` (8.1+), for each vCPU; whole MiB/s, at least 1.
        vcpu_dirty_limit: Rate = Rate(1 << 20), DirtyRate
            => "vcpu-dirty-limit", (8, 1), with("dirty-limit"), unknown_to_libvirt();
        /// `x-vcpu-dirty-limit-period` (8.1+), whole ms [1..=1000 ms].
        x_vcpu_dirty_limit_period: Span = Span::from_ms(1000), Time(Span::from_ms(1)..=Span::from_ms(1000))
            => "x-vcpu-dirty-limit-period", (8, 1), with("dirty-limit"), unknown_to_libvirt();
        /// `xbzrle-cache-size`; a power of two from 2.11 on.
        xbzrle_cache_size: Bytes = Bytes(64 << 20), CacheSize
            => "xbzrle-cache-size", (1, 6), with("xbzrle"), live_in_libvirt();
        /// `compress-level` (2.4 to 9.0) [0..=9].
        compress_level: u8 = 1, Count(0..=9)
            => "compress-level", (2, 4) to (9, 0), with("compress");
        /// `compress-threads` (2.4 to 9.0) [1..=255].
        compress_threads: u8 = 8, Count(1..=255)
            => "compress-threads", (2, 4) to (9, 0), with("compress");
        /// `compress-wait-thread` (3.1 to 9.0): a page waits for a thread. Before 3.1 it always does.
        compress_wait_thread: bool = true, Switch
            => "compress-wait-thread", (3, 1) to (9, 0), with("compress");
        "decompress-threads", (2, 4) to (9, 0);
        /// `multifd-channels` (4.0+) [1..=255].
        multifd_channels: u8 = 2, Count(1..=255)
            => "multifd-channels", (4, 0), with("multifd");
        /// `multifd-compression` (5.0+).
        multifd_compression: MultifdCompression = MultifdCompression::None, Compression
            => "multifd-compression", (5, 0), with("multifd");
        /// `multifd-zlib-level` (5.0+) [0..=9].
        multifd_zlib_level: u8 = 1, Count(0..=9)
            => "multifd-zlib-level", (5, 0), with("multifd");
        /// `multifd-zstd-level` (5.0+) [0..=20].
        multifd_zstd_level: u8 = 1, Count(0..=20)
            => "multifd-zstd-level", (5, 0), with("multifd");
        /// `multifd-qatzip-level` (9.2+) [1..=9].
        multifd_qatzip_level: u8 = 1, Count(1..=9)
            => "multifd-qatzip-level", (9, 2), with("multifd");
        /// `zero-page-detection` (9.0+).
        zero_page_detection: ZeroPageDetection = ZeroPageDetection::default_for(version), Detection
            => "zero-page-detection", (9, 0);
        "mode", (8, 2);
        "direct-io", (9, 1);
        "announce-initial", (4, 0);
        "announce-max", (4, 0);
        "announce-rounds", (4, 0);
        "announce-step", (4, 0);
        /// `tls-creds` (2.7+); empty: no TLS.
        tls_creds: String = String::new(), Name
            => "tls-creds", (2, 7);
        "tls-hostname", (2, 7);
        "tls-authz", (4, 0);
        "x-clear-bitmap-shift", (4, 1);
        "x-rdma-chunk-size", (11, 1);
    }
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
}

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
