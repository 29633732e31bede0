//! An allocation fails only if at some instant every object was live.

use super::{explore, thread};
use crate::error::Error;

#[test]
fn two_threads_share_two_objects() {
    explore("two_threads_share_two_objects", (2, 3), 2, |world| {
        let other = thread(world, |world| (0..2).for_each(|_| world.alloc_and_free()));
        (0..2).for_each(|_| world.alloc_and_free());
        other.join();
        world.settle();
    });
}

#[test]
fn round_on_its_way_through_a_shard_is_found() {
    explore("round_on_its_way_through_a_shard_is_found", (2, 3), 4, |world| {
        let all: Vec<usize> = (0..4).map(|_| world.alloc().unwrap()).collect();
        world.free(all[0]).unwrap();
        // One object is free at every instant.
        let taker = thread(world, |world| world.alloc().expect("one is free"));
        world.free(all[1]).unwrap();
        world.free(all[2]).unwrap();
        let kept = [world.alloc().unwrap(), world.alloc().unwrap(), all[3], taker.join()];
        assert_eq!(world.alloc(), Err(Error::Exhausted));
        kept.into_iter().for_each(|address| world.free(address).unwrap());
        world.settle();
    });
}
