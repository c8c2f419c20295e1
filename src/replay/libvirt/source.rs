//! A domain at its source.

use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Instant;

use virt::connect::Connect;
use virt::domain::{Domain as VirtDomain, JobStats as VirtStats, MigrateParameters};
use virt::error::Error;
use virt::sys;

use super::calls;
use super::events::Iterations;
use crate::orchestrator::{Command, JobStats};
use crate::replay::{Domain, Ended, Host, HostError, Look, Migrating, Request, Seen};
use crate::units::{Bytes, Rate, Span};

/// Looks for a dead connection every so many seconds, and gives up after so many of them.
const KEEP_ALIVE: (i32, u32) = (2, 3);

/// A domain behind a libvirt connection.
pub struct Libvirt {
    uri: String,
    connection: Connect,
    domain: VirtDomain,
    name: String,
    iterations: Iterations,
    job: Option<Job>,
}

/// A migration that was started.
struct Job {
    start: Instant,
    result: Receiver<Result<(), Error>>,
    dest_uri: String,
}

impl Libvirt {
    /// Connects, and finds the domain.
    ///
    /// # Errors
    /// Nobody answers there, or there is no such domain.
    pub fn open(uri: &str, name: &str) -> Result<Libvirt, HostError> {
        // What goes wrong is told by whoever called, not by libvirt past it.
        virt::error::clear_error_callback();
        Iterations::start_loop();
        let connection = connect(uri)?;
        // Where the other side cannot do that, a lost connection shows later.
        let _ = connection.set_keep_alive(KEEP_ALIVE.0, KEEP_ALIVE.1);
        let domain = connection.lookup_domain_by_name(name).map_err(|_| HostError::NoDomain {
            name: name.to_owned(),
            uri: uri.to_owned(),
            known: names(&connection),
        })?;
        Ok(Libvirt {
            uri: uri.to_owned(),
            connection,
            domain,
            name: name.to_owned(),
            iterations: Iterations::default(),
            job: None,
        })
    }

    /// What an error of a call means: the connection is gone, or the call was refused.
    fn failed(&self, error: &Error) -> HostError {
        if self.connection.is_alive().unwrap_or(false) {
            HostError::Refused(message(error))
        } else {
            HostError::Lost { uri: self.uri.clone(), reason: message(error) }
        }
    }

    fn state(&self) -> String {
        match self.domain.state() {
            Ok((state, _)) => format!("{state}").to_lowercase(),
            Err(_) if self.connection.is_alive().unwrap_or(false) => "gone".to_owned(),
            Err(_) => "unknown".to_owned(),
        }
    }

    /// Last figures of a completed migration: the source has them if the domain is still defined there, the
    /// destination always.
    fn totals(&self, dest_uri: &str) -> Option<Seen> {
        let completed =
            |domain: &VirtDomain| calls::job_stats(domain, sys::VIR_DOMAIN_JOB_STATS_COMPLETED).ok().flatten();
        let stats = completed(&self.domain).filter(|stats| stats.mem_iteration.is_some()).or_else(|| {
            let destination = Connect::open(Some(dest_uri)).ok()?;
            completed(&destination.lookup_domain_by_name(&self.name).ok()?)
        });
        stats.filter(|stats| stats.mem_iteration.is_some()).map(|stats| seen(&stats))
    }
}

impl Host for Libvirt {
    fn domain(&mut self) -> Result<Domain, HostError> {
        describe(&self.connection, &self.domain).map_err(|error| self.failed(&error))
    }

    fn start(&mut self, request: &Request) -> Result<(), HostError> {
        self.domain.migrate_set_max_downtime(request.downtime.whole_ms(), 0).map_err(|error| self.failed(&error))?;
        self.iterations.listen(&self.connection, &self.domain);
        // The call returns when the migration is over; it has a connection of its own for that.
        let connection = connect(&self.uri)?;
        let domain = connection.lookup_domain_by_name(&self.name).map_err(|error| self.failed(&error))?;
        let (flags, params, dest) = (flags(request), parameters(request), request.dest_uri.clone());
        let (send, result) = mpsc::channel();
        thread::spawn(move || {
            let ended = domain.migrate_to_uri3(Some(&dest), params, flags);
            // Nobody listens any more if the program is about to end.
            let _ = send.send(ended);
            drop(connection);
        });
        self.job = Some(Job { start: Instant::now(), result, dest_uri: request.dest_uri.clone() });
        Ok(())
    }

    fn look(&mut self) -> Result<Look, HostError> {
        let Some(job) = &self.job else { return Ok(Look::Preparing) };
        let ended = match job.result.try_recv() {
            Ok(result) => Some(result.err().map(|error| message(&error))),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Some("the thread that migrates is gone".to_owned())),
        };
        if let Some(failure) = ended {
            if !self.connection.is_alive().unwrap_or(false) {
                let reason = failure.unwrap_or_else(|| "it closed".to_owned());
                return Err(HostError::Lost { uri: self.uri.clone(), reason });
            }
            let totals = if failure.is_none() { self.totals(&job.dest_uri) } else { None };
            return Ok(Look::Ended(Ended { failure, totals, source: self.state() }));
        }
        match calls::job_stats(&self.domain, 0) {
            Ok(Some(stats)) if stats.mem_iteration.is_some() => Ok(Look::Running(seen(&stats))),
            Ok(_) => Ok(Look::Preparing),
            // The domain may just have gone; how it ended is told by the call that migrates.
            Err(error) => match self.failed(&error) {
                HostError::Refused(_) => Ok(Look::Preparing),
                lost => Err(lost),
            },
        }
    }

    fn iterations(&mut self) -> Vec<(Span, u64)> {
        self.job.as_ref().map_or(Vec::new(), |job| self.iterations.take(job.start))
    }

    fn tell(&mut self, command: Command) -> Result<(), HostError> {
        let told = match command {
            Command::SetDowntime(limit) => self.domain.migrate_set_max_downtime(limit.whole_ms(), 0).map(|_| ()),
            Command::SetBandwidth(rate) => self.domain.migrate_set_max_speed(rate.0.div_ceil(1 << 20), 0).map(|_| ()),
            Command::Pause => self.domain.suspend(),
            Command::PostCopy => calls::start_post_copy(&self.domain),
            Command::Abort => calls::abort_job(&self.domain),
            Command::SwitchOver | Command::SwitchOverAfterPass => {
                return Err(HostError::Refused("libvirt cannot tell QEMU when to stop the guest".to_owned()));
            }
            Command::Note | Command::QueueForceComplete => Ok(()),
        };
        told.map_err(|error| self.failed(&error))
    }
}

/// The migrations that leave a host now.
///
/// # Errors
/// Nobody answers there.
pub fn migrations(uri: &str) -> Result<Vec<Migrating>, HostError> {
    virt::error::clear_error_callback();
    let connection = connect(uri)?;
    let lost = |error: &Error| HostError::Lost { uri: uri.to_owned(), reason: message(error) };
    let active = connection.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE).map_err(|error| lost(&error))?;
    let mut found = Vec::new();
    for domain in active {
        // A domain that ends in between is no fault.
        let Ok(Some(stats)) = calls::job_stats(&domain, 0) else { continue };
        if stats.mem_iteration.is_none() || stats.operation != Some(sys::VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT as i32)
        {
            continue;
        }
        let Ok(described) = describe(&connection, &domain) else { continue };
        found.push(Migrating { domain: described, seen: seen(&stats) });
    }
    Ok(found)
}

fn connect(uri: &str) -> Result<Connect, HostError> {
    Connect::open(Some(uri)).map_err(|error| HostError::NoConnection { uri: uri.to_owned(), reason: message(&error) })
}

fn names(connection: &Connect) -> Vec<String> {
    let active = connection.list_all_domains(sys::VIR_CONNECT_LIST_DOMAINS_ACTIVE).unwrap_or_default();
    active.iter().filter_map(|domain| domain.name().ok()).collect()
}

fn message(error: &Error) -> String {
    error.message().trim().to_owned()
}

fn describe(connection: &Connect, domain: &VirtDomain) -> Result<Domain, Error> {
    let info = domain.info()?;
    let (state, _) = domain.state()?;
    let version = connection.hyp_version()?;
    let job = calls::job_stats(domain, 0)?;
    let busy = job.is_some_and(|stats| stats.r#type != sys::VIR_DOMAIN_JOB_NONE as i32);
    Ok(Domain {
        name: domain.name()?,
        state: format!("{state}").to_lowercase(),
        busy,
        memory: Bytes(info.max_mem << 10),
        vcpus: info.nr_virt_cpu,
        qemu: (version / 1_000_000, version / 1000 % 1000),
    })
}

fn seen(stats: &VirtStats) -> Seen {
    let of = |value: Option<u64>| value.unwrap_or(0);
    Seen {
        job: JobStats {
            elapsed: Span::from_ms(of(stats.time_elapsed)),
            memory_iteration: of(stats.mem_iteration),
            memory_total: Bytes(of(stats.mem_total)),
            memory_processed: Bytes(of(stats.mem_processed)),
            memory_remaining: Bytes(of(stats.mem_remaining)),
            memory_bps: Rate(of(stats.mem_bps)),
            memory_dirty_rate: of(stats.mem_dirty_rate),
            auto_converge_throttle: f64::from(stats.auto_converge_throttle.unwrap_or(0)),
            downtime: Span::from_ms(of(stats.downtime)),
            post_copy: of(stats.mem_postcopy_reqs) > 0,
            paused: false,
        },
        normal: of(stats.mem_normal),
        constant: of(stats.mem_constant),
        setup_ms: stats.setup_time,
    }
}

fn flags(request: &Request) -> u32 {
    let compressed =
        request.xbzrle_cache.is_some() || request.compress.is_some() || request.parallel_compression.is_some();
    let wanted = [
        (true, sys::VIR_MIGRATE_LIVE | sys::VIR_MIGRATE_PEER2PEER),
        (request.auto_converge.is_some(), sys::VIR_MIGRATE_AUTO_CONVERGE),
        (request.postcopy, sys::VIR_MIGRATE_POSTCOPY),
        (compressed, sys::VIR_MIGRATE_COMPRESSED),
        (request.parallel.is_some(), sys::VIR_MIGRATE_PARALLEL),
        (request.zero_copy, sys::VIR_MIGRATE_ZEROCOPY),
        (request.tls, sys::VIR_MIGRATE_TLS),
    ];
    wanted.into_iter().filter(|(on, _)| *on).fold(0, |flags, (_, flag)| flags | flag)
}

fn parameters(request: &Request) -> MigrateParameters {
    let methods =
        [request.xbzrle_cache.map(|_| "xbzrle"), request.compress.map(|_| "mt"), request.parallel_compression];
    MigrateParameters {
        uri: request.migrate_uri.clone(),
        bandwidth: (request.bandwidth_mib > 0).then_some(request.bandwidth_mib),
        bandwidth_postcopy: (request.postcopy_bandwidth_mib > 0).then_some(request.postcopy_bandwidth_mib),
        auto_converge_initial: request.auto_converge.map(|(initial, _)| i32::from(initial)),
        auto_converge_increment: request.auto_converge.map(|(_, increment)| i32::from(increment)),
        compression: methods.into_iter().flatten().next().map(str::to_owned),
        compression_xbzrle_cache: request.xbzrle_cache.map(|cache| cache.0),
        compression_mt_level: request.compress.map(|(level, _)| i32::from(level)),
        compression_mt_threads: request.compress.map(|(_, threads)| i32::from(threads)),
        parallel_connections: request.parallel.map(i32::from),
        ..MigrateParameters::default()
    }
}
