//! The depot: where rounds are that no cache holds.
//!
//! Whole magazines lie in shards, reached without the depot's lock ([`shard`]);
//! everything else lies here, reached under it: stocked magazines, empty ones,
//! and one open magazine that takes and gives single rounds.
//!
//! A free must never need memory. So the depot keeps more magazines than all
//! rounds could fill: carving adds a magazine before it adds its rounds
//! ([`Depot::keep_room`]), every cache brings two of its own, and magazines move
//! only by one-for-one swaps. Whoever looks for room therefore finds a magazine
//! that is not full, here or in a shard.

#![forbid(unsafe_code)]

pub(crate) mod shard;

use crate::error::Error;
use crate::magazine::{Magazine, Rack, Round, Stack};
use shard::Shards;

pub(crate) struct Depot {
    /// Rounds of a magazine.
    capacity: u32,
    stocked: Stack,
    empty: Stack,
    open: Option<Magazine>,
    /// Rounds in `stocked` and `open`.
    rounds: u32,
    /// Magazines made for carved slots, wherever they are now.
    magazines: u64,
    /// Where they come from in a large pool. Dropped last.
    rack: Option<Rack>,
}

impl Depot {
    pub(crate) const fn new(capacity: u32) -> Depot {
        Depot {
            capacity,
            stocked: Stack::new(),
            empty: Stack::new(),
            open: None,
            rounds: 0,
            magazines: 0,
            rack: None,
        }
    }

    /// Of a pool of up to `slots`: its magazines take memory when they are first used. Whatever
    /// may hold one of them must be gone when the depot is dropped.
    pub(crate) fn large(capacity: u32, slots: usize) -> Result<Depot, Error> {
        let rack = Some(Rack::new(capacity, slots / capacity as usize + 1)?);
        Ok(Depot { rack, ..Depot::new(capacity) })
    }

    /// Rounds that lie here.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Whether `round` stands for a slot that lies here, for all such rounds.
    pub(crate) fn each_round(&self, mut see: impl FnMut(Round)) {
        self.stocked.rounds().for_each(&mut see);
        self.open.iter().flat_map(|open| open.rounds()).copied().for_each(see);
    }

    /// Makes sure that `carved` rounds can never fill all magazines.
    pub(crate) fn keep_room(&mut self, carved: u64) -> Result<(), Error> {
        while self.magazines * u64::from(self.capacity) <= carved {
            match &mut self.rack {
                Some(rack) => rack.add()?,
                None => self.empty.push(Magazine::new(self.capacity)?),
            }
            self.magazines += 1;
        }
        Ok(())
    }

    /// The two magazines that a cache brings.
    pub(crate) fn pair(&mut self) -> Result<[Magazine; 2], Error> {
        match self.rack.as_mut().and_then(Rack::pair) {
            Some(pair) => Ok(pair),
            None => Ok([Magazine::new(self.capacity)?, Magazine::new(self.capacity)?]),
        }
    }

    fn take_empty(&mut self) -> Option<Magazine> {
        self.empty.pop().or_else(|| self.rack.as_mut()?.make())
    }

    /// Takes a round in. Fails only if misuse made more rounds than there are slots
    /// (two for one slot) and memory is out; the round is then the caller's still.
    pub(crate) fn push(&mut self, round: Round, shards: &Shards) -> Result<(), Round> {
        if self.open.as_ref().is_none_or(Magazine::is_full) {
            let room = self.take_empty().or_else(|| shards.take_empty());
            let Some(room) = room.or_else(|| self.one_more()) else { return Err(round) };
            if let Some(full) = self.open.replace(room) {
                self.stocked.push(full);
            }
        }
        match &mut self.open {
            Some(open) => open.push(round)?,
            None => return Err(round),
        }
        self.rounds += 1;
        Ok(())
    }

    /// A magazine that the counting argument does not ask for.
    #[cold]
    fn one_more(&mut self) -> Option<Magazine> {
        let magazine = Magazine::new(self.capacity).ok()?;
        self.magazines += 1;
        Some(magazine)
    }

    /// Gives a round out.
    pub(crate) fn pop(&mut self) -> Option<Round> {
        if self.open.as_ref().is_none_or(Magazine::is_empty) {
            let stocked = self.stocked.pop()?;
            if let Some(empty) = self.open.replace(stocked) {
                self.empty.push(empty);
            }
        }
        let round = self.open.as_mut()?.pop()?;
        self.rounds -= 1;
        Some(round)
    }

    /// A magazine with rounds for an empty one, if there are rounds here.
    pub(crate) fn swap_for_rounds(&mut self, empty: Magazine) -> Result<Magazine, Magazine> {
        let stocked = match self.stocked.pop() {
            Some(stocked) => stocked,
            None => match self.open.take_if(|open| !open.is_empty()) {
                Some(open) => open,
                None => return Err(empty),
            },
        };
        self.rounds -= stocked.len();
        self.empty.push(empty);
        Ok(stocked)
    }

    /// A magazine with room for a full one.
    pub(crate) fn swap_for_room(
        &mut self,
        full: Magazine,
        shards: &Shards,
    ) -> Result<Magazine, Magazine> {
        let room = match self.take_empty().or_else(|| shards.take_empty()) {
            Some(room) => room,
            None => match self.open.take_if(|open| !open.is_full()) {
                Some(open) => {
                    self.rounds -= open.len();
                    open
                }
                None => match self.one_more() {
                    Some(room) => room,
                    None => return Err(full),
                },
            },
        };
        self.rounds += full.len();
        self.stocked.push(full);
        Ok(room)
    }

    /// Takes a magazine of any fill.
    pub(crate) fn give(&mut self, magazine: Magazine) {
        if magazine.is_empty() {
            self.empty.push(magazine);
        } else {
            self.rounds += magazine.len();
            self.stocked.push(magazine);
        }
    }

    /// Gives an empty magazine to the shards, so that exchanges find one.
    pub(crate) fn lend_empty(&mut self, shards: &Shards, home: usize) {
        if let Some(empty) = self.take_empty() {
            if let Err(empty) = shards.give_empty(home, empty) {
                self.empty.push(empty);
            }
        }
    }

    /// Takes everything the shards hold.
    pub(crate) fn absorb(&mut self, shards: &Shards) {
        while let Some(full) = shards.take_full() {
            self.give(full);
        }
        while let Some(empty) = shards.take_empty() {
            self.empty.push(empty);
        }
    }

    /// Removes the rounds that `keep` refuses. Stocked magazines stay full: rounds
    /// move together, or the room that [`Depot::keep_room`] counted would be hidden
    /// in half-empty ones.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Round) -> bool) {
        let mut old = std::mem::take(&mut self.stocked);
        old.push_some(self.open.take());
        self.rounds = 0;
        let mut filling: Option<Magazine> = None;
        while let Some(mut magazine) = old.pop() {
            magazine.retain(&mut keep);
            self.rounds += magazine.len();
            match &mut filling {
                None => filling = Some(magazine),
                Some(target) => {
                    target.fill_from(&mut magazine);
                    if target.is_full() {
                        std::mem::swap(target, &mut magazine);
                        self.stocked.push(magazine);
                    } else {
                        self.empty.push(magazine);
                    }
                }
            }
        }
        self.open = filling;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depot(rounds: u32) -> (Depot, Shards) {
        let shards = Shards::new(1).unwrap();
        let mut depot = Depot::new(4);
        depot.keep_room(u64::from(rounds)).unwrap();
        (0..rounds).for_each(|round| depot.push(round, &shards).unwrap());
        (depot, shards)
    }

    fn all(depot: &Depot) -> Vec<Round> {
        let mut rounds = Vec::new();
        depot.each_round(|round| rounds.push(round));
        rounds.sort_unstable();
        rounds
    }

    #[test]
    fn push_as_many_as_there_is_room_kept_for_then_pop_all() {
        for count in [0, 1, 4, 5, 8, 1000] {
            let (mut depot, _shards) = depot(count);
            assert_eq!(depot.rounds(), count);
            assert_eq!(all(&depot), (0..count).collect::<Vec<_>>());
            let mut popped: Vec<_> = std::iter::from_fn(|| depot.pop()).collect();
            popped.sort_unstable();
            assert_eq!(popped, (0..count).collect::<Vec<_>>());
            assert_eq!(depot.rounds(), 0);
        }
    }

    /// One magazine more than the rounds fill: a free never needs another.
    #[test]
    fn keep_room_makes_a_magazine_more_than_the_rounds_fill() {
        for (rounds, magazines) in [(0, 1), (1, 1), (3, 1), (4, 2), (7, 2), (8, 3), (1000, 251)] {
            let (mut depot, _shards) = depot(rounds);
            assert_eq!(depot.magazines, magazines, "{rounds}");
            depot.keep_room(u64::from(rounds)).unwrap();
            assert_eq!(depot.magazines, magazines, "{rounds}: kept already");
        }
    }

    /// Those of a large pool exist only when rounds need them.
    #[test]
    fn keep_room_of_a_large_depot_makes_no_magazine_yet() {
        let shards = Shards::new(1).unwrap();
        let mut depot = Depot::large(4, 1000).unwrap();
        depot.keep_room(1000).unwrap();
        assert_eq!(depot.magazines, 251);
        assert!(depot.empty.pop().is_none());
        (0..1000).for_each(|round| depot.push(round, &shards).unwrap());
        assert_eq!(depot.magazines, 251);
        assert_eq!(all(&depot), (0..1000).collect::<Vec<_>>());
        while depot.pop().is_some() {}
        // What was used is used again first.
        depot.lend_empty(&shards, 0);
        assert!(shards.take_empty().is_some());
    }

    #[test]
    fn swaps_move_rounds_and_keep_count() {
        let (mut depot, shards) = depot(10);
        let got = depot.swap_for_rounds(Magazine::new(4).unwrap()).ok().unwrap();
        assert_eq!(depot.rounds(), 10 - got.len());
        assert!(got.is_full());
        let room = depot.swap_for_room(got, &shards).ok().unwrap();
        assert!(!room.is_full());
        assert_eq!(depot.rounds() + room.len(), 10);
    }

    /// Misuse can make more rounds than there are slots.
    #[test]
    fn push_beyond_the_room_that_was_kept_takes_another_magazine() {
        let (mut depot, shards) = depot(4);
        assert_eq!(depot.magazines, 2);
        (4..20).for_each(|round| depot.push(round, &shards).unwrap());
        assert_eq!((depot.rounds(), depot.magazines), (20, 5));
        assert_eq!(all(&depot), (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn swap_for_room_gives_the_open_magazine_when_no_other_has_room() {
        let (mut depot, shards) = depot(2);
        let mut full = Magazine::new(4).unwrap();
        (10..14).for_each(|round| full.push(round).unwrap());
        let open = depot.swap_for_room(full, &shards).ok().unwrap();
        assert_eq!(open.rounds(), [0, 1]);
        assert_eq!((depot.rounds(), depot.magazines), (4, 1));
        assert_eq!(all(&depot), [10, 11, 12, 13]);
        // Neither an empty one nor an open one: another is made.
        let mut full = open;
        (14..16).for_each(|round| full.push(round).unwrap());
        assert!(depot.swap_for_room(full, &shards).ok().unwrap().is_empty());
        assert_eq!((depot.rounds(), depot.magazines), (8, 2));
    }

    #[test]
    fn lend_empty_leaves_a_magazine_at_the_shard() {
        let (mut depot, shards) = depot(2);
        depot.keep_room(4).unwrap();
        assert!(shards.take_empty().is_none());
        depot.lend_empty(&shards, 0);
        assert!(shards.take_empty().unwrap().is_empty());
        depot.lend_empty(&shards, 0);
        assert!(shards.take_empty().is_none(), "there was only one");
    }

    #[test]
    fn retain_drops_rounds() {
        let (mut depot, _shards) = depot(10);
        depot.retain(|round| round % 2 == 0);
        assert_eq!(all(&depot), [0, 2, 4, 6, 8]);
        assert_eq!(depot.rounds(), 5);
    }

    #[test]
    fn retain_leaves_room_for_what_comes_back() {
        for divisor in 1..12 {
            let (mut depot, shards) = depot(100);
            depot.retain(|round| round % divisor == 0);
            let back = (0..100).filter(|round| round % divisor != 0);
            back.for_each(|round| depot.push(round, &shards).unwrap());
            assert_eq!(all(&depot), (0..100).collect::<Vec<_>>());
        }
    }
}
