//! Which release has which capability and parameter (qemu-precopy 9).

use super::Version;

/// A capability or parameter of `migrate-set-capabilities` or `migrate-set-parameters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationOption {
    /// QEMU's own spelling.
    pub name: &'static str,
    /// First release that has it, under an `x-` name or as a command of its own at first in some cases.
    pub since: Version,
    /// Last release that has it; `None`: the newest still does.
    pub until: Option<Version>,
    /// Whether [`Config`](super::Config) has a place for it. Whether a run heeds it too, see
    /// [`Config::not_simulated`](super::Config::not_simulated).
    pub modelled: bool,
}

impl MigrationOption {
    /// The option of that name, if any release has one.
    pub fn find(name: &str) -> Option<&'static MigrationOption> {
        OPTIONS.iter().find(|option| option.name == name)
    }

    /// Whether that release has it.
    pub fn exists_in(&self, version: Version) -> bool {
        self.since <= version && self.until.is_none_or(|until| version <= until)
    }
}

const fn modelled(name: &'static str, (major, minor): (u8, u8)) -> MigrationOption {
    MigrationOption { name, since: Version::new(major, minor), until: None, modelled: true }
}

const fn other(name: &'static str, since: (u8, u8)) -> MigrationOption {
    MigrationOption { modelled: false, ..modelled(name, since) }
}

/// Removed after 9.0.
const fn until_9_0(option: MigrationOption) -> MigrationOption {
    MigrationOption { until: Some(Version::new(9, 0)), ..option }
}

/// Every capability and parameter, of all releases.
pub const OPTIONS: &[MigrationOption] = &[
    // Capabilities.
    modelled("auto-converge", (1, 6)),
    modelled("return-path", (2, 10)),
    modelled("xbzrle", (1, 6)),
    other("events", (2, 4)),
    until_9_0(modelled("compress", (2, 4))),
    modelled("postcopy-ram", (2, 5)),
    until_9_0(other("block", (2, 10))),
    modelled("pause-before-switchover", (2, 11)),
    modelled("multifd", (4, 0)),
    other("background-snapshot", (6, 0)),
    modelled("zero-copy-send", (7, 1)),
    modelled("postcopy-preempt", (7, 1)),
    modelled("switchover-ack", (8, 1)),
    modelled("dirty-limit", (8, 1)),
    modelled("mapped-ram", (9, 0)),
    // Parameters. The first two were commands of their own before 2.8.
    modelled("max-bandwidth", (1, 6)),
    modelled("downtime-limit", (1, 6)),
    modelled("avail-switchover-bandwidth", (8, 2)),
    modelled("cpu-throttle-initial", (2, 5)),
    modelled("cpu-throttle-increment", (2, 5)),
    modelled("max-cpu-throttle", (3, 1)),
    modelled("throttle-trigger-threshold", (5, 0)),
    modelled("cpu-throttle-tailslow", (5, 1)),
    modelled("max-postcopy-bandwidth", (3, 0)),
    modelled("vcpu-dirty-limit", (8, 1)),
    modelled("x-vcpu-dirty-limit-period", (8, 1)),
    modelled("xbzrle-cache-size", (1, 6)),
    until_9_0(modelled("compress-level", (2, 4))),
    until_9_0(modelled("compress-threads", (2, 4))),
    until_9_0(modelled("compress-wait-thread", (3, 1))),
    until_9_0(other("decompress-threads", (2, 4))),
    modelled("multifd-channels", (4, 0)),
    modelled("multifd-compression", (5, 0)),
    modelled("multifd-zlib-level", (5, 0)),
    modelled("multifd-zstd-level", (5, 0)),
    modelled("multifd-qatzip-level", (9, 2)),
    modelled("zero-page-detection", (9, 0)),
    other("mode", (8, 2)),
    other("direct-io", (9, 1)),
    other("announce-initial", (4, 0)),
    other("announce-max", (4, 0)),
    other("announce-rounds", (4, 0)),
    other("announce-step", (4, 0)),
    modelled("tls-creds", (2, 7)),
    other("tls-hostname", (2, 7)),
    other("tls-authz", (4, 0)),
    other("x-clear-bitmap-shift", (4, 1)),
];

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
            ("return-path", Version::new(2, 9), false),
            ("return-path", Version::new(2, 10), true),
            ("auto-converge", Version::OLDEST, true),
        ] {
            let option = MigrationOption::find(name).expect(name);
            assert_eq!(option.exists_in(version), exists, "{name} in {version}");
        }
        assert_eq!(MigrationOption::find("bandwidth"), None);
    }

    #[test]
    fn no_option_stands_there_twice() {
        for option in OPTIONS {
            assert_eq!(OPTIONS.iter().filter(|other| other.name == option.name).count(), 1, "{}", option.name);
        }
    }
}
