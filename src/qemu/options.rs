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
    /// Whether its effect is simulated.
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

const fn other(name: &'static str, (major, minor): (u8, u8)) -> MigrationOption {
    MigrationOption { name, since: Version::new(major, minor), until: None, modelled: false }
}

/// Removed after 9.0.
const fn until_9_0(name: &'static str, (major, minor): (u8, u8)) -> MigrationOption {
    let until = Some(Version::new(9, 0));
    MigrationOption { name, since: Version::new(major, minor), until, modelled: false }
}

/// Every capability and parameter, of all releases.
pub const OPTIONS: &[MigrationOption] = &[
    // Capabilities.
    modelled("auto-converge", (1, 6)),
    modelled("return-path", (2, 10)),
    other("xbzrle", (1, 6)),
    other("events", (2, 4)),
    until_9_0("compress", (2, 4)),
    other("postcopy-ram", (2, 5)),
    until_9_0("block", (2, 10)),
    other("pause-before-switchover", (2, 11)),
    other("multifd", (4, 0)),
    other("background-snapshot", (6, 0)),
    other("zero-copy-send", (7, 1)),
    other("postcopy-preempt", (7, 1)),
    other("switchover-ack", (8, 1)),
    other("dirty-limit", (8, 1)),
    other("mapped-ram", (9, 0)),
    // Parameters. The first two were commands of their own before 2.8.
    modelled("max-bandwidth", (1, 6)),
    modelled("downtime-limit", (1, 6)),
    modelled("avail-switchover-bandwidth", (8, 2)),
    modelled("cpu-throttle-initial", (2, 5)),
    modelled("cpu-throttle-increment", (2, 5)),
    modelled("max-cpu-throttle", (3, 1)),
    modelled("throttle-trigger-threshold", (5, 0)),
    modelled("cpu-throttle-tailslow", (5, 1)),
    other("max-postcopy-bandwidth", (3, 0)),
    other("vcpu-dirty-limit", (8, 1)),
    other("x-vcpu-dirty-limit-period", (8, 1)),
    other("xbzrle-cache-size", (1, 6)),
    until_9_0("compress-level", (2, 4)),
    until_9_0("compress-threads", (2, 4)),
    until_9_0("decompress-threads", (2, 4)),
    other("multifd-channels", (4, 0)),
    other("multifd-compression", (5, 0)),
    other("multifd-zlib-level", (5, 0)),
    other("multifd-zstd-level", (5, 0)),
    other("multifd-qatzip-level", (9, 2)),
    other("zero-page-detection", (9, 0)),
    other("mode", (8, 2)),
    other("direct-io", (9, 1)),
    other("announce-initial", (4, 0)),
    other("announce-max", (4, 0)),
    other("announce-rounds", (4, 0)),
    other("announce-step", (4, 0)),
    other("tls-creds", (2, 7)),
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
