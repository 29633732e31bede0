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
//! | `token` | holder of depot's lock | the pool's address: fast path; else revoked, or fenced mode |
//! | `gate`  | holder of depot's lock | the pool's address: open; else revoked |

#![allow(unsafe_code, reason = "hands magazines between an owner and whoever revoked it")]

mod boxed;
mod idle;
mod listed;

pub(crate) use boxed::{free, CacheBox, Owner};
pub(crate) use idle::{hold, recycle, Held};
pub(crate) use listed::Listed;

use crate::magazine::{Header, Magazine, Round};
use crate::slab::{live_mark, word, word_tail, Geometry};
use crate::stats::Tally;
use crate::sync::{order, plain, planted, yield_now, Bug, Watch, MODELLED};
use crate::sync::{Acquire, AtomicBool, AtomicU32, AtomicUsize, Relaxed, Release};
use crate::sys::barrier;
use crate::sys::nap::nap;
use std::cell::UnsafeCell;
use std::ptr::NonNull;

/// Token of a cache that is nobody's to use: no pool's address.
const REVOKED: usize = 1;

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
    pub(crate) const REVOKED: usize = super::REVOKED;
}

/// What every thread's table points to before it has a cache: bears no pool's
/// token. Threads write `busy` here and nothing reads it.
pub(crate) static NOBODY: Cache =
    Cache::new(Geometry::NONE, NonNull::dangling(), NonNull::dangling());

/// A slot that a cache gave, or why it gave none.
pub(crate) enum Popped {
    Slot(usize),
    Empty,
    /// The round does not fit the slot's word; it was taken out of the magazine.
    Suspect(Round),
}

/// What became of an address offered to a cache.
pub(crate) enum Pushed {
    Done,
    Full,
    /// Not plainly a live object: the slow path must look.
    Odd,
}

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
        (token != REVOKED).then_some(token)
    }

    /// As [`Cache::enter_fast`] in any mode; leaves by itself if refused.
    pub(crate) fn enter_fenced(&self, pool: usize) -> bool {
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

    /// Makes the slot of the loaded magazine's top round live and returns its
    /// address; 0, with nothing changed, if there is no round or it does not fit.
    ///
    /// # Safety
    /// As for [`Cache::loaded`]; and the slab is mapped.
    #[inline(always)]
    pub(crate) unsafe fn pop_intact(&self) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        // SAFETY: the caller is the only user of the magazine.
        let Some(top) = (unsafe { loaded.top() }) else { return 0 };
        let round = top.round;
        let address = self.geometry.address_in(round);
        // SAFETY: rounds stand for carved slots of the mapped slab.
        let word = unsafe { word(address) };
        // ORDERING: written before the round was published (or by misuse).
        let key = word.load(Relaxed);
        if key != self.geometry.key(round) && !planted(Bug::PopUnchecked) {
            return 0;
        }
        loaded.take_top(&top);
        // ORDERING: the object is the caller's alone now.
        word.store(live_mark(key), Relaxed);
        // SAFETY: no slot is at address 0: mappings never are.
        unsafe { std::hint::assert_unchecked(address != 0) };
        address
    }

    /// As [`Cache::pop_intact`], but says why not, and takes a round that does not
    /// fit its slot out of the magazine.
    ///
    /// # Safety
    /// As for [`Cache::pop_intact`].
    pub(crate) unsafe fn pop(&self) -> Popped {
        // SAFETY: the caller's promise.
        match unsafe { self.pop_intact() } {
            // SAFETY: the caller's promise; nobody else uses the magazine.
            0 => match unsafe { self.loaded().pop() } {
                None => Popped::Empty,
                Some(round) => Popped::Suspect(round),
            },
            address => Popped::Slot(address),
        }
    }

    /// Makes slots of the loaded magazine's top rounds live, into `out` from its
    /// start, up to the first that does not fit; returns how many.
    ///
    /// # Safety
    /// As for [`Cache::pop_intact`].
    pub(crate) unsafe fn pop_run(&self, out: &mut [usize]) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let run = loaded.run();
        // A copy stays in registers, whatever the loop writes to.
        let geometry = self.geometry;
        let count = out.len().min(run.len as usize);
        let mut done = 0;
        for place in &mut out[..count] {
            // SAFETY: `done` is below the length, and nobody else is here.
            let round = unsafe { *loaded.round((run.len - 1 - done) as usize) };
            let address = geometry.address_in(round);
            // SAFETY: rounds stand for carved slots of the mapped slab.
            let word = unsafe { word(address) };
            // ORDERING: as in `pop_intact`.
            let key = word.load(Relaxed);
            if key != geometry.key(round) {
                break;
            }
            // ORDERING: as in `pop_intact`.
            word.store(live_mark(key), Relaxed);
            *place = address;
            done += 1;
        }
        loaded.take_run(&run, done);
        done as usize
    }

    /// Takes plainly live objects back into the loaded magazine, up to the first
    /// that is not or has no room; returns how many. `bound` as in [`Cache::push`].
    ///
    /// # Safety
    /// As for [`Cache::push`].
    pub(crate) unsafe fn push_run(&self, objects: &[usize], bound: u32) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let run = loaded.run();
        let (geometry, stamp) = (self.geometry, self.stamp); // As in `pop_run`.
        let count = objects.len().min((loaded.capacity() - run.len) as usize);
        let mut done = 0;
        for &address in &objects[..count] {
            if geometry.index_of(address) >= u64::from(bound) {
                break;
            }
            // SAFETY: a carved slot begins at `address`.
            if geometry.may_be_key(unsafe { word_tail(address) }) {
                break;
            }
            let round = geometry.round_at(address, stamp);
            // SAFETY: the place is below the capacity, and nobody else is here.
            unsafe { *loaded.round((run.len + done) as usize) = round };
            // SAFETY: as above.
            // ORDERING: published with the round.
            unsafe { word(address) }.store(geometry.key(round), Relaxed);
            done += 1;
        }
        loaded.add_run(&run, done);
        done as usize
    }

    /// Takes a live object back into the loaded magazine. `bound` is the number
    /// of slots whose words may be trusted.
    ///
    /// # Safety
    /// As for [`Cache::pop`].
    #[inline(always)]
    pub(crate) unsafe fn push(&self, address: usize, bound: u32) -> Pushed {
        let index = self.geometry.index_of(address);
        if index >= u64::from(bound) {
            return Pushed::Odd;
        }
        // SAFETY: `index` is a carved slot's, and it begins at `address`.
        if self.geometry.may_be_key(unsafe { word_tail(address) }) {
            return Pushed::Odd;
        }
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let round = self.geometry.round_at(address, self.stamp);
        // SAFETY: the caller is the only user of the magazine.
        if unsafe { loaded.push(round) }.is_err() {
            return Pushed::Full;
        }
        // SAFETY: as above.
        // ORDERING: published with the round.
        unsafe { word(address) }.store(self.geometry.key(round), Relaxed);
        Pushed::Done
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
        let fast = if barrier::fast_path_allowed() { self.pool() } else { REVOKED };
        // ORDERING: pairs with the Acquire in `enter_fast`.
        self.token.store(fast, order(Release, Bug::OpenRelaxed));
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
