//! What only the inside can arrange: words that look like keys, and rounds that
//! stand in two places.

#![allow(unsafe_code, reason = "writes the first words of slots")]

use super::*;
use crate::config::Config;
use crate::slab::word;
use crate::sync::Relaxed;

fn pool(capacity: usize) -> &'static Pool {
    let config = Config { object_size: 64, capacity, ..Config::default() };
    registry::create(&config).unwrap()
}

/// Allocates everything, proves that no two objects are one, and frees it.
fn count_allocatable(pool: &Pool) -> usize {
    let mut all: Vec<usize> = std::iter::from_fn(|| pool.alloc().ok()).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "two live objects share a slot");
    all.iter().for_each(|&address| pool.free(address).unwrap());
    count
}

fn set_word(address: usize, to: u64) {
    // SAFETY: a live object of the test's pool.
    // ORDERING: one thread.
    unsafe { word(address) }.store(to, Relaxed);
}

fn end(pool: &'static Pool) {
    assert!(pool.check().unwrap().is_clean());
    assert_eq!(registry::destroy(pool, false), Ok(0));
}

#[test]
fn free_object_that_holds_its_own_key_is_taken() {
    let pool = pool(10);
    let geometry = pool.lock().unwrap().slab.geometry();
    for _ in 0..20 {
        let address = pool.alloc().unwrap();
        for stamp in 0..3 {
            set_word(address, geometry.key(geometry.round_at(address, geometry.stamp(stamp))));
        }
        assert_eq!(pool.free(address), Ok(()), "data that looks like a key is still data");
    }
    assert_eq!(pool.stats().unwrap().misuse_double_free, 0);
    assert_eq!(count_allocatable(pool), 10);
    end(pool);
}

#[test]
fn slot_freed_twice_at_once_is_handed_out_once() {
    for extra_first in [false, true] {
        let pool = pool(4);
        let address = pool.alloc().unwrap();
        let geometry = pool.lock().unwrap().slab.geometry();
        // Two threads that saw a live object both push a round; the word holds the
        // key of the later one.
        let (first, second) =
            (geometry.round_at(address, geometry.stamp(7)), geometry.round_at(address, 0));
        let mut order = [first, second];
        if extra_first {
            order.reverse();
        }
        let mut at = pool.lock().unwrap();
        let (state, shared) = at.parts();
        order.into_iter().for_each(|round| state.put_in_depot(round, shared));
        drop(at);
        set_word(address, geometry.key(second));
        let report = pool.check().unwrap();
        assert_eq!(report.duplicates, 1);
        assert_eq!(count_allocatable(pool), 4);
        let stats = pool.stats().unwrap();
        assert_eq!((stats.misuse_double_free, stats.lost), (1, 0));
        end(pool);
    }
}

#[test]
fn overwritten_slot_is_set_aside_and_refused() {
    let pool = pool(4);
    let address = pool.alloc().unwrap();
    pool.free(address).unwrap();
    set_word(address, 42);
    assert_eq!(count_allocatable(pool), 3);
    assert_eq!(pool.free(address), Err(Error::DoubleFree));
    let stats = pool.stats().unwrap();
    assert_eq!((stats.lost, stats.misuse_overwritten, stats.in_use), (1, 1, 0));
    end(pool);
}

#[test]
fn tight_pool_relaxes_when_rounds_return() {
    let pool = pool(1000);
    let all: Vec<usize> = std::iter::from_fn(|| pool.alloc().ok()).collect();
    assert!(pool.lock().unwrap().tight);
    all.iter().for_each(|&address| pool.free(address).unwrap());
    assert!(!pool.lock().unwrap().tight);
    assert_eq!(count_allocatable(pool), 1000);
    end(pool);
}

#[test]
fn more_pools_than_near_entries_each_keep_their_caches() {
    let pools: Vec<_> = (0..300).map(|_| pool(64)).collect();
    for _ in 0..40 {
        for pool in &pools {
            let address = pool.alloc().unwrap();
            assert!(registry::owner_of(address).is_some_and(|owner| std::ptr::eq(owner, *pool)));
            pool.free(address).unwrap();
        }
    }
    assert!(pools.iter().all(|pool| pool.stats().unwrap().caches == 1));
    // Ends every other one, and makes as many anew: none inherits a cache.
    for pool in pools.iter().step_by(2) {
        end(pool);
    }
    let again: Vec<_> = (0..150).map(|_| pool(64)).collect();
    for pool in again.iter().chain(pools.iter().skip(1).step_by(2)) {
        assert_eq!(count_allocatable(pool), 64);
        end(pool);
    }
}

/// Allocates everything, for tests that look at single objects.
fn take_all(pool: &Pool) -> Vec<usize> {
    let mut all: Vec<usize> = std::iter::from_fn(|| pool.alloc().ok()).collect();
    all.sort_unstable();
    all
}

#[test]
fn trim_keeps_live_object_with_stale_round() {
    let pool = pool(1000);
    let all = take_all(pool);
    let kept = all[500];
    all.iter().filter(|&&address| address != kept).for_each(|&a| pool.free(a).unwrap());
    // As after a double free at once whose other round was allocated since.
    let mut at = pool.lock().unwrap();
    let geometry = at.slab.geometry();
    let (state, shared) = at.parts();
    state.put_in_depot(geometry.round_at(kept, geometry.stamp(7)), shared);
    drop(at);
    set_word(kept + 8, 0x1234_5678);
    pool.trim().unwrap();
    // SAFETY: a live object of the test's pool.
    // ORDERING: one thread.
    assert_eq!(unsafe { word(kept + 8) }.load(Relaxed), 0x1234_5678);
    let others = take_all(pool);
    assert_eq!((others.len(), others.contains(&kept)), (999, false));
    others.into_iter().chain([kept]).for_each(|address| pool.free(address).unwrap());
    end(pool);
}

#[test]
#[cfg_attr(magpool_portable, ignore = "fresh pages can be mapped over locked ones")]
fn trim_refused_by_the_system_loses_no_slot() {
    let pool = pool(4096);
    let all = take_all(pool);
    let page = all[2048];
    // Not libc's function, which sanitizers make do nothing.
    // SAFETY: a page of the pool's; locked pages cannot be discarded.
    assert_eq!(unsafe { libc::syscall(libc::SYS_mlock, page, 64_usize) }, 0);
    all.iter().for_each(|&address| pool.free(address).unwrap());
    assert_eq!(pool.trim(), Err(Error::NoMemory));
    // SAFETY: locked above.
    unsafe { libc::syscall(libc::SYS_munlock, page, 64_usize) };
    let stats = pool.stats().unwrap();
    assert_eq!((stats.lost, stats.misuse_overwritten), (0, 0));
    assert_eq!(count_allocatable(pool), 4096);
    end(pool);
}

#[test]
fn high_water_with_more_rounds_than_slots_stays_in_range() {
    let pool = pool(4);
    let all = take_all(pool);
    all.iter().for_each(|&address| pool.free(address).unwrap());
    set_word(all[0], 42);
    assert_eq!(count_allocatable(pool), 3);
    let mut at = pool.lock().unwrap();
    let geometry = at.slab.geometry();
    let (state, shared) = at.parts();
    for number in 7..9 {
        state.put_in_depot(geometry.round_at(all[1], geometry.stamp(number)), shared);
    }
    drop(at);
    assert_eq!(count_allocatable(pool), 3);
    assert!(pool.stats().unwrap().high_water <= 4);
    end(pool);
}

#[test]
fn batch_leaves_out_overwritten_slots() {
    let pool = pool(64);
    // Often enough to have a cache.
    (0..40).for_each(|_| pool.free(pool.alloc().unwrap()).unwrap());
    let all = take_all(pool);
    all.iter().for_each(|&address| pool.free(address).unwrap());
    // The first went to the depot of the exhausted pool, the last to the cache.
    [all[0], all[63]].into_iter().for_each(|address| set_word(address, 42));
    let mut batch = [0; 64];
    assert_eq!(pool.alloc_batch(&mut batch), (62, Err(Error::Exhausted)));
    let stats = pool.stats().unwrap();
    assert_eq!((stats.lost, stats.misuse_overwritten, stats.in_use), (2, 2, 62));
    assert_eq!(pool.free_batch(&batch[..62]), 62);
    assert_eq!(pool.free(all[0]), Err(Error::DoubleFree), "set aside, seen past the cache");
    assert_eq!(pool.free_batch(&all), 0, "a batch of free objects");
    assert_eq!(pool.stats().unwrap().in_use, 0);
    assert_eq!(count_allocatable(pool), 62);
    end(pool);
}

#[test]
fn round_of_slot_never_carved_is_damage_and_dropped() {
    let pool = pool(1000);
    let mut at = pool.lock().unwrap();
    let geometry = at.slab.geometry();
    let beyond = geometry.round_at(geometry.address(999), 0);
    let (state, shared) = at.parts();
    state.put_in_depot(beyond, shared);
    drop(at);
    assert_eq!(pool.check().unwrap().out_of_range, 1);
    // (A cache would trust the depot's rounds.)
    let mut at = pool.lock().unwrap();
    let all: Vec<usize> =
        std::iter::from_fn(|| at.grant_through(None, Urgency::Ordinary).ok()).collect();
    drop(at);
    assert_eq!(all.len(), 1000);
    all.into_iter().for_each(|address| pool.free(address).unwrap());
    let stats = pool.stats().unwrap();
    assert_eq!((stats.misuse_overwritten, stats.lost), (1, 0));
    end(pool);
}

#[test]
fn waiter_is_not_served_a_live_object() {
    let pool = pool(1);
    let address = pool.alloc().unwrap();
    std::thread::scope(|threads| {
        let waiter = threads.spawn(|| pool.alloc_timed(Urgency::Ordinary, None));
        while pool.stats().unwrap().waiting == 0 {
            std::thread::yield_now();
        }
        // As after a double free at once whose other round was allocated since.
        let mut at = pool.lock().unwrap();
        let stale = at.slab.geometry().round_at(address, 0);
        let (state, shared) = at.parts();
        state.put_in_depot(stale, shared);
        at.relax();
        drop(at);
        let stats = pool.stats().unwrap();
        assert_eq!((stats.waiting, stats.misuse_double_free), (1, 1));
        pool.free(address).unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(address));
    });
    pool.free(address).unwrap();
    end(pool);
}
