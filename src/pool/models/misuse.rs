//! Two threads that free one object at once.

use super::{explore, thread, World};
use crate::error::Error;

/// Frees without asking whether the object is the caller's.
fn free_blindly(world: &World, address: usize) -> Result<(), Error> {
    world.pool.free(address)
}

#[test]
fn object_freed_twice_at_once_is_had_once() {
    explore("object_freed_twice_at_once_is_had_once", (2, 3), 2, |world| {
        let address = world.alloc().unwrap();
        world.part_with(address);
        let other = thread(world, move |world| {
            world.alloc_and_free();
            free_blindly(world, address)
        });
        let both = [free_blindly(world, address), other.join()];
        let refused = both.iter().filter(|freed| **freed == Err(Error::DoubleFree)).count();
        let taken = both.iter().filter(|freed| freed.is_ok()).count();
        assert_eq!((refused + taken, taken > 0), (2, true), "{both:?}");
        // The second round, if there is one, is found when it is popped.
        world.settle_after_misuse(1);
    });
}
