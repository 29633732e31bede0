//! How many rounds a magazine has, where the caller left that open: few at first, twice as
//! many when caches exchange theirs often, half as many when the pool gets tight, few again
//! after a trim. (Bonwick and Adams 2001, section 3.4, grow magazines with contention; the
//! kernel's IOVA and UMA caches shrink theirs where memory is short.)
//!
//! All magazines of a pool have one size, which the counting argument of `depot` needs. So a
//! change is made with all caches revoked: new magazines, the rounds moved into them, and the
//! old ones freed. That takes some 14 ns a free slot; pools whose pause would be
//! longer than a millisecond have large magazines from the start.

#![forbid(unsafe_code)]

use super::{Locked, Shared, State};
use crate::cache::Cache;
use crate::config::Shape;
use crate::depot::Depot;
use crate::error::Error;
use crate::magazine::{Magazine, Stack};
use crate::sync::plain::AtomicU32;
use crate::sync::Relaxed;

/// Rounds at first, if more are allowed: a block of 192 bytes.
const FIRST: u32 = 40;
/// Or this part of the pool: sixteen threads can fill both of theirs.
const FIRST_SHARE: usize = 32;
/// Most slots of a pool whose magazines change.
const MOST_SLOTS: usize = 65_536;
/// Exchanges of a cache after which it asks for larger magazines.
const ASKS_EVERY: u64 = 128;

/// What a pool knows of its magazines' size. Changed under the depot's lock.
pub(super) struct Pace {
    /// Of a magazine, now.
    rounds: u32,
    most: u32,
    /// At first, and never less.
    least: u32,
    /// Times that caches asked since the last change, and how often they must.
    asked: u32,
    needed: u32,
}

impl Pace {
    pub(super) fn new(shape: &Shape) -> Pace {
        let mut pace = Pace {
            rounds: shape.rounds,
            most: shape.rounds,
            least: shape.rounds,
            asked: 0,
            needed: 1,
        };
        if shape.rounds_are_free && shape.limit <= MOST_SLOTS {
            let share = (shape.limit / FIRST_SHARE).clamp(1, FIRST as usize);
            pace.least = pace.most.min(share as u32);
            pace.rounds = pace.least;
            if shape.reserve > 0 {
                pace.most = pace.least;
            }
        }
        pace
    }

    pub(super) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// The first depot of a pool.
    pub(super) fn depot(&self, shape: &Shape) -> Result<Depot, Error> {
        match shape.limit {
            ..=MOST_SLOTS => Ok(Depot::new(self.rounds)),
            // Never replaced, so that nothing holds its magazines when it is dropped.
            slots => Depot::large(self.rounds, slots),
        }
    }

    /// What [`Shared`] tells the caches.
    pub(super) fn may_grow(&self) -> u32 {
        u32::from(self.rounds < self.most)
    }
}

/// Whether a cache that is about to exchange for the `count`th time asks for larger magazines
/// first: by going to the depot's lock.
pub(super) fn asks(shared: &Shared, count: u64) -> bool {
    // ORDERING: a hint; what is done about it is done under the lock.
    count % ASKS_EVERY == ASKS_EVERY - 1 && shared.may_grow.load(Relaxed) != 0
}

/// As [`Shared`] holds it.
pub(super) type MayGrow = AtomicU32;

impl Locked<'_> {
    /// Grows the magazines if the cache, at the lock for this reason or another, asks for it
    /// and was asked for often enough. Returns whether they grew: then all caches are empty.
    pub(super) fn grow_if_asked(&mut self, cache: &Cache) -> bool {
        let shared = self.shared();
        if !asks(shared, cache.refills.get()) && !asks(shared, cache.flushes.get()) {
            return false;
        }
        self.pace.asked += 1;
        if self.pace.asked < self.pace.needed || self.tight {
            return false;
        }
        self.revoke_all();
        let grown = self.resize(self.pace.rounds.saturating_mul(2).min(self.pace.most));
        self.reopen_all();
        grown.is_ok()
    }

    /// The pool got tight: smaller magazines, and growth only after more asking than before.
    /// All caches are revoked and empty.
    pub(super) fn shrink_when_tight(&mut self) {
        if self.pace.rounds > self.pace.least {
            self.pace.needed = self.pace.needed.saturating_mul(2);
            // Without memory they stay as they are.
            let _ = self.resize((self.pace.rounds / 2).max(self.pace.least));
        }
    }

    /// The pool is to use little memory. All caches are revoked and empty.
    pub(super) fn shrink_for_trim(&mut self) {
        if self.pace.rounds > self.pace.least {
            let _ = self.resize(self.pace.least);
        }
    }

    /// Gives the pool magazines of this many rounds, or leaves it as it was. All caches are
    /// revoked.
    fn resize(&mut self, rounds: u32) -> Result<(), Error> {
        self.pace.asked = 0;
        let shared = self.shared();
        let existing = self.existing(shared);
        let mut depot = Depot::new(rounds);
        depot.keep_room(u64::from(existing))?;
        let mut pairs = Stack::new();
        for _ in shared.caches() {
            pairs.push(Magazine::new(rounds)?);
            pairs.push(Magazine::new(rounds)?);
        }
        self.drain_all();
        // drain_all leaves no full magazine in the shards; this leaves no empty one.
        self.depot.absorb(&shared.shards);
        self.refit_all(pairs);
        let state: &mut State = self;
        while let Some(round) = state.depot.pop() {
            if depot.push(round, &shared.shards).is_err() {
                state.lost += 1; // As in `put_in_depot`.
            }
        }
        state.depot = depot;
        state.pace.rounds = rounds;
        // ORDERING: a hint.
        shared.may_grow.store(state.pace.may_grow(), Relaxed);
        Ok(())
    }
}
