//! Two threads that free one object at once.

use super::{explore, thread};
use crate::error::Error;

#[test]
fn object_freed_twice_at_once_is_had_once() {
    explore("object_freed_twice_at_once_is_had_once", (Some(3), None), 2, |world| {
        let address = world.alloc().unwrap();
        world.part_with(address);
        let other = thread(world, move |world| {
            world.alloc_and_free();
            world.pool.free(address)
        });
        let both = [world.pool.free(address), other.join()];
        let refused = both.iter().filter(|freed| **freed == Err(Error::DoubleFree)).count();
        assert!(refused <= 1 && both.contains(&Ok(())), "{both:?}");
        // If both were taken there are two rounds of it now, which two threads pop. (What
        // is freed again after somebody got it is beyond finding.)
        let taker = thread(world, |world| world.alloc().unwrap());
        let taken = [world.alloc().unwrap(), taker.join()];
        taken.into_iter().for_each(|address| world.free(address).unwrap());
        world.settle_after_misuse(1);
    });
}
