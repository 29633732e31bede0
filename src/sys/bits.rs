//! A bitmap over the slots of a pool, in memory of its own that reads as zero
//! until touched. Getting one may fail; nothing after that does.

#![allow(unsafe_code, reason = "views committed memory of a mapping as atomic words")]

use super::mapping::Mapping;
use crate::error::Error;
use crate::sync::plain::AtomicU64;
use crate::sync::Relaxed;

#[derive(Debug)]
pub(crate) struct Bits {
    mapping: Mapping,
    words: usize,
}

// SAFETY: the memory is only reached as atomics.
unsafe impl Sync for Bits {}

impl Bits {
    /// `count` bits, all clear.
    pub(crate) fn new(count: u32) -> Result<Bits, Error> {
        let words = (count as usize).div_ceil(64).max(1);
        let mut mapping = Mapping::reserve(words * 8)?;
        mapping.commit_to(words * 8)?;
        Ok(Bits { mapping, words })
    }

    fn words(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is page-aligned, committed for `words` words, zero
        // at first, and lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.mapping.base().as_ptr().cast(), self.words) }
    }

    pub(crate) fn get(&self, index: u32) -> bool {
        // ORDERING: who relies on a bit was ordered after its writer by the
        // depot's lock, or by the object's way from its carving to its free.
        self.words()[index as usize / 64].load(Relaxed) >> (index % 64) & 1 != 0
    }

    /// Sets a bit and returns whether it was clear. One writer at a time.
    pub(crate) fn set(&self, index: u32) -> bool {
        let word = &self.words()[index as usize / 64];
        // ORDERING: as in `get`.
        let old = word.load(Relaxed);
        // ORDERING: as in `get`.
        word.store(old | 1 << (index % 64), Relaxed);
        old >> (index % 64) & 1 == 0
    }

    /// Clears a bit. One writer at a time.
    pub(crate) fn clear(&self, index: u32) {
        let word = &self.words()[index as usize / 64];
        // ORDERING: as in `get`.
        word.store(word.load(Relaxed) & !(1 << (index % 64)), Relaxed);
    }

    /// The first set bit at or after `from`.
    pub(crate) fn next_set(&self, from: u32) -> Option<u32> {
        let first = from as usize / 64;
        let tail = self.words().get(first..)?;
        tail.iter().enumerate().find_map(|(at, word)| {
            // ORDERING: as in `get`.
            let mut bits = word.load(Relaxed);
            if at == 0 {
                bits &= u64::MAX << (from % 64);
            }
            (bits != 0).then(|| ((first + at) * 64) as u32 + bits.trailing_zeros())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_get_clear_and_next() {
        let bits = Bits::new(200).unwrap();
        assert!(bits.set(0) && bits.set(63) && bits.set(64) && bits.set(199) && !bits.set(64));
        assert!(bits.get(63) && !bits.get(62));
        assert_eq!(bits.next_set(1), Some(63));
        assert_eq!(bits.next_set(65), Some(199));
        bits.clear(199);
        assert_eq!(bits.next_set(65), None);
    }
}
