//! Exact capacity: an allocation fails only when every object is live, wherever
//! the free ones were cached.

use crate::support::{expect_sound, pool_of, seed, take_all, together, Random};
use magpool::{Error, Pool};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Barrier;

/// Allocates and frees so that this thread's magazines hold some rounds.
fn churn(pool: &Pool<u64>, random: &mut Random) {
    for _ in 0..20 {
        let held: Vec<_> = (0..1 + random.below(8)).map_while(|_| pool.alloc(0).ok()).collect();
        drop(held);
    }
}

/// In each round threads churn, then all allocate until refused and keep what they
/// got; returns how many objects were live at the end of each round.
fn shares(pool: &Pool<u64>, threads: usize, rounds: usize) -> Vec<usize> {
    let seed = seed();
    let everyone = Barrier::new(threads);
    let live: Vec<_> = (0..rounds).map(|_| AtomicUsize::new(0)).collect();
    together(threads, |number| {
        let mut random = Random(seed + number as u64);
        for round in &live {
            churn(pool, &mut random);
            everyone.wait();
            let held = take_all(pool);
            // ORDERING: read after the threads were joined.
            round.fetch_add(held.len(), Relaxed);
            everyone.wait();
            drop(held);
        }
    });
    live.into_iter().map(AtomicUsize::into_inner).collect()
}

#[track_caller]
fn expect_exact(pool: &Pool<u64>, limit: usize, threads: usize, rounds: usize) {
    for (round, live) in shares(pool, threads, rounds).into_iter().enumerate() {
        assert_eq!(live, limit, "live in round {round}");
    }
    expect_sound(pool, 0);
    assert_eq!(take_all(pool).len(), limit);
    expect_sound(pool, 0);
}

#[test]
fn capacity_100_shared_by_50_threads_gives_exactly_100() {
    expect_exact(&pool_of(100), 100, 50, 40);
}

#[test]
fn capacity_1_shared_by_8_threads_gives_exactly_1() {
    expect_exact(&pool_of(1), 1, 8, 300);
}

#[test]
fn capacity_7_shared_by_8_threads_gives_exactly_7() {
    expect_exact(&pool_of(7), 7, 8, 300);
}

#[test]
fn capacity_10000_shared_by_2000_threads_gives_exactly_10000() {
    expect_exact(&pool_of(10_000), 10_000, 2000, 2);
}

#[test]
fn capacity_with_any_magazine_size_is_exact() {
    for rounds in [1, 2, 5, 64, 1024] {
        let pool = Pool::builder().capacity(50).magazine_rounds(rounds).build().unwrap();
        expect_exact(&pool, 50, 6, 20);
    }
}

#[test]
fn growing_pool_shared_by_8_threads_reaches_exactly_its_limit() {
    let pool = Pool::builder().capacity(10).limit(1000).build().unwrap();
    assert_eq!(pool.stats().unwrap().grows, 0);
    expect_exact(&pool, 1000, 8, 20);
    let stats = pool.stats().unwrap();
    // Doubled from 10 to 640, then to the limit.
    assert_eq!((stats.capacity, stats.grows), (1000, 7));
}

#[test]
fn refused_allocations_are_counted() {
    let pool = pool_of::<u64>(3);
    let held = take_all(&pool);
    assert!((0..4).all(|_| pool.alloc(1).is_err_and(|error| error == Error::Exhausted)));
    assert_eq!(pool.stats().unwrap().failed_allocs, 5);
    drop(held);
    assert!(pool.alloc(1).is_ok());
}

#[test]
fn rounds_stranded_in_50_idle_threads_are_reclaimed() {
    let pool = pool_of::<u64>(400);
    let (filled, done) = (Barrier::new(51), Barrier::new(51));
    std::thread::scope(|scope| {
        for number in 0..50 {
            let (pool, filled, done) = (&pool, &filled, &done);
            scope.spawn(move || {
                churn(pool, &mut Random(number));
                filled.wait();
                done.wait();
            });
        }
        filled.wait();
        let stranded = pool.check().unwrap().in_magazines;
        let got = take_all(&pool).len();
        done.wait();
        assert!(stranded > 0, "the threads kept nothing: the test is void");
        assert_eq!(got, 400);
    });
    expect_sound(&pool, 0);
}

#[test]
fn freed_object_of_exhausted_pool_goes_to_exactly_one_thread() {
    let pool = pool_of::<u64>(20);
    for _ in 0..100 {
        let mut held = take_all(&pool);
        held.pop();
        let got = together(4, |_| pool.alloc(0).ok());
        assert_eq!(got.iter().flatten().count(), 1);
    }
    expect_sound(&pool, 0);
}

/// A pool that is full for good, whose thread frees and allocates in turn, works with
/// caches again after a while, and is exact all the same.
#[test]
fn turnover_in_full_pool_is_served_by_caches() {
    let pool: Pool<u64> = pool_of(1000);
    let mut all = take_all(&pool);
    let spare = all.pop();
    drop(spare);
    assert_eq!(pool.check().unwrap().in_depot, 1, "no caches while nothing is free");
    for turn in 0..2000 {
        all.push(pool.alloc(turn).unwrap());
        all.swap_remove(turn as usize % 999);
    }
    let report = pool.check().unwrap();
    assert_eq!((report.in_magazines, report.in_depot, report.live), (1, 0, 999));
    all.push(pool.alloc(0).unwrap());
    assert_eq!(pool.alloc(0).unwrap_err(), Error::Exhausted);
    drop(all);
    expect_sound(&pool, 0);
}
