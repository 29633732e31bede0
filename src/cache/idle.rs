//! Caches of handles that no pool and nobody has. Their memory is never given back, so
//! that a call with a handle that was destroyed finds a cache: a revoked one without a pool, or
//! the next owner's.

#![allow(unsafe_code, reason = "memory reached by address from a list")]

use super::Cache;
use crate::sync::{Relaxed, RwLock, MODELLED};
use std::ptr::NonNull;
use std::sync::RwLockWriteGuard;

/// Address of the first. Locked after everything else; held over a fork, so that the
/// child's list is whole.
static FIRST: RwLock<usize> = RwLock::new(0);

pub(crate) type Held = RwLockWriteGuard<'static, usize>;

pub(crate) fn hold() -> Held {
    FIRST.write()
}

/// Puts a cache here. It is revoked, in no other list, and its magazines are gone.
pub(crate) fn recycle(cache: &Cache) {
    if MODELLED {
        // A model's memory ends with it.
        // SAFETY: in no list and nobody's; a model keeps no handle that it gave back.
        unsafe { super::free(NonNull::from(cache)) };
        return;
    }
    let mut first = hold();
    // ORDERING: revoked already; a stale handle finds no pool from now on.
    cache.pool.store(0, Relaxed);
    // ORDERING: guarded by the lock.
    cache.next.store(*first, Relaxed);
    *first = std::ptr::from_ref(cache).expose_provenance();
}

/// The memory of one, to be written anew.
pub(super) fn take() -> Option<NonNull<Cache>> {
    let mut first = hold();
    let cache = NonNull::new(std::ptr::with_exposed_provenance_mut::<Cache>(*first))?;
    // SAFETY: caches in the list are never freed.
    // ORDERING: guarded by the lock.
    *first = unsafe { cache.as_ref() }.next.load(Relaxed);
    Some(cache)
}
