//! Objects and caches across threads and their ends.

use crate::support::{expect_slots_add_up, expect_sound, pool_of, take_all, together};
use magpool::{Pool, Pooled};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{mpsc, LazyLock};

#[test]
fn object_dropped_by_another_thread_is_allocatable() {
    let pool = pool_of::<u64>(100);
    for round in 0..20 {
        let held = take_all(&pool);
        std::thread::scope(|scope| {
            scope.spawn(|| drop(held));
        });
        assert_eq!(take_all(&pool).len(), 100, "round {round}");
    }
    expect_sound(&pool, 0);
}

#[test]
fn objects_sent_through_channel_arrive_whole() {
    let pool = pool_of::<[u64; 4]>(64);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<Pooled<'_, [u64; 4]>>(32);
        let pool = &pool;
        scope.spawn(move || {
            for number in 0..20_000 {
                sender.send(pool.alloc([number; 4]).unwrap()).unwrap();
            }
        });
        for (number, object) in receiver.iter().enumerate() {
            assert_eq!(*object, [number as u64; 4]);
        }
    });
    expect_sound(&pool, 0);
}

#[test]
fn thread_exit_returns_its_rounds() {
    let pool = pool_of::<u64>(1000);
    together(20, |_| drop((0..30).map(|n| pool.alloc(n).unwrap()).collect::<Vec<_>>()));
    let report = pool.check().unwrap();
    assert_eq!((report.in_magazines, pool.stats().unwrap().caches), (0, 0), "{report:?}");
    expect_sound(&pool, 0);
}

#[test]
fn threads_started_and_ended_in_turn_lose_nothing() {
    let pool = pool_of::<u64>(64);
    for _ in 0..100 {
        together(4, |_| (0..50).for_each(|n| drop(pool.alloc(n).unwrap())));
    }
    assert_eq!(pool.stats().unwrap().total_allocated, 100 * 4 * 50);
    assert_eq!(take_all(&pool).len(), 64);
    expect_sound(&pool, 0);
}

#[test]
fn flushed_thread_caches_nothing() {
    let pool = pool_of::<u64>(100);
    (0..10).for_each(|n| drop(pool.alloc(n).unwrap()));
    assert!(pool.check().unwrap().in_magazines > 0);
    pool.flush_thread().unwrap();
    assert_eq!(pool.check().unwrap().in_magazines, 0);
    expect_sound(&pool, 0);
}

/// A pool that outlives every thread's locals.
static LASTING: LazyLock<Pool<u64>> = LazyLock::new(|| pool_of(200));

/// When its thread ends it frees an object, and allocates and frees others.
struct AtExit(Pooled<'static, u64>);

impl Drop for AtExit {
    fn drop(&mut self) {
        assert_eq!(*self.0, 7);
        for number in 0..20 {
            assert!(LASTING.alloc(number).is_ok_and(|object| *object == number));
        }
    }
}

thread_local! {
    static EARLY: RefCell<Option<AtExit>> = const { RefCell::new(None) };
    static LATE: RefCell<Option<AtExit>> = const { RefCell::new(None) };
}

#[test]
fn destructors_of_ending_threads_free_and_allocate() {
    for _ in 0..20 {
        together(8, |_| {
            // One is registered before the thread has a cache, the other after:
            // whichever order destructors run in, one of them comes last.
            EARLY.with_borrow(|nothing| assert!(nothing.is_none()));
            let early = AtExit(LASTING.alloc(7).unwrap());
            EARLY.with_borrow_mut(|place| *place = Some(early));
            LATE.with_borrow_mut(|place| *place = Some(AtExit(LASTING.alloc(7).unwrap())));
        });
    }
    expect_sound(&LASTING, 0);
    assert_eq!(take_all(&LASTING).len(), 200);
}

#[test]
fn check_while_threads_run_finds_every_slot_once() {
    let pool = pool_of::<[u64; 8]>(500);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (pool, done) = (&pool, &done);
            scope.spawn(move || {
                // ORDERING: only ends the loop.
                while !done.load(Relaxed) {
                    let held: Vec<_> = (0..50).map(|_| pool.alloc([number; 8]).unwrap()).collect();
                    assert!(held.iter().all(|object| **object == [number; 8]));
                }
            });
        }
        for _ in 0..200 {
            let report = pool.check().unwrap();
            assert!(report.is_clean() && report.live <= 400, "{report:?}");
            expect_slots_add_up(&report);
            let stats = pool.stats().unwrap();
            assert_eq!(stats.in_use + stats.free + stats.lost, stats.capacity);
            assert_eq!(stats.total_allocated - stats.total_freed, stats.in_use);
        }
        // ORDERING: as above.
        done.store(true, Relaxed);
    });
    expect_sound(&pool, 0);
}

#[test]
fn two_pools_used_in_turn_stay_apart() {
    let (left, right) = (pool_of::<u64>(300), pool_of::<[u64; 3]>(300));
    together(6, |thread| {
        for number in 0..2000_u64 {
            let small: Vec<_> = (0..20).map(|_| left.alloc(number).unwrap()).collect();
            let large: Vec<_> = (0..20).map(|_| right.alloc([number; 3]).unwrap()).collect();
            assert!(small.iter().all(|object| **object == number), "thread {thread}");
            assert!(large.iter().all(|object| **object == [number; 3]), "thread {thread}");
        }
    });
    expect_sound(&left, 0);
    expect_sound(&right, 0);
}

#[test]
fn pools_made_and_ended_by_8_threads_are_each_whole() {
    together(8, |number| {
        for _ in 0..50 {
            let pool = pool_of::<usize>(20);
            assert!(take_all(&pool).len() == 20 && pool.alloc(number).is_ok());
            expect_sound(&pool, 0);
        }
    });
}
