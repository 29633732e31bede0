//! Waiting for an object in asynchronous code: [`Pool::alloc_async`].

#![allow(unsafe_code, reason = "a reference count that passes through a callback's words")]

use crate::error::Error;
use crate::pool::{self, registry, Callback, Granted, Ticket, Urgency};
use crate::typed::{Pool, Pooled};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// An object that comes when there is one; see [`Pool::alloc_async`]. It waits for its
/// turn from the first time it is polled.
#[must_use = "futures do nothing unless polled"]
pub struct AllocFuture<'p, T, F> {
    pool: &'p Pool<T>,
    /// Taken when the future is done.
    make: Option<F>,
    queued: Option<Queued>,
}

/// A place in the pool's queue.
struct Queued {
    ticket: Ticket,
    shared: Arc<Shared>,
}

/// What the future shares with its callback.
struct Shared(Mutex<Stage>);

enum Stage {
    Waiting(Waker),
    Told(Result<usize, Error>),
    /// The future is gone, or took its outcome.
    Over,
}

impl Shared {
    /// Changes the stage and returns the old one.
    fn replace(&self, stage: Stage) -> Stage {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), stage)
    }

    /// The outcome, if there is one; else who is to be woken from now on.
    fn poll(&self, waker: &Waker) -> Option<Result<usize, Error>> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *stage {
            Stage::Told(outcome) => {
                let outcome = *outcome;
                *stage = Stage::Over;
                Some(outcome)
            }
            Stage::Waiting(old) => {
                old.clone_from(waker);
                None
            }
            Stage::Over => None,
        }
    }
}

/// The callback: its words are a reference count and the pool.
fn tell(context: [usize; 2], outcome: Result<usize, Error>) {
    let shared = std::ptr::with_exposed_provenance::<Shared>(context[0]);
    // SAFETY: `join_queue` gave this count to the callback, which is called once.
    let shared = unsafe { Arc::from_raw(shared) };
    match (shared.replace(Stage::Told(outcome)), outcome) {
        (Stage::Waiting(waker), _) => waker.wake(),
        // The future was dropped at this moment, too late to cancel.
        (_, Ok(address)) => give_back(registry::header_at(context[1]), address),
        _ => {}
    }
}

/// Frees an object that nobody took.
fn give_back(pool: Option<&'static pool::Pool>, address: usize) {
    if let Some(pool) = pool {
        // The pool may have ended meanwhile, and the object with it.
        let _ = pool.free(address);
    }
}

impl<'p, T, F: FnOnce() -> T> AllocFuture<'p, T, F> {
    pub(crate) fn new(pool: &'p Pool<T>, make: F) -> AllocFuture<'p, T, F> {
        AllocFuture { pool, make: Some(make), queued: None }
    }

    /// An object now, or a place in the queue.
    fn join_queue(&mut self, waker: &Waker) -> Result<Option<usize>, Error> {
        let pool = self.pool.raw();
        if let Some(address) = pool.alloc_unlocked()? {
            return Ok(Some(address));
        }
        let shared = Arc::new(Shared(Mutex::new(Stage::Waiting(waker.clone()))));
        let count = Arc::into_raw(Arc::clone(&shared));
        let callback =
            Callback { call: tell, context: [count.expose_provenance(), pool.address()] };
        let granted = pool.alloc_later(Urgency::Ordinary, callback);
        if let Ok(Granted::Later(ticket)) = granted {
            self.queued = Some(Queued { ticket, shared });
            return Ok(None);
        }
        // SAFETY: there will be no call, so the count is still ours.
        drop(unsafe { Arc::from_raw(count) });
        match granted? {
            Granted::Now(address) => Ok(Some(address)),
            Granted::Later(_) => Ok(None),
        }
    }

    /// The object's address, if it is there.
    fn advance(&mut self, waker: &Waker) -> Result<Option<usize>, Error> {
        match &self.queued {
            None => self.join_queue(waker),
            Some(queued) => queued.shared.poll(waker).transpose(),
        }
    }
}

// Nothing in it is pinned: `make` is moved out before it is called.
impl<T, F> Unpin for AllocFuture<'_, T, F> {}

impl<'p, T, F: FnOnce() -> T> Future for AllocFuture<'p, T, F> {
    type Output = Result<Pooled<'p, T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(self.make.is_some(), "polled after it was ready");
        let outcome = match self.advance(context.waker()) {
            Ok(None) => return Poll::Pending,
            Ok(Some(address)) => self.pool.room_at(address),
            Err(error) => Err(error),
        };
        let make = self.make.take();
        Poll::Ready(outcome.map(|room| room.fill(make.expect("asserted above"))))
    }
}

impl<T, F> Drop for AllocFuture<'_, T, F> {
    fn drop(&mut self) {
        let Some(queued) = self.queued.take() else { return };
        if self.pool.raw().cancel(queued.ticket).is_ok() {
            // SAFETY: there will be no call, so the count given to it is ours again.
            drop(unsafe { Arc::from_raw(Arc::as_ptr(&queued.shared)) });
        }
        // Told, or being told: an object that nobody took goes back.
        if let Stage::Told(Ok(address)) = queued.shared.replace(Stage::Over) {
            give_back(Some(self.pool.raw()), address);
        }
    }
}

impl<T, F> fmt::Debug for AllocFuture<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllocFuture")
            .field("queued", &self.queued.is_some())
            .finish_non_exhaustive()
    }
}
