//! Names, figures and memory of pools.

use crate::support::{expect_sound, pool_of, take_all, together};
use magpool::{Error, Pool};

fn open(name: &str, limit: usize) -> Result<Pool<u64>, Error> {
    Pool::builder().name(name).capacity(10).limit(limit).open()
}

#[test]
fn open_by_many_threads_is_one_pool() {
    let handles = together(8, |_| open("looks.open", 10).unwrap());
    let objects = together(8, |number| handles[number].alloc(1).unwrap());
    let pool = open("looks.open", 10).unwrap();
    expect_sound(&pool, 8);
    drop(objects);
    expect_sound(&pool, 0);
}

#[test]
fn pool_opened_by_name_outlives_its_handles() {
    let _live = open("looks.lasting", 10).unwrap().alloc(1).unwrap().into_raw();
    assert_eq!(open("looks.lasting", 10).unwrap().stats().unwrap().in_use, 1);
}

#[test]
fn open_with_another_shape_is_refused() {
    let _pool = open("looks.shape", 10).unwrap();
    assert_eq!(open("looks.shape", 20).err(), Some(Error::Exists));
    let wide = Pool::<[u64; 2]>::builder().name("looks.shape").capacity(10).open();
    assert_eq!(wide.err(), Some(Error::Exists));
}

#[test]
fn name_is_taken_until_its_pool_ends() {
    let build = || Pool::<u64>::builder().name("looks.taken").capacity(1).build();
    let pool = build().unwrap();
    assert_eq!(build().err(), Some(Error::Exists));
    drop(pool);
    assert!(build().is_ok());
}

#[test]
fn build_out_of_range_is_invalid() {
    let refused = |capacity, limit, rounds, name: &str| {
        let builder = Pool::<u64>::builder().capacity(capacity).limit(limit).name(name);
        builder.magazine_rounds(rounds).build().err()
    };
    let long = "n".repeat(64);
    assert_eq!(refused(0, 0, 0, "looks.range"), Some(Error::Invalid));
    assert_eq!(refused(10, 9, 0, "looks.range"), Some(Error::Invalid));
    assert_eq!(refused(10, 10, 1025, "looks.range"), Some(Error::Invalid));
    assert_eq!(refused(10, 10, 0, ""), Some(Error::Invalid));
    assert_eq!(refused(10, 10, 0, &long), Some(Error::Invalid));
    assert_eq!(refused(10, 10, 0, &long[1..]), None);
}

#[test]
fn open_without_name_is_invalid() {
    assert_eq!(Pool::<u64>::builder().capacity(1).open().err(), Some(Error::Invalid));
}

#[test]
fn stats_of_fresh_pool_are_its_shape() {
    let pool = Pool::<[u8; 40]>::builder().capacity(5).limit(7).magazine_rounds(3).build().unwrap();
    let stats = pool.stats().unwrap();
    assert_eq!((stats.object_size, stats.slot_size), (40, 40));
    assert_eq!((stats.capacity, stats.limit, stats.free), (5, 7, 5));
    assert_eq!((stats.in_use, stats.high_water, stats.grows, stats.lost), (0, 0, 0, 0));
    assert_eq!((stats.total_allocated, stats.total_freed, stats.failed_allocs), (0, 0, 0));
    assert_eq!(stats.magazine_rounds, 3);
    assert!(stats.bytes_committed <= stats.bytes_reserved && stats.bytes_reserved >= 7 * 40);
}

#[test]
fn stats_count_every_call() {
    let pool = pool_of::<u64>(50);
    let held: Vec<_> = (0..30).map(|n| pool.alloc(n).unwrap()).collect();
    together(4, |_| (0..100).for_each(|n| drop(pool.alloc(n).unwrap())));
    let stats = pool.stats().unwrap();
    assert_eq!((stats.total_allocated, stats.total_freed), (430, 400));
    assert_eq!((stats.in_use, stats.free), (30, 20));
    assert!((30..=50).contains(&stats.high_water));
    drop(held);
    expect_sound(&pool, 0);
}

#[test]
fn pool_that_ends_gives_its_addresses_back() {
    // A terabyte at a time, many times: only address space is taken.
    for _ in 0..200 {
        let pool = Pool::<[u8; 4096]>::builder().capacity(1).limit(1 << 28).build().unwrap();
        assert!(pool.alloc([1; 4096]).is_ok());
    }
}

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

#[test]
#[cfg(target_os = "linux")]
fn trim_gives_free_pages_back_and_slots_stay_usable() {
    const OBJECTS: usize = 32 * 1024;
    let pool = pool_of::<[u8; 4096]>(OBJECTS);
    let mut held: Vec<_> = (0..OBJECTS).map(|_| pool.alloc([1; 4096]).unwrap()).collect();
    let full = resident();
    held.truncate(OBJECTS / 8);
    pool.trim().unwrap();
    let trimmed = resident();
    // Other tests run meanwhile: of 112 MiB, 64 must be seen to be gone.
    assert!(trimmed + (64 << 20) < full, "{full} bytes before, {trimmed} after");
    assert!(held.iter().all(|object| object.iter().all(|&byte| byte == 1)));
    expect_sound(&pool, OBJECTS as u64 / 8);
    held.extend((0..OBJECTS - OBJECTS / 8).map(|_| pool.alloc([2; 4096]).unwrap()));
    assert!(pool.alloc([3; 4096]).is_err());
    drop(held);
    expect_sound(&pool, 0);
}

#[test]
fn trim_while_threads_run_harms_nobody() {
    let pool = pool_of::<u64>(4000);
    together(5, |number| {
        for round in 0..100 {
            if number == 0 {
                pool.trim().unwrap();
            } else {
                let held: Vec<_> = (0..800).map(|n| pool.alloc(n + round).unwrap()).collect();
                assert!(held.iter().zip(0..).all(|(object, n)| **object == n + round));
            }
        }
    });
    expect_sound(&pool, 0);
    assert_eq!(take_all(&pool).len(), 4000);
}

/// What makes refills cheap: once it runs, almost every magazine changes hands without
/// the depot's lock.
#[test]
fn magazines_are_exchanged_without_the_lock() {
    let pool: Pool<u64> = Pool::builder().capacity(10_000).magazine_rounds(10).build().unwrap();
    let burst = || drop((0..200).map(|n| pool.alloc(n).unwrap()).collect::<Vec<_>>());
    (0..10).for_each(|_| burst());
    let before = pool.stats().unwrap();
    // Figures take the shards' magazines into the depot: the first burst starts anew. (A
    // shard holds 32 magazines of a kind; what is more goes to the depot.)
    (0..100).for_each(|_| burst());
    let after = pool.stats().unwrap();
    let moved = after.refills + after.flushes - before.refills - before.flushes;
    let unlocked = after.exchanges - before.exchanges;
    assert!(moved > 2000, "{moved}");
    assert!(unlocked * 10 > moved * 9, "{unlocked} of {moved}");
}
