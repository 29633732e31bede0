//! Where rounds come from when a cache has none: the depot, its shards, uncarved
//! slots, growth, and at last the caches of all other threads.
//!
//! Only here is a pool declared exhausted, and only with every cache revoked and
//! every shard empty (or in tight mode, where caches hold nothing): then every
//! carved slot is live or lost, at an instant of the call.
//!
//! Tight mode: a pool that had to take rounds from the caches and found few stays
//! without caches until enough are free again, so that it is not revoked on every
//! allocation (hysteresis: entered below one magazine, left at two).

#![forbid(unsafe_code)]

use super::{Locked, State};
use crate::error::Error;
use crate::sync::Relaxed;

impl Locked<'_> {
    /// Makes sure that the depot holds a round.
    pub(super) fn supply(&mut self) -> Result<(), Error> {
        if self.depot.rounds() > 0 {
            return Ok(());
        }
        if let Some(full) = self.shared().shards.take_full() {
            self.depot.give(full);
            return Ok(());
        }
        let refused = match self.carve_more() {
            Ok(true) => return Ok(()),
            Ok(false) => Error::Exhausted,
            Err(error) => error,
        };
        if !self.tight {
            self.reclaim();
        }
        if self.depot.rounds() > 0 {
            return Ok(());
        }
        Err(refused)
    }

    /// Takes the rounds of all caches into the depot.
    fn reclaim(&mut self) {
        self.revoke_all();
        self.drain_all();
        self.tight = self.depot.rounds() < self.shape.rounds;
        self.reopen_all();
    }

    /// After rounds came back: serves waiters, and leaves tight mode if enough is
    /// left. Caches open as their threads come by.
    pub(super) fn relax(&mut self) {
        self.serve();
        if !self.waiters.is_empty() {
            return;
        }
        let enough = (self.shape.rounds * 2).min(self.capacity / 2).max(1);
        if self.tight && self.depot.rounds() >= enough {
            self.tight = false;
        }
    }

    /// Carves up to a magazine of slots; whether there were any to carve.
    fn carve_more(&mut self) -> Result<bool, Error> {
        let (state, shared) = self.parts();
        let existing = state.slab.carved() - shared.holes.count();
        let capacity = state.capacity_for(existing + 1);
        let wanted = (capacity - existing).min(state.shape.rounds);
        if wanted == 0 {
            return Ok(false);
        }
        state.depot.keep_room(u64::from(existing) + u64::from(wanted))?;
        let State { slab, depot, lost, .. } = state;
        slab.carve(&shared.holes, wanted, |round| {
            if depot.push(round, &shared.shards).is_err() {
                *lost += 1;
            }
        })?;
        if capacity > state.capacity {
            state.capacity = capacity;
            state.grows += 1;
        }
        self.publish_carved();
        Ok(true)
    }

    /// Tells owners of caches which slots exist.
    pub(super) fn publish_carved(&self) {
        let carved = self.slab.carved();
        let shared = self.shared();
        let some_out = shared.holes.count() > 0 || shared.aside.count() > 0;
        // ORDERING: whoever frees an object got it after its slot was carved, and
        // so sees a bound above it.
        self.pool.carved.store(carved, Relaxed);
        // ORDERING: as above.
        self.pool.bound.store(if some_out { 0 } else { carved }, Relaxed);
    }

    /// Notes how many slots may be live now: all that are not in the depot.
    pub(super) fn note_high_water(&mut self) {
        let existing = self.slab.carved() - self.shared().holes.count();
        let outside = existing.saturating_sub(self.lost).saturating_sub(self.depot.rounds());
        self.high_water = self.high_water.max(outside.min(self.capacity));
    }
}

impl State {
    /// The capacity, doubled up to the limit if it is less than `slots`.
    fn capacity_for(&self, slots: u32) -> u32 {
        if slots <= self.capacity {
            self.capacity
        } else {
            self.capacity.saturating_mul(2).min(self.slab.limit())
        }
    }
}
