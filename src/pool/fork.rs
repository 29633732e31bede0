//! Forks: the locks of the process are taken before one and given back after it on
//! both sides, so that a child may make pools of its own. (Pools of the parent are
//! another matter: `pool.h` says so.) Registered once per process; registering per
//! pool would fill glibc's table.

#![allow(unsafe_code, reason = "pthread_atfork")]

use super::registry::{self, Registry};
use crate::sys::heap;
use std::cell::UnsafeCell;
use std::sync::{Once, RwLockWriteGuard};

/// What the forking thread holds from before the fork until after it.
struct Held(UnsafeCell<Option<(RwLockWriteGuard<'static, Registry>, heap::Held)>>);

// SAFETY: touched only by the thread that forks, between taking the registry's lock
// and giving it back.
unsafe impl Sync for Held {}

static HELD: Held = Held(UnsafeCell::new(None));
static ONCE: Once = Once::new();

/// Called before a pool is made.
pub(super) fn prepare() {
    ONCE.call_once(|| {
        // SAFETY: the functions may be called until the process ends: the library
        // is never unmapped. Without memory for the entry a fork is as in a program
        // that does not do this.
        unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after_in_child)) };
    });
}

unsafe extern "C" fn before() {
    let registry = registry::lock();
    let held = (registry, heap::hold());
    // SAFETY: this thread holds the registry's lock.
    unsafe { *HELD.0.get() = Some(held) };
}

unsafe extern "C" fn after_in_child() {
    // SAFETY: this thread took the locks in `before`, and is alone now.
    if let Some((registry, _)) = unsafe { &mut *HELD.0.get() } {
        registry.forget_idle();
    }
    // SAFETY: as above.
    unsafe { after() };
}

unsafe extern "C" fn after() {
    // SAFETY: this thread took the locks in `before`; in the child it is the same
    // thread.
    drop(unsafe { (*HELD.0.get()).take() });
}
