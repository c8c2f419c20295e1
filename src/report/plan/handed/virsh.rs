//! `virsh migrate` (orchestrators 2.1).

use super::{Change, Piece, Taker, of};
use crate::orchestrator::Product;

pub(super) const TAKER: Taker =
    Taker { name: "virsh", title: "command lines of virsh, for the source host", whole: true, take, write };

/// Flags of `virsh migrate`, and commands that follow while it runs.
const FLAG: &str = "flag";
const THEN: &str = "then";

fn take(change: &Change) -> Result<Vec<Piece>, String> {
    let flag = |key: &str, value: &dyn ToString| Ok(vec![Piece::new(FLAG, key, value.to_string())]);
    if let Some(key) = change.own() {
        let is_its = Product::find("virsh").is_some_and(|virsh| virsh.has_option(key));
        return match change.value.as_str() {
            _ if !is_its => Err(change.unknown("virsh")),
            "true" => flag(key, &""),
            "false" => Err(format!("leave `--{key}` out")),
            value => flag(key, &value),
        };
    }
    if change.starts_post_copy() {
        return Ok(vec![Piece::new(THEN, "virsh migrate-postcopy GUEST", "once the second pass has begun")]);
    }
    match change.qemu().unwrap_or_default() {
        key @ ("auto-converge" | "xbzrle" | "multifd" | "postcopy-ram" | "zero-copy-send") if !change.is_on() => {
            Err(format!("leave the flag for `{key}` out"))
        }
        "auto-converge" => flag("auto-converge", &""),
        "cpu-throttle-initial" => flag("auto-converge-initial", &change.value),
        "cpu-throttle-increment" => flag("auto-converge-increment", &change.value),
        "postcopy-ram" => flag("postcopy", &""),
        "multifd" => flag("parallel", &""),
        "multifd-channels" => flag("parallel-connections", &change.value),
        "xbzrle" => Ok(vec![Piece::new(FLAG, "compressed", ""), Piece::new(FLAG, "comp-methods", "xbzrle")]),
        "xbzrle-cache-size" => flag("comp-xbzrle-cache", &change.bytes()?),
        "zero-copy-send" => flag("zerocopy", &""),
        // Libvirt sets no limit unless it is asked for one.
        "max-bandwidth" => match change.mib_per_s()? {
            0 => Ok(vec![Piece::new(FLAG, "", "")]),
            mib => flag("bandwidth", &mib),
        },
        "downtime-limit" => {
            let ms = change.ms()?;
            Ok(vec![Piece::new(THEN, format!("virsh migrate-setmaxdowntime GUEST {ms}"), "while it runs")])
        }
        _ => Err(change.unknown("virsh")),
    }
}

fn write(pieces: &[Piece]) -> Vec<String> {
    let flags =
        of(pieces, FLAG).filter(|piece| !piece.key.is_empty()).map(|Piece { key, value, .. }| match value.as_str() {
            "" => format!("--{key} "),
            value => format!("--{key} {value} "),
        });
    let migrate =
        format!("virsh migrate --live --p2p {}GUEST qemu+ssh://DESTINATION/system", flags.collect::<String>());
    let then = of(pieces, THEN).map(|Piece { key, value, .. }| format!("{key}    # {value}"));
    std::iter::once(migrate).chain(then).collect()
}
