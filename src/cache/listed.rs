//! The caches of a pool that belong to handles, chained through themselves, so that the
//! list needs no memory. Changed and walked under the depot's lock only.

#![allow(unsafe_code, reason = "memory reached by address from a list")]

use super::{Cache, CacheBox};
use crate::sync::plain::AtomicUsize;
use crate::sync::Relaxed;
use std::ptr::NonNull;

/// Owns its caches.
pub(crate) struct Listed(AtomicUsize);

impl Listed {
    pub(crate) const fn new() -> Listed {
        Listed(AtomicUsize::new(0))
    }

    pub(crate) fn add(&self, cache: CacheBox) -> &Cache {
        // ORDERING: guarded by the depot's lock.
        cache.next.store(self.0.load(Relaxed), Relaxed);
        let cache = cache.into_raw();
        // ORDERING: as above.
        self.0.store(cache.as_ptr().expose_provenance(), Relaxed);
        // SAFETY: in the list it lives as long as the list.
        unsafe { cache.as_ref() }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Cache> {
        // ORDERING: guarded by the depot's lock.
        let first = at(self.0.load(Relaxed));
        // SAFETY: caches in the list live as long as the list.
        let first = first.map(|cache| unsafe { cache.as_ref() });
        // ORDERING: as above.
        std::iter::successors(first, |cache| {
            // SAFETY: as above.
            at(cache.next.load(Relaxed)).map(|next| unsafe { next.as_ref() })
        })
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        // ORDERING: the list is this thread's alone.
        let mut next = at(self.0.load(Relaxed));
        while let Some(cache) = next {
            // SAFETY: in the list, so from `into_raw`; and it leaves the list here.
            let cache = unsafe { CacheBox::from_raw(cache) };
            // ORDERING: as above.
            next = at(cache.next.load(Relaxed));
        }
    }
}

fn at(address: usize) -> Option<NonNull<Cache>> {
    NonNull::new(std::ptr::with_exposed_provenance_mut(address))
}
