//! The exported functions: convert, call, map. `include/pool.h` documents them.

#![allow(unsafe_code, reason = "exported to C")]
#![allow(clippy::missing_safety_doc, reason = "include/pool.h is the contract")]
#![allow(unreachable_pub, reason = "exported to C, not to Rust")]

use super::handle;
use super::sys::*;
use crate::error::Error;
use crate::pool::{explicit, registry, Callback, Granted, Urgency};
use crate::stats::{Report, Stats};
use core::ffi::{c_char, c_int, c_void};
use std::time::Duration;

pub(super) fn status(error: Error) -> pool_status_t {
    match error {
        Error::Null => POOL_ERR_NULL,
        Error::Invalid => POOL_ERR_INVALID,
        Error::NoMemory => POOL_ERR_NO_MEMORY,
        Error::Exhausted => POOL_ERR_EXHAUSTED,
        Error::Busy => POOL_ERR_BUSY,
        Error::Destroyed => POOL_ERR_DESTROYED,
        Error::Exists => POOL_ERR_EXISTS,
        Error::NotFound => POOL_ERR_NOT_FOUND,
        Error::Foreign => POOL_ERR_FOREIGN,
        Error::Interior => POOL_ERR_INTERIOR,
        Error::WrongPool => POOL_ERR_WRONG_POOL,
        Error::DoubleFree => POOL_ERR_DOUBLE_FREE,
        Error::Corrupt => POOL_ERR_CORRUPT,
        Error::Timeout => POOL_ERR_TIMEOUT,
    }
}

#[inline(always)]
pub(super) fn status_of(result: Result<(), Error>) -> pool_status_t {
    match result {
        Ok(()) => POOL_OK,
        Err(error) => status(error),
    }
}

// SAFETY (every function below): arguments are as `pool.h` demands of the caller;
// `handle` checks what can be checked.

#[no_mangle]
pub unsafe extern "C" fn pool_create(
    config: *const pool_config_t,
    out_pool: *mut *mut pool_t,
) -> pool_status_t {
    // SAFETY: see above.
    status_of(unsafe { make(config, out_pool, registry::create) })
}

#[no_mangle]
pub unsafe extern "C" fn pool_open(
    config: *const pool_config_t,
    out_pool: *mut *mut pool_t,
) -> pool_status_t {
    // SAFETY: see above.
    status_of(unsafe { make(config, out_pool, registry::open) })
}

/// # Safety
/// As for `pool_create`.
unsafe fn make(
    config: *const pool_config_t,
    out_pool: *mut *mut pool_t,
    how: fn(&crate::config::Config<'_>) -> Result<&'static crate::pool::Pool, Error>,
) -> Result<(), Error> {
    if out_pool.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: see above.
    let pool = how(&unsafe { handle::config(config) }?)?;
    // SAFETY: see above.
    unsafe { handle::write(out_pool, handle::handle(pool)) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_find(
    name: *const c_char,
    out_pool: *mut *mut pool_t,
) -> pool_status_t {
    if out_pool.is_null() {
        return POOL_ERR_NULL;
    }
    // SAFETY: see above. A name that is no UTF-8 is nobody's.
    let found = match unsafe { handle::text(name) } {
        Ok(name) => registry::find(name),
        Err(Error::Null) => Err(Error::Null),
        Err(_) => Err(Error::NotFound),
    };
    // SAFETY: see above.
    status_of(found.and_then(|pool| unsafe { handle::write(out_pool, handle::handle(pool)) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_list(out_pools: *mut *mut pool_t, count: usize) -> usize {
    // SAFETY: see above.
    unsafe { handle::list(out_pools, count) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_destroy(pool: *mut pool_t) -> pool_status_t {
    status_of(handle::pool(pool).and_then(|pool| registry::destroy(pool, false)).map(|_| ()))
}

#[no_mangle]
pub unsafe extern "C" fn pool_destroy_forced(
    pool: *mut pool_t,
    out_live: *mut usize,
) -> pool_status_t {
    let ended = handle::pool(pool).and_then(|pool| registry::destroy(pool, true));
    if let (Ok(live), false) = (ended, out_live.is_null()) {
        // SAFETY: see above.
        unsafe { out_live.write(live as usize) };
    }
    status_of(ended.map(|_| ()))
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc(pool: *mut pool_t) -> *mut c_void {
    match handle::pool(pool) {
        Ok(pool) => handle::object(pool.alloc_or_zero()),
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_try_alloc(
    pool: *mut pool_t,
    out_object: *mut *mut c_void,
) -> pool_status_t {
    if out_object.is_null() {
        return POOL_ERR_NULL;
    }
    let got = handle::pool(pool).and_then(|pool| pool.alloc());
    // SAFETY: see above.
    status_of(got.and_then(|at| unsafe { handle::write(out_object, handle::object(at)) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_timed(
    pool: *mut pool_t,
    out_object: *mut *mut c_void,
    timeout_ns: u64,
) -> pool_status_t {
    if out_object.is_null() {
        return POOL_ERR_NULL;
    }
    // SAFETY: see above.
    unsafe { pool_alloc_with(pool, out_object, timeout_ns, 0) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_with(
    pool: *mut pool_t,
    out_object: *mut *mut c_void,
    timeout_ns: u64,
    flags: u32,
) -> pool_status_t {
    if out_object.is_null() {
        return POOL_ERR_NULL;
    }
    let timeout = (timeout_ns < POOL_WAIT_FOREVER).then(|| Duration::from_nanos(timeout_ns));
    let got = handle::pool(pool)
        .and_then(|pool| Ok((pool, urgency(flags)?)))
        .and_then(|(pool, urgency)| pool.alloc_timed(urgency, timeout));
    // SAFETY: see above.
    status_of(got.and_then(|at| unsafe { handle::write(out_object, handle::object(at)) }))
}

pub(super) fn urgency(flags: u32) -> Result<Urgency, Error> {
    match flags {
        0 => Ok(Urgency::Ordinary),
        POOL_CRITICAL => Ok(Urgency::Critical),
        _ => Err(Error::Invalid),
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_async(
    pool: *mut pool_t,
    out_object: *mut *mut c_void,
    flags: u32,
    ready: pool_ready_fn,
    context: *mut c_void,
    out_ticket: *mut pool_ticket_t,
) -> pool_status_t {
    let (Some(ready), false) = (ready, out_object.is_null()) else { return POOL_ERR_NULL };
    let callback = Callback { call: tell, context: [ready as usize, context.expose_provenance()] };
    let got = handle::pool(pool)
        .and_then(|pool| Ok((pool, urgency(flags)?)))
        .and_then(|(pool, urgency)| pool.alloc_later(urgency, callback));
    match got {
        Ok(Granted::Now(at)) => {
            // SAFETY: see above; not NULL.
            unsafe { out_object.write(handle::object(at)) };
            POOL_OK
        }
        Ok(Granted::Later(ticket)) => {
            if !out_ticket.is_null() {
                // SAFETY: see above; not NULL.
                unsafe { out_ticket.write(ticket) };
            }
            POOL_PENDING
        }
        Err(error) => status(error),
    }
}

/// Calls what `pool_alloc_async` was given.
fn tell(context: [usize; 2], outcome: Result<usize, Error>) {
    let ready = std::ptr::with_exposed_provenance::<c_void>(context[0]);
    // SAFETY: `pool_alloc_async` made the address from a function of this type.
    let ready = unsafe { std::mem::transmute::<*const c_void, pool_ready_fn>(ready) };
    let (status, address) = outcome.map_or_else(|error| (status(error), 0), |at| (POOL_OK, at));
    if let Some(ready) = ready {
        let context = std::ptr::with_exposed_provenance_mut(context[1]);
        // SAFETY: the caller promised that it may be called with its context.
        unsafe { ready(context, status, handle::object(address)) };
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_cancel(
    pool: *mut pool_t,
    ticket: pool_ticket_t,
) -> pool_status_t {
    status_of(handle::pool(pool).and_then(|pool| pool.cancel(ticket)))
}

#[no_mangle]
pub unsafe extern "C" fn pool_free(pool: *mut pool_t, object: *mut c_void) -> pool_status_t {
    status_of(handle::pool(pool).and_then(|pool| pool.free(object.addr())))
}

#[no_mangle]
pub unsafe extern "C" fn pool_release(object: *mut c_void) {
    if !object.is_null() {
        // The header says that misuse is only counted here.
        let _ = registry::release(object.addr());
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_alloc_batch(
    pool: *mut pool_t,
    out_objects: *mut *mut c_void,
    count: usize,
) -> usize {
    // SAFETY: see above.
    let out = unsafe { handle::addresses_mut(out_objects, count) };
    handle::pool(pool).map_or(0, |pool| pool.alloc_batch(out).0)
}

#[no_mangle]
pub unsafe extern "C" fn pool_free_batch(
    pool: *mut pool_t,
    objects: *const *mut c_void,
    count: usize,
) -> usize {
    // SAFETY: see above.
    let objects = unsafe { handle::addresses(objects, count) };
    handle::pool(pool).map_or(0, |pool| pool.free_batch(objects))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_create(
    pool: *mut pool_t,
    out_cache: *mut *mut pool_cache_t,
) -> pool_status_t {
    if out_cache.is_null() {
        return POOL_ERR_NULL;
    }
    let made = handle::pool(pool).and_then(|pool| pool.explicit_cache());
    // SAFETY: see above.
    let write = |cache| unsafe { handle::write(out_cache, handle::cache_handle(cache)) };
    status_of(made.and_then(write))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_destroy(cache: *mut pool_cache_t) -> pool_status_t {
    status_of(handle::cache(cache).and_then(explicit::destroy))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_alloc(cache: *mut pool_cache_t) -> *mut c_void {
    match handle::cache(cache) {
        Ok(cache) => handle::object(explicit::alloc_or_zero(cache)),
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_try_alloc(
    cache: *mut pool_cache_t,
    out_object: *mut *mut c_void,
) -> pool_status_t {
    if out_object.is_null() {
        return POOL_ERR_NULL;
    }
    let got = handle::cache(cache).and_then(explicit::alloc);
    // SAFETY: see above.
    status_of(got.and_then(|at| unsafe { handle::write(out_object, handle::object(at)) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_free(
    cache: *mut pool_cache_t,
    object: *mut c_void,
) -> pool_status_t {
    status_of(handle::cache(cache).and_then(|cache| explicit::free(cache, object.addr())))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_flush(cache: *mut pool_cache_t) -> pool_status_t {
    status_of(handle::cache(cache).and_then(explicit::flush))
}

#[no_mangle]
pub unsafe extern "C" fn pool_cache_layout_1() -> u32 {
    size_of::<pool_inline_cache_t>() as u32
}

#[no_mangle]
pub unsafe extern "C" fn pool_flush_thread(pool: *mut pool_t) -> pool_status_t {
    status_of(handle::pool(pool).and_then(|pool| pool.flush_thread()))
}

#[no_mangle]
pub unsafe extern "C" fn pool_trim(pool: *mut pool_t) -> pool_status_t {
    status_of(handle::pool(pool).and_then(|pool| pool.trim()))
}

#[no_mangle]
pub unsafe extern "C" fn pool_get_stats(
    pool: *const pool_t,
    out_stats: *mut pool_stats_t,
) -> pool_status_t {
    // SAFETY: see above.
    if let Err(error) = unsafe { handle::checked_size(out_stats) } {
        return status(error);
    }
    let stats = handle::pool(pool).and_then(|pool| pool.stats());
    // SAFETY: see above.
    status_of(stats.and_then(|stats| unsafe { handle::fill(out_stats, stats.into()) }))
}

#[no_mangle]
pub unsafe extern "C" fn pool_check(
    pool: *mut pool_t,
    out_report: *mut pool_report_t,
) -> pool_status_t {
    // SAFETY: see above.
    match unsafe { handle::checked_size(out_report) } {
        Err(error) if !out_report.is_null() => return status(error),
        _ => {}
    }
    let report = match handle::pool(pool).and_then(|pool| pool.check()) {
        Ok(report) => report,
        Err(error) => return status(error),
    };
    // SAFETY: see above; NULL means that nobody wants the report.
    let _ = unsafe { handle::fill(out_report, report.into()) };
    if report.is_clean() {
        POOL_OK
    } else {
        POOL_ERR_CORRUPT
    }
}

#[no_mangle]
pub unsafe extern "C" fn pool_of(object: *const c_void) -> *mut pool_t {
    registry::owner_of(object.addr()).map_or(std::ptr::null_mut(), handle::handle)
}

#[no_mangle]
pub unsafe extern "C" fn pool_get_name(
    pool: *const pool_t,
    buffer: *mut c_char,
    size: usize,
) -> usize {
    let name = handle::pool(pool).and_then(|pool| pool.shape()).ok().and_then(|shape| shape.name);
    let name = name.as_ref().map_or("", |name| name.as_str());
    // SAFETY: see above.
    unsafe { handle::copy_name(name, buffer, size) }
}

#[no_mangle]
pub unsafe extern "C" fn pool_object_size(pool: *const pool_t) -> usize {
    handle::pool(pool).and_then(|pool| pool.shape()).map_or(0, |shape| shape.object_size)
}

#[no_mangle]
pub unsafe extern "C" fn pool_object_align(pool: *const pool_t) -> usize {
    handle::pool(pool).and_then(|pool| pool.shape()).map_or(0, |shape| shape.object_align)
}

#[no_mangle]
pub unsafe extern "C" fn pool_status_string(status: pool_status_t) -> *const c_char {
    texts::of(status).as_ptr()
}

#[no_mangle]
pub unsafe extern "C" fn pool_version() -> u32 {
    POOL_VERSION_NUMBER
}

#[no_mangle]
pub unsafe extern "C" fn pool_abi_version() -> u32 {
    POOL_ABI_VERSION
}

mod texts {
    //! Statuses in words: `Error::message` with a NUL behind it.

    use super::{c_int, Error};
    use core::ffi::CStr;

    const ALL: [Error; 14] = [
        Error::Null,
        Error::Invalid,
        Error::NoMemory,
        Error::Exhausted,
        Error::Busy,
        Error::Destroyed,
        Error::Exists,
        Error::NotFound,
        Error::Foreign,
        Error::Interior,
        Error::WrongPool,
        Error::DoubleFree,
        Error::Corrupt,
        Error::Timeout,
    ];
    const ROOM: usize = 128;
    /// Text `n` is that of status `-1 - n`.
    static TEXTS: [[u8; ROOM]; ALL.len()] = {
        let mut texts = [[0; ROOM]; ALL.len()];
        let mut at = 0;
        while at < ALL.len() {
            let text = ALL[at].message().as_bytes();
            assert!(text.len() < ROOM);
            let mut byte = 0;
            while byte < text.len() {
                texts[at][byte] = text[byte];
                byte += 1;
            }
            at += 1;
        }
        texts
    };

    pub(super) fn of(status: c_int) -> &'static CStr {
        match status {
            super::POOL_OK => return c"success",
            super::POOL_PENDING => return c"the allocation is queued; its callback will tell",
            _ => {}
        }
        let at = usize::try_from(status.wrapping_neg().wrapping_sub(1)).unwrap_or(usize::MAX);
        let text = TEXTS.get(at).and_then(|text| CStr::from_bytes_until_nul(text).ok());
        text.unwrap_or(c"unknown status: the library is newer than the caller, or it is no status")
    }

    #[test]
    fn texts_stand_at_their_status() {
        for error in ALL {
            assert_eq!(of(super::status(error)).to_str(), Ok(error.message()));
        }
        assert!(of(super::POOL_PENDING).to_str().unwrap().contains("queued"));
        assert!(of(2).to_str().unwrap().contains("unknown"));
        assert!(of(c_int::MIN).to_str().unwrap().contains("unknown"));
    }
}

impl From<Stats> for pool_stats_t {
    fn from(stats: Stats) -> pool_stats_t {
        pool_stats_t {
            struct_size: size_of::<pool_stats_t>(),
            object_size: stats.object_size,
            slot_size: stats.slot_size,
            capacity: stats.capacity,
            limit: stats.limit,
            in_use: stats.in_use,
            free: stats.free,
            high_water: stats.high_water,
            grows: stats.grows,
            total_allocated: stats.total_allocated,
            total_freed: stats.total_freed,
            failed_allocs: stats.failed_allocs,
            refills: stats.refills,
            flushes: stats.flushes,
            exchanges: stats.exchanges,
            steals: stats.steals,
            revocations: stats.revocations,
            misuse_null: stats.misuse_null,
            misuse_foreign: stats.misuse_foreign,
            misuse_interior: stats.misuse_interior,
            misuse_wrong_pool: stats.misuse_wrong_pool,
            misuse_double_free: stats.misuse_double_free,
            misuse_overwritten: stats.misuse_overwritten,
            lost: stats.lost,
            caches: stats.caches,
            magazine_rounds: stats.magazine_rounds,
            bytes_reserved: stats.bytes_reserved,
            bytes_committed: stats.bytes_committed,
            waiting: stats.waiting,
            reserve: stats.reserve,
        }
    }
}

impl From<Report> for pool_report_t {
    fn from(report: Report) -> pool_report_t {
        pool_report_t {
            struct_size: size_of::<pool_report_t>(),
            slots: report.slots,
            live: report.live,
            in_magazines: report.in_magazines,
            in_depot: report.in_depot,
            uncarved: report.uncarved,
            lost: report.lost,
            duplicates: report.duplicates,
            out_of_range: report.out_of_range,
            overwritten: report.overwritten,
            first_damaged: handle::object(report.first_damaged),
        }
    }
}
