//! Pools whose guards borrow them: leaked, so that guards may go from thread to thread, and
//! taken back when all objects are.

#![allow(unsafe_code, reason = "takes back what it has leaked")]

use std::ops::Deref;

/// A pool for as long as its guards live.
pub(crate) struct Leaked<T: 'static> {
    pool: &'static T,
    /// Whether no guard is left; if one is, the pool stays.
    is_whole: fn(&T) -> bool,
}

impl<T> Leaked<T> {
    pub(crate) fn new(pool: T, is_whole: fn(&T) -> bool) -> Self {
        Self { pool: Box::leak(Box::new(pool)), is_whole }
    }

    /// The pool as its guards borrow it; for those that `is_whole` sees only.
    pub(crate) fn get(&self) -> &'static T {
        self.pool
    }
}

impl<T> Deref for Leaked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.pool
    }
}

impl<T> Drop for Leaked<T> {
    fn drop(&mut self) {
        if (self.is_whole)(self.pool) {
            let pool = std::ptr::from_ref(self.pool).cast_mut();
            // SAFETY: it came from a box; nobody borrows it when all its objects are back.
            drop(unsafe { Box::from_raw(pool) });
        }
    }
}
