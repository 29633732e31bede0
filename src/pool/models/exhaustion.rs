//! An allocation fails only if at some instant every object was live.

use super::{explore, thread};
use crate::error::Error;

#[test]
fn allocation_takes_from_a_busy_cache() {
    explore("allocation_takes_from_a_busy_cache", (Some(3), Some(4)), 2, |world| {
        // Both rounds begin in this thread's cache, and one is free at every instant.
        let all = [world.alloc().unwrap(), world.alloc().unwrap()];
        all.into_iter().for_each(|address| world.free(address).unwrap());
        let other = thread(world, |world| world.alloc_and_free());
        (0..2).for_each(|_| world.alloc_and_free());
        other.join();
        world.settle();
    });
}

#[test]
fn three_threads_share_three_objects() {
    explore("three_threads_share_three_objects", (Some(2), Some(3)), 3, |world| {
        let all: Vec<usize> = (0..3).map(|_| world.alloc().unwrap()).collect();
        all.into_iter().for_each(|address| world.free(address).unwrap());
        let others = [(); 2].map(|()| thread(world, |world| world.alloc_and_free()));
        world.alloc_and_free();
        others.into_iter().for_each(|other| other.join());
        world.settle();
    });
}

#[test]
fn round_on_its_way_through_a_shard_is_found() {
    explore("round_on_its_way_through_a_shard_is_found", (Some(3), Some(4)), 4, |world| {
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

#[test]
fn no_object_is_had_twice_when_there_are_too_few() {
    explore("no_object_is_had_twice_when_there_are_too_few", (Some(3), Some(4)), 1, |world| {
        let try_one = |world: &super::World| match world.alloc() {
            Ok(address) => world.free(address),
            Err(error) => Err(error),
        };
        let other = thread(world, move |world| [try_one(world), try_one(world)]);
        let mine = [try_one(world), try_one(world)];
        let all = [mine, other.join()].concat();
        assert!(all.iter().all(|got| matches!(got, Ok(()) | Err(Error::Exhausted))), "{all:?}");
        assert!(all.contains(&Ok(())), "somebody was first");
        world.settle();
    });
}
