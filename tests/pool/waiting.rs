//! Waiting for an object: no free is missed, and time out means time out.

use crate::support::{expect_sound, pool_of, together};
use magpool::{Error, Pool};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

#[test]
fn alloc_timed_of_exhausted_pool_times_out() {
    let pool: Pool<u64> = pool_of(1);
    let only = pool.alloc(1).unwrap();
    let from = Instant::now();
    let refused = pool.alloc_timeout(|| 2, Duration::from_millis(20));
    assert_eq!(refused.unwrap_err(), Error::Timeout);
    assert!(from.elapsed() >= Duration::from_millis(20));
    assert_eq!(pool.alloc_timeout(|| 2, Duration::ZERO).unwrap_err(), Error::Timeout);
    drop(only);
    assert_eq!(*pool.alloc_timeout(|| 3, Duration::ZERO).unwrap(), 3);
    expect_sound(&pool, 0);
}

#[test]
fn no_free_is_missed_by_threads_that_wait_for_ever() {
    for (capacity, threads) in [(1, 8), (3, 16), (15, 16)] {
        let pool: Pool<u64> = pool_of(capacity);
        let live = AtomicUsize::new(0);
        together(threads, |number| {
            for turn in 0..500 {
                let token = (number * 1000 + turn) as u64;
                let held = pool.alloc_timeout(|| token, Duration::MAX).unwrap();
                assert!(live.fetch_add(1, SeqCst) < capacity);
                assert_eq!(*held, token);
                live.fetch_sub(1, SeqCst);
            }
        });
        expect_sound(&pool, 0);
    }
}

#[test]
fn object_freed_by_an_ending_thread_reaches_the_waiter() {
    let pool: Pool<u64> = pool_of(1);
    for _ in 0..50 {
        let only = pool.alloc(1).unwrap();
        std::thread::scope(|threads| {
            let waiter = threads.spawn(|| *pool.alloc_timeout(|| 2, Duration::MAX).unwrap());
            while pool.stats().unwrap().waiting == 0 {
                std::thread::yield_now();
            }
            threads.spawn(move || drop(only));
            assert_eq!(waiter.join().unwrap(), 2);
        });
    }
    expect_sound(&pool, 0);
}
