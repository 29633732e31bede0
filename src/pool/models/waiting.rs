//! A waiter is served by the next free, or told that there will be none.

use super::{explore, thread, World};
use crate::error::Error;
use std::time::Duration;

#[test]
fn waiter_is_served_by_a_racing_free() {
    explore("waiter_is_served_by_a_racing_free", (None, None), 1, |world| {
        let address = world.alloc().unwrap();
        let waiter = thread(world, World::wait_and_free);
        world.free(address).unwrap();
        waiter.join();
        world.settle();
    });
}

#[test]
fn waiter_is_served_by_a_thread_that_ends() {
    explore("waiter_is_served_by_a_thread_that_ends", (Some(3), Some(4)), 1, |world| {
        let waiters = [(); 2].map(|()| thread(world, World::wait_and_free));
        waiters.into_iter().for_each(|waiter| waiter.join());
        world.settle();
    });
}

#[test]
fn two_waiters_are_served_by_one_free_each() {
    explore("two_waiters_are_served_by_one_free_each", (Some(3), Some(4)), 1, |world| {
        let address = world.alloc().unwrap();
        let waiters = [(); 2].map(|()| thread(world, World::wait_and_free));
        world.free(address).unwrap();
        waiters.into_iter().for_each(|waiter| waiter.join());
        world.settle();
    });
}

#[test]
fn waiter_gives_up_or_is_served() {
    explore("waiter_gives_up_or_is_served", (None, None), 1, |world| {
        let address = world.alloc().unwrap();
        let waiter = thread(world, |world| {
            let got = world.wait(Some(Duration::from_nanos(1)));
            got.map(|address| world.free(address).unwrap())
        });
        world.free(address).unwrap();
        assert!(matches!(waiter.join(), Ok(()) | Err(Error::Timeout)));
        world.settle();
    });
}

#[test]
fn waiter_is_told_that_the_pool_ends() {
    explore("waiter_is_told_that_the_pool_ends", (None, None), 1, |world| {
        world.alloc().unwrap();
        let waiter = thread(world, |world| world.wait(None));
        assert_eq!(world.stop(true), Ok(1));
        assert_eq!(waiter.join(), Err(Error::Destroyed));
    });
}

#[test]
fn free_and_end_race_for_a_waiter() {
    explore("free_and_end_race_for_a_waiter", (Some(3), Some(4)), 1, |world| {
        let address = world.alloc().unwrap();
        let waiter = thread(world, |world| world.wait(None));
        let ender = thread(world, |world| world.stop(true));
        world.part_with(address);
        let freed = world.pool.free(address);
        let live = ender.join().unwrap();
        match (freed, waiter.join()) {
            (Ok(()), Ok(_)) => assert_eq!(live, 1, "it went to the waiter"),
            (Ok(()), Err(Error::Destroyed)) => assert_eq!(live, 0),
            (Err(Error::Destroyed), Err(Error::Destroyed)) => assert_eq!(live, 1),
            other => panic!("{other:?}"),
        }
    });
}
