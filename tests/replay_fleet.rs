//! Real drains without a host: migrations that take some hundredths of a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use precopy::compare::Fate;
use precopy::drain::DrainPlan;
use precopy::orchestrator::scheduler::Scheduler;
use precopy::orchestrator::{JobCommand, JobStats};
use precopy::replay::{
    Domain, Ended, FleetReplay, HostError, JobLook, JobSeen, MigrationHost, MigrationRequest, RealAttempt, ReplayPlan,
};
use precopy::scenario::Input;
use precopy::units::{Bytes, Span};

/// What becomes of a guest.
#[derive(Clone, Copy)]
enum Way {
    /// It arrives after so many milliseconds.
    Arrives(u64),
    /// Its destination refuses it after so many milliseconds.
    Fails(u64),
    /// The connection breaks after so many milliseconds.
    Breaks(u64),
}

struct Quick {
    way: Way,
    began: Option<Instant>,
    cancelled: bool,
}

impl MigrationHost for Quick {
    fn domain(&mut self) -> Result<Domain, HostError> {
        Ok(Domain {
            name: "quick".to_owned(),
            state: "running".to_owned(),
            busy: false,
            memory: Bytes(1 << 30),
            vcpus: 1,
            qemu: (8, 2),
            downtime_limit: None,
        })
    }

    fn start(&mut self, _: &MigrationRequest) -> Result<(), HostError> {
        self.began = Some(Instant::now());
        Ok(())
    }

    fn look(&mut self) -> Result<JobLook, HostError> {
        let took = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        let is_over = |ms| took >= Duration::from_millis(ms);
        let ended = |failure: Option<&str>, source: &str| {
            JobLook::Ended(Ended { failure: failure.map(str::to_owned), totals: None, source: source.to_owned() })
        };
        match self.way {
            _ if self.cancelled => Ok(ended(Some("canceled by client"), "running")),
            Way::Arrives(ms) if is_over(ms) => Ok(ended(None, "gone")),
            Way::Fails(ms) if is_over(ms) => Ok(ended(Some("no room"), "running")),
            Way::Breaks(ms) if is_over(ms) => {
                Err(HostError::Lost { uri: "quick:///".to_owned(), reason: "it broke".to_owned() })
            }
            _ => {
                let job = JobStats { memory_iteration: 1, ..JobStats::default() };
                Ok(JobLook::Running(JobSeen { job, ..JobSeen::default() }))
            }
        }
    }

    fn iterations(&mut self) -> Vec<(Span, u64)> {
        Vec::new()
    }

    fn tell(&mut self, command: JobCommand) -> Result<(), HostError> {
        self.cancelled |= command == JobCommand::Abort;
        Ok(())
    }

    fn resume(&mut self) -> Result<(), HostError> {
        Ok(())
    }
}

/// Drains guests two at a time, each tried twice; Ctrl-C as a look at that guest is told.
fn drained(ways: &[Way], interrupt: Option<usize>) -> Vec<RealAttempt> {
    let input = Input::new("test", "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"10 Gbit/s\"\n", &[]).unwrap();
    let scenario = input.load().unwrap().scenario;
    let replays: Vec<ReplayPlan> = ways
        .iter()
        .map(|_| ReplayPlan {
            scenario: &scenario,
            request: MigrationRequest::new(&scenario, "quick:///there", None).unwrap(),
            sample: Span::from_ms(5),
            text: String::new(),
            sets: vec![],
            of_fleet: None,
            trial: None,
        })
        .collect();
    let stop = AtomicBool::new(false);
    let find = |guest: usize| -> Result<Box<dyn MigrationHost>, HostError> {
        Ok(Box::new(Quick { way: ways[guest], began: None, cancelled: false }))
    };
    let tell = |guest: usize, look: Option<(Span, &JobSeen)>| {
        stop.fetch_or(look.is_some() && interrupt == Some(guest), Ordering::Relaxed);
    };
    FleetReplay {
        scheduler: &Scheduler { attempts: 2, ..Scheduler::slots(2) },
        plan: &DrainPlan { slots: 2, sequence: (0..ways.len()).rev().collect() },
        replays: &replays,
        find: &find,
        stop: &stop,
        tell: &tell,
    }
    .run()
}

/// Guests and attempts by their start.
fn starts(attempts: &[RealAttempt]) -> Vec<(usize, u32)> {
    let mut attempts: Vec<&RealAttempt> = attempts.iter().collect();
    attempts.sort_by_key(|attempt| attempt.start);
    attempts.iter().map(|attempt| (attempt.guest, attempt.number)).collect()
}

#[test]
fn guests_start_in_the_plans_order_as_slots_get_free_and_who_fails_comes_again_at_the_end() {
    let attempts = drained(&[Way::Arrives(100), Way::Fails(100), Way::Arrives(900), Way::Arrives(50)], None);
    let mut first = starts(&attempts);
    // Both slots are free at the beginning, and two threads start at once.
    first[..2].sort_unstable();
    assert_eq!(first, [(2, 1), (3, 1), (1, 1), (0, 1), (1, 2)]);
    for attempt in &attempts {
        let beside = attempts.iter().filter(|other| other.start <= attempt.start && attempt.start < other.end).count();
        assert!(beside <= 2, "{beside} at once");
        assert_eq!(attempt.is_gone(), attempt.guest != 1);
        assert_eq!(attempt.fate(), if attempt.guest == 1 { Fate::Failed } else { Fate::Converged });
    }
}

#[test]
fn ctrl_c_cancels_those_under_way_and_starts_no_other() {
    let attempts = drained(&[Way::Arrives(50), Way::Arrives(60_000), Way::Arrives(60_000)], Some(2));
    assert!(attempts.iter().all(|attempt| attempt.guest != 0 && attempt.fate() == Fate::Cancelled));
    assert!((1..=2).contains(&attempts.len()));
}

#[test]
fn a_lost_connection_starts_no_other_and_those_under_way_are_waited_for() {
    let attempts = drained(&[Way::Arrives(50), Way::Arrives(300), Way::Breaks(50)], None);
    assert_eq!(attempts.iter().map(|attempt| attempt.guest).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((attempts[0].fate(), attempts[1].fate()), (Fate::Failed, Fate::Converged));
}
