//! The shards alone: nothing is lost on the way between them.

use super::{explore_bare, spawn};
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
    explore_bare("empty_magazine_is_found_on_its_way", (Some(3), None), || {
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
                    true => carrier.exchange_for_rounds(0, mine),
                    false => carrier.exchange_for_room(1, mine),
                };
                mine = swapped.map_or_else(|same| same, |got| got.magazine);
            }
        });
        let found = shards.take_empty();
        carrier.join().unwrap();
        assert!(found.is_some());
    });
}
