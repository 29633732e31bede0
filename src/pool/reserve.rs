//! The reserve: slots that only critical allocations may take.
//!
//! Of a pool's `limit` slots, ordinary allocations may use all but `size`. Which slots
//! those are does not matter: as long as more slots exist than ordinary allocations may
//! use, the surplus is owed to the reserve, and rounds that come back fill it first. A
//! pool that owes is tight, so every round passes here; one that does not owe runs its
//! fast paths with no idea of a reserve.

#![forbid(unsafe_code)]

use super::{Locked, Shared, State};
use crate::cache::Popped;
use crate::depot::shard::Shards;
use crate::depot::Depot;
use crate::error::Error;
use crate::magazine::Round;

pub(crate) struct Reserve {
    size: u32,
    /// A store of its own, with room for `size` rounds from the start.
    kept: Depot,
}

impl Reserve {
    pub(super) fn new(size: u32, rounds: u32) -> Result<Reserve, Error> {
        let mut kept = Depot::new(rounds);
        if size > 0 {
            kept.keep_room(u64::from(size))?;
        }
        Ok(Reserve { size, kept })
    }

    /// Rounds that lie here.
    pub(super) fn rounds(&self) -> u32 {
        self.kept.rounds()
    }

    pub(super) fn each_round(&self, see: impl FnMut(Round)) {
        self.kept.each_round(see);
    }

    pub(super) fn push(&mut self, round: Round, shards: &Shards) -> Result<(), Round> {
        self.kept.push(round, shards)
    }
}

impl State {
    /// Slots that ordinary allocations may use.
    pub(super) fn ordinary_limit(&self) -> u32 {
        self.slab.limit() - self.reserve.size
    }

    /// Rounds that the reserve lacks of those it should have.
    pub(super) fn owed(&self, shared: &Shared) -> u32 {
        let existing = self.existing(shared);
        existing.saturating_sub(self.ordinary_limit()).saturating_sub(self.reserve.rounds())
    }

    /// Moves the reserve's rounds to the depot, for whoever looks at all of them.
    pub(super) fn open_reserve(&mut self, shared: &Shared) {
        while let Some(round) = self.reserve.kept.pop() {
            if self.depot.push(round, &shared.shards).is_err() {
                self.lost += 1;
            }
        }
    }

    /// Fills the reserve from the depot.
    pub(super) fn fill_reserve(&mut self, shared: &Shared) {
        while self.owed(shared) > 0 {
            let Some(round) = self.depot.pop() else { return };
            self.put_in_depot(round, shared);
        }
    }
}

impl Locked<'_> {
    /// A round of the reserve, made live. The pool is tight.
    pub(super) fn pop_from_reserve(&mut self) -> Result<Popped, Error> {
        let round = match self.reserve.kept.pop() {
            Some(round) => round,
            None => self.carve_reserved()?,
        };
        self.note_high_water();
        Ok(self.make_live(round))
    }

    /// A slot that did not exist yet: ordinary allocations leave the last ones uncarved.
    /// The depot is empty.
    fn carve_reserved(&mut self) -> Result<Round, Error> {
        if self.existing(self.shared()) >= self.slab.limit() {
            return Err(Error::Exhausted);
        }
        self.carve(1)?;
        self.depot.pop().ok_or(Error::Exhausted)
    }
}
