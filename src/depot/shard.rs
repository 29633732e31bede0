//! Shards: whole magazines on their way between caches, without the depot's lock.
//!
//! A cache exchanges at its home shard: an empty magazine for a full one, or the
//! reverse. What the home shard lacks is stolen from the others through
//! `crossbeam-deque`, without their locks. Both halves of an exchange happen
//! while the home shard's lock is held, and a busy lock is never waited for: the
//! caller goes to the depot instead. Exchanges are made with the cache `busy`
//! (see `cache`), so that a thread that revoked all caches finds nothing in flight.
//!
//! This file alone uses the deque; its LIFO pop costs a full fence,
//! which is nothing once per magazine and fatal once per object. A thread's first
//! steal boxes its participation in `crossbeam-epoch`, so only threads that were
//! prepared for it steal ([`Shards::prepare_thread`]); the depot's lock holder,
//! which may be any thread, takes the shards' locks instead.

use crate::error::Error;
use crate::magazine::Magazine;
use crate::sync::{planted, Bug, Mutex, Steal, Stealer, Worker};
use crate::sys::heap;

/// Magazines of a kind a shard holds at most. Below the 64 that a new deque has
/// room for, so that a push never allocates.
const ROOM: usize = 32;
/// A bound on what a pool costs on large machines; not measured beyond two
/// processors.
const MOST_SHARDS: usize = 16;
/// What two new deques box, with slack.
const SHARD_BYTES: usize = 4096;

/// One end of a shard's deques, for the thread that holds its lock.
struct Home {
    full: Worker<Magazine>,
    empty: Worker<Magazine>,
}

/// Two cache lines apart: neighbours are prefetched in pairs.
#[repr(align(128))]
struct Shard {
    home: Mutex<Home>,
    full: Stealer<Magazine>,
    empty: Stealer<Magazine>,
}

impl Shard {
    fn new() -> Shard {
        let home = Home { full: Worker::new_lifo(), empty: Worker::new_lifo() };
        Shard { full: home.full.stealer(), empty: home.empty.stealer(), home: Mutex::new(home) }
    }
}

/// What an exchange brought.
pub(crate) struct Exchanged {
    pub(crate) magazine: Magazine,
    /// Whether it came from another shard than the cache's own.
    pub(crate) stolen: bool,
}

pub(crate) struct Shards {
    shards: Vec<Shard>,
    /// An empty deque's, to prepare threads with.
    nothing: Stealer<Magazine>,
}

impl Shards {
    pub(crate) fn new(count: usize) -> Result<Shards, Error> {
        let count = count.clamp(1, MOST_SHARDS);
        let mut shards = Vec::new();
        shards.try_reserve_exact(count).map_err(|_| Error::NoMemory)?;
        for _ in 0..count {
            shards.push(heap::with_reserve(SHARD_BYTES, Shard::new)?);
        }
        let nothing = heap::with_reserve(SHARD_BYTES, || Worker::new_lifo().stealer())?;
        Ok(Shards { shards, nothing })
    }

    /// Makes the calling thread able to steal without needing memory. Boxes some
    /// 2.5 KiB.
    pub(crate) fn prepare_thread(&self) {
        let _ = self.nothing.steal();
    }

    /// The home shard of the cache with this number.
    pub(crate) fn home(&self, number: u32) -> usize {
        number as usize % self.shards.len()
    }

    /// A full magazine for an empty one.
    pub(crate) fn exchange_for_rounds(
        &self,
        home: usize,
        empty: Magazine,
        may_steal: bool,
    ) -> Result<Exchanged, Magazine> {
        let Some(own) = self.shards[home].home.try_lock() else { return Err(empty) };
        if own.empty.len() >= ROOM {
            return Err(empty);
        }
        let found = match own.full.pop() {
            Some(magazine) => Some(Exchanged { magazine, stolen: false }),
            None if may_steal => self.steal_from_others(home, |shard| &shard.full),
            None => None,
        };
        match found {
            Some(full) => {
                own.empty.push(empty);
                Ok(full)
            }
            None => Err(empty),
        }
    }

    /// An empty magazine for a full one.
    pub(crate) fn exchange_for_room(
        &self,
        home: usize,
        full: Magazine,
        may_steal: bool,
    ) -> Result<Exchanged, Magazine> {
        let Some(own) = self.shards[home].home.try_lock() else { return Err(full) };
        if own.full.len() >= ROOM {
            return Err(full);
        }
        let found = match own.empty.pop() {
            Some(magazine) => Some(Exchanged { magazine, stolen: false }),
            None if may_steal => self.steal_from_others(home, |shard| &shard.empty),
            None => None,
        };
        match found {
            Some(empty) => {
                own.full.push(full);
                Ok(empty)
            }
            None => Err(full),
        }
    }

    /// Lends the shard an empty magazine, unless it is busy or has enough.
    pub(crate) fn give_empty(&self, home: usize, empty: Magazine) -> Result<(), Magazine> {
        match self.shards[home].home.try_lock() {
            Some(own) if own.empty.len() < ROOM / 2 => {
                own.empty.push(empty);
                Ok(())
            }
            _ => Err(empty),
        }
    }

    /// Any full magazine of any shard. For the holder of the depot's lock: waits
    /// for shards' locks, whose holders wait for nothing.
    pub(crate) fn take_full(&self) -> Option<Magazine> {
        self.shards.iter().find_map(|shard| shard.home.lock().full.pop())
    }

    /// Any empty magazine of any shard, likewise. Finds one if there is one at any
    /// instant of the call: exchanges move them between shards meanwhile, so if a
    /// first look finds none, the second holds all locks. Every exchange, steals
    /// included, holds its home lock.
    pub(crate) fn take_empty(&self) -> Option<Magazine> {
        let look = |shard: &Shard| shard.home.lock().empty.pop();
        self.shards.iter().find_map(look).or_else(|| self.take_empty_for_sure())
    }

    #[cold]
    fn take_empty_for_sure(&self) -> Option<Magazine> {
        if planted(Bug::EmptyLookedForOnce) {
            return None;
        }
        let homes: [_; MOST_SHARDS] =
            std::array::from_fn(|at| self.shards.get(at).map(|shard| shard.home.lock()));
        homes.iter().flatten().find_map(|home| home.empty.pop())
    }

    fn steal_from_others(
        &self,
        home: usize,
        end: impl Fn(&Shard) -> &Stealer<Magazine>,
    ) -> Option<Exchanged> {
        let (before, after) = self.shards.split_at(home);
        let others = after.iter().skip(1).chain(before);
        let magazine = others.into_iter().find_map(|shard| steal(end(shard)))?;
        Some(Exchanged { magazine, stolen: true })
    }
}

fn steal(stealer: &Stealer<Magazine>) -> Option<Magazine> {
    loop {
        match stealer.steal() {
            Steal::Success(magazine) => return Some(magazine),
            Steal::Empty => return None,
            // Lost a race, which means that somebody else made progress.
            Steal::Retry => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{AtomicBool, Relaxed};

    fn full(round: u32) -> Magazine {
        let mut magazine = Magazine::new(1).unwrap();
        magazine.push(round).unwrap();
        magazine
    }

    #[test]
    fn exchange_at_home_then_steal_from_elsewhere() {
        let shards = Shards::new(2).unwrap();
        assert!(shards.exchange_for_room(0, full(1), true).is_err(), "no empty magazine yet");
        shards.give_empty(1, Magazine::new(1).unwrap()).ok().unwrap();
        let empty = shards.exchange_for_room(0, full(1), true).ok().unwrap();
        assert!(empty.stolen && empty.magazine.is_empty());
        let back = shards.exchange_for_rounds(0, empty.magazine, true).ok().unwrap();
        assert!(!back.stolen);
        assert_eq!(back.magazine.rounds(), [1]);
    }

    #[test]
    fn exchange_at_a_busy_shard_gives_the_magazine_back() {
        let shards = Shards::new(1).unwrap();
        let _busy = shards.shards[0].home.lock();
        assert_eq!(shards.exchange_for_room(0, full(9), true).err().unwrap().rounds(), [9]);
        assert!(shards.exchange_for_rounds(0, Magazine::new(1).unwrap(), true).is_err());
    }

    #[test]
    fn caches_are_at_home_at_all_shards_in_turn() {
        let shards = Shards::new(3).unwrap();
        assert_eq!([0, 1, 2, 3, 4, 5].map(|number| shards.home(number)), [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn shard_is_lent_half_as_many_empty_magazines_as_it_has_room_for() {
        let shards = Shards::new(1).unwrap();
        let lent = (0..100).filter(|_| shards.give_empty(0, Magazine::new(1).unwrap()).is_ok());
        assert_eq!(lent.count(), ROOM / 2);
    }

    #[test]
    fn shard_never_holds_more_than_its_room() {
        let shards = Shards::new(1).unwrap();
        for round in 0..100 {
            let _ = shards.give_empty(0, Magazine::new(1).unwrap());
            let _ = shards.exchange_for_room(0, full(round), true);
        }
        let held = std::iter::from_fn(|| shards.take_full()).count();
        assert!(held <= ROOM, "{held}");
    }

    #[test]
    fn empty_magazine_is_found_while_others_move_them() {
        let shards = Shards::new(2).unwrap();
        // Three, of which two threads hold one each at most: never none.
        for _ in 0..3 {
            shards.give_empty(0, Magazine::new(1).unwrap()).ok().unwrap();
        }
        let (mut missed, stop) = (0, AtomicBool::new(false));
        let carry = |mut home: usize| {
            let mut mine = full(1);
            // ORDERING: a flag.
            while !stop.load(Relaxed) {
                let swapped = match mine.is_empty() {
                    true => shards.exchange_for_rounds(home, mine, true),
                    false => shards.exchange_for_room(home, mine, true),
                };
                mine = swapped.map_or_else(|same| same, |got| got.magazine);
                home = 1 - home;
            }
        };
        std::thread::scope(|threads| {
            threads.spawn(|| carry(0));
            threads.spawn(|| carry(1));
            for _ in 0..100_000 {
                let mut found = shards.take_empty();
                missed += usize::from(found.is_none());
                while let Some(empty) = found {
                    found = shards.give_empty(0, empty).err();
                }
            }
            // ORDERING: a flag.
            stop.store(true, Relaxed);
        });
        assert_eq!(missed, 0);
    }
}
