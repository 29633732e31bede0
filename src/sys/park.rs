//! Parking one thread until another tells it to go on: a 32-bit word and the system's
//! futex (Drepper, *Futexes Are Tricky*, 2011). Neither needs memory, which rules out
//! parkers that keep tables of threads.

#![allow(unsafe_code, reason = "wakes by an address that may be gone already")]

use crate::sync::{order, planted, Acquire, AtomicU32, Bug, Release};
use std::ptr::NonNull;
use std::time::Instant;

const WAITING: u32 = 0;
const TOLD: u32 = 1;

/// Where one thread waits, once.
#[derive(Debug)]
pub(crate) struct Parker {
    word: AtomicU32,
}

impl Parker {
    pub(crate) const fn new() -> Parker {
        Parker { word: AtomicU32::new(WAITING) }
    }

    /// Waits until told or until `deadline`; whether it was told.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        // ORDERING: pairs with the Release in `tell`.
        while self.word.load(Acquire) == WAITING {
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return false;
            }
            imp::sleep(&self.word, WAITING, left);
        }
        true
    }

    /// Lets the waiting thread go on; it sees what was written before.
    ///
    /// # Safety
    /// The parker is there when this is called, and nobody told it before. It may be
    /// gone before this returns.
    pub(crate) unsafe fn tell(parker: NonNull<Parker>) {
        // SAFETY: the parker is still there, so this is its word.
        let word = unsafe { &raw const (*parker.as_ptr()).word };
        // SAFETY: as above.
        // ORDERING: pairs with the Acquire in `wait`. From here on the waiter may return
        // and reuse the memory.
        unsafe { (*word).store(TOLD, order(Release, Bug::TellRelaxed)) };
        if !planted(Bug::TellWithoutWake) {
            imp::wake(word);
        }
    }
}

#[cfg(any(loom, shuttle))]
use crate::sync::futex as imp;

#[cfg(all(target_os = "linux", not(any(loom, shuttle))))]
mod imp {
    use super::AtomicU32;
    use rustix::thread::futex;
    use std::time::Duration;

    /// Returns when woken, when the word is not `expected`, after `most`, or early.
    pub(super) fn sleep(word: &AtomicU32, expected: u32, most: Option<Duration>) {
        let most = most.and_then(|most| most.try_into().ok());
        // An error is a reason to look at the word again.
        let _ = futex::wait(word, futex::Flags::PRIVATE, expected, most.as_ref());
    }

    /// Wakes a thread that sleeps at this address, if there is one. By the bare
    /// address: the word may be gone, and a futex that nobody waits on, or memory that
    /// means something else by now, is a wake-up too many at most, which `sleep` allows.
    pub(super) fn wake(word: *const AtomicU32) {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: the system uses the address of a private futex as a key and does not
        // touch the memory.
        unsafe { libc::syscall(libc::SYS_futex, word, operation, 1) };
    }
}

/// Without futexes: looks again every so often.
#[cfg(not(any(target_os = "linux", loom, shuttle)))]
mod imp {
    use super::AtomicU32;
    use std::time::Duration;

    const PAUSE: Duration = Duration::from_micros(100);

    pub(super) fn sleep(_word: &AtomicU32, _expected: u32, most: Option<Duration>) {
        std::thread::sleep(most.map_or(PAUSE, |most| most.min(PAUSE)));
    }

    pub(super) fn wake(_word: *const AtomicU32) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn wait_ends_when_told_or_at_the_deadline() {
        let parker = Parker::new();
        let soon = Instant::now() + Duration::from_millis(5);
        assert!(!parker.wait(Some(soon)));
        assert!(Instant::now() >= soon);
        std::thread::scope(|threads| {
            let waiter = threads.spawn(|| parker.wait(None));
            // SAFETY: the parker outlives the scope.
            unsafe { Parker::tell(NonNull::from(&parker)) };
            assert!(waiter.join().unwrap());
        });
        assert!(parker.wait(Some(soon)), "told before it waits");
    }
}
