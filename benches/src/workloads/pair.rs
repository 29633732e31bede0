//! Each thread takes an object and gives it back, over and over.

use super::{Hand, Task};
use crate::histogram::{Meter, Unwatched};
use crate::measure::{team, Sample};
use crate::peer::{Local, Peer};

pub(super) fn sample<P: Peer>(task: &Task<P>) -> Sample {
    team(task.threads, |_, watch| {
        let mut hand = Hand::<_, Unwatched>::new(task.peer.local());
        pairs(&mut hand, task.warming());
        hand.restart();
        watch.time(|| pairs(&mut hand, task.count));
        hand.tally(task.count)
    })
}

#[inline(always)]
pub(super) fn pairs<L: Local, M: Meter>(hand: &mut Hand<L, M>, count: usize) {
    for _ in 0..count {
        if let Some(object) = hand.take() {
            hand.give(object);
        }
    }
}
