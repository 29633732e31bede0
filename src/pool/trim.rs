//! Giving memory back: a thread's rounds to the depot, free pages to the system.

#![forbid(unsafe_code)]

use super::{Locked, Pool, State};
use crate::error::Error;
use crate::local;
use crate::sys::bits::Bits;

impl Pool {
    /// Gives the calling thread's rounds back to the depot.
    pub(crate) fn flush_thread(&self) -> Result<(), Error> {
        let mut at = self.lock()?;
        let cache = local::cache_of(self.place);
        if cache.pool() == self.address() && !cache.is_detached() {
            at.take_rounds_of(cache);
            at.relax();
        }
        Ok(())
    }

    /// Gives the pages that hold only free slots back to the system.
    pub(crate) fn trim(&self) -> Result<(), Error> {
        let mut at = self.lock()?;
        let free = Bits::new(at.slab.limit())?;
        at.revoke_all();
        at.drain_all();
        let (state, shared) = at.parts();
        state.open_reserve(shared);
        let trimmed = at.trim(&free);
        at.shrink_for_trim();
        at.reopen_all();
        trimmed
    }
}

impl Locked<'_> {
    /// All caches are revoked and all rounds are in the depot; `free` is clear.
    fn trim(&mut self, free: &Bits) -> Result<(), Error> {
        let (state, shared) = self.parts();
        let State { slab, depot, .. } = state;
        let geometry = slab.geometry();
        depot.each_round(|round| {
            // A round that does not fit may stand for a live object (freed twice at
            // once), or for one that was overwritten: those pages stay.
            if slab.is_intact(round) {
                free.set(geometry.index_in(round));
            }
        });
        let holes = &shared.holes;
        let trimmed =
            slab.discard_free_pages(holes, |index| free.get(index) || holes.contains(index));
        // Also after an error: what was discarded until then are holes.
        let carved = slab.carved();
        depot.retain(|round| {
            let index = geometry.index_in(round);
            index < carved && !holes.contains(index)
        });
        state.fill_reserve(shared);
        self.publish_carved();
        trimmed
    }
}
