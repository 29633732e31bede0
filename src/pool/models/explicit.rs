//! Caches of handles, beside those of threads.

use super::{explore, thread, World};
use crate::cache::Cache;
use crate::pool::explicit;
use std::ptr::NonNull;

/// A handle, which one thread has at a time.
#[derive(Clone, Copy)]
struct Handle(NonNull<Cache>);

// SAFETY: caches are Sync, and this one lives as long as the model's pool.
unsafe impl Send for Handle {}

impl Handle {
    fn new(world: &World) -> Handle {
        Handle(NonNull::from(world.pool.explicit_cache().unwrap()))
    }

    fn cache(&self) -> &Cache {
        // SAFETY: as above.
        unsafe { self.0.as_ref() }
    }

    fn alloc(&self, world: &World) -> usize {
        world.receive(explicit::alloc(self.cache()).unwrap())
    }

    fn free(&self, world: &World, address: usize) {
        world.part_with(address);
        explicit::free(self.cache(), address).unwrap();
    }
}

#[test]
fn cache_of_a_handle_is_revoked_and_destroyed() {
    explore("cache_of_a_handle_is_revoked_and_destroyed", (Some(3), Some(4)), 2, |world| {
        let handle = Handle::new(world);
        let other = thread(world, move |world| {
            let address = handle.alloc(world);
            handle.free(world, address);
            let address = handle.alloc(world);
            handle.free(world, address);
            explicit::destroy(handle.cache()).unwrap();
        });
        // At most one of two is live, wherever the other's round is.
        let first = world.alloc().unwrap();
        let report = world.pool.check().unwrap();
        assert!(report.is_clean() && (1..=2).contains(&report.live), "{report:?}");
        other.join();
        let second = world.alloc().unwrap();
        [first, second].into_iter().for_each(|address| world.free(address).unwrap());
        world.settle();
    });
}

#[test]
fn cache_of_a_handle_passes_to_another_thread() {
    explore("cache_of_a_handle_passes_to_another_thread", (Some(3), Some(4)), 3, |world| {
        let handle = Handle::new(world);
        let reviser = thread(world, |world| {
            let report = world.pool.check().unwrap();
            assert!(report.is_clean() && report.live <= 2, "{report:?}");
        });
        let held = handle.alloc(world);
        let next = thread(world, move |world| {
            let address = handle.alloc(world);
            handle.free(world, held);
            address
        });
        let address = next.join();
        handle.free(world, address);
        reviser.join();
        explicit::destroy(handle.cache()).unwrap();
        world.settle();
    });
}

#[test]
fn pool_ends_before_the_cache_of_a_handle() {
    explore("pool_ends_before_the_cache_of_a_handle", (None, None), 1, |world| {
        let handle = Handle::new(world);
        let address = handle.alloc(world);
        handle.free(world, address); // Open, and with a round.
        let other = thread(world, move |world| {
            let got = explicit::alloc(handle.cache());
            if let Ok(address) = got {
                world.receive(address);
            }
            // The pool may have ended since, or before; the handle is given up all the same.
            explicit::destroy(handle.cache()).unwrap();
            got.is_ok()
        });
        let live = world.stop(true).unwrap();
        let got = other.join();
        assert!(live == 0 || got, "live without an owner");
    });
}
