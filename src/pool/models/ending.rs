//! Threads and pools that end while others go on.

use super::{explore, thread, World};
use crate::error::Error;
use std::sync::Arc;

#[test]
fn thread_ends_while_its_cache_is_revoked() {
    explore("thread_ends_while_its_cache_is_revoked", (None, None), 2, |world| {
        let other = thread(world, World::alloc_and_free);
        let report = world.pool.check().unwrap();
        assert!(report.is_clean() && report.live <= 1, "{report:?}");
        // At most one of two is live: the round of the thread that ends is found.
        let first = world.alloc().unwrap();
        other.join();
        let second = world.alloc().unwrap();
        [first, second].into_iter().for_each(|address| world.free(address).unwrap());
        world.settle();
    });
}

#[test]
fn cache_passes_to_the_next_thread() {
    explore("cache_passes_to_the_next_thread", (Some(3), Some(4)), 3, |world| {
        let threads = [(); 2].map(|()| thread(world, World::alloc_and_free));
        world.alloc_and_free();
        threads.into_iter().for_each(|thread| thread.join());
        let next = thread(world, World::alloc_and_free);
        next.join();
        world.settle();
    });
}

#[test]
fn pool_ends_while_a_thread_frees() {
    explore("pool_ends_while_a_thread_frees", (Some(3), None), 2, |world| {
        let address = world.alloc().unwrap();
        let other = thread(world, move |world| {
            world.alloc().map(|own| world.free(own).unwrap_or_default()).unwrap_or_default();
            world.free(address)
        });
        match (world.stop(false), other.join()) {
            (Ok(0), Ok(()) | Err(Error::Destroyed)) => {}
            (Err(Error::Busy), Ok(())) => world.settle(),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn pool_ends_whatever_is_live() {
    explore("pool_ends_whatever_is_live", (None, None), 2, |world| {
        let address = world.alloc().unwrap();
        let other = thread(world, move |world| (world.free(address), world.alloc().err()));
        let live = world.stop(true).unwrap();
        match other.join() {
            (Ok(()), None) => assert_eq!(live, 1),
            (Ok(()), Some(Error::Destroyed)) => assert_eq!(live, 0),
            (Err(Error::Destroyed), Some(Error::Destroyed)) => assert_eq!(live, 1),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn thread_and_pool_end_at_once() {
    explore("thread_and_pool_end_at_once", (None, None), 2, |world| {
        // Makes a cache, which either of the two ends gives back.
        let other = thread(world, |world| world.alloc().is_ok());
        assert!(world.stop(true).unwrap() <= 1);
        other.join();
    });
}

#[test]
fn cache_of_an_ended_pool_is_its_threads_to_free() {
    explore("cache_of_an_ended_pool_is_its_threads_to_free", (None, None), 1, |world| {
        let next = Arc::new(World::new(1, 1));
        let pool = next.clone();
        let other = thread(world, move |world| {
            let got = world.alloc().is_ok();
            // Making a cache of this pool frees those of pools that are gone.
            pool.alloc_and_free();
            got
        });
        assert!(world.stop(true).unwrap() <= 1);
        other.join();
        next.settle();
    });
}
