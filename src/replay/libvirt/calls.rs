//! Calls of libvirt that its Rust binding lacks, and one that it makes in another way.
#![allow(unsafe_code)]

use std::os::raw::{c_int, c_void};

use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

use super::typed_params;

/// `virDomainAbortJob`.
pub(super) fn abort_job(domain: &Domain) -> Result<(), Error> {
    // SAFETY: the pointer is that of a live `Domain`, which is borrowed for the call; libvirt takes it from any thread.
    checked(unsafe { sys::virDomainAbortJob(domain.as_ptr()) })
}

/// `virDomainMigrateStartPostCopy`.
pub(super) fn start_post_copy(domain: &Domain) -> Result<(), Error> {
    // SAFETY: as above; no flag is defined.
    checked(unsafe { sys::virDomainMigrateStartPostCopy(domain.as_ptr(), 0) })
}

/// `virDomainMigrateGetMaxDowntime` [ms].
pub(super) fn max_downtime(domain: &Domain) -> Result<u64, Error> {
    let mut ms = 0;
    // SAFETY: the domain is live, and the place is written to before the call returns; no flag is defined.
    checked(unsafe { sys::virDomainMigrateGetMaxDowntime(domain.as_ptr(), &mut ms, 0) })?;
    Ok(ms)
}

/// `virDomainStartDirtyRateCalc`, for so many seconds; `flags` say how pages are counted.
pub(super) fn start_dirty_rate(domain: &Domain, seconds: c_int, flags: u32) -> Result<(), Error> {
    // SAFETY: the domain is live.
    checked(unsafe { sys::virDomainStartDirtyRateCalc(domain.as_ptr(), seconds, flags) })
}

/// `virDomainListGetStats` of one domain: names and values as `virsh domstats` prints them. The binding's own call gives
/// pointers that are neither read nor freed.
pub(super) fn stats(domain: &Domain, groups: u32) -> Result<Vec<(String, String)>, Error> {
    // SAFETY: the pointer is not used after the borrow of the domain ends.
    let mut domains = [unsafe { domain.as_ptr() }, std::ptr::null_mut()];
    let mut records: *mut sys::virDomainStatsRecordPtr = std::ptr::null_mut();
    // SAFETY: a list that ends with null, of a live domain; the place is written to before the call returns.
    let count = unsafe { sys::virDomainListGetStats(domains.as_mut_ptr(), groups, &mut records, 0) };
    checked(count)?;
    let mut found = Vec::new();
    for at in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: libvirt allocated so many records, each with so many filled parameters; they are freed below only.
        found.extend(unsafe {
            let record = *records.add(at);
            typed_params::words((*record).params, (*record).nparams)
        });
    }
    // SAFETY: allocated by libvirt, and not used any more.
    unsafe { sys::virDomainStatsRecordListFree(records) };
    Ok(found)
}

/// What `virDomainGetJobStats` tells: kind of job, and whole numbers under libvirt's names; none where there is no job.
///
/// The binding's own call makes a vector of memory that libvirt allocated, and panics at a number of another type than it
/// expects.
pub(super) struct RawJobStats {
    pub(super) kind: u32,
    fields: Vec<(String, u64)>,
}

impl RawJobStats {
    pub(super) fn of(domain: &Domain, flags: u32) -> Result<RawJobStats, Error> {
        let (mut kind, mut params, mut count) = (0, std::ptr::null_mut(), 0);
        // SAFETY: the domain is live, and the three places are written to before the call returns.
        checked(unsafe { sys::virDomainGetJobStats(domain.as_ptr(), &mut kind, &mut params, &mut count, flags) })?;
        // SAFETY: libvirt allocated and filled so many of them there, or none at null; they are freed below only.
        let fields = unsafe { typed_params::read(params, count) };
        // SAFETY: allocated by libvirt, of that length or null, and not used any more.
        unsafe { sys::virTypedParamsFree(params, count) };
        Ok(RawJobStats { kind: u32::try_from(kind).unwrap_or(0), fields })
    }

    pub(super) fn get(&self, name: &str) -> Option<u64> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// Calls `hear` with each `dirty-sync-count` that a domain's QEMU reports, from the thread that runs libvirt's event loop.
pub(super) fn hear_iterations(
    connection: &Connect,
    domain: &Domain,
    hear: impl FnMut(c_int) + Send + 'static,
) -> Result<(), Error> {
    type Hear = Box<dyn FnMut(c_int) + Send>;

    unsafe extern "C" fn iteration(_: sys::virConnectPtr, _: sys::virDomainPtr, iteration: c_int, hear: *mut c_void) {
        // SAFETY: `hear` is the pointer given at registration, not yet freed, and libvirt's event loop is one thread.
        let hear = unsafe { &mut *hear.cast::<Hear>() };
        hear(iteration);
    }

    unsafe extern "C" fn free(hear: *mut c_void) {
        // SAFETY: libvirt calls this once, when the callback is not called any more.
        drop(unsafe { Box::from_raw(hear.cast::<Hear>()) });
    }

    type Specific = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, c_int, *mut c_void);
    type Generic = unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void);
    // SAFETY: libvirt casts it back to the type that belongs to this event, which is the type it has.
    let callback = unsafe { std::mem::transmute::<Specific, Generic>(iteration) };
    let hear: *mut Hear = Box::into_raw(Box::new(Box::new(hear)));
    // SAFETY: connection and domain are live; `hear` stays allocated until `free`.
    let id = unsafe {
        sys::virConnectDomainEventRegisterAny(
            connection.as_ptr(),
            domain.as_ptr(),
            sys::VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION as c_int,
            Some(callback),
            hear.cast(),
            Some(free),
        )
    };
    if id < 0 {
        // SAFETY: nothing was registered, so nothing else frees it.
        drop(unsafe { Box::from_raw(hear) });
    }
    checked(id)
}

fn checked(result: c_int) -> Result<(), Error> {
    if result < 0 { Err(Error::last_error()) } else { Ok(()) }
}
