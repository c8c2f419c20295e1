//! Lines for `nova.conf` (orchestrators 1).

use super::{Change, Piece, Taker, of};
use crate::orchestrator::Product;

pub(super) const TAKER: Taker = Taker {
    name: "nova",
    title: "lines for `nova.conf` of the source host; restart nova-compute",
    whole: false,
    take,
    write,
};

const LIBVIRT: &str = "libvirt";
const DEFAULT: &str = "DEFAULT";

fn take(change: &Change) -> Result<Vec<Piece>, String> {
    let put = |key: &str, value: &dyn ToString| Ok(vec![Piece::new(LIBVIRT, key, value.to_string())]);
    if let Some(key) = change.own() {
        let is_its = Product::find("nova").is_some_and(|nova| nova.has_option(key));
        return if is_its { put(key, &change.value) } else { Err(change.unknown("Nova")) };
    }
    if change.starts_post_copy() {
        // It starts post-copy at its completion timeout, and only there.
        return put("live_migration_timeout_action", &"force_complete");
    }
    match change.path.as_str() {
        "qemu.auto-converge" => put("live_migration_permit_auto_converge", &change.value),
        "qemu.postcopy-ram" => put("live_migration_permit_post_copy", &change.value),
        "qemu.max-bandwidth" => put("live_migration_bandwidth", &change.mib_per_s()?),
        "qemu.multifd" if change.is_on() => Ok(Vec::new()),
        "qemu.multifd" => put("live_migration_parallel_connections", &1),
        "qemu.multifd-channels" => put("live_migration_parallel_connections", &change.value),
        "qemu.downtime-limit" => match change.ms()? {
            ms @ 100.. => put("live_migration_downtime", &ms),
            ms => Err(format!("Nova's `live_migration_downtime` is 100 ms at least, and this is {ms} ms")),
        },
        "link.migrations" => Ok(vec![Piece::new(DEFAULT, "max_concurrent_live_migrations", &change.value)]),
        _ => Err(change.unknown("Nova")),
    }
}

fn write(pieces: &[Piece]) -> Vec<String> {
    let section = |name: &'static str| {
        let lines: Vec<String> = of(pieces, name).map(|piece| format!("{} = {}", piece.key, piece.value)).collect();
        if lines.is_empty() { Vec::new() } else { [vec![format!("[{name}]")], lines].concat() }
    };
    [section(DEFAULT), section(LIBVIRT)].concat()
}
