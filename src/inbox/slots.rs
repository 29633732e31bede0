//! Values under numbers that are never used twice: a slot's place in an array, and how
//! often the place was used.

#![forbid(unsafe_code)]

use crate::error::Error;

/// The name of a value: its slot's generation, the tag of its array, its slot's place. Never
/// 0, and below 2^62: the Dart VM keeps such a number in a pointer's place.
pub(crate) type Number = u64;

/// A slot used so often is not used again.
const LAST_GENERATION: u32 = if cfg!(test) { 1000 } else { (1 << 30) - 1 };

/// Slots an array may have: one bit of the place is the tag.
const MOST: usize = 1 << 31;

const TAG: u32 = 1 << 31;

struct Slot<T> {
    /// From 1; that of the value, or of the one before.
    generation: u32,
    value: Option<T>,
    /// The next free slot, if this is free.
    next: u32,
}

/// Values that are found by number.
pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// The free slot to use next; none if there is no such slot.
    free: u32,
    tag: u32,
}

impl<T> Slots<T> {
    /// Numbers of arrays with different tags differ.
    pub(super) const fn new(tag: bool) -> Slots<T> {
        Slots { slots: Vec::new(), free: u32::MAX, tag: if tag { TAG } else { 0 } }
    }

    /// Makes room for a value, or takes none.
    pub(super) fn insert(&mut self, value: T) -> Result<Number, Error> {
        let place = self.free_slot()?;
        let slot = &mut self.slots[place as usize];
        self.free = slot.next;
        slot.generation += 1;
        slot.value = Some(value);
        Ok(u64::from(slot.generation) << 32 | u64::from(place | self.tag))
    }

    fn free_slot(&mut self) -> Result<u32, Error> {
        if (self.free as usize) < self.slots.len() {
            return Ok(self.free);
        }
        if self.slots.len() == MOST || self.slots.try_reserve(1).is_err() {
            return Err(Error::NoMemory);
        }
        self.slots.push(Slot { generation: 0, value: None, next: u32::MAX });
        self.free = self.slots.len() as u32 - 1;
        Ok(self.free)
    }

    /// The place of a number of this array.
    fn place(&self, number: Number) -> Option<usize> {
        let (generation, tagged) = ((number >> 32) as u32, number as u32);
        let place = (tagged & !TAG) as usize;
        let slot = self.slots.get(place)?;
        (tagged & TAG == self.tag && slot.generation == generation).then_some(place)
    }

    pub(super) fn values(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(|slot| slot.value.as_mut())
    }

    pub(super) fn get(&mut self, number: Number) -> Option<&mut T> {
        let place = self.place(number)?;
        self.slots[place].value.as_mut()
    }

    pub(super) fn remove(&mut self, number: Number) -> Option<T> {
        let place = self.place(number)?;
        let slot = &mut self.slots[place];
        let value = slot.value.take()?;
        if slot.generation < LAST_GENERATION {
            slot.next = self.free;
            self.free = place as u32;
        }
        Some(value)
    }

    /// The number of the first value from a place on that is wanted.
    pub(super) fn find(&self, from: u32, is_it: impl Fn(&T) -> bool) -> Option<(u32, Number)> {
        let rest = self.slots.iter().enumerate().skip(from as usize);
        let wanted = |(_, slot): &(usize, &Slot<T>)| slot.value.as_ref().is_some_and(&is_it);
        let (place, slot) = { rest }.find(wanted)?;
        let place = place as u32;
        Some((place, u64::from(slot.generation) << 32 | u64::from(place | self.tag)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_never_used_twice() {
        let mut slots = Slots::new(false);
        let mut seen = HashSet::new();
        // Over the last generation of two places.
        for i in 0..2 * LAST_GENERATION + 10 {
            let number = slots.insert(i).unwrap();
            assert!(number != 0 && number < 1 << 62);
            assert!(seen.insert(number), "{number:#x} again");
            assert_eq!(slots.remove(number), Some(i));
            assert_eq!(slots.remove(number), None);
        }
        assert_eq!(slots.slots.len(), 3);
        assert!(seen.iter().all(|&number| slots.get(number).is_none()));
    }

    #[test]
    fn numbers_of_others_name_nothing() {
        let (mut these, mut others) = (Slots::new(false), Slots::new(true));
        let (number, other) = (these.insert('a').unwrap(), others.insert('b').unwrap());
        assert_ne!(number, other);
        for wrong in [0, 1, number + 1, number + (1 << 32), number | 1 << 63, other, u64::MAX] {
            assert_eq!(these.get(wrong), None, "{wrong:#x}");
            assert_eq!(these.remove(wrong), None, "{wrong:#x}");
        }
        assert_eq!((these.remove(number), others.remove(other)), (Some('a'), Some('b')));
    }

    #[test]
    fn places_are_used_again() {
        let mut slots = Slots::new(true);
        let numbers: Vec<Number> = (0..100).map(|i| slots.insert(i).unwrap()).collect();
        let odd = |number: &Number| number % 2 == 1;
        numbers.iter().copied().filter(odd).for_each(|number| _ = slots.remove(number).unwrap());
        (0..50).for_each(|i| _ = slots.insert(1000 + i).unwrap());
        assert_eq!(slots.slots.len(), 100);
        assert_eq!(slots.find(0, |&value| value >= 1000).map(|(place, _)| place), Some(1));
        assert_eq!(slots.find(98, |&value| value < 1000).map(|(place, _)| place), Some(98));
        assert_eq!(slots.find(0, |&value| value == 7), None);
    }
}
