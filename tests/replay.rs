//! Replays without a host: a migration that a script plays, on a clock that jumps.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use precopy::compare::Trace;
use precopy::orchestrator::{JobCommand, JobStats};
use precopy::replay::{
    Cancelled, ClientClock, Domain, Ended, Ending, HostError, JobLook, JobSeen, MigrationHost, MigrationRequest,
    ReplayPlan, drive,
};
use precopy::report::replay::file;
use precopy::scenario::{Input, Scenario};
use precopy::sim::{self, Event, Options, Verdict};
use precopy::units::{Bytes, Rate, Span};

/// With its own tests, so that these need no other build of the library.
#[cfg(feature = "libvirt")]
#[allow(dead_code, reason = "the library calls it")]
#[path = "../src/replay/libvirt/typed_params.rs"]
mod typed_params;

const S: u64 = 1_000_000_000;
/// Of the played migration: libvirt's preparations, and every pass [ns].
const PREPARES: u64 = S;
const PASS: u64 = 2 * S;
const RAM: u64 = 1 << 30;
const BPS: u64 = 100 << 20;

/// What a host does of its own accord.
#[derive(Default)]
struct Script {
    state: Option<&'static str>,
    busy: bool,
    /// It completes so long after the request [ns].
    completes: Option<u64>,
    /// The connection breaks then [ns].
    breaks: Option<u64>,
    /// So many calls are refused.
    refuses: u32,
    /// The guest is stopped for the switchover then [ns].
    stops: Option<u64>,
    /// It is a trial, of so long.
    trial: Option<Span>,
}

struct Played {
    script: Script,
    now: Rc<Cell<u64>>,
    syncs: u64,
    told: Vec<(u64, String)>,
    cancelled: bool,
    started: bool,
}

impl Played {
    fn seen(&self) -> Option<JobSeen> {
        let since = self.now.get().checked_sub(PREPARES)?;
        let in_pass = since % PASS;
        Some(JobSeen {
            job: JobStats {
                elapsed: Span(self.now.get()),
                memory_iteration: 1 + since / PASS,
                memory_total: Bytes(RAM),
                memory_processed: Bytes((u128::from(since) * u128::from(BPS) / u128::from(S)) as u64),
                memory_remaining: Bytes(RAM / 2 - RAM / 4 * in_pass / PASS),
                memory_bps: Rate(BPS),
                memory_dirty_rate: 30_000,
                ..JobStats::default()
            },
            normal: since / 1_000_000,
            constant: 7,
            setup_ms: None,
        })
    }

    fn answer(&mut self, what: String) -> Result<(), HostError> {
        self.told.push((self.now.get(), what));
        if self.script.refuses > 0 {
            self.script.refuses -= 1;
            return Err(HostError::Refused("not now".to_owned()));
        }
        Ok(())
    }
}

impl MigrationHost for Played {
    fn domain(&mut self) -> Result<Domain, HostError> {
        Ok(Domain {
            name: "web1".to_owned(),
            state: self.script.state.unwrap_or("running").to_owned(),
            busy: self.script.busy,
            memory: Bytes(RAM),
            vcpus: 1,
            qemu: (8, 2),
            downtime_limit: None,
        })
    }

    fn start(&mut self, _: &MigrationRequest) -> Result<(), HostError> {
        self.started = true;
        // Whatever the clock showed before is not the migration's time.
        self.now.set(17 * S);
        Ok(())
    }

    fn look(&mut self) -> Result<JobLook, HostError> {
        let now = self.now.get();
        if self.script.breaks.is_some_and(|at| now >= at) {
            return Err(HostError::Lost { uri: "played:///".to_owned(), reason: "it broke".to_owned() });
        }
        let source = "running".to_owned();
        if self.cancelled {
            return Ok(JobLook::Ended(Ended { failure: Some("canceled by client".to_owned()), totals: None, source }));
        }
        if self.script.completes.is_some_and(|at| now >= at) {
            let totals = self.seen().map(|mut seen| {
                seen.job.downtime = Span::from_ms(40);
                seen.job.memory_remaining = Bytes(0);
                JobSeen { setup_ms: Some(5), ..seen }
            });
            return Ok(JobLook::Ended(Ended { failure: None, totals, source: "gone".to_owned() }));
        }
        Ok(self.seen().map_or(JobLook::Preparing, JobLook::Running))
    }

    fn iterations(&mut self) -> Vec<(Span, u64)> {
        let now = self.now.get();
        let syncs = now.checked_sub(PREPARES).map_or(0, |since| 1 + since / PASS);
        let new = std::mem::replace(&mut self.syncs, syncs);
        (new..syncs).map(|sync| (Span(now - PREPARES - sync * PASS), sync + 1)).collect()
    }

    fn tell(&mut self, command: JobCommand) -> Result<(), HostError> {
        self.answer(command.to_string())?;
        self.cancelled |= command == JobCommand::Abort;
        Ok(())
    }

    fn stands_still(&mut self) -> Result<bool, HostError> {
        Ok(!self.cancelled && self.script.stops.is_some_and(|at| self.now.get() >= at))
    }

    fn resume(&mut self) -> Result<(), HostError> {
        self.answer("continue".to_owned())
    }
}

/// A clock that jumps; a look takes 3 ms.
struct Jumping(Rc<Cell<u64>>);

impl ClientClock for Jumping {
    fn restart(&mut self) {
        self.0.set(0);
    }

    fn now(&self) -> Span {
        Span(self.0.get())
    }

    fn wait_until(&mut self, at: Span, stop: &AtomicBool) {
        let now = self.0.get();
        self.0.set(if stop.load(Ordering::Relaxed) { now } else { now.max(at.0) } + 3_000_000);
    }
}

fn scenario(more: &str) -> (String, Scenario) {
    let text = format!(
        "[guest]\nmemory = \"1 GiB\"\n[[guest.workload]]\nkind = \"uniform\"\nregion = \"512 MiB\"\nrate = \"400000 pages/s\"\n\
         [link]\nbandwidth = \"1 Gbit/s\"\n{more}"
    );
    let scenario = Input::new("web1.toml", &text, &[]).unwrap().load().unwrap().scenario;
    (text, scenario)
}

const QEMU: &str = "[qemu]\nversion = \"8.2\"\n";

/// Drives `script` by the scenario; Ctrl-C is pressed once so much time has passed.
fn driven(more: &str, script: Script, interrupt: Option<u64>) -> (Result<Ending, HostError>, Played) {
    let (text, scenario) = scenario(more);
    let now = Rc::new(Cell::new(0));
    let trial = script.trial;
    let mut host = Played { script, now: Rc::clone(&now), syncs: 0, told: vec![], cancelled: false, started: false };
    let request = MigrationRequest::new(&scenario, "played:///there", None).unwrap();
    let plan = ReplayPlan {
        scenario: &scenario,
        request,
        sample: Span::from_ms(100),
        text,
        sets: vec![],
        of_fleet: None,
        trial,
    };
    let stop = AtomicBool::new(false);
    let ending = drive(&mut host, &mut Jumping(now), &plan, &stop, |now, _| {
        stop.fetch_or(interrupt.is_some_and(|at| now.0 >= at), Ordering::Relaxed);
    });
    (ending, host)
}

#[test]
fn a_trial_is_cancelled_after_its_time_or_once_the_guest_stands_still() {
    // Its time begins with the second pass, whatever `limits.time` says.
    let limit = format!("{QEMU}[limits]\ntime = \"1 s\"\n");
    let trial = Some(Span(10 * S));
    let (ending, host) = driven(&limit, Script { trial, ..Script::default() }, None);
    let ending = ending.unwrap();
    let at = host.told[0].0 - PREPARES - PASS;
    assert!((10 * S..10 * S + S / 5).contains(&at), "{at}");
    assert_eq!((ending.cancelled, ending.recording.verdict), (Some(Cancelled::OutOfTime), Verdict::NotConverged));
    assert_eq!((host.told.len(), ending.recording.source.as_str()), (1, "running"));

    // Nothing but the switchover is left: the next look ends it.
    let (ending, host) = driven(QEMU, Script { trial, stops: Some(6 * S), ..Script::default() }, None);
    let ending = ending.unwrap();
    assert!((6 * S..6 * S + S / 5).contains(&host.told[0].0), "{:?}", host.told);
    assert_eq!((ending.cancelled, ending.recording.verdict), (Some(Cancelled::Arrived), Verdict::Converged));
    assert_eq!(ending.recording.downtime_ms, None, "it had none");

    // A host that does not hear is told again at each look.
    let (_, host) = driven(QEMU, Script { trial, stops: Some(6 * S), refuses: 3, ..Script::default() }, None);
    assert_eq!(host.told.len(), 4);
    // Others do not mind a guest that is paused.
    let (ending, _) = driven(QEMU, Script { stops: Some(0), completes: Some(9 * S), ..Script::default() }, None);
    assert_eq!(ending.unwrap().cancelled, None);
}

const NOVA: &str = "[qemu]\nversion = \"8.2\"\n[orchestrator]\nkind = \"nova\"\nlive_migration_downtime = 400\n\
                    live_migration_downtime_steps = 4\nlive_migration_downtime_delay = 10\n\
                    live_migration_completion_timeout = 60\n";

#[test]
fn an_orchestrator_does_on_a_host_what_it_does_in_the_simulation() {
    let (ending, host) = driven(NOVA, Script::default(), None);
    let ending = ending.unwrap();
    let (outcome, timeline) = sim::run(&scenario(NOVA).1, &Options { timeline: true, ..Options::default() }).unwrap();
    assert_eq!((outcome.verdict, ending.recording.verdict), (Verdict::Aborted, Verdict::Aborted));
    assert_eq!(ending.cancelled, Some(Cancelled::Ordered));

    let did: Vec<(String, String)> =
        ending.recording.actions.iter().map(|deed| (deed.what.clone(), deed.why.clone())).collect();
    let simulated: Vec<(String, String)> =
        timeline.actions.iter().map(|action| (action.what(), action.why.clone())).collect();
    assert!(did.len() >= 5, "{did:?}");
    assert_eq!(did, simulated);
    // The same polls, to within a look; the orchestrator's clock starts with the request, QEMU's a second later.
    for (deed, action) in ending.recording.actions.iter().zip(&timeline.actions) {
        let late = deed.t_ms + PREPARES as f64 / 1e6 - action.t_ms;
        assert!((0.0..=10.0).contains(&late), "{} is {late} ms late", deed.what);
    }
    let told: Vec<&String> = host.told.iter().map(|(_, what)| what).collect();
    assert_eq!(told, did.iter().map(|(what, _)| what).collect::<Vec<_>>());
    let limits: Vec<u64> = ending.recording.rows.iter().map(|row| row.downtime_limit_ms).collect();
    assert!(limits.is_sorted() && limits[0] < 400 && limits[limits.len() - 1] == 400, "{limits:?}");
}

#[test]
fn what_the_host_refuses_is_written_down_and_the_migration_goes_on() {
    let script = Script { refuses: 1, completes: Some(9 * S), ..Script::default() };
    let more = format!("{QEMU}[[at]]\ntime = \"3 s\"\nset = {{ downtime-limit = \"1 s\" }}\n");
    let (ending, host) = driven(&more, script, None);
    let recording = ending.unwrap().recording;
    assert_eq!(host.told.len(), 1, "a parameter that is not changed is not sent");
    assert_eq!(recording.actions[0].why, "[[at]]; refused: not now");
    assert!((3000.0..3110.0).contains(&recording.actions[0].t_ms), "since QEMU's beginning");
    assert!(recording.rows.iter().all(|row| row.downtime_limit_ms == 300));
    assert_eq!(recording.verdict, Verdict::Converged);
}

#[test]
fn a_recording_has_the_figures_of_the_host_in_qemus_time() {
    let (ending, _) = driven(QEMU, Script { completes: Some(9 * S), ..Script::default() }, None);
    let recording = ending.unwrap().recording;
    assert!(
        (recording.begin_ms - 995.0).abs() < 1.0,
        "a second of preparations, less the setup: {}",
        recording.begin_ms
    );
    assert!((recording.total_time_ms - 8005.0).abs() < 10.0, "{}", recording.total_time_ms);
    assert_eq!((recording.downtime_ms, recording.setup_time_ms), (Some(40.0), Some(5.0)));
    assert_eq!((recording.dirty_sync_count, recording.duplicate_pages, recording.remaining_bytes), (5, 7, 0));
    let syncs = recording.measured().sync_times_ms;
    assert_eq!(syncs.len(), 5, "the last one too, which no look saw: {syncs:?}");
    for (n, at) in syncs.iter().enumerate() {
        assert!((at - 5.0 - 2000.0 * n as f64).abs() < 1.0, "{syncs:?}");
    }
    assert!(recording.rows.is_sorted_by(|a, b| a.t_ms <= b.t_ms));
    assert_eq!(recording.rows.last().unwrap().event, Event::End);

    let trace = Trace::parse("web1", &file(&recording).unwrap()).unwrap();
    assert_eq!(trace.measured, recording.measured());
    let run = |scenario: &Scenario| sim::run(scenario, &Options::default()).unwrap().0;
    assert_eq!(run(&trace.scenario.unwrap()), run(&scenario(QEMU).1));
}

#[test]
fn ctrl_c_cancels_as_often_as_it_takes_and_keeps_what_was_seen() {
    for refuses in [0, 4] {
        let (ending, host) = driven(QEMU, Script { refuses, ..Script::default() }, Some(4 * S));
        let ending = ending.unwrap();
        assert_eq!((ending.cancelled, ending.recording.verdict), (Some(Cancelled::Interrupted), Verdict::Aborted));
        assert_eq!(host.told.len(), refuses as usize + 1);
        // Not in a hurry: at the next look each.
        let tries: Vec<u64> = host.told.iter().map(|(at, _)| *at).collect();
        assert!(tries.windows(2).skip(1).all(|pair| pair[1] - pair[0] >= 90_000_000), "{tries:?}");
        let whys: Vec<&str> = ending.recording.actions.iter().map(|deed| deed.why.as_str()).collect();
        match refuses {
            0 => assert_eq!(whys, ["interrupted by Ctrl-C"]),
            _ => assert_eq!(whys, ["interrupted by Ctrl-C; refused: not now", "interrupted by Ctrl-C"]),
        }
        assert!(ending.recording.rows.len() > 25);
        assert_eq!(ending.recording.source, "running");
    }
}

#[test]
fn a_migration_that_completes_before_ctrl_c_is_heard_has_completed() {
    let script = Script { refuses: u32::MAX, completes: Some(6 * S), ..Script::default() };
    let ending = driven(QEMU, script, Some(4 * S)).0.unwrap();
    assert_eq!((ending.cancelled, ending.recording.verdict), (None, Verdict::Converged));
}

#[test]
fn a_lost_connection_keeps_what_was_seen() {
    let ending = driven(QEMU, Script { breaks: Some(5 * S), ..Script::default() }, None).0.unwrap();
    assert_eq!(ending.error.unwrap().to_string(), "the connection to `played:///` is lost: it broke");
    let recording = ending.recording;
    assert_eq!((recording.verdict, recording.source.as_str()), (Verdict::Aborted, "unknown"));
    assert!(recording.rows.len() > 35 && recording.dirty_sync_count == 2, "{}", recording.rows.len());
    assert_eq!(Trace::parse("web1", &file(&recording).unwrap()).unwrap().measured, recording.measured());
}

#[test]
fn the_time_limit_counts_from_qemus_beginning() {
    let ending = driven(&format!("{QEMU}[limits]\ntime = \"10 s\"\n"), Script::default(), None).0.unwrap();
    assert_eq!((ending.cancelled, ending.recording.verdict), (Some(Cancelled::OutOfTime), Verdict::NotConverged));
    assert!((10_000.0..10_210.0).contains(&ending.recording.total_time_ms), "{}", ending.recording.total_time_ms);
}

#[test]
fn what_is_done_by_hand_decides_the_verdict() {
    let post_copy = "[qemu]\nversion = \"8.2\"\npostcopy-ram = true\n[[at]]\nafter-pass = 3\naction = \"post-copy\"\n";
    let pause = format!("{QEMU}[[at]]\ntime = \"3 s\"\naction = \"pause\"\n");
    let go_on = format!("{pause}[[at]]\ntime = \"4 s\"\naction = \"continue\"\n");
    let abort = format!("{QEMU}[[at]]\ntime = \"3 s\"\naction = \"abort\"\n");
    for (more, told, verdict) in [
        (post_copy, &["post-copy"][..], Verdict::PostCopy),
        (&pause, &["pause"], Verdict::Paused),
        (&go_on, &["pause", "continue"], Verdict::Converged),
        (&abort, &["abort"], Verdict::Aborted),
    ] {
        let (ending, host) = driven(more, Script { completes: Some(9 * S), ..Script::default() }, None);
        let recording = ending.unwrap().recording;
        assert_eq!(host.told.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>(), told);
        assert_eq!(recording.verdict, verdict, "{told:?}");
        let stood = recording.rows.iter().filter(|row| row.event == Event::Sample && row.guest_cpu_share_pct == 0.0);
        let stood = stood.count();
        match told {
            ["pause"] => assert!((45..=52).contains(&stood), "{stood} looks saw it stand still"),
            ["pause", "continue"] => assert!((9..=11).contains(&stood), "{stood} looks saw it stand still"),
            _ => assert_eq!(stood, 0),
        }
        if verdict == Verdict::PostCopy {
            // At the first look that saw the pass.
            assert!((4000.0..4210.0).contains(&recording.actions[0].t_ms), "{:?}", recording.actions);
        }
    }
}

#[test]
fn a_domain_that_cannot_be_migrated_is_left_alone() {
    for (script, complaint) in [
        (Script { state: Some("paused"), ..Script::default() }, "domain `web1` is paused, not running"),
        (Script { state: Some("shutoff"), ..Script::default() }, "domain `web1` is shutoff, not running"),
        (Script { busy: true, ..Script::default() }, "a migration of `web1`, or another job, is in progress already"),
    ] {
        let (ending, host) = driven(QEMU, script, None);
        let error = ending.err().unwrap().to_string();
        assert!(error.starts_with(complaint), "{error}");
        assert!(!host.started && host.told.is_empty());
    }
}

#[test]
fn what_libvirt_has_no_word_for_is_refused_all_at_once() {
    let text = "[qemu]\nversion = \"9.0\"\nauto-converge = true\nmax-cpu-throttle = 70\nthrottle-trigger-threshold = 30\n\
                mapped-ram = true\nmultifd = true\nmax-bandwidth = \"0\"\n";
    let Err(refused) = MigrationRequest::new(&scenario(text).1, "played:///there", None) else {
        panic!("it is asked for")
    };
    for key in ["max-cpu-throttle", "throttle-trigger-threshold", "mapped-ram"] {
        assert!(refused.iter().any(|reason| reason.contains(key)), "{key}: {refused:?}");
    }
}
