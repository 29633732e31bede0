//! `include/pool_inline.h` lays open where the fast path finds its words. Whoever moves one
//! must make it layout 2, in the header, here, and in the exported name.

#![forbid(unsafe_code)]

use super::sys::*;
use crate::cache::layout as cache;
use crate::magazine::layout as magazine;
use core::mem::{offset_of, size_of};

macro_rules! same_place {
    ($($theirs:ident.$field:ident == $ours:expr;)*) => {
        $(const _: () = assert!(offset_of!($theirs, $field) == $ours);)*
    };
}

same_place! {
    pool_inline_cache_t.token == cache::TOKEN;
    pool_inline_cache_t.busy == cache::BUSY;
    pool_inline_cache_t.stamp == cache::STAMP;
    pool_inline_cache_t.loaded == cache::LOADED;
    pool_inline_cache_t.base == cache::GEOMETRY + crate::slab::layout::BASE;
    pool_inline_cache_t.inverse == cache::GEOMETRY + crate::slab::layout::INVERSE;
    pool_inline_cache_t.secret == cache::GEOMETRY + crate::slab::layout::SECRET;
    pool_inline_cache_t.stride == cache::GEOMETRY + crate::slab::layout::STRIDE;
    pool_inline_cache_t.place_mask == cache::GEOMETRY + crate::slab::layout::PLACE_MASK;
    pool_inline_cache_t.twos == cache::GEOMETRY + crate::slab::layout::TWOS;
    pool_inline_cache_t.unit == cache::GEOMETRY + crate::slab::layout::UNIT;
    pool_inline_magazine_t.fill == magazine::FILL;
    pool_inline_magazine_t.capacity == magazine::CAPACITY;
    pool_inline_magazine_t.racked == magazine::RACKED;
}

const _: () = assert!(size_of::<pool_inline_magazine_t>() == magazine::ROUNDS);
const _: () = assert!(POOL_INLINE_SLOW as usize == cache::SLOW);
const _: () = assert!(POOL_INLINE_LEN_MASK == magazine::LEN_MASK);
const _: () = assert!(POOL_INLINE_TAKEN as u64 == magazine::TAKEN);
const _: () = assert!(crate::pool::BOUND_AT == 0);
