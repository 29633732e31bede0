//! A cache: one owner's loaded and previous magazine, and the protocol by which
//! others take it over.
//!
//! The owner works in a *busy section*: it sets `busy`, checks that the cache
//! still bears the pool's address as its token, works on its magazines and the shards, and
//! clears `busy`. It takes no lock and waits for nobody meanwhile.
//!
//! Whoever holds the depot's lock may *revoke* the cache: change the token, issue
//! the heavy half of the asymmetric barrier (`sys::barrier`), and wait until
//! `busy` is clear. From then on the cache is the revoker's, until it *opens* it
//! again. An owner that finds its token changed goes to the depot's lock.
//!
//! | word    | written by             | values |
//! |---------|------------------------|--------|
//! | `busy`  | owner                  | 0, 1 |
//! | `token` | holder of depot's lock | the pool's address: fast path; with `SLOW`: large slab; else revoked, or fenced mode |
//! | `gate`  | holder of depot's lock | the pool's address: open; else revoked |

#![allow(unsafe_code, reason = "hands magazines between an owner and whoever revoked it")]

mod boxed;
mod idle;
mod listed;
mod rounds;

pub(crate) use boxed::{free, CacheBox, Owner};
pub(crate) use idle::{hold, recycle, Held};
pub(crate) use listed::Listed;
pub(crate) use rounds::{Popped, Pushed};

use crate::magazine::{Header, Magazine, Round};
use crate::slab::Geometry;
use crate::stats::Tally;
use crate::sync::{order, plain, planted, yield_now, Bug, Watch, MODELLED};
use crate::sync::{Acquire, AtomicBool, AtomicU32, AtomicUsize, Relaxed, Release};
use crate::sys::barrier;
use crate::sys::nap::nap;
use std::cell::UnsafeCell;
use std::ptr::NonNull;

/// Bit of a token that is not for the fast path: alone, of a cache that is nobody's
/// to use; with a pool's address, of a pool whose rounds have another unit than
/// the fast path's.
const SLOW: usize = 1;
const REVOKED: usize = SLOW;

/// The first 64 bytes are all the fast path touches, besides a magazine.
#[repr(C, align(128))]
pub(crate) struct Cache {
    token: AtomicUsize,
    busy: AtomicU32,
    stamp: u32,
    loaded: UnsafeCell<NonNull<Header>>,
    geometry: Geometry,
    /// Allocations from magazines that have left the cache.
    allocated: Tally,
    gate: AtomicUsize,
    /// Of whoever may touch the cells.
    watch: Watch,
    previous: UnsafeCell<NonNull<Header>>,
    /// Number of the home shard.
    pub(crate) home: usize,
    owner: Owner,
    /// Address of the pool; 0 if it has none.
    pool: plain::AtomicUsize,
    /// Address of the next cache in the list that this one is in. Guarded by that list's lock.
    next: plain::AtomicUsize,
    /// Whether a living thread's table points here, or somebody has the handle. Guarded
    /// by the depot's lock.
    held: AtomicBool,
    /// Whether the pool is gone, and the cache its owner's to give back.
    detached: AtomicBool,
    pub(crate) refills: Tally,
    pub(crate) flushes: Tally,
    pub(crate) exchanges: Tally,
    pub(crate) steals: Tally,
}

// SAFETY: the cells are touched by the owner in a busy section with a valid
// token, or by the holder of the depot's lock after revoking (or by the owner
// while it holds that lock): never by two at once.
unsafe impl Sync for Cache {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for Cache {}

const _: () = assert!(MODELLED || std::mem::offset_of!(Cache, allocated) == 64);

/// Where the fast path's words are, for callers that have it inline.
#[cfg(not(any(loom, shuttle)))]
pub(crate) mod layout {
    use super::Cache;
    use std::mem::offset_of;

    pub(crate) const TOKEN: usize = offset_of!(Cache, token);
    pub(crate) const BUSY: usize = offset_of!(Cache, busy);
    pub(crate) const STAMP: usize = offset_of!(Cache, stamp);
    pub(crate) const LOADED: usize = offset_of!(Cache, loaded);
    pub(crate) const GEOMETRY: usize = offset_of!(Cache, geometry);
    pub(crate) const SLOW: usize = super::SLOW;
}

/// What every thread's table points to before it has a cache: bears no pool's
/// token. Threads write `busy` here and nothing reads it.
pub(crate) static NOBODY: Cache =
    Cache::new(Geometry::NONE, NonNull::dangling(), NonNull::dangling());

impl Cache {
    const fn new(geometry: Geometry, loaded: NonNull<Header>, previous: NonNull<Header>) -> Cache {
        Cache {
            token: AtomicUsize::new(REVOKED),
            busy: AtomicU32::new(0),
            stamp: 0,
            loaded: UnsafeCell::new(loaded),
            geometry,
            allocated: Tally::new(),
            gate: AtomicUsize::new(REVOKED),
            watch: Watch::new(),
            previous: UnsafeCell::new(previous),
            home: 0,
            owner: Owner::Thread,
            pool: plain::AtomicUsize::new(0),
            next: plain::AtomicUsize::new(0),
            held: AtomicBool::new(false),
            detached: AtomicBool::new(false),
            refills: Tally::new(),
            flushes: Tally::new(),
            exchanges: Tally::new(),
            steals: Tally::new(),
        }
    }

    // ---- the owner's side ---------------------------------------------------

    /// Begins a busy section on the fast path; whether the cache may be used.
    #[inline(always)]
    pub(crate) fn enter_fast(&self, pool: usize) -> bool {
        // ORDERING: before the token's load for a revoker, by the asymmetric
        // barrier: see sys::barrier.
        self.busy.store(1, Relaxed);
        barrier::light();
        // ORDERING: pairs with the Release in `open`: what the revoker did to the
        // magazines is visible.
        self.token.load(order(Acquire, Bug::EnterRelaxed)) == pool
    }

    /// As [`Cache::enter_fast`], of a cache whose owner knows the pool by it alone: returns
    /// the pool's address, or nothing if the cache may not be used.
    #[inline(always)]
    pub(crate) fn enter_own(&self) -> Option<usize> {
        // ORDERING: as in `enter_fast`.
        self.busy.store(1, Relaxed);
        barrier::light();
        // ORDERING: as in `enter_fast`.
        let token = self.token.load(order(Acquire, Bug::EnterRelaxed));
        // SAFETY: `open` and `close` store nothing else than odd numbers and
        // addresses of pools.
        unsafe { std::hint::assert_unchecked(token != 0) };
        (token & SLOW == 0).then_some(token)
    }

    /// As [`Cache::enter_fast`] for any pool and in any mode; leaves by itself if
    /// refused. A fence is nothing to an exchange, but 20 cycles to a batch.
    pub(crate) fn enter(&self, pool: usize) -> bool {
        self.enter_light(pool) || self.enter_fenced(pool)
    }

    /// As [`Cache::enter_fast`] for any pool. (In fenced mode it must not be tried: a
    /// model takes its light fence for a full one.)
    pub(crate) fn enter_light(&self, pool: usize) -> bool {
        if !barrier::fast_path_allowed() {
            return false;
        }
        // ORDERING: as in `enter_fast`.
        self.busy.store(1, Relaxed);
        barrier::light();
        // ORDERING: as in `enter_fast`.
        self.token.load(order(Acquire, Bug::EnterRelaxed)) & !SLOW == pool
    }

    fn enter_fenced(&self, pool: usize) -> bool {
        // ORDERING: before the gate's load for a revoker, by the fence.
        self.busy.store(1, Relaxed);
        barrier::full();
        // ORDERING: pairs with the Release in `open`.
        let open = self.gate.load(order(Acquire, Bug::EnterRelaxed)) == pool;
        if !open {
            self.leave();
        }
        open
    }

    /// Ends a busy section.
    #[inline(always)]
    pub(crate) fn leave(&self) {
        // ORDERING: pairs with the Acquire in `wait_idle`: a revoker sees all
        // that was done in the section.
        self.busy.store(0, order(Release, Bug::LeaveRelaxed));
    }

    /// # Safety
    /// The caller is in a busy section with a valid token, or holds the depot's
    /// lock and is the owner or has revoked the cache.
    #[inline(always)]
    unsafe fn loaded(&self) -> &Header {
        self.watch.touch();
        // SAFETY: the cell is the caller's, and the magazine lives as long as the
        // cache holds it.
        unsafe { (*self.loaded.get()).as_ref() }
    }

    /// # Safety
    /// As for [`Cache::loaded`].
    unsafe fn previous(&self) -> &Header {
        self.watch.touch();
        // SAFETY: as in `loaded`.
        unsafe { (*self.previous.get()).as_ref() }
    }

    /// Puts the fuller of the two magazines on top; whether it holds a round.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn swap_for_rounds(&self) -> bool {
        // SAFETY: the caller's promise, thrice.
        unsafe {
            if self.previous().len() > 0 {
                std::ptr::swap(self.loaded.get(), self.previous.get());
                return true;
            }
        }
        false
    }

    /// Puts the magazine with room on top; whether it has any.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn swap_for_room(&self) -> bool {
        // SAFETY: the caller's promise, thrice.
        unsafe {
            if self.previous().len() < self.previous().capacity() {
                std::ptr::swap(self.loaded.get(), self.previous.get());
                return true;
            }
        }
        false
    }

    /// Offers the previous magazine to `swap`, which returns it or another for
    /// it (`Ok`); the other becomes the loaded one.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn exchange(
        &self,
        swap: impl FnOnce(Magazine) -> Result<Magazine, Magazine>,
    ) -> bool {
        let previous = self.previous.get();
        // SAFETY: the caller's promise.
        self.allocated.add(unsafe { self.previous() }.harvest());
        // SAFETY: the cell is the caller's, and the cache owns the magazine; the
        // cell is written again before anybody else may look.
        let offered = unsafe { Magazine::from_raw(*previous) };
        match swap(offered) {
            Ok(other) => {
                // SAFETY: as above.
                unsafe {
                    *previous = *self.loaded.get();
                    *self.loaded.get() = other.into_raw();
                }
                true
            }
            Err(same) => {
                // SAFETY: as above.
                unsafe { *previous = same.into_raw() };
                false
            }
        }
    }

    pub(crate) fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Address of the pool; 0 if it has none.
    pub(crate) fn pool(&self) -> usize {
        // ORDERING: constant while the cache is a pool's. Who asks with a handle that was
        // given back gets some pool or none, and looks further under that one's lock.
        self.pool.load(Relaxed)
    }

    /// Whether somebody is inside a busy section at this moment.
    pub(crate) fn is_busy(&self) -> bool {
        // ORDERING: only a hint that two use the cache at once, which nobody may.
        self.busy.load(Relaxed) != 0
    }

    // ---- the side of whoever holds the depot's lock ---------------------------

    /// Lets the owner use the cache from now on.
    pub(crate) fn open(&self) {
        // ORDERING: pairs with the Acquire in `enter_fenced`.
        self.gate.store(self.pool(), order(Release, Bug::OpenRelaxed));
        let token = match (barrier::fast_path_allowed(), self.geometry.has_fast_unit()) {
            (true, true) => self.pool(),
            (true, false) => self.pool() | SLOW,
            (false, _) => REVOKED,
        };
        // ORDERING: pairs with the Acquire in `enter_fast`.
        self.token.store(token, order(Release, Bug::OpenRelaxed));
    }

    /// First step of revoking: no busy section that begins after the next heavy
    /// barrier may use the cache.
    pub(crate) fn close(&self) {
        // ORDERING: before the loads of `busy`, by the heavy barrier.
        self.gate.store(REVOKED, Relaxed);
        // ORDERING: as above.
        self.token.store(REVOKED, Relaxed);
    }

    /// Last step of revoking. Busy sections are bounded, but their thread may
    /// have been descheduled in one: then let it run.
    pub(crate) fn wait_idle(&self) {
        if planted(Bug::NoBusyWait) {
            return;
        }
        let mut spins = 0u32;
        // ORDERING: pairs with the Release in `leave`.
        while self.busy.load(order(Acquire, Bug::WaitRelaxed)) != 0 {
            spins = spins.saturating_add(1);
            match spins {
                0..64 if !MODELLED => std::hint::spin_loop(),
                0..1024 => yield_now(),
                // Yielding does not let a thread of lower real-time priority run.
                _ => nap(50),
            }
        }
    }

    pub(crate) fn is_held(&self) -> bool {
        // ORDERING: guarded by the depot's lock.
        self.held.load(Relaxed)
    }

    pub(crate) fn set_held(&self, held: bool) {
        // ORDERING: guarded by the depot's lock.
        self.held.store(held, Relaxed);
    }

    /// All rounds in both magazines.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn each_round(&self, mut see: impl FnMut(Round)) {
        // SAFETY: the caller's promise; nobody pushes or pops meanwhile.
        unsafe {
            self.loaded().rounds().iter().copied().for_each(&mut see);
            self.previous().rounds().iter().copied().for_each(&mut see);
        }
    }

    /// Empties both magazines into `take`.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn drain(&self, mut take: impl FnMut(Round)) {
        // SAFETY: the caller's promise.
        unsafe {
            while let Some(round) = self.loaded().pop() {
                take(round);
            }
            while let Some(round) = self.previous().pop() {
                take(round);
            }
        }
    }

    /// Takes two other magazines for its own, which are empty.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn refit(&self, loaded: Magazine, previous: Magazine) {
        // SAFETY: the caller's promise.
        let allocated = unsafe { self.loaded().harvest() + self.previous().harvest() };
        self.allocated.add(allocated);
        for (cell, new) in [(&self.loaded, loaded), (&self.previous, previous)] {
            // SAFETY: as above; the cache owns the magazine that the cell names.
            unsafe { drop(Magazine::from_raw(cell.get().replace(new.into_raw()))) };
        }
    }

    /// Objects allocated through this cache.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn allocated(&self) -> u64 {
        // SAFETY: the caller's promise.
        let here = unsafe { self.loaded().harvest() + self.previous().harvest() };
        self.allocated.add(here);
        self.allocated.get()
    }

    /// Rounds in both magazines, as a figure.
    ///
    /// # Safety
    /// As for [`Cache::loaded`].
    pub(crate) unsafe fn rounds(&self) -> u32 {
        // SAFETY: the caller's promise.
        unsafe { self.loaded().len() + self.previous().len() }
    }

    /// Whether the pool is gone.
    pub(crate) fn is_detached(&self) -> bool {
        // ORDERING: pairs with the Release in [`CacheBox`]'s drop: the pool's last
        // touch of the cache came before.
        self.detached.load(Acquire)
    }
}
