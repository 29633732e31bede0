//! The machine's atomics, fences and locks, and the crates that stand on them.

#![allow(unsafe_code, reason = "an atomic at an address")]

pub(crate) use crossbeam_deque::{Steal, Stealer, Worker};
pub(crate) use std::sync::atomic::{fence, AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
pub(crate) use std::sync::MutexGuard;
pub(crate) use std::thread::yield_now;
pub(crate) use thread_local::ThreadLocal;

use super::{Bug, SeqCst};
use std::sync::atomic::{compiler_fence, Ordering};
use std::sync::{PoisonError, TryLockError};

/// Whether a model checker runs this.
pub(crate) const MODELLED: bool = false;

/// A lock whose critical sections do not panic; so a poisoned one is sound.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Mutex<T> {
        Mutex(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// A held [`Mutex`].
pub(crate) type PoolGuard<'a, T> = MutexGuard<'a, T>;

/// Keeps the compiler from moving memory accesses across; the hardware may.
#[inline(always)]
pub(crate) fn light_fence() {
    // ORDERING: see sys::barrier.
    compiler_fence(SeqCst);
}

/// The first word of the slot at an address.
///
/// # Safety
/// Eight mapped bytes, aligned, reached only as atomics while the reference lives.
#[inline(always)]
pub(crate) unsafe fn slot_word<'a>(address: usize) -> &'a AtomicU64 {
    // SAFETY: the caller's promise.
    unsafe { AtomicU64::from_ptr(std::ptr::with_exposed_provenance_mut(address)) }
}

/// Something that has one user at a time. A model checks that each hand-over orders
/// all that the users before did; the machine needs no telling.
pub(crate) struct Watch;

impl Watch {
    pub(crate) const fn new() -> Watch {
        Watch
    }

    /// The calling thread uses it now.
    #[inline(always)]
    pub(crate) fn touch(&self) {}
}

/// Thread-locals without destructors, whose initialisers are constants: they need no
/// memory, and are there to the thread's end.
macro_rules! per_thread {
    ($(#[$meta:meta])* static $name:ident: $type:ty = $initial:expr;) => {
        thread_local! { $(#[$meta])* static $name: $type = const { $initial }; }
    };
}
pub(crate) use per_thread;

/// Whether a model planted this fault. See [`Bug`].
#[inline(always)]
pub(crate) const fn planted(_bug: Bug) -> bool {
    false
}

/// A memory order, which a planted fault may weaken.
#[inline(always)]
pub(crate) const fn order(order: Ordering, _weakened_by: Bug) -> Ordering {
    order
}

/// Notes memory taken or given back, so that a model can tell a leak.
#[inline(always)]
pub(crate) fn note_memory(_blocks: isize) {}
