//! A pool under soak, with what must be true of it: how often its functions said what,
//! and, where the pool is guarded, how many objects may be out.

use crate::support::Random;
use crate::{sys, tokens};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::Mutex;

/// How to make an arena.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Words of an object.
    pub(crate) words: usize,
    pub(crate) capacity: usize,
    pub(crate) limit: usize,
    pub(crate) rounds: u32,
    pub(crate) reserve: usize,
    /// An object is taken only with one of `limit` permits, which is given up after the
    /// object: then no allocation may be refused.
    pub(crate) guarded: bool,
}

pub(crate) struct Arena {
    pub(crate) pool: usize,
    pub(crate) kind: Kind,
    permits: AtomicUsize,
    /// Objects that threads left for others.
    pub(crate) pile: Mutex<Vec<Owned>>,
    pub(crate) counts: Counts,
}

/// What the pool's functions said so far.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) allocated: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) null: AtomicU64,
    pub(crate) foreign: AtomicU64,
    pub(crate) interior: AtomicU64,
}

/// A live object with its owner's token in every word.
pub(crate) struct Owned {
    address: usize,
    token: u64,
}

/// Counts order nothing: they are compared when all threads have been joined.
pub(crate) fn count(counter: &AtomicU64, n: usize) {
    // ORDERING: see above.
    counter.fetch_add(n as u64, Relaxed);
}

pub(crate) fn handle(pool: usize) -> *mut sys::pool_t {
    std::ptr::with_exposed_provenance_mut(pool)
}

pub(crate) fn pointer(address: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address)
}

/// Makes a pool and returns its handle.
pub(crate) fn make(kind: &Kind) -> usize {
    let config = sys::pool_config_t {
        struct_size: size_of::<sys::pool_config_t>(),
        name: std::ptr::null(),
        object_size: kind.words * 8,
        object_align: 0,
        capacity: kind.capacity,
        limit: kind.limit,
        magazine_rounds: kind.rounds,
        flags: 0,
        reserve: kind.reserve,
    };
    let mut pool = null_mut();
    // SAFETY: a configuration of the size it says, and a place for the handle.
    let status = unsafe { sys::pool_create(&config, &mut pool) };
    assert_eq!(status, sys::POOL_OK, "{kind:?}");
    pool.expose_provenance()
}

impl Arena {
    pub(crate) fn new(kind: Kind) -> Arena {
        Arena {
            pool: make(&kind),
            kind,
            permits: AtomicUsize::new(kind.limit),
            pile: Mutex::default(),
            counts: Counts::default(),
        }
    }

    /// As many permits as there are, up to `wanted`.
    pub(crate) fn permits(&self, wanted: usize) -> usize {
        if !self.kind.guarded {
            return wanted;
        }
        // ORDERING: a permit is given up after its object was freed, by the same thread,
        // and the pool orders what it hands from thread to thread itself.
        let left = |left: usize| Some(left - left.min(wanted));
        let before = self.permits.fetch_update(Relaxed, Relaxed, left).unwrap_or(0);
        before.min(wanted)
    }

    fn return_permits(&self, count: usize) {
        if self.kind.guarded {
            // ORDERING: as above. SeqCst is not needed: the test would only see too few.
            self.permits.fetch_add(count, Relaxed);
        }
    }

    pub(crate) fn expect_permits(&self, left: usize) {
        // ORDERING: all threads have been joined.
        let found = self.permits.load(Relaxed);
        assert!(!self.kind.guarded || found == left, "{found} permits, not {left}");
    }

    /// Objects that came from an allocation of `wanted` for which permits were taken.
    pub(crate) fn keep(&self, objects: &[usize], wanted: usize, random: &mut Random) -> Vec<Owned> {
        assert!(objects.len() == wanted || !self.kind.guarded, "refused with a permit");
        count(&self.counts.refused, usize::from(objects.len() < wanted));
        count(&self.counts.allocated, objects.len());
        let own = |&address: &usize| {
            let owned = Owned { address, token: random.next() | 1 };
            tokens::write(self.words(&owned), owned.token);
            owned
        };
        objects.iter().map(own).collect()
    }

    /// Addresses of objects that are about to be freed.
    pub(crate) fn give_up(&self, objects: Vec<Owned>) -> Vec<usize> {
        objects.iter().for_each(|owned| tokens::wipe(self.words(owned), owned.token));
        objects.iter().map(|owned| owned.address).collect()
    }

    /// They were freed.
    pub(crate) fn freed(&self, count: usize) {
        self.return_permits(count);
    }

    pub(crate) fn verify(&self, owned: &Owned) {
        tokens::verify(self.words(owned), owned.token);
    }

    /// Inside an object.
    pub(crate) fn inside(&self, owned: &Owned, random: &mut Random) -> usize {
        owned.address + 1 + random.below(self.kind.words * 8 - 1)
    }

    fn words<'a>(&self, owned: &'a Owned) -> &'a [AtomicU64] {
        // SAFETY: a live object of so many words, whose owner keeps it meanwhile.
        unsafe {
            let words = std::ptr::with_exposed_provenance(owned.address);
            std::slice::from_raw_parts(words, self.kind.words)
        }
    }

    pub(crate) fn stats(&self) -> sys::pool_stats_t {
        // SAFETY: plain numbers, for which zeros will do.
        let mut stats: sys::pool_stats_t = unsafe { std::mem::zeroed() };
        stats.struct_size = size_of_val(&stats);
        // SAFETY: a live pool's handle, and a struct of the size it says.
        let status = unsafe { sys::pool_get_stats(handle(self.pool), &mut stats) };
        assert_eq!(status, sys::POOL_OK);
        assert_eq!(stats.total_allocated - stats.total_freed, stats.in_use);
        assert_eq!(stats.in_use + stats.free + stats.lost, stats.capacity);
        stats
    }

    /// Proves that the pool is sound; where its slots are.
    pub(crate) fn check(&self) -> sys::pool_report_t {
        // SAFETY: numbers and a pointer, for which zeros will do.
        let mut report: sys::pool_report_t = unsafe { std::mem::zeroed() };
        report.struct_size = size_of_val(&report);
        // SAFETY: a live pool's handle, and a struct of the size it says.
        let status = unsafe { sys::pool_check(handle(self.pool), &mut report) };
        assert_eq!(status, sys::POOL_OK, "not sound");
        let everywhere =
            report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost;
        assert_eq!((everywhere, report.lost), (report.slots, 0));
        report
    }
}
