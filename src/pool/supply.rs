//! Where rounds come from when a cache has none: the depot, its shards, uncarved
//! slots, growth, and at last the caches of all other threads. (What lies in the
//! reserve is `reserve`'s to give.)
//!
//! Only here is a pool declared exhausted, and only with every cache revoked and
//! every shard empty (or in tight mode, where caches hold nothing): then every
//! carved slot is live or lost, at an instant of the call.
//!
//! Tight mode: a pool that had to take rounds from the caches and found few stays
//! without caches until enough are free again, so that it is not revoked on every
//! allocation (hysteresis: entered below one magazine, left at two). It is also left
//! after [`PATIENCE`] frees: with few rounds free for good, threads that free and
//! allocate in turn are served by their caches all the same.

#![forbid(unsafe_code)]

use super::{Locked, Shared, State};
use crate::error::Error;
use crate::sync::{planted, Bug, Relaxed, MODELLED};

/// Frees in tight mode before caches are tried again. If that was in vain it costs a
/// revocation.
const PATIENCE: u32 = if MODELLED { 2 } else { 1024 };

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
        if self.supply_parked() {
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
        if !planted(Bug::VerdictWithoutRevoking) {
            self.revoke_all();
        }
        self.drain_all();
        self.tight = self.depot.rounds() < self.pace.rounds();
        self.patience = PATIENCE;
        if self.tight {
            self.shrink_when_tight();
        }
        self.reopen_all();
    }

    /// After rounds came back: serves waiters, and leaves tight mode if enough is
    /// left. Caches open as their threads come by.
    pub(super) fn relax(&mut self) {
        if !planted(Bug::FreeServesNobody) {
            self.serve();
        }
        if !self.queue.is_empty() {
            return;
        }
        if self.tight && self.owed(self.shared()) == 0 {
            let enough = (self.pace.rounds() * 2).min(self.capacity / 2).max(1);
            self.patience = self.patience.saturating_sub(1);
            self.tight = self.depot.rounds() < enough && self.patience > 0;
        }
    }

    /// Carves up to a magazine of slots; whether there were any to carve.
    fn carve_more(&mut self) -> Result<bool, Error> {
        let existing = self.existing(self.shared());
        let usable = self.capacity_for(existing + 1).min(self.ordinary_limit());
        let wanted = usable.saturating_sub(existing).min(self.pace.rounds());
        if wanted > 0 {
            self.carve(wanted)?;
        }
        Ok(wanted > 0)
    }

    /// Carves up to `count` slots into the depot; an error only if it is none.
    pub(super) fn carve(&mut self, count: u32) -> Result<(), Error> {
        let (state, shared) = self.parts();
        let existing = state.existing(shared);
        let capacity = state.capacity_for(existing.saturating_add(count));
        state.depot.keep_room(u64::from(existing) + u64::from(count))?;
        let State { slab, depot, lost, .. } = state;
        slab.carve(&shared.holes, count, |round| {
            if depot.push(round, &shared.shards).is_err() {
                *lost += 1;
            }
        })?;
        if capacity > state.capacity {
            state.capacity = capacity;
            state.grows += 1;
        }
        self.publish_carved();
        Ok(())
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

    /// Notes how many slots may be live now: all that are neither in the
    /// depot, nor parked, nor in the reserve.
    pub(super) fn note_high_water(&mut self) {
        let inside = self.depot.rounds() + self.parked + self.reserve.rounds() + self.lost;
        let outside = self.existing(self.shared()).saturating_sub(inside);
        self.high_water = self.high_water.max(outside.min(self.capacity));
    }
}

impl State {
    /// Slots that were carved and are no holes.
    pub(super) fn existing(&self, shared: &Shared) -> u32 {
        self.slab.carved() - shared.holes.count()
    }

    /// The capacity, doubled up to the limit if it is less than `slots`.
    fn capacity_for(&self, slots: u32) -> u32 {
        if slots <= self.capacity {
            self.capacity
        } else {
            self.capacity.saturating_mul(2).min(self.slab.limit())
        }
    }
}
