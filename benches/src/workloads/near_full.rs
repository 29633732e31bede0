//! Threads share a pool that is X % full. Together they never have more live than that, so no
//! allocation need fail, but what one thread gives back another needs.

use super::{Hand, Task};
use crate::histogram::{Meter, Unwatched};
use crate::measure::{team, Sample};
use crate::peer::{Local, Peer};
use crate::random::Random;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicIsize, Ordering};

/// The largest burst.
const BURST: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Takes or gives back 1 to 32 objects, as a coin and the others' holdings allow.
    Bursts,
    /// Has its share all the time; gives back one object and takes one, in turn.
    Turnover,
}

/// Objects that may still be taken, by all threads together.
struct Budget(AtomicIsize);

impl Budget {
    fn take(&self, count: usize) -> bool {
        let count = count as isize;
        // ORDERING: a count, that orders nothing else.
        let enough = self.0.fetch_sub(count, Ordering::Relaxed) >= count;
        if !enough {
            // ORDERING: as above.
            self.0.fetch_add(count, Ordering::Relaxed);
        }
        enough
    }

    fn give(&self, count: usize) {
        // ORDERING: as above.
        self.0.fetch_add(count as isize, Ordering::Relaxed);
    }
}

/// With up to `live` objects live at once.
pub(super) fn sample<P: Peer>(task: &Task<P>, step: Step, live: usize) -> Sample {
    let budget = Budget(AtomicIsize::new(live as isize));
    let share = live / task.threads;
    team(task.threads, |number, watch| {
        let mut random = Random::new(task.seed, number);
        let mut hand = Hand::<_, Unwatched>::new(task.peer.local());
        let mut held = VecDeque::with_capacity(live.max(BURST));
        while held.len() < share && budget.take(1) {
            let Some(object) = hand.take() else {
                budget.give(1);
                break;
            };
            held.push_back(object);
        }
        hand.restart();
        let done = watch.time(|| match step {
            Step::Bursts => bursts(&mut hand, &mut held, &mut random, &budget, task.count),
            Step::Turnover => turn_over(&mut hand, &mut held, task.count),
        });
        hand.finish(held.into_iter(), done)
    })
}

/// So many bursts as take `count` objects if every second takes; returns how many it asked for.
fn bursts<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    held: &mut VecDeque<L::Object>,
    random: &mut Random,
    budget: &Budget,
    count: usize,
) -> usize {
    let mut asked = 0;
    for _ in 0..(4 * count).div_ceil(BURST) {
        let burst = 1 + random.below(BURST);
        if random.below(2) == 0 && budget.take(burst) {
            let before = held.len();
            (0..burst).for_each(|_| held.extend(hand.take()));
            asked += burst;
            budget.give(before + burst - held.len());
        } else {
            let left = held.len().saturating_sub(burst);
            let given = held.len() - left;
            held.drain(left..).for_each(|object| hand.give(object));
            budget.give(given);
        }
    }
    asked
}

/// Replaces the oldest object by a new one, over and over. Who was refused has one less from
/// then on; who has none only asks.
fn turn_over<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    held: &mut VecDeque<L::Object>,
    count: usize,
) -> usize {
    for _ in 0..count {
        if let Some(object) = held.pop_front() {
            hand.give(object);
        }
        held.extend(hand.take());
    }
    count
}
