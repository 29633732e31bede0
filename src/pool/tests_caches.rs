//! Explicit caches and the size of magazines, from the inside: who holds which memory, and
//! what is counted. (`c_tests/test_cache.c` and `test_pace.c` have the same behaviours as a
//! user sees them.)

use super::*;
use crate::config::Config;
use crate::pool::explicit;
use crate::sync::RwLock;
use std::collections::BTreeSet;

/// A stale handle may be somebody's by now: one test at a time.
static ONE: RwLock<()> = RwLock::new(());

fn pool_with(capacity: usize, magazine_rounds: u32, reserve: usize) -> &'static Pool {
    let object_size = 64;
    let config = Config { object_size, capacity, magazine_rounds, reserve, ..Config::default() };
    registry::create(&config).unwrap()
}

fn end(pool: &'static Pool) {
    assert!(pool.check().unwrap().is_clean());
    assert_eq!(registry::destroy(pool, false), Ok(0));
}

/// A cache of a handle, for as long as its memory stays: for ever.
fn handle(pool: &'static Pool) -> &'static Cache {
    pool.explicit_cache().unwrap()
}

/// Takes `count` objects by the cache, all different.
fn take(cache: &Cache, count: usize) -> Vec<usize> {
    let all: Vec<usize> = (0..count).map_while(|_| explicit::alloc(cache).ok()).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "had twice");
    all
}

fn give(cache: &Cache, objects: &[usize]) {
    objects.iter().for_each(|&address| explicit::free(cache, address).unwrap());
}

#[test]
fn objects_of_a_cache_are_the_pools() {
    let _one = ONE.write();
    let pool = pool_with(500, 0, 0);
    let (cache, other) = (handle(pool), handle(pool));
    assert!(!std::ptr::eq(cache, other));
    let objects = take(cache, 501);
    assert_eq!(objects.len(), 500);
    assert_eq!(explicit::alloc(other), Err(Error::Exhausted));
    assert_eq!(explicit::alloc_or_zero(cache), 0);
    give(other, &objects[..250]);
    objects[250..].iter().for_each(|&address| pool.free(address).unwrap());
    let stats = pool.stats().unwrap();
    assert_eq!((stats.in_use, stats.total_allocated, stats.failed_allocs), (0, 500, 3));
    assert_eq!(stats.caches - u64::from(local::may_steal()), 2);
    for cache in [cache, other] {
        assert_eq!(explicit::destroy(cache), Ok(()));
    }
    end(pool);
}

#[test]
fn flush_and_destroy_return_the_magazines_of_the_cache() {
    let _one = ONE.write();
    let pool = pool_with(500, 8, 0);
    let cache = handle(pool);
    for last in [false, true] {
        let objects = take(cache, 20);
        give(cache, &objects);
        assert_eq!(pool.check().unwrap().in_magazines, 16);
        let back = if last { explicit::destroy(cache) } else { explicit::flush(cache) };
        assert_eq!(back, Ok(()));
        assert_eq!(pool.check().unwrap().in_magazines, 0);
    }
    assert_eq!(pool.stats().unwrap().total_allocated, 40);
    end(pool);
}

/// Two owners' slots do not mix from one generation to the next: lines would be shared.
#[test]
fn parked_cache_keeps_its_slots_for_the_next_owner() {
    let _one = ONE.write();
    let pool = pool_with(500, 8, 0);
    let mut before: Option<BTreeSet<BTreeSet<usize>>> = None;
    for _ in 0..3 {
        let caches = [handle(pool), handle(pool)];
        let taken = caches.map(|cache| take(cache, 16));
        for (cache, objects) in caches.iter().zip(&taken) {
            give(cache, objects);
            assert_eq!(explicit::destroy(cache), Ok(()));
        }
        let report = pool.check().unwrap();
        assert_eq!((report.in_magazines, report.in_depot, report.uncarved), (0, 32, 468));
        let sets = BTreeSet::from(taken.map(BTreeSet::from_iter));
        assert!(before.is_none_or(|before| before == sets), "other slots than before");
        before = Some(sets);
    }
    end(pool);
}

#[test]
fn parked_rounds_are_used_before_slots_are_carved() {
    let _one = ONE.write();
    let pool = pool_with(500, 8, 0);
    let (parked, cache) = (handle(pool), handle(pool));
    let objects = take(parked, 16);
    give(parked, &objects);
    assert_eq!(explicit::destroy(parked), Ok(()));
    let all = take(cache, 16);
    assert_eq!(BTreeSet::from_iter(all.clone()), BTreeSet::from_iter(objects));
    assert_eq!(pool.check().unwrap().uncarved, 484);
    assert_eq!(pool.lock().unwrap().parked, 0);
    give(cache, &all);
    assert_eq!(explicit::destroy(cache), Ok(()));
    // Revocation finds what is parked, too, and a trim gives it back.
    assert_eq!(pool.lock().unwrap().parked, 16);
    pool.trim().unwrap();
    assert_eq!(pool.lock().unwrap().parked, 0);
    assert_eq!(pool.check().unwrap().uncarved, 500);
    end(pool);
}

#[test]
fn destroyed_cache_is_refused_and_made_again() {
    let _one = ONE.write();
    let pool = pool_with(100, 0, 0);
    let cache = handle(pool);
    let object = take(cache, 1)[0];
    assert_eq!(explicit::destroy(cache), Ok(()));
    assert_eq!(explicit::alloc(cache), Err(Error::Destroyed));
    assert_eq!(explicit::free(cache, object), Err(Error::Destroyed));
    assert_eq!(explicit::flush(cache), Err(Error::Destroyed));
    assert_eq!(explicit::destroy(cache), Err(Error::Destroyed));
    assert!(std::ptr::eq(handle(pool), cache), "the one that waits is the next");
    assert_eq!(explicit::free(cache, 0), Err(Error::Null));
    give(cache, &[object]);
    assert_eq!(explicit::free(cache, object), Err(Error::DoubleFree));
    assert_eq!(explicit::free(cache, object + 8), Err(Error::Interior));
    assert_eq!(explicit::destroy(cache), Ok(()));
    assert_eq!(pool.stats().unwrap().misuse_double_free, 1);
    end(pool);
}

#[test]
fn cache_of_an_ended_pool_is_its_holders_to_destroy() {
    let _one = ONE.write();
    let pool = pool_with(100, 0, 0);
    let (cache, waits) = (handle(pool), handle(pool));
    let objects = take(cache, 30);
    assert_eq!(explicit::destroy(waits), Ok(()));
    assert_eq!(registry::destroy(pool, true), Ok(30));
    assert!(cache.is_detached());
    assert_eq!(waits.pool(), 0, "nobody had it: it is idle");
    for _ in 0..2 {
        assert_eq!(explicit::alloc(cache), Err(Error::Destroyed));
        assert_eq!(explicit::free(cache, objects[0]), Err(Error::Destroyed));
    }
    assert_eq!(explicit::destroy(cache), Ok(()));
    assert_eq!(cache.pool(), 0);
    assert_eq!(explicit::destroy(cache), Err(Error::Destroyed));
    let next = pool_with(100, 0, 0);
    let idle = [handle(next), handle(next)];
    assert!(idle.iter().any(|used| std::ptr::eq(*used, cache)), "its memory is used again");
    assert!(idle.iter().any(|used| std::ptr::eq(*used, waits)));
    idle.iter().for_each(|used| assert_eq!(explicit::destroy(used), Ok(())));
    end(next);
}

#[test]
fn cache_in_another_threads_use_is_busy() {
    let _one = ONE.write();
    let pool = pool_with(100, 0, 0);
    let cache = handle(pool);
    // As if another thread were inside.
    assert_eq!(cache.enter_own(), None, "not opened yet");
    assert!(cache.is_busy());
    assert_eq!(explicit::flush(cache), Err(Error::Busy));
    assert_eq!(explicit::destroy(cache), Err(Error::Busy));
    cache.leave();
    assert_eq!(explicit::flush(cache), Ok(()));
    let object = take(cache, 1)[0];
    if crate::sys::barrier::fast_path_allowed() {
        assert_eq!(cache.enter_own(), Some(pool.address()), "open");
        cache.leave();
    }
    give(cache, &[object]);
    assert_eq!(explicit::destroy(cache), Ok(()));
    end(pool);
}

#[test]
fn list_of_handles_is_walked_whole() {
    let _one = ONE.write();
    let pool = pool_with(1000, 4, 0);
    let caches: Vec<_> = (0..20).map(|_| handle(pool)).collect();
    let objects: Vec<usize> = caches.iter().flat_map(|cache| take(cache, 8)).collect();
    caches.iter().zip(objects.chunks(8)).for_each(|(cache, own)| give(cache, own));
    assert!(pool.check().unwrap().in_magazines >= 20 * 4);
    let all: Vec<usize> = std::iter::from_fn(|| pool.alloc().ok()).collect();
    assert_eq!(all.len(), 1000, "what the handles' caches held, too");
    all.iter().for_each(|&address| pool.free(address).unwrap());
    caches.iter().for_each(|cache| assert_eq!(explicit::destroy(cache), Ok(())));
    end(pool);
}

/// Exchanges magazines `times` times or a little more.
fn exchange(cache: &Cache, times: usize) {
    for _ in 0..times {
        let objects = take(cache, 400);
        give(cache, &objects);
    }
}

#[test]
fn magazines_grow_when_asked_often_and_shrink_when_tight() {
    let _one = ONE.write();
    let pool = pool_with(8000, 0, 0);
    let cache = handle(pool);
    let rounds = || pool.stats().unwrap().magazine_rounds;
    assert_eq!(rounds(), 40);
    exchange(cache, 10);
    assert_eq!(rounds(), 40, "fewer exchanges than it takes");
    exchange(cache, 60);
    assert_eq!(rounds(), 120, "and never more");
    let all = take(cache, 8001);
    assert_eq!(all.len(), 8000);
    assert_eq!(rounds(), 60, "half as many when tight");
    give(cache, &all);
    assert_eq!(pool.check().unwrap().live, 0);
    exchange(cache, 60);
    let after = rounds();
    pool.trim().unwrap();
    assert_eq!((after, rounds()), (120, 40));
    assert_eq!(take(cache, 10).len(), 10);
    assert_eq!(registry::destroy(pool, true), Ok(10));
    assert_eq!(explicit::destroy(cache), Ok(()));
}

#[test]
fn magazines_asked_for_and_those_beside_a_reserve_stay_as_they_are() {
    let _one = ONE.write();
    for (asked, reserve, expected) in [(16, 0, 16), (0, 5, 40), (300, 0, 300)] {
        let pool = pool_with(8000, asked, reserve);
        let cache = handle(pool);
        exchange(cache, 80);
        let all = take(cache, 8001);
        assert_eq!(all.len(), 8000 - reserve);
        give(cache, &all);
        pool.trim().unwrap();
        assert_eq!(pool.stats().unwrap().magazine_rounds, expected);
        assert_eq!(explicit::destroy(cache), Ok(()));
        end(pool);
    }
}

#[test]
fn magazines_begin_with_a_32nd_of_a_small_pool_and_all_of_a_vast_one() {
    let _one = ONE.write();
    for (capacity, expected) in
        [(1, 1), (31, 1), (320, 10), (2000, 40), (65_536, 40), (65_537, 120)]
    {
        let pool = pool_with(capacity, 0, 0);
        assert_eq!(pool.stats().unwrap().magazine_rounds, expected, "{capacity}");
        end(pool);
    }
}

/// A critical allocation that finds every slot live asks for no magazine beyond the rack.
#[test]
fn refused_critical_allocation_of_a_large_pool_stays_within_the_rack() {
    let _one = ONE.write();
    let limit = 131_071; // One less than 128 magazines of 1024.
    let pool = pool_with(limit, 1024, 1);
    let mut at = pool.lock().unwrap();
    let mut got = 0;
    while at.grant_through(None, Urgency::Critical).is_ok() {
        got += 1;
    }
    assert_eq!(got, limit);
    drop(at);
    registry::destroy(pool, true).unwrap();
}

/// `pool.h`: high_water is never below the true figure.
#[test]
fn high_water_counts_rounds_that_are_parked_and_taken_up_again() {
    let _one = ONE.write();
    let pool = pool_with(5000, 40, 0);
    let (a, b) = (handle(pool), handle(pool));
    let objects = take(a, 40);
    give(a, &objects);
    // A thread without a cache (ended, say) carves a magazine for its one object.
    let lone = pool.lock().unwrap().grant_through(None, Urgency::Ordinary).unwrap();
    assert_eq!(explicit::destroy(a), Ok(()));
    let mut all = take(b, 39);
    let a = handle(pool);
    all.extend(take(a, 40));
    let live = all.len() + 1;
    assert_eq!(live, 80);
    give(b, &all);
    pool.free(lone).unwrap();
    let high = pool.stats().unwrap().high_water;
    assert_eq!(explicit::destroy(a), Ok(()));
    assert_eq!(explicit::destroy(b), Ok(()));
    end(pool);
    assert!(high >= live as u64, "high_water {high}, and {live} were live");
}
