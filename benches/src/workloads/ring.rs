//! A ring between one sender and one receiver, that costs as little as can be and is the same
//! for all peers. Each side tells the other how far it has come only now and then.

#![allow(unsafe_code, reason = "each slot is one side's at a time, as the counts say")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Objects on their way at once, at most; a power of two.
pub(super) const SLOTS: usize = 256;
/// Objects after which a side tells.
pub(super) const CHUNK: usize = 32;

/// On a cache line of its own, and on no line that is fetched with it.
#[repr(align(128))]
#[derive(Default)]
struct Count(AtomicUsize);

pub(super) struct Ring<T> {
    slots: Box<[UnsafeCell<MaybeUninit<T>>]>,
    sent: Count,
    received: Count,
}

// SAFETY: the sender writes a slot before it tells of it, the receiver reads it before it tells
// that it is free; there is one of each.
unsafe impl<T: Send> Sync for Ring<T> {}

impl<T> Ring<T> {
    pub(super) fn new() -> Ring<T> {
        let slots = (0..SLOTS).map(|_| UnsafeCell::new(MaybeUninit::uninit())).collect();
        Ring { slots, sent: Count::default(), received: Count::default() }
    }

    /// Its two ends. Whoever drops the receiver has received all, or what is left is lost.
    pub(super) fn ends(&mut self) -> (Sender<'_, T>, Receiver<'_, T>) {
        let ring = &*self;
        (Sender { ring, at: 0, received: 0 }, Receiver { ring, at: 0, sent: 0 })
    }
}

pub(super) struct Sender<'r, T> {
    ring: &'r Ring<T>,
    /// Objects sent.
    at: usize,
    /// Objects received, as far as is known.
    received: usize,
}

impl<T> Sender<'_, T> {
    /// Whether there is room for a chunk.
    pub(super) fn has_room(&mut self) -> bool {
        if self.at + CHUNK - self.received > SLOTS {
            // ORDERING: pairs with the receiver's Release: it has read what it says.
            self.received = self.ring.received.0.load(Ordering::Acquire);
        }
        self.at + CHUNK - self.received <= SLOTS
    }

    /// Sends one of a chunk that there is room for.
    #[inline(always)]
    pub(super) fn send(&mut self, object: T) {
        let slot = &self.ring.slots[self.at % SLOTS];
        // SAFETY: there is room, so the receiver is done with the slot until told of it.
        unsafe { (*slot.get()).write(object) };
        self.at += 1;
    }

    pub(super) fn tell(&mut self) {
        // ORDERING: the receiver that sees this sees the slots, and the objects' bytes.
        self.ring.sent.0.store(self.at, Ordering::Release);
    }
}

pub(super) struct Receiver<'r, T> {
    ring: &'r Ring<T>,
    at: usize,
    sent: usize,
}

impl<T> Receiver<'_, T> {
    /// Whether an object has come.
    #[inline(always)]
    pub(super) fn has_more(&mut self) -> bool {
        if self.at == self.sent {
            // ORDERING: pairs with the sender's Release.
            self.sent = self.ring.sent.0.load(Ordering::Acquire);
        }
        self.at != self.sent
    }

    #[inline(always)]
    pub(super) fn receive(&mut self) -> Option<T> {
        if !self.has_more() {
            return None;
        }
        let slot = &self.ring.slots[self.at % SLOTS];
        // SAFETY: the sender wrote the slot before it told of it, and it is read once.
        let object = unsafe { (*slot.get()).assume_init_read() };
        self.at += 1;
        if self.at == self.sent || self.at.is_multiple_of(CHUNK) {
            // ORDERING: the sender that sees this may write the slots that were read.
            self.ring.received.0.store(self.at, Ordering::Release);
        }
        Some(object)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ring, CHUNK, SLOTS};
    use crate::measure::Patience;

    #[test]
    fn a_full_ring_has_no_room_and_an_empty_one_nothing() {
        let mut ring = Ring::new();
        let (mut sender, mut receiver) = ring.ends();
        assert!(receiver.receive().is_none());
        for chunk in 0..SLOTS / CHUNK {
            assert!(sender.has_room());
            (0..CHUNK).for_each(|one| sender.send(chunk * CHUNK + one));
        }
        assert!(!sender.has_room());
        assert!(receiver.receive().is_none(), "not told yet");
        sender.tell();
        (0..CHUNK).for_each(|one| assert_eq!(receiver.receive(), Some(one)));
        assert!(sender.has_room());
    }

    #[test]
    fn what_is_sent_is_received_once_and_in_order() {
        let mut ring = Ring::new();
        let (mut sender, mut receiver) = ring.ends();
        let count = 100 * SLOTS;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for chunk in 0..count / CHUNK {
                    let mut patience = Patience::default();
                    while !sender.has_room() {
                        patience.wait();
                    }
                    (0..CHUNK).for_each(|one| sender.send(Box::new(chunk * CHUNK + one)));
                    sender.tell();
                }
            });
            for wanted in 0..count {
                let mut patience = Patience::default();
                while !receiver.has_more() {
                    patience.wait();
                }
                assert_eq!(receiver.receive().as_deref(), Some(&wanted));
            }
        });
        assert!(receiver.receive().is_none());
    }
}
