//! Who owns a cache's memory: its pool, and after the pool's end the thread that still
//! points to it, or whoever has the handle.

#![allow(unsafe_code, reason = "memory that two may hold, and the last one frees")]

use super::{idle, Cache};
use crate::error::Error;
use crate::magazine::Magazine;
use crate::slab::Geometry;
use crate::sync::{order, plain, Bug, Release};
use crate::sys::heap;
use std::alloc::Layout;
use std::ptr::NonNull;

/// Whose a cache is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A thread's, which finds it in its table.
    Thread,
    /// Of whoever has the handle.
    Handle,
}

/// The pool's ownership of a cache. Dropped (under the depot's lock, with the
/// cache revoked) when the pool ends; an owner that still points to the cache
/// then gives it back.
pub(crate) struct CacheBox(NonNull<Cache>);

// SAFETY: `Cache` is Sync, and its memory is bound to no thread.
unsafe impl Send for CacheBox {}
// SAFETY: as above.
unsafe impl Sync for CacheBox {}

impl CacheBox {
    pub(crate) fn new(
        geometry: Geometry,
        pair: impl FnOnce() -> Result<[Magazine; 2], Error>,
        number: u32,
        home: usize,
        pool: usize,
        owner: Owner,
    ) -> Result<CacheBox, Error> {
        let used = if owner == Owner::Handle { idle::take() } else { None };
        let memory = match used {
            Some(memory) => memory,
            None => heap::allocate(Layout::new::<Cache>())?.cast::<Cache>(),
        };
        let [loaded, previous] = pair().inspect_err(|_| match used {
            // SAFETY: it is nobody's, and still the cache that it was.
            Some(memory) => idle::recycle(unsafe { memory.as_ref() }),
            // SAFETY: just allocated with this layout.
            None => unsafe { heap::release(memory.cast(), Layout::new::<Cache>()) },
        })?;
        let mut cache = Cache::new(geometry, loaded.into_raw(), previous.into_raw());
        cache.stamp = geometry.stamp(number);
        cache.home = home;
        cache.owner = owner;
        cache.pool = plain::AtomicUsize::new(pool);
        // SAFETY: memory of the right size and alignment, which nobody uses.
        unsafe { memory.write(cache) };
        Ok(CacheBox(memory))
    }

    pub(crate) fn get(&self) -> NonNull<Cache> {
        self.0
    }

    /// Gives up ownership, to be taken again by [`CacheBox::from_raw`].
    pub(super) fn into_raw(self) -> NonNull<Cache> {
        let cache = self.0;
        std::mem::forget(self);
        cache
    }

    /// # Safety
    /// `cache` came from [`CacheBox::into_raw`] and has no other owner.
    pub(super) unsafe fn from_raw(cache: NonNull<Cache>) -> CacheBox {
        CacheBox(cache)
    }
}

impl std::ops::Deref for CacheBox {
    type Target = Cache;

    fn deref(&self) -> &Cache {
        // SAFETY: the memory is freed only after this owner is gone.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for CacheBox {
    fn drop(&mut self) {
        self.watch.touch();
        // SAFETY: the pool revoked the cache; its magazines are the pool's.
        unsafe {
            drop(Magazine::from_raw(*self.loaded.get()));
            drop(Magazine::from_raw(*self.previous.get()));
        }
        if self.is_held() {
            // ORDERING: pairs with the Acquire in `is_detached`. The last touch.
            self.detached.store(true, order(Release, Bug::DetachRelaxed));
        } else if self.owner == Owner::Handle {
            idle::recycle(self);
        } else {
            // SAFETY: no thread points here, and the pool forgets it now.
            unsafe { free(self.0) };
        }
    }
}

/// Frees a cache's memory.
///
/// # Safety
/// The pool's `CacheBox` is gone, and the caller's is the last pointer.
pub(crate) unsafe fn free(cache: NonNull<Cache>) {
    // SAFETY: the caller's promise: it is still there.
    unsafe { cache.as_ref() }.watch.touch();
    // SAFETY: allocated by `CacheBox::new` with this layout.
    unsafe { heap::release(cache.cast(), Layout::new::<Cache>()) };
}
