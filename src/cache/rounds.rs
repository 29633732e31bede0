//! What a cache's owner does with rounds: pops make slots live, pushes take live
//! objects back, one at a time or in runs. Each function for any unit of rounds
//! has a fast twin, which is compiled for the unit of slabs up to 2 GiB.

#![allow(unsafe_code, reason = "takes rounds from magazines and touches slots' words")]

use super::Cache;
use crate::magazine::Round;
use crate::slab::{live_mark, word, word_tail, Geometry};
use crate::sync::{planted, Bug, Relaxed};

/// A slot that a cache gave, or why it gave none.
pub(crate) enum Popped {
    Slot(usize),
    Empty,
    /// The round does not fit the slot's word; it was taken out of the magazine.
    Suspect(Round),
}

/// What became of an address offered to a cache.
pub(crate) enum Pushed {
    Done,
    Full,
    /// Not plainly a live object: the slow path must look.
    Odd,
}

impl Cache {
    /// Makes the slot of the loaded magazine's top round live and returns its
    /// address; 0, with nothing changed, if there is no round or it does not fit.
    ///
    /// # Safety
    /// As for [`Cache::loaded`]; and the slab is mapped.
    pub(crate) unsafe fn pop_intact(&self) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.pop_intact_by(self.geometry) }
    }

    /// # Safety
    /// As for [`Cache::pop_intact`].
    #[inline(always)]
    unsafe fn pop_intact_by(&self, geometry: Geometry) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        // SAFETY: the caller is the only user of the magazine.
        let Some(top) = (unsafe { loaded.top() }) else { return 0 };
        let round = top.round;
        let address = geometry.address_in(round);
        // SAFETY: rounds stand for carved slots of the mapped slab.
        let word = unsafe { word(address) };
        // ORDERING: written before the round was published (or by misuse).
        let key = word.load(Relaxed);
        if key != geometry.key(round) && !planted(Bug::PopUnchecked) {
            return 0;
        }
        loaded.take_top(&top);
        // ORDERING: the object is the caller's alone now.
        word.store(live_mark(key), Relaxed);
        // SAFETY: no slot is at address 0: mappings never are.
        unsafe { std::hint::assert_unchecked(address != 0) };
        address
    }

    /// As [`Cache::pop_intact`], after [`Cache::enter_fast`] or [`Cache::enter_own`]
    /// allowed it.
    ///
    /// # Safety
    /// As for [`Cache::pop_intact`], and that section goes on.
    #[inline(always)]
    pub(crate) unsafe fn pop_fast(&self) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.pop_intact_by(self.geometry.fast()) }
    }

    /// As [`Cache::pop_intact`], but says why not, and takes a round that does not
    /// fit its slot out of the magazine.
    ///
    /// # Safety
    /// As for [`Cache::pop_intact`].
    pub(crate) unsafe fn pop(&self) -> Popped {
        // SAFETY: the caller's promise.
        match unsafe { self.pop_intact() } {
            // SAFETY: the caller's promise; nobody else uses the magazine.
            0 => match unsafe { self.loaded().pop() } {
                None => Popped::Empty,
                Some(round) => Popped::Suspect(round),
            },
            address => Popped::Slot(address),
        }
    }

    /// Makes slots of the loaded magazine's top rounds live, into `out` from its
    /// start, up to the first that does not fit; returns how many.
    ///
    /// # Safety
    /// As for [`Cache::pop_intact`].
    pub(crate) unsafe fn pop_run(&self, out: &mut [usize]) -> usize {
        if self.geometry.has_fast_unit() {
            // SAFETY: the caller's promise.
            return unsafe { self.pop_run_by(self.geometry.fast(), out) };
        }
        // SAFETY: as above.
        unsafe { self.pop_run_by(self.geometry, out) }
    }

    /// # Safety
    /// As for [`Cache::pop_run`].
    #[inline(always)]
    unsafe fn pop_run_by(&self, geometry: Geometry, out: &mut [usize]) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let run = loaded.run();
        let count = out.len().min(run.len as usize);
        let mut done = 0;
        for place in &mut out[..count] {
            // SAFETY: `done` is below the length, and nobody else is here.
            let round = unsafe { *loaded.round((run.len - 1 - done) as usize) };
            let address = geometry.address_in(round);
            // SAFETY: rounds stand for carved slots of the mapped slab.
            let word = unsafe { word(address) };
            // ORDERING: as in `pop_intact`.
            let key = word.load(Relaxed);
            if key != geometry.key(round) {
                break;
            }
            // ORDERING: as in `pop_intact`.
            word.store(live_mark(key), Relaxed);
            *place = address;
            done += 1;
        }
        loaded.take_run(&run, done);
        done as usize
    }

    /// Takes plainly live objects back into the loaded magazine, up to the first
    /// that is not or has no room; returns how many. `bound` as in [`Cache::push`].
    ///
    /// # Safety
    /// As for [`Cache::push`].
    pub(crate) unsafe fn push_run(&self, objects: &[usize], bound: u32) -> usize {
        if self.geometry.has_fast_unit() {
            // SAFETY: the caller's promise.
            return unsafe { self.push_run_by(self.geometry.fast(), objects, bound) };
        }
        // SAFETY: as above.
        unsafe { self.push_run_by(self.geometry, objects, bound) }
    }

    /// # Safety
    /// As for [`Cache::push_run`].
    #[inline(always)]
    unsafe fn push_run_by(&self, geometry: Geometry, objects: &[usize], bound: u32) -> usize {
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let run = loaded.run();
        // A copy stays in a register, whatever the loop writes to.
        let stamp = self.stamp;
        let count = objects.len().min((loaded.capacity() - run.len) as usize);
        let mut done = 0;
        for &address in &objects[..count] {
            if geometry.index_of(address) >= u64::from(bound) {
                break;
            }
            // SAFETY: a carved slot begins at `address`.
            if geometry.may_be_key(unsafe { word_tail(address) }) {
                break;
            }
            let round = geometry.round_at(address, stamp);
            // SAFETY: the place is below the capacity, and nobody else is here.
            unsafe { *loaded.round((run.len + done) as usize) = round };
            // SAFETY: as above.
            // ORDERING: published with the round.
            unsafe { word(address) }.store(geometry.key(round), Relaxed);
            done += 1;
        }
        loaded.add_run(&run, done);
        done as usize
    }

    /// Takes a live object back into the loaded magazine. `bound` is the number
    /// of slots whose words may be trusted.
    ///
    /// # Safety
    /// As for [`Cache::pop`].
    pub(crate) unsafe fn push(&self, address: usize, bound: u32) -> Pushed {
        // SAFETY: the caller's promise.
        unsafe { self.push_live(address, bound, self.geometry) }
    }

    /// As [`Cache::push`], after [`Cache::enter_fast`] or [`Cache::enter_own`].
    ///
    /// # Safety
    /// As for [`Cache::push`], and that section goes on.
    #[inline(always)]
    pub(crate) unsafe fn push_fast(&self, address: usize, bound: u32) -> Pushed {
        // SAFETY: the caller's promise.
        unsafe { self.push_live(address, bound, self.geometry.fast()) }
    }

    /// # Safety
    /// As for [`Cache::push`].
    #[inline(always)]
    unsafe fn push_live(&self, address: usize, bound: u32, geometry: Geometry) -> Pushed {
        let index = geometry.index_of(address);
        if index >= u64::from(bound) {
            return Pushed::Odd;
        }
        // SAFETY: `index` is a carved slot's, and it begins at `address`.
        if geometry.may_be_key(unsafe { word_tail(address) }) {
            return Pushed::Odd;
        }
        // SAFETY: the caller's promise.
        let loaded = unsafe { self.loaded() };
        let round = geometry.round_at(address, self.stamp);
        // SAFETY: the caller is the only user of the magazine.
        if unsafe { loaded.push(round) }.is_err() {
            return Pushed::Full;
        }
        // SAFETY: as above.
        // ORDERING: published with the round.
        unsafe { word(address) }.store(geometry.key(round), Relaxed);
        Pushed::Done
    }
}
