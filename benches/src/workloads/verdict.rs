//! How long it takes to say that a pool is exhausted while other threads hold caches.

use super::Task;
use crate::histogram::{Each, Meter, Unwatched};
use crate::measure::Sample;
use crate::peer::{Local, Peer};
use crate::workloads::Hand;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Barrier;
use std::thread;

/// `threads` threads take and give back some objects each, so that their caches are full of
/// free ones, and wait; then this thread takes all there are and times the refusal.
pub(super) fn sample<P: Peer>(task: &Task<P>, capacity: usize) -> Sample {
    let holders = task.threads;
    let each = capacity / (2 * holders);
    let barrier = Barrier::new(holders + 1);
    let over = AtomicBool::new(false);
    let mut times = Each::new();
    thread::scope(|scope| {
        for _ in 0..holders {
            scope.spawn(|| hold(task.peer, each, &barrier, &over));
        }
        let mut local = task.peer.local();
        let mut taken = Vec::with_capacity(capacity);
        for _ in 0..task.count {
            barrier.wait();
            barrier.wait();
            while let Some(object) = allocate(&mut local, &mut times) {
                taken.push(object);
            }
            taken.drain(..).for_each(|object| local.free(object));
        }
        // ORDERING: the barrier orders it.
        over.store(true, Ordering::Relaxed);
        barrier.wait();
    });
    Sample::of_parts(times.result().unwrap_or_default())
}

/// An object, or none; that there is none is timed.
fn allocate<L: Local>(local: &mut L, times: &mut Each) -> Option<L::Object> {
    times.watch_if(|| local.alloc_or_verdict(), Option::is_none)
}

/// Fills the thread's cache between every two meetings.
fn hold<P: Peer>(peer: &P, each: usize, barrier: &Barrier, over: &AtomicBool) {
    let mut hand = Hand::<_, Unwatched>::new(peer.local());
    let mut held = Vec::with_capacity(each);
    loop {
        barrier.wait();
        // ORDERING: the barrier orders it.
        if over.load(Ordering::Relaxed) {
            return;
        }
        held.extend((0..each).filter_map(|_| hand.take()));
        held.drain(..).for_each(|object| hand.give(object));
        barrier.wait();
    }
}
