//! Each thread's table of caches, and what happens when the thread ends.
//!
//! The table is reached through the thread word and indexed by the pool's place
//! in the registry. A place that has no cache of this thread points to `NOBODY`,
//! so the fast path needs no check but the token's. Every table has at least
//! [`NEAR`] entries, so it needs no bound either (7.4 to 7.0 ns a pair). Pools
//! beyond share the last of those, which points to the one used last; the slow
//! path looks them up behind it. Only the thread itself touches its table. When the
//! thread ends, [`exit`] calls [`end_thread`].
//!
//! States of a thread: fresh ([`EMPTY`]), attached (a table of its own), ended
//! ([`ENDED`]: its destructor ran, and it uses the depot only).

#![allow(unsafe_code, reason = "a table reached by address from a thread-local word")]

#[cfg_attr(any(loom, shuttle), path = "exit_model.rs")]
mod exit;
pub(crate) mod ids;
mod word;

use exit::watch_exit;

use crate::cache::{self, Cache, NOBODY};
use crate::error::Error;
use crate::sync::plain::AtomicUsize;
use crate::sync::{per_thread, Relaxed, MODELLED};
use crate::sys::heap;
use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::NonNull;

/// Entries every table has; the last is the shared one.
const NEAR: usize = 128;
/// The shared entry.
const SHARED: usize = NEAR - 1;

/// `len` pointers to caches follow the header.
#[repr(C)]
pub(crate) struct ThreadTable {
    len: usize,
    caches: [*const Cache; 0],
}

#[repr(C)]
pub(crate) struct FixedTable {
    len: usize,
    caches: [*const Cache; NEAR],
}

// SAFETY: constant, and what it points to is shared between threads safely.
unsafe impl Sync for FixedTable {}

/// The table of a thread that never used a pool.
pub(crate) static EMPTY: FixedTable = FixedTable { len: NEAR, caches: [&raw const NOBODY; NEAR] };
/// The table of a thread that gave its caches back for good.
static ENDED: FixedTable = FixedTable { len: NEAR, caches: [&raw const NOBODY; NEAR] };

/// What to do with a cache whose thread ends: leave it to the next, and say
/// whether its pool is gone, so that the cache is the thread's to free.
pub(crate) type Retire = fn(&Cache) -> bool;

/// Visits to the depot's lock before an allocation gives the thread a cache: at once, so
/// that it begins with a magazine of its own. One that began with lone slots from the depot
/// would go round on them, neighbours of other threads' (false sharing: 120 against 8 ns a
/// pair with two threads and objects of 40 bytes).
///
/// But a thread that allocates first while it ends, after its thread-locals' end, never gives
/// its number back, nor its cache (0.9 KiB). Where many such threads were seen they need more
/// visits.
pub(crate) fn visits_to_alloc() -> u8 {
    // ORDERING: a figure.
    if LATE.load(Relaxed) < LATE_MAX {
        1
    } else {
        16
    }
}

/// Threads that had their first cache after their thread-locals' end.
static LATE: AtomicUsize = AtomicUsize::new(0);
const LATE_MAX: usize = 64;

/// Visits to the depot's lock before a thread may steal from shards: what `crossbeam-epoch` keeps for it
/// (2 KiB, and a microsecond when it ends) is for threads that stay.
pub(crate) const VISITS_TO_STEAL: u8 = if MODELLED { 1 } else { 16 };

/// Visits before a free does. Threads that free a few objects while they end, and
/// finalizers', are better off without; and what third parties keep for a thread that
/// starts only after its thread-locals' end is never given back (3 KiB measured).
pub(crate) const VISITS_TO_FREE: u8 = if MODELLED { 1 } else { 64 };

/// The entry where the fast path looks for the pool at `place`.
pub(crate) const fn near(place: u32) -> u32 {
    if (place as usize) < SHARED {
        place
    } else {
        SHARED as u32
    }
}

/// The entry where the pool at `place` has its own.
fn own(place: u32) -> usize {
    place as usize + usize::from(place as usize >= SHARED)
}

/// The calling thread's cache at a [`near`] entry: the wanted pool's, another
/// pool's, or nobody's. Its token tells.
#[inline(always)]
pub(crate) fn cache_at<'a>(near: u32) -> &'a Cache {
    debug_assert!((near as usize) < NEAR);
    let table = word::get();
    // SAFETY: the word points to a live table of this thread with at least `NEAR`
    // entries, each of them a cache that lives as long as it is in the table.
    unsafe { &**(&raw const (*table).caches).cast::<*const Cache>().add(near as usize) }
}

/// The calling thread's cache of the pool at `place`, or another pool's of an
/// earlier life, or nobody's. Makes it the one that the fast path finds.
pub(crate) fn cache_of<'a>(place: u32) -> &'a Cache {
    let table = word::get().cast_mut();
    // SAFETY: as in `cache_at`; entries beyond `NEAR` exist only in tables of the
    // thread's own, which it may write to.
    unsafe {
        let own = own(place);
        if own >= (*table).len {
            return &NOBODY;
        }
        let cache = *entry(own);
        if own > SHARED {
            *entry(SHARED) = cache;
        }
        &*cache
    }
}

/// Whether the thread's destructor ran.
pub(crate) fn has_ended() -> bool {
    std::ptr::eq(word::get().cast(), &raw const ENDED)
}

/// Whether the thread never had a table.
pub(crate) fn is_fresh() -> bool {
    std::ptr::eq(word::get().cast(), &raw const EMPTY)
}

/// Whether the thread may have caches: it came often enough, has not ended, and
/// its end will be told.
pub(crate) fn wants_caches(retire: Retire, visits_needed: u8) -> bool {
    let visits = VISITED.with(Cell::get).saturating_add(1);
    if has_ended() || (visits == 1 && watch_exit(retire).is_err()) {
        return false; // And ask again at the next visit.
    }
    VISITED.with(|visited| visited.set(visits));
    visits >= visits_needed
}

/// Makes room in the table for the pool at `place`. Call before [`adopt`].
pub(crate) fn make_room(place: u32) -> Result<(), Error> {
    // SAFETY: the thread's table.
    let fits = !is_fresh() && own(place) < unsafe { (*word::get()).len };
    if fits {
        Ok(())
    } else {
        grow((own(place) + 1).next_power_of_two().max(NEAR))
    }
}

/// Enters a cache for the pool at `place`.
pub(crate) fn adopt(place: u32, cache: NonNull<Cache>) {
    let entry = entry(own(place));
    // SAFETY: `make_room` was called; the table is this thread's own.
    unsafe {
        dismiss(*entry);
        *entry = cache.as_ptr();
    }
    cache_of(place);
}

fn layout(entries: usize) -> Result<Layout, Error> {
    let size = size_of::<ThreadTable>() + entries * size_of::<*const Cache>();
    Layout::from_size_align(size, 64).map_err(|_| Error::NoMemory)
}

fn entry(at: usize) -> *mut *const Cache {
    let table = word::get().cast_mut();
    // SAFETY: the thread's table, and the entry within it.
    unsafe {
        debug_assert!(at < (*table).len);
        (&raw mut (*table).caches).cast::<*const Cache>().add(at)
    }
}

/// Moves the table to one with `entries` places, leaving behind the caches of
/// pools that are gone.
fn grow(entries: usize) -> Result<(), Error> {
    let new = heap::allocate(layout(entries)?)?.cast::<ThreadTable>().as_ptr();
    // SAFETY: fresh memory for a header and `entries` pointers.
    unsafe {
        (&raw mut (*new).len).write(entries);
        let caches = (&raw mut (*new).caches).cast::<*const Cache>();
        (0..entries).for_each(|at| caches.add(at).write(&raw const NOBODY));
        if !is_fresh() {
            let old = word::get().cast_mut();
            let from = (&raw mut (*old).caches).cast::<*const Cache>();
            (0..(*old).len).for_each(|at| caches.add(at).write(*from.add(at)));
            free_table(old);
        } else {
            // ORDERING: a figure.
            THREADS.fetch_add(1, Relaxed);
        }
    }
    word::set(new);
    Ok(())
}

/// # Safety
/// The table was made by `grow` and is not the thread's any more.
unsafe fn free_table(table: *mut ThreadTable) {
    // SAFETY: made by `grow` with this layout.
    unsafe {
        if let (Ok(layout), Some(memory)) = (layout((*table).len), NonNull::new(table)) {
            heap::release(memory.cast(), layout);
        }
    }
}

/// Frees the cache of a pool that is gone; leaves any other.
///
/// # Safety
/// The pointer is from this thread's table and is about to be overwritten.
unsafe fn dismiss(cache: *const Cache) {
    // SAFETY: entries of the table are live caches, or NOBODY.
    if unsafe { (*cache).is_detached() } {
        if let Some(cache) = NonNull::new(cache.cast_mut()) {
            // SAFETY: the pool let go of it, and this entry is the last pointer.
            unsafe { cache::free(cache) };
        }
    }
}

/// Frees the caches of pools that are gone. Called when a cache is made, so that
/// a thread keeps at most as many dead ones as it has pools.
pub(crate) fn sweep() {
    if is_fresh() || has_ended() {
        return;
    }
    // SAFETY: the thread's own table.
    unsafe {
        *entry(SHARED) = &raw const NOBODY;
        for at in 0..(*word::get()).len {
            let cache = *entry(at);
            if !std::ptr::eq(cache, &NOBODY) && (*cache).is_detached() {
                dismiss(cache);
                *entry(at) = &raw const NOBODY;
            }
        }
    }
}

per_thread! {
    static VISITED: Cell<u8> = Cell::new(0);
}

per_thread! {
    static STEALS: Cell<bool> = Cell::new(false);
}

/// Whether the thread was made able to steal magazines, and has not ended.
pub(crate) fn may_steal() -> bool {
    STEALS.with(Cell::get) && !has_ended()
}

/// Makes it able to, by `prepare`. Call when it has a table.
pub(crate) fn let_steal(prepare: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
    heap::lay_by()?;
    // ORDERING: a figure.
    STEALERS.fetch_add(1, Relaxed);
    prepare().inspect_err(|_| one_stealer_less())?;
    STEALS.with(|steals| steals.set(true));
    Ok(())
}

/// Threads that may steal now: for each, what its end needs is laid by.
static STEALERS: AtomicUsize = AtomicUsize::new(0);

fn one_stealer_less() {
    // ORDERING: a figure.
    heap::keep_for(STEALERS.fetch_sub(1, Relaxed) - 1);
}

/// Threads that have a table now.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// Threads whose numbers `thread_local` never gets back.
static LOST: AtomicUsize = AtomicUsize::new(0);

/// Bounds the numbers that `thread_local` gives to threads.
pub(crate) fn numbers() -> usize {
    // ORDERING: figures.
    THREADS.load(Relaxed) + LOST.load(Relaxed)
}

/// In the child of a fork: the calling thread is the only one.
pub(crate) fn forget_other_threads() {
    let here = usize::from(!is_fresh() && !has_ended());
    // ORDERING: figures; nobody else is there.
    let before = THREADS.swap(here, Relaxed);
    // ORDERING: as above.
    LOST.fetch_add(before.saturating_sub(here), Relaxed);
    // ORDERING: as above.
    STEALERS.store(usize::from(may_steal()), Relaxed);
}

/// Gives the thread's caches back. From here on its calls go to the depot, also
/// those that later destructors of the thread make.
fn end_thread(retire: Retire) {
    let (fresh, table) = (is_fresh(), word::get().cast_mut());
    if has_ended() {
        return;
    }
    let stole = may_steal();
    word::set((&raw const ENDED).cast());
    if fresh {
        return;
    }
    if ids::is_late() {
        // ORDERING: figures.
        LATE.fetch_add(1, Relaxed);
        // ORDERING: as above.
        LOST.fetch_add(1, Relaxed);
    }
    // ORDERING: a figure.
    THREADS.fetch_sub(1, Relaxed);
    if stole {
        one_stealer_less();
    }
    // SAFETY: the table was this thread's own, and nothing points to it now.
    unsafe {
        let caches = (&raw mut (*table).caches).cast::<*const Cache>();
        *caches.add(SHARED) = &raw const NOBODY;
        for at in 0..(*table).len {
            let cache = *caches.add(at);
            if !std::ptr::eq(cache, &NOBODY) && retire(&*cache) {
                dismiss(cache);
            }
        }
        free_table(table);
    }
}
