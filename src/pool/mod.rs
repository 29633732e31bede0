//! A pool of raw objects: what the typed face and the C ABI are made of.
//!
//! A [`Pool`] is a header that is never unmapped and may live several times; caches
//! of an earlier life stay revoked. [`Pool::lock`] is the depot's lock; it fails
//! once the pool is destroyed. Operations, one file each: `alloc`, `free`, `batch`,
//! `wait`, `later`, `handover`, `explicit`, `inspect`, `trim`; what they share: `caches` (attach, retire,
//! revoke), `supply` and `reserve` (where rounds come from), `pace` (how many travel at
//! once), `queue` (who waits for them); and for the process: `registry`, `fork`.
//!
//! Lock order: registry, then a pool's depot lock, then a shard's lock (in a busy
//! section it is only tried), then the idle handles' list and the reserve of `sys::heap`. A busy section of a cache
//! takes no lock.
//!
//! The invariant everything here keeps: each slot is live, or its round is in
//! exactly one magazine of a cache, or in the depot (shards included), or the
//! slot is uncarved, or lost.

#![allow(unsafe_code, reason = "shares state between busy sections and the depot's lock")]

mod alloc;
mod batch;
mod caches;
pub(crate) mod explicit;
mod fork;
mod free;
mod handover;
mod inspect;
mod later;
#[cfg(all(test, any(loom, shuttle)))]
pub(crate) mod models;
mod pace;
mod queue;
pub(crate) mod registry;
mod reserve;
mod supply;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_caches;
mod trim;
mod wait;

pub(crate) use handover::Life;
pub(crate) use later::{Callback, Granted, Ticket};
pub(crate) use queue::Urgency;

use crate::cache::{Cache, CacheBox, Listed};
use crate::config::{Shape, ABORT_ON_MISUSE};
use crate::depot::shard::Shards;
use crate::depot::Depot;
use crate::error::Error;
use crate::holes::Holes;
use crate::local;
use crate::slab::Slab;
use crate::stats::MisuseCounts;
use crate::sync::{planted, Bug};
use crate::sync::{AtomicU32, Mutex, PoolGuard, Relaxed, ThreadLocal};
use crate::sys::barrier;
use crate::sys::processors::processors;
use handover::LifeWord;
use later::Ready;
use pace::{MayGrow, Pace};
use queue::Queue;
use reserve::Reserve;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

#[repr(C, align(128))]
pub(crate) struct Pool {
    /// Slots whose words a free may trust: all carved ones, or none while some
    /// are out of circulation. Written under the depot's lock.
    bound: AtomicU32,
    /// Where the fast path looks in a thread's table of caches. Constant.
    near: u32,
    /// Index of this header, by which a thread's table of caches is ordered.
    /// Constant.
    place: u32,
    /// Slots ever carved. Written under the depot's lock.
    carved: AtomicU32,
    flags: AtomicU32,
    misuse: MisuseCounts,
    state: Mutex<Option<State>>,
    shared: UnsafeCell<Option<Shared>>,
    /// The depot's lock, while its holder forks.
    held: fork::HeldLock,
    /// Which of the header's lives this is. Written under the depot's lock.
    life: LifeWord,
}

/// Where inline callers find `bound`.
#[cfg(not(any(loom, shuttle)))]
pub(crate) const BOUND_AT: usize = std::mem::offset_of!(Pool, bound);

// SAFETY: `shared` is replaced only under the depot's lock with all caches
// revoked, and reached only under that lock or in a busy section; `held` is a forking
// thread's alone.
unsafe impl Sync for Pool {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for Pool {}

/// What the depot's lock guards.
pub(crate) struct State {
    pub(crate) shape: Shape,
    slab: Slab,
    /// Before the depot, whose magazines it may hold when they are dropped.
    reserve: Reserve,
    depot: Depot,
    /// How large magazines are.
    pace: Pace,
    /// Rounds in caches that nobody has.
    parked: u32,
    /// Objects the pool may have now.
    capacity: u32,
    /// No cache is open and none holds rounds; everything goes through the depot.
    tight: bool,
    /// Frees until tight mode is left, however little is free.
    patience: u32,
    /// Slots set aside because they were overwritten while free.
    lost: u32,
    high_water: u32,
    grows: u64,
    failed_allocs: u64,
    /// Allocations that went past the caches.
    direct_allocs: u64,
    revocations: u64,
    /// Who waits for an object. While there is anybody the pool is tight.
    queue: Queue,
}

/// What busy sections reach without the lock.
pub(crate) struct Shared {
    shards: Shards,
    /// Owns the threads' caches; enumerated by whoever holds the depot's lock, and
    /// added to only under it.
    of_threads: ThreadLocal<CacheBox>,
    /// Those of handles, likewise.
    of_handles: Listed,
    /// Whether magazines may become larger.
    may_grow: MayGrow,
    /// Caches made so far.
    numbers: AtomicU32,
    /// Slots that a trim gave back.
    holes: Holes,
    /// Slots that were overwritten while free.
    aside: Holes,
}

impl Shared {
    /// All caches. For whoever holds the depot's lock.
    fn caches(&self) -> impl Iterator<Item = &Cache> {
        self.of_threads.iter().map(|cache| &**cache).chain(self.of_handles.iter())
    }

    /// Whether this carved slot is out of circulation.
    fn is_out(&self, index: u32) -> bool {
        self.holes.contains(index) || self.aside.contains(index)
    }
}

/// The depot's lock, held, of a pool that is alive.
pub(crate) struct Locked<'a> {
    pool: &'a Pool,
    state: PoolGuard<'a, Option<State>>,
    /// Calls to make when the lock has been given up: dropped after `state`.
    ready: Ready,
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.state.as_ref().expect("a locked pool is alive: checked when it was locked")
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.state.as_mut().expect("a locked pool is alive: checked when it was locked")
    }
}

impl<'a> Locked<'a> {
    fn shared(&self) -> &'a Shared {
        // SAFETY: the lock is held and the pool alive, so `shared` is present and
        // stays until the lock is given up. The borrow is not used after that.
        unsafe { self.pool.shared() }
    }

    /// The state together with what busy sections share.
    fn parts(&mut self) -> (&mut State, &'a Shared) {
        let shared = self.shared();
        (self, shared)
    }
}

impl Pool {
    /// A header that is no pool yet.
    pub(crate) fn header(place: u32) -> Pool {
        Pool {
            bound: AtomicU32::new(0),
            near: local::near(place),
            place,
            carved: AtomicU32::new(0),
            flags: AtomicU32::new(0),
            misuse: MisuseCounts::new(),
            state: Mutex::new(None),
            shared: UnsafeCell::new(None),
            held: fork::HeldLock::new(),
            life: LifeWord::new(),
        }
    }

    /// # Safety
    /// The depot's lock is held and the pool alive, or the caller is in a busy
    /// section of a cache that bears this pool's token.
    unsafe fn shared(&self) -> &Shared {
        // SAFETY: then nobody replaces it, and it is present.
        match unsafe { &*self.shared.get() } {
            Some(shared) => shared,
            None => unreachable!("an alive pool has its shared part"),
        }
    }

    /// Brings a header to life. Called by the registry, under its lock, so that
    /// nobody else does the same.
    pub(crate) fn start(&self, parts: Parts) {
        let Parts { state, shared } = parts;
        let mut at = self.state.lock();
        self.misuse.reset();
        // ORDERING: all of these are published with the handle, by the caller.
        self.flags.store(state.shape.flags, Relaxed);
        // ORDERING: as above.
        self.bound.store(0, Relaxed);
        // ORDERING: as above.
        self.carved.store(0, Relaxed);
        self.life.begin();
        *at = Some(state);
        // SAFETY: the header is dead: no busy section bears its token.
        unsafe { *self.shared.get() = Some(shared) };
    }

    /// Ends the pool, or says why not. Returns how many objects were live, and who is to
    /// be told that the pool has ended.
    pub(crate) fn stop(&self, forced: bool) -> Result<(u32, Ready), Error> {
        let mut at = self.lock()?;
        if !planted(Bug::StopWithoutRevoking) {
            at.revoke_all();
        }
        let live = at.live();
        if live > 0 && !forced {
            at.reopen_all();
            return Err(Error::Busy);
        }
        if !planted(Bug::DestroyForgetsWaiters) {
            at.dismiss_all();
        }
        let ready = std::mem::take(&mut at.ready);
        // What comes from now on is no misuse of this pool.
        // ORDERING: under the lock, by which such calls learn that the pool has ended.
        self.flags.store(0, Relaxed);
        self.life.end();
        // SAFETY: the lock is held and all caches are revoked, for good: the next
        // busy section is refused, and its owner takes the lock and sees the pool
        // dead.
        let shared = unsafe { (*self.shared.get()).take() };
        let state = at.state.take();
        // Caches are dropped under the lock: a thread that exits decides by it
        // whether the cache is its own to free.
        if planted(Bug::DropOutsideLock) {
            drop(at);
            drop(shared);
            return Ok((live, ready));
        }
        drop(shared);
        drop(at);
        drop(state);
        Ok((live, ready))
    }

    /// Takes the depot's lock.
    pub(crate) fn lock(&self) -> Result<Locked<'_>, Error> {
        let state = self.state.lock();
        match *state {
            Some(_) => Ok(Locked { pool: self, state, ready: Ready::default() }),
            None => Err(Error::Destroyed),
        }
    }

    /// The numbers the pool was made from.
    pub(crate) fn shape(&self) -> Result<Shape, Error> {
        Ok(self.lock()?.shape)
    }

    /// Counts misuse, and ends the process if the pool was made for that.
    #[cold]
    fn misused(&self, error: Error, address: usize) -> Error {
        self.misuse.count(error);
        // ORDERING: set before the pool's handle was published.
        if self.flags.load(Relaxed) & ABORT_ON_MISUSE != 0 {
            let shape = self.shape().ok();
            let name = shape.and_then(|shape| shape.name);
            let name = name.as_ref().map_or("(no name)", |name| name.as_str());
            eprintln!("magpool: pool {name}: object {address:#x}: {error}");
            std::process::abort();
        }
        error
    }
}

/// All a pool needs to live, made before any lock is taken.
pub(crate) struct Parts {
    shared: Shared,
    /// Dropped last, with the magazines' memory.
    state: State,
}

impl Parts {
    pub(crate) fn new(shape: &Shape) -> Result<Parts, Error> {
        barrier::prepare();
        fork::prepare();
        let processors = processors();
        // A pool of a few magazines gains nothing from spreading them.
        let pace = Pace::new(shape);
        let useful = shape.limit / (pace.rounds() as usize * 8);
        let shared = Shared {
            shards: Shards::new(processors.min(useful))?,
            of_threads: ThreadLocal::new(),
            of_handles: Listed::new(),
            may_grow: MayGrow::new(pace.may_grow()),
            numbers: AtomicU32::new(0),
            holes: Holes::default(),
            aside: Holes::default(),
        };
        let mut depot = pace.depot(shape)?;
        depot.keep_room(0)?;
        let state = State {
            shape: *shape,
            slab: Slab::new(shape)?,
            depot,
            reserve: Reserve::new(shape.reserve as u32, pace.rounds())?,
            pace,
            parked: 0,
            capacity: shape.capacity as u32,
            tight: false,
            patience: 0,
            lost: 0,
            high_water: 0,
            grows: 0,
            failed_allocs: 0,
            direct_allocs: 0,
            revocations: 0,
            queue: Queue::default(),
        };
        Ok(Parts { state, shared })
    }

    /// The addresses of the pool's objects.
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.state.slab.span()
    }
}
