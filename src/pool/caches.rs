//! Caches of a pool: made for a thread, taken back at its end, revoked and
//! opened again. All of it under the depot's lock.

#![allow(unsafe_code, reason = "the lock's holder works on revoked caches")]

use super::later::Ready;
use super::{Locked, Pool, Shared, State};
use crate::cache::{Cache, CacheBox, Owner};
use crate::error::Error;
use crate::local::{self, ids, VISITS_TO_STEAL};
use crate::magazine::{Round, Stack};
use crate::sync::{planted, Bug, Relaxed};
use crate::sys::{barrier, heap};

/// What the shards may box for one thread, with slack.
const THIRD_PARTY_BYTES: usize = 8192;

/// What `thread_local` may box for a pool's table: a bucket of 16-byte entries,
/// twice as many as there are numbers of threads.
fn table_bytes() -> usize {
    (local::numbers() + 2).next_power_of_two() * 64 + 1024
}

impl Pool {
    /// Runs `work` in a busy section of the thread's cache, if that is open.
    pub(super) fn with_cache<R>(&self, work: impl FnOnce(&Cache, &Shared) -> R) -> Option<R> {
        let cache = local::cache_of(self.place);
        if !cache.enter(self.address()) {
            return None;
        }
        if planted(Bug::LeaveEarly) {
            cache.leave();
        }
        // SAFETY: the section is busy and the cache bears this pool's token.
        let result = work(cache, unsafe { self.shared() });
        cache.leave();
        Some(result)
    }

    /// A thread ends: its cache waits for the next thread. Returns whether the pool is
    /// gone and the cache the thread's.
    pub(super) fn retire(cache: &Cache) -> bool {
        let Some(pool) = super::registry::header_at(cache.pool()) else { return false };
        let state = pool.state.lock();
        if cache.is_detached() || state.is_none() {
            return cache.is_detached();
        }
        let mut at = Locked { pool, state, ready: Ready::default() };
        cache.close();
        if planted(Bug::RetireKeepsHeld) {
            at.take_rounds_of(cache);
        } else {
            at.park(cache);
        }
        at.relax();
        false
    }
}

impl Locked<'_> {
    /// This thread's cache of this pool, made if need be; none if the thread
    /// is ending, new, or short of memory: it then works on the depot.
    pub(super) fn attach(&mut self, visits_needed: u8) -> Option<&'static Cache> {
        let cache = local::cache_of(self.pool.place);
        // A cache of an earlier life of this header is detached.
        if cache.pool() == self.pool.address() && !cache.is_detached() {
            return Some(cache);
        }
        if !local::wants_caches(Pool::retire, visits_needed) {
            return None;
        }
        self.make_cache().ok()
    }

    fn make_cache(&mut self) -> Result<&'static Cache, Error> {
        local::sweep();
        self.ready_thread()?;
        let shared = self.shared();
        let made = match shared.of_threads.get() {
            Some(made) => made,
            None => {
                let new = self.new_cache(shared, Owner::Thread)?;
                heap::with_reserve(table_bytes(), || shared.of_threads.get_or(|| new))?
            }
        };
        if made.is_held() && !planted(Bug::HeldCacheShared) {
            // Our thread's id is recycled, and its last user is still ending.
            return Err(Error::Busy);
        }
        self.unpark(made);
        local::adopt(self.pool.place, made.get());
        Ok(local::cache_of(self.pool.place))
    }

    /// The calling thread found nothing to exchange at the shards: lets it steal, if that was
    /// so often enough. Until then, or without memory for it, it comes here.
    pub(super) fn help_thread(&self) {
        if !local::may_steal() && local::wants_caches(Pool::retire, VISITS_TO_STEAL) {
            let _ = self.ready_to_steal();
        }
    }

    fn ready_to_steal(&self) -> Result<(), Error> {
        self.ready_thread()?;
        let shards = &self.shared().shards;
        local::let_steal(|| heap::with_reserve(THIRD_PARTY_BYTES, || shards.prepare_thread()))
    }

    /// Makes the calling thread able to own a cache.
    fn ready_thread(&self) -> Result<(), Error> {
        if !local::is_fresh() && !ids::is_known() {
            // `thread_local` has seen the thread's end, and would panic.
            return Err(Error::Busy);
        }
        local::make_room(self.pool.place)?;
        if !heap::with_reserve(table_bytes(), ids::make_known)? {
            return Err(Error::Busy);
        }
        Ok(())
    }

    pub(super) fn new_cache(&mut self, shared: &Shared, owner: Owner) -> Result<CacheBox, Error> {
        // ORDERING: counted under the lock.
        let number = shared.numbers.fetch_add(1, Relaxed);
        let number = if planted(Bug::SameStamp) { 0 } else { number };
        let geometry = self.slab.geometry();
        let home = shared.shards.home(number);
        let pool = self.pool.address();
        CacheBox::new(geometry, || self.depot.pair(), number, home, pool, owner)
    }

    /// Closes every cache and waits until no busy section is open: from then on,
    /// until [`Locked::reopen_all`], nothing moves but by the lock's holder.
    pub(super) fn revoke_all(&mut self) {
        self.revocations += 1;
        if self.tight {
            return; // They are closed, and were waited for.
        }
        let shared = self.shared();
        shared.caches().for_each(|cache| cache.close());
        barrier::heavy();
        shared.caches().for_each(|cache| cache.wait_idle());
    }

    pub(super) fn reopen_all(&mut self) {
        if self.tight {
            return;
        }
        self.shared().caches().filter(|cache| cache.is_held()).for_each(|c| c.open());
    }

    /// Moves all rounds of all caches and shards into the depot. All caches are
    /// revoked.
    pub(super) fn drain_all(&mut self) {
        let shared = self.shared();
        if !planted(Bug::VerdictWithoutShards) {
            self.depot.absorb(&shared.shards);
        }
        shared.caches().for_each(|cache| self.take_rounds_of(cache));
    }

    /// Gives each cache two of these magazines for its own. All caches are revoked and
    /// empty.
    pub(super) fn refit_all(&mut self, mut magazines: Stack) {
        for cache in self.shared().caches() {
            if let (Some(loaded), Some(previous)) = (magazines.pop(), magazines.pop()) {
                // SAFETY: the lock is held and the cache revoked.
                unsafe { cache.refit(loaded, previous) };
            }
        }
    }

    /// Nobody has the cache from now on. It is closed, and keeps its rounds for whoever has it
    /// next: they were one owner's and lie together, and mixed with others' two threads would
    /// share lines, or prefetch each other's (`docs/performance.md`). Until then they are as
    /// good as in the depot, which takes them before slots are carved. (There are none in tight
    /// mode: so nobody waits for them, and nothing is owed to the reserve.)
    pub(super) fn park(&mut self, cache: &Cache) {
        // SAFETY: the lock is held, and the cache was the caller's own.
        self.parked += unsafe { cache.rounds() };
        cache.set_held(false);
    }

    /// The caller has the cache from now on, and what was parked there.
    pub(super) fn unpark(&mut self, cache: &Cache) {
        if !cache.is_held() {
            // SAFETY: the lock is held, and the cache nobody's.
            self.parked -= unsafe { cache.rounds() };
            cache.set_held(true);
            self.note_high_water();
        }
    }

    /// Moves the rounds of a parked cache into the depot; whether there were any.
    pub(super) fn supply_parked(&mut self) -> bool {
        if self.parked == 0 {
            return false;
        }
        let parked = self.shared().caches().filter(|cache| !cache.is_held());
        // SAFETY: the lock is held, and the cache nobody's.
        let Some(cache) = parked.into_iter().find(|cache| unsafe { cache.rounds() } > 0) else {
            return false;
        };
        self.take_rounds_of(cache);
        self.depot.rounds() > 0
    }

    /// Moves a cache's rounds into the depot. The cache is revoked, or the
    /// calling thread's own, or nobody's.
    pub(super) fn take_rounds_of(&mut self, cache: &Cache) {
        let (state, shared) = self.parts();
        let mut moved = 0;
        let take = |round: Round| {
            moved += 1;
            state.put_in_depot(round, shared);
        };
        // SAFETY: the lock is held, and the cache revoked or the caller's own.
        unsafe { cache.drain(take) };
        if moved > 0 {
            cache.flushes.add(1);
        }
        if !cache.is_held() {
            self.parked -= moved;
        }
    }
}

impl State {
    /// Takes a round back: into the reserve if that lacks one, else into the depot.
    pub(super) fn put_in_depot(&mut self, round: Round, shared: &Shared) {
        let pushed = match self.owed(shared) {
            0 => self.depot.push(round, &shared.shards),
            _ => self.reserve.push(round, &shared.shards),
        };
        if pushed.is_err() {
            // Misuse and no memory: better a slot lost than one in two places.
            self.lost += 1;
        }
    }
}
