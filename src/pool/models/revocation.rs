//! Revocation against a busy section on its way.

use super::{explore, thread};

#[test]
fn revoker_finds_every_round_in_one_place() {
    explore("revoker_finds_every_round_in_one_place", (Some(3), Some(4)), 2, |world| {
        let owner = thread(world, |world| (0..3).for_each(|_| world.alloc_and_free()));
        let report = world.pool.check().unwrap();
        assert!(report.is_clean(), "{report:?}");
        assert!(report.live <= 1, "{report:?}");
        let stats = world.pool.stats().unwrap();
        assert!(stats.in_use <= 1 && stats.total_allocated <= 3, "{stats:?}");
        owner.join();
        world.settle();
    });
}
