//! Sleeping for a little while.

#![forbid(unsafe_code)]

use rustix::thread::{nanosleep, NanosleepRelativeResult, Timespec};

/// As the standard library's `sleep`, but no place where a thread that was cancelled
/// (`pthread_cancel`) ends: the caller holds locks.
pub(crate) fn nap(microseconds: u32) {
    let mut left = Timespec { tv_sec: 0, tv_nsec: i64::from(microseconds) * 1000 };
    while let NanosleepRelativeResult::Interrupted(rest) = nanosleep(&left) {
        left = rest;
    }
}
