//! The slab: one reserved address range per pool, and what stands in it.
//!
//! Slots lie one stride apart from the base, so address and index translate into
//! each other by arithmetic ([`Geometry`]). Who is free is written in the free
//! object itself: from carving or free until alloc its first word is the key of
//! the round that stands for it, `secret ^ round`. A round is
//! `stamp << bits | place`. The place is the slot's offset in units of 8 bytes: an
//! address becomes a round, and a round an address, by a constant shift, where an
//! index would put a multiplication into the chain from one pair to the next.
//! (Slabs above 2 GiB have larger units, for which the fast path is not made.)
//! The stamp names the cache that freed the slot, so that when two threads free one object at once,
//! only the round of the last writer fits the word, and the other is found when
//! it is popped.
//!
//! This file owns the words of free slots. It must not be asked to touch a slot
//! that is not carved: its page may be inaccessible.

#![allow(unsafe_code, reason = "reads and writes the first word of slots by address")]

use crate::config::{unit_for, Shape, HUGE_PAGES, UNIT};
use crate::error::Error;
use crate::holes::Holes;
use crate::magazine::Round;
use crate::sync::plain::AtomicU32;
use crate::sync::{slot_word, AtomicU64, Relaxed, MODELLED};
use crate::sys::mapping::{page_size, Mapping};

/// Translates between addresses, indices, rounds and keys. Copied into every
/// cache, so that the fast path finds it in the owner's own lines.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Geometry {
    base: usize,
    /// Inverse of the stride's odd part modulo 2^64.
    inverse: u64,
    secret: u64,
    stride: u32,
    /// Bits of a round that are the slot's place.
    place_mask: u32,
    /// Factors of two in the stride.
    twos: u32,
    /// Bytes of a unit of places: a power of two that divides the stride.
    unit: u32,
}

/// Where each member is, for callers that have the fast path inline.
#[cfg(not(any(loom, shuttle)))]
pub(crate) mod layout {
    use super::Geometry;
    use std::mem::offset_of;

    pub(crate) const BASE: usize = offset_of!(Geometry, base);
    pub(crate) const INVERSE: usize = offset_of!(Geometry, inverse);
    pub(crate) const SECRET: usize = offset_of!(Geometry, secret);
    pub(crate) const STRIDE: usize = offset_of!(Geometry, stride);
    pub(crate) const PLACE_MASK: usize = offset_of!(Geometry, place_mask);
    pub(crate) const TWOS: usize = offset_of!(Geometry, twos);
    pub(crate) const UNIT: usize = offset_of!(Geometry, unit);
}

impl Geometry {
    /// Of no slab: every address is outside.
    pub(crate) const NONE: Geometry =
        Geometry { base: 0, inverse: 0, secret: 0, stride: 0, place_mask: 0, twos: 0, unit: 0 };

    fn new(base: usize, stride: usize, limit: usize, secret: u64) -> Geometry {
        let twos = stride.trailing_zeros();
        let odd = stride >> twos;
        let unit = unit_for(stride, limit).unwrap_or(1 << twos);
        let last = ((limit - 1) * (stride / unit)) as u32;
        Geometry {
            base,
            inverse: inverse_of_odd(odd as u64),
            secret,
            stride: stride as u32,
            place_mask: u32::MAX.checked_shr(last.leading_zeros()).unwrap_or(0),
            twos,
            unit: unit as u32,
        }
    }

    /// Whether the unit is the one that the fast path is made for.
    pub(crate) fn has_fast_unit(&self) -> bool {
        self.unit as usize == UNIT
    }

    /// A copy of one that has the fast unit, which the compiler then knows. (With
    /// the unit as an argument of the functions instead, four instructions a pair
    /// fewer, a pair took 6.4 and not 6.1 ns.)
    #[inline(always)]
    pub(crate) fn fast(&self) -> Geometry {
        debug_assert!(self.has_fast_unit());
        Geometry { unit: UNIT as u32, ..*self }
    }

    #[inline(always)]
    fn offset_of(&self, address: usize) -> u64 {
        address.wrapping_sub(self.base) as u64
    }

    /// The index of the slot that begins at `address`; for any other address a
    /// number that is no index of the slab.
    ///
    /// Exact division: multiplying a multiple of an odd number by that number's
    /// inverse gives the quotient, and any other number something larger than
    /// (2^64 - 1) / odd (Granlund and Montgomery 1994, section 9). The rotation takes
    /// the factors of two out, and an odd offset's bits to the top. One bound check
    /// then refuses foreign and interior pointers at once.
    #[inline(always)]
    pub(crate) fn index_of(&self, address: usize) -> u64 {
        self.offset_of(address).rotate_right(self.twos).wrapping_mul(self.inverse)
    }

    pub(crate) fn index_in(&self, round: Round) -> u32 {
        self.index_of(self.address_in(round)) as u32
    }

    pub(crate) fn address(&self, index: u32) -> usize {
        self.base + index as usize * self.stride as usize
    }

    /// The address of the slot a round stands for.
    #[inline(always)]
    pub(crate) fn address_in(&self, round: Round) -> usize {
        self.base + (round & self.place_mask) as usize * self.unit as usize
    }

    /// The round of the slot at `address`, freed by the cache with this stamp.
    #[inline(always)]
    pub(crate) fn round_at(&self, address: usize, stamp: u32) -> Round {
        (self.offset_of(address) >> self.unit.trailing_zeros()) as u32 | stamp
    }

    /// (`include/pool_inline.h` computes the same, and [`live_mark`]: layout 1.)
    #[inline(always)]
    pub(crate) fn key(&self, round: Round) -> u64 {
        self.secret ^ u64::from(round)
    }

    /// Whether `word` is the key of any round of the slot at `address`.
    pub(crate) fn is_key(&self, word: u64, address: usize) -> bool {
        (word ^ self.secret) & !u64::from(!self.place_mask) == u64::from(self.round_at(address, 0))
    }

    /// Whether a word that ends in these 32 bits may be a key: all keys of a pool
    /// end alike, because rounds have 32 bits.
    #[inline(always)]
    pub(crate) fn may_be_key(&self, tail: u32) -> bool {
        tail == (self.secret >> 32) as u32
    }

    /// The stamp of the cache with this number, in a round's upper bits. Stamp 0
    /// is the depot's; numbers share stamps once the bits are used up.
    pub(crate) fn stamp(&self, number: u32) -> u32 {
        // At most 31: see `config::unit_for`.
        let bits = self.place_mask.count_ones();
        let stamps = u32::MAX >> bits;
        (number % stamps + 1) << bits
    }
}

/// The first word of a slot.
///
/// # Safety
/// `address` is the start of a carved slot of a slab that stays mapped while
/// the reference lives.
#[inline(always)]
pub(crate) unsafe fn word<'a>(address: usize) -> &'a AtomicU64 {
    // SAFETY: slots are 8-byte aligned, at least 8 bytes long and mapped. Atomic,
    // because misuse makes two threads meet here.
    unsafe { slot_word(address) }
}

/// What alloc leaves in the word: no key, and recognisable, so that a round popped
/// for a slot that was just allocated through another tells its tale.
#[inline(always)]
pub(crate) fn live_mark(key: u64) -> u64 {
    !key
}

/// The upper half of the first word of a slot. A free looks at this half only: a
/// program that just wrote a byte or an int at the start of its object would
/// otherwise make the free wait for that store (no store-to-load forwarding from
/// two stores; measured: 21 against 9 ns a pair).
///
/// # Safety
/// As for [`word`].
#[inline(always)]
pub(crate) unsafe fn word_tail(address: usize) -> u32 {
    if MODELLED {
        // SAFETY: the caller's promise.
        // ORDERING: as below.
        return (unsafe { word(address) }.load(Relaxed) >> 32) as u32;
    }
    let tail = address + if cfg!(target_endian = "little") { 4 } else { 0 };
    let tail = std::ptr::with_exposed_provenance_mut(tail);
    // SAFETY: inside the slot's first 8 bytes, and aligned. Atomic as in `word`.
    // ORDERING: the object is the caller's (or this is misuse, which is looked
    // into under the lock).
    unsafe { AtomicU32::from_ptr(tail) }.load(Relaxed)
}

/// Newton's iteration doubles the correct low bits: 3, 6, 12, 24, 48, 96.
fn inverse_of_odd(odd: u64) -> u64 {
    (0..5).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))))
}

/// The slots of a pool. Used only under the depot's lock.
#[derive(Debug)]
pub(crate) struct Slab {
    mapping: Mapping,
    geometry: Geometry,
    limit: u32,
    /// Slots ever used: indices below this exist.
    carved: u32,
}

impl Slab {
    pub(crate) fn new(shape: &Shape) -> Result<Slab, Error> {
        let bytes = shape.stride * shape.limit;
        let huge = shape.flags & HUGE_PAGES != 0;
        let mapping = if huge { Mapping::reserve_huge(bytes)? } else { Mapping::reserve(bytes)? };
        let base = mapping.base().as_ptr().expose_provenance();
        let secret = crate::sys::random::secret();
        let geometry = Geometry::new(base, shape.stride, shape.limit, secret);
        Ok(Slab { mapping, geometry, limit: shape.limit as u32, carved: 0 })
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Slots below this index were carved at some time; holes among them aside.
    pub(crate) fn carved(&self) -> u32 {
        self.carved
    }

    pub(crate) fn reserved(&self) -> usize {
        self.mapping.reserved()
    }

    pub(crate) fn committed(&self) -> usize {
        self.mapping.committed()
    }

    /// The addresses of the pool's objects.
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.geometry.base..self.geometry.base + self.limit as usize * self.geometry.stride as usize
    }

    /// Turns up to `count` uncarved slots into rounds for `take`: holes first,
    /// then the tail. Returns how many; an error only if it is none.
    pub(crate) fn carve(
        &mut self,
        holes: &Holes,
        count: u32,
        mut take: impl FnMut(Round),
    ) -> Result<u32, Error> {
        let mut done = 0;
        while done < count {
            let Some(index) = holes.take() else { break };
            self.make_free(index, &mut take);
            done += 1;
        }
        let fresh = (count - done).min(self.limit - self.carved);
        let end = self.carved + fresh;
        match self.mapping.commit_to(end as usize * self.geometry.stride as usize) {
            Ok(()) => {}
            Err(_) if done > 0 => return Ok(done),
            Err(error) => return Err(error),
        }
        // Descending, so that they are popped in ascending order.
        for index in (self.carved..end).rev() {
            self.make_free(index, &mut take);
        }
        self.carved = end;
        Ok(done + fresh)
    }

    fn make_free(&self, index: u32, take: &mut impl FnMut(Round)) {
        let address = self.geometry.address(index);
        let round = self.geometry.round_at(address, 0);
        // SAFETY: the slot is being carved: committed, and in nobody's hands.
        let word = unsafe { word(address) };
        // ORDERING: published with the round, by the depot's lock.
        word.store(self.geometry.key(round), Relaxed);
        take(round);
    }

    /// Whether the first word of carved slot `index` is as its round left it.
    pub(crate) fn is_intact(&self, round: Round) -> bool {
        if self.geometry.index_in(round) >= self.carved {
            return false;
        }
        // SAFETY: carved, checked above.
        let word = unsafe { word(self.geometry.address_in(round)) };
        // ORDERING: the caller holds the depot's lock with all caches revoked.
        word.load(Relaxed) == self.geometry.key(round)
    }

    /// Gives wholly free pages back: the slots that begin in them become holes
    /// (or uncarved, at the end). `is_free` tells for each carved index whether
    /// it is free or a hole. The rounds of new holes are the caller's to remove.
    pub(crate) fn discard_free_pages(
        &mut self,
        holes: &Holes,
        is_free: impl Fn(u32) -> bool,
    ) -> Result<(), Error> {
        let stride = self.geometry.stride as usize;
        let page = page_size();
        let pages = (self.carved as usize * stride).div_ceil(page);
        holes.prepare(self.limit)?;
        let free_page = |at: usize| {
            let first = (at * page / stride) as u32;
            let last = (((at + 1) * page - 1) / stride).min(self.carved as usize - 1) as u32;
            (first..=last).all(&is_free)
        };
        let mut at = 0;
        let mut refused = Ok(());
        while at < pages {
            let run = (at..pages).take_while(|&page| free_page(page)).count();
            if run > 0 {
                let (start, end) = (at * page, ((at + run) * page).min(self.mapping.committed()));
                // SAFETY: every slot that overlaps the range is free; the caller
                // holds the depot's lock with all caches revoked, so no round of
                // them is in use, and those that begin here become holes.
                let discarded = unsafe { self.mapping.discard(start, end) };
                // The system may have discarded a part and then refused (a locked
                // page): holes they are all the same.
                refused = refused.and(discarded);
                let first = start.div_ceil(stride) as u32;
                let after = (end.div_ceil(stride) as u32).min(self.carved);
                (first..after).for_each(|index| holes.add(index));
            }
            at += run.max(1);
        }
        self.carved -= holes.drop_tail(self.carved);
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn index_of_accepts_exactly_the_starts_of_slots() {
        for stride in [8, 16, 24, 40, 64, 104, 1000, 4096, 12288, 1 << 20] {
            let limit = 1000;
            let base = 0x7f00_0000_0000;
            let geometry = Geometry::new(base, stride, limit, 42);
            for index in [0, 1, 2, 499, 999] {
                let address = geometry.address(index);
                assert_eq!(geometry.index_of(address), u64::from(index));
                for off in [1, 4, 7, stride / 2 + 1, stride - 1] {
                    if off % stride != 0 {
                        assert!(geometry.index_of(address + off) >= limit as u64, "{stride} {off}");
                    }
                }
            }
            assert!(geometry.index_of(base - stride) >= limit as u64);
            assert!(geometry.index_of(base + limit * stride) >= limit as u64);
            assert!(geometry.index_of(8) >= limit as u64);
            assert!(geometry.index_of(0) >= limit as u64);
        }
    }

    #[test]
    fn stamps_differ_as_long_as_there_are_bits() {
        let geometry = Geometry::new(1 << 40, 64, 1 << 28, 42);
        let stamps: Vec<u32> = (0..15).map(|number| geometry.stamp(number)).collect();
        let expected: Vec<u32> = (1..16).map(|stamp| stamp << 28).collect();
        assert_eq!(stamps, expected);
        assert_eq!(geometry.stamp(15), geometry.stamp(0), "used up");
        let fast = Geometry::new(1 << 40, 64, 1 << 25, 42);
        assert_eq!((fast.stamp(0), fast.stamp(14), fast.stamp(15)), (1 << 28, 15 << 28, 1 << 28));
        assert_eq!(Geometry::new(1 << 40, 64, 1 << 31, 42).stamp(7), 1 << 31);
    }

    #[test]
    fn units_are_fast_up_to_2_gib() {
        for (stride, limit, unit) in [
            (8, 1 << 28, 8),
            (8, 1 << 31, 8),
            (64, 1 << 25, 8),
            (64, (1 << 25) + 1, 64),
            (3 << 20, 683, 8),
            (3 << 20, 684, 1 << 20),
        ] {
            let geometry = Geometry::new(1 << 40, stride, limit, 42);
            assert_eq!(geometry.unit, unit, "{stride} {limit}");
            assert_eq!(geometry.has_fast_unit(), unit == 8);
        }
    }

    #[test]
    fn keys_of_a_slot_are_recognised_whatever_their_stamp() {
        let shapes =
            [(1, 64), (2, 24), (100, 1000), (1 << 20, 64), (1 << 31, 64), (10_000, 3 << 20)];
        for (limit, stride) in shapes {
            let geometry = Geometry::new(1 << 40, stride, limit, 0xfeed_beef_dead_cafe);
            for index in [0, (limit / 2) as u32, limit as u32 - 1] {
                let address = geometry.address(index);
                for number in 0..10 {
                    let round = geometry.round_at(address, geometry.stamp(number));
                    assert_eq!(geometry.index_in(round), index);
                    assert_eq!(geometry.address_in(round), address);
                    let key = geometry.key(round);
                    assert!(geometry.is_key(key, address));
                    assert!(geometry.may_be_key((key >> 32) as u32));
                    assert!(!geometry.is_key(live_mark(key), address));
                    assert!(!geometry.is_key(key, geometry.address(index + 1)));
                    assert_ne!(round, geometry.round_at(address, 0), "stamp 0 is the depot's");
                }
            }
        }
    }

    fn slab(limit: usize) -> (Slab, Holes) {
        let config = Config { object_size: 64, capacity: limit, ..Config::default() };
        let holes = Holes::default();
        holes.prepare(limit as u32).unwrap();
        (Slab::new(&Shape::check(&config).unwrap()).unwrap(), holes)
    }

    fn carve(slab: &mut Slab, holes: &Holes, count: u32) -> Vec<u32> {
        let (geometry, mut taken) = (slab.geometry(), Vec::new());
        let done = slab.carve(holes, count, |round| taken.push(geometry.index_in(round)));
        assert_eq!(done.unwrap() as usize, taken.len());
        taken
    }

    #[test]
    fn carve_takes_holes_first_then_the_tail_up_to_the_limit() {
        let (mut slab, holes) = slab(100);
        assert_eq!(carve(&mut slab, &holes, 3), [2, 1, 0]);
        [1, 2].into_iter().for_each(|index| holes.add(index));
        assert_eq!(carve(&mut slab, &holes, 1), [1]);
        assert_eq!(carve(&mut slab, &holes, 4), [2, 5, 4, 3]);
        assert_eq!(slab.carved(), 6);
        let rest: Vec<u32> = (6..100).rev().collect();
        assert_eq!(carve(&mut slab, &holes, 1000), rest);
        assert!(carve(&mut slab, &holes, 1).is_empty());
        assert!((0..100)
            .all(|index| slab.is_intact(slab.geometry.round_at(slab.geometry.address(index), 0))));
        assert!(
            !slab.is_intact(slab.geometry.round_at(slab.geometry.address(100), 0)),
            "not carved"
        );
    }

    #[test]
    fn slab_tells_its_addresses_and_bytes() {
        let (mut slab, holes) = slab(100_000);
        let bytes = 64 * 100_000;
        assert_eq!(slab.span().len(), bytes);
        assert_eq!(slab.span().start, slab.geometry.address(0));
        assert_eq!(slab.reserved(), bytes.next_multiple_of(page_size()));
        assert_eq!(slab.committed(), 0);
        carve(&mut slab, &holes, 1);
        assert!((64..bytes).contains(&slab.committed()));
        carve(&mut slab, &holes, 100_000);
        assert_eq!(slab.committed(), slab.reserved());
    }

    #[test]
    fn discard_makes_holes_of_wholly_free_pages_and_drops_the_tail() {
        let (mut slab, holes) = slab(100_000);
        let in_page = (page_size() / 64) as u32;
        carve(&mut slab, &holes, 10 * in_page + 5);
        // Only the first slot of the third page and the last of the sixth are live.
        let live = [2 * in_page, 6 * in_page - 1];
        slab.discard_free_pages(&holes, |index| !live.contains(&index)).unwrap();
        assert_eq!(slab.carved(), 6 * in_page, "the tail is uncarved again");
        assert_eq!(holes.count(), 4 * in_page);
        for index in 0..6 * in_page {
            let page = index / in_page;
            assert_eq!(holes.contains(index), page != 2 && page != 5, "{index}");
        }
    }
}
