//! Objects that nobody has for a while, on their way from one owner to the next: by the
//! time somebody takes one its pool may have ended, and its header begun another life.

#![forbid(unsafe_code)]

use super::free::refine;
use super::{Locked, Pool};
use crate::error::Error;
use crate::sync::plain::AtomicU64;
use crate::sync::Relaxed;

/// Tells the lives of all headers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life(u64);

/// The life that a header is in; 0 for none.
pub(super) struct LifeWord(AtomicU64);

impl LifeWord {
    pub(super) const fn new() -> LifeWord {
        LifeWord(AtomicU64::new(0))
    }

    pub(super) fn begin(&self) {
        static LIVES: AtomicU64 = AtomicU64::new(1);
        // ORDERING: only uniqueness counts, and the pool's lock is held.
        self.0.store(LIVES.fetch_add(1, Relaxed), Relaxed);
    }

    pub(super) fn end(&self) {
        // ORDERING: under the lock; who holds none may be late, as if it had come before.
        self.0.store(0, Relaxed);
    }

    fn get(&self) -> Life {
        // ORDERING: under the lock, or in a busy section, which is after `begin` by its token
        // and before `end` by the revocation that waits for it; or as late as `end` says.
        Life(self.0.load(Relaxed))
    }
}

impl Pool {
    /// Which of its lives the header is in.
    pub(crate) fn life(&self) -> Result<Life, Error> {
        self.lock().map(|_at| self.life.get())
    }

    /// Makes sure that a live object is at `address`, whose owner wants to part with it.
    pub(crate) fn demand_live(&self, address: usize) -> Result<Life, Error> {
        if address == 0 {
            return Err(self.misused(Error::Null, 0));
        }
        // No pool ends while a thread is in a busy section: it stays in that life.
        let quick = self.with_cache(|cache, shared| {
            self.is_plain(cache, shared, address).then(|| self.life.get())
        });
        if let Some(Some(life)) = quick {
            return Ok(life);
        }
        let mut at = self.lock()?;
        let life = self.life.get();
        let found = at.demand_live(address);
        drop(at);
        found.map(|()| life).map_err(|error| self.misused(refine(error, self, address), address))
    }

    /// As [`Pool::lock`], in this life only.
    pub(super) fn lock_in(&self, life: Life) -> Result<Locked<'_>, Error> {
        self.lock()
            .and_then(|at| if self.life.get() == life { Ok(at) } else { Err(Error::Destroyed) })
    }

    /// Whether the pool still is in this life. It may end at any time after.
    pub(crate) fn lives(&self, life: Life) -> bool {
        self.life.get() == life
    }

    /// Takes an object of that life back, past the caller's magazines.
    pub(crate) fn free_in(&self, life: Life, address: usize) -> Result<(), Error> {
        self.release(self.lock_in(life)?, address)
    }
}
