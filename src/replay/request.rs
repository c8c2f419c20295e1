//! From a scenario to what libvirt is asked for.

use crate::qemu::{MultifdCompression, levers};
use crate::scenario::Scenario;
use crate::units::{Bytes, Span};

/// Flags and parameters of a migration, as libvirt takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationRequest {
    /// Of the destination, as the source's daemon reaches it.
    pub dest_uri: String,
    /// Where QEMU connects to; `None`: libvirt chooses.
    pub migrate_uri: Option<String>,
    /// Where the destination's QEMU waits for the stream; `None`: everywhere.
    pub listen_address: Option<String>,
    /// `bandwidth` [MiB/s]; 0: no limit.
    pub bandwidth_mib: u64,
    /// `bandwidth.postcopy` [MiB/s]; 0: no limit.
    pub postcopy_bandwidth_mib: u64,
    /// The limit of the downtime before the migration starts.
    pub downtime: Span,
    /// `auto_converge.initial` and `.increment` [%]; `None`: no auto-converge.
    pub auto_converge: Option<(u8, u8)>,
    /// Post-copy may be switched to.
    pub postcopy: bool,
    /// `compression.xbzrle.cache`; `None`: no XBZRLE.
    pub xbzrle_cache: Option<Bytes>,
    /// `compression.mt.level` and `.threads`; `None`: no compression by threads.
    pub compress: Option<(u8, u8)>,
    /// `parallel.connections`; `None`: no multifd.
    pub parallel: Option<u8>,
    /// Compression of multifd, by libvirt's name.
    pub parallel_compression: Option<&'static str>,
    /// Zero-copy.
    pub zero_copy: bool,
    /// TLS.
    pub tls: bool,
}

impl MigrationRequest {
    /// Whether pages are compressed in any way.
    pub fn is_compressed(&self) -> bool {
        self.xbzrle_cache.is_some() || self.compress.is_some() || self.parallel_compression.is_some()
    }

    /// What a scenario asks for.
    ///
    /// # Errors
    /// Everything that libvirt has no word for, each with the reason.
    pub fn new(
        scenario: &Scenario,
        dest_uri: &str,
        migrate_uri: Option<&str>,
    ) -> Result<MigrationRequest, Vec<String>> {
        let qemu = &scenario.qemu;
        let (caps, params) = (qemu.capabilities, &qemu.params);
        let mut refused = Vec::new();
        // libvirt asks for `switchover-ack`, and with post-copy for `postcopy-preempt`, by itself (10.0.0).
        for lever in [levers::DIRTY_LIMIT, levers::MAPPED_RAM] {
            if lever.is_on(qemu) {
                refused.push(format!("`qemu.{}`: libvirt has no flag for it", lever.name));
            }
        }
        if caps.auto_converge {
            for (key, differs) in [
                ("max-cpu-throttle", params.max_cpu_throttle != 99),
                ("throttle-trigger-threshold", params.throttle_trigger_threshold != 50),
                ("cpu-throttle-tailslow", params.cpu_throttle_tailslow),
            ] {
                if differs {
                    refused.push(format!("`qemu.{key}`: libvirt cannot set it"));
                }
            }
        }
        let orchestrator = scenario.orchestrator.as_ref();
        if orchestrator.is_some_and(|policy| policy.decides_switchover) {
            refused.push("`orchestrator`: libvirt cannot tell QEMU when to stop the guest".to_owned());
        }
        let parallel_compression = match params.multifd_compression {
            _ if !caps.multifd => None,
            MultifdCompression::None => None,
            MultifdCompression::Zlib => Some("zlib"),
            MultifdCompression::Zstd => Some("zstd"),
            _ => {
                refused.push("`qemu.multifd-compression`: libvirt knows `zlib` and `zstd`".to_owned());
                None
            }
        };
        if !refused.is_empty() {
            return Err(refused);
        }
        // libvirt counts in MiB/s; a limit that is no whole number of them goes up, so that none becomes "no limit".
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        Ok(MigrationRequest {
            dest_uri: dest_uri.to_owned(),
            migrate_uri: migrate_uri.map(str::to_owned),
            listen_address: None,
            bandwidth_mib: mib(params.max_bandwidth.0),
            postcopy_bandwidth_mib: mib(params.max_postcopy_bandwidth.0),
            downtime: params.downtime_limit,
            auto_converge: caps.auto_converge.then_some((params.cpu_throttle_initial, params.cpu_throttle_increment)),
            postcopy: caps.postcopy_ram,
            xbzrle_cache: caps.xbzrle.then_some(params.xbzrle_cache_size),
            compress: caps.compress.then_some((params.compress_level, params.compress_threads)),
            parallel: caps.multifd.then_some(params.multifd_channels),
            parallel_compression,
            zero_copy: caps.zero_copy_send,
            tls: !params.tls_creds.is_empty(),
        })
    }

    /// The calls that it leads to, one a line, for a user who wants to see them before they are made.
    pub fn calls(&self, domain: &str) -> Vec<String> {
        let mut flags = vec!["LIVE", "PEER2PEER"];
        let mut params = Vec::new();
        params.extend(self.migrate_uri.as_ref().map(|uri| format!("migrate_uri={uri}")));
        params.extend(self.listen_address.as_ref().map(|address| format!("listen_address={address}")));
        if self.bandwidth_mib > 0 {
            params.push(format!("bandwidth={}", self.bandwidth_mib));
        }
        if let Some((initial, increment)) = self.auto_converge {
            flags.push("AUTO_CONVERGE");
            params.push(format!("auto_converge.initial={initial}"));
            params.push(format!("auto_converge.increment={increment}"));
        }
        if self.postcopy {
            flags.push("POSTCOPY");
            if self.postcopy_bandwidth_mib > 0 {
                params.push(format!("bandwidth.postcopy={}", self.postcopy_bandwidth_mib));
            }
        }
        if self.is_compressed() {
            flags.push("COMPRESSED");
        }
        if let Some(cache) = self.xbzrle_cache {
            params.push(format!("compression=xbzrle, compression.xbzrle.cache={}", cache.0));
        }
        if let Some((level, threads)) = self.compress {
            params.push(format!("compression=mt, compression.mt.level={level}, compression.mt.threads={threads}"));
        }
        params.extend(self.parallel_compression.map(|method| format!("compression={method}")));
        if let Some(connections) = self.parallel {
            flags.push("PARALLEL");
            params.push(format!("parallel.connections={connections}"));
        }
        if self.zero_copy {
            flags.push("ZEROCOPY");
        }
        if self.tls {
            flags.push("TLS");
        }
        vec![
            format!("virDomainMigrateSetMaxDowntime({domain}, {} ms)", self.downtime.whole_ms()),
            format!(
                "virDomainMigrateToURI3({domain}, {}, flags {}, {})",
                self.dest_uri,
                flags.join(" | "),
                if params.is_empty() { "no parameters".to_owned() } else { params.join(", ") }
            ),
        ]
    }
}
