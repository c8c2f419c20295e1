use precopy::guest::{Config, Law, Workload};
use precopy::link::Link;
use precopy::qemu::{self, Accel};
use precopy::scenario::{Limits, Scenario};
use precopy::sim::{self, Event, Memory, Options};
use precopy::units::*;
use serde_json::Value;
fn main() {
    let verbose = std::env::var("V").is_ok();
    let fp: u64 = std::env::var("FP").ok().and_then(|s| s.parse().ok()).unwrap_or(15500);
    for path in std::env::args().skip(1) {
        let v: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let c = &v["config"];
        let g = &c["guest"];
        let memory = Pages((c["memory_mib"].as_u64().unwrap() * 1024 + c["odd_kib"].as_u64().unwrap_or(0)) / 4);
        let region = Pages(g["mib"].as_u64().unwrap() * 256);
        let rate = v["baseline"]["page_writes_per_s"].as_f64().unwrap();
        let clock = g["pace"] == "clock";
        let last = v["progress"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|r| r[1].as_i64().unwrap() < 0)
            .last()
            .map(|r| r[3].as_u64().unwrap())
            .unwrap_or(0);
        let law = match g["model"].as_str().unwrap() {
            "random" => Law::Uniform,
            "seq" => Law::Sequential { start: Pages(last % region.0) },
            "hotcold" => Law::HotCold {
                hot: Pages(region.0 * g["hot_pct"].as_u64().unwrap_or(10) / 100),
                share: Share(g["hot_share"].as_f64().unwrap_or(90.0) / 100.0),
            },
            _ => Law::Idle,
        };
        let top = Pages(memory.0 / 64 + 1500);
        let zero = Pages(memory.0 - fp - region.0 - top.0);
        let held = Workload {
            law: Law::Idle,
            offset: Pages(memory.0 - top.0),
            region: top,
            rate: PageRate(0.0),
            cpu: Share(0.0),
            changed: Share::ALL,
            catch_up: None,
        };
        let w = Workload {
            law,
            offset: Pages(fp),
            region,
            rate: PageRate(rate),
            cpu: Share(if clock { v["baseline"]["vcpu_share"].as_f64().unwrap() } else { 1.0 }),
            changed: Share::ALL,
            catch_up: clock.then_some(Span::from_ms(204)),
        };
        let mut q = qemu::Config::defaults("7.2".parse().unwrap(), Accel::Tcg, memory.bytes());
        q.capabilities.auto_converge = c["capabilities"]["auto-converge"].as_bool().unwrap_or(false);
        q.params.max_bandwidth = Rate(c["max_bandwidth"].as_u64().unwrap());
        q.params.downtime_limit = Span::from_ms(c["downtime_limit_ms"].as_u64().unwrap());
        let p = &c["parameters"];
        let get = |k: &str, d: u8| p[k].as_u64().map_or(d, |x| x as u8);
        q.params.cpu_throttle_initial = get("cpu-throttle-initial", 20);
        q.params.cpu_throttle_increment = get("cpu-throttle-increment", 10);
        q.params.max_cpu_throttle = get("max-cpu-throttle", 99);
        q.params.throttle_trigger_threshold = get("throttle-trigger-threshold", 50);
        q.params.cpu_throttle_tailslow = p["cpu-throttle-tailslow"].as_bool().unwrap_or(false);
        let s = Scenario {
            question: None,
            guest: Config {
                memory,
                page_size: Default::default(),
                vcpus: 1,
                zero,
                zero_scan: Rate(4_000_000_000),
                fault_cost: Span(260),
                workloads: vec![w, held],
            },
            link: Link::constant(Rate(1_250_000_000)),
            qemu: q,
            limits: Limits { time: Span::from_ms((c["timeout_s"].as_f64().unwrap() * 1e3) as u64) },
        };
        let mem = if std::env::var("EXACT").is_ok() { Memory::Exact } else { Memory::Expected };
        let (o, t) = sim::run(
            &s,
            &Options {
                memory: mem,
                seed: std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1),
                timeline: verbose,
                ..Default::default()
            },
        );
        let (o2, _) = sim::run(
            &s,
            &Options {
                memory: mem,
                seed: std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1),
                skip: false,
                ..Default::default()
            },
        );
        assert_eq!(o, o2);
        let m = &v["outcome"];
        let mt = m["total_time_ms"].as_f64().or(m["end_ms"].as_f64()).unwrap();
        let lost = (1.0 - m["page_writes_per_s_during"].as_f64().unwrap_or(0.0) / rate) * mt;
        println!(
            "{path}: {:?} total {:.0}/{mt:.0} ({:+.1} %) passes {}/{} thr {}/{} down {:.0}/{} lost {:.0}/{lost:.0} normal {} busy {}",
            o.verdict,
            o.total_time_ms,
            (o.total_time_ms / mt - 1.0) * 100.0,
            o.dirty_sync_count,
            m["passes"],
            o.throttle_max_pct,
            m["max_throttle_pct"],
            o.downtime_ms,
            m["downtime_ms"],
            o.guest_work_lost_ms,
            o.normal_pages,
            v["env"]["other_busy_cpus"]
        );
        if verbose {
            let ps: Vec<f64> = v["passes"].as_array().unwrap().iter().map(|p| p["t_ms"].as_f64().unwrap()).collect();
            for (i, r) in t.rows.iter().filter(|r| r.event == Event::Sync).enumerate() {
                println!(
                    "  {} {:.3} / {:?}  rem {} thr {} dpr {}",
                    r.pass,
                    r.t_ms,
                    ps.get(i),
                    r.remaining_bytes / 4096,
                    r.throttle_pct,
                    r.dirty_pages_rate
                );
            }
        }
    }
}
