//! Magazines on their way: between caches, the depot and the shards, and between shards
//! alone.

use super::{explore, explore_bare, spawn, thread, World};
use crate::depot::shard::Shards;
use crate::magazine::Magazine;
use std::sync::Arc;

fn empty() -> Magazine {
    Magazine::new(1).unwrap()
}

fn full(round: u32) -> Magazine {
    let mut magazine = empty();
    magazine.push(round).unwrap();
    magazine
}

#[test]
fn empty_magazine_is_found_on_its_way() {
    explore_bare("empty_magazine_is_found_on_its_way", (None, None), || {
        let shards = Arc::new(Shards::new(2).unwrap());
        // Two empty magazines, which a thread moves one by one from the second shard to
        // the first: there is one in a shard at every instant.
        for _ in 0..2 {
            shards.give_empty(1, empty()).ok().unwrap();
        }
        let carrier = shards.clone();
        let carrier = spawn(move || {
            let mut mine = full(1);
            for _ in 0..4 {
                let swapped = match mine.is_empty() {
                    true => carrier.exchange_for_rounds(0, mine, true),
                    false => carrier.exchange_for_room(1, mine, true),
                };
                mine = swapped.map_or_else(|same| same, |got| got.magazine);
            }
        });
        let found = shards.take_empty();
        carrier.join().unwrap();
        assert!(found.is_some());
    });
}

/// Allocates three and frees them: the third of each needs another magazine.
fn refill_and_flush(world: &World) {
    let all = [(); 3].map(|()| world.alloc().expect("the other has three at most"));
    all.into_iter().for_each(|address| world.free(address).unwrap());
}

#[test]
fn refills_and_flushes_lose_nothing() {
    explore("refills_and_flushes_lose_nothing", (Some(2), Some(3)), 6, |world| {
        refill_and_flush(world);
        let other = thread(world, refill_and_flush);
        refill_and_flush(world);
        let report = world.pool.check().unwrap();
        assert!(report.is_clean() && report.live <= 3, "{report:?}");
        other.join();
        world.settle();
    });
}
