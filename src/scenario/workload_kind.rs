//! Kinds of workloads, the orders in which they write, and which keys belong to which.

use crate::units::spelling::word_of;

/// What a workload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkloadKind {
    /// It writes nothing.
    Idle,
    /// It writes at one rate.
    Ordered(Order),
    /// It dirties pages as a measured curve says.
    Curve,
    /// It writes at a rate that follows a file.
    Trace,
    /// It writes what was recorded, page by page.
    Recording,
    /// It is one workload after the other.
    Phases,
}

impl WorkloadKind {
    /// What `kind` may say.
    pub(super) const NAMES: [(&'static str, WorkloadKind); 9] = [
        ("idle", WorkloadKind::Idle),
        ("uniform", WorkloadKind::Ordered(Order::Uniform)),
        ("hot-cold", WorkloadKind::Ordered(Order::HotCold)),
        ("zipf", WorkloadKind::Ordered(Order::Zipf)),
        ("sequential", WorkloadKind::Ordered(Order::Sequential)),
        ("curve", WorkloadKind::Curve),
        ("trace", WorkloadKind::Trace),
        ("recording", WorkloadKind::Recording),
        ("phases", WorkloadKind::Phases),
    ];

    /// The kinds that a key belongs to; `None`: to all.
    pub(super) fn having(key: &str) -> Option<&'static [&'static str]> {
        match key {
            "region" => Some(&["uniform", "hot-cold", "zipf", "sequential", "curve", "trace", "phases"]),
            "offset" => Some(&["uniform", "hot-cold", "zipf", "sequential", "curve", "trace", "recording", "phases"]),
            "rate" | "least-rate" => Some(&["uniform", "hot-cold", "zipf", "sequential"]),
            "cpu" => Some(&["idle", "uniform", "hot-cold", "zipf", "sequential", "curve", "trace", "recording"]),
            "changed" | "catch-up" => {
                Some(&["uniform", "hot-cold", "zipf", "sequential", "curve", "trace", "recording"])
            }
            "hot" | "share" => Some(&["hot-cold"]),
            "exponent" => Some(&["zipf"]),
            "start" | "sweeps" => Some(&["sequential"]),
            "points" | "sample-factor" | "steepness" => Some(&["curve"]),
            "file" => Some(&["curve", "trace", "recording"]),
            "scale" => Some(&["curve", "trace"]),
            "instructions" => Some(&["recording"]),
            "law" => Some(&["trace"]),
            "repeat" => Some(&["trace", "recording", "phases"]),
            "phase" | "time-spread" => Some(&["phases"]),
            _ => None,
        }
    }

    /// These kinds, in the words of a reference page.
    pub(super) fn named_for(key: &str) -> String {
        let quoted = |words: &[&str], and| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(and);
        let Some(having) = WorkloadKind::having(key) else { return "all".to_owned() };
        let names = WorkloadKind::NAMES.iter().map(|(name, _)| *name);
        let others: Vec<&str> = names.filter(|name| !having.contains(name)).collect();
        if others.len() <= 2 { format!("all but {}", quoted(&others, " and ")) } else { quoted(having, ", ") }
    }

    pub(super) fn name(self) -> &'static str {
        word_of(&WorkloadKind::NAMES, self)
    }

    /// Whether a key makes sense; `law` is the order of a trace, which brings the keys of that order with it.
    pub(super) fn has(self, key: &str, law: Option<Order>) -> bool {
        WorkloadKind::having(key).is_none_or(|kinds| {
            let belongs = |kind: WorkloadKind| kinds.contains(&kind.name());
            belongs(self)
                || (self == WorkloadKind::Trace
                    && key != "rate"
                    && key != "least-rate"
                    && law.is_some_and(|law| belongs(WorkloadKind::Ordered(law))))
        })
    }
}

/// An order of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Uniform,
    HotCold,
    Zipf,
    Sequential,
}

impl Order {
    pub(super) const NAMES: [(&'static str, Order); 4] = [
        ("uniform", Order::Uniform),
        ("hot-cold", Order::HotCold),
        ("zipf", Order::Zipf),
        ("sequential", Order::Sequential),
    ];
}
