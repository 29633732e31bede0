//! Figures a pool reports, and the counters behind them.

#![forbid(unsafe_code)]

use crate::error::Error;
use crate::sync::plain::AtomicU64;
use crate::sync::Relaxed;

/// Figures of a pool at one instant; `pool_stats_t` in `pool.h` explains each
/// and says which are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Bytes of an object.
    pub object_size: u64,
    /// Bytes from one object to the next.
    pub slot_size: u64,
    /// Objects the pool may have now.
    pub capacity: u64,
    /// Most objects it may ever have.
    pub limit: u64,
    /// Live objects.
    pub in_use: u64,
    /// Objects that could be allocated now without growing.
    pub free: u64,
    /// Most objects live at once, or a little more (rounds idle in magazines).
    pub high_water: u64,
    /// Times the capacity grew.
    pub grows: u64,
    /// Objects handed out in total.
    pub total_allocated: u64,
    /// Objects taken back in total.
    pub total_freed: u64,
    /// Allocations that failed in total.
    pub failed_allocs: u64,
    /// Times a cache took rounds from the depot.
    pub refills: u64,
    /// Times a cache gave rounds to the depot.
    pub flushes: u64,
    /// Whole-magazine swaps without the depot's lock.
    pub exchanges: u64,
    /// Magazines taken from a shard that was not the cache's own.
    pub steals: u64,
    /// Times all caches were revoked.
    pub revocations: u64,
    /// Null objects freed.
    pub misuse_null: u64,
    /// Pointers freed that are no object of any pool.
    pub misuse_foreign: u64,
    /// Pointers freed that are inside an object.
    pub misuse_interior: u64,
    /// Objects freed that belong to another pool.
    pub misuse_wrong_pool: u64,
    /// Objects freed that were free.
    pub misuse_double_free: u64,
    /// Free objects found overwritten.
    pub misuse_overwritten: u64,
    /// Slots set aside because they were overwritten while free.
    pub lost: u64,
    /// Caches that belong to a living thread or a handle.
    pub caches: u64,
    /// Rounds of a magazine, now.
    pub magazine_rounds: u64,
    /// Bytes of address space reserved for objects.
    pub bytes_reserved: u64,
    /// Bytes of it made accessible.
    pub bytes_committed: u64,
    /// Threads and callbacks that wait for an object.
    pub waiting: u64,
    /// Objects that only critical allocations may take.
    pub reserve: u64,
}

/// Where each slot of a pool is; `pool_report_t` in `pool.h` explains each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Slots of the pool: its limit.
    pub slots: u64,
    /// Objects in users' hands.
    pub live: u64,
    /// Free slots in the magazines that threads hold.
    pub in_magazines: u64,
    /// Free slots in the depot.
    pub in_depot: u64,
    /// Slots never used, or given back by a trim.
    pub uncarved: u64,
    /// Slots set aside because they were overwritten while free.
    pub lost: u64,
    /// Damage: rounds that stand in a second place too.
    pub duplicates: u64,
    /// Damage: rounds that are no slot of the pool.
    pub out_of_range: u64,
    /// Damage: free objects that were overwritten.
    pub overwritten: u64,
    /// Address of the first damaged object found, or 0.
    pub first_damaged: usize,
}

impl Report {
    /// Whether no damage was found.
    pub fn is_clean(&self) -> bool {
        self.duplicates == 0 && self.out_of_range == 0 && self.overwritten == 0
    }
}

/// Counts of a pool that any thread may bump; none is on a fast path.
#[derive(Debug)]
pub(crate) struct MisuseCounts {
    null: AtomicU64,
    foreign: AtomicU64,
    interior: AtomicU64,
    wrong_pool: AtomicU64,
    double_free: AtomicU64,
    overwritten: AtomicU64,
}

impl MisuseCounts {
    pub(crate) const fn new() -> MisuseCounts {
        MisuseCounts {
            null: AtomicU64::new(0),
            foreign: AtomicU64::new(0),
            interior: AtomicU64::new(0),
            wrong_pool: AtomicU64::new(0),
            double_free: AtomicU64::new(0),
            overwritten: AtomicU64::new(0),
        }
    }

    /// Counts one misuse; other errors are no misuse and are not counted.
    pub(crate) fn count(&self, error: Error) {
        let counter = match error {
            Error::Null => &self.null,
            Error::Foreign => &self.foreign,
            Error::Interior => &self.interior,
            Error::WrongPool => &self.wrong_pool,
            Error::DoubleFree => &self.double_free,
            Error::Corrupt => &self.overwritten,
            _ => return,
        };
        // ORDERING: a count orders nothing.
        counter.fetch_add(1, Relaxed);
    }

    pub(crate) fn reset(&self) {
        for counter in [
            &self.null,
            &self.foreign,
            &self.interior,
            &self.wrong_pool,
            &self.double_free,
            &self.overwritten,
        ] {
            // ORDERING: a count orders nothing.
            counter.store(0, Relaxed);
        }
    }

    pub(crate) fn fill(&self, stats: &mut Stats) {
        // ORDERING: counts order nothing.
        let get = |counter: &AtomicU64| counter.load(Relaxed);
        stats.misuse_null = get(&self.null);
        stats.misuse_foreign = get(&self.foreign);
        stats.misuse_interior = get(&self.interior);
        stats.misuse_wrong_pool = get(&self.wrong_pool);
        stats.misuse_double_free = get(&self.double_free);
        stats.misuse_overwritten = get(&self.overwritten);
    }
}

/// A count with one writer at a time (the owner of a cache, or the holder of
/// the depot's lock) and any number of readers: no read-modify-write needed.
#[derive(Debug, Default)]
pub(crate) struct Tally(AtomicU64);

impl Tally {
    pub(crate) const fn new() -> Tally {
        Tally(AtomicU64::new(0))
    }

    #[inline(always)]
    pub(crate) fn add(&self, n: u64) {
        // ORDERING: single writer, and a count orders nothing.
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        // ORDERING: readers that need exactness hold the depot's lock with all
        // caches revoked, which orders every owner's writes before this.
        self.0.load(Relaxed)
    }
}
