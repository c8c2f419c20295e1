//! Golden vectors of the orchestrators' rules, over the rules themselves. A file of the same format, with lists of any
//! length, can take the place of `tests/data/vectors/orchestrator-vectors.json`.

use precopy::orchestrator::products::cloud_hypervisor::CloudHypervisor;
use precopy::orchestrator::products::cloudstack::CloudStack;
use precopy::orchestrator::products::ganeti::Ganeti;
use precopy::orchestrator::products::kubevirt::KubeVirt;
use precopy::orchestrator::products::nova::{Nova, TimeoutAction, progress_pct};
use precopy::orchestrator::products::ovirt::{
    BandwidthAssignment, MonitorCounts, OldLegacy, Ovirt, ScheduleItem, Shipped,
};
use precopy::orchestrator::products::pacemaker::VirtualDomain;
use precopy::orchestrator::products::proxmox::Proxmox;
use precopy::orchestrator::products::virsh::Virsh;
use precopy::orchestrator::products::xen::Xen;
use precopy::orchestrator::stall;
use precopy::orchestrator::{
    Around, Engine, JobCommand, JobStats, OptionValue as Setting, Orchestrator, Policy, PolicyOrder, Poll, Polls,
    Product, StallVerdict, Why, ladder, memory_bps, size,
};
use precopy::units::{Bytes, PAGE_SIZE, Rate, Span};
use serde_json::{Value, json};

#[test]
fn orchestrator_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/vectors/orchestrator-vectors.json");
    let text = std::fs::read_to_string(path).expect("the vector file is in the tree");
    let file: Value = serde_json::from_str(&text).expect("the vector file is JSON");
    let cases = list(&file, "cases");
    assert!(!cases.is_empty(), "the vector file has no cases");
    let mut wrong = Vec::new();
    for case in cases {
        let (who, rule) = (word(case, "orchestrator"), word(case, "rule"));
        let got = answer(who, rule, &case["input"]);
        for (key, want) in case["expected"].as_object().expect("expectations by name") {
            let exponential = rule.contains("exponential");
            if !same(&got[key], want, exponential) {
                wrong.push(format!("{} {key}:\n  want {want}\n  got  {}", word(case, "id"), got[key]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases differ\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Equal, numbers within rounding. The last entry of an exponential sequence may be off by one, as the file says.
fn same(got: &Value, want: &Value, exponential: bool) -> bool {
    match (got, want) {
        (Value::Array(got), Value::Array(want)) => {
            let ends = |at: usize| exponential && at + 1 == want.len();
            got.len() == want.len()
                && got.iter().zip(want).enumerate().all(|(at, (got, want))| same(got, want, ends(at)))
        }
        (Value::Number(got), Value::Number(want)) => {
            let (got, want) = (got.as_f64().unwrap_or(f64::NAN), want.as_f64().unwrap_or(f64::NAN));
            (got - want).abs() <= if exponential { 1.0 } else { 1e-9 * want.abs() }
        }
        _ => got == want,
    }
}

fn answer(who: &str, rule: &str, input: &Value) -> Value {
    match (who, rule) {
        ("nova", "downtime_steps_linear") => nova_steps(Nova::NEWEST, input),
        ("nova", "downtime_steps_linear_python2") => nova_steps(15, input),
        ("nova", "downtime_steps_exponential") => nova_steps(12, input),
        ("nova", "monitor_timeline") => nova_timeline(input),
        ("nova", "progress_timeout_removed_19") => nova_progress_timeout(input),
        ("nova", "auto_postcopy_removed_19") => nova_auto_postcopy(input),
        ("nova", "progress_percent") => json!({
            "progress": each(input, "samples", |s| json!(progress_pct(int(s, "remaining"), int(s, "total"))))
        }),
        ("ovirt", "exponential_downtime") => json!({
            "values": ladder::vdsm(int(input, "downtime_ms"), int(input, "steps"))
        }),
        ("ovirt", "legacy_schedule") => ovirt_legacy(input),
        ("ovirt", "schedule_by_iteration") => {
            ovirt_schedule(input, MonitorCounts::Iterations, "mem_iteration_at_polls")
        }
        ("ovirt", "schedule_by_remaining_rise_pre_4_4") => {
            ovirt_schedule(input, MonitorCounts::Rises, "data_remaining_at_polls")
        }
        ("ovirt", "legacy_timeouts_pre_4_4") => ovirt_old_legacy(input),
        ("ovirt", "bandwidth_auto") => json!({
            "mib_per_s": each(input, "samples", |s| {
                let link = Rate(int(s, "link_mbps") * 1_000_000 / 8);
                json!(BandwidthAssignment::Auto.mib_per_s(link, int(s, "max_migrations")))
            })
        }),
        ("kubevirt", "completion_budget") => kubevirt_budget(input),
        ("kubevirt", "bandwidth_quantisation") => json!({
            "mib_per_s": each(input, "bytes_per_s", |bytes| {
                let bandwidth_per_migration = Rate(bytes.as_u64().expect("bytes"));
                json!(KubeVirt { bandwidth_per_migration, ..KubeVirt::default() }.bandwidth_mib())
            })
        }),
        ("kubevirt", "legacy_monitor") => kubevirt_monitor(input),
        ("kubevirt", "downtime_tuning_sequence") => kubevirt_sequence(input),
        ("kubevirt", "downtime_tuning_timeline") => kubevirt_timeline(input),
        ("kubevirt", "stall_detector") => kubevirt_stall(input),
        ("kubevirt", "stall_detector_ewma") => kubevirt_ewma(input),
        ("proxmox", "downtime_doubling") => proxmox_doubling(input),
        ("proxmox", "adaptive_poll") => proxmox_polls(input),
        ("proxmox", "xbzrle_cache") => json!({
            "bytes": each(input, "memory_mib", |mib| json!(Proxmox::default().xbzrle_cache(Bytes(mib.as_u64().expect("MiB") << 20)).0))
        }),
        ("proxmox", "max_bandwidth") => json!({
            "bytes_per_s": each(input, "samples", |s| {
                let (bwlimit, migrate_speed) = (int(s, "bwlimit_kib_s"), int(s, "migrate_speed_mib_s"));
                json!(Proxmox { bwlimit, migrate_speed, ..Proxmox::default() }.max_bandwidth().0)
            })
        }),
        ("ganeti", "downtime_bump") => ganeti_bump(input),
        ("ganeti", "cancel_threshold") => ganeti_cancel(input),
        ("ganeti", "post_copy") => ganeti_post_copy(input),
        ("xen", "precopy_policy") => xen_sends(input),
        ("cloud-hypervisor", "precopy_stop") => cloud_hypervisor_stop(input),
        ("cloudstack", "agent_loop") => cloudstack_loop(input),
        ("libvirt", "virsh_timeout") => virsh_timeout(input),
        ("libvirt", "virsh_postcopy_after_precopy") => virsh_after_precopy(input),
        ("pacemaker", "virtual_domain") => virtual_domain(input),
        (_, "start_parameters") => start_parameters(who, input),
        ("libvirt", "unit_conversion") => units(input),
        _ => panic!("the vectors hold `{who}` `{rule}`, which this test does not know"),
    }
}

// Reading.

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn int(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("`{key}` is a whole number in {value}"))
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("`{key}` is a number in {value}"))
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` is a word in {value}"))
}

fn yes(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or_else(|| panic!("`{key}` is a switch in {value}"))
}

fn each(value: &Value, key: &str, answer: impl Fn(&Value) -> Value) -> Vec<Value> {
    list(value, key).iter().map(answer).collect()
}

/// Whether the case has QEMU refuse post-copy: `postcopy_refused: true`, `postcopy_ok: false`, and the like.
fn refuses_post_copy(input: &Value) -> bool {
    let flags = input.as_object().into_iter().flatten().filter_map(|(key, value)| Some((key, value.as_bool()?)));
    flags.filter(|(key, _)| key.replace('_', "").contains("postcopy")).any(|(key, on)| {
        let is_refusal = ["refus", "fail", "error", "reject"].iter().any(|word| key.contains(word));
        let is_success = ["ok", "works", "accepted", "succeeds", "possible"].iter().any(|word| key.contains(word));
        (is_refusal && on) || (is_success && !on)
    })
}

fn seconds(s: f64) -> Span {
    Span((s * 1e9).round() as u64)
}

// Driving.

/// Wakes the policy whenever it wants until `until`, and tells what it ordered; with every poll and with the dull ones
/// left out, which must be the same.
fn drive(policy: &Policy, until: Span, see: impl Fn(Span) -> JobStats) -> Vec<(Span, PolicyOrder)> {
    drive_refusing(policy, until, false, see)
}

/// The same, with a QEMU that may refuse post-copy.
fn drive_refusing(
    policy: &Policy,
    until: Span,
    refuses: bool,
    see: impl Fn(Span) -> JobStats,
) -> Vec<(Span, PolicyOrder)> {
    let with = |polls| {
        let mut engine = Engine::new(policy, Span::from_ms(300), polls);
        let mut state = JobStats::default();
        let mut told: Vec<(Span, PolicyOrder)> = Vec::new();
        let take = |orders: &[PolicyOrder], at: Span, state: &mut JobStats, told: &mut Vec<(Span, PolicyOrder)>| {
            for order in orders {
                state.post_copy |= order.command == JobCommand::PostCopy && !refuses;
                state.paused |= order.command == JobCommand::Pause;
                told.push((at, *order));
            }
            orders.iter().any(|order| order.command == JobCommand::Abort)
        };
        let mut over = take(engine.start(&see(Span::ZERO)), Span::ZERO, &mut state, &mut told);
        while !over
            && let Some(at) = engine.next()
            && at <= until
        {
            let job = JobStats { elapsed: at, post_copy: state.post_copy, paused: state.paused, ..see(at) };
            let before = told.len();
            over = take(engine.wake(&job), at, &mut state, &mut told);
            if refuses && told[before..].iter().any(|(_, order)| order.command == JobCommand::PostCopy) {
                over |= take(engine.refused(&job), at, &mut state, &mut told);
            }
        }
        told
    };
    let (skipped, walked) = (with(Polls::Useful), with(Polls::All));
    assert_eq!(skipped, walked, "leaving polls out changes what {} does", policy.name);
    walked
}

fn job(remaining: u64) -> JobStats {
    JobStats { memory_total: Bytes(1 << 33), memory_remaining: Bytes(remaining), ..JobStats::default() }
}

/// `[time, name, ms]` of each order.
fn events(told: &[(Span, PolicyOrder)], unit: f64) -> Value {
    Value::Array(told.iter().map(|(at, order)| event(json!(at.0 as f64 / unit), *order)).collect())
}

/// An order as the vectors write it, whichever it is.
fn event(at: Value, order: PolicyOrder) -> Value {
    match (order.command, order.why) {
        (JobCommand::SetDowntime(limit), _) => json!([at, "set_downtime", limit.whole_ms()]),
        (JobCommand::SetBandwidth(rate), _) => json!([at, "set_bandwidth", rate.0]),
        (JobCommand::Pause, _) => json!([at, "pause"]),
        (JobCommand::PostCopy, _) => json!([at, "post_copy"]),
        (JobCommand::Abort, Why::Stall(StallVerdict::TooLong(time))) => json!([at, "abort", time.whole_ms()]),
        (JobCommand::Abort, _) => json!([at, "abort"]),
        (JobCommand::SwitchOver, _) => json!([at, "switch_over"]),
        (JobCommand::SwitchOverAfterPass, _) => json!([at, "switch_over_after_pass"]),
        (JobCommand::QueueForceComplete, _) => json!([at, "enqueue_force_complete"]),
        (JobCommand::Note, Why::Stall(StallVerdict::Stalled(best))) => json!([at, "stall", best.0]),
        (JobCommand::Note, Why::Stall(StallVerdict::Relaxed(best))) => json!([at, "relax", best.0]),
        (JobCommand::Note, why) => json!([at, format!("note {why:?}")]),
    }
}

fn downtimes(told: &[(Span, PolicyOrder)]) -> Vec<u64> {
    let ms = |(_, order): &(Span, PolicyOrder)| match order.command {
        JobCommand::SetDowntime(limit) => Some(limit.whole_ms()),
        _ => None,
    };
    told.iter().filter_map(ms).collect()
}

// Nova.

fn nova(release: u32, input: &Value) -> (Nova, Bytes) {
    let mut nova = Nova::defaults(release);
    nova.downtime = int(input, "downtime_ms");
    nova.downtime_steps = int(input, "steps");
    nova.downtime_delay = int(input, "delay_s_per_gib");
    if let Some(timeout) = input["completion_timeout_s_per_gib"].as_u64() {
        nova.completion_timeout = timeout;
    }
    let memory = match input["memory_mib"].as_u64() {
        Some(mib) => Bytes(mib << 20),
        None => Bytes(int(input, "data_gb") << 30),
    };
    (nova, memory)
}

fn nova_steps(release: u32, input: &Value) -> Value {
    let (nova, memory) = nova(release, input);
    let disks: Vec<Bytes> = list(input, "disk_bytes").iter().filter_map(Value::as_u64).map(Bytes).collect();
    json!({
        "data_gb": size::nova_gb(memory, &disks),
        "steps": nova.steps(memory, &disks),
        "completion_timeout_s": nova.completion_timeout(memory, &disks),
    })
}

fn nova_timeline(input: &Value) -> Value {
    let (mut nova, memory) = nova(Nova::NEWEST, input);
    nova.permit_post_copy = yes(input, "post_copy_usable");
    nova.timeout_action = match word(input, "timeout_action") {
        "abort" => TimeoutAction::Abort,
        _ => TimeoutAction::ForceComplete,
    };
    let mut policy = nova.policy(&Around::of(memory));
    policy.poll =
        Poll { first: seconds(number(input, "first_poll_offset_s")), ..Poll::every(seconds(number(input, "poll_s"))) };
    json!({ "events": events(&drive(&policy, seconds(number(input, "observe_until_s")), |_| job(1000)), 1e9) })
}

/// What remains at a time: a constant, or rounds that fall from a top to a floor.
fn generated(input: &Value, at: Span) -> u64 {
    if let Some(constant) = input["remaining_constant"].as_u64() {
        return constant;
    }
    let rounds = &input["remaining_generator"];
    let (round_s, poll_s, floor) = (number(rounds, "round_s"), number(rounds, "poll_s"), number(rounds, "floor"));
    let polls = (round_s / poll_s) as u64;
    let poll = (at.seconds() / poll_s).round() as u64;
    let top = if poll < polls { number(rounds, "first") } else { number(rounds, "then") };
    (top - (top - floor) * ((poll % polls) + 1) as f64 / polls as f64) as u64
}

fn nova_progress_timeout(input: &Value) -> Value {
    let mut nova = Nova::defaults(14);
    nova.completion_timeout = 0;
    nova.progress_timeout = Some(int(input, "progress_timeout_s"));
    let policy = nova.policy(&Around::of(Bytes(1 << 33)));
    let see = |at| job(generated(input, at));
    let told = drive(&policy, seconds(1000.0), see);
    let abort = told.iter().find(|(_, order)| order.command == JobCommand::Abort).map(|(at, _)| at.seconds());
    // The low mark at that moment.
    let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::All);
    while let Some(at) = engine.next()
        && at.seconds() <= abort.unwrap_or(0.0)
    {
        engine.wake(&JobStats { elapsed: at, ..see(at) });
    }
    let seen = engine.registers();
    json!({ "abort_at_s": abort, "watermark": seen.low(), "watermark_at_s": seen.low_at().map(Span::seconds) })
}

fn nova_auto_postcopy(input: &Value) -> Value {
    let nova = Nova { permit_post_copy: true, progress_timeout: Some(0), ..Nova::defaults(14) };
    let policy = nova.policy(&Around::of(Bytes(1 << 33)));
    let switch = each(input, "samples", |sample| {
        let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::All);
        engine.wake(&job(int(sample, "prev")));
        let elapsed = Span::from_ms(500);
        let orders = engine.wake(&JobStats { elapsed, memory_iteration: int(sample, "it"), ..job(int(sample, "cur")) });
        json!(orders.iter().any(|order| order.command == JobCommand::PostCopy))
    });
    json!({ "switch": switch })
}

// oVirt.

fn ovirt_legacy(input: &Value) -> Value {
    let schedule = Shipped::Legacy.schedule(int(input, "downtime_ms"), int(input, "steps"));
    let spelled = |item: &ScheduleItem| match item {
        ScheduleItem::SetDowntime(ms) => ("set_downtime", Some(*ms)),
        ScheduleItem::PostCopy => ("post_copy", None),
        ScheduleItem::Abort => ("abort", None),
    };
    let stalling = schedule.convergence.iter().map(|(limit, item)| {
        let (name, ms) = spelled(item);
        json!([limit, name, ms])
    });
    json!({
        "init": schedule.initial.iter().map(spelled).collect::<Vec<_>>(),
        "stalling": stalling.collect::<Vec<_>>(),
    })
}

fn ovirt_schedule(input: &Value, counts: MonitorCounts, samples: &str) -> Value {
    let shipped = match word(input, "policy") {
        "minimal_downtime" => Shipped::MinimalDowntime,
        "suspend_if_needed" => Shipped::SuspendWorkloadIfNeeded,
        "post_copy" => Shipped::PostCopy,
        "very_large" => Shipped::VeryLargeVms,
        other => panic!("the vectors name the policy `{other}`"),
    };
    let ovirt =
        Ovirt { counts, schedule: shipped.schedule(500, 5), bandwidth: BandwidthAssignment::Auto, old_legacy: None };
    let mut policy = ovirt.policy();
    let period = number(input, "poll_s");
    policy.poll = Poll::every(seconds(period));
    let samples: Vec<u64> = list(input, samples).iter().filter_map(Value::as_u64).collect();
    let until = seconds(period * samples.len() as f64);
    let told = drive_refusing(&policy, until, refuses_post_copy(input), |at| {
        let sample = samples[((at.seconds() / period) as usize).saturating_sub(1)];
        match counts {
            MonitorCounts::Iterations => JobStats { memory_iteration: sample, ..job(1000) },
            MonitorCounts::Rises => job(sample),
        }
    });
    json!({ "events": events(&told, 1e9) })
}

fn ovirt_old_legacy(input: &Value) -> Value {
    let old = OldLegacy::new(
        Bytes(int(input, "memory_mib") << 20),
        int(input, "downtime_ms"),
        int(input, "steps"),
        int(input, "delay_s_per_gib"),
        int(input, "max_time_s_per_gib"),
    );
    json!({ "max_time_s": old.max_time_s, "wait_per_step_s": old.wait_per_step_s, "downtimes": old.downtimes })
}

// KubeVirt.

fn kubevirt_budget(input: &Value) -> Value {
    let sizes: Vec<Bytes> = list(input, "bytes").iter().filter_map(Value::as_u64).map(Bytes).collect();
    let mut answer = json!({ "size_units": sizes.iter().map(|size| size::kubevirt_units(*size)).collect::<Vec<_>>() });
    for per_gib in list(input, "completion_timeout_per_gib_s").iter().filter_map(Value::as_u64) {
        let kubevirt = KubeVirt { completion_timeout_per_gib: Some(per_gib), ..KubeVirt::default() };
        let budgets: Vec<u64> = sizes.iter().map(|size| kubevirt.completion_budget(*size)).collect();
        answer[format!("seconds_{per_gib}")] = json!(budgets);
    }
    answer
}

fn kubevirt_monitor(input: &Value) -> Value {
    let kubevirt = KubeVirt {
        completion_timeout_per_gib: Some(int(input, "completion_timeout_per_gib_s")),
        progress_timeout: int(input, "progress_timeout_s"),
        allow_post_copy: yes(input, "allow_post_copy"),
        allow_workload_disruption: Some(yes(input, "allow_workload_disruption")),
        vfio: yes(input, "vfio"),
        ..KubeVirt::default()
    };
    let mut policy = kubevirt.policy(&Around::of(Bytes(int(input, "memory_bytes"))));
    policy.poll = Poll::every(seconds(number(input, "poll_s")));
    let told = drive(&policy, seconds(number(input, "observe_until_s")), |at| job(remaining(&input["remaining"], at)));
    let mut rows = events(&told, 1e9);
    for (row, (_, order)) in rows.as_array_mut().into_iter().flatten().zip(&told) {
        if order.command == JobCommand::Abort
            && let Some(row) = row.as_array_mut()
        {
            row.push(json!(if policy.explain(order.why).contains("timeout") { "timeout" } else { "stuck" }));
        }
    }
    json!({ "events": rows })
}

/// What remains at a time: bytes, or in words how they change.
fn remaining(how: &Value, at: Span) -> u64 {
    match how.as_str() {
        Some("always falling") => 1_000_000_000_000 - at.whole_ms(),
        Some("int(1e9 - (t mod 20)*4e7)") => (1e9 - (at.seconds() % 20.0) * 4e7) as u64,
        // `constant`, `constant 5e8`, `flat`: whatever the amount, no rule looks at it.
        Some(words) if words.contains("constant") || words.contains("flat") => {
            words.split_whitespace().find_map(|word| word.parse::<f64>().ok()).unwrap_or(1e9) as u64
        }
        Some(text) => text.parse::<f64>().unwrap_or_else(|_| panic!("the vectors have `{text}` remaining")) as u64,
        None => how.as_f64().unwrap_or_else(|| panic!("`remaining` is a number or a word, not {how}")) as u64,
    }
}

fn tuned(input: &Value) -> Policy {
    let default = KubeVirt::default();
    let kubevirt = KubeVirt {
        max_downtime: Span::from_ms(int(input, "max_downtime_ms")),
        downtime_tuning: true,
        initial: Span::from_ms(int(input, "initial_ms")),
        steps: int(input, "steps"),
        start_after_iteration: input["start_after_iteration"].as_u64().unwrap_or(default.start_after_iteration),
        cooldown: input["cooldown_s"].as_f64().map_or(default.cooldown, seconds),
        ..default
    };
    kubevirt.policy(&Around::of(Bytes(1 << 33)))
}

fn kubevirt_sequence(input: &Value) -> Value {
    let told = drive(&tuned(input), seconds(140.0), |_| JobStats { memory_iteration: 100, ..job(1000) });
    json!({ "values": downtimes(&told) })
}

fn kubevirt_timeline(input: &Value) -> Value {
    let samples: Vec<(f64, u64)> =
        list(input, "samples").iter().filter_map(|s| Some((s[0].as_f64()?, s[1].as_u64()?))).collect();
    let mut policy = tuned(input);
    policy.poll = Poll::from_start(seconds(samples[1].0 - samples[0].0));
    let until = seconds(samples.last().map_or(0.0, |(at, _)| *at));
    let told = drive(&policy, until, |at| {
        let (_, iteration) = samples.iter().rev().find(|(from, _)| *from <= at.seconds()).expect("samples from 0 on");
        JobStats { memory_iteration: *iteration, ..job(1000) }
    });
    let rows = told.iter().zip(downtimes(&told)).map(|((at, _), ms)| json!([at.seconds(), ms]));
    json!({ "events": rows.collect::<Vec<_>>() })
}

fn kubevirt_stall(input: &Value) -> Value {
    let mut policy = KubeVirt::default().policy(&Around::of(Bytes(1 << 33)));
    policy.rules.clear();
    let max_downtime = Span::from_ms(int(input, "max_downtime_ms"));
    let defaults = stall::StallParams::new(max_downtime, seconds(number(input, "acceptable_completion_s")));
    policy.stall = Some(stall::StallParams {
        allow_post_copy: yes(input, "allow_post_copy"),
        allow_workload_disruption: yes(input, "allow_workload_disruption"),
        vfio: yes(input, "vfio"),
        window: seconds(number(input, "window_s")),
        margin: number(input, "margin"),
        ewma_alpha: number(input, "ewma_alpha"),
        precopy_factor: number(input, "precopy_factor"),
        patience_decay: number(input, "patience_decay"),
        completion_factor: number(input, "completion_factor"),
        search_local_minima: input["search_local_minima"].as_bool().unwrap_or(defaults.search_local_minima),
        switchover_timeout: input["switchover_timeout_s"].as_f64().map_or(defaults.switchover_timeout, seconds),
        ..defaults
    });
    let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::All);
    let mut told: Vec<(u64, PolicyOrder)> = engine.start(&job(0)).iter().map(|order| (0, *order)).collect();
    for sample in list(input, "bandwidth_samples_Bps") {
        let (elapsed, memory_bps) = (engine.next().expect("it polls"), Rate(sample.as_u64().expect("bytes/s")));
        told.extend(engine.wake(&JobStats { elapsed, memory_bps, ..job(0) }).iter().map(|order| (0, *order)));
    }
    let mut post_copy = false;
    for boundary in list(input, "iteration_boundaries_ms_bytes") {
        let (at, remaining) = (boundary[0].as_u64().expect("ms"), boundary[1].as_u64().expect("bytes"));
        let orders = engine.iteration(&JobStats { elapsed: Span::from_ms(at), post_copy, ..job(remaining) });
        post_copy |= orders.iter().any(|order| order.command == JobCommand::PostCopy);
        told.extend(orders.iter().map(|order| (at, *order)));
    }
    let row = |(at, order): &(u64, PolicyOrder)| event(json!(at), *order);
    let detector = engine.stall().expect("there is a detector");
    json!({
        "events": told.iter().map(row).collect::<Vec<_>>(),
        "ewma_Bps": detector.bps(),
        "switch_deadline_s": detector.switch_deadline().map(Span::seconds),
    })
}

fn kubevirt_ewma(input: &Value) -> Value {
    let params =
        stall::StallParams { ewma_alpha: number(input, "alpha"), ..stall::StallParams::new(Span(1), seconds(1e6)) };
    let mut detector = stall::StallDetector::new(params);
    let smoothed = list(input, "samples_Bps").iter().map(|sample| {
        let memory_bps = Rate(sample.as_u64().expect("bytes/s"));
        detector.poll(&JobStats { memory_bps, ..job(0) }, &mut Vec::new());
        detector.bps()
    });
    json!({ "ewma_Bps": smoothed.collect::<Vec<_>>() })
}

// Proxmox.

/// The sample of each poll, with the engine that sees it.
fn proxmox_walk(input: &Value, proxmox: &Proxmox, mut see: impl FnMut(u64, Span, &[PolicyOrder])) {
    let policy = proxmox.policy(&Around::default());
    let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::Useful);
    see(0, Span::ZERO, engine.start(&job(0)));
    for (poll, sample) in (1..).zip(list(input, "polls_transferred_remaining")) {
        let elapsed = engine.next().expect("it polls");
        let (sent, left) = (sample[0].as_u64().expect("sent"), sample[1].as_u64().expect("left"));
        see(poll, elapsed, engine.wake(&JobStats { elapsed, memory_processed: Bytes(sent), ..job(left) }));
    }
}

fn proxmox_doubling(input: &Value) -> Value {
    let proxmox = Proxmox { migrate_downtime: seconds(number(input, "migrate_downtime_s")), ..Proxmox::default() };
    let mut rows = Vec::new();
    proxmox_walk(input, &proxmox, |poll, _, orders| {
        rows.extend(orders.iter().map(|order| match order.command {
            JobCommand::SetDowntime(limit) => json!([poll, limit.whole_ms()]),
            other => json!([poll, format!("{other:?}")]),
        }));
    });
    json!({ "events_poll_downtime_ms": rows })
}

fn proxmox_polls(input: &Value) -> Value {
    let (mut before, mut sleeps) = (Span::ZERO, Vec::new());
    proxmox_walk(input, &Proxmox::default(), |poll, at, _| {
        if poll > 0 {
            sleeps.push((at.0 - before.0) / 1_000_000);
        }
        before = at;
    });
    json!({ "sleep_ms_before_poll": sleeps })
}

// The others.

fn ganeti_bump(input: &Value) -> Value {
    let ganeti = Ganeti {
        migration_downtime: int(input, "downtime_ms"),
        migration_downtime_max: int(input, "max_ms"),
        ..Ganeti::default()
    };
    let told = drive(&ganeti.policy(&Around::default()), seconds(3600.0), |_| JobStats {
        memory_processed: Bytes(3 << 33),
        ..job(1)
    });
    json!({ "values": downtimes(&told) })
}

fn ganeti_cancel(input: &Value) -> Value {
    let ganeti = Ganeti { migration_cancel_threshold: int(input, "threshold_percent"), ..Ganeti::default() };
    let policy = ganeti.policy(&Around::default());
    let cancel = each(input, "transferred_over_total", |share| {
        let sent = Bytes((share.as_f64().expect("a share") * f64::from(1 << 30) * 8.0) as u64);
        let told = drive(&policy, seconds(1.0), |_| JobStats { memory_processed: sent, ..job(1) });
        json!(told.iter().any(|(_, order)| order.command == JobCommand::Abort))
    });
    json!({ "cancel": cancel })
}

fn ganeti_post_copy(input: &Value) -> Value {
    let ganeti = Ganeti { postcopy: true, ..Ganeti::default() };
    let polls: Vec<u64> = list(input, "dirty_sync_count_at_polls").iter().filter_map(Value::as_u64).collect();
    let told = drive(&ganeti.policy(&Around::default()), seconds(polls.len() as f64), |at| {
        let memory_iteration = polls[(at.seconds() as usize).saturating_sub(1)];
        JobStats { memory_iteration, ..job(1000) }
    });
    json!({ "events": events(&told, 1e9) })
}

fn xen_sends(input: &Value) -> Value {
    let xen =
        Xen { max_iterations: int(input, "max_iterations"), dirty_threshold: int(input, "dirty_threshold_pages") };
    let policy = xen.policy(&Around::default());
    let sends = each(input, "runs", |run| {
        let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::Useful);
        let sets = std::iter::once(int(run, "p2m_pages"))
            .chain(list(run, "dirty_after_each_round").iter().filter_map(Value::as_u64));
        let mut sent = Vec::new();
        for (iteration, pages) in (1..).zip(sets) {
            let orders = engine.iteration(&JobStats { memory_iteration: iteration, ..job(pages * PAGE_SIZE) });
            let stop = orders.iter().any(|order| order.command == JobCommand::SwitchOverAfterPass);
            sent.extend((pages > 0).then_some(pages));
            if stop {
                break;
            }
        }
        json!(sent)
    });
    json!({ "live_sends": sends })
}

fn cloud_hypervisor_stop(input: &Value) -> Value {
    let hypervisor = CloudHypervisor {
        downtime: Span::from_ms(int(input, "downtime_budget_ms")),
        timeout_s: int(input, "timeout_s"),
        ..CloudHypervisor::default()
    };
    assert_eq!(word(input, "strategy"), "cancel", "the default strategy");
    let policy = hypervisor.policy(&Around::default());
    let result = each(input, "runs_time_s_dirty_bytes_Bps", |run| {
        let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::Useful);
        for (at, step) in run.as_array().expect("steps").iter().enumerate() {
            let seen = |index: usize| step[index].as_f64().expect("a number");
            let orders = engine.iteration(&JobStats {
                elapsed: seconds(seen(0)),
                memory_iteration: at as u64 + 2,
                memory_bps: Rate(seen(2) as u64),
                ..job(seen(1) as u64)
            });
            if let Some(order) = orders.first() {
                let label = match order.command {
                    JobCommand::Abort => "abort",
                    _ if policy.explain(order.why).contains("nothing") => "switch_no_dirty",
                    _ => "switch_downtime",
                };
                return json!([at, label]);
            }
        }
        Value::Null
    });
    json!({ "result": result })
}

fn cloudstack_loop(input: &Value) -> Value {
    let off = |key: &str| input[key].as_i64().and_then(|value| u64::try_from(value).ok());
    let cloudstack = CloudStack {
        downtime: off("downtime_ms"),
        pauseafter: off("pauseafter_ms"),
        wait: off("wait_s"),
        ..CloudStack::default()
    };
    let mut policy = cloudstack.policy(&Around::default());
    policy.poll = Poll::every(Span::from_ms(int(input, "poll_ms")));
    let told = drive(&policy, Span::from_ms(int(input, "observe_until_ms")), |_| job(1000));
    json!({ "events_ms": events(&told, 1e6) })
}

fn virsh_timeout(input: &Value) -> Value {
    let action = word(input, "action");
    let postcopy = action == "postcopy";
    let timeout = Some(int(input, "timeout_s"));
    let virsh = Virsh { timeout, timeout_postcopy: postcopy, postcopy, ..Virsh::default() };
    let told = drive(&virsh.policy(&Around::default()), seconds(number(input, "finishes_at_s")), |_| job(1000));
    let rows = told.iter().map(|(at, order)| {
        let expected = if postcopy { JobCommand::PostCopy } else { JobCommand::Pause };
        assert_eq!(order.command, expected);
        json!([at.seconds(), action])
    });
    json!({ "events": rows.collect::<Vec<_>>() })
}

/// Events of iterations as the client hears them, one after the other.
fn virsh_after_precopy(input: &Value) -> Value {
    let virsh = Virsh { postcopy: true, postcopy_after_precopy: true, ..Virsh::default() };
    let policy = virsh.policy(&Around::default());
    let mut engine = Engine::new(&policy, Span::from_ms(300), Polls::All);
    let mut told: Vec<(Span, PolicyOrder)> = Vec::new();
    for heard in list(input, "iteration_events_s") {
        let (elapsed, memory_iteration) = (seconds(heard[0].as_f64().expect("s")), heard[1].as_u64().expect("a count"));
        let orders = engine.iteration(&JobStats { elapsed, memory_iteration, ..job(1000) });
        told.extend(orders.iter().map(|order| (elapsed, *order)));
    }
    json!({ "events": events(&told, 1e9) })
}

fn virtual_domain(input: &Value) -> Value {
    let agent = VirtualDomain {
        migration_downtime: int(input, "migration_downtime_ms"),
        migration_speed: int(input, "migration_speed_mib_s"),
    };
    let until = seconds(number(input, "observe_until_s"));
    let told = drive(&agent.policy(&Around::default()), until, |_| job(1000));
    let limit = agent.stack(&Around::default()).value("max-bandwidth").map(setting);
    json!({ "events": events(&told, 1e9), "max_bandwidth_bytes_s": limit })
}

/// What a product at its defaults switches on in QEMU.
fn start_parameters(who: &str, input: &Value) -> Value {
    let product = Product::find(who).unwrap_or_else(|| panic!("the vectors name the product `{who}`"));
    let nothing = (product.options)().iter().map(|_| None).collect();
    let stack = (product.set_up)(nothing, &Around::of(Bytes(1 << 33))).stack;
    json!({ "values": each(input, "options", |option| {
        json!(stack.value(option.as_str().expect("an option's name")).map(setting))
    }) })
}

/// A setting as the vectors write it.
fn setting(value: &Setting) -> Value {
    match value {
        Setting::Switch(on) => json!(on),
        Setting::Number(number) => json!(number),
        Setting::Rate(rate) => json!(rate.0),
        Setting::Size(size) => json!(size.0),
        Setting::Word(word) => json!(word),
        other => json!(format!("{other:?}")),
    }
}

fn units(input: &Value) -> Value {
    let limit = |mib: &Value| {
        let virsh = Virsh { bandwidth: mib.as_u64(), ..Virsh::default() };
        match virsh.stack(&Around::default()).value("max-bandwidth") {
            Some(Setting::Rate(rate)) => json!(rate.0),
            _ => Value::Null,
        }
    };
    json!({
        "qemu_max_bandwidth_bytes_s": each(input, "virsh_bandwidth_mib_s", limit),
        "memory_bps": each(input, "qemu_mbps", |mbps| json!(memory_bps(mbps.as_f64().expect("mbps")).0)),
    })
}
