//! Where the magazines of a large pool come from.

#![allow(unsafe_code, reason = "magazines in pages of a mapping")]

use super::{layout, Magazine};
use crate::error::Error;
use crate::sys::mapping::Mapping;
use std::ptr::NonNull;

/// Memory for the magazines of a large pool, untouched until they are used: a slot that was
/// never freed takes none. A free finds its magazine here without asking for memory.
pub(crate) struct Rack {
    mapping: Mapping,
    capacity: u32,
    /// Bytes of a magazine.
    stride: usize,
    /// Magazines there is memory for, and those handed out.
    added: usize,
    made: usize,
    /// How many more caches may have theirs from here.
    for_caches: usize,
}

/// Caches whose magazines come from the rack, too: that leak checkers, which do not look into
/// mappings, never find a block whose only address is in one. More caches take blocks.
const CACHES: usize = 1024;

impl Rack {
    /// For at most `count` magazines of this capacity.
    pub(crate) fn new(capacity: u32, count: usize) -> Result<Rack, Error> {
        let stride = layout(capacity)?.pad_to_align().size();
        let mapping = Mapping::reserve(stride * (count + 2 * CACHES))?;
        Ok(Rack { mapping, capacity, stride, added: 0, made: 0, for_caches: CACHES })
    }

    /// Two empty magazines for a cache, if that may have them from here.
    pub(crate) fn pair(&mut self) -> Option<[Magazine; 2]> {
        self.for_caches = self.for_caches.checked_sub(1)?;
        self.mapping.commit_to((self.added + 2) * self.stride).ok()?;
        self.added += 2;
        Some([self.make()?, self.make()?])
    }

    /// Memory for one more; it stays untouched until then.
    pub(crate) fn add(&mut self) -> Result<(), Error> {
        self.mapping.commit_to((self.added + 1) * self.stride)?;
        self.added += 1;
        Ok(())
    }

    /// An empty magazine that nobody had, if there is one. It must not be used when the rack is
    /// gone.
    pub(crate) fn make(&mut self) -> Option<Magazine> {
        if self.made == self.added {
            return None;
        }
        let memory = self.mapping.base().as_ptr().wrapping_add(self.made * self.stride);
        self.made += 1;
        // SAFETY: committed by `add`, aligned since the stride is, and handed out once.
        NonNull::new(memory.cast())
            .map(|memory| unsafe { Magazine::begin(memory, self.capacity, true) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rack_hands_out_each_magazine_once() {
        let mut rack = Rack::new(120, 300).unwrap();
        assert!(rack.make().is_none(), "no memory was asked for");
        let mut magazines = Vec::new();
        for count in 1..=300 {
            rack.add().unwrap();
            let mut magazine = rack.make().unwrap();
            assert!(rack.make().is_none(), "{count}");
            while magazine.push(count).is_ok() {}
            magazines.push(magazine);
        }
        for (count, magazine) in (1..).zip(&magazines) {
            assert_eq!(magazine.rounds(), [count; 120]);
        }
    }

    #[test]
    fn pairs_of_caches_take_no_memory_that_was_added_for_slots() {
        let mut rack = Rack::new(8, 3).unwrap();
        rack.add().unwrap();
        let pairs: Vec<_> = std::iter::from_fn(|| rack.pair()).collect();
        assert_eq!(pairs.len(), CACHES);
        rack.add().unwrap();
        rack.add().unwrap();
        assert_eq!(std::iter::from_fn(|| rack.make()).count(), 3);
    }
}
