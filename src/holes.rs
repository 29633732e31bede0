//! Holes: carved slots that are out of circulation although they look live.
//!
//! A pool has two sets. Slots whose pages a trim gave back: they have no round,
//! their words read as zero, and carving fills them before it takes fresh slots.
//! And slots set aside because somebody overwrote them while they were free. While
//! either set has members, a free must ask here before it trusts a slot's word.
//! Changed only under the depot's lock (and grown only with all caches revoked);
//! any owner of a cache may ask.

#![forbid(unsafe_code)]

use crate::error::Error;
use crate::sync::plain::AtomicU32;
use crate::sync::Relaxed;
use crate::sys::bits::Bits;
use std::sync::OnceLock;

#[derive(Debug, Default)]
pub(crate) struct Holes {
    bits: OnceLock<Bits>,
    count: AtomicU32,
    /// No hole has a smaller index than this.
    first: AtomicU32,
}

impl Holes {
    // ORDERING (whole file): written under the depot's lock only; a reader
    // without it asks about an object in its hands, whose carving it saw.

    pub(crate) fn count(&self) -> u32 {
        // ORDERING: see above.
        self.count.load(Relaxed)
    }

    /// Makes room for holes among `limit` slots.
    pub(crate) fn prepare(&self, limit: u32) -> Result<(), Error> {
        if self.bits.get().is_none() {
            // Only one thread at a time gets here, so `set` cannot fail.
            let _ = self.bits.set(Bits::new(limit)?);
        }
        Ok(())
    }

    pub(crate) fn contains(&self, index: u32) -> bool {
        self.count() > 0 && self.bits.get().is_some_and(|bits| bits.get(index))
    }

    pub(crate) fn add(&self, index: u32) {
        if self.bits.get().is_some_and(|bits| bits.set(index)) {
            // ORDERING: see above.
            self.count.store(self.count() + 1, Relaxed);
            // ORDERING: see above.
            self.first.store(self.first.load(Relaxed).min(index), Relaxed);
        }
    }

    /// Fills the first hole, if there is one, and returns its index.
    pub(crate) fn take(&self) -> Option<u32> {
        if self.count() == 0 {
            return None;
        }
        let bits = self.bits.get()?;
        // ORDERING: see above.
        let index = bits.next_set(self.first.load(Relaxed))?;
        bits.clear(index);
        // ORDERING: see above.
        self.count.store(self.count() - 1, Relaxed);
        // ORDERING: see above.
        self.first.store(index + 1, Relaxed);
        Some(index)
    }

    /// Removes the holes that end at `carved` and returns how many there were.
    pub(crate) fn drop_tail(&self, carved: u32) -> u32 {
        let Some(bits) = self.bits.get() else { return 0 };
        let mut dropped = 0;
        while dropped < carved && bits.get(carved - dropped - 1) {
            bits.clear(carved - dropped - 1);
            dropped += 1;
        }
        // ORDERING: see above.
        self.count.store(self.count() - dropped, Relaxed);
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_fills_holes_in_order_and_tail_drops_off() {
        let holes = Holes::default();
        holes.prepare(100).unwrap();
        [70, 3, 98, 99, 3].into_iter().for_each(|index| holes.add(index));
        assert_eq!(holes.count(), 4);
        assert_eq!(holes.drop_tail(100), 2);
        assert!(holes.contains(70) && !holes.contains(99));
        assert_eq!((holes.take(), holes.take(), holes.take()), (Some(3), Some(70), None));
        holes.add(1);
        assert_eq!(holes.take(), Some(1));
    }
}
