//! The reference of one pool: which objects are live and whose, what became of the
//! others, and what every figure must be.

use super::steps::Shape;
use crate::sys;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::collections::HashMap;

pub(super) type Outcome = Result<(), TestCaseError>;

/// An object that is not live.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Free {
    Known,
    /// Its memory may be gone: the pool was trimmed since.
    Trimmed,
}

/// Whose a live object is.
struct Owner {
    token: u64,
    /// What the object began with when it was handed out.
    first: u64,
    /// Its place in `live`.
    at: usize,
}

/// An allocation that waits for its callback; what that was told: status and address.
pub(super) struct Promise {
    pub(super) ticket: u64,
    pub(super) critical: bool,
    pub(super) told: std::sync::mpsc::Receiver<(i32, usize)>,
    /// The callback's, for who cancels it.
    pub(super) context: usize,
}

pub(super) struct Model {
    /// The handle, as an address.
    pub(super) pool: usize,
    pub(super) shape: Shape,
    pub(super) limit: usize,
    pub(super) slot: usize,
    pub(super) align: usize,
    pub(super) live: Vec<usize>,
    owners: HashMap<usize, Owner>,
    pub(super) free: HashMap<usize, Free>,
    pub(super) queue: Vec<Promise>,
    allocated: u64,
    failed: u64,
    most_live: u64,
    /// Misuse by status.
    misuse: HashMap<i32, u64>,
    /// Misuse of which only the set of possible statuses is known.
    unsure: u64,
}

/// What pool.h promises for a free. More than one: either may be said.
pub(super) type Statuses = &'static [i32];

pub(super) const OK: Statuses = &[sys::POOL_OK];
pub(super) const NULL: Statuses = &[sys::POOL_ERR_NULL];
pub(super) const FOREIGN: Statuses = &[sys::POOL_ERR_FOREIGN];
pub(super) const INTERIOR: Statuses = &[sys::POOL_ERR_INTERIOR];
pub(super) const WRONG_POOL: Statuses = &[sys::POOL_ERR_WRONG_POOL];
pub(super) const DOUBLE_FREE: Statuses = &[sys::POOL_ERR_DOUBLE_FREE];
pub(super) const TRIMMED: Statuses = &[sys::POOL_ERR_DOUBLE_FREE, sys::POOL_ERR_FOREIGN];

impl Model {
    pub(super) fn new(pool: usize, shape: &Shape) -> Result<Model, TestCaseError> {
        let mut model = Model {
            pool,
            shape: shape.clone(),
            limit: shape.capacity + shape.growth,
            slot: 0,
            align: match (shape.align, shape.size) {
                (0, ..=8) => 8,
                (0, _) => 16,
                (align, _) => align,
            },
            live: Vec::new(),
            owners: HashMap::new(),
            free: HashMap::new(),
            queue: Vec::new(),
            allocated: 0,
            failed: 0,
            most_live: 0,
            misuse: HashMap::new(),
            unsure: 0,
        };
        let stats = super::stats_of(pool)?;
        model.slot = stats.slot_size as usize;
        prop_assert_eq!(model.slot, shape.size.next_multiple_of(model.align.max(8)));
        if shape.rounds > 0 {
            prop_assert_eq!(stats.magazine_rounds, u64::from(shape.rounds).min(model.limit as u64));
        }
        Ok(model)
    }

    pub(super) fn has_room(&self, critical: bool) -> bool {
        let kept = if critical { 0 } else { self.shape.reserve };
        self.live.len() < self.limit - kept
    }

    /// An object came out: aligned, inside, and nobody's. It bears a token from now on.
    pub(super) fn got(&mut self, address: usize, critical: bool) -> Outcome {
        prop_assert!(self.has_room(critical), "more objects than the pool has");
        prop_assert_eq!(address % self.align, 0);
        prop_assert_eq!(super::owner_of(address), self.pool);
        prop_assert!(!self.owners.contains_key(&address), "an object was handed out twice");
        let other = self.live.first().or(self.free.keys().next()).copied().unwrap_or(address);
        prop_assert_eq!(address.abs_diff(other) % self.slot, 0);
        prop_assert!(address.abs_diff(other) / self.slot < self.limit);
        self.allocated += 1;
        self.free.remove(&address);
        let at = self.live.len();
        self.live.push(address);
        self.most_live = self.most_live.max(self.live.len() as u64);
        let token = self.pool as u64 ^ self.allocated.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // SAFETY: a live object that is the machine's, of at least so many bytes.
        let object = unsafe { bytes_of(address, self.shape.size) };
        let first = object.first_chunk().map_or(0, |word| u64::from_ne_bytes(*word));
        object.copy_from_slice(&self.filled(token));
        self.owners.insert(address, Owner { token, first, at });
        Ok(())
    }

    pub(super) fn refused(&mut self, critical: bool) -> Outcome {
        prop_assert!(!self.has_room(critical), "refused although there is room");
        self.failed += 1;
        Ok(())
    }

    /// The owner's token is in all of the object.
    pub(super) fn verify(&self, address: usize) -> Outcome {
        // SAFETY: a live object that is the machine's, of at least so many bytes.
        let object = unsafe { bytes_of(address, self.shape.size) };
        let whole = object == self.filled(self.owners[&address].token);
        prop_assert!(whole, "an object bears another token than its owner's");
        Ok(())
    }

    /// Leaves bytes in a live object by which the pool knows free ones: a program may, and
    /// the object is freed like others.
    pub(super) fn disguise(&self, address: usize) {
        // SAFETY: a live object that is the machine's, of at least so many bytes.
        let object = unsafe { bytes_of(address, self.shape.size) };
        if let Some(word) = object.first_chunk_mut() {
            *word = (!self.owners[&address].first).to_ne_bytes();
        }
    }

    /// An object full of a token.
    fn filled(&self, token: u64) -> Vec<u8> {
        let mut bytes = token.to_ne_bytes().repeat(self.shape.size.div_ceil(8));
        bytes.truncate(self.shape.size);
        bytes
    }

    /// What freeing this address to this pool must say.
    pub(super) fn expected(&self, address: usize) -> Statuses {
        match self.free.get(&address) {
            _ if self.owners.contains_key(&address) => OK,
            Some(Free::Known) => DOUBLE_FREE,
            Some(Free::Trimmed) => TRIMMED,
            None => FOREIGN,
        }
    }

    /// It was freed, and this was said; nothing by a batch or a release.
    pub(super) fn freed(
        &mut self,
        address: usize,
        expected: Statuses,
        said: Option<i32>,
    ) -> Outcome {
        if let Some(said) = said {
            prop_assert!(expected.contains(&said), "a free said {said}, not {expected:?}");
        }
        match (expected, said) {
            (&[sys::POOL_OK], _) => {
                self.forget(address);
                self.free.insert(address, Free::Known);
            }
            (&[status], _) | (_, Some(status)) => *self.misuse.entry(status).or_default() += 1,
            _ => self.unsure += 1,
        }
        Ok(())
    }

    fn forget(&mut self, address: usize) {
        let Some(owner) = self.owners.remove(&address) else { return };
        self.live.swap_remove(owner.at);
        if let Some(moved) = self.live.get(owner.at).and_then(|moved| self.owners.get_mut(moved)) {
            moved.at = owner.at;
        }
    }

    pub(super) fn trimmed(&mut self) {
        self.free.values_mut().for_each(|free| *free = Free::Trimmed);
    }

    /// Every figure, every slot and every token.
    pub(super) fn audit(&mut self) -> Outcome {
        self.audit_figures()?;
        let report = super::report_of(self.pool)?;
        let found =
            report.live + report.in_magazines + report.in_depot + report.uncarved + report.lost;
        prop_assert_eq!((report.slots, found), (self.limit as u64, self.limit as u64));
        prop_assert_eq!((report.live, report.lost), (self.live.len() as u64, 0));
        self.live.iter().try_for_each(|&address| self.verify(address))
    }

    fn audit_figures(&mut self) -> Outcome {
        let stats = super::stats_of(self.pool)?;
        let live = self.live.len() as u64;
        prop_assert_eq!((stats.in_use, stats.lost), (live, 0));
        prop_assert_eq!(stats.total_allocated, self.allocated);
        prop_assert_eq!(stats.total_freed, self.allocated - live);
        prop_assert_eq!(stats.failed_allocs, self.failed);
        prop_assert_eq!((stats.limit, stats.free), (self.limit as u64, stats.capacity - live));
        prop_assert_eq!(stats.capacity, self.grown(stats.grows));
        prop_assert!((self.most_live..=stats.capacity).contains(&stats.high_water));
        prop_assert_eq!(stats.waiting, self.queue.len() as u64);
        prop_assert_eq!(stats.reserve, self.shape.reserve as u64);
        let count = |status| self.misuse.get(&status).copied().unwrap_or(0);
        prop_assert_eq!(stats.misuse_null, count(sys::POOL_ERR_NULL));
        prop_assert_eq!(stats.misuse_interior, count(sys::POOL_ERR_INTERIOR));
        prop_assert_eq!(stats.misuse_wrong_pool, count(sys::POOL_ERR_WRONG_POOL));
        prop_assert_eq!(stats.misuse_overwritten, 0);
        let (foreign, double) = (count(sys::POOL_ERR_FOREIGN), count(sys::POOL_ERR_DOUBLE_FREE));
        prop_assert!(stats.misuse_foreign >= foreign && stats.misuse_double_free >= double);
        let found = stats.misuse_foreign + stats.misuse_double_free;
        prop_assert_eq!(found, foreign + double + self.unsure);
        Ok(())
    }

    /// The first capacity, doubled so often.
    fn grown(&self, grows: u64) -> u64 {
        let double = |capacity: usize, _| (capacity * 2).min(self.limit);
        (0..grows).fold(self.shape.capacity, double) as u64
    }
}

/// # Safety
/// A live object of at least so many bytes, which nobody else uses meanwhile.
unsafe fn bytes_of<'a>(address: usize, size: usize) -> &'a mut [u8] {
    let object = std::ptr::with_exposed_provenance_mut(address);
    // SAFETY: the caller's promise; bytes of a pool are initialised memory.
    unsafe { std::slice::from_raw_parts_mut(object, size) }
}
