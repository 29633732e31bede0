//! Looking at a pool: exact figures and the proof that every slot is in one place.

#![allow(unsafe_code, reason = "reads the magazines of revoked caches")]

use super::{Locked, Pool};
use crate::error::Error;
use crate::magazine::Round;
use crate::stats::{Report, Stats};
use crate::sys::bits::Bits;

impl Pool {
    pub(crate) fn stats(&self) -> Result<Stats, Error> {
        let mut at = self.lock()?;
        at.revoke_all();
        let stats = at.stats();
        at.reopen_all();
        Ok(stats)
    }

    pub(crate) fn check(&self) -> Result<Report, Error> {
        let mut at = self.lock()?;
        let seen = Bits::new(at.slab.limit())?;
        at.revoke_all();
        let report = at.check(&seen);
        at.reopen_all();
        Ok(report)
    }
}

impl Locked<'_> {
    /// Shows `see` every round there is. All caches are revoked.
    pub(super) fn see_all_rounds(&mut self, mut see: impl FnMut(Round)) {
        let shared = self.shared();
        self.depot.absorb(&shared.shards);
        for cache in shared.caches() {
            // SAFETY: the lock is held and the cache revoked.
            unsafe { cache.each_round(&mut see) };
        }
        self.reserve.each_round(&mut see);
        self.depot.each_round(see);
    }

    /// Rounds in the magazines of caches. All caches are revoked.
    fn rounds_in_caches(&self) -> u32 {
        // SAFETY: the lock is held and all caches are revoked.
        self.shared().caches().map(|cache| unsafe { cache.rounds() }).sum()
    }

    /// Live objects. All caches are revoked.
    pub(super) fn live(&mut self) -> u32 {
        let shared = self.shared();
        self.depot.absorb(&shared.shards);
        let free = self.depot.rounds() + self.reserve.rounds() + self.rounds_in_caches();
        // Less than nothing only while an object that was freed twice at once is
        // counted in both places.
        self.existing(shared).saturating_sub(free + self.lost)
    }

    fn stats(&mut self) -> Stats {
        let live = self.live();
        self.high_water = self.high_water.max(live);
        let mut stats = Stats {
            object_size: self.shape.object_size as u64,
            slot_size: self.shape.stride as u64,
            capacity: self.capacity.into(),
            limit: self.slab.limit().into(),
            in_use: live.into(),
            free: self.capacity.saturating_sub(live).saturating_sub(self.lost).into(),
            high_water: self.high_water.into(),
            grows: self.grows,
            failed_allocs: self.failed_allocs,
            revocations: self.revocations,
            lost: self.lost.into(),
            magazine_rounds: self.pace.rounds().into(),
            bytes_reserved: self.slab.reserved() as u64,
            bytes_committed: self.slab.committed() as u64,
            waiting: self.queue.len() as u64,
            reserve: self.shape.reserve as u64,
            total_allocated: self.direct_allocs,
            ..Stats::default()
        };
        for cache in self.shared().caches() {
            // SAFETY: the lock is held and the cache revoked.
            stats.total_allocated += unsafe { cache.allocated() };
            stats.refills += cache.refills.get();
            stats.flushes += cache.flushes.get();
            stats.exchanges += cache.exchanges.get();
            stats.steals += cache.steals.get();
            stats.caches += u64::from(cache.is_held());
        }
        stats.total_freed = stats.total_allocated.saturating_sub(stats.in_use);
        self.pool.misuse.fill(&mut stats);
        stats
    }

    /// Walks all rounds. All caches are revoked; `seen` is clear.
    fn check(&mut self, seen: &Bits) -> Report {
        let geometry = self.slab.geometry();
        let (carved, slots) = (self.slab.carved(), self.slab.limit());
        let mut report = Report { slots: slots.into(), ..Report::default() };
        let mut rounds = 0;
        let in_caches = self.rounds_in_caches();
        let existing = self.existing(self.shared());
        let slab = std::ptr::from_ref(&self.slab);
        let holes = &self.shared().holes;
        self.see_all_rounds(|round| {
            let index = geometry.index_in(round);
            if index >= carved || holes.contains(index) {
                report.out_of_range += 1;
                return;
            }
            rounds += 1;
            let fresh = seen.set(index);
            report.duplicates += u64::from(!fresh);
            // SAFETY: the lock is held; walking the rounds does not touch the slab.
            let overwritten = fresh && !unsafe { &*slab }.is_intact(round);
            report.overwritten += u64::from(overwritten);
            if (overwritten || !fresh) && report.first_damaged == 0 {
                report.first_damaged = geometry.address(index);
            }
        });
        report.in_magazines = (in_caches - self.parked).into();
        report.in_depot = (self.depot.rounds() + self.parked + self.reserve.rounds()).into();
        report.lost = self.lost.into();
        report.uncarved = (slots - existing).into();
        let free = rounds - report.duplicates;
        report.live = u64::from(existing).saturating_sub(free + report.lost);
        report
    }
}
