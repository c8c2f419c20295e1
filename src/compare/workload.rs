//! From a trace's workload settings to the guest of a scenario.

use super::json::{FieldError, JsonNode};
use super::rig::{self, RigLayout};
use crate::guest::{GuestConfig, GuestUncertainty, Law, PageSize, RateSchedule, Workload};
use crate::qemu::MonitorCommand;
use crate::scenario::{At, When};
use crate::units::{Bytes, PageRate, Pages, Share, Span};

/// What was seen of the guest before the migration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PriorWorkload {
    /// Page writes per second.
    pub(super) rate: Option<f64>,
    /// CPU time that the vCPU thread took, as a share of one CPU.
    pub(super) cpu: Option<f64>,
    /// Page writes done when the migration began.
    pub(super) written: Option<f64>,
}

/// Highest believable rate [page writes/s]: a page a nanosecond.
const MAX_RATE: f64 = 1e9;
/// Largest guest that is read [MiB]: 16 TiB.
const MAX_MEMORY: u64 = 16 << 20;

/// Size of `pc.ram`: `memory_mib`, and `odd_kib` where the trace has it.
pub(super) fn memory(config: &JsonNode) -> Result<Bytes, FieldError> {
    let mib = config.get("memory_mib")?.whole_in(1..=MAX_MEMORY)?;
    let odd_kib = config.find("odd_kib").map_or(Ok(0), |odd| odd.whole_in(0..=1 << 20))?;
    Ok(Bytes((mib << 20) + (odd_kib << 10)))
}

/// Why the workload cannot be simulated yet, if so.
pub(super) fn not_covered(workload: &JsonNode) -> Result<Option<&'static str>, FieldError> {
    let text = |key| workload.find(key).map_or(Ok(""), |node| node.text());
    Ok(match (text("phases")?, text("fill")?) {
        ("", "" | "random") => None,
        ("", _) => Some("a buffer that is not filled at the start (`fill`)"),
        _ => Some("a workload in phases (`phases`)"),
    })
}

/// Whether the guest runs a program that is no writer of the rig.
pub(super) fn is_program(workload: &JsonNode) -> bool {
    workload.find("program").is_some()
}

/// A guest of which nothing is known but its size.
pub(super) fn unknown(config: &JsonNode) -> Result<GuestConfig, FieldError> {
    guest_of(config, RigLayout::of(memory(config)?).memory, Vec::new())
}

/// The guest: its buffer, the system around it, and what it writes.
///
/// Follows the rig's workload program: defaults, rounding and the cap of its backlog are the program's.
pub(super) fn guest(config: &JsonNode, baseline: &PriorWorkload) -> Result<GuestConfig, FieldError> {
    let workload = config.get("guest")?;
    let layout = RigLayout::of(memory(config)?);
    let buffer = workload.get("mib")?;
    let region = Bytes(buffer.whole_in(1..=MAX_MEMORY)? << 20).pages();
    let Some(zero) = layout.room().0.checked_sub(region.0) else {
        return Err(buffer
            .fault(format!("is more than the {} that the guest's system leaves of its RAM", layout.room().bytes())));
    };
    let rate = rate(&workload, baseline)?;
    let (cpu, catch_up) = pace(&workload, baseline)?;
    let writer = Workload {
        law: law(&workload, region, rate, baseline)?,
        offset: layout.low,
        region,
        rate: PageRate(rate),
        cpu,
        schedule: RateSchedule::default(),
        changed: rig::WORD,
        catch_up,
    };
    let system = Workload {
        law: Law::Idle,
        offset: Pages(layout.memory.0 - layout.top.0),
        region: layout.top,
        rate: PageRate(0.0),
        cpu: rig::SYSTEM_CPU,
        schedule: RateSchedule::default(),
        changed: rig::WORD,
        catch_up: Some(Span::ZERO),
    };
    Ok(GuestConfig {
        zero: Pages(zero),
        fault_cost: Some(rig::FAULT_COST),
        ..guest_of(config, layout.memory, vec![writer, system])?
    })
}

/// A guest on the recording machine, without zero pages.
fn guest_of(config: &JsonNode, memory: Pages, workloads: Vec<Workload>) -> Result<GuestConfig, FieldError> {
    Ok(GuestConfig {
        memory,
        page_size: PageSize::Small,
        rate_spread: None,
        uncertainty: GuestUncertainty::NONE,
        courses: Vec::new(),
        vcpus: config.find("vcpus").map_or(Ok(1), |vcpus| vcpus.whole_in(1..=4096))? as u32,
        zero: Pages(0),
        zero_scan: Some(rig::ZERO_SCAN),
        fault_cost: None,
        workloads,
    })
}

/// Page writes per second: as measured before the migration, else as asked for.
fn rate(workload: &JsonNode, baseline: &PriorWorkload) -> Result<f64, FieldError> {
    let nominal = |rate: JsonNode| rate.number_in(0.0..=MAX_RATE);
    match (baseline.rate, model(workload)?) {
        (_, "idle") => Ok(0.0),
        (Some(rate), _) if (0.0..=MAX_RATE).contains(&rate) => Ok(rate),
        (Some(rate), _) => Err(FieldError::new("baseline.page_writes_per_s", format!("cannot be {rate}"))),
        // The program writes as fast as it can when asked for 0: only the baseline knows what that is.
        (None, _) => match workload.find("rate").map_or(Ok(2000.0), nominal)? {
            0.0 => Err(FieldError::new("baseline.page_writes_per_s", "is missing")),
            rate => Ok(rate),
        },
    }
}

fn model<'a>(workload: &JsonNode<'a>) -> Result<&'a str, FieldError> {
    workload.find("model").map_or(Ok("random"), |model| model.text())
}

fn law(workload: &JsonNode, region: Pages, rate: f64, baseline: &PriorWorkload) -> Result<Law, FieldError> {
    let percent = |key, default| workload.find(key).map_or(Ok(default), |node| node.whole_in(0..=100));
    Ok(match model(workload)? {
        "idle" | "random" | "seq" | "hotcold" if rate == 0.0 => Law::Idle,
        "random" => Law::Uniform,
        "seq" => {
            let written = baseline.written.ok_or_else(|| FieldError::new("progress", "has no row before the start"))?;
            Law::Sequential { start: Pages(written.max(0.0) as u64 % region.0) }
        }
        "hotcold" => Law::HotCold {
            hot: Pages((region.0 * percent("hot_pct", 10)? / 100).max(1)),
            share: Share(percent("hot_share", 90)? as f64 / 100.0),
        },
        _ => return Err(workload.get("model")?.expected("random, seq, hotcold or idle")),
    })
}

/// How busy the writer is, and how much held-back work it makes up for.
///
/// `pace=cpu` spins between writes: it uses its whole CPU and never catches up. `pace=clock` sleeps between writes
/// and keeps a backlog of `catchup_ms` and 4 ms more.
fn pace(workload: &JsonNode, baseline: &PriorWorkload) -> Result<(Share, Option<Span>), FieldError> {
    let (cpu, catch_up_ms) = match workload.find("pace").map_or(Ok("cpu"), |pace| pace.text())? {
        "cpu" => (1.0, 0),
        "clock" => {
            let busy = baseline.cpu.filter(|cpu| *cpu > 0.0);
            let cpu = busy.ok_or_else(|| FieldError::new("baseline.vcpu_share", "is needed with `pace` clock"))?;
            let catch_up = workload.find("catchup_ms").map_or(Ok(200), |node| node.whole_in(0..=3_600_000))?;
            (cpu.min(1.0), catch_up + 4)
        }
        _ => return Err(workload.get("pace")?.expected("cpu or clock")),
    };
    Ok((Share(cpu), Some(Span::from_ms(catch_up_ms))))
}

/// Whether the trace switches to post-copy.
pub(super) fn switches(config: &JsonNode) -> Result<bool, FieldError> {
    Ok(config.find("postcopy_after_pass").map_or(Ok(0), |pass| pass.whole())? > 0)
}

/// The switch to post-copy, as soon as its pass has begun; the rig asks a little later, at its next sample.
pub(super) fn post_copy(config: &JsonNode) -> Result<Vec<At>, FieldError> {
    let pass = config.find("postcopy_after_pass").map_or(Ok(0), |pass| pass.whole())?;
    let at = At { when: When::Pass(pass), command: MonitorCommand::StartPostcopy };
    Ok(if pass > 0 { vec![at] } else { Vec::new() })
}
