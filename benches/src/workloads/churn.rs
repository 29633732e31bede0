//! Threads that begin, take and give back a few objects, and end.

use super::pair::pairs;
use super::{Hand, Task};
use crate::histogram::Unwatched;
use crate::measure::{team, Sample, Tally};
use crate::peer::Peer;
use crate::sys::process_time;
use std::thread;

/// Each thread of the team starts `count` threads, one after the other.
pub(super) fn sample<P: Peer>(task: &Task<P>, pairs_each: usize) -> Sample {
    let before = process_time();
    let mut sample = team(task.threads, |_, watch| {
        let mut tally = Tally { operations: task.count as u64, ..Tally::default() };
        tally.refused = watch.time(|| (0..task.count).map(|_| one(task.peer, pairs_each)).sum());
        tally
    });
    // What a thread takes to end is on no clock of its own.
    sample.processor_ns = (process_time() - before) as f64;
    sample
}

fn one<P: Peer>(peer: &P, pairs_each: usize) -> u64 {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let mut hand = Hand::<_, Unwatched>::new(peer.local());
            pairs(&mut hand, pairs_each);
            hand.tally(pairs_each).refused
        });
        thread.join().expect("no thread panics")
    })
}
