//! How many processors the process may use.

#![forbid(unsafe_code)]

use crate::sync::{AtomicUsize, Relaxed};

/// 0: not asked yet.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Asked once: the standard library reads several files to tell, two thirds of what a
/// short-lived pool cost (33 against 11 us).
pub(crate) fn processors() -> usize {
    // ORDERING: a figure; a race asks twice.
    match COUNT.load(Relaxed) {
        0 => {
            let count = std::thread::available_parallelism().map_or(1, |n| n.get());
            // ORDERING: as above.
            COUNT.store(count, Relaxed);
            count
        }
        count => count,
    }
}
