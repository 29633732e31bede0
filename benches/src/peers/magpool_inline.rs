//! `include/pool_inline.h`, statement by statement: a loop in Rust cannot have a function of a C
//! header compiled into it. (`make bench-pair` measures the header itself.)

#![allow(unsafe_code, reason = "does what the inline header does")]

use std::ptr::NonNull;
use std::sync::atomic::{compiler_fence, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// `pool_inline_magazine_t`.
#[repr(C)]
struct Magazine {
    next: usize,
    fill: u64,
    capacity: u32,
    racked: bool,
}

/// `pool_inline_cache_t`.
#[repr(C)]
pub(super) struct Cache {
    token: AtomicUsize,
    busy: AtomicU32,
    stamp: u32,
    loaded: *mut Magazine,
    base: usize,
    inverse: u64,
    secret: u64,
    stride: u32,
    place_mask: u32,
    twos: u32,
    unit: u32,
}

const SLOW: usize = 1;
const UNIT: usize = 8;
const LEN_MASK: u64 = 65535;
const TAKEN: u64 = 65535;

/// # Safety
/// The cache is the calling thread's, of a library with this layout.
#[inline(always)]
unsafe fn enter(cache: *mut Cache) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        // ORDERING: the header's: the revoker's barrier orders this before the load.
        (*cache).busy.store(1, Ordering::Relaxed);
        // ORDERING: the compiler alone.
        compiler_fence(Ordering::SeqCst);
        // ORDERING: pairs with the library's store of the token.
        (*cache).token.load(Ordering::Acquire)
    }
}

/// # Safety
/// As for [`enter`].
#[inline(always)]
unsafe fn leave(cache: *mut Cache) {
    // SAFETY: the caller's promise.
    // ORDERING: pairs with the revoker's load.
    unsafe { (*cache).busy.store(0, Ordering::Release) };
}

/// # Safety
/// As for [`enter`].
#[inline(always)]
pub(super) unsafe fn alloc(cache: *mut Cache) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise; inside a busy section the magazine is the caller's.
    unsafe {
        let object = if enter(cache) & SLOW == 0 { pop(cache) } else { None };
        leave(cache);
        object
    }
}

/// # Safety
/// In a busy section of the cache.
#[inline(always)]
unsafe fn pop(cache: *mut Cache) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise: rounds below the length stand for slots.
    unsafe {
        let magazine = (*cache).loaded;
        let fill = (*magazine).fill;
        let len = fill & LEN_MASK;
        if len == 0 {
            return None;
        }
        let round = *magazine.add(1).cast::<u32>().add(len as usize - 1);
        let offset = (round & (*cache).place_mask) as usize * UNIT;
        let object = std::ptr::with_exposed_provenance_mut::<u8>((*cache).base + offset);
        let word = AtomicU64::from_ptr(object.cast());
        // ORDERING: the slot is this cache's.
        let key = word.load(Ordering::Relaxed);
        if key != (*cache).secret ^ u64::from(round) {
            return None;
        }
        (*magazine).fill = fill + TAKEN;
        // ORDERING: the object is the caller's.
        word.store(!key, Ordering::Relaxed);
        NonNull::new(object)
    }
}

/// Whether the cache took the object.
///
/// # Safety
/// As for [`enter`].
#[inline(always)]
pub(super) unsafe fn free(cache: *mut Cache, object: NonNull<u8>) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let token = enter(cache);
        let done = token & SLOW == 0 && push(cache, token, object.as_ptr());
        leave(cache);
        done
    }
}

/// # Safety
/// In a busy section of the cache, whose token this is.
#[inline(always)]
unsafe fn push(cache: *mut Cache, pool: usize, object: *mut u8) -> bool {
    // SAFETY: the caller's promise; what is read of the object lies in a slot once the bound
    // is known to be kept.
    unsafe {
        let bound = std::ptr::with_exposed_provenance_mut(pool);
        // ORDERING: whoever has an object sees a bound above it.
        let bound = AtomicU32::from_ptr(bound).load(Ordering::Relaxed);
        let offset = (object.addr() - (*cache).base) as u64;
        let odd = offset.rotate_right((*cache).twos);
        if odd.wrapping_mul((*cache).inverse) >= u64::from(bound) {
            return false;
        }
        // ORDERING: the object is the caller's.
        let tail = AtomicU32::from_ptr(object.add(4).cast()).load(Ordering::Relaxed);
        if tail == ((*cache).secret >> 32) as u32 {
            return false;
        }
        let magazine = (*cache).loaded;
        let fill = (*magazine).fill;
        let len = fill & LEN_MASK;
        if len as u32 == (*magazine).capacity {
            return false;
        }
        let round = (offset / UNIT as u64) as u32 | (*cache).stamp;
        *magazine.add(1).cast::<u32>().add(len as usize) = round;
        let key = (*cache).secret ^ u64::from(round);
        // ORDERING: published with the round.
        AtomicU64::from_ptr(object.cast()).store(key, Ordering::Relaxed);
        (*magazine).fill = fill + 1;
        true
    }
}
