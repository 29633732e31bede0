//! magpool by explicit caches, one a thread: called in the shared library, or with the fast
//! path of `pool_inline.h` in the loop.

#![allow(unsafe_code, reason = "calls the C library, and does what its inline header does")]

use super::magpool_c::{Handle, MagpoolC};
use super::magpool_inline as inline;
use crate::peer::{Kind, Local, Peer, Pointer, Setup};
use std::ptr::{null_mut, NonNull};

pub(crate) struct MagpoolCache<const INLINE: bool>(MagpoolC);

impl<const INLINE: bool> Peer for MagpoolCache<INLINE> {
    const NAME: &'static str = if INLINE { "magpool-inline" } else { "magpool-cache" };
    const KIND: Kind = Kind::Magpool;
    const BOUNDED: bool = true;
    type Object = Pointer;
    type Local<'a> = Cache<'a, INLINE>;

    fn version() -> String {
        MagpoolC::version()
    }

    fn create(setup: &Setup) -> Result<Self, String> {
        MagpoolC::create(setup).map(Self)
    }

    fn local(&self) -> Cache<'_, INLINE> {
        let mut cache = null_mut();
        // SAFETY: the pool lives as long as its peer; the handle goes to a place of this call.
        let status = unsafe { (self.0.api.cache_create)(self.0.pool, &raw mut cache) };
        assert_eq!(status, 0, "pool_cache_create");
        Cache { peer: &self.0, cache }
    }
}

pub(crate) struct Cache<'a, const INLINE: bool> {
    peer: &'a MagpoolC,
    cache: Handle,
}

impl<const INLINE: bool> Drop for Cache<'_, INLINE> {
    fn drop(&mut self) {
        // SAFETY: this value's, and not used again.
        unsafe { (self.peer.api.cache_destroy)(self.cache) };
    }
}

impl<const INLINE: bool> Local for Cache<'_, INLINE> {
    type Object = Pointer;

    #[inline(always)]
    fn alloc(&mut self) -> Option<Pointer> {
        if INLINE {
            // SAFETY: the cache is this thread's, and the library has the header's layout:
            // it was opened only with the symbol that says so.
            if let Some(object) = unsafe { inline::alloc(self.cache.cast()) } {
                return Some(Pointer(object));
            }
        }
        // SAFETY: the cache is this thread's.
        NonNull::new(unsafe { (self.peer.api.cache_alloc)(self.cache) }).map(Pointer)
    }

    #[inline(always)]
    fn free(&mut self, object: Pointer) {
        // SAFETY: as in `alloc`.
        if INLINE && unsafe { inline::free(self.cache.cast(), object.0) } {
            return;
        }
        // SAFETY: the pool checks whatever it is given.
        unsafe { (self.peer.api.cache_free)(self.cache, object.0.as_ptr()) };
    }

    #[inline(always)]
    fn bytes(object: &mut Pointer) -> *mut u8 {
        object.0.as_ptr()
    }
}
