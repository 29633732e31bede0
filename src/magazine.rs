//! A magazine: a fixed array of rounds, filled and emptied at its top.
//!
//! A round is the index of a free slot together with the stamp of the cache
//! that freed it (see `slab`). A [`Magazine`] is owned by exactly one place: a
//! cache (loaded or previous), a shard, the depot, or the thread that carries it
//! from one to another. It knows nothing of threads; whoever owns it may use it.
//! Magazines are chained through their own header, so lists need no memory.

#![allow(unsafe_code, reason = "a header and its array of rounds in one allocation")]

mod rack;

pub(crate) use rack::Rack;

use crate::error::Error;
use crate::sync::plain::AtomicU64;
use crate::sync::{Relaxed, Watch};
use crate::sys::heap;
use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::ptr::NonNull;

/// The index of a free slot and, in the bits above it, its freer's stamp.
pub(crate) type Round = u32;

/// Header of a magazine; `capacity` rounds follow it in memory.
#[repr(C)]
pub(crate) struct Header {
    next: Option<NonNull<Header>>,
    /// Rounds held, in the lower 16 bits; above them, how many were taken by
    /// [`Header::take_top`] since the last [`Header::harvest`]. One word, so that
    /// counting allocations costs one addition of a constant, made anyway.
    fill: AtomicU64,
    capacity: u32,
    /// Whether the memory is a [`Rack`]'s, and not the magazine's own.
    racked: bool,
    /// Of the owner.
    watch: Watch,
    rounds: [UnsafeCell<Round>; 0],
}

const LEN_BITS: u32 = 16;
const LEN_MASK: u32 = (1 << LEN_BITS) - 1;
const _: () = assert!(crate::config::MAGAZINE_ROUNDS_MAX <= LEN_MASK);

/// Where the fast path's words are, for callers that have it inline.
#[cfg(not(any(loom, shuttle)))]
pub(crate) mod layout {
    use super::Header;
    use std::mem::offset_of;

    pub(crate) const FILL: usize = offset_of!(Header, fill);
    pub(crate) const CAPACITY: usize = offset_of!(Header, capacity);
    pub(crate) const RACKED: usize = offset_of!(Header, racked);
    pub(crate) const ROUNDS: usize = offset_of!(Header, rounds);
    pub(crate) const LEN_MASK: u32 = super::LEN_MASK;
    /// What `take_top` adds to the fill word.
    pub(crate) const TAKEN: u64 = super::TAKEN;
}

/// What taking a round for an allocation adds to the fill word: one more allocation, one
/// round less.
const TAKEN: u64 = (1 << LEN_BITS) - 1;

/// The round at the top of a magazine, and the magazine's fill when it was read.
pub(crate) struct Top {
    pub(crate) round: Round,
    fill: u64,
}

/// The rounds in a magazine when it was looked at.
pub(crate) struct Run {
    pub(crate) len: u32,
    fill: u64,
}

/// An owned magazine.
pub(crate) struct Magazine(NonNull<Header>);

// SAFETY: a magazine is memory with one owner; ownership may change threads.
unsafe impl Send for Magazine {}

impl Magazine {
    /// An empty magazine for `capacity` rounds.
    pub(crate) fn new(capacity: u32) -> Result<Magazine, Error> {
        let memory = heap::allocate(layout(capacity)?)?.cast::<Header>();
        // SAFETY: freshly allocated, with this layout.
        Ok(unsafe { Magazine::begin(memory, capacity, false) })
    }

    /// # Safety
    /// The memory is nobody's, and has the layout of this capacity.
    unsafe fn begin(memory: NonNull<Header>, capacity: u32, racked: bool) -> Magazine {
        let header = Header {
            next: None,
            fill: AtomicU64::new(0),
            capacity,
            racked,
            watch: Watch::new(),
            rounds: [],
        };
        // SAFETY: there is room and alignment for a header.
        unsafe { memory.write(header) };
        Magazine(memory)
    }

    /// Gives up ownership, to be taken again by [`Magazine::from_raw`].
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        let header = self.0;
        std::mem::forget(self);
        header
    }

    /// # Safety
    /// `header` came from [`Magazine::into_raw`] and has no other owner.
    pub(crate) unsafe fn from_raw(header: NonNull<Header>) -> Magazine {
        Magazine(header)
    }

    fn header(&self) -> &Header {
        // SAFETY: the header lives as long as its owner, and is written only
        // through it.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn len(&self) -> u32 {
        self.header().len()
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.header().capacity()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() == self.capacity()
    }

    pub(crate) fn push(&mut self, round: Round) -> Result<(), Round> {
        // SAFETY: `&mut self` is the only owner.
        unsafe { self.header().push(round) }
    }

    pub(crate) fn pop(&mut self) -> Option<Round> {
        // SAFETY: `&mut self` is the only owner.
        unsafe { self.header().pop() }
    }

    /// The rounds held, bottom first.
    pub(crate) fn rounds(&self) -> &[Round] {
        // SAFETY: the owner is borrowed, so nobody pushes or pops.
        unsafe { self.header().rounds() }
    }

    /// Takes rounds from the top of another magazine until this one is full or
    /// that one empty.
    pub(crate) fn fill_from(&mut self, other: &mut Magazine) {
        while !self.is_full() {
            let Some(round) = other.pop() else { return };
            let pushed = self.push(round);
            debug_assert!(pushed.is_ok());
        }
    }

    /// Keeps only the rounds `keep` accepts.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Round) -> bool) {
        let mut kept = 0;
        for at in 0..self.len() {
            // SAFETY: `at` is below the length, and `&mut self` is the only owner.
            let round = unsafe { *self.header().round(at as usize) };
            if keep(round) {
                // SAFETY: `kept` is at most `at`.
                unsafe { *self.header().round(kept as usize) = round };
                kept += 1;
            }
        }
        self.header().set_len(kept);
    }
}

impl Drop for Magazine {
    fn drop(&mut self) {
        if self.header().racked {
            return;
        }
        let capacity = self.capacity();
        if let Ok(layout) = layout(capacity) {
            // SAFETY: allocated by `new` with this layout; the owner is gone.
            unsafe { heap::release(self.0.cast(), layout) };
        }
    }
}

/// One cache line apart from its neighbours, which may be other threads'.
fn layout(capacity: u32) -> Result<Layout, Error> {
    let size = size_of::<Header>() + capacity as usize * size_of::<Round>();
    Layout::from_size_align(size, 64).map_err(|_| Error::NoMemory)
}

/// What a cache does with the magazine it holds by address.
impl Header {
    #[inline(always)]
    fn fill(&self) -> u64 {
        self.watch.touch();
        // ORDERING: the owner reads its own writes; others came to own the
        // magazine through a lock or a deque.
        self.fill.load(Relaxed)
    }

    #[inline(always)]
    fn set_fill(&self, fill: u64) {
        self.watch.touch();
        // ORDERING: as in `fill`.
        self.fill.store(fill, Relaxed);
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> u32 {
        self.fill() as u32 & LEN_MASK
    }

    fn set_len(&self, len: u32) {
        self.set_fill(self.fill() & !u64::from(LEN_MASK) | u64::from(len));
    }

    /// How many rounds `take_top` took since the last call; modulo 2^48, which is weeks
    /// of doing nothing else.
    pub(crate) fn harvest(&self) -> u64 {
        let fill = self.fill();
        self.set_fill(fill & u64::from(LEN_MASK));
        fill >> LEN_BITS
    }

    #[inline(always)]
    pub(crate) fn capacity(&self) -> u32 {
        self.capacity
    }

    /// # Safety
    /// `at` is below the capacity.
    #[inline(always)]
    pub(crate) unsafe fn round(&self, at: usize) -> *mut Round {
        debug_assert!(at < self.capacity as usize);
        // SAFETY: the array of `capacity` rounds follows the header.
        unsafe { UnsafeCell::raw_get(self.rounds.as_ptr().add(at)) }
    }

    /// # Safety
    /// The caller is the magazine's only user.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, round: Round) -> Result<(), Round> {
        let fill = self.fill();
        let len = fill & u64::from(LEN_MASK);
        if len as u32 == self.capacity {
            return Err(round);
        }
        // SAFETY: `len` is below the capacity, and nobody else is here.
        unsafe { *self.round(len as usize) = round };
        self.set_fill(fill + 1);
        Ok(())
    }

    /// The top round, which stays until [`Header::take_top`].
    ///
    /// # Safety
    /// The caller is the magazine's only user.
    #[inline(always)]
    pub(crate) unsafe fn top(&self) -> Option<Top> {
        let fill = self.fill();
        let at = (fill & u64::from(LEN_MASK)).checked_sub(1)?;
        // SAFETY: `at` is below the capacity, and nobody else is here.
        Some(Top { round: unsafe { *self.round(at as usize) }, fill })
    }

    /// Takes the top round, for an allocation: counted.
    #[inline(always)]
    pub(crate) fn take_top(&self, top: &Top) {
        self.set_fill(top.fill + TAKEN);
    }

    /// The whole fill word, for a run of rounds.
    #[inline(always)]
    pub(crate) fn run(&self) -> Run {
        let fill = self.fill();
        Run { len: fill as u32 & LEN_MASK, fill }
    }

    /// Takes `count` rounds of a run from the top, for allocations: counted.
    #[inline(always)]
    pub(crate) fn take_run(&self, run: &Run, count: u32) {
        debug_assert!(count <= run.len);
        self.set_fill(run.fill + u64::from(count) * TAKEN);
    }

    /// Adds `count` rounds that the caller wrote above a run.
    #[inline(always)]
    pub(crate) fn add_run(&self, run: &Run, count: u32) {
        debug_assert!(run.len + count <= self.capacity());
        self.set_fill(run.fill + u64::from(count));
    }

    /// Takes the top round, to be put elsewhere.
    ///
    /// # Safety
    /// The caller is the magazine's only user.
    pub(crate) unsafe fn pop(&self) -> Option<Round> {
        // SAFETY: the caller's promise.
        let top = unsafe { self.top() }?;
        self.set_fill(top.fill - 1);
        Some(top.round)
    }

    /// # Safety
    /// Nobody pushes or pops while the slice lives.
    pub(crate) unsafe fn rounds(&self) -> &[Round] {
        // SAFETY: the first `len` rounds are initialised, and follow the header.
        unsafe { std::slice::from_raw_parts(self.rounds.as_ptr().cast(), self.len() as usize) }
    }
}

/// A chain of magazines, last in first out.
#[derive(Default)]
pub(crate) struct Stack {
    top: Option<NonNull<Header>>,
}

// SAFETY: a stack owns its magazines, which may change threads.
unsafe impl Send for Stack {}

impl Stack {
    pub(crate) const fn new() -> Stack {
        Stack { top: None }
    }

    pub(crate) fn push(&mut self, magazine: Magazine) {
        let mut header = magazine.into_raw();
        // SAFETY: the stack owns the magazine now.
        unsafe { header.as_mut().next = self.top };
        self.top = Some(header);
    }

    pub(crate) fn push_some(&mut self, magazine: Option<Magazine>) {
        if let Some(magazine) = magazine {
            self.push(magazine);
        }
    }

    pub(crate) fn pop(&mut self) -> Option<Magazine> {
        let mut header = self.top?;
        // SAFETY: the stack owns its magazines.
        self.top = unsafe { header.as_mut().next.take() };
        // SAFETY: unchained above, so this is its only owner.
        Some(unsafe { Magazine::from_raw(header) })
    }

    /// All rounds of all magazines.
    pub(crate) fn rounds(&self) -> impl Iterator<Item = Round> + '_ {
        let mut at = self.top;
        let headers = std::iter::from_fn(move || {
            // SAFETY: the stack owns its magazines and is borrowed.
            let header = unsafe { at?.as_ref() };
            at = header.next;
            Some(header)
        });
        // SAFETY: as above: nobody pushes or pops.
        headers.flat_map(|header| unsafe { header.rounds() }.iter().copied())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_then_pop_is_last_in_first_out() {
        let mut magazine = Magazine::new(2).unwrap();
        assert_eq!(
            (magazine.push(5), magazine.push(6), magazine.push(7)),
            (Ok(()), Ok(()), Err(7))
        );
        assert!(magazine.is_full());
        assert_eq!(magazine.rounds(), [5, 6]);
        assert_eq!((magazine.pop(), magazine.pop(), magazine.pop()), (Some(6), Some(5), None));
    }

    #[test]
    fn retain_keeps_order() {
        let mut magazine = Magazine::new(8).unwrap();
        (0..8).for_each(|round| magazine.push(round).unwrap());
        magazine.retain(|round| round % 3 == 0);
        assert_eq!(magazine.rounds(), [0, 3, 6]);
    }

    #[test]
    fn layout_is_a_header_and_its_rounds() {
        let header = size_of::<Header>();
        assert_eq!(layout(0).unwrap().size(), header);
        assert_eq!(layout(100).unwrap().size(), header + 400);
    }

    #[test]
    fn stack_counts_and_iterates() {
        let mut stack = Stack::new();
        for round in 0..3 {
            let mut magazine = Magazine::new(1).unwrap();
            magazine.push(round).unwrap();
            stack.push(magazine);
        }
        assert_eq!(stack.rounds().collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(stack.pop().unwrap().rounds(), [2]);
        assert_eq!(stack.rounds().count(), 2);
    }
}
