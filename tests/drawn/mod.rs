//! Migrations drawn at random: every law, version and dirty log, small enough that the exact memory takes
//! milliseconds. Number `index` is the same migration on every machine.
#![allow(dead_code, reason = "each test file uses some of it")]

use precopy::guest::{self, GuestUncertainty, Law, PageSize, RateClass, RateSchedule, Workload};
use precopy::link::Link;
use precopy::orchestrator::products::cloud_hypervisor::CloudHypervisor;
use precopy::orchestrator::products::ganeti::Ganeti;
use precopy::orchestrator::products::kubevirt::KubeVirt;
use precopy::orchestrator::products::nova::Nova;
use precopy::orchestrator::products::proxmox::Proxmox;
use precopy::orchestrator::products::xen::Xen;
use precopy::orchestrator::{Act, Around, DowntimeChange, Is, JobField, Orchestrator, Policy, Poll, Rule, RuleEvent};
use precopy::qemu::{
    self, Accel, Compression, DirtyLog, MigrationOption, MonitorCommand, MultifdCompression, Params, Transport,
    Version, ZeroPageDetection,
};
use precopy::scenario::{At, Limits, Scenario, When};
use precopy::units::{Bytes, PageRate, Pages, Rate, Share, Span, Time};
use rand::RngExt;
use rand_pcg::Pcg64;

/// Seed of all draws; the stream is the number of the migration.
const SEED: u128 = 20_26;

const MIB: u64 = 256;
const GIB: u64 = 1024 * MIB;

/// In the order in which [`scenario`] takes them.
const DIRTY_LOGS: [DirtyLog; 4] = [DirtyLog::Classic, DirtyLog::ManualProtect, DirtyLog::InitiallySet, DirtyLog::Ring];

/// Most page writes of a migration, which is what the exact memory spends its time on.
const WRITES: f64 = 6e6;

/// What draws the values of one migration.
pub struct Draw(Pcg64);

impl Draw {
    /// The values that belong to `index`.
    pub fn new(index: u64) -> Draw {
        Draw(Pcg64::new(SEED, u128::from(index)))
    }

    /// Values of their own for what a migration has besides.
    fn besides(index: u64) -> Draw {
        Draw(Pcg64::new(SEED + 1, u128::from(index)))
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.0.random::<f64>() < share
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// Every order of magnitude alike.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        low * libm::pow(high / low, self.0.random::<f64>())
    }

    pub fn ms(&mut self, low: f64, high: f64) -> Span {
        Span((self.log_between(low, high) * 1e6) as u64)
    }
}

/// Migration number `index`; the four dirty logs take turns.
pub fn scenario(index: u64) -> Scenario {
    let mut draw = Draw::new(index);
    let dirty_log = DIRTY_LOGS[(index % 4) as usize];
    let accel = if dirty_log == DirtyLog::Classic { draw.of(&[Accel::Kvm, Accel::Tcg]) } else { Accel::Kvm };
    let versions: Vec<Version> = Version::all().filter(|version| *version >= dirty_log.since()).collect();
    let version = draw.of(&versions);
    let memory = memory(&mut draw);
    // The first pass at full speed; everything else is drawn in proportion to it.
    let pass = draw.log_between(0.3, 30.0);
    let link = memory as f64 * 4104.0 / pass;
    let mut guest = guest(&mut draw, memory, link);
    let mut qemu = qemu(&mut draw, version, accel, dirty_log, &guest, link);
    let steps = steps(&mut draw, link, pass);
    let latency = if draw.chance(0.5) { Span::ZERO } else { draw.ms(0.05, 20.0) };
    let limit = pass * draw.log_between(0.5, 60.0);
    let rate: f64 = guest.workloads.iter().map(|workload| workload.rate.0).sum();
    let time = Span((limit.min(WRITES / rate) * 1e9) as u64);
    let link_bytes = link;
    let link =
        Link { steps, latency, spread: None, jitter: None, fails_at: draw.chance(0.03).then_some(Time(time.0 / 2)) };
    let mut at = at(&mut draw, &mut qemu, pass);
    let mut more = Draw::besides(index);
    besides(&mut more, &mut qemu, &mut at, link_bytes);
    if more.chance(0.1) {
        guest.page_size = PageSize::Huge;
    }
    // RAM consists of whole pages of the host; the rest of the last one is nobody's.
    let pages = guest.page_size.bytes().pages().0;
    guest.memory = Pages(guest.memory.0.next_multiple_of(pages));
    Scenario { question: None, guest, link, qemu, orchestrator: None, at, limits: Limits { time }, assumed: Vec::new() }
}

/// 64 MiB to 3 GiB, in some cases of whole chunks, and now and then a guest of more chunks than `expected` tells apart.
fn memory(draw: &mut Draw) -> u64 {
    match draw.below(20) {
        0 => 20 * GIB + draw.below(20 * GIB),
        1..=4 => draw.of(&[GIB, 2 * GIB, 3 * GIB]),
        _ => draw.log_between(64.0 * MIB as f64, 3.0 * GIB as f64) as u64,
    }
}

fn guest(draw: &mut Draw, memory: u64, link: f64) -> guest::GuestConfig {
    let count = draw.of(&[1, 1, 1, 2, 2, 3]);
    let workloads: Vec<Workload> = (0..count).map(|_| workload(draw, memory, link / count as f64)).collect();
    guest::GuestConfig {
        memory: Pages(memory),
        vcpus: draw.of(&[1, 2, 4, 16]),
        zero: Pages(if draw.chance(0.5) { draw.below(memory) } else { 0 }),
        zero_scan: Some(Rate(draw.log_between(0.5e9, 10e9) as u64)),
        fault_cost: Some(Span(draw.below(2000))),
        page_size: draw.of(&[PageSize::Small, PageSize::Small, PageSize::Large]),
        rate_spread: None,
        uncertainty: GuestUncertainty::NONE,
        courses: Vec::new(),
        workloads,
    }
}

/// A workload that dirties at most twice what `link` bytes/s carry.
fn workload(draw: &mut Draw, memory: u64, link: f64) -> Workload {
    let region =
        (memory as f64 * if draw.chance(0.5) { draw.log_between(0.002, 1.0) } else { draw.between(0.1, 1.0) }) as u64;
    let offset = draw.below(memory - region + 1);
    let law = match draw.below(13) {
        10 => Law::Zipf { exponent: draw.between(0.5, 1.2) },
        11 if region >= 3 => {
            let pages = [region / 3, region / 3, region - 2 * (region / 3)];
            let shares = [0.7, 0.25, 0.05].map(Share);
            Law::Classes(pages.into_iter().zip(shares).map(|(n, share)| RateClass { pages: Pages(n), share }).collect())
        }
        0 => Law::Idle,
        1..=4 => Law::Uniform,
        5..=7 => {
            let hot = Pages((region as f64 * draw.log_between(0.01, 0.5)).max(1.0) as u64);
            Law::HotCold { hot, share: Share(draw.between(0.5, 1.0)) }
        }
        _ => Law::Sequential { start: Pages(draw.below(region)) },
    };
    let load = if draw.chance(0.1) {
        0.0
    } else {
        if draw.chance(0.3) { draw.log_between(0.01, 2.0) } else { draw.between(0.3, 3.0) }
    };
    Workload {
        law,
        offset: Pages(offset),
        region: Pages(region),
        rate: PageRate(load * link / 4096.0),
        changed: Share(draw.log_between(0.001, 1.0)),
        schedule: schedule(draw),
        cpu: Share(if draw.chance(0.5) { 1.0 } else { draw.between(0.05, 1.0) }),
        catch_up: draw.of(&[None, Some(Span::ZERO), Some(Span::from_ms(200)), Some(Span::from_ms(5000))]),
    }
}

/// A rate that stays, or one that goes up and down.
fn schedule(draw: &mut Draw) -> RateSchedule {
    if draw.chance(0.8) {
        return RateSchedule::default();
    }
    let (first, second) = (draw.ms(50.0, 2000.0), draw.ms(50.0, 2000.0));
    let steps = vec![(Span::ZERO, 1.0), (first, draw.of(&[0.0, 0.3, 0.8]))];
    RateSchedule { steps, repeat: draw.chance(0.7).then_some(first + second) }
}

/// What an operator does, in half of the cases nothing.
fn at(draw: &mut Draw, qemu: &mut qemu::QemuConfig, pass: f64) -> Vec<At> {
    let when = |draw: &mut Draw| When::Time(Time((pass * draw.between(0.3, 4.0) * 1e9) as u64));
    let command = match draw.below(10) {
        0 => {
            let downtime_limit = Span::from_ms(draw.below(2000));
            MonitorCommand::Set(Params { downtime_limit, ..qemu.params.clone() })
        }
        1 => MonitorCommand::Pause,
        2 => MonitorCommand::Cancel,
        3 if qemu.version >= Version::new(2, 6)
            && !(qemu.capabilities.multifd || qemu.capabilities.compress || qemu.capabilities.mapped_ram) =>
        {
            qemu.capabilities.postcopy_ram = true;
            MonitorCommand::StartPostcopy
        }
        _ => return Vec::new(),
    };
    vec![At { when: if draw.chance(0.5) { when(draw) } else { When::Pass(draw.below(4) + 2) }, command }]
}

/// What goes with a lever that is on, and commands that follow one another.
fn besides(draw: &mut Draw, qemu: &mut qemu::QemuConfig, at: &mut Vec<At>, link: f64) {
    let version = qemu.version;
    let since = |major, minor| version >= Version::new(major, minor);
    let (caps, params) = (&mut qemu.capabilities, &mut qemu.params);
    if caps.multifd && draw.chance(0.7) {
        let methods = [
            MultifdCompression::Zlib,
            MultifdCompression::Zstd,
            MultifdCompression::Qpl,
            MultifdCompression::Uadk,
            MultifdCompression::Qatzip,
        ];
        let method = draw.of(&methods);
        caps.zero_copy_send = since(7, 1) && draw.chance(0.3);
        if !caps.zero_copy_send && version >= method.since() {
            params.multifd_compression = method;
            qemu.host.compression =
                Compression { ratio: draw.between(1.0, 4.0), bandwidth: Rate((link / 4.0) as u64 + 1) };
        }
        if since(9, 0) {
            let detections = [ZeroPageDetection::None, ZeroPageDetection::Legacy, ZeroPageDetection::Multifd];
            params.zero_page_detection = draw.of(&detections);
        }
    }
    if caps.compress {
        params.compress_threads = draw.of(&[1, 4, 8]);
        let waits = draw.chance(0.5);
        if since(3, 1) {
            params.compress_wait_thread = waits;
        }
    }
    if caps.postcopy_ram {
        caps.postcopy_preempt = since(7, 1) && draw.chance(0.5);
        if since(3, 0) && draw.chance(0.3) {
            params.max_postcopy_bandwidth = Rate((link * draw.between(0.2, 1.0)) as u64 + 1);
        }
    }
    caps.switchover_ack = since(8, 1) && caps.return_path && draw.chance(0.3);
    if caps.dirty_limit {
        params.x_vcpu_dirty_limit_period = Span::from_ms(draw.of(&[100, 500, 1000]));
    }
    match at.first().map(|at| (at.when, at.command.clone())) {
        Some((When::Time(time), MonitorCommand::Pause)) if draw.chance(0.5) => {
            let when = When::Time(time + draw.ms(10.0, 2000.0));
            at.push(At { when, command: MonitorCommand::Continue });
        }
        Some((When::Time(time), MonitorCommand::Set(set))) if draw.chance(0.5) => {
            let max_bandwidth = Rate((link * draw.between(0.3, 2.0)) as u64);
            let when = When::Time(time + draw.ms(10.0, 2000.0));
            at.push(At { when, command: MonitorCommand::Set(Params { max_bandwidth, ..set }) });
        }
        _ => {}
    }
    transport(draw, qemu, link);
}

/// Another way than a connection of QEMU's own, where pages go as they are, and what it carries.
fn transport(draw: &mut Draw, qemu: &mut qemu::QemuConfig, link: f64) {
    let (caps, host) = (&mut qemu.capabilities, &mut qemu.host);
    let encoded = caps.multifd || caps.compress || caps.mapped_ram || caps.xbzrle || !qemu.params.tls_creds.is_empty();
    if encoded || draw.chance(0.8) {
        return;
    }
    let pins = MigrationOption::find("rdma-pin-all").is_some_and(|option| option.exists_in(qemu.version));
    qemu.transport = draw.of(&[Transport::Ssh, Transport::LibvirtTunnel, Transport::Rdma]);
    caps.rdma_pin_all = qemu.transport == Transport::Rdma && draw.chance(0.5) && pins;
    for carried in [&mut host.ssh, &mut host.libvirt_tunnel, &mut host.rdma, &mut host.rdma_pinned] {
        *carried = Rate((link * draw.between(0.2, 2.0)) as u64 + 1);
    }
}

/// Switches one of the levers on that change what a page costs, if the release has it.
fn lever(draw: &mut Draw, qemu: &mut qemu::QemuConfig, link: f64) {
    let since = |major, minor| qemu.version >= Version::new(major, minor);
    match draw.below(8) {
        0 => {
            qemu.capabilities.xbzrle = true;
            qemu.params.xbzrle_cache_size = Bytes(1 << (22 + draw.below(9)));
        }
        1 if since(4, 0) => {
            qemu.capabilities.multifd = true;
            qemu.params.multifd_channels = draw.of(&[1, 2, 8]);
            qemu.host.multifd_channel_bandwidth =
                draw.chance(0.5).then(|| Rate((link * draw.between(0.2, 1.0)) as u64));
        }
        2 if since(2, 7) => {
            qemu.params.tls_creds = "tls0".to_owned();
            qemu.host.tls_bandwidth = Rate((link * draw.between(0.2, 2.0)) as u64);
        }
        3 if since(2, 4) && !since(9, 1) => {
            qemu.capabilities.compress = true;
            qemu.host.compression =
                Compression { ratio: draw.between(1.0, 4.0), bandwidth: Rate((link / 8.0) as u64 + 1) };
        }
        4 if since(9, 0) => qemu.capabilities.mapped_ram = true,
        6 if since(8, 1) && qemu.dirty_log == DirtyLog::Ring => {
            qemu.capabilities.auto_converge = false;
            qemu.capabilities.dirty_limit = true;
            qemu.host.dirty_ring_size = Pages(1 << (10 + draw.below(7)));
            qemu.params.vcpu_dirty_limit = Rate((draw.below(200) + 1) << 20);
        }
        5 if since(9, 0) => qemu.params.zero_page_detection = ZeroPageDetection::None,
        _ => {}
    }
}

fn qemu(
    draw: &mut Draw,
    version: Version,
    accel: Accel,
    dirty_log: DirtyLog,
    guest: &guest::GuestConfig,
    link: f64,
) -> qemu::QemuConfig {
    let mut qemu = qemu::QemuConfig::defaults(version, accel, guest.memory.bytes());
    qemu.dirty_log = dirty_log;
    qemu.capabilities.auto_converge = draw.chance(0.7);
    lever(draw, &mut qemu, link);
    qemu.capabilities.return_path = version >= Version::new(2, 10) && draw.chance(0.3);
    qemu.first_migration = draw.chance(0.7);
    qemu.setup_time = draw.ms(1.0, 300.0);
    qemu.sync_time = draw.ms(0.01, 30.0);
    qemu.switchover_time = draw.ms(0.5, 50.0);
    let params = &mut qemu.params;
    params.max_bandwidth = Rate(if draw.chance(0.5) { 0 } else { (link * draw.log_between(0.3, 2.0)) as u64 });
    if version >= Version::new(8, 2) && draw.chance(0.2) {
        params.avail_switchover_bandwidth = Rate((link * draw.log_between(0.3, 3.0)) as u64);
    }
    params.downtime_limit = Span::from_ms(draw.of(&[0, 10, 30, 30, 100, 300, 300, 500, 1000, 2000]));
    params.cpu_throttle_initial = draw.of(&[20, 20, 5, 50, 99]);
    params.cpu_throttle_increment = draw.of(&[10, 10, 5, 30, 80]);
    params.max_cpu_throttle = params.cpu_throttle_initial.max(draw.of(&[99, 99, 80, 60]));
    params.throttle_trigger_threshold = draw.of(&[50, 50, 10, 90]);
    params.cpu_throttle_tailslow = draw.chance(0.3);
    // Drawn for every release, and taken back where it has no such option.
    let defaults = Params::defaults(version);
    let lacks = |name| MigrationOption::find(name).is_some_and(|option| !option.exists_in(version));
    if lacks("cpu-throttle-initial") {
        params.cpu_throttle_initial = defaults.cpu_throttle_initial;
        params.cpu_throttle_increment = defaults.cpu_throttle_increment;
    }
    if lacks("max-cpu-throttle") {
        params.max_cpu_throttle = defaults.max_cpu_throttle;
    }
    if lacks("throttle-trigger-threshold") {
        params.throttle_trigger_threshold = defaults.throttle_trigger_threshold;
    }
    if lacks("cpu-throttle-tailslow") {
        params.cpu_throttle_tailslow = defaults.cpu_throttle_tailslow;
    }
    qemu
}

/// Mostly one bandwidth; else up to four, which change within the first five passes.
fn steps(draw: &mut Draw, link: f64, pass: f64) -> Vec<(Time, Rate)> {
    let mut steps = vec![(Time::ZERO, Rate(link as u64))];
    if draw.chance(0.25) {
        let mut times: Vec<u64> =
            (0..draw.below(3) + 1).map(|_| (pass * draw.between(0.1, 5.0) * 1e9) as u64).collect();
        times.sort_unstable();
        times.dedup();
        steps.extend(times.into_iter().map(|time| (Time(time), Rate((link * draw.log_between(0.2, 3.0)) as u64))));
    }
    steps
}

/// All that a drawn rule can look at.
pub const FIELDS: [JobField; 23] = [
    JobField::TimeElapsed,
    JobField::TimeElapsedPerGib,
    JobField::MemoryIteration,
    JobField::Iterations,
    JobField::NewIteration,
    JobField::MemoryRemaining,
    JobField::DirtyPages,
    JobField::MemoryProcessed,
    JobField::ProcessedShare,
    JobField::MemoryDirtyRate,
    JobField::MemoryBps,
    JobField::AutoConvergeThrottle,
    JobField::ExpectedDowntime,
    JobField::TimeToSend,
    JobField::DowntimeLimit,
    JobField::Drop,
    JobField::Rises,
    JobField::NewRise,
    JobField::SinceLow,
    JobField::SinceProgress,
    JobField::SinceChange,
    JobField::PostCopy,
    JobField::Paused,
];

/// Migration number `index` with somebody above QEMU, whose times are in proportion to its first pass.
pub fn ordered(index: u64) -> Scenario {
    let mut scenario = scenario(index);
    let mut draw = Draw::new(index + (1 << 40));
    let memory = scenario.guest.memory.bytes();
    let around = Around::of(memory);
    let pass = memory.0 as f64 / scenario.link.steps[0].1.0 as f64;
    let products = [
        Nova::defaults(33).policy(&around),
        Nova { permit_post_copy: true, ..Nova::defaults(18) }.policy(&around),
        Proxmox::default().policy(&around),
        Ganeti { migration_downtime_max: 5000, ..Ganeti::default() }.policy(&around),
        KubeVirt { downtime_tuning: true, ..KubeVirt::default() }.policy(&around),
        KubeVirt { stall_detection: true, ..KubeVirt::default() }.policy(&around),
        Xen::default().policy(&around),
        CloudHypervisor { timeout_s: 5, ..CloudHypervisor::default() }.policy(&around),
    ];
    let product = draw.below(products.len() as u64) as usize;
    scenario.orchestrator = Some(if draw.chance(0.4) { products[product].clone() } else { policy(index, pass) });
    scenario
}

/// A user's own rules, number `index`, for a migration whose first pass takes `pass` seconds.
pub fn policy(index: u64, pass: f64) -> Policy {
    let mut draw = Draw::new(index + (2 << 40));
    let period = draw.ms(10.0, 1000.0);
    let poll = if draw.chance(0.5) { Poll::every(period) } else { Poll::from_start(period) };
    let rules: Vec<Rule> = (0..1 + draw.below(4)).map(|place| rule(&mut draw, place as usize, pass)).collect();
    Policy { rules, ..Policy::new("drawn", poll) }
}

/// A rule that may fire in a migration whose first pass takes `pass` seconds.
fn rule(draw: &mut Draw, place: usize, pass: f64) -> Rule {
    let time = |draw: &mut Draw| Span((pass * draw.log_between(0.05, 5.0) * 1e9) as u64);
    let on = match draw.below(6) {
        0 => RuleEvent::Start,
        1 => RuleEvent::Timer(time(draw)),
        2 => RuleEvent::Iteration,
        _ => RuleEvent::Poll,
    };
    let cap = draw.chance(0.7).then(|| draw.ms(100.0, 5000.0));
    let act = match draw.below(10) {
        0 => Act::Nothing,
        1 => Act::Pause,
        2 => Act::PostCopy,
        3 => Act::Abort,
        4 => Act::QueueForceComplete,
        5 => Act::Bandwidth(Rate(draw.log_between(1e7, 1e9) as u64)),
        6 => Act::Downtime { to: DowntimeChange::Set(draw.ms(10.0, 2000.0)), cap },
        7 => Act::Downtime { to: DowntimeChange::Times(draw.between(1.0, 3.0)), cap },
        _ => Act::Downtime { to: DowntimeChange::Plus(draw.ms(1.0, 500.0)), cap },
    };
    let mut rule = Rule::new(on, act, format!("rule {place}"));
    for _ in 0..draw.below(3) {
        let is = draw.of(&[Is::Above, Is::AtLeast, Is::Below, Is::AtMost]);
        rule = match draw.below(8) {
            0 => rule.when(JobField::MemoryIteration, is, draw.below(10) as f64),
            1 => rule.when(JobField::NewIteration, Is::Equal, 1.0),
            2 => rule.when(JobField::MemoryRemaining, is, draw.log_between(1e6, 1e9)),
            3 => rule.when(JobField::Rises, Is::Above, draw.below(5) as f64),
            4 => rule.when(JobField::SinceLow, Is::Above, time(draw).0 as f64),
            5 => rule.when(JobField::SinceChange, Is::AtLeast, time(draw).0 as f64),
            6 => rule.when(JobField::Drop, is, draw.between(-50.0, 50.0)),
            _ => rule.when(JobField::TimeElapsed, draw.of(&[Is::Above, Is::AtLeast]), time(draw).0 as f64),
        };
    }
    rule.once = draw.chance(0.3);
    rule.last = draw.chance(0.2);
    rule.hold = draw.chance(0.1).then(|| time(draw));
    rule.after = (place > 0 && draw.chance(0.2)).then(|| draw.below(place as u64) as usize);
    rule
}
