//! Each thread has up to N objects at once, and gives them back in one of three orders.

use super::{Hand, Task};
use crate::histogram::Meter;
use crate::measure::{team, Sample};
use crate::peer::{Local, Peer};
use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Takes N objects and gives them back, the newest first.
    Lifo,
    /// The same, the oldest first.
    Fifo,
    /// Has N objects all the time; gives back any of them and takes another.
    Random,
}

pub(super) fn sample<P: Peer, M: Meter>(task: &Task<P>, objects: usize, order: Order) -> Sample {
    match order {
        Order::Lifo => in_turns::<P, M>(task, objects, |held, hand| {
            while let Some(object) = held.pop() {
                hand.give(object);
            }
        }),
        Order::Fifo => in_turns::<P, M>(task, objects, |held, hand| {
            for object in held.drain(..) {
                hand.give(object);
            }
        }),
        Order::Random => at_random::<P, M>(task, objects),
    }
}

type HandOf<'a, P, M> = Hand<<P as Peer>::Local<'a>, M>;

/// All are taken, then all are given back.
fn in_turns<P: Peer, M: Meter>(
    task: &Task<P>,
    objects: usize,
    empty: impl Fn(&mut Vec<P::Object>, &mut HandOf<P, M>) + Sync,
) -> Sample {
    let turns = |count: usize| count.div_ceil(objects);
    team(task.threads, |_, watch| {
        let mut hand: HandOf<P, M> = Hand::new(task.peer.local());
        let mut held = Vec::with_capacity(objects);
        let mut run = |hand: &mut HandOf<P, M>, turns: usize| {
            for _ in 0..turns {
                for _ in 0..objects {
                    held.extend(hand.take());
                }
                empty(&mut held, hand);
            }
        };
        run(&mut hand, turns(task.warming()));
        hand.restart();
        watch.time(|| run(&mut hand, turns(task.count)));
        hand.tally(turns(task.count) * objects)
    })
}

fn at_random<P: Peer, M: Meter>(task: &Task<P>, objects: usize) -> Sample {
    team(task.threads, |number, watch| {
        let mut random = Random::new(task.seed, number);
        let mut hand = Hand::<_, M>::new(task.peer.local());
        let mut held: Vec<Option<P::Object>> = (0..objects).map(|_| hand.take()).collect();
        replace(&mut hand, &mut held, &mut random, task.warming().max(objects));
        hand.restart();
        watch.time(|| replace(&mut hand, &mut held, &mut random, task.count));
        hand.finish(held.into_iter().flatten(), task.count)
    })
}

#[inline(always)]
fn replace<L: Local, M: Meter>(
    hand: &mut Hand<L, M>,
    held: &mut [Option<L::Object>],
    random: &mut Random,
    count: usize,
) {
    for _ in 0..count {
        let place = &mut held[random.below(held.len())];
        if let Some(object) = place.take() {
            hand.give(object);
        }
        *place = hand.take();
    }
}
