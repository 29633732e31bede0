//! jemalloc with its default options, its functions prefixed. Blocks are given back by
//! `sdallocx`, since its manual offers the size as an optimisation; the batch call is left
//! out, as it is experimental and in no manual.

#![allow(unsafe_code, reason = "calls jemalloc")]

use super::allocator::{Allocator, Functions};
use std::ffi::{c_char, c_void, CStr};
use std::ptr::null_mut;
use tikv_jemalloc_sys::{mallctl, malloc, sdallocx};

pub(crate) type Jemalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls;

impl Functions for Calls {
    const NAME: &'static str = "jemalloc";

    fn version() -> String {
        let mut text: *const c_char = std::ptr::null();
        let mut length = size_of_val(&text);
        let out = (&raw mut text).cast();
        // SAFETY: "version" reads a pointer to a constant string, of the length given.
        unsafe {
            if mallctl(c"version".as_ptr(), out, &mut length, null_mut(), 0) != 0 {
                return "unknown".to_owned();
            }
            let text = CStr::from_ptr(text).to_string_lossy();
            // What follows a dash is the commit.
            text.split('-').next().unwrap_or_default().to_owned()
        }
    }

    fn load() -> Result<Self, String> {
        Ok(Self)
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: any size may be asked for.
        unsafe { malloc(bytes) }
    }

    unsafe fn release(self, block: *mut c_void, bytes: usize) {
        // SAFETY: the caller had it from `malloc` for that many bytes.
        unsafe { sdallocx(block, bytes, 0) }
    }
}
