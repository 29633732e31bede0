//! mimalloc v3, as the crate builds it: no override, no secure mode, its own defaults.
//! Its documentation asks for no set-up of threads and has no batch calls; `mi_free` finds
//! the size itself (`mi_free_size` only checks it).

#![allow(unsafe_code, reason = "calls mimalloc")]

use super::allocator::{Allocator, Functions};
use libmimalloc_sys::{mi_free, mi_malloc, mi_version};
use std::ffi::c_void;

pub(crate) type Mimalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls;

impl Functions for Calls {
    const NAME: &'static str = "mimalloc";

    fn version() -> String {
        // SAFETY: it only returns a number: major * 10000 + minor * 100 + patch.
        let version = unsafe { mi_version() };
        format!("{}.{}.{}", version / 10000, version / 100 % 100, version % 100)
    }

    fn load() -> Result<Self, String> {
        Ok(Self)
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        unsafe { mi_malloc(bytes) }
    }

    unsafe fn release(self, block: *mut c_void, _bytes: usize) {
        // SAFETY: the caller had it from `mi_malloc`.
        unsafe { mi_free(block) }
    }
}
