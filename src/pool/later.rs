//! Allocations that are granted later: a callback instead of a waiting thread, for event
//! loops and isolates.
//!
//! A callback runs once, on the thread that brought the object (or ended the pool),
//! after that thread gave the depot's lock up: a [`Locked`] collects them in [`Ready`],
//! which is dropped after the lock. Those that a callback brings about by a free of its
//! own run after it, not inside it: a long queue must not become a deep stack.

#![allow(unsafe_code, reason = "a chain of nodes, and calls of what the caller passed")]

use super::queue::{Urgency, Who};
use super::{Life, Locked, Pool};
use crate::error::Error;
use crate::sync::plain::AtomicU64;
use crate::sync::{per_thread, planted, Bug, Relaxed};
use crate::sys::heap;
use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::ptr::{null, NonNull};

/// Names one allocation that may still be granted; never used again in a process.
pub(crate) type Ticket = u64;

static TICKETS: AtomicU64 = AtomicU64::new(1);

/// What is called, once, and two words that it gets.
#[derive(Clone, Copy)]
pub(crate) struct Callback {
    pub(crate) call: fn(context: [usize; 2], Result<usize, Error>),
    pub(crate) context: [usize; 2],
}

/// What an allocation that does not wait came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Granted {
    Now(usize),
    /// The callback is called later.
    Later(Ticket),
}

struct Node {
    next: Option<NonNull<Node>>,
    outcome: Result<usize, Error>,
    ticket: Ticket,
    callback: Callback,
}

/// An allocation in the queue: owns its node.
pub(super) struct Later(NonNull<Node>);

// SAFETY: the node has one owner; what the callback is given may be used by any thread,
// as whoever passed it promised.
unsafe impl Send for Later {}

impl Later {
    fn new(callback: Callback) -> Result<Later, Error> {
        let node = heap::allocate(Layout::new::<Node>())?.cast::<Node>();
        // ORDERING: only uniqueness counts.
        let ticket = TICKETS.fetch_add(1, Relaxed);
        // SAFETY: fresh memory of the right size and alignment.
        unsafe {
            node.write(Node { next: None, outcome: Err(Error::Destroyed), ticket, callback })
        };
        Ok(Later(node))
    }

    pub(super) fn ticket(&self) -> Ticket {
        // SAFETY: the node lives as long as its owner.
        unsafe { self.0.as_ref() }.ticket
    }

    /// Gives up ownership.
    fn into_node(self) -> NonNull<Node> {
        let node = self.0;
        std::mem::forget(self);
        node
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and this is the only owner.
        unsafe { heap::release(self.0.cast(), Layout::new::<Node>()) };
    }
}

/// Callbacks whose outcome stands, in order. Dropping it calls them, so it must not be
/// dropped under any lock.
#[derive(Default)]
#[must_use = "dropping it makes the calls, for which no lock may be held"]
pub(crate) struct Ready {
    first: Option<NonNull<Node>>,
    last: Option<NonNull<Node>>,
}

impl Ready {
    /// Needs no memory: a free must not.
    pub(super) fn add(&mut self, later: Later, outcome: Result<usize, Error>) {
        let node = later.into_node();
        // SAFETY: the node was `later`'s alone, and is the chain's now.
        unsafe { (*node.as_ptr()).outcome = outcome };
        self.append(Ready { first: Some(node), last: Some(node) });
    }

    fn append(&mut self, mut more: Ready) {
        let Some(first) = more.first.take() else { return };
        match self.last {
            // SAFETY: the chain owns its nodes.
            Some(last) => unsafe { (*last.as_ptr()).next = Some(first) },
            None => self.first = Some(first),
        }
        self.last = more.last.take();
    }

    fn pop(&mut self) -> Option<(Callback, Result<usize, Error>)> {
        let later = Later(self.first?);
        // SAFETY: the chain owned it, now `later` does.
        let node = unsafe { later.0.as_ref() };
        self.first = node.next;
        if self.first.is_none() {
            self.last = None;
        }
        Some((node.callback, node.outcome))
    }

    /// Makes the calls, and those that come up meanwhile.
    fn call_all(self) {
        let calls = RefCell::new(self);
        CALLING.with(|calling| calling.set(&raw const calls));
        let _until_done = NoLonger;
        loop {
            let next = calls.borrow_mut().pop();
            let Some((callback, outcome)) = next else { break };
            (callback.call)(callback.context, outcome);
        }
    }
}

/// Clears the thread's word, also if a waker of Rust code panics.
struct NoLonger;

impl Drop for NoLonger {
    fn drop(&mut self) {
        CALLING.with(|calling| calling.set(null()));
    }
}

per_thread! {
    /// The calls that this thread is making, further up its stack.
    static CALLING: Cell<*const RefCell<Ready>> = Cell::new(null());
}

impl Drop for Ready {
    fn drop(&mut self) {
        if self.first.is_none() {
            return;
        }
        let calls = std::mem::take(self);
        // SAFETY: what this thread's word points to lives until `call_all` clears it.
        match unsafe { CALLING.with(Cell::get).as_ref() } {
            Some(calling) => calling.borrow_mut().append(calls),
            None => calls.call_all(),
        }
    }
}

impl Pool {
    /// An object now, or a promise of one: `callback` is called once, unless
    /// [`Pool::cancel`] comes first. Never waits.
    pub(crate) fn alloc_later(
        &self,
        urgency: Urgency,
        callback: Callback,
    ) -> Result<Granted, Error> {
        if let Some(address) = self.alloc_unlocked()? {
            return Ok(Granted::Now(address));
        }
        self.lock()?.grant_or_promise(urgency, callback)
    }

    /// As [`Pool::alloc_later`], in this life of the pool only, and past the caller's cache.
    pub(crate) fn alloc_later_in(
        &self,
        life: Life,
        urgency: Urgency,
        callback: Callback,
    ) -> Result<Granted, Error> {
        self.lock_in(life)?.grant_or_promise(urgency, callback)
    }

    /// Takes a promise back; its callback is not called then.
    pub(crate) fn cancel(&self, ticket: Ticket) -> Result<(), Error> {
        if planted(Bug::CancelForgets) {
            return Ok(());
        }
        let removed = self.lock()?.queue.remove_callback(ticket);
        removed.map(drop).ok_or(Error::NotFound)
    }
}

impl Locked<'_> {
    fn grant_or_promise(&mut self, urgency: Urgency, callback: Callback) -> Result<Granted, Error> {
        match self.grant(urgency) {
            Ok(address) => Ok(Granted::Now(address)),
            Err(Error::Exhausted) => self.promise(urgency, callback).map(Granted::Later),
            Err(error) => Err(error),
        }
        .inspect_err(|_| self.failed_allocs += 1)
    }

    fn promise(&mut self, urgency: Urgency, callback: Callback) -> Result<Ticket, Error> {
        self.queue.prepare()?;
        let later = Later::new(callback)?;
        let ticket = later.ticket();
        self.queue.add(Who::Callback(later), urgency);
        Ok(ticket)
    }
}
