//! The only door to atomics, fences, locks, thread-locals and third parties'
//! concurrent containers: [`native`] is the machine, `model` a model checker (loom or
//! shuttle) that stands in for all of them. `docs/design.md` says what is modelled.
//!
//! What lies in [`plain`] the models do not follow: figures, what is decided once per
//! process, and words that have one user at a time, whose hand-over a [`Watch`] tells
//! the checker.

#[cfg(any(loom, shuttle))]
pub(crate) mod model;
#[cfg(not(any(loom, shuttle)))]
mod native;
mod planted;

#[cfg(any(loom, shuttle))]
pub(crate) use model::*;
#[cfg(not(any(loom, shuttle)))]
pub(crate) use native::*;
pub(crate) use planted::Bug;

use std::sync::{PoisonError, RwLockReadGuard, RwLockWriteGuard};

pub(crate) use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

/// Atomics that stay the machine's under a model.
pub(crate) mod plain {
    pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicU8, AtomicUsize};
}

/// As [`Mutex`], for many readers. The machine's under a model too.
#[derive(Debug, Default)]
pub(crate) struct RwLock<T>(std::sync::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) const fn new(value: T) -> RwLock<T> {
        RwLock(std::sync::RwLock::new(value))
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
