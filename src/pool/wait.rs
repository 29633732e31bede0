//! Waiting for an object, first come first served.
//!
//! A waiter queues under the depot's lock after the pool was found exhausted, so
//! the pool is tight and every free goes through that lock. Whoever brings rounds
//! back hands them to the waiters in order before it gives the lock up
//! ([`Locked::serve`]), so no free is missed, nobody overtakes, and each free wakes
//! one waiter, which finds its object ready.
//!
//! A waiter lives on the stack of the thread that waits. Its address is in the
//! queue exactly as long as it has no outcome and its thread is in
//! [`Locked::wait`]; both change only under the lock.

#![allow(unsafe_code, reason = "reaches waiters on other threads' stacks, under the lock")]

use super::{Locked, Pool};
use crate::cache::Popped;
use crate::error::Error;
use crate::sync::{Condvar, PoolGuard};
use std::cell::Cell;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

pub(super) struct Waiter {
    ready: Condvar,
    outcome: Cell<Option<Result<usize, Error>>>,
}

/// A queued waiter.
pub(super) struct Queued(NonNull<Waiter>);

// SAFETY: a waiter is reached only under the depot's lock.
unsafe impl Send for Queued {}

impl Queued {
    /// Tells the waiter what came of it, and removes it from the queue by being
    /// dropped.
    fn tell(self, outcome: Result<usize, Error>) {
        // SAFETY: it was in the queue, and the lock is held: so its thread is in
        // `wait` and cannot leave before it has the lock.
        let waiter = unsafe { self.0.as_ref() };
        waiter.outcome.set(Some(outcome));
        waiter.ready.notify_one();
    }
}

impl Pool {
    /// As [`Pool::alloc`], waiting up to `timeout` (`None`: for ever) for an object
    /// to be freed.
    pub(crate) fn alloc_timed(&self, timeout: Option<Duration>) -> Result<usize, Error> {
        match self.alloc() {
            Err(Error::Exhausted) if timeout != Some(Duration::ZERO) => {}
            Err(Error::Exhausted) => return Err(Error::Timeout),
            other => return other,
        }
        // A deadline beyond what the clock can tell is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut at = self.lock()?;
        match at.alloc() {
            Err(Error::Exhausted) => {
                // The two looks are no failure yet: a timeout is one.
                at.failed_allocs = at.failed_allocs.saturating_sub(2);
                at.wait(deadline)
            }
            other => other,
        }
    }
}

impl Locked<'_> {
    /// Queues behind those that wait already. The pool is exhausted, hence tight.
    fn wait(mut self, deadline: Option<Instant>) -> Result<usize, Error> {
        debug_assert!(self.tight);
        let waiter = Waiter { ready: Condvar::new(), outcome: Cell::new(None) };
        if self.waiters.try_reserve(1).is_err() {
            self.failed_allocs += 1;
            return Err(Error::NoMemory);
        }
        self.waiters.push_back(Queued(NonNull::from(&waiter)));
        let mut guard: PoolGuard<'_, _> = self.state;
        loop {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            guard = waiter.ready.wait(guard, left);
            if let Some(outcome) = waiter.outcome.take() {
                return outcome;
            }
            if left.is_some_and(|left| left.is_zero()) {
                // Without an outcome it is in the queue, so the pool is alive.
                if let Some(state) = guard.as_mut() {
                    state.waiters.retain(|queued| queued.0 != NonNull::from(&waiter));
                    state.failed_allocs += 1;
                }
                return Err(Error::Timeout);
            }
        }
    }

    /// Hands rounds to waiters, as many as there are of both.
    pub(super) fn serve(&mut self) {
        while self.depot.rounds() > 0 && !self.waiters.is_empty() {
            match self.pop_from_depot() {
                Ok(Popped::Slot(address)) => match self.waiters.pop_front() {
                    Some(waiter) => waiter.tell(Ok(address)),
                    None => self.push_to_depot(address),
                },
                Ok(Popped::Suspect(round)) => self.drop_suspect(round),
                Ok(Popped::Empty) | Err(_) => return,
            }
        }
    }

    /// Sends all waiters away: the pool ends.
    pub(super) fn dismiss_waiters(&mut self) {
        while let Some(waiter) = self.waiters.pop_front() {
            waiter.tell(Err(Error::Destroyed));
        }
    }
}
