//! Reports of QEMU's own `tests/migration/guestperf`.
//!
//! A report says what was done to which guest, and has the answer of `query-migrate` at the first look (every 50 ms)
//! that saw a new pass. It does not say which release of QEMU ran, nor what the link carried.

use super::json::{FieldError, JsonNode};
use super::parts::{NoScenario, TraceParts};
use super::sighting::{self, MigrationState, Sighting};
use super::told::Told;

/// It looks every 50 ms, and keeps the first look at each pass [ms].
const LOOK: f64 = 50.0;
/// Most entries that are read.
const MOST: usize = 1_000_000;

pub(super) fn read(root: &JsonNode) -> Result<TraceParts, FieldError> {
    let history = root.get("progress_history")?;
    let entries = history.items()?;
    if entries.len() > MOST {
        return Err(history.fault(format!("has more than {MOST} entries")));
    }
    let started = started(&entries)?;
    let seen = entries.iter().map(|entry| look(entry, started)).collect::<Result<Vec<_>, _>>()?;
    let begun: Vec<_> = seen.into_iter().flatten().collect();
    // The program cancels a migration only after so many passes or so long a time.
    let mut measured =
        sighting::record(&begun, true, LOOK).ok_or_else(|| history.fault("has no look at a migration under way"))?;
    measured.seen_ms = measured.seen_ms.max(1.0);
    measured.total_time_ms = measured.total_time_ms.map(|ms| ms.max(1.0));
    let timeline = sighting::timeline(&begun, &measured.sync_times_ms, measured.seen_ms);
    Ok(TraceParts {
        scenario: Err(NoScenario::Unstated(unstated(root)?)),
        measured,
        timeline,
        memory: None,
        note: None,
        told: Told::default(),
    })
}

/// What the report says of its configuration, and what it leaves open.
fn unstated(root: &JsonNode) -> Result<String, FieldError> {
    let (hardware, scenario) = (root.get("hardware")?, root.get("scenario")?);
    let (cpus, gib) = (hardware.get("cpus")?.whole()?, hardware.get("mem")?.number_in(0.0..=1e6)?);
    let (bandwidth, downtime) = (scenario.get("bandwidth")?.number()?, scenario.get("downtime")?.number()?);
    let converge = if scenario.get("auto_converge")?.flag()? { "with" } else { "without" };
    Ok(format!(
        "the report tells of {cpus} vCPUs that write to {gib} GiB (and 512 MiB more RAM), max-bandwidth {bandwidth} \
         MiB/s, downtime-limit {downtime} ms, {converge} auto-converge, but neither of the QEMU release nor of the link"
    ))
}

/// The clock at the `migrate` command [ms], from the first entry that says how long the migration has lasted.
fn started(entries: &[JsonNode]) -> Result<f64, FieldError> {
    for entry in entries {
        let lasted = entry.get("duration")?.number_in(0.0..=1e12)?;
        if lasted > 0.0 {
            return Ok(entry.get("now")?.number()? * 1e3 - lasted);
        }
    }
    Ok(0.0)
}

/// One entry; `None` while there is no RAM to see yet. Once a migration is cancelled, QEMU no longer says how long it
/// took; the clock does.
fn look(entry: &JsonNode, started: f64) -> Result<Option<Sighting>, FieldError> {
    let ram = entry.get("ram")?;
    let Some(state) = MigrationState::of(&entry.get("status")?)? else { return Ok(None) };
    let pass = ram.get("iterations")?.whole()?;
    if pass == 0 && state == MigrationState::Active {
        return Ok(None);
    }
    let whole = |key| ram.get(key)?.whole();
    let positive = |key: &str| Ok(Some(entry.get(key)?.number_in(0.0..=1e12)?).filter(|ms| *ms > 0.0));
    let lasted = match positive("duration")? {
        Some(lasted) => lasted,
        None => (entry.get("now")?.number()? * 1e3 - started).max(0.0),
    };
    Ok(Some(Sighting {
        t_ms: lasted,
        state,
        pass,
        transferred: whole("transferred_bytes")?,
        remaining: whole("remaining_bytes")?,
        total: None,
        normal: Some(whole("normal_pages")?),
        duplicate: Some(whole("duplicate_pages")?),
        dirty_pages_rate: whole("dirty_rate_pps")?,
        bandwidth: ram.get("transfer_rate_mbs")?.number_in(0.0..=1e9)? * 1e6 / 8.0,
        throttle_pct: entry.get("throttle_pcent")?.number_in(0.0..=100.0)?,
        post_copied: false,
        downtime_ms: positive("downtime")?,
        setup_time_ms: positive("setup_time")?,
    }))
}
