//! Freeing: the fast path, and what happens when the magazines are full, the
//! cache was revoked, or the pointer is no live object.

#![allow(unsafe_code, reason = "gives rounds to caches and touches slots' words")]

use super::{pace, registry, Locked, Pool, Shared};
use crate::cache::{Cache, Pushed};
use crate::error::Error;
use crate::local::{self, VISITS_TO_FREE};
use crate::slab::{word, Geometry};
use crate::sync::Relaxed;

impl Pool {
    /// Takes the object at `address` back.
    #[inline(always)]
    pub(crate) fn free(&self, address: usize) -> Result<(), Error> {
        if self.free_fast(address) {
            Ok(())
        } else {
            self.free_slow(address)
        }
    }

    /// Takes the object into the loaded magazine, if it is plainly a live one and
    /// there is room.
    #[inline(always)]
    fn free_fast(&self, address: usize) -> bool {
        let cache = local::cache_at(self.near);
        let done = cache.enter_fast(self.address()) && {
            // ORDERING: see `publish_carved`.
            let bound = self.bound.load(Relaxed);
            // SAFETY: the section is busy and the cache bears the token, so the
            // magazines are ours and the slab is mapped.
            matches!(unsafe { cache.push_fast(address, bound) }, Pushed::Done)
        };
        cache.leave();
        done
    }

    /// As [`Pool::free_fast`] for any unit of rounds; see `alloc_light`.
    fn free_light(&self, address: usize) -> bool {
        let cache = local::cache_at(self.near);
        let done = cache.enter_light(self.address()) && {
            // ORDERING: see `publish_carved`.
            let bound = self.bound.load(Relaxed);
            // SAFETY: as in `free_fast`.
            matches!(unsafe { cache.push(address, bound) }, Pushed::Done)
        };
        cache.leave();
        done
    }

    #[cold]
    #[inline(never)]
    pub(super) fn free_slow(&self, address: usize) -> Result<(), Error> {
        if address == 0 {
            return Err(self.misused(Error::Null, 0));
        }
        if self.free_light(address) {
            return Ok(());
        }
        let pushed = self.with_cache(|cache, shared| self.push_or_exchange(cache, shared, address));
        match pushed {
            Some(Pushed::Done) => Ok(()),
            _ => self.lock().and_then(|mut at| at.free(address, true)).map_err(|error| {
                let error = refine(error, self, address);
                self.misused(error, address)
            }),
        }
    }

    /// Whether there is plainly a live object at `address`. Called in a busy section with a
    /// valid token (`with_cache`).
    pub(super) fn is_plain(&self, cache: &Cache, shared: &Shared, address: usize) -> bool {
        // ORDERING: see `publish_carved`.
        let carved = self.carved.load(Relaxed);
        // SAFETY: no pool ends while a thread is in a busy section.
        unsafe { is_plain(cache.geometry(), carved, shared, address) }
    }

    /// Takes the object back past the caller's magazines. The address is within
    /// this pool's slots.
    pub(super) fn release(&self, mut at: Locked<'_>, address: usize) -> Result<(), Error> {
        let freed = at.free(address, false);
        drop(at);
        freed.map_err(|error| self.misused(error, address))
    }

    /// Pushes to the loaded magazine, the previous one, or one from the shards.
    pub(super) fn push_or_exchange(
        &self,
        cache: &Cache,
        shared: &Shared,
        address: usize,
    ) -> Pushed {
        // ORDERING: see `publish_carved`.
        let carved = self.carved.load(Relaxed);
        let index = cache.geometry().index_of(address);
        if index < u64::from(carved) && shared.is_out(index as u32) {
            return Pushed::Odd;
        }
        loop {
            // SAFETY: called in a busy section with a valid token (`with_cache`).
            match unsafe { cache.push(address, carved) } {
                Pushed::Full => {
                    // SAFETY: as above.
                    if !unsafe { cache.swap_for_room() } && !exchange_for_room(cache, shared) {
                        return Pushed::Full;
                    }
                }
                other => return other,
            }
        }
    }

    /// As [`Pool::push_or_exchange`], up to the first that is odd or has no room;
    /// returns how many.
    pub(super) fn push_run(&self, cache: &Cache, shared: &Shared, objects: &[usize]) -> usize {
        let mut done = 0;
        while done < objects.len() {
            // ORDERING: see `publish_carved`.
            let bound = self.bound.load(Relaxed);
            // SAFETY: called in a busy section with a valid token (`with_cache`).
            done += unsafe { cache.push_run(&objects[done..], bound) };
            match objects.get(done) {
                Some(&next) if self.push_one(cache, shared, next) => done += 1,
                _ => break,
            }
        }
        done
    }

    fn push_one(&self, cache: &Cache, shared: &Shared, address: usize) -> bool {
        matches!(self.push_or_exchange(cache, shared, address), Pushed::Done)
    }
}

/// Exchanges a full magazine for an empty one at the shards. Both magazines of
/// the cache are full.
fn exchange_for_room(cache: &Cache, shared: &Shared) -> bool {
    if pace::asks(shared, cache.flushes.get()) {
        return false;
    }
    let swap = |full| {
        let got = shared.shards.exchange_for_room(cache.home, full, local::may_steal())?;
        cache.steals.add(u64::from(got.stolen));
        Ok(got.magazine)
    };
    // SAFETY: in a busy section with a valid token.
    let done = unsafe { cache.exchange(swap) };
    cache.exchanges.add(u64::from(done));
    cache.flushes.add(u64::from(done));
    done
}

/// An address outside the pool may be an object of another one. Takes the
/// registry's lock, so no pool's lock may be held.
pub(super) fn refine(error: Error, pool: &Pool, address: usize) -> Error {
    match error {
        Error::Foreign if registry::owner_of(address).is_some_and(|p| !std::ptr::eq(p, pool)) => {
            Error::WrongPool
        }
        other => other,
    }
}

/// Whether one of the first `carved` slots begins at `address` and is plainly live.
///
/// # Safety
/// The pool cannot end meanwhile, and `carved` is or was its number of carved slots.
unsafe fn is_plain(geometry: &Geometry, carved: u32, shared: &Shared, address: usize) -> bool {
    let index = geometry.index_of(address);
    if index >= u64::from(carved) || shared.is_out(index as u32) {
        return false;
    }
    // SAFETY: carved, checked above; the caller's promise keeps the slab mapped.
    // ORDERING: the object is the caller's (or this is misuse).
    let seen = unsafe { word(address) }.load(Relaxed);
    !geometry.is_key(seen, address)
}

impl Locked<'_> {
    /// Takes an object back, into the thread's own cache if `use_cache`.
    pub(super) fn free(&mut self, address: usize, use_cache: bool) -> Result<(), Error> {
        self.demand_live(address)?;
        let cache = if use_cache { self.attach(VISITS_TO_FREE) } else { None };
        self.put_back(cache, address);
        Ok(())
    }

    /// Takes an object back that is plainly live, by way of this cache.
    pub(super) fn put_back(&mut self, cache: Option<&Cache>, address: usize) {
        match cache {
            Some(cache) if !self.tight && self.push_to_cache(cache, address) => {}
            _ => self.push_to_depot(address),
        }
        self.relax();
    }

    /// Whether a slot begins at `address` that is plainly live.
    pub(super) fn is_plain(&self, address: usize) -> bool {
        // SAFETY: the lock is held.
        unsafe { is_plain(&self.slab.geometry(), self.slab.carved(), self.shared(), address) }
    }

    /// Makes sure that a live object is at `address`, or says what is wrong.
    pub(super) fn demand_live(&mut self, address: usize) -> Result<(), Error> {
        if self.is_plain(address) {
            return Ok(());
        }
        let index = self.slab.geometry().index_of(address);
        if index >= u64::from(self.slab.carved()) {
            let inside = self.slab.span().contains(&address);
            let at_start = index < u64::from(self.slab.limit());
            return Err(if inside && !at_start { Error::Interior } else { Error::Foreign });
        }
        let index = index as u32;
        // Out of circulation, or its word is a key. A user's data may hold the same
        // bits: only the search is proof.
        if self.shared().is_out(index) || self.holds_round_of(index) {
            return Err(Error::DoubleFree);
        }
        Ok(())
    }

    /// Pushes to the thread's own cache, flushing a magazine if both are full.
    pub(super) fn push_to_cache(&mut self, cache: &Cache, address: usize) -> bool {
        cache.open();
        loop {
            // SAFETY: the lock is held, and the cache is the calling thread's own;
            // `demand_live` made sure of the slot.
            match unsafe { cache.push(address, self.slab.carved()) } {
                Pushed::Done => return true,
                Pushed::Odd => return false,
                // SAFETY: as above.
                Pushed::Full if unsafe { cache.swap_for_room() } => {}
                Pushed::Full if self.grow_if_asked(cache) || self.flush_magazine(cache) => {}
                Pushed::Full => return false,
            }
        }
    }

    /// Swaps a full magazine of the thread's own cache for one with room.
    fn flush_magazine(&mut self, cache: &Cache) -> bool {
        self.help_thread();
        let (state, shared) = self.parts();
        let swap = |full| state.depot.swap_for_room(full, &shared.shards);
        // SAFETY: the lock is held, and the cache is the calling thread's own.
        let done = unsafe { cache.exchange(swap) };
        cache.flushes.add(u64::from(done));
        state.depot.lend_empty(&shared.shards, cache.home);
        done
    }

    pub(super) fn push_to_depot(&mut self, address: usize) {
        let (state, shared) = self.parts();
        let geometry = state.slab.geometry();
        let round = geometry.round_at(address, 0);
        // SAFETY: the caller made sure that the slot is carved.
        // ORDERING: published with the round, by the lock.
        unsafe { word(address) }.store(geometry.key(round), Relaxed);
        state.put_in_depot(round, shared);
    }
}
