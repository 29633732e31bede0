//! A thread that waits for an object, with a deadline.
//!
//! It lives on its own stack, queued by address. The address is in the queue exactly
//! as long as the thread has no outcome and is in [`Pool::alloc_waiting`]; both change
//! only under the depot's lock. Once told, the thread goes its way without that lock.

#![allow(unsafe_code, reason = "reaches waiters on other threads' stacks, under the lock")]

use super::queue::{Urgency, Who};
use super::Pool;
use crate::error::Error;
use crate::sync::{planted, Bug, Watch};
use crate::sys::park::Parker;
use std::cell::Cell;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

struct Waiter {
    outcome: Cell<Option<Result<usize, Error>>>,
    /// Of whoever may touch the outcome.
    watch: Watch,
    parker: Parker,
}

/// A queued thread.
#[derive(PartialEq, Eq)]
pub(super) struct Waiting(NonNull<Waiter>);

// SAFETY: a waiter is reached only under the depot's lock, and by its own thread after
// it was told.
unsafe impl Send for Waiting {}

impl Waiting {
    /// Tells the thread what came of it. It was in the queue until now, and the depot's
    /// lock is held.
    pub(super) fn tell(self, outcome: Result<usize, Error>) {
        // SAFETY: it was in the queue, so its thread is in `alloc_waiting` and cannot leave
        // before it is told. Told once, because nobody is in the queue twice.
        unsafe {
            (*self.0.as_ptr()).watch.touch();
            (*self.0.as_ptr()).outcome.set(Some(outcome));
            Parker::tell(NonNull::from(&(*self.0.as_ptr()).parker));
        }
    }
}

impl Pool {
    /// An object's address, from the reserve too if critical; waits up to `timeout`
    /// (`None`: for ever) for an object to be freed.
    pub(crate) fn alloc_timed(
        &self,
        urgency: Urgency,
        timeout: Option<Duration>,
    ) -> Result<usize, Error> {
        match self.alloc_unlocked()? {
            Some(address) => Ok(address),
            None => self.alloc_waiting(urgency, timeout),
        }
    }

    fn alloc_waiting(&self, urgency: Urgency, timeout: Option<Duration>) -> Result<usize, Error> {
        // A deadline beyond what the clock can tell is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let waiter =
            Waiter { outcome: Cell::new(None), watch: Watch::new(), parker: Parker::new() };
        let place = NonNull::from(&waiter);
        {
            let mut at = self.lock()?;
            match at.grant(urgency) {
                Err(Error::Exhausted) if timeout != Some(Duration::ZERO) => {}
                refused => {
                    at.failed_allocs += u64::from(refused.is_err());
                    return refused.map_err(|error| match error {
                        Error::Exhausted => Error::Timeout,
                        other => other,
                    });
                }
            }
            debug_assert!(at.tight);
            if let Err(error) = at.queue.prepare() {
                at.failed_allocs += 1;
                return Err(error);
            }
            at.queue.add(Who::Thread(Waiting(place)), urgency);
        }
        if !waiter.parker.wait(deadline) {
            // Too late, unless told at this moment. A pool that ended told everybody.
            if let Ok(mut at) = self.lock() {
                if at.queue.remove_thread(&Waiting(place)) || planted(Bug::TimeoutLosesObject) {
                    at.failed_allocs += 1;
                    return Err(Error::Timeout);
                }
            }
        }
        waiter.watch.touch();
        waiter.outcome.take().unwrap_or(Err(Error::Destroyed))
    }
}
