//! Explicit caches: what a thread has without asking, for whoever holds a handle (an event
//! loop, a coroutine, an isolate that hops threads). The same magazines, exchanges and
//! revocation; one user at a time, whichever thread that is.
//!
//! A cache whose handle was destroyed waits in its pool's list for the next handle; one whose
//! pool has ended is its holder's until that one destroys it.

#![allow(unsafe_code, reason = "takes rounds from caches and gives them back")]

use super::alloc::pop_or_exchange;
use super::free::refine;
use super::queue::Urgency;
use super::{registry, Locked, Pool, Shared};
use crate::cache::{self, Cache, Owner, Popped, Pushed};
use crate::error::Error;
use crate::sync::Relaxed;

impl Pool {
    /// A cache that is the caller's until [`destroy`].
    pub(crate) fn explicit_cache(&self) -> Result<&Cache, Error> {
        let mut at = self.lock()?;
        let shared = at.shared();
        let waiting = shared.of_handles.iter().find(|cache| !cache.is_held());
        let cache = match waiting {
            Some(cache) => cache,
            None => shared.of_handles.add(at.new_cache(shared, Owner::Handle)?),
        };
        at.unpark(cache);
        Ok(cache)
    }
}

/// An object's address.
#[inline(always)]
pub(crate) fn alloc(cache: &Cache) -> Result<usize, Error> {
    match alloc_fast(cache) {
        0 => alloc_slow(cache),
        address => Ok(address),
    }
}

/// An object's address, or 0 for whatever reason. See `Pool::alloc_or_zero`.
#[inline(always)]
pub(crate) fn alloc_or_zero(cache: &Cache) -> usize {
    match alloc_fast(cache) {
        0 => alloc_slow_or_zero(cache),
        address => address,
    }
}

#[inline(always)]
fn alloc_fast(cache: &Cache) -> usize {
    let address = match cache.enter_own() {
        // SAFETY: the section is busy and the cache bears a token, so the magazines
        // are ours and the slab is mapped.
        Some(_) => unsafe { cache.pop_fast() },
        None => 0,
    };
    cache.leave();
    address
}

/// As [`alloc_fast`] for any unit of rounds: what is fast for slabs above 2 GiB.
fn alloc_light(cache: &Cache, pool: &Pool) -> usize {
    let address = if cache.enter_light(pool.address()) {
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
fn alloc_slow_or_zero(cache: &Cache) -> usize {
    alloc_slow(cache).unwrap_or(0)
}

#[cold]
#[inline(never)]
fn alloc_slow(cache: &Cache) -> Result<usize, Error> {
    let pool = pool_of(cache)?;
    let address = alloc_light(cache, pool);
    if address != 0 {
        return Ok(address);
    }
    loop {
        match within(cache, pool, pop_or_exchange) {
            Some(Popped::Slot(address)) => return Ok(address),
            Some(Popped::Suspect(round)) => pool.judge(round)?,
            Some(Popped::Empty) | None => break,
        }
    }
    let mut at = lock(cache, pool)?;
    at.grant_through(Some(cache), Urgency::Ordinary).inspect_err(|_| at.failed_allocs += 1)
}

/// Takes the object at `address` back.
#[inline(always)]
pub(crate) fn free(cache: &Cache, address: usize) -> Result<(), Error> {
    if free_fast(cache, address) {
        Ok(())
    } else {
        free_slow(cache, address)
    }
}

#[inline(always)]
fn free_fast(cache: &Cache, address: usize) -> bool {
    let header = cache.enter_own().and_then(registry::header_at);
    let done = header.is_some_and(|pool| {
        // ORDERING: see `publish_carved`.
        let bound = pool.bound.load(Relaxed);
        // SAFETY: as in `alloc_fast`.
        matches!(unsafe { cache.push_fast(address, bound) }, Pushed::Done)
    });
    cache.leave();
    done
}

/// As [`free_fast`] for any unit of rounds.
fn free_light(cache: &Cache, pool: &Pool, address: usize) -> bool {
    let done = cache.enter_light(pool.address()) && {
        // ORDERING: see `publish_carved`.
        let bound = pool.bound.load(Relaxed);
        // SAFETY: as in `alloc_fast`.
        matches!(unsafe { cache.push(address, bound) }, Pushed::Done)
    };
    cache.leave();
    done
}

#[cold]
#[inline(never)]
fn free_slow(cache: &Cache, address: usize) -> Result<(), Error> {
    let pool = pool_of(cache)?;
    if address == 0 {
        drop(lock(cache, pool)?); // Not at a pool that the handle has nothing to do with.
        return Err(pool.misused(Error::Null, 0));
    }
    if free_light(cache, pool, address) {
        return Ok(());
    }
    let push = |cache: &Cache, shared: &Shared| pool.push_or_exchange(cache, shared, address);
    if let Some(Pushed::Done) = within(cache, pool, push) {
        return Ok(());
    }
    let mut at = lock(cache, pool)?;
    let freed = at.demand_live(address).map(|()| at.put_back(Some(cache), address));
    drop(at);
    freed.map_err(|error| pool.misused(refine(error, pool, address), address))
}

/// Gives the cache's rounds to the depot.
pub(crate) fn flush(cache: &Cache) -> Result<(), Error> {
    let mut at = lock(cache, pool_of(cache)?)?;
    at.take_rounds_of(cache);
    at.relax();
    Ok(())
}

/// Ends the caller's hold of the cache; its rounds stay for the next handle.
pub(crate) fn destroy(cache: &Cache) -> Result<(), Error> {
    let pool = pool_of(cache)?;
    match lock(cache, pool) {
        Ok(mut at) => {
            cache.close();
            at.park(cache);
            at.relax();
            Ok(())
        }
        Err(Error::Busy) => Err(Error::Busy),
        Err(error) => pool.let_go(cache).then_some(()).ok_or(error),
    }
}

/// The pool's header, which may be dead, or another pool's by now.
fn pool_of(cache: &Cache) -> Result<&'static Pool, Error> {
    registry::header_at(cache.pool()).ok_or(Error::Destroyed)
}

/// Runs `work` in a busy section of the cache, if that is open.
fn within<R>(cache: &Cache, pool: &Pool, work: impl FnOnce(&Cache, &Shared) -> R) -> Option<R> {
    if !cache.enter(pool.address()) {
        return None;
    }
    // SAFETY: the section is busy and the cache bears this pool's token.
    let result = work(cache, unsafe { pool.shared() });
    cache.leave();
    Some(result)
}

/// The lock of the cache's pool, for whoever has the handle.
fn lock<'a>(cache: &Cache, pool: &'a Pool) -> Result<Locked<'a>, Error> {
    let at = pool.lock()?;
    // Also a handle that was destroyed, and one of an earlier life of the header.
    if cache.pool() != pool.address() || cache.is_detached() || !cache.is_held() {
        return Err(Error::Destroyed);
    }
    if cache.is_busy() {
        return Err(Error::Busy); // Somebody else is inside: two use it at once.
    }
    Ok(at)
}

impl Pool {
    /// Takes the cache of a pool that has ended back from its holder; whether it was one.
    fn let_go(&self, cache: &Cache) -> bool {
        let state = self.state.lock();
        let theirs = cache.is_detached() && cache.pool() == self.address();
        if theirs {
            cache::recycle(cache);
        }
        drop(state);
        theirs
    }
}
