//! snmalloc as its crate builds it, by the functions it has for Rust: they take the size
//! and so find the size class without a look-up. Threads need no set-up.

#![allow(unsafe_code, reason = "calls snmalloc")]

use super::allocator::{Allocator, Functions};
use std::ffi::c_void;

pub(crate) type Snmalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls;

/// What `malloc` promises.
#[cfg(feature = "snmalloc")]
const ALIGNMENT: usize = 16;

#[cfg(feature = "snmalloc")]
impl Functions for Calls {
    const NAME: &'static str = "snmalloc";

    fn version() -> String {
        // It has no function that tells; this is the crate's, which follows its own.
        "0.7.6".to_owned()
    }

    fn load() -> Result<Self, String> {
        Ok(Self)
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: the alignment is a power of two.
        unsafe { snmalloc_sys::sn_rust_alloc(ALIGNMENT, bytes) }
    }

    unsafe fn release(self, block: *mut c_void, bytes: usize) {
        // SAFETY: the caller had it from `sn_rust_alloc` for the same size and alignment.
        unsafe { snmalloc_sys::sn_rust_dealloc(block, ALIGNMENT, bytes) };
    }
}

/// It takes a C++ compiler to build, so it has a feature of its own.
#[cfg(not(feature = "snmalloc"))]
impl Functions for Calls {
    const NAME: &'static str = "snmalloc";

    fn version() -> String {
        "none".to_owned()
    }

    fn load() -> Result<Self, String> {
        Err("not built: needs g++ (apt-get install g++) and --features snmalloc".to_owned())
    }

    fn allocate(self, _bytes: usize) -> *mut c_void {
        unreachable!("load has failed")
    }

    unsafe fn release(self, _block: *mut c_void, _bytes: usize) {
        unreachable!("load has failed")
    }
}
