//! Allocation: the fast path, and where it goes when the loaded magazine is empty
//! or the cache was revoked.

#![allow(unsafe_code, reason = "takes rounds from caches and touches slots' words")]

use super::queue::Urgency;
use super::{pace, Locked, Pool, Shared};
use crate::cache::{Cache, Popped};
use crate::error::Error;
use crate::local;
use crate::magazine::Round;
use crate::slab::{live_mark, word};
use crate::sync::Relaxed;

impl Pool {
    /// An object's address.
    #[inline(always)]
    pub(crate) fn alloc(&self) -> Result<usize, Error> {
        match self.alloc_fast() {
            0 => self.alloc_slow(),
            address => Ok(address),
        }
    }

    /// An object's address, or 0 for whatever reason. A plain word, because a
    /// `Result` of the slow path would make the fast one go through memory.
    #[inline(always)]
    pub(crate) fn alloc_or_zero(&self) -> usize {
        match self.alloc_fast() {
            0 => self.alloc_slow_or_zero(),
            address => address,
        }
    }

    /// An object from the loaded magazine, or 0 if that is not plainly possible.
    #[inline(always)]
    fn alloc_fast(&self) -> usize {
        let cache = local::cache_at(self.near);
        let address = if cache.enter_fast(self.address()) {
            // SAFETY: the section is busy and the cache bears the token, so the
            // magazines are ours and the slab is mapped.
            unsafe { cache.pop_fast() }
        } else {
            0
        };
        cache.leave();
        address
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow_or_zero(&self) -> usize {
        self.alloc_slow().unwrap_or(0)
    }

    /// As [`Pool::alloc_fast`] for any unit of rounds: what is fast for slabs above
    /// 2 GiB (11 ns a pair; 29 without it).
    fn alloc_light(&self) -> usize {
        let cache = local::cache_at(self.near);
        let address = if cache.enter_light(self.address()) {
            // SAFETY: as in `alloc_fast`.
            unsafe { cache.pop_intact() }
        } else {
            0
        };
        cache.leave();
        address
    }

    #[cold]
    #[inline(never)]
    pub(super) fn alloc_slow(&self) -> Result<usize, Error> {
        let address = self.alloc_light();
        if address != 0 {
            return Ok(address);
        }
        match self.alloc_unlocked()? {
            Some(address) => Ok(address),
            None => self.lock()?.alloc(),
        }
    }

    /// An object from the cache or the shards, if there is one.
    pub(crate) fn alloc_unlocked(&self) -> Result<Option<usize>, Error> {
        loop {
            match self.with_cache(pop_or_exchange) {
                Some(Popped::Slot(address)) => return Ok(Some(address)),
                Some(Popped::Suspect(round)) => self.judge(round)?,
                Some(Popped::Empty) | None => return Ok(None),
            }
        }
    }

    /// A popped round did not fit its slot: finds out why, and drops it.
    pub(super) fn judge(&self, round: Round) -> Result<(), Error> {
        let mut at = self.lock()?;
        let (error, address) = at.judge(round);
        drop(at);
        self.misused(error, address);
        Ok(())
    }
}

/// Pops from the loaded magazine, the previous one, or one from the shards.
pub(super) fn pop_or_exchange(cache: &Cache, shared: &Shared) -> Popped {
    loop {
        // SAFETY: called in a busy section with a valid token (`with_cache`).
        match unsafe { cache.pop() } {
            Popped::Empty if load_rounds(cache, shared) => {}
            other => return other,
        }
    }
}

/// As [`pop_or_exchange`], as many as there are; returns how many, and a round
/// that did not fit its slot.
pub(super) fn pop_run(cache: &Cache, shared: &Shared, out: &mut [usize]) -> (usize, Popped) {
    let mut done = 0;
    loop {
        // SAFETY: called in a busy section with a valid token (`with_cache`).
        done += unsafe { cache.pop_run(&mut out[done..]) };
        if done == out.len() {
            return (done, Popped::Empty);
        }
        match pop_or_exchange(cache, shared) {
            Popped::Slot(address) => out[done] = address,
            other => return (done, other),
        }
        done += 1;
    }
}

/// Puts a magazine with rounds on top of an empty one; whether there was any.
fn load_rounds(cache: &Cache, shared: &Shared) -> bool {
    // SAFETY: called in a busy section with a valid token.
    let swapped = unsafe { cache.swap_for_rounds() };
    swapped || exchange_for_rounds(cache, shared)
}

/// Exchanges an empty magazine for a full one at the shards. Both magazines of
/// the cache are empty.
fn exchange_for_rounds(cache: &Cache, shared: &Shared) -> bool {
    if pace::asks(shared, cache.refills.get()) {
        return false;
    }
    let swap = |empty| {
        let got = shared.shards.exchange_for_rounds(cache.home, empty, local::may_steal())?;
        cache.steals.add(u64::from(got.stolen));
        Ok(got.magazine)
    };
    // SAFETY: in a busy section with a valid token.
    let done = unsafe { cache.exchange(swap) };
    cache.exchanges.add(u64::from(done));
    cache.refills.add(u64::from(done));
    done
}

impl Locked<'_> {
    /// As [`Locked::grant`]; a refusal is a failed allocation.
    fn alloc(&mut self) -> Result<usize, Error> {
        self.grant(Urgency::Ordinary).inspect_err(|_| self.failed_allocs += 1)
    }

    /// An object's address.
    pub(super) fn grant(&mut self, urgency: Urgency) -> Result<usize, Error> {
        let cache = self.attach(local::visits_to_alloc());
        self.grant_through(cache, urgency)
    }

    /// As [`Locked::grant`], by way of this cache.
    pub(super) fn grant_through(
        &mut self,
        cache: Option<&Cache>,
        urgency: Urgency,
    ) -> Result<usize, Error> {
        loop {
            let got = match cache {
                Some(cache) if !self.tight => self.pop_from_cache(cache),
                _ => self.pop_from_depot(),
            };
            let got = match got {
                Err(Error::Exhausted) if urgency == Urgency::Critical => self.pop_from_reserve(),
                got => got,
            };
            match got? {
                Popped::Slot(address) => return Ok(address),
                Popped::Empty => {} // Became tight on the way.
                Popped::Suspect(round) => self.drop_suspect(round),
            }
        }
    }

    /// Drops a round that does not fit its slot, and counts why.
    pub(super) fn drop_suspect(&mut self, round: Round) {
        let (error, _) = self.judge(round);
        self.pool.misuse.count(error);
    }

    /// The calling thread's own cache, filled from the depot if it is empty.
    pub(super) fn pop_from_cache(&mut self, cache: &Cache) -> Result<Popped, Error> {
        cache.open();
        loop {
            // SAFETY: the lock is held, and the cache is the calling thread's own.
            let popped = unsafe { cache.pop() };
            if !matches!(popped, Popped::Empty) {
                return Ok(popped);
            }
            // SAFETY: as above.
            if unsafe { cache.swap_for_rounds() } {
                continue;
            }
            self.supply()?;
            if self.tight {
                return Ok(Popped::Empty);
            }
            self.grow_if_asked(cache);
            self.refill(cache);
        }
    }

    /// Swaps an empty magazine of the thread's own cache for one of the depot's.
    fn refill(&mut self, cache: &Cache) {
        self.help_thread();
        let shared = self.shared();
        let depot = &mut self.depot;
        // SAFETY: the lock is held, and the cache is the calling thread's own.
        if unsafe { cache.exchange(|empty| depot.swap_for_rounds(empty)) } {
            cache.refills.add(1);
        }
        depot.lend_empty(&shared.shards, cache.home);
        self.note_high_water();
    }

    pub(super) fn pop_from_depot(&mut self) -> Result<Popped, Error> {
        self.supply()?;
        let Some(round) = self.depot.pop() else { return Ok(Popped::Empty) };
        self.note_high_water();
        Ok(self.make_live(round))
    }

    /// Turns a round into an object, if it fits its slot.
    pub(super) fn make_live(&mut self, round: Round) -> Popped {
        let geometry = self.slab.geometry();
        let address = geometry.address_in(round);
        if !self.slab.is_intact(round) {
            return Popped::Suspect(round);
        }
        // SAFETY: `is_intact` made sure that the slot is carved.
        // ORDERING: the object is the caller's alone now.
        unsafe { word(address) }.store(live_mark(geometry.key(round)), Relaxed);
        self.direct_allocs += 1;
        Popped::Slot(address)
    }

    /// Why a round does not fit its slot's word. The caller took the round out of
    /// its magazine and drops it.
    ///
    /// If the slot's word is the key of another round of the slot, or the mark
    /// of an object just allocated, or the slot stands in another place too, it was
    /// freed twice at once, and this round is the extra one. Otherwise somebody
    /// wrote to the free object, and the slot is set aside: an object that was
    /// freed twice, allocated again and written to looks the same.
    fn judge(&mut self, round: Round) -> (Error, usize) {
        let geometry = self.slab.geometry();
        let (index, address) = (geometry.index_in(round), geometry.address_in(round));
        if index >= self.slab.carved() {
            return (Error::Corrupt, address);
        }
        self.revoke_all();
        // SAFETY: carved, checked above.
        // ORDERING: a word that misuse may change at any time.
        let seen = unsafe { word(address) }.load(Relaxed);
        // (A trim that made it a hole since the round was popped removed it, too.)
        let freed_twice = self.shared().holes.contains(index)
            || geometry.is_key(seen, address)
            || geometry.is_key(live_mark(seen), address)
            || self.has_round_of(index);
        if !freed_twice {
            self.set_aside(index);
        }
        self.reopen_all();
        (if freed_twice { Error::DoubleFree } else { Error::Corrupt }, address)
    }

    /// Takes a slot out of circulation. All caches are revoked.
    fn set_aside(&mut self, index: u32) {
        let aside = &self.shared().aside;
        // Without memory for the set the slot is lost all the same; only a free
        // of it would go unnoticed.
        if aside.prepare(self.slab.limit()).is_ok() {
            aside.add(index);
        }
        self.lost += 1;
        self.publish_carved();
    }

    /// Whether a round of this slot is in any magazine, shard or the depot.
    pub(super) fn holds_round_of(&mut self, index: u32) -> bool {
        self.revoke_all();
        let found = self.has_round_of(index);
        self.reopen_all();
        found
    }

    /// As [`Locked::holds_round_of`], with all caches revoked.
    fn has_round_of(&mut self, index: u32) -> bool {
        let geometry = self.slab.geometry();
        let mut found = false;
        self.see_all_rounds(|round| found |= geometry.index_in(round) == index);
        found
    }
}
