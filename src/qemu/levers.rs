//! What can be switched on, what goes together, and what is simulated.

use super::{DirtyLog, MigrationOption, MultifdCompression, QemuConfig, Version};

/// Something that is off unless it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct QemuLever {
    /// The key that switches it on, in QEMU's own spelling.
    pub name: &'static str,
    /// A value of that key that does.
    pub value: &'static str,
    is_on: fn(&QemuConfig) -> bool,
}

impl QemuLever {
    /// Whether it is on. A release that does not have it cannot have it on.
    pub fn is_on(&self, config: &QemuConfig) -> bool {
        let option = MigrationOption::find(self.name);
        (self.is_on)(config) && option.is_none_or(|option| option.exists_in(config.version))
    }
}

const fn capability(name: &'static str, is_on: fn(&QemuConfig) -> bool) -> QemuLever {
    QemuLever { name, value: "true", is_on }
}

/// Capability `auto-converge`.
pub const AUTO_CONVERGE: QemuLever = capability("auto-converge", |config| config.capabilities.auto_converge);
/// Capability `xbzrle`.
pub const XBZRLE: QemuLever = capability("xbzrle", |config| config.capabilities.xbzrle);
/// Capability `compress`.
pub const COMPRESS: QemuLever = capability("compress", |config| config.capabilities.compress);
/// Capability `postcopy-ram`.
pub const POSTCOPY_RAM: QemuLever = capability("postcopy-ram", |config| config.capabilities.postcopy_ram);
/// Capability `return-path`.
pub const RETURN_PATH: QemuLever = capability("return-path", |config| config.capabilities.return_path);
/// Capability `pause-before-switchover`.
pub const PAUSE_BEFORE_SWITCHOVER: QemuLever =
    capability("pause-before-switchover", |config| config.capabilities.pause_before_switchover);
/// Capability `multifd`.
pub const MULTIFD: QemuLever = capability("multifd", |config| config.capabilities.multifd);
/// Capability `zero-copy-send`.
pub const ZERO_COPY_SEND: QemuLever = capability("zero-copy-send", |config| config.capabilities.zero_copy_send);
/// Capability `postcopy-preempt`.
pub const POSTCOPY_PREEMPT: QemuLever = capability("postcopy-preempt", |config| config.capabilities.postcopy_preempt);
/// Capability `switchover-ack`.
pub const SWITCHOVER_ACK: QemuLever = capability("switchover-ack", |config| config.capabilities.switchover_ack);
/// Capability `dirty-limit`.
pub const DIRTY_LIMIT: QemuLever = capability("dirty-limit", |config| config.capabilities.dirty_limit);
/// Capability `mapped-ram`.
pub const MAPPED_RAM: QemuLever = capability("mapped-ram", |config| config.capabilities.mapped_ram);
/// The dirty ring, an option of the accelerator.
pub const DIRTY_RING: QemuLever =
    QemuLever { name: "dirty-ring-size", value: "4096", is_on: |config| config.dirty_log == DirtyLog::Ring };
/// TLS.
pub const TLS: QemuLever =
    QemuLever { name: "tls-creds", value: "\"tls0\"", is_on: |config| !config.params.tls_creds.is_empty() };
/// A method of compression, which QEMU looks at even where there are no channels.
pub const MULTIFD_COMPRESSION: QemuLever = QemuLever {
    name: "multifd-compression",
    value: "\"zstd\"",
    is_on: |config| config.params.multifd_compression != MultifdCompression::None,
};
/// Channels that compress.
pub const COMPRESSED_CHANNELS: QemuLever = QemuLever {
    is_on: |config| config.capabilities.multifd && config.params.multifd_compression != MultifdCompression::None,
    ..MULTIFD_COMPRESSION
};
/// Levers that are read and checked, but that `sim` does not know yet.
const NOT_SIMULATED: &[QemuLever] = &[PAUSE_BEFORE_SWITCHOVER];

/// Two levers that QEMU refuses together, from one release to another.
struct RefusedPair(QemuLever, QemuLever, Version, Option<Version>);

const fn since(one: QemuLever, other: QemuLever, (major, minor): (u8, u8)) -> RefusedPair {
    RefusedPair(one, other, Version::new(major, minor), None)
}

const fn until(one: QemuLever, other: QemuLever, first: (u8, u8), last: (u8, u8)) -> RefusedPair {
    RefusedPair(one, other, Version::new(first.0, first.1), Some(Version::new(last.0, last.1)))
}

/// Pairs that exclude one another (qemu-precopy 7; `migrate_caps_check` and `migrate_params_check` of each release).
const EXCLUSIONS: &[RefusedPair] = &[
    // The destination's decompression threads wrote pages in pieces; since 5.0 they place them as a whole.
    until(POSTCOPY_RAM, COMPRESS, (2, 5), (4, 2)),
    since(ZERO_COPY_SEND, COMPRESS, (7, 1)),
    since(ZERO_COPY_SEND, XBZRLE, (7, 1)),
    since(ZERO_COPY_SEND, MULTIFD_COMPRESSION, (7, 1)),
    since(ZERO_COPY_SEND, TLS, (7, 1)),
    since(POSTCOPY_PREEMPT, COMPRESS, (7, 2)),
    since(MULTIFD, COMPRESS, (8, 0)),
    until(MULTIFD, POSTCOPY_RAM, (8, 0), (10, 0)),
    since(MULTIFD, XBZRLE, (8, 1)),
    since(DIRTY_LIMIT, AUTO_CONVERGE, (8, 1)),
    since(COMPRESS, XBZRLE, (8, 2)),
    since(MAPPED_RAM, XBZRLE, (9, 0)),
    since(MAPPED_RAM, COMPRESS, (9, 0)),
    since(MAPPED_RAM, POSTCOPY_RAM, (9, 0)),
    since(MAPPED_RAM, MULTIFD_COMPRESSION, (9, 0)),
    since(MAPPED_RAM, TLS, (9, 0)),
];

/// The first of each needs the second, in all releases that have the first.
const NEEDS: &[(QemuLever, QemuLever)] = &[
    (ZERO_COPY_SEND, MULTIFD),
    (POSTCOPY_PREEMPT, POSTCOPY_RAM),
    (SWITCHOVER_ACK, RETURN_PATH),
    (DIRTY_LIMIT, DIRTY_RING),
];

/// Why QEMU refuses a configuration.
#[derive(Clone, Copy, Debug)]
pub enum Conflict {
    /// Both are on and exclude one another.
    Excludes(QemuLever, QemuLever),
    /// The first is on and needs the second, which is off.
    Needs(QemuLever, QemuLever),
}

impl QemuConfig {
    /// All that QEMU of this version refuses about the levers that are on.
    pub fn conflicts(&self) -> impl Iterator<Item = Conflict> {
        let version = self.version;
        let excluded = EXCLUSIONS
            .iter()
            .filter(move |RefusedPair(_, _, first, last)| *first <= version && last.is_none_or(|last| version <= last))
            .filter(|RefusedPair(one, other, ..)| one.is_on(self) && other.is_on(self))
            .map(|RefusedPair(one, other, ..)| Conflict::Excludes(*one, *other));
        let needed = NEEDS
            .iter()
            .filter(|(lever, needs)| lever.is_on(self) && !needs.is_on(self))
            .map(|(lever, needs)| Conflict::Needs(*lever, *needs));
        excluded.chain(needed)
    }

    /// Levers that are on and that a run would ignore: such a configuration must be refused.
    pub fn not_simulated(&self) -> impl Iterator<Item = QemuLever> {
        NOT_SIMULATED.iter().copied().filter(|lever| lever.is_on(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::{Accel, Capabilities, MigrationOption};
    use crate::units::Bytes;

    fn config(version: (u8, u8), capabilities: Capabilities) -> QemuConfig {
        let version = Version::new(version.0, version.1);
        QemuConfig { capabilities, ..QemuConfig::defaults(version, Accel::Kvm, Bytes::GIB) }
    }

    fn names(config: &QemuConfig) -> Vec<(&'static str, &'static str)> {
        config
            .conflicts()
            .map(|conflict| match conflict {
                Conflict::Excludes(one, other) | Conflict::Needs(one, other) => (one.name, other.name),
            })
            .collect()
    }

    #[test]
    fn pairs_are_refused_by_the_releases_that_refuse_them() {
        let off = Capabilities::default();
        let multifd_xbzrle = Capabilities { multifd: true, xbzrle: true, ..off };
        let multifd_postcopy = Capabilities { multifd: true, postcopy_ram: true, ..off };
        let postcopy_compress = Capabilities { postcopy_ram: true, compress: true, ..off };
        let both_limits = Capabilities { auto_converge: true, dirty_limit: true, ..off };
        for (version, capabilities, refused) in [
            ((8, 0), multifd_xbzrle, vec![]),
            ((8, 1), multifd_xbzrle, vec![("multifd", "xbzrle")]),
            ((7, 2), multifd_postcopy, vec![]),
            ((10, 0), multifd_postcopy, vec![("multifd", "postcopy-ram")]),
            ((10, 1), multifd_postcopy, vec![]),
            ((4, 2), postcopy_compress, vec![("postcopy-ram", "compress")]),
            ((5, 0), postcopy_compress, vec![]),
            ((8, 2), both_limits, vec![("dirty-limit", "auto-converge"), ("dirty-limit", "dirty-ring-size")]),
            ((9, 0), Capabilities { zero_copy_send: true, ..off }, vec![("zero-copy-send", "multifd")]),
            ((9, 0), Capabilities { switchover_ack: true, return_path: true, ..off }, vec![]),
        ] {
            assert_eq!(names(&config(version, capabilities)), refused, "{version:?} {capabilities:?}");
        }
    }

    #[test]
    fn parameters_count_as_levers() {
        let capabilities = Capabilities { multifd: true, zero_copy_send: true, ..Capabilities::default() };
        let mut config = config((9, 2), capabilities);
        config.params.tls_creds = "tls0".to_owned();
        config.params.multifd_compression = MultifdCompression::Zstd;
        assert_eq!(names(&config), [("zero-copy-send", "multifd-compression"), ("zero-copy-send", "tls-creds")]);
    }

    #[test]
    fn defaults_are_simulated_and_without_conflict() {
        for version in Version::all() {
            for accel in [Accel::Kvm, Accel::Tcg] {
                let config = QemuConfig::defaults(version, accel, Bytes::GIB);
                assert_eq!(config.not_simulated().count() + config.conflicts().count(), 0, "{version}");
            }
        }
    }

    #[test]
    fn every_lever_is_an_option_of_qemu() {
        let pairs = EXCLUSIONS.iter().flat_map(|RefusedPair(one, other, ..)| [one, other]);
        let needs = NEEDS.iter().flat_map(|(one, other)| [one, other]);
        for lever in pairs.chain(needs).chain(NOT_SIMULATED).filter(|lever| lever.name != DIRTY_RING.name) {
            assert!(MigrationOption::find(lever.name).is_some_and(MigrationOption::is_modelled), "{}", lever.name);
        }
    }
}
