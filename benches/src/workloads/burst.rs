//! Each thread takes or gives back random numbers of objects, as a coin decides.

use super::{Hand, Task};
use crate::histogram::{Meter, Unwatched};
use crate::measure::{team, Sample};
use crate::peer::{Local, Peer};
use crate::random::Random;

pub(super) fn sample<P: Peer>(task: &Task<P>, most: usize) -> Sample {
    team(task.threads, |number, watch| {
        let mut random = Random::new(task.seed, number);
        let mut hand = Hand::<_, Unwatched>::new(task.peer.local());
        let mut held = Vec::with_capacity(2 * most);
        bursts(&mut hand, &mut held, &mut random, most, task.warming());
        hand.restart();
        let taken = watch.time(|| bursts(&mut hand, &mut held, &mut random, most, task.count));
        hand.finish(held.into_iter(), taken)
    })
}

/// Until `count` objects were asked for. At most twice `most` are held: a burst that would
/// pass that gives back instead.
#[inline(always)]
fn bursts<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    held: &mut Vec<L::Object>,
    random: &mut Random,
    most: usize,
    count: usize,
) -> usize {
    let mut taken = 0;
    while taken < count {
        let burst = 1 + random.below(most);
        if random.below(2) == 0 && held.len() + burst <= 2 * most {
            (0..burst).for_each(|_| held.extend(hand.take()));
            taken += burst;
        } else {
            let left = held.len().saturating_sub(burst);
            held.drain(left..).for_each(|object| hand.give(object));
        }
    }
    taken
}
