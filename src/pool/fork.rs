//! Forks: the child gets copies of all pools, each taken at an instant at which no other
//! thread was inside it.
//!
//! Before the fork the forking thread takes every lock of the process, and revokes the
//! caches of all pools, so that nothing is in flight. After it both sides give the locks
//! back; the child first moves the rounds of threads that it does not have to the depots.
//! Registered once per process; registering per pool would fill glibc's table.

#![allow(unsafe_code, reason = "pthread_atfork; locks that are held from one handler to the next")]

use super::later::Ready;
use super::registry::{self, Registry};
use super::{Locked, Pool, State};
use crate::cache;
use crate::local::{self, ids};
use crate::sync::PoolGuard;
use crate::sys::heap;
use std::cell::UnsafeCell;
use std::sync::{Once, RwLockWriteGuard};

/// A pool's lock over a fork. Touched only by the thread that forks.
pub(super) struct HeldLock(UnsafeCell<Option<PoolGuard<'static, Option<State>>>>);

impl HeldLock {
    pub(super) const fn new() -> HeldLock {
        HeldLock(UnsafeCell::new(None))
    }
}

impl Pool {
    /// Takes the pool's lock, alive or not, and revokes its caches.
    ///
    /// # Safety
    /// The caller holds the registry's lock until it has called [`Pool::resume`].
    unsafe fn hold(&'static self) {
        let mut at = Locked { pool: self, state: self.state.lock(), ready: Ready::default() };
        if at.state.is_some() {
            at.revoke_all();
        }
        // SAFETY: the registry's lock makes this thread the only one here.
        unsafe { *self.held.0.get() = Some(at.state) };
    }

    /// Gives back what [`Pool::hold`] took.
    ///
    /// # Safety
    /// As for `hold`.
    unsafe fn resume(&'static self, in_child: bool) {
        // SAFETY: as in `hold`.
        let Some(state) = (unsafe { (*self.held.0.get()).take() }) else { return };
        let mut at = Locked { pool: self, state, ready: Ready::default() };
        if at.state.is_some() {
            if in_child {
                at.forget_other_threads();
            }
            at.reopen_all();
        }
    }
}

impl Locked<'_> {
    /// In the child: only the calling thread is there. All caches are revoked.
    fn forget_other_threads(&mut self) {
        // A thread that was about to find its cache revoked is not there to leave it, and the
        // next revocation would wait for it. (The forking thread is inside no cache.)
        self.shared().caches().for_each(|cache| cache.leave());
        // (Whoever is left has the handles of caches.)
        let own = local::cache_of(self.pool.place);
        for cache in
            self.shared().of_threads.iter().filter(|cache| !std::ptr::eq(cache.get().as_ptr(), own))
        {
            self.take_rounds_of(cache);
            cache.set_held(false);
        }
        self.queue.forget_threads();
    }
}

/// The locks that are taken last.
type Inner = (cache::Held, heap::Held, ids::Closed);

/// What the forking thread holds from before the fork until after it, besides the
/// pools' locks.
struct Held(UnsafeCell<Option<(RwLockWriteGuard<'static, Registry>, Inner)>>);

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
    // SAFETY: the registry's lock is held, until `release`.
    registry.headers().for_each(|pool| unsafe { pool.hold() });
    let held = (registry, (cache::hold(), heap::hold(), ids::close()));
    // SAFETY: this thread holds the registry's lock.
    unsafe { *HELD.0.get() = Some(held) };
}

unsafe extern "C" fn after() {
    // SAFETY: this is the thread that forked.
    unsafe { release(false) };
}

unsafe extern "C" fn after_in_child() {
    local::forget_other_threads();
    // SAFETY: this is the thread that forked, in the child.
    unsafe { release(true) };
}

/// Gives the locks back.
///
/// # Safety
/// The calling thread took them in `before`.
unsafe fn release(in_child: bool) {
    // SAFETY: the caller's promise.
    let Some((registry, inner)) = (unsafe { (*HELD.0.get()).take() }) else { return };
    drop(inner);
    // SAFETY: the registry's lock has been held since `hold`.
    registry.headers().for_each(|pool| unsafe { pool.resume(in_child) });
}
