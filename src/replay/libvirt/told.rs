//! libvirt's words for what is asked of it, and for what it tells.

use virt::domain::MigrateParameters;
use virt::sys;

use super::calls::RawJobStats;
use crate::orchestrator::JobStats;
use crate::replay::{JobSeen, MigrationRequest};
use crate::units::{Bytes, Rate, Span};

/// A look; `None` while QEMU has not begun.
pub(super) fn seen(stats: &RawJobStats) -> Option<JobSeen> {
    let of = |name: &str| stats.get(name).unwrap_or(0);
    Some(JobSeen {
        job: JobStats {
            elapsed: Span::from_ms(of("time_elapsed")),
            // Zero until QEMU's setup is over.
            memory_iteration: stats.get("memory_iteration").filter(|count| *count > 0)?,
            memory_total: Bytes(of("memory_total")),
            memory_processed: Bytes(of("memory_processed")),
            memory_remaining: Bytes(of("memory_remaining")),
            memory_bps: Rate(of("memory_bps")),
            memory_dirty_rate: of("memory_dirty_rate"),
            auto_converge_throttle: of("auto_converge_throttle") as f64,
            downtime: Span::from_ms(of("downtime")),
            post_copy: of("memory_postcopy_requests") > 0,
            paused: false,
        },
        normal: of("memory_normal"),
        constant: of("memory_constant"),
        setup_ms: stats.get("setup_time"),
    })
}

pub(super) fn flags(request: &MigrationRequest) -> u32 {
    let wanted = [
        (true, sys::VIR_MIGRATE_LIVE | sys::VIR_MIGRATE_PEER2PEER),
        (request.auto_converge.is_some(), sys::VIR_MIGRATE_AUTO_CONVERGE),
        (request.postcopy, sys::VIR_MIGRATE_POSTCOPY),
        (request.is_compressed(), sys::VIR_MIGRATE_COMPRESSED),
        (request.parallel.is_some(), sys::VIR_MIGRATE_PARALLEL),
        (request.zero_copy, sys::VIR_MIGRATE_ZEROCOPY),
        (request.tls, sys::VIR_MIGRATE_TLS),
    ];
    wanted.into_iter().filter(|(on, _)| *on).fold(0, |flags, (_, flag)| flags | flag)
}

pub(super) fn parameters(request: &MigrationRequest) -> MigrateParameters {
    let methods =
        [request.xbzrle_cache.map(|_| "xbzrle"), request.compress.map(|_| "mt"), request.parallel_compression];
    MigrateParameters {
        uri: request.migrate_uri.clone(),
        listen_address: request.listen_address.clone(),
        bandwidth: (request.bandwidth_mib > 0).then_some(request.bandwidth_mib),
        bandwidth_postcopy: (request.postcopy_bandwidth_mib > 0).then_some(request.postcopy_bandwidth_mib),
        auto_converge_initial: request.auto_converge.map(|(initial, _)| i32::from(initial)),
        auto_converge_increment: request.auto_converge.map(|(_, increment)| i32::from(increment)),
        compression: methods.into_iter().flatten().next().map(str::to_owned),
        compression_xbzrle_cache: request.xbzrle_cache.map(|cache| cache.0),
        compression_mt_level: request.compress.map(|(level, _)| i32::from(level)),
        compression_mt_threads: request.compress.map(|(_, threads)| i32::from(threads)),
        parallel_connections: request.parallel.map(i32::from),
        ..MigrateParameters::default()
    }
}
