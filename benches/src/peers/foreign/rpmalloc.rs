//! rpmalloc 1.4, the newest that a crate has. Its documentation wants the process and each
//! thread initialised before and finalised after use; its thread and global caches are on
//! by default.

#![allow(unsafe_code, reason = "calls rpmalloc")]

use super::allocator::{Allocator, Functions};
use rpmalloc_sys::{
    rpfree, rpmalloc, rpmalloc_initialize, rpmalloc_thread_finalize, rpmalloc_thread_initialize,
};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::OnceLock;

pub(crate) type Rpmalloc = Allocator<Calls>;

#[derive(Clone, Copy)]
pub(crate) struct Calls;

thread_local! {
    /// How many users this thread has, so that only the last finalises it.
    static USERS: Cell<usize> = const { Cell::new(0) };
}

impl Functions for Calls {
    const NAME: &'static str = "rpmalloc";

    fn version() -> String {
        // It has no function that tells; this is its change log's.
        "1.4.3".to_owned()
    }

    fn load() -> Result<Self, String> {
        static STATUS: OnceLock<i32> = OnceLock::new();
        // SAFETY: called once, before any other of its functions.
        match STATUS.get_or_init(|| unsafe { rpmalloc_initialize() }) {
            0 => Ok(Self),
            status => Err(format!("rpmalloc_initialize failed: {status}")),
        }
    }

    fn allocate(self, bytes: usize) -> *mut c_void {
        // SAFETY: the allocator and this thread are initialised.
        unsafe { rpmalloc(bytes) }
    }

    unsafe fn release(self, block: *mut c_void, _bytes: usize) {
        // SAFETY: the caller had it from `rpmalloc`.
        unsafe { rpfree(block) }
    }

    fn enter(self) {
        USERS.set(USERS.get() + 1);
        // SAFETY: the allocator is initialised; a thread that is already stays so.
        unsafe { rpmalloc_thread_initialize() }
    }

    fn leave(self) {
        USERS.set(USERS.get() - 1);
        if USERS.get() == 0 {
            // SAFETY: the thread's last user is gone; blocks it had may outlive its heap.
            unsafe { rpmalloc_thread_finalize() }
        }
    }
}
