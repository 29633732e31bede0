//! DPDK's `rte_mempool` (`shims/dpdk.c`): without huge pages, devices and files, its memory
//! of a fixed size since it cannot grow without huge pages. Caches have the greatest size
//! there is. Threads are registered, as its documentation asks of those that DPDK did not
//! start, and use the cache of their lcore; threads beyond its greatest number of lcores
//! have a cache of their own, as it offers to threads that are not registered.
//!
//! What lies in a cache is lost to other threads, so that a pool has, besides its capacity,
//! what all caches can hold: an object can always be had below the capacity. What a thread
//! leaves in its lcore's cache goes to the next thread that is registered there.

#![allow(unsafe_code, reason = "calls the shim")]

use super::shim::Shim;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::cell::Cell;
use std::ffi::{c_char, c_int, c_uint, c_void, CStr, CString};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;

const SHIM: Shim = Shim {
    path: env!("BENCH_DPDK_SHIM"),
    missing: env!("BENCH_DPDK_MISSING"),
    packages: "gcc libdpdk-dev pkg-config",
};

/// RTE_MEMPOOL_CACHE_MAX_SIZE.
const CACHE: c_uint = 512;

/// What a cache holds at most: it is flushed at one and a half times its size.
const CACHED_AT_MOST: usize = CACHE as usize * 3 / 2;

/// Of all pools together; not touched before it is used.
const MEMORY_MEGABYTES: c_uint = 4096;

pub(crate) struct Dpdk {
    calls: Calls,
    pool: Pool,
}

/// A pool or a cache in C.
#[derive(Clone, Copy)]
struct Pool(*mut c_void);

// SAFETY: its functions are for many threads.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

#[derive(Clone, Copy)]
pub(crate) struct Calls {
    version: unsafe extern "C" fn() -> *const c_char,
    start: unsafe extern "C" fn(c_uint, c_uint) -> c_int,
    create: unsafe extern "C" fn(*const c_char, c_uint, c_uint, c_uint) -> *mut c_void,
    destroy: unsafe extern "C" fn(*mut c_void),
    register: unsafe extern "C" fn() -> c_int,
    unregister: unsafe extern "C" fn(),
    default_cache: unsafe extern "C" fn(*mut c_void) -> *mut c_void,
    own_cache: unsafe extern "C" fn(c_uint) -> *mut c_void,
    drop_cache: unsafe extern "C" fn(*mut c_void, *mut c_void),
    get: unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut u8,
    put: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut u8),
    get_bulk: unsafe extern "C" fn(*mut c_void, *mut c_void, *mut Pointer, c_uint) -> c_int,
    put_bulk: unsafe extern "C" fn(*mut c_void, *mut c_void, *const Pointer, c_uint),
}

impl Calls {
    /// Finds them and starts DPDK, once.
    fn load() -> Result<Self, String> {
        static STARTED: OnceLock<Result<Calls, String>> = OnceLock::new();
        STARTED.get_or_init(|| Self::find().and_then(Self::started)).clone()
    }

    fn find() -> Result<Self, String> {
        let library = SHIM.open()?;
        // SAFETY: the types are those of the shim; a `Pointer` is an address.
        unsafe {
            Ok(Self {
                version: library.function(c"bench_dpdk_version")?,
                start: library.function(c"bench_dpdk_start")?,
                create: library.function(c"bench_dpdk_create")?,
                destroy: library.function(c"bench_dpdk_destroy")?,
                register: library.function(c"bench_dpdk_register")?,
                unregister: library.function(c"bench_dpdk_unregister")?,
                default_cache: library.function(c"bench_dpdk_default_cache")?,
                own_cache: library.function(c"bench_dpdk_own_cache")?,
                drop_cache: library.function(c"bench_dpdk_drop_cache")?,
                get: library.function(c"bench_dpdk_get")?,
                put: library.function(c"bench_dpdk_put")?,
                get_bulk: library.function(c"bench_dpdk_get_bulk")?,
                put_bulk: library.function(c"bench_dpdk_put_bulk")?,
            })
        }
    }

    /// Starts DPDK. It pins the thread that does so to a processor, and threads inherit that
    /// from their maker: so it is a thread that makes no others of ours and ends.
    fn started(self) -> Result<Self, String> {
        let start = move || {
            let affinity = Affinity::of_this_thread();
            // SAFETY: called once.
            let status = unsafe { (self.start)(affinity.first(), MEMORY_MEGABYTES) };
            affinity.restore();
            status
        };
        match std::thread::spawn(start).join() {
            Ok(status) if status >= 0 => Ok(self),
            _ => Err("rte_eal_init failed: set --log-level in shims/dpdk.c to see why".to_owned()),
        }
    }
}

/// The processors that a thread may run on.
#[derive(Clone, Copy)]
pub(crate) struct Affinity(libc::cpu_set_t);

impl Affinity {
    pub(crate) fn of_this_thread() -> Self {
        // SAFETY: all zero is the empty set, which the call fills in.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sched_getaffinity(0, size_of_val(&set), &mut set);
            Self(set)
        }
    }

    fn restore(&self) {
        // SAFETY: it only reads the set.
        unsafe { libc::sched_setaffinity(0, size_of_val(&self.0), &self.0) };
    }

    pub(crate) fn processors(&self) -> Vec<usize> {
        let all = 0..libc::CPU_SETSIZE as usize;
        // SAFETY: the numbers are within the set.
        all.filter(|&at| unsafe { libc::CPU_ISSET(at, &self.0) }).collect()
    }

    fn first(&self) -> c_uint {
        let first = self.processors().first().copied().unwrap_or_default();
        c_uint::try_from(first).unwrap_or_default()
    }
}

impl Dpdk {
    /// What it has beyond the capacity, for caches.
    pub(crate) fn spare(setup: &Setup) -> usize {
        setup.threads * CACHED_AT_MOST
    }
}

impl Peer for Dpdk {
    const NAME: &'static str = "rte_mempool";
    const KIND: Kind = Kind::Pool;
    const BOUNDED: bool = true;

    type Object = Pointer;
    type Local<'a> = Thread;

    /// Starts DPDK, too, so that no case pays for that.
    fn version() -> String {
        let Ok(calls) = Calls::load() else { return "none".to_owned() };
        // SAFETY: it returns a constant string.
        let text = unsafe { CStr::from_ptr((calls.version)()) }.to_string_lossy();
        text.trim_start_matches("DPDK ").to_owned()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let calls = Calls::load()?;
        // ORDERING: names need only differ.
        let name = format!("bench{}", MADE.fetch_add(1, Ordering::Relaxed));
        let name = CString::new(name).map_err(|error| error.to_string())?;
        let count = setup.capacity + Self::spare(setup);
        let (count, bytes) = (number(count)?, number(setup.object_bytes)?);
        // SAFETY: the name is read during the call only.
        let pool = unsafe { (calls.create)(name.as_ptr(), count, bytes, CACHE) };
        if pool.is_null() {
            return Err(format!("{count} objects do not fit its {MEMORY_MEGABYTES} MiB"));
        }
        Ok(Self { calls, pool: Pool(pool) })
    }

    fn local(&self) -> Thread {
        Thread::new(self.calls, self.pool)
    }
}

fn number(value: usize) -> Result<c_uint, String> {
    c_uint::try_from(value).map_err(|error| error.to_string())
}

impl Drop for Dpdk {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        unsafe { (self.calls.destroy)(self.pool.0) }
    }
}

thread_local! {
    /// How many users this thread has, so that only the last takes it off the register.
    static USERS: Cell<usize> = const { Cell::new(0) };
    static REGISTERED: Cell<bool> = const { Cell::new(false) };
}

/// A thread that uses a pool by a cache; it stays on that thread.
pub(crate) struct Thread {
    calls: Calls,
    pool: Pool,
    cache: *mut c_void,
    owns_cache: bool,
}

impl Thread {
    fn new(calls: Calls, pool: Pool) -> Self {
        if USERS.replace(USERS.get() + 1) == 0 {
            let affinity = Affinity::of_this_thread();
            // SAFETY: DPDK has been started, and the thread is not registered.
            REGISTERED.set(unsafe { (calls.register)() } == 0);
            affinity.restore();
        }
        let owns_cache = !REGISTERED.get();
        // SAFETY: a cache is used by this thread only. None, if there is no memory, will do.
        let cache = unsafe {
            if owns_cache {
                (calls.own_cache)(CACHE)
            } else {
                (calls.default_cache)(pool.0)
            }
        };
        Self { calls, pool, cache, owns_cache }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: this thread uses neither the cache nor, if it was the last user, its lcore
        // any more.
        unsafe {
            if self.owns_cache && !self.cache.is_null() {
                (self.calls.drop_cache)(self.pool.0, self.cache);
            }
            USERS.set(USERS.get() - 1);
            if USERS.get() == 0 && REGISTERED.replace(false) {
                (self.calls.unregister)();
            }
        }
    }
}

impl Local for Thread {
    type Object = Pointer;

    fn alloc(&mut self) -> Option<Pointer> {
        // SAFETY: workloads drop the peer after its users.
        NonNull::new(unsafe { (self.calls.get)(self.pool.0, self.cache) }).map(Pointer)
    }

    fn free(&mut self, object: Pointer) {
        // SAFETY: workloads free what they had from `alloc` of the same peer, once.
        unsafe { (self.calls.put)(self.pool.0, self.cache, object.0.as_ptr()) }
    }

    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }

    /// All at once, or one by one if there are not as many.
    fn alloc_batch(&mut self, objects: &mut Vec<Pointer>, count: usize) -> usize {
        objects.reserve(count);
        let room = objects.spare_capacity_mut().as_mut_ptr().cast();
        // SAFETY: there is room for `count`, and it sets all or none.
        unsafe {
            if (self.calls.get_bulk)(self.pool.0, self.cache, room, count as c_uint) == 0 {
                objects.set_len(objects.len() + count);
                return count;
            }
        }
        let before = objects.len();
        objects.extend(std::iter::from_fn(|| self.alloc()).take(count));
        objects.len() - before
    }

    fn free_batch(&mut self, objects: &mut Vec<Pointer>) {
        let count = objects.len() as c_uint;
        // SAFETY: as in `free`.
        unsafe { (self.calls.put_bulk)(self.pool.0, self.cache, objects.as_ptr(), count) }
        objects.clear();
    }
}
