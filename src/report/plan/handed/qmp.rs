//! Commands of QEMU's monitor, a JSON object a line.

use serde_json::{Map, Value, json};

use super::{Change, Piece, Taker, of};
use crate::qemu::{MigrationOption, QemuForm};

pub(super) const TAKER: Taker =
    Taker { name: "qmp", title: "commands for QEMU's monitor on the source host", whole: false, take, write };

const CAPABILITY: &str = "capability";
const PARAMETER: &str = "parameter";
const THEN: &str = "then";

fn take(change: &Change) -> Result<Vec<Piece>, String> {
    if change.starts_post_copy() {
        return Ok(vec![Piece::new(THEN, "migrate-start-postcopy", "")]);
    }
    if change.path == "link.migrations" {
        return Err(format!("QEMU does not know of other migrations; start {} at a time", change.value));
    }
    let name = change.qemu().ok_or_else(|| format!("`{}` is none of QEMU's settings", change.path))?;
    let option = MigrationOption::find(name).ok_or_else(|| change.unknown("QEMU"))?;
    let quoted = || Value::from(change.value.as_str()).to_string();
    let (part, value) = match &option.form {
        QemuForm::Unmodelled => return Err(change.unknown("QEMU")),
        QemuForm::Capability(_) => (CAPABILITY, change.is_on().to_string()),
        QemuForm::Switch(_) => (PARAMETER, change.is_on().to_string()),
        QemuForm::Percent(..) | QemuForm::Count(..) => {
            (PARAMETER, change.value.trim_end_matches([' ', '%']).to_owned())
        }
        QemuForm::BandwidthLimit(_) | QemuForm::SwitchoverBandwidth(_) => {
            (PARAMETER, change.quantity::<crate::units::Rate>("B/s")?.0.to_string())
        }
        QemuForm::DirtyRate(_) => (PARAMETER, change.mib_per_s()?.to_string()),
        QemuForm::Time(..) => (PARAMETER, change.ms()?.to_string()),
        QemuForm::CacheSize(_) => (PARAMETER, change.bytes()?.to_string()),
        QemuForm::Compression(_) | QemuForm::Detection(_) | QemuForm::Name(_) => (PARAMETER, quoted()),
    };
    Ok(vec![Piece::new(part, name, value)])
}

fn write(pieces: &[Piece]) -> Vec<String> {
    let value = |piece: &Piece| serde_json::from_str(&piece.value).unwrap_or(Value::from(piece.value.as_str()));
    let capabilities: Vec<Value> =
        of(pieces, CAPABILITY).map(|piece| json!({ "capability": piece.key, "state": value(piece) })).collect();
    let parameters: Map<String, Value> = of(pieces, PARAMETER).map(|piece| (piece.key.clone(), value(piece))).collect();
    let mut commands = Vec::new();
    if !capabilities.is_empty() {
        commands.push(json!({ "execute": "migrate-set-capabilities", "arguments": { "capabilities": capabilities } }));
    }
    if !parameters.is_empty() {
        commands.push(json!({ "execute": "migrate-set-parameters", "arguments": parameters }));
    }
    commands.extend(of(pieces, THEN).map(|piece| json!({ "execute": piece.key })));
    commands.iter().map(Value::to_string).collect()
}
