//! Ends of threads and pools, whichever comes first.

use crate::support::{expect_sound, pool_of, take_all, together};
use magpool::{Pool, Pooled};
use std::cell::RefCell;
use std::sync::{mpsc, Arc, Barrier, LazyLock};

/// Often enough for the thread to get a cache.
fn churn(pool: &Pool<u64>) {
    for number in 0..100 {
        assert!(pool.alloc(number).is_ok_and(|object| *object == number));
    }
}

/// A pool that outlives every thread's locals; of this module only.
static LASTING: LazyLock<Pool<u64>> = LazyLock::new(|| pool_of(200));

/// When its thread ends it frees an object, and allocates and frees others.
struct AtExit(Pooled<'static, u64>);

impl Drop for AtExit {
    fn drop(&mut self) {
        assert_eq!(*self.0, 7);
        churn(&LASTING);
    }
}

thread_local! {
    static EARLY: RefCell<Vec<AtExit>> = const { RefCell::new(Vec::new()) };
    static LATE: RefCell<Vec<AtExit>> = const { RefCell::new(Vec::new()) };
    static SHARE: RefCell<Option<Arc<Pool<u64>>>> = const { RefCell::new(None) };
}

fn leave_object(place: &'static std::thread::LocalKey<RefCell<Vec<AtExit>>>) {
    place.with_borrow_mut(|held| held.push(AtExit(LASTING.alloc(7).unwrap())));
}

#[test]
fn destructors_of_threads_with_caches_free_and_allocate() {
    for _ in 0..20 {
        together(8, |_| {
            // Registered before the thread has a cache, and after.
            leave_object(&EARLY);
            churn(&LASTING);
            leave_object(&LATE);
            leave_object(&EARLY);
        });
    }
    wait_for_the_last(&LASTING);
    expect_sound(&LASTING, 0);
    assert_eq!(take_all(&LASTING).len(), 200);
}

/// A scope waits for its threads' work and not for their destructors: lets these run.
fn wait_for_the_last(pool: &Pool<u64>) {
    while pool.stats().is_ok_and(|stats| stats.caches > 0 || stats.in_use > 0) {
        std::thread::yield_now();
    }
}

#[test]
fn pool_dropped_by_the_destructor_of_its_last_thread_ends() {
    for _ in 0..50 {
        let pool = Arc::new(Pool::<u64>::builder().name("ends.last").capacity(50).build().unwrap());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let share = Arc::clone(&pool);
                std::thread::spawn(move || {
                    SHARE.with_borrow(|nothing| assert!(nothing.is_none()));
                    churn(&share);
                    SHARE.set(Some(share));
                })
            })
            .collect();
        drop(pool);
        // Waits to the threads' very ends: then the name is free.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
    assert!(Pool::<u64>::builder().name("ends.last").capacity(50).build().is_ok());
}

#[test]
fn threads_that_outlive_their_pools_take_nothing_along() {
    let ended = Barrier::new(5);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (ended, sender) = (&ended, sender.clone());
            scope.spawn(move || {
                let pool: Arc<Pool<u64>> = Arc::new(pool_of(50));
                churn(&pool);
                sender.send(pool).unwrap();
                ended.wait(); // The pool is gone, this thread's cache of it is not.
                let next = pool_of(50);
                churn(&next);
                expect_sound(&next, 0);
                assert_eq!(take_all(&next).len(), 50);
            });
        }
        let pools: Vec<_> = receiver.iter().take(4).collect();
        for pool in &pools {
            assert_eq!(pool.stats().unwrap().caches, 1);
            assert_eq!(take_all(pool).len(), 50);
        }
        drop(pools);
        ended.wait();
    });
}

#[test]
fn thread_that_panics_frees_its_objects() {
    let pool = Arc::new(pool_of(50));
    for _ in 0..20 {
        let share = Arc::clone(&pool);
        let thread = std::thread::spawn(move || {
            churn(&share);
            let _held: Vec<_> = (0..10).map(|n| share.alloc(n).unwrap()).collect();
            panic!("wanted by the test");
        });
        assert!(thread.join().is_err());
        expect_sound(&pool, 0);
        assert_eq!(pool.stats().unwrap().caches, 0);
    }
    assert_eq!(take_all(&pool).len(), 50);
}
